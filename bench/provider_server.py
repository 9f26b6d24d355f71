"""One process of the provider, for the bench: ``DIRECTORY DATABASE ORIGIN``.

Its clock stands still at a moment for which there are cards, and its authority says that all is well without being
asked: what it would say was signed before. It says on stdout where it listens, and ends when its stdin does.
"""

import sys
from pathlib import Path
from typing import Any

from tests.verifier.scene import ocsp
from tests.wire.provider_world import Stage

from warifu.idp import Provider
from warifu.verifier import Evidence
from warifu.wire.clock import SystemEntropy
from warifu.wire.provider import application
from warifu.wire.serving import reserve, serve_in_thread


def stage(folder: Path, database: str | None = None) -> Stage:
    """The provider's surroundings, of which no part computes anything while it is measured."""
    made = Stage(folder, database)
    made.entropy = SystemEntropy()
    said = Evidence(ocsp(nonce=None))
    at_hand: Any = lambda _needs: said  # noqa: E731 - in place of the authority
    made.authority = at_hand
    return made


def serve(folder: Path, database: str, origin: str) -> None:
    own = reserve()
    with stage(folder, database).service(Provider(origin)) as service, serve_in_thread([(own, application(service))]):
        print(own.port, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
