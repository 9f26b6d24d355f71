"""The town's two certification authorities: their keys and certificates as files, their record as a database.

Each has two generations under one name, told apart by the key: RSA for today's cards, P-384 for those of the next
generation. Modelled: the second; a town that an earlier version founded has the first only.
"""

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
from warifu.wire.authority import Access, Authorities, Heads, House, Inspection, tended
from warifu.wire.database import open_database
from warifu.wire.key_files import read_certificate, read_key, write_certificate, write_key, write_private
from warifu.wire.witness import HeadFile

__all__ = ["authority_certificate", "found_authorities", "open_authorities", "tending"]

_SINCE = timedelta(days=5 * 366)
"""How long before the founding the authorities began: longer than the oldest card's age."""
_FOR = timedelta(days=7 * 366)
"""How long after the founding they end: longer than any certificate issued in the first years."""
_NEXT_FOR = timedelta(days=15 * 366)
"""The same for certificates of ten years."""
_RESPONDER_FOR = timedelta(days=400)
_HOLDER_KEY, _LOG_KEY = "holder.key", "log.key"
_KEPT_HEADS = "registry/authority_heads"
"""Another party's folder: the register keeps the heads of the authorities' log."""
_AUTHORITY_SERIAL, _NEXT_SERIAL = 1, 2
_NEXT = "_next"
# Far above what the record counts to, and another one every day.
_RESPONDER_SERIALS = 1 << 48


def found_authorities(folder: Path, keys: Keys, entropy: Entropy, now: datetime) -> None:
    """Make the keys and certificates of both authorities."""
    folder.mkdir(mode=0o700)
    write_private(folder / _HOLDER_KEY, entropy.bytes(32))
    for kind in CertificateKind:
        _found(folder, kind, "", (keys.take(), keys.take()), _AUTHORITY_SERIAL, now - _SINCE, now + _FOR)
        pair = keys.make_next(), keys.make_next()
        _found(folder, kind, _NEXT, pair, _NEXT_SERIAL, now - _SINCE, now + _NEXT_FOR)


def _found(
    folder: Path,
    kind: CertificateKind,
    generation: str,
    keys: tuple[KeySigner, KeySigner],
    serial_number: int,
    not_before: datetime,
    not_after: datetime,
) -> None:
    """One generation: its key and certificate, and its responder's key."""
    signer, responder = keys
    certificate = build_ca_certificate(
        kind, signer, serial_number=serial_number, not_before=not_before, not_after=not_after
    )
    write_key(folder / f"{kind.value}{generation}.key", signer)
    write_certificate(folder / f"{kind.value}{generation}.crt", certificate)
    write_key(folder / f"{kind.value}{generation}_responder.key", responder)


def authority_certificate(folder: Path, kind: CertificateKind, *, next_generation: bool = False) -> bytes:
    """The certificate of one generation of an authority of the town, DER."""
    return read_certificate(folder / f"{kind.value}{_NEXT if next_generation else ''}.crt")


@contextmanager
def open_authorities(folder: Path, clock: Clock, addresses: Addresses, seed: int) -> Iterator[Authorities]:
    """The authorities with their record, which is closed at the end."""
    engine = open_database(folder / "record.db", "authority")
    try:
        yield Authorities(
            engine,
            _generations(folder, clock.now(), addresses),
            clock,
            holder_key=(folder / _HOLDER_KEY).read_bytes(),
            first_serial_number=(1 << 24) + Chance(seed, "authorities").below("first serial", 1 << 24),
        )
    finally:
        engine.dispose()


@contextmanager
def tending(folder: Path, authorities: Authorities, entropy: Entropy) -> Iterator[Heads]:
    """The log of the authorities of the town in `folder`: lists are made daily and its heads handed to the register.

    A town that an earlier version founded gets its lists and the log's key here.

    Raises:
        Malformed, Unavailable: the key's file is damaged.
    """
    path, clock = folder / "authorities" / _LOG_KEY, authorities.clock
    if not path.exists():
        write_key(path, KeySigner.generate("ES256"))
    signer = read_key(path)
    (folder / _KEPT_HEADS).parent.mkdir(mode=0o700, exist_ok=True)
    witness = HeadFile(folder / _KEPT_HEADS, signer.public_key_info)
    heads = Heads(authorities.engine, signer, clock, witness)
    if not Inspection(authorities.engine, clock).lists():
        authorities.publisher.publish_all()
    with tended(House(authorities, heads, Access.of(authorities.engine, clock, entropy))):
        yield heads


def _generations(folder: Path, now: datetime, addresses: Addresses) -> list[Authority]:
    """All of both kinds; of each kind the RSA generation last, which is the one that most things are about."""
    there = [
        (kind, generation)
        for kind in CertificateKind
        for generation in (_NEXT, "")
        if (folder / f"{kind.value}{generation}.crt").exists()
    ]
    return [_authority(folder, kind, generation, now, addresses) for kind, generation in there]


def _authority(folder: Path, kind: CertificateKind, generation: str, now: datetime, addresses: Addresses) -> Authority:
    signer = read_key(folder / f"{kind.value}{generation}.key", checked=False)
    issuer = Issuer(read_certificate(folder / f"{kind.value}{generation}.crt"), signer, kind)
    responder = _responder(issuer, read_key(folder / f"{kind.value}{generation}_responder.key", checked=False), now)
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
