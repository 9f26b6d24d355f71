"""The evidence record of a bundle: what the next timestamp is to be about, and the bundle once it is there."""

from warifu.documents import EvidenceRecord, group_imprint, read_timestamp
from warifu.errors import Malformed
from warifu.verifier.evidence.bundle import Bundle

__all__ = [
    "begin_record",
    "record_imprint",
    "rehash_imprint",
    "rehash_record",
    "renew_record",
    "renewal_imprint",
]


def record_imprint(bundle: Bundle, hash_name: str = "sha512") -> bytes:
    """What the first timestamp of a bundle has to be about."""
    return group_imprint(bundle.objects, hash_name)


def begin_record(bundle: Bundle, token: bytes, hash_name: str = "sha512") -> Bundle:
    """The bundle with its first timestamp.

    Raises:
        Malformed: the token is about something else, or none.
    """
    _check_about(token, hash_name, record_imprint(bundle, hash_name))
    return bundle.recorded(EvidenceRecord.begin(bundle.objects, hash_name, token).encode())


def renewal_imprint(bundle: Bundle) -> tuple[str, bytes]:
    """What the next timestamp has to be about, with the hash function it must use (RFC 4998 §5.2)."""
    record = _record(bundle)
    return record.hash_name, record.renewal_imprint()


def renew_record(bundle: Bundle, token: bytes) -> Bundle:
    """The bundle with a timestamp over its newest one.

    Raises:
        Malformed: the bundle has no record, or the token is about something else.
    """
    record = _record(bundle)
    _check_about(token, record.hash_name, record.renewal_imprint())
    return bundle.recorded(record.renewed(token).encode())


def rehash_imprint(bundle: Bundle, hash_name: str) -> bytes:
    """What the next timestamp has to be about when the hash function changes (RFC 4998 §5.3)."""
    return _record(bundle).rehash_imprint(bundle.objects, hash_name)


def rehash_record(bundle: Bundle, token: bytes, hash_name: str) -> Bundle:
    """The bundle with a timestamp over everything, by another hash function.

    Raises:
        Malformed: as `renew_record`.
    """
    record = _record(bundle)
    _check_about(token, hash_name, record.rehash_imprint(bundle.objects, hash_name))
    return bundle.recorded(record.rehashed(bundle.objects, hash_name, token).encode())


def _record(bundle: Bundle) -> EvidenceRecord:
    if bundle.record is None:
        raise Malformed("the bundle has no evidence record yet")
    return EvidenceRecord.decode(bundle.record)


def _check_about(token: bytes, hash_name: str, imprint: bytes) -> None:
    """Check that a token is about what it was asked for; whether it may be believed is for who checks."""
    told = read_timestamp(token)
    if (told.hash_name, told.imprint) != (hash_name, imprint):
        raise Malformed("the timestamp is about something else")
