"""A provider's program that dies before or after the n-th commit of a sweep: ``DIRECTORY before|after N``.

An hour after somebody logged in their certificate is revoked.
"""

import sys
from datetime import timedelta
from pathlib import Path

from tests.verifier.scene import MOVED
from tests.wire.provider_crash_worker import Death
from tests.wire.provider_world import Stage
from tests.wire.test_provider_logout import PROVIDER
from warifu.wire.clock import SystemEntropy

HOUR = timedelta(hours=1)


def sweep(directory: Path, death: Death) -> None:
    """One sweep, as far as it gets."""
    stage = Stage(directory, entropy=SystemEntropy())
    stage.clock.go_on(HOUR)
    stage.authority.status = MOVED
    with stage.service(PROVIDER, sweeps=HOUR) as service:
        death.watch()
        service.sweeper.sweep()


if __name__ == "__main__":
    sweep(Path(sys.argv[1]), Death(sys.argv[2], int(sys.argv[3])))
