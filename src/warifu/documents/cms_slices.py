"""A CMS SignedData cut into the pieces of its encoding, strictly: DER, every length checked, nothing left over.

The pieces are exactly the bytes that were signed, hashed or named. What is BER (OpenSSL streams indefinite lengths) is
brought into DER first, and then cut like everything else, so that there is one way to read.

Source: RFC 5652 §3 to §5; RFC 5940 §2.1.
"""

from dataclasses import dataclass

from warifu.errors import Malformed
from warifu.pki import der

__all__ = [
    "DATA",
    "TST_INFO",
    "Attribute",
    "SignedDataSlice",
    "SignerSlice",
    "cut_attributes",
    "cut_signed_data",
]

LARGEST = 100 * 1024 * 1024
MOST_SIGNERS = 64
LARGEST_CERTIFICATES = 1024 * 1024
LARGEST_REVOCATION = 32 * 1024 * 1024
_MOST_ATTRIBUTES = 256

_SIGNED_DATA = der.object_identifier("1.2.840.113549.1.7.2")
DATA = der.object_identifier("1.2.840.113549.1.7.1")
TST_INFO = der.object_identifier("1.2.840.113549.1.9.16.1.4")
_VERSIONS = frozenset(range(1, 6))
_INTEGER_1, _INTEGER_3 = b"\x02\x01\x01", b"\x02\x01\x03"
_EXPLICIT_0, _EXPLICIT_1, _IMPLICIT_0 = der.explicit(0), der.explicit(1), der.implicit(0)
_slice = der.slice_element


@dataclass(slots=True, eq=False, repr=False)
class Attribute:
    """One attribute: its type (DER), each of its values (DER), and all of it as encoded."""

    type: bytes
    values: tuple[bytes, ...]
    encoded: bytes


@dataclass(slots=True, eq=False, repr=False)
class SignerSlice:
    """One SignerInfo.

    `signed` and `unsigned` are the attributes' elements with their tags [0] and [1]; `head` is all from the version
    through the signature, as encoded.
    """

    version: int
    issuer_and_serial: bytes | None
    key_id: bytes | None
    digest_algorithm: bytes
    signed: bytes | None
    signature_algorithm: bytes
    signature: bytes
    unsigned: bytes | None
    head: bytes


@dataclass(slots=True, eq=False, repr=False)
class SignedDataSlice:
    """A SignedData: types and algorithms as DER, certificates and revocation data one by one as encoded."""

    digest_algorithms: tuple[bytes, ...]
    content_type: bytes
    content: bytes | None
    certificates: tuple[bytes, ...]
    revocation: tuple[bytes, ...]
    signers: tuple[SignerSlice, ...]


def cut_signed_data(data: bytes) -> SignedDataSlice:
    """Cut a ContentInfo with SignedData.

    Raises:
        Malformed: it is none, a byte too many, or larger than anything that is read here.
    """
    if len(data) > LARGEST:
        raise Malformed(f"a CMS signature has {LARGEST} bytes at most")
    begin, end = _slice(data, 0, der.SEQUENCE)
    if end != len(data):
        raise Malformed("bytes left over behind a CMS signature")
    if not data.startswith(_SIGNED_DATA, begin):
        raise Malformed("a CMS message of another kind than signed data")
    begin, end = _last(data, begin + len(_SIGNED_DATA), _EXPLICIT_0, end)
    begin, end = _last(data, begin, der.SEQUENCE, end)
    return _cut(data, begin, end)


def _last(data: bytes, start: int, tag: int, end: int) -> tuple[int, int]:
    """The content of the element that ends where its parent does."""
    begin, inner_end = _slice(data, start, tag)
    if inner_end != end:
        raise Malformed("bytes left over inside a CMS signature")
    return begin, inner_end


def _cut(data: bytes, position: int, end: int) -> SignedDataSlice:
    """One straight walk along RFC 5652 §5.1."""
    begin, position = _slice(data, position, der.INTEGER)
    if position - begin != 1 or data[begin] not in _VERSIONS:
        raise Malformed("a SignedData of another version")
    begin, position = _slice(data, position, der.SET)
    digests = _split(data, begin, position, MOST_SIGNERS, der.SEQUENCE)
    begin, position = _slice(data, position, der.SEQUENCE)
    content_type, content = _cut_content(data, begin, position)
    certificates: tuple[bytes, ...] = ()
    revocation: tuple[bytes, ...] = ()
    if position < end and data[position] == _EXPLICIT_0:
        begin, position = _slice(data, position, _EXPLICIT_0)
        _check_size(position - begin, LARGEST_CERTIFICATES, "certificates")
        certificates = _split(data, begin, position)
    if position < end and data[position] == _EXPLICIT_1:
        begin, position = _slice(data, position, _EXPLICIT_1)
        _check_size(position - begin, LARGEST_REVOCATION, "revocation data")
        revocation = _split(data, begin, position)
    begin, end = _last(data, position, der.SET, end)
    signers = _split(data, begin, end, MOST_SIGNERS, der.SEQUENCE)
    return SignedDataSlice(
        digests, content_type, content, certificates, revocation, tuple(_cut_signer(each) for each in signers)
    )


def _check_size(size: int, largest: int, what: str) -> None:
    if size > largest:
        raise Malformed(f"a CMS signature carries at most {largest} bytes of {what}")


def _cut_content(data: bytes, begin: int, end: int) -> tuple[bytes, bytes | None]:
    """EncapsulatedContentInfo: a type, and an OCTET STRING unless the content is detached."""
    _, type_end = _slice(data, begin, der.OID)
    if type_end == end:
        return data[begin:type_end], None
    inner, _ = _last(data, type_end, _EXPLICIT_0, end)
    inner, _ = _last(data, inner, der.OCTET_STRING, end)
    return data[begin:type_end], data[inner:end]


def _split(data: bytes, position: int, end: int, most: int = 4096, tag: int | None = None) -> tuple[bytes, ...]:
    """The elements in a row between two places, each whole."""
    found = []
    while position < end:
        _, after = _slice(data, position, data[position] if tag is None else tag)
        if after > end or data[position] & 0x1F == 0x1F:
            raise Malformed("elements that do not fit into their parent")
        found.append(data[position:after])
        position = after
        if len(found) > most:
            raise Malformed(f"more than {most} elements where a CMS signature has a few")
    return tuple(found)


def _single(data: bytes, position: int, end: int) -> tuple[bytes] | None:
    """The one element between two places, as nearly every attribute has; None for others, and for tags of two bytes."""
    if position < end and data[position] & 0x1F != 0x1F and _slice(data, position, data[position])[1] == end:
        return (data[position:end],)
    return None


def _cut_signer(data: bytes) -> SignerSlice:
    """One SignerInfo, one straight walk along RFC 5652 §5.3."""
    start, end = _slice(data, 0, der.SEQUENCE)
    version = data[start : start + 3]
    if version not in (_INTEGER_1, _INTEGER_3):
        raise Malformed("a SignerInfo of another version")
    position = start + 3
    if position < end and data[position] == _IMPLICIT_0:
        begin, after = _slice(data, position, _IMPLICIT_0)
        issuer_and_serial, key_id = None, data[begin:after]
    else:
        _, after = _slice(data, position, der.SEQUENCE)
        issuer_and_serial, key_id = data[position:after], None
    _, digest_end = _slice(data, after, der.SEQUENCE)
    position, signed = digest_end, None
    if position < end and data[position] == _EXPLICIT_0:
        _, position = _slice(data, digest_end, _EXPLICIT_0)
        signed = data[digest_end:position]
    _, algorithm_end = _slice(data, position, der.SEQUENCE)
    begin, signature_end = _slice(data, algorithm_end, der.OCTET_STRING)
    unsigned = None
    if signature_end < end:
        _last(data, signature_end, _EXPLICIT_1, end)
        unsigned = data[signature_end:end]
    if signature_end > end:
        raise Malformed("elements that do not fit into their parent")
    return SignerSlice(
        version[2],
        issuer_and_serial,
        key_id,
        data[after:digest_end],
        signed,
        data[position:algorithm_end],
        data[begin:signature_end],
        unsigned,
        data[start:signature_end],
    )


def cut_attributes(element: bytes) -> tuple[Attribute, ...]:
    """The attributes in an element with any tag; each has a type and at least one value (RFC 5652 §5.3).

    Raises:
        Malformed: they are not well-formed.
    """
    position, end = _slice(element, 0, element[0])
    found = []
    while position < end:
        begin, after = _slice(element, position, der.SEQUENCE)
        _, type_end = _slice(element, begin, der.OID)
        inner, _ = _last(element, type_end, der.SET, after)
        values = _single(element, inner, after) or _split(element, inner, after)
        if not values or after > end:
            raise Malformed("an attribute without a value, or larger than its set")
        found.append(Attribute(element[begin:type_end], values, element[position:after]))
        position = after
        if len(found) > _MOST_ATTRIBUTES:
            raise Malformed(f"more than {_MOST_ATTRIBUTES} attributes")
    return tuple(found)
