"""Who signed revocation data in an authority's stead, and until when that key is believed.

A list may be signed by another key of the authority's than the one that signs certificates, an answer by whom it
certified for that. Whether they may is `check_path`'s to say, at the moment of which the data speak; that moment they
wrote there themselves. So a key that got lost after its time would still speak of days long past, if nobody asked when
its certificate ended.

Strangers choose the certificates at hand. Only those count that an authority of the path signed, so that nobody can put
one beside a document that ends earlier and makes a list say nothing.

Source: RFC 5280 §6.3.3 (f); RFC 6960 §4.2.2.2; ETSI EN 319 102-1 §5.6.2.2.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import SignatureAlgorithmOID

from warifu.pki.reading import COMPLAINTS

__all__ = ["Signers", "encoded", "genuine"]

_END = datetime.max.replace(tzinfo=UTC)
_COMPLAINTS = (*COMPLAINTS, InvalidSignature)


class Signers:
    """Those that may sign for the first of `authorities`, which lead up to the anchor, with keys of their own."""

    def __init__(self, authorities: Sequence[x509.Certificate], others: Iterable[bytes]) -> None:
        self._keys = [each.public_key() for each in authorities]
        self._others = tuple(each for each in _readable(others) if self._is_genuine(each))

    def _is_genuine(self, certificate: x509.Certificate) -> bool:
        """Whether an authority of the path certified somebody here with another key than the issuer's."""
        return not _has_key(certificate, self._keys[0]) and any(_certified(certificate, key) for key in self._keys)

    def of_list(self, crl: x509.CertificateRevocationList) -> tuple[x509.Certificate, ...]:
        """Whose key signed a list; nobody where it was the issuer's own."""
        if _signed_list(crl, self._keys[0]):
            return ()
        return tuple(each for each in self._others if _signed_list(crl, each.public_key()))

    def of_answer(self, answer: ocsp.OCSPResponse) -> tuple[x509.Certificate, ...]:
        """The same for an answer, whose responder's certificate comes along with it or lies elsewhere."""
        if _signed_answer(answer, self._keys[0]):
            return ()
        inside = tuple(each for each in answer.certificates if self._is_genuine(each))
        both = dict.fromkeys((*inside, *self._others))
        return tuple(each for each in both if _signed_answer(answer, each.public_key()))

    def until(self, signers: Sequence[x509.Certificate], lists: Iterable[bytes] = ()) -> datetime:
        """Until when they are believed: to the end of their certificate, or to when the issuer's lists revoked it."""
        if not signers:
            return _END
        ends = max(each.not_valid_after_utc for each in signers)
        return min((ends, *self._revocations(signers, lists)))

    def _revocations(self, signers: Sequence[x509.Certificate], lists: Iterable[bytes]) -> Iterator[datetime]:
        for crl in filter(None, map(_read_list, lists)):
            if _signed_list(crl, self._keys[0]):
                entries = (crl.get_revoked_certificate_by_serial_number(each.serial_number) for each in signers)
                yield from (entry.revocation_date_utc for entry in entries if entry is not None)


_MOST_GENUINE = 64


def genuine(certificates: Iterable[bytes], anchors: Iterable[bytes]) -> tuple[bytes, ...]:
    """Those certificates that an anchor signed, or one of them that is genuine itself; their rules are not looked at.

    What strangers put beside a document is none, however much it is. There are 64 at most.
    """
    left = dict.fromkeys(_readable(certificates))
    signers = list(_readable(anchors))
    found: list[x509.Certificate] = []
    while signers and len(found) < _MOST_GENUINE:
        signer = signers.pop(0)
        below = [each for each in left if _certified_by(each, signer)]
        for each in below:
            del left[each]
        found += below
        signers += below
    return encoded(found[:_MOST_GENUINE])


def _certified_by(certificate: x509.Certificate, signer: x509.Certificate) -> bool:
    try:
        return _certified(certificate, signer.public_key())
    except _COMPLAINTS:
        return False


def encoded(certificates: Iterable[x509.Certificate]) -> tuple[bytes, ...]:
    """Certificates, DER."""
    return tuple(each.public_bytes(Encoding.DER) for each in certificates)


def _readable(certificates: Iterable[bytes]) -> Iterator[x509.Certificate]:
    for certificate in certificates:
        try:
            yield x509.load_der_x509_certificate(certificate)
        except COMPLAINTS:
            continue


def _read_list(data: bytes) -> x509.CertificateRevocationList | None:
    try:
        return x509.load_der_x509_crl(data)
    except COMPLAINTS:
        return None


def _has_key(certificate: x509.Certificate, key: object) -> bool:
    try:
        return certificate.public_key() == key
    except _COMPLAINTS:
        return True  # which nothing was signed with that could be verified here


def _certified(certificate: x509.Certificate, key: Any) -> bool:
    """Whether a key signed a certificate, whatever it says."""
    try:
        scheme, digest = certificate.signature_algorithm_parameters, certificate.signature_hash_algorithm
        return _verifies(key, certificate.signature, certificate.tbs_certificate_bytes, scheme, digest)
    except _COMPLAINTS:
        return False


def _signed_list(crl: x509.CertificateRevocationList, key: Any) -> bool:
    try:
        return crl.is_signature_valid(key)
    except _COMPLAINTS:
        return False


def _signed_answer(answer: ocsp.OCSPResponse, key: Any) -> bool:
    """Whether a key signed an answer; with RSASSA-PSS, of which no parameters are told here, whether it could have."""
    digest = answer.signature_hash_algorithm
    if answer.signature_algorithm_oid == SignatureAlgorithmOID.RSASSA_PSS:
        return isinstance(key, rsa.RSAPublicKey)
    scheme = None if digest is None else ec.ECDSA(digest)
    if isinstance(key, rsa.RSAPublicKey):
        return _verifies(key, answer.signature, answer.tbs_response_bytes, padding.PKCS1v15(), digest)
    return _verifies(key, answer.signature, answer.tbs_response_bytes, scheme, digest)


def _verifies(key: Any, signature: bytes, data: bytes, scheme: Any, digest: Any) -> bool:
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, data, scheme, digest)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, data, scheme)
        else:
            key.verify(signature, data)
    except _COMPLAINTS:
        return False
    return True
