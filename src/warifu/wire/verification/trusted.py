"""One trusted authority: its certificate, what it is trusted for, and where to ask about its certificates."""

import base64
import hashlib
import json
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Self

from cryptography import x509
from cryptography.x509.oid import NameOID

from warifu.errors import CertificateRefused, Malformed, NotAllowed, UntrustedIssuer
from warifu.pki import CaCertificate, Reading
from warifu.verifier import JLIS_FINGERPRINTS
from warifu.wire.verification.addresses import Address

__all__ = ["TrustUse", "TrustedAnchor"]

_JLIS = "JPKI"


class TrustUse(Enum):
    """What an anchor is trusted for."""

    SIGNING = "signing"
    """Signing certificates (署名用電子証明書)."""
    AUTHENTICATION = "authentication"
    """User authentication certificates (利用者証明用電子証明書)."""
    TIMESTAMP = "timestamp"
    """Certificates of timestamp authorities, through any chain."""
    SIGNER = "signer"
    """Certificates of signers outside of JPKI, through any chain. Nothing of JPKI's is ever trusted so."""

    @property
    def of_jpki(self) -> bool:
        """Whether it is about one of JPKI's two kinds of certificates."""
        return self in (TrustUse.SIGNING, TrustUse.AUTHENTICATION)


@dataclass(frozen=True, slots=True)
class TrustedAnchor:
    """One anchor, and where to ask about its certificates.

    `ocsp` is the address of a service, "" for none; `lists` are where its revocation lists are: http addresses, or
    paths of files.

    Raises:
        Malformed: the certificate is none, or of another profile, or an address is none.
        UntrustedIssuer: it calls itself J-LIS's and is none of the six whose fingerprints are known.
        NotAllowed: it is to be trusted for other signers, and is JPKI's or no authority's.
    """

    certificate: bytes = field(repr=False)
    use: TrustUse
    added_at: datetime
    ocsp: str = ""
    lists: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_name(self.certificate, self.fingerprint)
        if self.use is TrustUse.SIGNER and _use_of(self.certificate) is not TrustUse.TIMESTAMP:
            raise NotAllowed("an authority of JPKI's is not trusted for other signers")
        if self.use.of_jpki:
            CaCertificate.decode(self.certificate)
        for address in (self.ocsp, *self.lists):
            if "://" in address:
                Address.read(address)

    @classmethod
    def of(
        cls,
        certificate: bytes,
        added_at: datetime,
        *,
        ocsp: str = "",
        lists: tuple[str, ...] = (),
        use: TrustUse | None = None,
    ) -> Self:
        """Trust a certificate for what it is: a JPKI authority's for its kind, any other authority's for timestamps.

        Other authorities are trusted for signers when `use` says so.

        Raises:
            Malformed, UntrustedIssuer: as above.
            NotAllowed: it is no authority's, or not one for that `use`.
        """
        _check_name(certificate, hashlib.sha256(certificate).digest())
        known = _use_of(certificate)
        if use is not None and use is not known and (known.of_jpki or use.of_jpki):
            raise NotAllowed("authorities of JPKI are trusted for their own kind of certificates, and no others are")
        return cls(certificate, use or known, added_at.replace(microsecond=0), ocsp, lists)

    @property
    def fingerprint(self) -> bytes:
        """SHA-256 of the certificate."""
        return hashlib.sha256(self.certificate).digest()

    @property
    def real(self) -> bool:
        """Whether it is one of J-LIS's own."""
        return self.fingerprint in JLIS_FINGERPRINTS

    @property
    def name(self) -> str:
        """The authority's name, for people."""
        return x509.load_der_x509_certificate(self.certificate).subject.rfc4514_string()

    @property
    def not_after(self) -> datetime:
        """Until when the authority's certificate lasts, UTC."""
        return x509.load_der_x509_certificate(self.certificate).not_valid_after_utc

    def told(self) -> dict[str, object]:
        """What stands in its file."""
        return {
            "certificate": base64.b64encode(self.certificate).decode("ascii"),
            "use": self.use.value,
            "added_at": int(self.added_at.timestamp()),
            "ocsp": self.ocsp,
            "lists": list(self.lists),
        }

    @classmethod
    def read(cls, text: bytes) -> Self:
        """An anchor from its file.

        Raises:
            Malformed: it is none.
        """
        try:
            told = json.loads(text)
            return cls(
                base64.b64decode(told["certificate"], validate=True),
                TrustUse(told["use"]),
                datetime.fromtimestamp(int(told["added_at"]), UTC),
                str(told["ocsp"]),
                tuple(map(str, told["lists"])),
            )
        except (ValueError, KeyError, TypeError, OverflowError, OSError, RecursionError) as error:
            raise Malformed("the file of a trust anchor cannot be read") from error


def _check_name(certificate: bytes, fingerprint: bytes) -> None:
    """Whoever calls himself J-LIS must be J-LIS: its CA certificates are known one by one."""
    with Reading("certificate"):
        subject = x509.load_der_x509_certificate(certificate).subject
        organizations = subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    named = any(unicodedata.normalize("NFKC", str(each.value)).strip().upper() == _JLIS for each in organizations)
    if named and fingerprint not in JLIS_FINGERPRINTS:
        raise UntrustedIssuer("this certificate calls itself J-LIS's, and its fingerprint is none of J-LIS's six")


def _use_of(certificate: bytes) -> TrustUse:
    try:
        return TrustUse(CaCertificate.decode(certificate).kind.value)
    except CertificateRefused:
        if not _is_authority(certificate):
            raise NotAllowed("only certificates of authorities can be trusted") from None
        return TrustUse.TIMESTAMP


def _is_authority(certificate: bytes) -> bool:
    with Reading("certificate"):
        extensions = x509.load_der_x509_certificate(certificate).extensions
    try:
        return bool(extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except x509.ExtensionNotFound:
        return False
