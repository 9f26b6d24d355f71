"""One of several processes of a provider: ``DIRECTORY DATABASE ORIGIN PROFILE``.

Its clock stands still at the tests' moment, so that cards and certificates never run out. It says on stdout where it
listens, and ends when its stdin does: also when the tests are killed.
"""

import sys
from pathlib import Path

from tests.wire.provider_world import Stage
from warifu.idp import PROFILES, Provider
from warifu.wire.clock import SystemEntropy
from warifu.wire.provider import application
from warifu.wire.serving import reserve, serve_in_thread


def serve(directory: Path, database: str, provider: Provider) -> None:
    stage = Stage(directory, database, entropy=SystemEntropy())
    own = reserve()
    with stage.service(provider) as service, serve_in_thread([(own, application(service))]):
        print(own.port, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), sys.argv[2], Provider(sys.argv[3], PROFILES[sys.argv[4]]))
