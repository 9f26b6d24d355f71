"""A certificate cut into the pieces of its encoding, after cryptography has read it.

cryptography decides whether the bytes are a certificate. Cutting then gives the signed bytes, names and extension
values exactly as they were encoded, many times faster than asking cryptography for each (which re-encodes or builds
objects). The cuts are strict and fuzzed against cryptography's fields.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Self

from cryptography import x509

from warifu.errors import Malformed
from warifu.pki import der
from warifu.pki.reading import reading

MAX_CERTIFICATE = 8192
_EXTENSIONS = der.explicit(3)


@dataclass(frozen=True, slots=True)
class ExtensionSlice:
    """One extension: whether it is critical, and the DER inside its OCTET STRING."""

    critical: bool
    value: bytes


@dataclass(frozen=True, repr=False)
class UnverifiedCertificate:
    """A well-formed X.509 version 3 certificate of which nothing has been checked yet.

    Wire: `signed` is the TBSCertificate, `issuer` and `subject` are Names, `public_key_info` the SubjectPublicKeyInfo,
    `algorithm` the AlgorithmIdentifier, each as encoded; `extensions` by the DER of their object identifiers, in order.
    """

    der: bytes
    certificate: x509.Certificate
    signed: bytes
    algorithm: bytes
    signature: bytes
    issuer: bytes
    subject: bytes
    public_key_info: bytes
    extensions: Mapping[bytes, ExtensionSlice]

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
        with reading("certificate"):
            certificate = x509.load_der_x509_certificate(data)
            if certificate.version is not x509.Version.v3:
                raise Malformed("the certificate is not of version 3")
        return cls._cut(data, certificate)

    @classmethod
    def _cut(cls, data: bytes, certificate: x509.Certificate) -> Self:
        """One straight walk along RFC 5280 §4.1."""
        cut = der.slice_element
        outer, outer_end = cut(data, 0, der.SEQUENCE)
        inner, signed_end = cut(data, outer, der.SEQUENCE)
        _, algorithm_end = cut(data, signed_end, der.SEQUENCE)
        signature, signature_end = cut(data, algorithm_end, der.BIT_STRING)
        _, version_end = cut(data, inner, der.explicit(0))
        serial, serial_end = cut(data, version_end, der.INTEGER)
        _, inner_algorithm_end = cut(data, serial_end, der.SEQUENCE)
        _, issuer_end = cut(data, inner_algorithm_end, der.SEQUENCE)
        _, validity_end = cut(data, issuer_end, der.SEQUENCE)
        _, subject_end = cut(data, validity_end, der.SEQUENCE)
        _, key_end = cut(data, subject_end, der.SEQUENCE)
        extensions, extensions_end = cut(data, key_end, _EXTENSIONS)
        if (outer_end, signature_end, extensions_end) != (len(data), len(data), signed_end) or data[signature] != 0:
            raise Malformed("bytes left over in a certificate")
        if data[serial] & 0x80 or data[serial:serial_end] == b"\0":
            raise Malformed("a serial number is positive")
        algorithm = data[signed_end:algorithm_end]
        if data[serial_end:inner_algorithm_end] != algorithm:
            raise Malformed("two different signature algorithms in a certificate")
        return cls(
            data,
            certificate,
            data[outer:signed_end],
            algorithm,
            data[signature + 1 : signature_end],
            data[inner_algorithm_end:issuer_end],
            data[validity_end:subject_end],
            data[subject_end:key_end],
            _cut_extensions(data, extensions, extensions_end),
        )

    @cached_property
    def serial_number(self) -> int:
        """The serial number."""
        return self.certificate.serial_number

    @cached_property
    def not_before(self) -> datetime:
        """The first second of validity, UTC."""
        return self.certificate.not_valid_before_utc

    @cached_property
    def not_after(self) -> datetime:
        """The last second of validity, UTC."""
        return self.certificate.not_valid_after_utc

    @cached_property
    def authority_key_id(self) -> bytes | None:
        """The key identifier in authorityKeyIdentifier, which tells generations of one authority apart."""
        extension = self.extensions.get(AUTHORITY_KEY_IDENTIFIER)
        if extension is None:
            return None
        begin, end = der.slice_element(extension.value, 0, der.SEQUENCE)
        if begin == end or extension.value[begin] != der.implicit(0):
            return None
        begin, end = der.slice_element(extension.value, begin, der.implicit(0))
        return extension.value[begin:end]


def _cut_extensions(data: bytes, start: int, end: int) -> Mapping[bytes, ExtensionSlice]:
    cut = der.slice_element
    position, list_end = cut(data, start, der.SEQUENCE)
    if list_end != end:
        raise Malformed("bytes left over behind extensions")
    extensions: dict[bytes, ExtensionSlice] = {}
    while position < end:
        inner, position = cut(data, position, der.SEQUENCE)
        _, oid_end = cut(data, inner, der.OID)
        critical = data[oid_end] == der.BOOLEAN
        value, value_end = cut(data, oid_end + 3 if critical else oid_end, der.OCTET_STRING)
        if critical and data[oid_end : oid_end + 3] != b"\x01\x01\xff":
            raise Malformed("an extension's critical flag has another form")
        oid = data[inner:oid_end]
        if value_end != position or oid in extensions:
            raise Malformed("an extension is repeated or has bytes left over")
        extensions[oid] = ExtensionSlice(critical, data[value:value_end])
    return MappingProxyType(extensions)


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
OCSP_NO_CHECK = der.object_identifier("1.3.6.1.5.5.7.48.1.5")
