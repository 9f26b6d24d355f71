"""How long what proves a document lasts: until the certificate of its newest timestamp ends.

Before that day another timestamp has to be put over it (ETSI EN 319 102-1 §5.6.3, RFC 4998 §5). A document without any
timestamp lasts as long as its signer's certificate.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from cryptography import x509

from warifu.documents import EvidenceRecord, Form, FoundSignature, FoundToken, TimestampKind, read_timestamp
from warifu.errors import Malformed, WeakAlgorithm
from warifu.verifier import SoundAlgorithms
from warifu.verifier.evidence import Bundle

__all__ = ["bundle_lasts_until", "hash_lasts_until", "is_archived", "lasts_until"]

_SOUND = SoundAlgorithms()


def lasts_until(found: Sequence[FoundSignature]) -> datetime | None:
    """Until when the weakest signature of a document is proved, UTC; None when that cannot be told."""
    signers = [each for each in found if each.form is not Form.TIMESTAMP] or found
    ends = [_end(each) for each in signers]
    return min((end for end in ends if end is not None), default=None)


def bundle_lasts_until(bundle: Bundle, algorithms: SoundAlgorithms = _SOUND) -> datetime | None:
    """The same of evidence, whose record also ends with its hash function; None before its first timestamp.

    Raises:
        Malformed, Tampered: its record cannot be read, or is about something else.
    """
    if bundle.record is None:
        return None
    record = EvidenceRecord.decode(bundle.record)
    newest = _newest(step.token for step in record.steps(bundle.objects))
    return None if newest is None else min(newest, hash_lasts_until(record.hash_name, algorithms))


def hash_lasts_until(name: str, algorithms: SoundAlgorithms = _SOUND) -> datetime:
    """Until when a hash function is believed, UTC; one that never is, ended long ago."""
    try:
        return algorithms.last_moment(name)
    except WeakAlgorithm:
        return datetime.min.replace(tzinfo=UTC)


def is_archived(found: Sequence[FoundSignature]) -> bool:
    """Whether every signature has a timestamp over all of it: its signer's certificate is asked about no more."""
    kinds = {TimestampKind.ARCHIVE, TimestampKind.DOCUMENT}
    signers = [each for each in found if each.form is not Form.TIMESTAMP]
    return bool(signers) and all(any(stamp.kind in kinds for stamp in each.timestamps) for each in signers)


def _end(signature: FoundSignature) -> datetime | None:
    tokens = [stamp.token for stamp in signature.timestamps if stamp.kind is not TimestampKind.CONTENT]
    if signature.token is not None:
        tokens.append(signature.token)
    return _newest(tokens) if tokens else _not_after(signature.certificate)


def _newest(tokens: Iterable[bytes]) -> datetime | None:
    """When the certificate of the newest token ends."""
    read: list[FoundToken] = []
    for token in tokens:
        try:
            read.append(read_timestamp(token))
        except Malformed:
            continue  # it proves nothing
    # Of two of the same second the one that was added later.
    newest = max(enumerate(read), key=lambda each: (each[1].at, each[0]), default=None)
    return None if newest is None else _not_after(newest[1].signature.certificate)


def _not_after(certificate: bytes | None) -> datetime | None:
    if certificate is None:
        return None
    try:
        return x509.load_der_x509_certificate(certificate).not_valid_after_utc
    except ValueError:
        return None
