"""Archive timestamps of version 3: what they cover, and what their token must name.

Each carries an index of digests: of the certificates, of the revocation data and of the unsigned attributes that were
there when it was made. What is not in the index came later; what the index names must still be there.

Source: ETSI EN 319 122-1 §5.5.2 (ATSHashIndexV3), §5.5.3 (imprint).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from warifu.documents.algorithms import DIGEST_LENGTHS, digest_name
from warifu.documents.cms_slices import Attribute, SignedDataSlice, SignerSlice, cut_attributes, cut_signed_data
from warifu.documents.cms_values import (
    ARCHIVE_TIMESTAMP_V3,
    CERTIFICATE_VALUES,
    REVOCATION_VALUES,
    SIGNATURE_TIMESTAMP,
    each_of,
    sort_choices,
    split_revocation,
)
from warifu.documents.found import Covered, Fault, FaultCode, FoundTimestamp, TimestampKind
from warifu.errors import Malformed
from warifu.pki import der

__all__ = ["read_archive_timestamp"]

_INDEX = der.object_identifier("0.4.0.19122.1.5")
_Part = TypeVar("_Part")


@dataclass(slots=True, eq=False, repr=False)
class _Index:
    """ATSHashIndexV3: digests of everything that an archive timestamp covers besides the signer's own fields."""

    name: str
    certificates: frozenset[bytes]
    revocation: frozenset[bytes]
    values: frozenset[bytes]
    encoded: bytes


def read_archive_timestamp(
    token: bytes,
    attributes: tuple[Attribute, ...],
    signer: SignerSlice,
    whole: SignedDataSlice,
    content: bytes | None,
) -> FoundTimestamp:
    """An archive timestamp of version 3: its imprint, what it covers, and whether its index fits.

    Source: ETSI EN 319 122-1 §5.5.2 (index), §5.5.3 (imprint).
    """
    try:
        index = _index_of(token)
    except Malformed:
        return _broken(token)
    covered, fits = _covered(index, attributes, whole)

    def imprint(name: str) -> bytes | None:
        if name != index.name or content is None:
            return None
        hashed = hashlib.new(name, content).digest()
        return hashlib.new(name, whole.content_type + hashed + signer.head + index.encoded).digest()

    faults = () if fits else (Fault(FaultCode.ARCHIVE_INDEX),)
    return FoundTimestamp(TimestampKind.ARCHIVE, token, imprint, frozenset(Covered), covered, faults)


def _broken(token: bytes) -> FoundTimestamp:
    fault = Fault(FaultCode.ARCHIVE_INDEX)
    return FoundTimestamp(TimestampKind.ARCHIVE, token, lambda _name: None, frozenset(), frozenset(), (fault,))


def _index_of(token: bytes) -> _Index:
    """The one ATSHashIndexV3 among the unsigned attributes of the token.

    Raises:
        Malformed: there is none, several, or it has another form.
    """
    signer = _only(cut_signed_data(token).signers)
    unsigned = cut_attributes(signer.unsigned) if signer.unsigned is not None else ()
    encoded = _only(_only([each for each in unsigned if each.type == _INDEX]).values)
    content = der.whole(encoded, der.SEQUENCE)
    _, position = der.slice_element(content, 0, der.SEQUENCE)
    name = digest_name(content[:position])
    if name not in DIGEST_LENGTHS:
        raise Malformed("an index by a digest that is not known here")
    lists = []
    for _ in range(3):
        begin, position = der.slice_element(content, position, der.SEQUENCE)
        lists.append(frozenset(der.elements(content[begin:position], der.OCTET_STRING)))
    if position != len(content):
        raise Malformed("bytes left over in an index")
    certificates, revocation, values = lists
    return _Index(name, certificates, revocation, values, encoded)


def _only(found: Sequence[_Part]) -> _Part:
    if len(found) != 1:
        raise Malformed("several where one is meant, or none")
    return found[0]


def _covered(index: _Index, attributes: tuple[Attribute, ...], whole: SignedDataSlice) -> tuple[frozenset[bytes], bool]:
    """SHA-256 of each value whose digest is in the index; and whether each digest there has its value here.

    What a digest in the index stands for may not be missing; what is not in the index came later.
    """
    left = [set(index.certificates), set(index.revocation), set(index.values)]
    covered: set[bytes] = set()
    for choices, digests in ((whole.certificates, left[0]), (whole.revocation, left[1])):
        for choice in choices:
            if _take(digests, index.name, choice):
                covered |= _inside_choice(choice)
    for attribute in attributes:
        for value in attribute.values:
            if _take(left[2], index.name, attribute.type + value):
                covered |= _inside_attribute(attribute.type, value)
    return frozenset(covered), not any(left)


def _take(digests: set[bytes], name: str, data: bytes) -> bool:
    digest = hashlib.new(name, data).digest()
    if digest not in digests:
        return False
    digests.discard(digest)
    return True


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _inside_choice(choice: bytes) -> set[bytes]:
    crls: list[bytes] = []
    ocsps: list[bytes] = []
    if choice[0] == der.explicit(1):
        sort_choices((choice,), crls, ocsps)
    return {_sha256(each) for each in (choice, *crls, *ocsps)}


def _inside_attribute(oid: bytes, value: bytes) -> set[bytes]:
    """What an attribute's value proves the existence of: a token with all that it carries, or values one by one."""
    if oid in (SIGNATURE_TIMESTAMP, ARCHIVE_TIMESTAMP_V3):
        return {_sha256(each) for each in (value, *cut_signed_data(value).certificates)}
    crls: list[bytes] = []
    ocsps: list[bytes] = []
    if oid == REVOCATION_VALUES:
        split_revocation(der.whole(value, der.SEQUENCE), crls, ocsps)
    certificates = each_of(der.whole(value, der.SEQUENCE)) if oid == CERTIFICATE_VALUES else []
    return {_sha256(each) for each in (*certificates, *crls, *ocsps)}
