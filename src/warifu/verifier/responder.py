"""Who may sign OCSP answers: the authority itself, or whom it certified for that."""

from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import ExtendedKeyUsageOID

from warifu.errors import RevocationDataRefused
from warifu.pki import OcspAnswer, PublicKey, Reading, UnverifiedCertificate, key_id, public_key_of
from warifu.verifier.anchors import Anchor


def responder_key(answer: OcspAnswer, anchor: Anchor, now: datetime) -> PublicKey:
    """The key that must have signed `answer` about a certificate of `anchor`.

    Raises:
        RevocationDataRefused: the answer names a responder that the authority did not certify, or not for now.
        Malformed, CertificateRefused: a certificate in the answer is not one, or its signature does not verify.

    Source: RFC 6960 §4.2.2.2. A delegated responder's certificate must say that it needs no revocation check
    (id-pkix-ocsp-nocheck), since nobody could answer for it.
    """
    if answer.responder_key_id == anchor.key_id or answer.responder_name == anchor.certificate.subject:
        return anchor.certificate.public_key
    for der in answer.certificates:
        certificate = UnverifiedCertificate.decode(der)
        if _is_named(certificate, answer):
            return _delegated_key(certificate, anchor, now)
    raise RevocationDataRefused("the OCSP answer is signed by somebody else")


def _is_named(certificate: UnverifiedCertificate, answer: OcspAnswer) -> bool:
    if answer.responder_key_id is not None:
        return key_id(certificate.public_key_info) == answer.responder_key_id
    return certificate.subject == answer.responder_name


def _delegated_key(certificate: UnverifiedCertificate, anchor: Anchor, now: datetime) -> PublicKey:
    if (certificate.issuer, certificate.authority_key_id) != (anchor.certificate.subject, anchor.key_id):
        raise RevocationDataRefused("another authority certified the OCSP responder")
    anchor.check_issued(certificate)
    if not certificate.not_before <= now <= certificate.not_after:
        raise RevocationDataRefused("the OCSP responder's certificate is not valid now")
    with Reading("OCSP responder's certificate"):
        _check_may_answer(certificate.certificate.extensions)
    key = public_key_of(certificate)
    if isinstance(key, RSAPublicKey) is not isinstance(anchor.certificate.public_key, RSAPublicKey):
        raise RevocationDataRefused("the OCSP responder's key is of another kind than its authority's")
    return key


def _check_may_answer(extensions: x509.Extensions) -> None:
    try:
        usage = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        extensions.get_extension_for_class(x509.OCSPNoCheck)
    except x509.ExtensionNotFound as error:
        raise RevocationDataRefused("the OCSP responder's certificate is of another use") from error
    if ExtendedKeyUsageOID.OCSP_SIGNING not in usage:
        raise RevocationDataRefused("the OCSP responder's certificate is not for OCSP")
