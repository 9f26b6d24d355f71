"""A verifier of the tests: its clock stands still, and it trusts the invented authorities."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx2

from tests.documents.cms_world import Made
from tests.pki import world
from tests.pki.world import AUTHENTICATION, NOW, SIGNING
from tests.tsa import world as tsa
from tests.verifier.document_scene import list_of
from tests.waiting import PATIENCE
from warifu.pki import KeySigner
from warifu.wire.clock import SystemEntropy
from warifu.wire.key_files import write_key
from warifu.wire.serving import reserve, serve_in_thread
from warifu.wire.timestamps import application as timestamps
from warifu.wire.verification import Office, Premises, TrustedAnchor, open_office
from warifu.wire.verifier import SCOPES, Callers, Operating, Processes, Stamping, application, running

GOOD = Made().encode()
ALONE = replace(Made(), content=None).encode()
"""The signature of `CONTENT`, which is not in it."""


@dataclass(frozen=True)
class StandingClock:
    """Always the same moment, in any process."""

    moment: datetime = NOW

    def now(self) -> datetime:
        return self.moment


def premises(folder: Path, ocsp: str = "", signing_ocsp: str = "") -> Premises:
    """Trusts both invented authorities and the invented timestamps."""
    given = (
        TrustedAnchor.of(world.authority(SIGNING).certificate_der, NOW, ocsp=signing_ocsp),
        TrustedAnchor.of(world.authority(AUTHENTICATION).certificate_der, NOW, ocsp=ocsp),
        TrustedAnchor.of(tsa.root().certificate_der, NOW),
    )
    return Premises(folder, given, (list_of(),))


def opening(folder: Path, ocsp: str = "", signing_ocsp: str = "") -> Any:
    return partial(open_office, premises(folder, ocsp, signing_ocsp), StandingClock())


@dataclass
class Service:
    """The verifier, listening, and the tokens of two callers."""

    origin: str
    folder: Path
    callers: Callers
    processes: Processes[Office]
    tokens: dict[str, str] = field(default_factory=dict)

    def ask(self, path: str, body: Any = None, *, caller: str = "bank", **more: Any) -> httpx2.Response:
        headers = {"authorization": f"Bearer {self.tokens[caller]}", **more.pop("headers", {})}
        return httpx2.post(
            f"{self.origin}{path}", content=body, headers=headers, timeout=PATIENCE, trust_env=False, **more
        )

    def report(self, document: bytes = GOOD, **more: Any) -> Any:
        answer = self.ask("/documents", document, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()


@contextmanager
def served(
    folder: Path, ocsp: str = "", *, signing_ocsp: str = "", workers: int = 2, patience: float = PATIENCE
) -> Iterator[Service]:
    """A verifier with its processes, and a timestamp service."""
    write_key(folder / "verifier.key", KeySigner.generate("ES384"))
    callers = Callers(folder / "callers", StandingClock(), SystemEntropy())
    processes = Processes(opening(folder / "data", ocsp, signing_ocsp), workers, seconds=PATIENCE, patience=patience)
    at, stamps = reserve(), reserve()
    stamping = Stamping(folder / "verifier.key", f"{stamps.origin}/tsa")
    operating = Operating(folder / "results.key", folder / "operator")
    made = application(processes, callers, stamping, operating, lifespan=lambda _app: running(processes))
    stamped = timestamps(tsa.authority(), StandingClock(), SystemEntropy())
    tokens = {name: callers.make(name, SCOPES) for name in ("bank", "shop")}
    tokens["clerk"] = callers.make("clerk", ("documents",))
    with serve_in_thread([(at, made), (stamps, stamped)]):
        yield Service(at.origin, folder, callers, processes, tokens)
