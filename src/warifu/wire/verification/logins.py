"""What a provider finds out about the certificates of its logins, and what it has found out before.

It asks the services configured for each authority, in the policy's order, and keeps their lists fresh while it runs.
"""

import threading
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import httpx2

from warifu.ports import Clock, Entropy
from warifu.verifier import Evidence, Needs, Policy, SourceOrder
from warifu.wire.repeating import beside, repeat
from warifu.wire.verification.gathering import Gatherer
from warifu.wire.verification.seen import KeptRevocations
from warifu.wire.verification.trust import TrustStore
from warifu.wire.verification.trusted import TrustedAnchor

__all__ = ["LoginStatus"]

_HOUR = 3600.0


class _Given(TrustStore):
    """Anchors that were named, instead of those kept in a directory."""

    def __init__(self, directory: Path, given: tuple[TrustedAnchor, ...]) -> None:
        super().__init__(directory)
        self._given = given

    def all(self) -> tuple[TrustedAnchor, ...]:
        return self._given


class LoginStatus:
    """Asks about certificates, and remembers revocations; a context manager, usable from several threads.

    Everything it keeps is in `directory`: the lists in ``revocation``, the memory in ``verifier/seen``. A list that is
    a day old is fetched anew in the background, if a list decides anything.
    """

    def __init__(
        self,
        trusted: Iterable[TrustedAnchor],
        directory: Path,
        clock: Clock,
        entropy: Entropy,
        policy: Policy,
        *,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        given = tuple(trusted)
        lists = policy.sources is not SourceOrder.OCSP_ONLY and any(each.lists for each in given)
        store = _Given(directory / "trust", given)
        self._clock = clock
        self._gatherer = Gatherer(store, directory / "revocation", entropy, policy=policy, transport=transport)
        self.anchors = self._gatherer.anchors
        self.seen = KeptRevocations(directory / "verifier" / "seen", entropy)
        self._lists = lists
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self._open.enter_context(self._gatherer)
        if self._lists:
            # A list that is just being fetched at the end is not waited for: it is taken whole or not at all.
            self._open.enter_context(beside(self._run, "warifu-lists", 0))
        return self

    def __exit__(self, *_exception: object) -> None:
        self._open.close()

    def gather(self, needs: Needs) -> Evidence:
        """What is known about a certificate now; what nobody says is left out."""
        return self._gatherer.evidence(needs, self._clock.now())

    def _run(self, over: threading.Event) -> None:
        repeat(lambda: self._gatherer.refresh(self._clock.now()), over, _HOUR, "fetch revocation lists anew")
