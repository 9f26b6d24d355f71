"""What the certificate at the end of a path is to be used for."""

from enum import Enum

from asn1crypto import x509

from warifu.errors import Malformed, WrongKeyUsage

__all__ = ["Purpose", "check_purpose"]

_DOCUMENTS = frozenset(
    {
        "2.5.29.37.0",  # any
        "1.3.6.1.5.5.7.3.4",  # e-mail
        "1.3.6.1.5.5.7.3.36",  # id-kp-documentSigning (RFC 9336)
        "1.2.840.113583.1.1.5",  # Adobe's, for PDF
        "1.3.6.1.4.1.311.10.3.12",  # Microsoft's
    }
)
"""Extended key usages that cover documents."""


class Purpose(Enum):
    """The use asked of a certificate; key usages, of which one is needed, and what it may say about extended ones."""

    ANY = "any"
    """Whatever it is for."""
    DOCUMENT_SIGNING = "document signing"
    """Signatures on documents: digitalSignature or nonRepudiation (RFC 5280 §4.2.1.3); not an authority's own.

    Extended key usages, if there are any, have one for documents or e-mail, or any (RFC 5280 §4.2.1.12, RFC 9336).
    """
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
        else:
            _check_documents(certificate)


def check_purpose(certificate: bytes, purpose: Purpose) -> None:
    """Check that a certificate, DER, may be used for this, whoever issued it.

    Raises:
        Malformed: it is no certificate.
        WrongKeyUsage: it may not.
    """
    try:
        purpose.check(x509.Certificate.load(certificate, strict=True))
    except (ValueError, TypeError, KeyError) as error:
        raise Malformed("a certificate is not well-formed") from error


def _check_documents(certificate: x509.Certificate) -> None:
    if certificate.ca:
        raise WrongKeyUsage("the certificate is an authority's")
    extended = certificate.extended_key_usage_value
    if extended is not None and not _DOCUMENTS & {each.dotted for each in extended}:
        raise WrongKeyUsage("the certificate is for something else than documents")


def _check_timestamping(certificate: x509.Certificate) -> None:
    extended = certificate.extended_key_usage_value
    if extended is None or extended.native != ["time_stamping"]:
        raise WrongKeyUsage("the certificate is not for timestamps alone")
    if "extended_key_usage" not in certificate.critical_extensions:
        raise WrongKeyUsage("the extended key usage of a timestamp authority is critical")
