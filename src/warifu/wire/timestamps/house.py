"""A timestamp unit from settings: its files, made once, and its application.

The root's key is made, signs the unit's certificate and a revocation list, and is not kept: a new unit gets a new
root. The list revokes nothing and says that nothing follows before the unit ends; whoever signs documents that carry
their own evidence puts it in. A unit whose key leaks is not revoked: its root is no longer to be trusted.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.types import ASGIApp

from warifu.errors import InUse, Malformed
from warifu.pki import CertifiedKey, KeySigner
from warifu.pki.timestamps import (
    TimestampTerms,
    TimestampUnit,
    build_timestamp_list,
    build_timestamp_root,
    build_timestamp_unit,
)
from warifu.ports import Clock, Entropy
from warifu.tsa import TimestampAuthority
from warifu.wire.clock import SystemClock, SystemEntropy
from warifu.wire.key_files import read_certificate, read_key, write_certificate, write_key
from warifu.wire.settings import Settings, TimestampSettings
from warifu.wire.timestamps.desk import application

__all__ = ["found_timestamps", "make_unit", "open_timestamps", "open_unit", "root_certificate"]

_YEARS = timedelta(days=10 * 365)
_ROOT, _LIST, _UNIT, _KEY = "root.crt", "root.crl", "unit.crt", "unit.key"


def _folder(settings: Settings) -> Path:
    return settings.place(settings.timestamps.folder, "timestamps")


def root_certificate(settings: Settings) -> Path:
    """Where the certificate is that whoever believes the unit's tokens trusts."""
    return _folder(settings) / _ROOT


def found_timestamps(settings: Settings, now: datetime) -> Path:
    """Make a root and a unit, valid for ten years; where the root's certificate is.

    Raises:
        InUse: there is one already.
    """
    folder = _folder(settings)
    if folder.exists() and any(folder.iterdir()):
        raise InUse(f"there is something in {folder} already; nothing was written")
    make_unit(folder, KeySigner.generate(), KeySigner.generate(), now)
    return folder / _ROOT


def make_unit(folder: Path, root_signer: KeySigner, signer: KeySigner, now: datetime) -> None:
    """Write a root and a unit with these keys into the folder, valid for ten years; the root's key is not written."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    begins, ends = now.replace(microsecond=0), now.replace(microsecond=0) + _YEARS
    root = CertifiedKey(
        build_timestamp_root(root_signer, serial_number=1, not_before=begins, not_after=ends), root_signer
    )
    unit = build_timestamp_unit(root, signer, serial_number=2, not_before=begins, not_after=ends)
    write_key(folder / _KEY, signer)
    write_certificate(folder / _UNIT, unit)
    (folder / _LIST).write_bytes(build_timestamp_list(root, number=1, this_update=begins, next_update=ends))
    # Last, because whoever finds it takes the unit for complete.
    write_certificate(folder / _ROOT, root.certificate_der)


@contextmanager
def open_timestamps(settings: Settings, refuse: Callable[[int, Path], None]) -> Iterator[ASGIApp]:
    """The unit of the settings, as an application.

    Raises:
        Malformed, Unavailable: a file that is not what it must be, or is not there.
        NotAllowed: its key is refused by `refuse`, or its certificate is not for timestamps alone.
    """
    yield open_unit(_folder(settings), settings.timestamps, refuse, SystemClock(), SystemEntropy())


def open_unit(
    folder: Path, own: TimestampSettings, refuse: Callable[[int, Path], None], clock: Clock, entropy: Entropy
) -> ASGIApp:
    """The unit in the folder, as an application that also gives out its root's certificate and list, if they are there.

    Raises:
        Malformed, Unavailable: a file that is not what it must be, or is not there.
        NotAllowed: its key is refused by `refuse`, or its certificate is not for timestamps alone.
    """
    unit = TimestampUnit(read_certificate(folder / _UNIT), read_key(folder / _KEY))
    key = unit.certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        refuse(key.public_numbers().n, folder / _UNIT)
    try:
        terms = TimestampTerms(own.policy, timedelta(milliseconds=own.accuracy_ms))
    except OverflowError as error:
        raise Malformed("the accuracy of a timestamp is a positive time of less than a day") from error
    root = read_certificate(folder / _ROOT) if (folder / _ROOT).exists() else None
    revoked = (folder / _LIST).read_bytes() if (folder / _LIST).exists() else None
    return application(TimestampAuthority(unit, terms), clock, entropy, root=root, revoked=revoked)
