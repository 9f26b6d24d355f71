"""The town's timestamp authority: a root of its own, which is trusted for nothing else, and one unit.

Whoever verifies the town's timestamps takes the root's certificate from the town's folder. A town that an earlier
version founded gets both when it is started.
"""

from datetime import datetime
from pathlib import Path

from warifu.pki import KeySigner
from warifu.ports import Clock, Entropy
from warifu.wire.serving import Application
from warifu.wire.settings import TimestampSettings
from warifu.wire.timestamps import make_unit, open_unit

__all__ = ["found_timestamps", "open_timestamps", "timestamp_root"]


def found_timestamps(folder: Path, root: KeySigner, unit: KeySigner, now: datetime) -> None:
    """Make root and unit of the town in `folder` with these keys."""
    make_unit(folder / "timestamps", root, unit, now)


def timestamp_root(folder: Path) -> Path:
    """Where the certificate is that whoever believes the town's timestamps trusts, PEM."""
    return folder / "timestamps" / "root.crt"


def open_timestamps(folder: Path, clock: Clock, entropy: Entropy) -> Application:
    """The authority of the town in `folder`, as an application.

    Raises:
        Malformed, Unavailable: its files are damaged.
    """
    if not timestamp_root(folder).exists():
        found_timestamps(folder, KeySigner.generate(), KeySigner.generate(), clock.now().replace(microsecond=0))
    return open_unit(folder / "timestamps", TimestampSettings(), _accept, clock, entropy)


def _accept(_modulus: int, _file: Path) -> None:
    """Take any key: test keys are what a town is made of."""
