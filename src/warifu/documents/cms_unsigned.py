"""What stands beside a CMS signature, unsigned: timestamps, and data for a later verification.

Source: ETSI EN 319 122-1 §5.3 (signature timestamps), §5.4 (values).
"""

import hashlib
from dataclasses import dataclass, field

from warifu.documents.algorithms import DIGEST_LENGTHS, dotted
from warifu.documents.cms_archive import read_archive_timestamp
from warifu.documents.cms_slices import Attribute, SignedDataSlice, SignerSlice, cut_attributes
from warifu.documents.cms_values import (
    ARCHIVE_TIMESTAMP_V3,
    CERTIFICATE_VALUES,
    REVOCATION_VALUES,
    SIGNATURE_TIMESTAMP,
    each_of,
    split_revocation,
)
from warifu.documents.found import Covered, Fault, FaultCode, FoundTimestamp, TimestampKind
from warifu.errors import Malformed
from warifu.pki import der

__all__ = ["Beside", "read_beside"]

_MOST_TIMESTAMPS = 64


@dataclass(slots=True, eq=False, repr=False)
class Beside:
    """What was found beside one signature."""

    timestamps: list[FoundTimestamp] = field(default_factory=list)
    certificates: list[bytes] = field(default_factory=list)
    crls: list[bytes] = field(default_factory=list)
    ocsps: list[bytes] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read_beside(signer: SignerSlice, whole: SignedDataSlice, content: bytes | None) -> Beside:
    """Read the unsigned attributes of a signer; `content` is what was signed, attached or not.

    Raises:
        Malformed: not attributes at all, or more timestamps than anybody needs.
    """
    beside = Beside()
    if signer.unsigned is None:
        return beside
    attributes = cut_attributes(signer.unsigned)
    for attribute in attributes:
        try:
            _read(attribute, attributes, signer, whole, content, beside)
        except Malformed:
            beside.faults.append(Fault(FaultCode.ATTRIBUTE_VALUE, _name(attribute.type)))
    if len(beside.timestamps) > _MOST_TIMESTAMPS:
        raise Malformed(f"a signature has {_MOST_TIMESTAMPS} timestamps at most")
    return beside


def _read(
    attribute: Attribute,
    attributes: tuple[Attribute, ...],
    signer: SignerSlice,
    whole: SignedDataSlice,
    content: bytes | None,
    beside: Beside,
) -> None:
    if attribute.type == SIGNATURE_TIMESTAMP:
        beside.timestamps += [_over_signature(token, signer.signature) for token in attribute.values]
    elif attribute.type == CERTIFICATE_VALUES:
        for value in attribute.values:
            beside.certificates += each_of(der.whole(value, der.SEQUENCE))
    elif attribute.type == REVOCATION_VALUES:
        for value in attribute.values:
            split_revocation(der.whole(value, der.SEQUENCE), beside.crls, beside.ocsps)
    elif attribute.type == ARCHIVE_TIMESTAMP_V3:
        beside.timestamps += [
            read_archive_timestamp(token, attributes, signer, whole, content) for token in attribute.values
        ]
    else:
        beside.ignored.append(_name(attribute.type))


def _name(oid: bytes) -> str:
    return dotted(der.whole(oid, der.OID))


def _over_signature(token: bytes, signature: bytes) -> FoundTimestamp:
    """The imprint is the digest of the signature's value, without tag and length (ETSI EN 319 122-1 §5.3)."""

    def imprint(name: str) -> bytes | None:
        return hashlib.new(name, signature).digest() if name in DIGEST_LENGTHS else None

    return FoundTimestamp(TimestampKind.SIGNATURE, token, imprint, frozenset({Covered.SIGNATURE}))
