"""The town's two certification authorities: their keys and certificates as files, their record as a database."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from warifu.ca import Authority
from warifu.pki import (
    CertificateKind,
    Issuer,
    KeySigner,
    OcspResponder,
    build_ca_certificate,
    build_responder_certificate,
)
from warifu.ports import Clock, Entropy
from warifu.town.addresses import Addresses
from warifu.town.chance import Chance
from warifu.town.keys import Keys
from warifu.wire.authority import Authorities
from warifu.wire.database import open_database
from warifu.wire.key_files import read_certificate, read_key, write_certificate, write_key, write_private

__all__ = ["found_authorities", "open_authorities"]

_SINCE = timedelta(days=5 * 366)
"""How long before the founding the authorities began: longer than the oldest card's age."""
_FOR = timedelta(days=7 * 366)
"""How long after the founding they end: longer than any certificate issued in the first years."""
_RESPONDER_FOR = timedelta(days=400)
_HOLDER_KEY = "holder.key"
_AUTHORITY_SERIAL = 1
# Far above what the record counts to, and another one every day.
_RESPONDER_SERIALS = 1 << 48


def found_authorities(folder: Path, keys: Keys, entropy: Entropy, now: datetime) -> None:
    """Make the keys and certificates of both authorities."""
    folder.mkdir(mode=0o700)
    write_private(folder / _HOLDER_KEY, entropy.bytes(32))
    for kind in CertificateKind:
        signer = keys.take()
        certificate = build_ca_certificate(
            kind, signer, serial_number=_AUTHORITY_SERIAL, not_before=now - _SINCE, not_after=now + _FOR
        )
        write_key(folder / f"{kind.value}.key", signer)
        write_certificate(folder / f"{kind.value}.crt", certificate)
        write_key(folder / f"{kind.value}_responder.key", keys.take())


@contextmanager
def open_authorities(folder: Path, clock: Clock, addresses: Addresses, seed: int) -> Iterator[Authorities]:
    """The authorities with their record, which is closed at the end."""
    engine = open_database(folder / "record.db", "authority")
    try:
        yield Authorities(
            engine,
            [_authority(folder, kind, clock.now(), addresses) for kind in CertificateKind],
            clock,
            holder_key=(folder / _HOLDER_KEY).read_bytes(),
            first_serial_number=(1 << 24) + Chance(seed, "authorities").below("first serial", 1 << 24),
        )
    finally:
        engine.dispose()


def _authority(folder: Path, kind: CertificateKind, now: datetime, addresses: Addresses) -> Authority:
    signer = read_key(folder / f"{kind.value}.key", checked=False)
    issuer = Issuer(read_certificate(folder / f"{kind.value}.crt"), signer, kind)
    responder = _responder(issuer, read_key(folder / f"{kind.value}_responder.key", checked=False), now)
    return Authority(issuer, addresses.services(kind), responder)


def _responder(issuer: Issuer, signer: KeySigner, now: datetime) -> OcspResponder:
    """The responder's certificate is made anew at every start: short-lived, and nobody has to keep it."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    certificate = build_responder_certificate(
        issuer,
        serial_number=_RESPONDER_SERIALS + midnight.toordinal(),
        common_name="OCSP responder",
        public_key_info=signer.public_key_info,
        not_before=midnight,
        not_after=min(midnight + _RESPONDER_FOR, issuer.certificate.not_valid_after_utc),
    )
    return OcspResponder(certificate, signer)
