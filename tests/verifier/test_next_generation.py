"""Logins with the next generation of cards: P-384 under a P-384 authority, as strictly as RSA under RSA."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature

from tests.pki import world
from tests.pki.test_next_generation import ORDER_OF_P384
from tests.pki.world import AUTHENTICATION, NEXT_ORDER, SIGNING
from tests.verifier.scene import CHALLENGE, HELD, MOVED, NONCE, Scene, anchors, answer, crl, ocsp
from warifu.errors import (
    Expired,
    RevocationDataRefused,
    Revoked,
    Suspended,
    Tampered,
    UntrustedIssuer,
    WarifuError,
    WrongPolicy,
    WrongProfile,
    WrongSignature,
)
from warifu.messages import LoginAnswer
from warifu.pki import Issuer, KeySigner, OcspResponder, build_authentication_certificate
from warifu.verifier import Anchors, Evidence, Memory, Source

AUTHORITY = world.next_authority(AUTHENTICATION)
HOLDER = world.next_signer(0)
CERTIFICATE = NEXT_ORDER.authentication(AUTHORITY)


def next_anchors(*others: Issuer) -> Anchors:
    """Both P-384 authorities, beside others."""
    return Anchors.load(each.certificate_der for each in (AUTHORITY, world.next_authority(SIGNING), *others))


def next_answer(certificate: bytes = CERTIFICATE, key: KeySigner = HOLDER) -> LoginAnswer:
    return answer(certificate, key=key)


def next_evidence(**changes: Any) -> Evidence:
    return Evidence(ocsp(**{"signed_by": AUTHORITY, "about": AUTHORITY} | changes), NONCE)


@dataclass(frozen=True)
class NextScene(Scene):
    """A good login with the next card."""

    answer: LoginAnswer = next_answer()  # noqa: RUF009 - frozen
    evidence: Evidence = next_evidence()  # noqa: RUF009 - frozen
    anchors: Anchors = next_anchors()  # noqa: RUF009 - never changed


def refused_as(error: type[WarifuError], **changes: object) -> None:
    """The login is refused with exactly this error, and is good without the change."""
    NextScene().check()
    with pytest.raises(error) as refused:
        NextScene().check(**changes)
    assert type(refused.value) is error


# --- what is good -----------------------------------------------------------------------------------------------------


def test_a_good_login_is_verified_by_ocsp() -> None:
    login = NextScene().check()
    assert (login.kind, login.issuer_key_id) == (AUTHENTICATION, AUTHORITY.key_id)
    assert login.not_after == world.NEXT_ENDS


def test_a_good_login_is_verified_by_a_delegated_responder() -> None:
    assert NextScene().check(evidence=next_evidence(signed_by=world.next_responder())).status.source is Source.OCSP


def test_a_good_login_is_verified_by_revocation_list() -> None:
    assert NextScene().check(evidence=Evidence(crl=crl(issuer=AUTHORITY))).status.source is Source.CRL


def test_both_generations_are_believed_side_by_side() -> None:
    both = next_anchors(world.authority(AUTHENTICATION))
    assert NextScene().check(anchors=both).issuer_key_id == AUTHORITY.key_id
    assert Scene().check(anchors=both).issuer_key_id == world.authority(AUTHENTICATION).key_id


def test_a_remembered_certificate_is_good_again_and_its_signature_is_checked_again() -> None:
    memory = Memory()
    NextScene().check(memory=memory)
    assert len(memory) == 1
    NextScene().check(memory=memory)
    refused_as(WrongSignature, memory=memory, answer=next_answer(key=world.next_signer(1)))


def test_the_other_of_the_two_numbers_s_is_as_good() -> None:
    """Whoever sees a signature can write another for the same bytes (FIPS 186-5 §6.4): an answer counts once for its
    nonce, never for its bytes."""
    r, s = decode_dss_signature(next_answer().signature)
    given = next_answer()
    signature = _sequence(r, ORDER_OF_P384 - s)
    assert signature != given.signature
    NextScene().check(answer=replace(given, signature=signature))


# --- what is not ------------------------------------------------------------------------------------------------------


def test_a_generation_that_is_no_anchor_is_refused() -> None:
    refused_as(UntrustedIssuer, anchors=anchors(1, 2))
    refused_as(UntrustedIssuer, anchors=Anchors.load([world.next_authority(AUTHENTICATION, 2).certificate_der]))


def test_a_certificate_of_another_p384_generation_that_claims_the_trusted_key_is_refused() -> None:
    stranger = world.next_authority(AUTHENTICATION, 2)
    refused_as(Tampered, answer=next_answer(world.reissue(CERTIFICATE, stranger, algorithm=hashes.SHA384())))


def test_a_certificate_signed_with_rsa_that_claims_the_trusted_p384_key_is_refused() -> None:
    """The anchor's key decides which algorithm its signatures have."""
    refused_as(Tampered, answer=next_answer(world.reissue(CERTIFICATE, world.authority(AUTHENTICATION))))


@pytest.mark.parametrize("algorithm", [hashes.SHA256(), hashes.SHA512()])
def test_a_certificate_signed_over_another_hash_is_refused(algorithm: hashes.SHA256 | hashes.SHA512) -> None:
    refused_as(Tampered, answer=next_answer(world.reissue(CERTIFICATE, AUTHORITY, algorithm=algorithm)))


def test_a_tampered_certificate_is_refused() -> None:
    spoilt = CERTIFICATE.replace(world.SERIAL.to_bytes(4, "big"), (world.SERIAL + 1).to_bytes(4, "big"), 1)
    assert spoilt != CERTIFICATE
    refused_as(Tampered, answer=next_answer(spoilt))


def with_key(key: Any) -> bytes:
    identifier = (x509.SubjectKeyIdentifier.from_public_key(key), False)
    put: Any = {x509.SubjectKeyIdentifier: identifier}
    return world.reissue(CERTIFICATE, AUTHORITY, public_key=key, algorithm=hashes.SHA384(), put=put)


def test_an_rsa_key_under_a_p384_authority_is_refused() -> None:
    refused_as(WrongProfile, answer=next_answer(with_key(world.signer(0)._key.public_key()), world.signer(0)))


def test_a_key_of_another_curve_under_a_p384_authority_is_refused() -> None:
    other = KeySigner(ec.derive_private_key(9, ec.SECP256R1()))
    refused_as(WrongProfile, answer=next_answer(with_key(other._key.public_key()), other))


def test_a_signing_certificate_is_refused() -> None:
    refused_as(WrongPolicy, answer=next_answer(NEXT_ORDER.signing(world.next_authority(SIGNING))))


def test_an_authentication_certificate_of_the_signing_authority_is_refused() -> None:
    stray = replace(world.next_authority(SIGNING), kind=AUTHENTICATION)
    refused_as(UntrustedIssuer, answer=next_answer(build_authentication_certificate(stray, **vars(NEXT_ORDER))))


def test_an_expired_certificate_is_refused() -> None:
    later = world.NEXT_ENDS + timedelta(seconds=1)
    refused_as(Expired, now=later, expires_at=later)


def test_a_signature_by_another_key_is_refused() -> None:
    refused_as(WrongSignature, answer=next_answer(key=world.next_signer(1)))


def test_a_signature_by_an_rsa_key_is_refused() -> None:
    refused_as(WrongSignature, answer=next_answer(key=world.signer(0)))


def test_a_p384_signature_under_an_rsa_certificate_is_refused() -> None:
    Scene().check()
    with pytest.raises(WrongSignature):
        Scene().check(answer=answer(key=HOLDER))


@pytest.mark.parametrize("algorithm", [hashes.SHA256(), hashes.SHA512(), hashes.SHA3_384()])
def test_a_signature_over_another_hash_is_refused(algorithm: hashes.HashAlgorithm) -> None:
    """SHA-256 is what the challenge is hashed with on today's cards: no downgrade."""
    signature = private().sign(CHALLENGE.encode(), ec.ECDSA(algorithm))
    refused_as(WrongSignature, answer=replace(next_answer(), signature=signature))


def test_a_signature_over_the_digest_for_rsa_is_refused() -> None:
    signature = private().sign(CHALLENGE.digest(), ec.ECDSA(Prehashed(hashes.SHA256())))
    refused_as(WrongSignature, answer=replace(next_answer(), signature=signature))


def test_another_challenge_is_refused() -> None:
    other = replace(CHALLENGE, nonce=bytes(32))
    refused_as(WrongSignature, answer=replace(next_answer(), signature=HOLDER.sign(other.encode())))


def _sequence(r: int, s: int) -> bytes:
    parts = b"".join(b"\x02" + bytes((len(each),)) + each for each in map(_bytes, (r, s)))
    return b"\x30" + bytes((len(parts),)) + parts


def _bytes(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def private() -> ec.EllipticCurvePrivateKey:
    key = HOLDER._key
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


@pytest.mark.parametrize(
    "spoil",
    [
        lambda der: der + b"\0",
        lambda der: der[:-1],
        lambda der: b"\x30\x81" + der[1:],
        lambda der: b"".join(number.to_bytes(48, "big") for number in decode_dss_signature(der)),
        lambda der: _sequence(0, decode_dss_signature(der)[1]),
        lambda der: _sequence(decode_dss_signature(der)[0], 0),
        lambda der: _sequence(decode_dss_signature(der)[0], decode_dss_signature(der)[1] + ORDER_OF_P384),
        lambda _der: b"",
        lambda _der: bytes(96),
        lambda _der: bytes(256),
    ],
    ids=["longer", "shorter", "long length", "as on the card", "r 0", "s 0", "s + n", "none", "zeroes", "as if RSA"],
)
def test_another_form_of_signature_is_refused(spoil: Any) -> None:
    """RFC 3279 §2.2.3: DER, one encoding and not a byte more."""
    given = next_answer()
    refused_as(WrongSignature, answer=replace(given, signature=spoil(given.signature)))


def test_a_revoked_and_a_held_certificate_are_refused() -> None:
    refused_as(Revoked, evidence=next_evidence(status=MOVED))
    refused_as(Suspended, evidence=next_evidence(status=HELD))
    refused_as(Revoked, evidence=Evidence(crl=crl({world.SERIAL: MOVED}, issuer=AUTHORITY)))


@pytest.mark.parametrize(
    "signed_by",
    [world.authority(AUTHENTICATION), world.next_authority(AUTHENTICATION, 2), world.responder()],
    ids=["RSA generation", "another P-384 generation", "responder of the RSA generation"],
)
def test_an_ocsp_answer_by_another_generation_is_refused(signed_by: Issuer | OcspResponder) -> None:
    refused_as(RevocationDataRefused, evidence=next_evidence(signed_by=signed_by))


def test_an_ocsp_responder_with_an_rsa_key_is_refused() -> None:
    """Certified by the right authority, but a chain is as strong as its weaker half."""
    own, rsa_key = world.next_responder(), world.signer(90)
    key: Any = rsa_key._key.public_key()
    certificate = world.reissue(
        own.certificate_der,
        AUTHORITY,
        public_key=key,
        algorithm=hashes.SHA384(),
        put={x509.SubjectKeyIdentifier: (x509.SubjectKeyIdentifier.from_public_key(key), False)},
    )
    refused_as(RevocationDataRefused, evidence=next_evidence(signed_by=OcspResponder(certificate, rsa_key)))


def test_a_revocation_list_by_the_rsa_generation_is_refused() -> None:
    refused_as(RevocationDataRefused, evidence=Evidence(crl=crl()))
