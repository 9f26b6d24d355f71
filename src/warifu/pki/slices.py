"""A certificate cut into the pieces of its encoding, after cryptography has read it.

cryptography decides whether the bytes are a certificate. Cutting then gives the signed bytes, names and extension
values exactly as they were encoded, many times faster than asking cryptography for each (which re-encodes or builds
objects). The cuts are fuzzed against cryptography's fields.

All that an authority writes into the extensions of one municipality's authentication certificates is alike but for the
last one, the identifier of the holder's key. So the others are cut, and checked, once for all of them.
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
from warifu.pki.reading import Reading

MAX_CERTIFICATE = 8192
_EXTENSIONS = der.explicit(3)
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
_AUTHENTICATION_POLICIES = tuple(
    der.object_identifier(CertificateKind.AUTHENTICATION.policy_on(medium)) for medium in Medium
)


@dataclass(frozen=True, slots=True)
class ExtensionSlice:
    """One extension: whether it is critical, and the DER inside its OCTET STRING."""

    critical: bool
    value: bytes


@dataclass(frozen=True, eq=False, repr=False)
class ExtensionBlock:
    """Extensions in a row, by the DER of their object identifiers."""

    slices: Mapping[bytes, ExtensionSlice]

    @cached_property
    def personal_data(self) -> PersonalData:
        """What subjectAltName says about the holder of a signing certificate.

        Raises:
            WrongProfile: it is missing, or not as `PersonalData.decode` wants it.
        """
        extension = self.slices.get(SUBJECT_ALTERNATIVE_NAME)
        if extension is None or extension.critical:
            raise WrongProfile("an extension of the profile is missing or critical")
        return PersonalData.decode(extension.value)

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
    stands last; its 20 bytes are `subject_key_id`.
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
    subject_key_id: bytes | None

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
        with Reading("certificate"):
            certificate = x509.load_der_x509_certificate(data)
        return cls._cut(data, certificate)

    @classmethod
    def _cut(cls, data: bytes, certificate: x509.Certificate) -> Self:
        """One straight walk along RFC 5280 §4.1; cryptography has checked every tag and length on the way."""
        end_of = der.end_of
        signed = der.begin_of(data, 0)
        signed_end = end_of(data, signed)
        algorithm_end = end_of(data, signed_end)
        version = der.begin_of(data, signed)
        if data[version : version + 5] != _VERSION_3:
            raise Malformed("the certificate is not of version 3")
        serial = version + 5
        serial_end = end_of(data, serial)
        inner_algorithm_end = end_of(data, serial_end)
        issuer_end = end_of(data, inner_algorithm_end)
        subject = end_of(data, issuer_end)
        subject_end = end_of(data, subject)
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
        block, subject_key_id = _cut_extensions(data, der.begin_of(data, key_end), signed_end)
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
            subject_key_id,
        )

    @property
    def serial_number(self) -> int:
        """The serial number."""
        return self.certificate.serial_number

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
    def extensions(self) -> Mapping[bytes, ExtensionSlice]:
        """All extensions in order, by the DER of their object identifiers."""
        if self.subject_key_id is None:
            return self.block.slices
        own = ExtensionSlice(False, _KEY_ID_HEADER[-2:] + self.subject_key_id)
        return {**self.block.slices, SUBJECT_KEY_IDENTIFIER: own}


def _cut_extensions(data: bytes, start: int, end: int) -> tuple[ExtensionBlock, bytes | None]:
    """The extensions, and the key identifier if it stands last in its usual form."""
    begin, tail = der.begin_of(data, start), end - _KEY_ID_LENGTH
    if data[tail : tail + len(_KEY_ID_HEADER)] != _KEY_ID_HEADER or tail < begin:
        return _cut_block(data[begin:end]), None
    block = data[begin:tail]
    extensions = _shared_blocks.get(block)
    if extensions is None:
        extensions = _cut_block(block)
        _keep_if_shared(block, extensions)
    if SUBJECT_KEY_IDENTIFIER in extensions.slices:
        raise Malformed("an extension is repeated")
    return extensions, data[end - 20 : end]


def _cut_block(block: bytes) -> ExtensionBlock:
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
    return ExtensionBlock(MappingProxyType(extensions))


_shared_blocks: dict[bytes, ExtensionBlock] = {}


def _keep_if_shared(block: bytes, extensions: ExtensionBlock) -> None:
    """Keep what an authority writes into many certificates; what is personal is never kept beyond the call."""
    if not any(policy in block for policy in _AUTHENTICATION_POLICIES) or SUBJECT_ALTERNATIVE_NAME in extensions.slices:
        return
    if len(block) > _LONGEST_SHARED_BLOCK:
        return
    if len(_shared_blocks) >= _MOST_SHARED_BLOCKS:
        _shared_blocks.clear()
    _shared_blocks[block] = extensions
