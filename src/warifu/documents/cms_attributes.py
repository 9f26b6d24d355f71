"""The signed attributes of a CMS signature: what they say, and every rule that they break.

Source: RFC 5652 §5.3, §5.4, §11; RFC 5035 §3, §5; RFC 6211; ETSI EN 319 122-1 §5.2.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache

from warifu.documents.algorithms import digest_name, dotted, signature_algorithm
from warifu.documents.cms_slices import DATA, Attribute, SignerSlice, cut_attributes
from warifu.documents.found import Fault, FaultCode
from warifu.errors import Malformed
from warifu.pki import der

__all__ = ["CONTENT_TYPE", "MESSAGE_DIGEST", "SignedAttributes", "read_signed_attributes", "read_time"]

_PKCS9 = "1.2.840.113549.1.9."
CONTENT_TYPE = der.object_identifier(_PKCS9 + "3")
MESSAGE_DIGEST = der.object_identifier(_PKCS9 + "4")
_SIGNING_TIME = der.object_identifier(_PKCS9 + "5")
_ALGORITHM_PROTECTION = der.object_identifier(_PKCS9 + "52")
_SIGNING_CERTIFICATE = der.object_identifier(_PKCS9 + "16.2.12")
_SIGNING_CERTIFICATE_V2 = der.object_identifier(_PKCS9 + "16.2.47")
_POLICY = der.object_identifier(_PKCS9 + "16.2.15")
_CONTENT_TIMESTAMP = der.object_identifier(_PKCS9 + "16.2.20")
_ADOBE_REVOCATION = der.object_identifier("1.2.840.113583.1.1.8")
_IMPLIED_POLICY = b"\x05\x00"
_SHA256 = "sha256"


@dataclass(slots=True, eq=False, repr=False)
class SignedAttributes:
    """What the signed attributes of one signer say.

    `names` are the digests by which the signer names the certificate, `named_serial` its issuer and serial number as
    the same attribute has them.
    """

    content_type: bytes | None = None
    message_digest: bytes | None = None
    claimed_at: datetime | None = None
    cades: bool = False
    names: tuple[tuple[str, bytes], ...] = ()
    named_serial: tuple[bytes, bytes] | None = None
    policy: str | None = None
    content_timestamps: tuple[bytes, ...] = ()
    revocation: tuple[bytes, ...] = ()
    faults: list[Fault] = field(default_factory=list)


def read_signed_attributes(signer: SignerSlice) -> SignedAttributes:
    """Read the signed attributes of a signer that has some.

    A value that cannot be read is a fault, as is everything that breaks a rule.

    Raises:
        Malformed: not attributes at all.
    """
    assert signer.signed is not None
    plain = _read_plain(signer.signed)
    if plain is not None:
        return plain
    told = SignedAttributes()
    attributes = cut_attributes(signer.signed)
    _check_order(attributes, told)
    for attribute in attributes:
        reader = _READERS.get(attribute.type)
        if reader is None:
            continue
        try:
            reader(told, attribute, signer)
        except (Malformed, UnicodeDecodeError, ValueError):
            told.faults.append(Fault(FaultCode.ATTRIBUTE_VALUE, _name(attribute.type)))
    if told.content_type is None:
        told.faults.append(Fault(FaultCode.CONTENT_TYPE_ATTRIBUTE))
    if told.message_digest is None:
        told.faults.append(Fault(FaultCode.MESSAGE_DIGEST_ATTRIBUTE))
    return told


def _read_plain(signed: bytes) -> SignedAttributes | None:
    """The four attributes that every signature of ours has, in their one encoding, compared at once; None for others.

    Content type, signing time until 2049, SHA-256 of the content, and one certificate by its SHA-256 and number: all
    but these values follows from the length of the whole.
    """
    form = _plain_form(len(signed))
    found = None if form is None else form.fullmatch(signed)
    if found is None:
        return None
    day, time, digest, first = found.groups()
    century = b"19" if day >= b"5" else b"20"
    told = SignedAttributes(DATA, digest, cades=True)
    try:
        told.claimed_at = datetime.fromisoformat((century + day + b"T" + time + b"Z").decode())
        _keep_named(told, _SHA256, first, 0)
    except (ValueError, Malformed):
        return None
    return told


@lru_cache(maxsize=256)
def _plain_form(length: int) -> re.Pattern[bytes] | None:
    """The encoding of these attributes in so many bytes; None where there is none."""
    fixed = (
        der.encode(der.SEQUENCE, CONTENT_TYPE, der.encode(der.SET, DATA)),
        der.encode(der.SEQUENCE, _SIGNING_TIME, der.encode(der.SET, der.encode(der.UTC_TIME, bytes(13))))[:-13],
        der.encode(der.SEQUENCE, MESSAGE_DIGEST, der.encode(der.SET, der.encode(der.OCTET_STRING, bytes(32))))[:-32],
    )
    rest, headers = length, []
    # The set of all, then the last attribute, its set, its value, the certificates in it, the first of them.
    for tag, before in (
        (der.explicit(0), sum(map(len, fixed)) + 45),
        (der.SEQUENCE, len(_SIGNING_CERTIFICATE_V2)),
        (der.SET, 0),
        (der.SEQUENCE, 0),
        (der.SEQUENCE, 0),
        (der.SEQUENCE, 0),
    ):
        header = _header_within(tag, rest)
        rest -= len(header) + before
        headers.append(re.escape(header))
    if rest <= _DIGEST_ELEMENT or not all(headers):
        return None
    outer, *inner = headers
    inner.insert(1, re.escape(_SIGNING_CERTIFICATE_V2))
    content_type, signing_time, message_digest = map(re.escape, fixed)
    time = signing_time + rb"(\d{6})((?:[01]\d|2[0-3])\d{4})Z"
    first = rb"(\x04\x20.{%d})" % (rest - 2)
    parts = (outer, content_type, time, message_digest, rb"(.{32})", *inner, first)
    return re.compile(b"".join(parts), re.DOTALL)


_DIGEST_ELEMENT = 34


def _header_within(tag: int, length: int) -> bytes:
    """The header of an element that has so many bytes with it; nothing if there is none."""
    headers = ((size, der.header(tag, length - size)) for size in (2, 3, 4) if length > size)
    return next((header for size, header in headers if len(header) == size), b"")


def _check_order(attributes: tuple[Attribute, ...], told: SignedAttributes) -> None:
    """DER sorts a SET OF by its members' encodings (ITU-T X.690 §11.6); and each type may stand there once."""
    encoded = [attribute.encoded for attribute in attributes]
    if encoded != sorted(encoded):
        told.faults.append(Fault(FaultCode.ATTRIBUTES_NOT_DER))
    if len({attribute.type for attribute in attributes}) != len(attributes):
        told.faults.append(Fault(FaultCode.DUPLICATE_ATTRIBUTE))


def _name(oid: bytes) -> str:
    begin, end = der.slice_element(oid, 0, der.OID)
    try:
        return dotted(oid[begin:end])
    except Malformed:
        return ""


def _single(attribute: Attribute) -> bytes:
    if len(attribute.values) != 1:
        raise Malformed("an attribute of several values")
    return attribute.values[0]


def _content_type(told: SignedAttributes, attribute: Attribute, _signer: SignerSlice) -> None:
    value = _single(attribute)
    der.whole(value, der.OID)
    told.content_type = value


def _message_digest(told: SignedAttributes, attribute: Attribute, _signer: SignerSlice) -> None:
    told.message_digest = der.whole(_single(attribute), der.OCTET_STRING)


def _signing_time(told: SignedAttributes, attribute: Attribute, _signer: SignerSlice) -> None:
    told.claimed_at = read_time(_single(attribute))


def read_time(value: bytes) -> datetime:
    """A Time: UTCTime, or GeneralizedTime from 2050, in whole seconds of UTC (RFC 5652 §11.3).

    Raises:
        Malformed, ValueError: another form, or no moment.
    """
    if value[:1] == b"\x17":
        text = der.whole(value, der.UTC_TIME).decode("ascii")
        if len(text) != 13 or text[-1] != "Z" or not text[:-1].isdecimal():
            raise Malformed("a UTCTime of another form")
        text = ("19" if text[0] >= "5" else "20") + text
    else:
        text = der.whole(value, der.GENERALIZED_TIME).decode("ascii")
        if len(text) != 15 or text[-1] != "Z" or not text[:-1].isdecimal():
            raise Malformed("a GeneralizedTime of another form")
    date, time = (int(text[:4]), int(text[4:6]), int(text[6:8])), (int(text[8:10]), int(text[10:12]), int(text[12:14]))
    return datetime(*date, *time, tzinfo=UTC)


def _algorithm_protection(told: SignedAttributes, attribute: Attribute, signer: SignerSlice) -> None:
    """The algorithms, said again under the signature (RFC 6211 §2); the sender may not have changed them since."""
    content = der.whole(_single(attribute), der.SEQUENCE)
    _, end = der.slice_element(content, 0, der.SEQUENCE)
    digest = digest_name(content[:end])
    again = der.encode(der.SEQUENCE, der.whole(content[end:], der.explicit(1)))
    same = digest == digest_name(signer.digest_algorithm)
    if not same or signature_algorithm(again, digest) != signature_algorithm(signer.signature_algorithm, digest):
        told.faults.append(Fault(FaultCode.ALGORITHMS_DIFFER, "cmsAlgorithmProtection"))


def _signing_certificate_v2(told: SignedAttributes, attribute: Attribute, _signer: SignerSlice) -> None:
    """ESSCertIDv2: digest (SHA-256 unless it says another), then issuer and serial number (RFC 5035 §4)."""
    told.cades = True
    first = _first_certificate(_single(attribute))
    name, position = _SHA256, 0
    if first[:1] == b"\x30":
        _, position = der.slice_element(first, 0, der.SEQUENCE)
        name = digest_name(first[:position])
    _keep_named(told, name, first, position)


def _signing_certificate(told: SignedAttributes, attribute: Attribute, _signer: SignerSlice) -> None:
    """ESSCertID of version 1: always SHA-1 (RFC 2634 §5.4.1)."""
    told.cades = True
    _keep_named(told, "sha1", _first_certificate(_single(attribute)), 0)


def _first_certificate(value: bytes) -> bytes:
    """The first certificate named is the signer's (RFC 5035 §3)."""
    content = der.whole(value, der.SEQUENCE)
    begin, end = der.slice_element(content, 0, der.SEQUENCE)
    if end != len(content):
        _, end = der.slice_element(content, end, der.SEQUENCE)  # policies
    if end != len(content):
        raise Malformed("bytes left over in signingCertificate")
    _, first_end = der.slice_element(content, begin, der.SEQUENCE)
    return der.whole(content[begin:first_end], der.SEQUENCE)


def _keep_named(told: SignedAttributes, name: str, first: bytes, position: int) -> None:
    begin, end = der.slice_element(first, position, der.OCTET_STRING)
    told.names = (*told.names, (name, first[begin:end]))
    if end == len(first):
        return
    content = der.whole(first[end:], der.SEQUENCE)
    begin, names_end = der.slice_element(content, 0, der.SEQUENCE)
    der.whole(content[names_end:], der.INTEGER)
    told.named_serial = der.whole(content[begin:names_end], der.explicit(4)), content[names_end:]


def _policy(told: SignedAttributes, attribute: Attribute, _signer: SignerSlice) -> None:
    """SignaturePolicy: implied (NULL), or the object identifier of an explicit one (ETSI EN 319 122-1 §5.2.9.1)."""
    value = _single(attribute)
    if value == _IMPLIED_POLICY:
        told.policy = "implied"
        return
    content = der.whole(value, der.SEQUENCE)
    begin, end = der.slice_element(content, 0, der.OID)
    told.policy = dotted(content[begin:end])


def _content_timestamp(told: SignedAttributes, attribute: Attribute, _signer: SignerSlice) -> None:
    told.content_timestamps = (*told.content_timestamps, *attribute.values)


def _adobe_revocation(told: SignedAttributes, attribute: Attribute, _signer: SignerSlice) -> None:
    """Lists and answers that Acrobat signs along (ISO 32000-2 §12.8.3.3.2): kept as [0] lists and [1] answers."""
    told.revocation = (*told.revocation, _single(attribute))


_READERS = {
    CONTENT_TYPE: _content_type,
    MESSAGE_DIGEST: _message_digest,
    _SIGNING_TIME: _signing_time,
    _ALGORITHM_PROTECTION: _algorithm_protection,
    _SIGNING_CERTIFICATE: _signing_certificate,
    _SIGNING_CERTIFICATE_V2: _signing_certificate_v2,
    _POLICY: _policy,
    _CONTENT_TIMESTAMP: _content_timestamp,
    _ADOBE_REVOCATION: _adobe_revocation,
}
