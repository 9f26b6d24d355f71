"""What a bundle holds: which part is what, by its name."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from warifu.documents import FoundSignature
from warifu.errors import Malformed, UntrustedIssuer
from warifu.pki import UnverifiedCertificate
from warifu.verifier.anchors import Anchor, Anchors
from warifu.verifier.material import Material

__all__ = ["REPORT", "joined", "material_of", "parts_of"]

REPORT = "report.json"
_CERTIFICATE, _CRL, _OCSP, _TOKEN = (
    "certificates/{}.cer",
    "revocation/{}.crl",
    "revocation/{}.ocsp",
    "timestamps/{}.tst",
)


def parts_of(
    found: Sequence[FoundSignature], anchors: Anchors, material: Material
) -> tuple[dict[str, bytes], tuple[bytes, ...]]:
    """What goes into a bundle, by name, and the SHA-256 of each thing that stays with the verifier."""
    issuers = [anchor for each in found if (anchor := _anchor(each, anchors)) is not None]
    parts = _Parts()
    for anchor in issuers:
        parts.add(_CERTIFICATE, anchor.certificate.unverified.der)
    parts.add(_CERTIFICATE, *material.certificates)
    lists, answers = [crl for crl in material.crls if isinstance(crl, bytes)], list(material.ocsps)
    for place, each in enumerate(found):
        parts.add(_CERTIFICATE, *each.certificates, *(() if each.certificate is None else (each.certificate,)))
        parts.add(_TOKEN, *(stamp.token for stamp in each.timestamps))
        parts.add(f"signatures/{place}.signed", each.signed)
        parts.add(f"signatures/{place}.value", each.signature)
        lists += each.crls
        answers += each.ocsps
    if any(anchor.real for anchor in issuers):
        return parts.named, tuple(dict.fromkeys(hashlib.sha256(data).digest() for data in (*lists, *answers)))
    parts.add(_CRL, *lists)
    parts.add(_OCSP, *answers)
    return parts.named, ()


def material_of(parts: Mapping[str, bytes]) -> Material:
    """Certificates and revocation data among the parts."""

    def under(name: str) -> tuple[bytes, ...]:
        before, _, after = name.partition("{}")
        return tuple(part for called, part in parts.items() if called.startswith(before) and called.endswith(after))

    return Material(under(_CERTIFICATE), under(_CRL), under(_OCSP))


def joined(material: Material, kept: Material, digests: Iterable[bytes]) -> Material:
    """The material with what the verifier kept, as far as the bundle names it."""
    named = set(digests)
    lists = [crl for crl in kept.crls if isinstance(crl, bytes) and hashlib.sha256(crl).digest() in named]
    answers = [ocsp for ocsp in kept.ocsps if hashlib.sha256(ocsp).digest() in named]
    return Material(material.certificates, (*material.crls, *lists), (*material.ocsps, *answers))


class _Parts:
    """Parts by name; the same thing is there once, under the name that it had first."""

    def __init__(self) -> None:
        self.named: dict[str, bytes] = {}
        self._seen: set[bytes] = set()

    def add(self, name: str, *parts: bytes) -> None:
        for part in parts:
            digest = hashlib.sha256(part).digest()
            if part and digest not in self._seen:
                self._seen.add(digest)
                self.named[name.format(digest.hex()[:32])] = part


def _anchor(found: FoundSignature, anchors: Anchors) -> Anchor | None:
    if found.certificate is None:
        return None
    try:
        unverified = UnverifiedCertificate.decode(found.certificate)
        return anchors.find(unverified.issuer, unverified.authority_key_id)
    except (Malformed, UntrustedIssuer):
        return None
