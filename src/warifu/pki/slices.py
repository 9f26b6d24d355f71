"""A certificate cut into the pieces of its encoding, after cryptography has read it.

cryptography decides whether the bytes are a certificate. Cutting then gives the signed bytes, names and extension
values exactly as they were encoded, many times faster than asking cryptography for each (which re-encodes or builds
objects). The cuts are fuzzed against cryptography's fields.

All that an authority writes into the extensions of one municipality's authentication certificates is alike but for the
last one, the identifier of the holder's key. So the others are cut, and checked, once for all of them. In signing
certificates there are the holder's personal data besides, somewhere among the others; they are cut out, and what stands
before and behind them is shared.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Self

from cryptography import x509

from warifu.errors import Malformed, WrongProfile
from warifu.pki import der
from warifu.pki.names import CertificateKind, Medium
from warifu.pki.personal import PersonalData
from warifu.pki.reading import COMPLAINTS

MAX_CERTIFICATE = 8192
_EXTENSIONS = der.explicit(3)
_LONG = 0x80
_VERSION_3 = bytes.fromhex("a003020102")
# About 1,900 municipalities and wards, each once for every generation of the authority that is still in use.
_MOST_SHARED_BLOCKS = 4096
_LONGEST_SHARED_BLOCK = 2048
AUTHORITY_KEY_IDENTIFIER = der.object_identifier("2.5.29.35")
SUBJECT_KEY_IDENTIFIER = der.object_identifier("2.5.29.14")
KEY_USAGE = der.object_identifier("2.5.29.15")
EXTENDED_KEY_USAGE = der.object_identifier("2.5.29.37")
SUBJECT_ALTERNATIVE_NAME = der.object_identifier("2.5.29.17")
ISSUER_ALTERNATIVE_NAME = der.object_identifier("2.5.29.18")
BASIC_CONSTRAINTS = der.object_identifier("2.5.29.19")
CERTIFICATE_POLICIES = der.object_identifier("2.5.29.32")
CRL_DISTRIBUTION_POINTS = der.object_identifier("2.5.29.31")
AUTHORITY_INFORMATION_ACCESS = der.object_identifier("1.3.6.1.5.5.7.1.1")

_KEY_ID_HEADER = bytes.fromhex("301d0603551d0e04160414")
_KEY_ID_LENGTH = len(_KEY_ID_HEADER) + 20
_POLICIES = {
    kind: tuple(der.object_identifier(kind.policy_on(medium)) for medium in Medium) for kind in CertificateKind
}
_IMPERSONAL = frozenset(
    {
        AUTHORITY_KEY_IDENTIFIER,
        KEY_USAGE,
        ISSUER_ALTERNATIVE_NAME,
        CERTIFICATE_POLICIES,
        CRL_DISTRIBUTION_POINTS,
        AUTHORITY_INFORMATION_ACCESS,
    }
)


@dataclass(frozen=True, slots=True)
class ExtensionSlice:
    """One extension: whether it is critical, and the DER inside its OCTET STRING."""

    critical: bool
    value: bytes


@dataclass(frozen=True, eq=False, repr=False)
class ExtensionBlock:
    """Extensions in a row, by the DER of their object identifiers.

    Where the holder's personal data were cut out, `before_personal` says how many extensions stand before them.
    """

    slices: Mapping[bytes, ExtensionSlice]
    before_personal: int = 0

    @cached_property
    def authority_key_id(self) -> bytes | None:
        """The key identifier in authorityKeyIdentifier, which tells generations of one authority apart."""
        extension = self.slices.get(AUTHORITY_KEY_IDENTIFIER)
        if extension is None:
            return None
        begin, end = der.slice_element(extension.value, 0, der.SEQUENCE)
        if begin == end or extension.value[begin] != der.implicit(0):
            return None
        begin, end = der.slice_element(extension.value, begin, der.implicit(0))
        return extension.value[begin:end]


@dataclass(slots=True, eq=False, repr=False)
class UnverifiedCertificate:
    """A well-formed X.509 version 3 certificate of which nothing has been checked yet.

    Wire: `signed` is the TBSCertificate, `issuer` and `subject` are Names, `public_key_info` the SubjectPublicKeyInfo,
    `algorithm` the AlgorithmIdentifier, each as encoded. `block` has the extensions but for a subjectKeyIdentifier that
    stands last; its 20 bytes are `subject_key_id`; and, in most signing certificates, for the subjectAltName, whose
    value is `personal`.
    """

    der: bytes
    certificate: x509.Certificate
    signed: bytes
    algorithm: bytes
    signature: bytes
    issuer: bytes
    subject: bytes
    public_key_info: bytes
    block: ExtensionBlock
    personal: bytes | None
    subject_key_id: bytes | None
    serial_number: int
    _personal_data: PersonalData | None = None

    def __repr__(self) -> str:
        return "UnverifiedCertificate()"

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read a certificate.

        Raises:
            Malformed: not a DER certificate of version 3 in at most 8 KiB, or a byte too many.
        """
        if len(data) > MAX_CERTIFICATE:
            raise Malformed("certificate too long")
        try:
            certificate = x509.load_der_x509_certificate(data)
        except COMPLAINTS as error:
            raise Malformed("not a well-formed certificate") from error
        return cls._cut(data, certificate)

    @classmethod
    def _cut(cls, data: bytes, certificate: x509.Certificate) -> Self:
        """One straight walk along RFC 5280 §4.1; cryptography has checked every tag and length on the way.

        Elements that are short as a rule are stepped over in place, which takes a third of a call.
        """
        end_of = der.end_of
        signed = der.begin_of(data, 0)
        signed_end = end_of(data, signed)
        length = data[signed_end + 1]
        algorithm_end = signed_end + 2 + length if length < 0x80 else end_of(data, signed_end)
        version = der.begin_of(data, signed)
        if data[version : version + 5] != _VERSION_3:
            raise Malformed("the certificate is not of version 3")
        serial = version + 5
        length = data[serial + 1]
        serial_end = serial + 2 + length if length < 0x80 else end_of(data, serial)
        length = data[serial_end + 1]
        inner_algorithm_end = serial_end + 2 + length if length < 0x80 else end_of(data, serial_end)
        issuer_end = end_of(data, inner_algorithm_end)
        length = data[issuer_end + 1]
        subject = issuer_end + 2 + length if length < 0x80 else end_of(data, issuer_end)
        length = data[subject + 1]
        subject_end = subject + 2 + length if length < 0x80 else end_of(data, subject)
        key_end = end_of(data, subject_end)
        algorithm = data[signed_end:algorithm_end]
        if data[serial_end:inner_algorithm_end] != algorithm:
            raise Malformed("two different signature algorithms in a certificate")
        if data[serial + 2] & 0x80 or data[serial + 1 : serial_end] == b"\1\0":
            raise Malformed("a serial number is positive")
        if key_end == signed_end or data[key_end] != _EXTENSIONS:
            raise Malformed("a certificate of another form than that of JPKI")
        signature = der.begin_of(data, algorithm_end)
        if data[signature] != 0:
            raise Malformed("the signature is not of whole bytes")
        block, personal, subject_key_id = _cut_extensions(data, der.begin_of(data, key_end), signed_end)
        return cls(
            data,
            certificate,
            data[signed:signed_end],
            algorithm,
            data[signature + 1 :],
            data[inner_algorithm_end:issuer_end],
            data[subject:subject_end],
            data[subject_end:key_end],
            block,
            personal,
            subject_key_id,
            # Of so many bytes that its length is a long one: that is nobody's, but cryptography reads it.
            int.from_bytes(data[serial + 2 : serial_end], "big")
            if data[serial + 1] < _LONG
            else certificate.serial_number,
        )

    @property
    def not_before(self) -> datetime:
        """The first second of validity, UTC."""
        return self.certificate.not_valid_before_utc

    @property
    def not_after(self) -> datetime:
        """The last second of validity, UTC."""
        return self.certificate.not_valid_after_utc

    @property
    def authority_key_id(self) -> bytes | None:
        """The identifier of the issuer's key."""
        return self.block.authority_key_id

    @property
    def personal_data(self) -> PersonalData:
        """What subjectAltName says about the holder of a signing certificate.

        Raises:
            WrongProfile: it is missing, or not as `PersonalData.decode` wants it.
        """
        if self._personal_data is None:
            self._personal_data = PersonalData.decode(self._alternative_name())
        return self._personal_data

    def _alternative_name(self) -> bytes:
        if self.personal is not None:
            return self.personal
        extension = self.block.slices.get(SUBJECT_ALTERNATIVE_NAME)
        if extension is None or extension.critical:
            raise WrongProfile("an extension of the profile is missing or critical")
        return extension.value

    @property
    def extensions(self) -> Mapping[bytes, ExtensionSlice]:
        """All extensions in order, by the DER of their object identifiers."""
        found = list(self.block.slices.items())
        if self.personal is not None:
            own = SUBJECT_ALTERNATIVE_NAME, ExtensionSlice(False, self.personal)
            found.insert(self.block.before_personal, own)
        if self.subject_key_id is not None:
            found.append((SUBJECT_KEY_IDENTIFIER, ExtensionSlice(False, _KEY_ID_HEADER[-2:] + self.subject_key_id)))
        return dict(found)


def _cut_extensions(data: bytes, start: int, end: int) -> tuple[ExtensionBlock, bytes | None, bytes | None]:
    """The extensions; personal data cut out of them; and the key identifier if it stands last in its usual form."""
    begin, tail = der.begin_of(data, start), end - _KEY_ID_LENGTH
    if data[tail : tail + len(_KEY_ID_HEADER)] != _KEY_ID_HEADER or tail < begin:
        return _cut_block(data[begin:end]), None, None
    block, personal = data[begin:tail], None
    extensions = _shared_blocks.get(block)
    if extensions is None:
        extensions, personal = _cut_around_personal(block) or (_cut_alike(block), None)
    if SUBJECT_KEY_IDENTIFIER in extensions.slices:
        raise Malformed("an extension is repeated")
    return extensions, personal, data[end - 20 : end]


def _cut_block(block: bytes) -> ExtensionBlock:
    return ExtensionBlock(MappingProxyType(_cut_each(block)))


def _cut_each(block: bytes) -> dict[bytes, ExtensionSlice]:
    cut, position = der.slice_element, 0
    extensions: dict[bytes, ExtensionSlice] = {}
    while position < len(block):
        inner, position = cut(block, position, der.SEQUENCE)
        _, oid_end = cut(block, inner, der.OID)
        critical = block[oid_end] == der.BOOLEAN
        value, value_end = cut(block, oid_end + 3 if critical else oid_end, der.OCTET_STRING)
        if critical and block[oid_end : oid_end + 3] != b"\x01\x01\xff":
            raise Malformed("an extension's critical flag has another form")
        oid = block[inner:oid_end]
        if value_end != position or oid in extensions:
            raise Malformed("an extension is repeated or has bytes left over")
        extensions[oid] = ExtensionSlice(critical, block[value:value_end])
    return extensions


_shared_blocks: dict[bytes, ExtensionBlock] = {}
_shared_around: dict[tuple[bytes, bytes], ExtensionBlock] = {}


def _cut_alike(block: bytes) -> ExtensionBlock:
    """What an authority writes into many certificates is kept; what is personal is never kept beyond the call."""
    extensions = _cut_block(block)
    alike = any(policy in block for policy in _POLICIES[CertificateKind.AUTHENTICATION])
    if alike and SUBJECT_ALTERNATIVE_NAME not in extensions.slices and len(block) <= _LONGEST_SHARED_BLOCK:
        if len(_shared_blocks) >= _MOST_SHARED_BLOCKS:
            _shared_blocks.clear()
        _shared_blocks[block] = extensions
    return extensions


def _cut_around_personal(block: bytes) -> tuple[ExtensionBlock, bytes] | None:
    """The extensions around a subjectAltName, and its value; None where all have to be cut as they stand.

    What stands before is cut as whole extensions too, so this place can only be that of an extension, and not something
    inside of another one.
    """
    oid = block.find(SUBJECT_ALTERNATIVE_NAME)
    start = _start_before(block, oid)
    if start is None:
        return None
    try:
        inner, end = der.slice_element(block, start, der.SEQUENCE)
        value, value_end = der.slice_element(block, oid + len(SUBJECT_ALTERNATIVE_NAME), der.OCTET_STRING)
    except Malformed:
        return None
    if inner != oid or value_end != end:
        return None
    around = block[:start], block[end:]
    extensions = _shared_around.get(around) or _cut_shared_around(*around)
    return None if extensions is None else (extensions, block[value:value_end])


def _start_before(block: bytes, oid: int) -> int | None:
    """Where the SEQUENCE begins whose content begins at `oid`, by the three lengths of a length."""
    for size, long in ((3, 0x81), (4, 0x82), (2, None)):
        start = oid - size
        if start >= 0 and block[start] == der.SEQUENCE and (long is None or block[start + 1] == long):
            return start
    return None


def _cut_shared_around(before: bytes, behind: bytes) -> ExtensionBlock | None:
    """The extensions of a signing certificate but for the personal data, kept; None if they are others, or none."""
    try:
        first, extensions = _cut_each(before), _cut_each(before + behind)
    except Malformed:
        return None
    alike = any(policy in before + behind for policy in _POLICIES[CertificateKind.SIGNING])
    if not alike or not extensions.keys() <= _IMPERSONAL or len(before) + len(behind) > _LONGEST_SHARED_BLOCK:
        return None
    if len(_shared_around) >= _MOST_SHARED_BLOCKS:
        _shared_around.clear()
    block = ExtensionBlock(MappingProxyType(extensions), len(first))
    _shared_around[before, behind] = block
    return block
