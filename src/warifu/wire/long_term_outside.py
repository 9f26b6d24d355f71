"""Gathering what proves signers outside of JPKI good, to be put into their documents (baseline B-LT).

Whom to believe and where to ask stands in the trust store, with the authorities trusted for such signers; as
everywhere, never in a certificate.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from cryptography import x509

from warifu.documents import Material
from warifu.errors import CertificateRefused, Malformed, StatusUnknown, Unavailable, UntrustedIssuer
from warifu.pki import OcspRequest, issuer_hashes
from warifu.pki.path import Checking, Path, Purpose, check_path, check_purpose
from warifu.ports import Entropy
from warifu.wire.authority import OcspClient
from warifu.wire.verification import CheckedTransport, TrustedAnchor, TrustUse

__all__ = ["gather_outside", "signs_documents"]

_NONCE = 32


def signs_documents(certificate: bytes) -> bool:
    """Whether a certificate is one for documents: no authority's, no timestamp unit's, no responder's."""
    try:
        check_purpose(certificate, Purpose.DOCUMENT_SIGNING)
    except (CertificateRefused, Malformed):
        return False
    return True


def gather_outside(
    certificates: Sequence[bytes],
    pool: Iterable[bytes],
    trusted: Sequence[TrustedAnchor],
    crls: Sequence[bytes],
    now: datetime,
    entropy: Entropy,
) -> Material:
    """Evidence about each of the certificates for documents that leads to an authority trusted for other signers.

    `crls` are lists at hand, with those of the trust store's addresses. About signers whom nobody vouches for there is
    no evidence, and none is missed: their signatures are good for nobody here.

    Raises:
        Unavailable: nobody tells whether a certificate of a path is in effect.
        CertificateRefused: one has been revoked, or has another fault.
    """
    anchors = [each for each in trusted if each.use is TrustUse.SIGNER]
    roots = [each.certificate for each in anchors]
    others, material = tuple(pool), Material()
    for signer in filter(signs_documents, certificates if anchors else ()):
        try:
            path = check_path(signer, others, roots, now, purpose=Purpose.DOCUMENT_SIGNING, checking=Checking.NONE)
        except UntrustedIssuer:
            continue
        address = next(each.ocsp for each in anchors if each.certificate == path.certificates[-1])
        answers = tuple(_answers(path, address, entropy)) if address else ()
        _check(signer, path, crls, answers, now)
        material += Material(path.certificates[1:], tuple(crls), answers)
    return material


def _answers(path: Path, address: str, entropy: Entropy) -> Iterator[bytes]:
    """What the anchor's service knows about the certificates under it; it may know of some only."""
    read = [x509.load_der_x509_certificate(each) for each in path.certificates]
    with OcspClient({}, entropy, transport=CheckedTransport()) as client:
        for certificate, issuer in pairwise(read):
            nonce = entropy.bytes(_NONCE)
            asked = OcspRequest("sha1", *issuer_hashes(issuer, "sha1"), certificate.serial_number, nonce)
            answer = client.ask(address, asked.encode())
            if answer is not None:
                yield answer


def _check(signer: bytes, path: Path, crls: Sequence[bytes], ocsps: Sequence[bytes], now: datetime) -> None:
    """Check as a verifier will: a document that says for ever that its signer was revoked helps nobody."""
    try:
        check_path(signer, path.certificates[1:-1], path.certificates[-1:], now, crls=crls, ocsps=ocsps)
    except StatusUnknown as error:
        raise Unavailable("no list and no answer tells about each certificate of the signer's path") from error
