"""Invented timestamp units of each kind of key, under a root."""

from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography.hazmat.primitives.asymmetric import ec

from warifu.pki import CertifiedKey, KeySigner
from warifu.pki.timestamps import TimestampTerms, TimestampUnit, build_timestamp_root, build_timestamp_unit
from warifu.ports import SignatureAlgorithm
from warifu.town.pool import private_key
from warifu.tsa import TimestampAuthority

NOW = datetime(2026, 11, 22, 3, 4, 5, 678901, tzinfo=UTC)
YEAR = timedelta(days=365)
POLICY = "1.3.6.1.4.1.99999.1.1"
TERMS = TimestampTerms(POLICY, timedelta(seconds=1, milliseconds=500))
ALGORITHMS: tuple[SignatureAlgorithm, ...] = ("RS256", "ES256", "ES384")


def signer(algorithm: SignatureAlgorithm, number: int) -> KeySigner:
    if algorithm == "RS256":
        return KeySigner(private_key(number))
    curve = ec.SECP256R1() if algorithm == "ES256" else ec.SECP384R1()
    return KeySigner(ec.derive_private_key(31610000 + number, curve))


@cache
def root(algorithm: SignatureAlgorithm = "RS256") -> CertifiedKey:
    key = signer(algorithm, 120)
    made = build_timestamp_root(key, serial_number=1, not_before=NOW - YEAR, not_after=NOW + 10 * YEAR)
    return CertifiedKey(made, key)


@cache
def unit(algorithm: SignatureAlgorithm = "RS256") -> TimestampUnit:
    key = signer(algorithm, 121)
    made = build_timestamp_unit(root(algorithm), key, serial_number=2, not_before=NOW - YEAR, not_after=NOW + 9 * YEAR)
    return TimestampUnit(made, key)


def authority(algorithm: SignatureAlgorithm = "RS256") -> TimestampAuthority:
    return TimestampAuthority(unit(algorithm), TERMS)
