"""Whom the verifier trusts: the certificates of authorities, every generation on its own."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from warifu.errors import Tampered, UntrustedIssuer, WrongSignature
from warifu.pki import CaCertificate, CertificateKind, UnverifiedCertificate, check_signature, issuer_hashes

JLIS_FINGERPRINTS = frozenset(
    bytes.fromhex(fingerprint)
    for fingerprint in (
        "19645405a1fe14377434bd55957628ac4038557c542403a2243f21c706fc9355",  # signing, 2015
        "79679c33e4cc9319440f1ad120a597ff1844e2ef217063adb176966fd5e6fbeb",  # signing, 2019
        "d227f6cde11d35c5252178f106f843d24651944975413b539fa2fb68dbfa365f",  # signing, 2023
        "4dcfc4ca0aaf9fb2a3081b3f0c991c320b3acc008667a341eeaec5af1d58ca7d",  # authentication, 2015
        "0d98de47fc11b7f67126874b7028b6026a803d2638d6edfe53176953961fade6",  # authentication, 2019
        "64114f29620c24ed2631d46476a040e7ee740d956089c00b036a6a8118c322b5",  # authentication, 2023
    )
)
"""SHA-256 of J-LIS's six CA certificates.

Source: the certificates at https://www.jpki.go.jp/ca/pdf/ (signca01.cer to authca03.cer) as kept by
github.com/jpki/myna (src/ta) and github.com/MynaWallet/monorepo (packages/certs).
"""


@dataclass(frozen=True)
class Anchor:
    """One trusted generation of an authority."""

    certificate: CaCertificate

    @cached_property
    def fingerprint(self) -> bytes:
        """SHA-256 of the certificate."""
        return hashlib.sha256(self.certificate.der).digest()

    @cached_property
    def real(self) -> bool:
        """Whether this is one of J-LIS's own, by its pinned fingerprint."""
        return self.fingerprint in JLIS_FINGERPRINTS

    @property
    def kind(self) -> CertificateKind:
        """Which certificates it issues."""
        return self.certificate.kind

    @property
    def key_id(self) -> bytes:
        """The identifier of its key, 20 bytes."""
        return self.certificate.key_id

    @cached_property
    def hashes(self) -> Mapping[str, tuple[bytes, bytes]]:
        """Its name and key as OCSP's CertIDs name them, by digest."""
        certificate = self.certificate.unverified.certificate
        return {name: issuer_hashes(certificate, name) for name in ("sha1", "sha256", "sha384", "sha512")}

    def check_issued(self, certificate: UnverifiedCertificate) -> None:
        """Check that this generation's key signed `certificate`.

        Raises:
            Tampered: it did not.
        """
        try:
            check_signature(
                self.certificate.public_key, certificate.algorithm, certificate.signature, certificate.signed
            )
        except WrongSignature as error:
            raise Tampered from error


class Anchors:
    """The trusted generations; those of one name are told apart by the identifier of their key."""

    def __init__(self, anchors: Iterable[Anchor]) -> None:
        self._anchors = {(anchor.certificate.subject, anchor.key_id): anchor for anchor in anchors}
        self._fingerprints = frozenset(anchor.fingerprint for anchor in self._anchors.values())

    @classmethod
    def load(cls, certificates: Iterable[bytes]) -> Self:
        """Trust these CA certificates, DER.

        Raises:
            Malformed: one is not a certificate.
            CertificateRefused: one does not have the profile of an authority.
        """
        return cls(Anchor(CaCertificate.decode(certificate)) for certificate in certificates)

    def __len__(self) -> int:
        return len(self._anchors)

    def __contains__(self, anchor: Anchor) -> bool:
        return anchor.fingerprint in self._fingerprints

    def of_key(self, key_id: bytes) -> Anchor:
        """The anchor whose key has this identifier.

        Raises:
            UntrustedIssuer: there is none.
        """
        for anchor in self._anchors.values():
            if anchor.key_id == key_id:
                return anchor
        raise UntrustedIssuer

    def find(self, issuer: bytes, key_id: bytes | None) -> Anchor:
        """The anchor with this name (DER) and key.

        Raises:
            UntrustedIssuer: there is none: another authority, or another generation of the same name.
        """
        anchor = None if key_id is None else self._anchors.get((issuer, key_id))
        if anchor is None:
            raise UntrustedIssuer
        return anchor
