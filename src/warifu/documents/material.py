"""What proves that certificates were good when a document was signed."""

from dataclasses import dataclass, field
from typing import Self

from asn1crypto import crl, ocsp, x509

from warifu.errors import Malformed

__all__ = ["Material"]


@dataclass(frozen=True, slots=True)
class Material:
    """Certificates and revocation data to put into a document, each DER: the signer's, and those of timestamps.

    Wire: `certificates` of RFC 5280 §4.1, `crls` of §5.1 (CertificateList), `ocsps` of RFC 6960 §4.2.1, the whole
    OCSPResponse of a responder that answered.

    Raises:
        Malformed: one of them is something else.
    """

    certificates: tuple[bytes, ...] = field(default=(), repr=False)
    crls: tuple[bytes, ...] = field(default=(), repr=False)
    ocsps: tuple[bytes, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        try:
            for certificate in self.certificates:
                _ = x509.Certificate.load(certificate, strict=True)["tbs_certificate"]["subject_public_key_info"].native
            for revoked in self.crls:
                _ = crl.CertificateList.load(revoked, strict=True)["tbs_cert_list"]["this_update"].native
            for answer in self.ocsps:
                _ = ocsp.OCSPResponse.load(answer, strict=True).response_data["produced_at"].native
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise Malformed("evidence is made of certificates, revocation lists and OCSP answers") from error

    def __add__(self, other: Self) -> Self:
        """Everything of both, each thing once."""
        return type(self)(
            tuple(dict.fromkeys(self.certificates + other.certificates)),
            tuple(dict.fromkeys(self.crls + other.crls)),
            tuple(dict.fromkeys(self.ocsps + other.ocsps)),
        )

    @property
    def proves(self) -> bool:
        """Whether there is any revocation data, without which nothing of it proves much."""
        return bool(self.crls or self.ocsps)
