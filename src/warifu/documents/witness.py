"""Who signs a document: a certificate, and somebody who has its key."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from asn1crypto import x509
from pyhanko.sign import Signer
from pyhanko_certvalidator.registry import SimpleCertificateStore

from warifu.errors import Malformed, WrongKeyUsage
from warifu.pki import CaCertificate, CertificateKind, EndEntityCertificate

__all__ = ["CardSigner", "Witness"]

SignDigest = Callable[[bytes], bytes]
"""Signs a digest: RSA by RSASSA-PKCS1-v1_5 with SHA-256, P-384 by ECDSA with SHA-384 as DER. Asked once a document."""


@dataclass(frozen=True)
class Witness:
    """A holder's certificate, the authority's that issued it (both DER), and what signs a digest with its key.

    Raises:
        Malformed: one of the certificates is none.
        WrongProfile, WrongPolicy, WrongKeyUsage: they are not JPKI certificates, or not for signing.
    """

    certificate: bytes = field(repr=False)
    authority_certificate: bytes = field(repr=False)
    sign: SignDigest = field(repr=False)

    def __post_init__(self) -> None:
        CaCertificate.decode(self.authority_certificate)
        if EndEntityCertificate.decode(self.certificate).kind is not CertificateKind.SIGNING:
            raise WrongKeyUsage("documents are signed with a signing certificate")

    @cached_property
    def hash_name(self) -> str:
        """The hash that its key signs with: sha256 for RSA, sha384 for P-384."""
        algorithm = x509.Certificate.load(self.certificate).public_key.algorithm
        return "sha256" if algorithm == "rsa" else "sha384"


class CardSigner(Signer):  # type: ignore[misc]  # pyHanko tells no types here
    """A witness as pyHanko wants its signers."""

    def __init__(self, witness: Witness) -> None:
        own = x509.Certificate.load(witness.certificate)
        store = SimpleCertificateStore.from_certs([x509.Certificate.load(witness.authority_certificate)])
        super().__init__(signing_cert=own, cert_registry=store)
        self._witness = witness

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        """Have the digest of `data` signed; a dry run only asks how long a signature is."""
        if digest_algorithm != self._witness.hash_name:
            raise Malformed(f"this key signs {self._witness.hash_name} digests only")
        if dry_run:
            return bytes(_longest(self.signing_cert))
        return self._witness.sign(hashlib.new(digest_algorithm, data).digest())


def _longest(certificate: Any) -> int:
    """Bytes of the longest signature by this certificate's key; an ECDSA signature is DER of two integers."""
    key = certificate.public_key
    return int(key.byte_size) if key.algorithm == "rsa" else 2 * (key.bit_size // 8) + 9
