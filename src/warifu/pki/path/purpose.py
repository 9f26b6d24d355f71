"""What the certificate at the end of a path is to be used for."""

from enum import Enum

from asn1crypto import x509

from warifu.errors import WrongKeyUsage

__all__ = ["Purpose"]


class Purpose(Enum):
    """The use asked of a certificate; key usages, of which one is needed, and what it may say about extended ones."""

    ANY = "any"
    """Whatever it is for."""
    DOCUMENT_SIGNING = "document signing"
    """Signatures on documents: digitalSignature or nonRepudiation (RFC 5280 §4.2.1.3)."""
    TIMESTAMPING = "timestamping"
    """Timestamps: extended key usage critical and timeStamping alone (RFC 3161 §2.3)."""

    def check(self, certificate: x509.Certificate) -> None:
        """Check that the certificate may be used for this.

        Raises:
            WrongKeyUsage: it may not.
        """
        if self is Purpose.ANY:
            return
        usage = certificate.key_usage_value
        if usage is not None and not usage.native & {"digital_signature", "non_repudiation"}:
            raise WrongKeyUsage
        if self is Purpose.TIMESTAMPING:
            _check_timestamping(certificate)


def _check_timestamping(certificate: x509.Certificate) -> None:
    extended = certificate.extended_key_usage_value
    if extended is None or extended.native != ["time_stamping"]:
        raise WrongKeyUsage("the certificate is not for timestamps alone")
    if "extended_key_usage" not in certificate.critical_extensions:
        raise WrongKeyUsage("the extended key usage of a timestamp authority is critical")
