from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.pki import world
from tests.pki.world import AUTHENTICATION, NOW, SIGNING
from tests.verifier.scene import CHALLENGE, NONCE, Scene, anchors, answer, crl, ocsp
from warifu.errors import (
    ChallengeExpired,
    Expired,
    Malformed,
    NotYetValid,
    StatusUnknown,
    Tampered,
    UntrustedIssuer,
    WarifuError,
    WrongClient,
    WrongKeyUsage,
    WrongNonce,
    WrongOrigin,
    WrongPolicy,
    WrongProfile,
    WrongSignature,
    WrongTransaction,
)
from warifu.messages import LoginAnswer
from warifu.pki import build_authentication_certificate
from warifu.town import pool
from warifu.verifier import Evidence, SignedLogin, Source, check_signed, confirm_login


def refused_as(error: type[WarifuError], **changes: object) -> None:
    """The login is refused with exactly this error, and is good without the change."""
    Scene().check()
    with pytest.raises(error) as refused:
        Scene().check(**changes)
    assert type(refused.value) is error


# --- what is good -----------------------------------------------------------------------------------------------------


def test_a_good_login_is_verified_by_ocsp() -> None:
    login = Scene().check()
    assert login.kind is AUTHENTICATION
    assert login.issuer_key_id == world.authority(AUTHENTICATION).key_id
    assert login.not_after == world.ENDS
    assert login.checked_at == NOW
    assert (login.status.source, login.status.as_of) == (Source.OCSP, NOW - timedelta(minutes=1))


def test_a_good_login_is_verified_by_revocation_list() -> None:
    login = Scene().check(evidence=Evidence(crl=crl()))
    assert (login.status.source, login.status.as_of) == (Source.CRL, NOW - timedelta(hours=1))


def test_a_generation_that_is_an_anchor_is_trusted_beside_another() -> None:
    """All generations share one name; the key identifier tells them apart."""
    second = world.authority(AUTHENTICATION, 2)
    given = answer(world.authentication_certificate(second))
    evidence = Evidence(ocsp(signed_by=second, about=second), NONCE)
    login = Scene().check(answer=given, evidence=evidence, anchors=anchors(1, 2))
    assert login.issuer_key_id == second.key_id


def test_the_login_does_not_tell_the_serial_number() -> None:
    """公的個人認証法 第63条: only a keyed hash leaves the verifier."""
    shown = repr(Scene().check())
    assert str(world.SERIAL) not in shown
    assert f"{world.SERIAL:x}" not in shown.lower()


def test_the_subject_key_is_the_same_for_each_login_with_one_certificate() -> None:
    first, second = Scene().check(), Scene().check(evidence=Evidence(crl=crl()))
    assert first.subject_key(b"s") == second.subject_key(b"s")
    assert len(first.subject_key(b"s")) == 32


def test_the_subject_key_differs_by_secret_serial_number_and_generation() -> None:
    other = world.SERIAL + 1
    of_other = Scene().check(
        answer=answer(world.authentication_certificate(serial_number=other)),
        evidence=Evidence(ocsp(serial_number=other), NONCE),
    )
    second = world.authority(AUTHENTICATION, 2)
    of_second = Scene().check(
        answer=answer(world.authentication_certificate(second)),
        evidence=Evidence(ocsp(signed_by=second, about=second), NONCE),
        anchors=anchors(2),
    )
    keys = {Scene().check().subject_key(b"s"), Scene().check().subject_key(b"t")}
    assert len(keys | {of_other.subject_key(b"s"), of_second.subject_key(b"s")}) == 4


@pytest.mark.parametrize("moment", [world.ISSUED, world.ENDS, world.ENDS.replace(microsecond=999_999)])
def test_a_certificate_is_valid_from_its_first_to_its_last_second(moment: object) -> None:
    """RFC 5280 §4.1.2.5: both ends are included."""
    evidence = Evidence(crl=crl(this_update=moment))  # type: ignore[arg-type]
    assert Scene().check(now=moment, evidence=evidence, expires_at=moment).checked_at == moment


# --- the challenge ----------------------------------------------------------------------------------------------------


def test_a_challenge_of_another_origin_is_refused() -> None:
    refused_as(WrongOrigin, answer=answer(signed=replace(CHALLENGE, origin="http://evil.localhost")))


def test_a_challenge_of_another_client_is_refused() -> None:
    refused_as(WrongClient, answer=answer(signed=replace(CHALLENGE, client="casino")))


def test_a_challenge_of_another_transaction_is_refused() -> None:
    refused_as(WrongTransaction, answer=answer(signed=replace(CHALLENGE, transaction="tx-2")))


def test_a_challenge_of_another_nonce_is_refused() -> None:
    refused_as(WrongNonce, answer=answer(signed=replace(CHALLENGE, nonce=bytes(32))))


def test_an_answer_in_time_is_good_and_one_too_late_is_refused() -> None:
    Scene().check(expires_at=NOW)
    refused_as(ChallengeExpired, expires_at=NOW - timedelta(seconds=1))


# --- the certificate --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spoil", [lambda der: der[:-1], lambda der: der + b"\0", lambda _der: b"not DER"])
def test_a_malformed_certificate_is_refused(spoil: object) -> None:
    der = spoil(world.authentication_certificate())  # type: ignore[operator]
    refused_as(Malformed, answer=answer(der))


def test_a_certificate_of_an_unknown_authority_is_refused() -> None:
    refused_as(UntrustedIssuer, anchors=anchors(2, 3))


def test_a_certificate_of_another_generation_of_the_same_name_is_refused() -> None:
    """J-LIS's three generations share one name: only the key identifier and the signature tell them apart."""
    refused_as(UntrustedIssuer, answer=answer(world.authentication_certificate(world.authority(AUTHENTICATION, 2))))


def test_a_certificate_of_another_generation_that_claims_the_trusted_key_is_refused() -> None:
    certificate = world.reissue(world.authentication_certificate(), world.authority(AUTHENTICATION, 2))
    refused_as(Tampered, answer=answer(certificate))


def test_a_certificate_without_authority_key_identifier_is_refused() -> None:
    issuer = world.authority(AUTHENTICATION)
    certificate = world.reissue(world.authentication_certificate(), issuer, put={x509.AuthorityKeyIdentifier: None})
    refused_as(UntrustedIssuer, answer=answer(certificate))


def test_an_authentication_certificate_of_the_signing_authority_is_refused() -> None:
    """The signing authority's anchor is there, but it issues no authentication certificates."""
    stray = replace(world.authority(SIGNING), kind=AUTHENTICATION)
    certificate = build_authentication_certificate(stray, **vars(world.ORDER))
    refused_as(UntrustedIssuer, answer=answer(certificate))


def test_a_tampered_certificate_is_refused() -> None:
    certificate = world.authentication_certificate()
    serial_number = world.SERIAL.to_bytes(4, "big")
    tampered = certificate.replace(serial_number, (world.SERIAL + 1).to_bytes(4, "big"), 1)
    assert tampered != certificate
    refused_as(Tampered, answer=answer(tampered))


def test_a_tampered_issuer_signature_is_refused() -> None:
    certificate = bytearray(world.authentication_certificate())
    certificate[-1] ^= 1
    refused_as(Tampered, answer=answer(bytes(certificate)))


def test_a_certificate_signed_with_another_algorithm_is_refused() -> None:
    """By the right key, but with SHA-512: no signature that the profile knows."""
    issuer = world.authority(AUTHENTICATION)
    certificate = world.reissue(world.authentication_certificate(), issuer, algorithm=hashes.SHA512())
    refused_as(Tampered, answer=answer(certificate))


def changed(value: x509.ExtensionType, critical: bool) -> LoginAnswer:
    issuer = world.authority(AUTHENTICATION)
    return answer(world.reissue(world.authentication_certificate(), issuer, put={type(value): (value, critical)}))


def test_another_policy_is_refused() -> None:
    other = x509.PolicyInformation(x509.ObjectIdentifier("1.2.392.200149.8.5.1.0.20"), [world.ADDRESSES.cps])
    refused_as(WrongPolicy, answer=changed(x509.CertificatePolicies([other]), True))


def test_a_signing_certificate_is_refused() -> None:
    refused_as(WrongPolicy, answer=answer(world.signing_certificate()))


def test_another_key_usage_is_refused() -> None:
    usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
    refused_as(WrongKeyUsage, answer=changed(usage, True))


def test_another_extended_key_usage_is_refused() -> None:
    refused_as(WrongKeyUsage, answer=changed(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False))


def test_another_profile_is_refused() -> None:
    issuer = world.authority(AUTHENTICATION)
    constraints = (x509.BasicConstraints(ca=True, path_length=None), True)
    certificate = world.reissue(world.authentication_certificate(), issuer, add=(constraints,))
    refused_as(WrongProfile, answer=answer(certificate))


def test_an_elliptic_curve_key_is_refused() -> None:
    """The card's present profile is RSA of at least 2048 bits."""
    key = ec.generate_private_key(ec.SECP384R1()).public_key()
    identifier = (x509.SubjectKeyIdentifier.from_public_key(key), False)
    certificate = world.reissue(
        world.authentication_certificate(),
        world.authority(AUTHENTICATION),
        public_key=key,
        put={x509.SubjectKeyIdentifier: identifier},
    )
    refused_as(WrongProfile, answer=answer(certificate))


def test_a_certificate_that_is_not_valid_yet_is_refused() -> None:
    refused_as(NotYetValid, now=world.ISSUED - timedelta(seconds=1))


def test_an_expired_certificate_is_refused() -> None:
    later = world.ENDS + timedelta(seconds=1)
    refused_as(Expired, now=later, expires_at=later)


def test_a_certificate_that_outlives_its_authority_ends_with_it() -> None:
    """Shell model: the authority's own end counts."""
    later = world.authority(AUTHENTICATION).certificate.not_valid_after_utc + timedelta(seconds=1)
    certificate = world.authentication_certificate(not_after=later + timedelta(days=100))
    Scene().check(answer=answer(certificate))
    refused_as(Expired, answer=answer(certificate), now=later, expires_at=later)


# --- the signature ----------------------------------------------------------------------------------------------------


def test_a_signature_by_another_key_is_refused() -> None:
    refused_as(WrongSignature, answer=answer(key=world.signer(1)))


@pytest.mark.parametrize(
    "signed",
    [
        replace(CHALLENGE, origin="http://evil.localhost"),
        replace(CHALLENGE, client="casino"),
        replace(CHALLENGE, transaction="tx-2"),
        replace(CHALLENGE, nonce=bytes(32)),
    ],
    ids=["origin", "client", "transaction", "nonce"],
)
def test_a_signature_over_another_challenge_is_refused(signed: object) -> None:
    """The answer says it answers ours, but another challenge was signed."""
    refused_as(WrongSignature, answer=replace(answer(signed=signed), challenge=CHALLENGE))  # type: ignore[arg-type]


def test_a_signature_of_another_scheme_is_refused() -> None:
    """Only RSASSA-PKCS1-v1_5 with SHA-256 counts (RFC 8017 §8.2)."""
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    refused_as(WrongSignature, answer=signed_otherwise(pss, hashes.SHA256()))
    refused_as(WrongSignature, answer=signed_otherwise(padding.PKCS1v15(), hashes.SHA512()))


def test_a_signature_over_the_digest_alone_is_refused() -> None:
    """Without DigestInfo, as a card that was sent the bare hash would sign (RFC 8017 §9.2)."""
    refused_as(WrongSignature, answer=signed_otherwise(padding.PKCS1v15(), utils.NoDigestInfo(), CHALLENGE.digest()))


@pytest.mark.parametrize("signature", [b"", b"\0" * 256, b"\xff" * 256, b"\0" * 257])
def test_what_is_no_signature_is_refused(signature: bytes) -> None:
    refused_as(WrongSignature, answer=replace(answer(), signature=signature))


def signed_otherwise(scheme: object, algorithm: object, data: bytes = CHALLENGE.encode()) -> LoginAnswer:
    signature = pool.private_key(0).sign(data, scheme, algorithm)  # type: ignore[arg-type]
    return replace(answer(), signature=signature)


# --- in two halves ----------------------------------------------------------------------------------------------------

LATER = NOW + timedelta(minutes=5)


def signed() -> SignedLogin:
    return check_signed(answer(), CHALLENGE, LATER, anchors(), NOW)


def test_what_was_signed_is_confirmed_once_somebody_tells() -> None:
    """Without another look at the signature."""
    first = signed()
    with pytest.raises(StatusUnknown):
        confirm_login(first, CHALLENGE, LATER, Evidence(), NOW)
    assert confirm_login(first, CHALLENGE, LATER, Evidence(ocsp(), NONCE), NOW) == Scene().check()


@pytest.mark.parametrize(
    ("change", "error"), [({"transaction": "another"}, WrongTransaction), ({"nonce": bytes(32)}, WrongNonce)]
)
def test_what_was_signed_is_confirmed_for_nothing_else(change: dict[str, Any], error: type[WarifuError]) -> None:
    with pytest.raises(error):
        confirm_login(signed(), replace(CHALLENGE, **change), LATER, Evidence(ocsp(), NONCE), NOW)


def test_time_goes_on_between_the_halves() -> None:
    with pytest.raises(ChallengeExpired):
        confirm_login(signed(), CHALLENGE, LATER, Evidence(ocsp(), NONCE), LATER + timedelta(seconds=1))
    ended = world.ENDS + timedelta(seconds=1)
    with pytest.raises(Expired):
        confirm_login(signed(), CHALLENGE, ended, Evidence(ocsp(), NONCE), ended)


def test_who_lacks_the_card_has_signed_nothing() -> None:
    with pytest.raises(WrongSignature):
        check_signed(answer(key=world.signer(1)), CHALLENGE, LATER, anchors(), NOW)
