"""An authority: issuing, revocation lists, status answers."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509 import ocsp

from tests.ca.town import (
    ATTRIBUTES,
    AUTHENTICATION,
    ENDS,
    KIYOSE,
    NOW,
    SHIBUYA,
    SIGNING,
    application,
    authority,
    entry,
    issuer,
    responder,
)
from warifu.ca import CertificateApplication, Entry, Event, Medium, State, follow
from warifu.errors import NotAllowed
from warifu.pki import CertificateKind, OcspRequest, Reason, build_ocsp_request

BOTH = pytest.mark.parametrize("kind", list(CertificateKind))


@BOTH
def test_a_certificate_is_signed_and_recorded(kind: CertificateKind) -> None:
    issued = authority(kind).issue(application(kind), 0x01020304, NOW.replace(microsecond=5))
    certificate = x509.load_der_x509_certificate(issued.certificate)
    certificate.verify_directly_issued_by(issuer(kind).certificate)
    assert certificate.serial_number == issued.entry.serial_number == 0x01020304
    assert certificate.not_valid_before_utc == issued.entry.not_before == NOW
    assert certificate.not_valid_after_utc == issued.entry.not_after == ENDS
    assert issued.entry.state is State.ISSUED
    assert issued.entry.municipality == KIYOSE.code


def test_attributes_stay_out_of_representations() -> None:
    assert "花子" not in repr(application(SIGNING))
    assert "holder-1" not in repr(application(SIGNING))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"not_after": NOW}, "would have expired"),
        ({"not_after": NOW + timedelta(days=6 * 366 + 1)}, "sixth birthday"),
        ({"medium": Medium.PHONE}, "signed with the card"),
        ({"signed_with": 7}, "signed with the card"),
        ({"medium": Medium.PHONE, "signed_with": 7}, "needs a signing certificate on the card"),
    ],
)
def test_an_application_that_breaks_a_rule_is_refused(changes: dict[str, object], why: str) -> None:
    """公的個人認証法施行規則 第13条, 第49条 for the end of validity."""
    with pytest.raises(NotAllowed, match=why):
        authority().issue(replace(application(), **changes), 1, NOW)  # type: ignore[arg-type]


def test_a_certificate_does_not_outlive_its_authority() -> None:
    ends = issuer().certificate.not_valid_after_utc
    late = replace(application(), not_after=ends + timedelta(seconds=1))
    with pytest.raises(NotAllowed, match="outlive"):
        authority().issue(late, 1, ends - timedelta(days=365))


def test_an_authority_issues_one_kind() -> None:
    with pytest.raises(NotAllowed, match="other kind"):
        authority(AUTHENTICATION).issue(application(SIGNING), 1, NOW)


@pytest.mark.parametrize(("kind", "attributes"), [(SIGNING, None), (AUTHENTICATION, ATTRIBUTES)])
def test_attributes_belong_to_signing_certificates_and_to_no_other(kind: CertificateKind, attributes: object) -> None:
    with pytest.raises(NotAllowed, match="four basic attributes"):
        CertificateApplication(kind, "h", KIYOSE, b"", ENDS, attributes)  # type: ignore[arg-type]


def test_an_application_names_its_holder() -> None:
    with pytest.raises(NotAllowed, match="names its holder"):
        replace(application(), holder="")


# --- revocation lists -------------------------------------------------------------------------------------------------


def listed(entries: list[Entry], now: datetime = NOW) -> x509.CertificateRevocationList:
    return x509.load_der_x509_crl(authority().revocation_list(KIYOSE, entries, number=3, now=now))


def test_a_list_has_the_held_and_the_revoked_of_its_municipality() -> None:
    held = follow(entry(serial_number=1), Event.HELD, NOW)
    revoked = follow(entry(serial_number=2), Event.KEY_COMPROMISED, NOW)
    elsewhere = replace(revoked, serial_number=3, municipality=SHIBUYA.code)
    other_generation = replace(revoked, serial_number=4, generation=bytes(20))
    other_kind = replace(revoked, serial_number=5, kind=SIGNING)
    crl = listed([entry(serial_number=6), elsewhere, revoked, other_generation, held, other_kind])
    reasons = {one.serial_number: one.extensions.get_extension_for_class(x509.CRLReason).value.reason for one in crl}
    assert reasons == {1: x509.ReasonFlags.certificate_hold, 2: x509.ReasonFlags.key_compromise}
    assert {one.revocation_date_utc for one in crl} == {NOW}


def test_a_list_is_the_authoritys_and_says_when_and_which() -> None:
    crl = listed([])
    public_key = issuer().certificate.public_key()
    assert isinstance(public_key, rsa.RSAPublicKey)
    assert crl.is_signature_valid(public_key)
    assert crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number == 3
    assert (crl.last_update_utc, crl.next_update_utc) == (NOW, NOW + timedelta(hours=48))


def test_an_expired_certificate_leaves_the_list_after_one_more() -> None:
    """RFC 5280 §3.3: it must appear on one regularly scheduled list issued beyond its validity."""
    revoked = follow(entry(), Event.KEY_COMPROMISED, NOW)
    assert len(listed([revoked], ENDS + timedelta(hours=47))) == 1
    assert len(listed([revoked], ENDS + timedelta(hours=49))) == 0


# --- status -----------------------------------------------------------------------------------------------------------


def question(serial_number: int = 7, nonce: bytes | None = b"n" * 16) -> OcspRequest:
    issued = authority().issue(application(), serial_number, NOW)
    return OcspRequest.decode(build_ocsp_request(issued.certificate, issuer().certificate_der, nonce=nonce))


def answered(found: Entry | None, now: datetime = NOW) -> ocsp.OCSPResponse:
    return ocsp.load_der_ocsp_response(authority().answer(question(), found, now))


def test_a_live_certificate_is_good_now_and_for_no_longer() -> None:
    answer = answered(entry())
    assert answer.certificate_status is ocsp.OCSPCertStatus.GOOD
    assert answer.this_update_utc == answer.produced_at_utc == NOW
    assert answer.next_update_utc is None
    assert answer.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == b"n" * 16


@pytest.mark.parametrize(
    ("event", "reason"), [(Event.HELD, Reason.CERTIFICATE_HOLD), (Event.KEY_COMPROMISED, Reason.KEY_COMPROMISE)]
)
def test_held_and_revoked_are_revoked_with_moment_and_reason(event: Event, reason: Reason) -> None:
    answer = answered(follow(entry(), event, NOW), NOW + timedelta(minutes=1))
    assert answer.certificate_status is ocsp.OCSPCertStatus.REVOKED
    assert answer.revocation_time_utc == NOW
    assert answer.revocation_reason is reason.flag


def test_what_was_never_issued_is_unknown() -> None:
    assert answered(None).certificate_status is ocsp.OCSPCertStatus.UNKNOWN


@pytest.mark.parametrize("event", [None, Event.KEY_COMPROMISED])
def test_an_expired_certificate_is_never_good(event: Event | None) -> None:
    found = entry() if event is None else follow(entry(), event, NOW)
    answer = answered(found, ENDS + timedelta(seconds=1))
    assert answer.certificate_status is ocsp.OCSPCertStatus.UNKNOWN


def test_the_last_second_of_validity_counts_as_a_whole() -> None:
    """RFC 5280 §4.1.2.5: the validity period includes notAfter."""
    assert answered(entry(), ENDS.replace(microsecond=999_999)).certificate_status is ocsp.OCSPCertStatus.GOOD


def test_another_generations_certificate_is_unknown_to_this_one() -> None:
    assert answered(replace(entry(), generation=bytes(20))).certificate_status is ocsp.OCSPCertStatus.UNKNOWN


def test_a_question_for_another_generation_is_refused() -> None:
    with pytest.raises(NotAllowed, match="another authority"):
        authority(index=1).answer(question(), entry(), NOW)


def test_a_delegated_responder_signs_with_its_own_key_and_shows_its_certificate() -> None:
    """RFC 6960 §4.2.2.2."""
    delegating = replace(authority(), responder=responder())
    answer = ocsp.load_der_ocsp_response(delegating.answer(question(), entry(), NOW))
    [certificate] = answer.certificates
    certificate.verify_directly_issued_by(issuer().certificate)
    assert answer.responder_key_hash == responder().key_id


def test_moments_are_utc() -> None:
    assert answered(entry()).produced_at_utc.tzinfo is UTC
