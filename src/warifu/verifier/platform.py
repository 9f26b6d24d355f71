"""The platform operator (プラットフォーム事業者): opens what the signing API gave a service provider, and judges it.

A service provider cannot open the result of the signing API: it hands it, with what it had submitted for signing, to
the operator that it has a contract with. The operator decrypts it, verifies the signature and the signing certificate
(署名検証者, 公的個人認証法 第17条), and answers with what the certificate says and with an identifier of the holder
that is good for this service provider only.

The signature is RSASSA-PKCS1-v1_5 over a DigestInfo, or over the bare 32 bytes of the SHA-256 value, which ordinary
verifiers refuse: a card pads what it is given. Both are verified here, by recovering what stands inside the padding and
comparing all of it, and the answer says which it was.

Source: docs.p8n.app (auth-client, start-sign, get-sign, verification-result). Modelled: the members of the result
(`RESULT_MEMBERS`), and that a bare digest is signed without DigestInfo.
"""

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from warifu.errors import Expired, Malformed, NotYetValid, UntrustedIssuer, WrongSignature
from warifu.messages import SigningAnswer, SigningData, SigningForm
from warifu.messages import json as messages_json
from warifu.pki import CertificateKind, EndEntityCertificate, UnverifiedCertificate
from warifu.verifier.anchors import Anchor, Anchors
from warifu.verifier.login import Needs, subject_key
from warifu.verifier.memory import SeenRevocations
from warifu.verifier.policy import Policy
from warifu.verifier.revocation import Confirmation, Evidence, check_status

if TYPE_CHECKING:
    from joserfc.jwk import ECKey, RSAKey

__all__ = [
    "RESULT_MEMBERS",
    "OperatorKey",
    "VerifiedSigning",
    "check_signing",
    "open_result",
    "signed_form",
    "signing_needs",
    "write_result",
]

RESULT_MEMBERS = {"signature": "signature", "certificate": "certificate"}
"""Modelled: how the members of the decrypted result are called, each base64 of its bytes."""
_MAX_RESULT = 32 * 1024
_PKCS1 = padding.PKCS1v15()
_DEFAULT_POLICY = Policy()
_USER_TAG = b"warifu platform user 1\n\0"


@dataclass(frozen=True, slots=True, repr=False)
class OperatorKey:
    """The private key that opens results, and with which algorithms it does."""

    key: "ECKey | RSAKey"
    algorithms: tuple[str, ...] = ("ECDH-ES+A256KW", "A256GCM")

    def public_jwks(self) -> dict[str, list[dict[str, Any]]]:
        """What the provider encrypts for (RFC 7517 §5)."""
        public = dict(self.key.as_dict(private=False))
        return {"keys": [public | {"kid": self.key.thumbprint(), "use": "enc", "alg": self.algorithms[0]}]}


@dataclass(frozen=True, slots=True, repr=False)
class VerifiedSigning:
    """Whose signing key signed, in which form, and that the certificate was good."""

    certificate: EndEntityCertificate
    form: SigningForm
    status: Confirmation
    issuer_key_id: bytes
    _serial_number: int = field(compare=False)

    def __repr__(self) -> str:
        return f"VerifiedSigning({self.form.value}, {self.status.source.value})"

    def user_id(self, secret: bytes, service_provider: str) -> str:
        """The holder at one service provider: 128 bits of a keyed hash in hex; elsewhere it is another one.

        A certificate that replaces this one gives another value: only J-LIS knows which succeeds which.
        """
        key = hmac.digest(secret, _USER_TAG + service_provider.encode(), hashlib.sha256)
        return subject_key(self.issuer_key_id, self._serial_number, key)[:16].hex()


def open_result(result: str, keys: Sequence[OperatorKey]) -> SigningAnswer:
    """Decrypt a result (compact JWE, RFC 7516 §3.1) with whichever key it is for.

    Raises:
        Malformed: none of the keys opens it, or what is inside is no result.
    """
    from joserfc import jwe  # who only verifies logins and documents does not have it
    from joserfc.errors import JoseError

    if len(result) > _MAX_RESULT or not result.isascii():
        raise Malformed("the result is too long or not ASCII")
    for key in keys:
        try:
            opened = jwe.decrypt_compact(result, key.key, algorithms=list(key.algorithms)).plaintext
        except (JoseError, ValueError, TypeError, KeyError, RecursionError):
            continue
        return _read_result(opened or b"")
    raise Malformed("no key of this operator opens the result")


def _read_result(plain: bytes) -> SigningAnswer:
    names = RESULT_MEMBERS
    members = messages_json.load(plain, {names["signature"]: str, names["certificate"]: str})
    return SigningAnswer(*(messages_json.from_base64(members[names[name]]) for name in ("certificate", "signature")))


def write_result(answer: SigningAnswer) -> bytes:
    """What is encrypted for the operator."""
    values = {"signature": answer.signature, "certificate": answer.unverified_certificate}
    members = {RESULT_MEMBERS[name]: messages_json.to_base64(value) for name, value in values.items()}
    return json.dumps(members, separators=(",", ":")).encode()


def signed_form(answer: SigningAnswer, data: SigningData) -> SigningForm:
    """Which of the two forms the certified key signed; the certificate's issuer is not looked at.

    The whole content of the padding is compared, so nothing can stand behind a DigestInfo (RFC 8017 §8.2.2).

    Raises:
        Malformed, WrongPolicy, WrongKeyUsage, WrongProfile: not a signing certificate.
        WrongSignature: it signed something else.
    """
    certificate = EndEntityCertificate.check(
        UnverifiedCertificate.decode(answer.unverified_certificate), CertificateKind.SIGNING
    )
    return _form_of(certificate, answer.signature, data.digest)


def _form_of(certificate: EndEntityCertificate, signature: bytes, digest: bytes) -> SigningForm:
    key = certificate.public_key
    if not isinstance(key, rsa.RSAPublicKey):
        raise WrongSignature("the signing API has signatures with RSA only")
    try:
        inside = key.recover_data_from_signature(signature, _PKCS1, None)
    except InvalidSignature as error:
        raise WrongSignature from error
    for form in SigningForm:
        if hmac.compare_digest(inside, SigningData(digest, form).encode()):
            return form
    raise WrongSignature("the signature is over something else")


def signing_needs(unverified_certificate: bytes, anchors: Anchors, *, policy: Policy = _DEFAULT_POLICY) -> Needs:
    """What to gather about a signing certificate, after an anchor's signature on it has been verified.

    Raises:
        Malformed, UntrustedIssuer, Tampered, WrongProfile, WrongPolicy, WrongKeyUsage: not one of a trusted authority.
        StatusUnknown: it is a real one and this verifier is not certified, so nobody is asked about it.
    """
    anchor, certificate = _trusted(unverified_certificate, anchors)
    policy.verifier.check_may_confirm(real=anchor.real)
    return Needs(
        anchor.key_id,
        certificate.ocsp_address,
        certificate.distribution_point,
        anchor.hashes["sha1"],
        certificate.serial_number,
    )


def check_signing(
    answer: SigningAnswer,
    data: SigningData,
    evidence: Evidence,
    anchors: Anchors,
    now: datetime,
    *,
    policy: Policy = _DEFAULT_POLICY,
    seen: SeenRevocations | None = None,
) -> VerifiedSigning:
    """Check the certificate, that its key signed `data`, and its status at this moment, in this order.

    Expired comes before the signature, and the status last, as at a login.

    Raises:
        Malformed, UntrustedIssuer, Tampered, WrongProfile, WrongPolicy, WrongKeyUsage: as `signing_needs`.
        NotYetValid, Expired: at this moment.
        WrongSignature: the key signed something else.
        Revoked, Suspended, NeverIssued, RevocationDataRefused, StatusUnknown: as `check_status`.
    """
    anchor, certificate = _trusted(answer.unverified_certificate, anchors)
    second = now.replace(microsecond=0)
    if second < certificate.not_before:
        raise NotYetValid
    if second > min(certificate.not_after, anchor.certificate.not_after):
        raise Expired
    form = _form_of(certificate, answer.signature, data.digest)
    policy.verifier.check_may_confirm(real=anchor.real)
    confirmation = check_status(certificate, anchor, evidence, now, policy, seen)
    return VerifiedSigning(certificate, form, confirmation, anchor.key_id, certificate.serial_number)


def _trusted(der: bytes, anchors: Anchors) -> tuple[Anchor, EndEntityCertificate]:
    unverified = UnverifiedCertificate.decode(der)
    anchor = anchors.find(unverified.issuer, unverified.authority_key_id)
    anchor.check_issued(unverified)
    certificate = EndEntityCertificate.check(unverified, CertificateKind.SIGNING)
    if anchor.kind is not certificate.kind:
        raise UntrustedIssuer("this authority does not issue signing certificates")
    return anchor, certificate
