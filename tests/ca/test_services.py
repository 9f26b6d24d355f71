"""What verifiers get from an authority: who may ask, links between certificates, newest attributes, the report."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache

import pytest
from cryptography import x509

from tests.ca.town import (
    AUTHENTICATION,
    ENDS,
    NOW,
    SIGNING,
    YEAR,
    application,
    authority,
    entry,
    issuer,
    key,
    responder,
)
from warifu.ca import (
    GRANTS,
    LINKS,
    Consent,
    Counted,
    Entry,
    Event,
    Issued,
    Medium,
    Recipient,
    RecipientKind,
    ReportRow,
    Service,
    State,
    Way,
    after_consent,
    check_asker,
    check_may_receive,
    follow,
    grant_of,
    items_to_share,
    linked,
    read_consent,
    refusal_of,
    yearly_report,
)
from warifu.errors import Malformed, NotAllowed, NotFound, WrongSignature
from warifu.messages import Attribute, AttributesConsent, SignedConsent
from warifu.pki import CertificateKind, KeySigner, OcspError, OcspQuestions, OcspRequest, issuer_hashes

BOTH = frozenset(CertificateKind)
TODAY = date(2026, 11, 22)
PLATFORM = Recipient("1" * 32, "Platform", RecipientKind.CERTIFIED, BOTH, date(2026, 1, 5), date(2026, 12, 31))
OFFICE = Recipient("2" * 32, "Tax office", RecipientKind.ADMINISTRATIVE_ORGAN, BOTH, date(2026, 1, 5))
GROUP = Recipient("3" * 32, "Tax accountants", RecipientKind.GROUP, frozenset({SIGNING}), date(2026, 1, 5))


# --- who may ask ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("service", Service)
def test_a_certified_verifier_of_both_kinds_may_ask_everything(service: Service) -> None:
    """公的個人認証法 第18条, 第37条."""
    check_may_receive(PLATFORM, service, NOW)
    check_may_receive(OFFICE, service, NOW)


@pytest.mark.parametrize("grant", GRANTS, ids=lambda grant: grant.service.value)
def test_who_does_not_verify_a_kind_is_told_nothing_of_it(grant: object) -> None:
    row = grant_of(getattr(grant, "service"))  # noqa: B009
    for kind in row.needs:
        others = BOTH - {kind}
        with pytest.raises(NotAllowed, match="does not verify"):
            check_may_receive(replace(PLATFORM, verifies=others), row.service, NOW)


@pytest.mark.parametrize("service", [each for each in Service if "authentication" in each.value])
def test_a_body_that_checks_for_its_members_gets_nothing_of_authentication(service: Service) -> None:
    """公的個人認証法 第17条第5項; 第36条 has no such bodies."""
    with pytest.raises(NotAllowed, match="does not verify"):
        check_may_receive(GROUP, service, NOW)
    with pytest.raises(NotAllowed, match="signing certificates only"):
        replace(GROUP, verifies=BOTH)


def test_a_body_that_checks_for_its_members_gets_status_lists_and_attributes_but_no_links() -> None:
    """公的個人認証法 第18条第1項 to 第3項 speak of 署名検証者等, 第4項 of 署名検証者."""
    for service in (Service.SIGNING_STATUS, Service.SIGNING_LISTS, Service.CURRENT_ATTRIBUTES):
        check_may_receive(GROUP, service, NOW)
    with pytest.raises(NotAllowed, match="members does not receive"):
        check_may_receive(GROUP, Service.LINKED_SIGNING, NOW)


@pytest.mark.parametrize(
    ("recipient", "why"),
    [
        (replace(OFFICE, agreed_on=None), "no agreement"),
        (replace(OFFICE, agreed_on=TODAY + timedelta(days=1)), "no agreement"),
        (replace(PLATFORM, certified_until=None), "certification"),
        (replace(PLATFORM, certified_until=TODAY - timedelta(days=1)), "certification"),
        (replace(PLATFORM, kind=RecipientKind.SPECIFIED_CERTIFIER, certified_until=None), "certification"),
        (replace(PLATFORM, stopped=True), "stopped"),
    ],
)
def test_a_recipient_that_lacks_something_gets_nothing(recipient: Recipient, why: str) -> None:
    """公的個人認証法 第17条第1項, 第2項, 第18条第6項; 施行令 第10条."""
    for service in Service:
        with pytest.raises(NotAllowed, match=why):
            check_may_receive(recipient, service, NOW)


def test_the_last_day_of_a_certification_counts_as_a_whole() -> None:
    check_may_receive(replace(PLATFORM, certified_until=TODAY), Service.SIGNING_STATUS, NOW)


def test_who_verifies_nothing_is_no_recipient() -> None:
    with pytest.raises(NotAllowed, match="one kind at least"):
        replace(OFFICE, verifies=frozenset())


@pytest.mark.parametrize("kind", CertificateKind)
def test_services_of_a_kind(kind: CertificateKind) -> None:
    assert grant_of(Service.status_of(kind)).needs == grant_of(Service.lists_of(kind)).needs == {kind}


# --- signed questions -------------------------------------------------------------------------------------------------

ASKER = responder()  # any certified key will do
NAME = x509.DirectoryName(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Platform")]))
PLAIN = OcspQuestions((OcspRequest("sha1", *issuer_hashes(issuer().certificate), 7),), b"n" * 32)
SIGNED = PLAIN.sign(ASKER.signer, NAME, (ASKER.certificate_der,))
WITHOUT_CERTIFICATE = PLAIN.sign(ASKER.signer, NAME)
REGISTERED = replace(PLATFORM, key=ASKER.signer.public_key_info)
BY_NAME = replace(REGISTERED, requestor=SIGNED.requestor)


def test_a_registered_verifier_is_known_by_the_key_it_sends_or_by_its_name() -> None:
    """RFC 6960 §4.1.1."""
    assert check_asker(SIGNED, [OFFICE, REGISTERED], AUTHENTICATION, NOW) is REGISTERED
    assert check_asker(WITHOUT_CERTIFICATE, [OFFICE, BY_NAME], AUTHENTICATION, NOW) is BY_NAME


def test_an_unsigned_question_is_told_that_a_signature_is_required() -> None:
    """RFC 6960 §2.3: sigRequired."""
    with pytest.raises(NotAllowed, match="only signed"):
        check_asker(PLAIN, [REGISTERED], AUTHENTICATION, NOW)
    assert refusal_of(PLAIN) is OcspError.SIG_REQUIRED
    assert refusal_of(SIGNED) is OcspError.UNAUTHORIZED


@pytest.mark.parametrize(
    ("questions", "recipient"),
    [
        (SIGNED, OFFICE),
        (SIGNED, replace(PLATFORM, key=key(5).public_key_info)),
        (WITHOUT_CERTIFICATE, REGISTERED),
        (WITHOUT_CERTIFICATE, replace(BY_NAME, key=key(5).public_key_info)),
        (replace(SIGNED, signature=replace(SIGNED.signature, value=bytes(256))), BY_NAME),  # type: ignore[type-var]
    ],
    ids=["no key", "another key", "another name", "another key under the name", "another signature"],
)
def test_nobody_else_is_answered(questions: OcspQuestions, recipient: Recipient) -> None:
    with pytest.raises(NotAllowed, match="nobody who is registered"):
        check_asker(questions, [recipient], AUTHENTICATION, NOW)


def test_a_registered_verifier_of_the_other_kind_is_not_answered() -> None:
    with pytest.raises(NotAllowed, match="does not verify"):
        check_asker(SIGNED, [replace(REGISTERED, verifies=frozenset({SIGNING}))], AUTHENTICATION, NOW)


def test_what_is_sent_as_a_certificate_is_one() -> None:
    with pytest.raises(Malformed):
        check_asker(PLAIN.sign(ASKER.signer, NAME, (b"\x30\x00",)), [REGISTERED], AUTHENTICATION, NOW)


# --- links ------------------------------------------------------------------------------------------------------------

CONFIRM = "confirming that number"
HELD_BY_ONE = [
    entry(kind, medium, serial_number=10 * n + m)
    for n, kind in enumerate(CertificateKind, 1)
    for m, medium in enumerate(Medium, 1)
]


def one(kind: CertificateKind, medium: Medium) -> Entry:
    return next(each for each in HELD_BY_ONE if (each.kind, each.medium) == (kind, medium))


@pytest.mark.parametrize(("pair", "service"), LINKS.items())
def test_the_links_of_the_act_lead_to_the_number(
    pair: tuple[tuple[CertificateKind, Medium], tuple[CertificateKind, Medium]], service: Service
) -> None:
    """公的個人認証法 第18条第4項, 第5項, 第37条第3項."""
    told = linked(one(*pair[0]), pair[1], HELD_BY_ONE, PLATFORM, CONFIRM, NOW)
    assert (told.serial_number, told.service, told.purpose) == (one(*pair[1]).serial_number, service, CONFIRM)
    assert str(told.serial_number) not in repr(told)


@pytest.mark.parametrize(
    "pair",
    [
        ((a.kind, a.medium), (b.kind, b.medium))
        for a in HELD_BY_ONE
        for b in HELD_BY_ONE
        if ((a.kind, a.medium), (b.kind, b.medium)) not in LINKS
    ],
)
def test_no_other_link_is_told(pair: tuple[tuple[CertificateKind, Medium], tuple[CertificateKind, Medium]]) -> None:
    with pytest.raises(NotAllowed, match="no article"):
        linked(one(*pair[0]), pair[1], HELD_BY_ONE, PLATFORM, CONFIRM, NOW)


def test_a_link_is_told_for_its_purpose_only_and_to_whom_may_ask() -> None:
    """公的個人認証法 第52条第2項, 第3項, 第53条第2項."""
    card, phone = one(SIGNING, Medium.CARD), (SIGNING, Medium.PHONE)
    with pytest.raises(NotAllowed, match="nothing else"):
        linked(card, phone, HELD_BY_ONE, PLATFORM, "marketing", NOW)
    with pytest.raises(NotAllowed, match="members does not receive"):
        linked(card, phone, HELD_BY_ONE, GROUP, CONFIRM, NOW)
    with pytest.raises(NotAllowed, match="does not verify"):
        linked(
            card,
            (AUTHENTICATION, Medium.CARD),
            HELD_BY_ONE,
            replace(PLATFORM, verifies=frozenset({SIGNING})),
            CONFIRM,
            NOW,
        )


def test_of_several_the_one_in_effect_is_told_and_the_expired_never() -> None:
    card, phone = one(SIGNING, Medium.CARD), one(SIGNING, Medium.PHONE)
    ended = follow(replace(phone, serial_number=98, not_before=NOW), Event.KEY_COMPROMISED, NOW)
    expired = replace(phone, serial_number=99, not_after=NOW - timedelta(seconds=1))
    wanted = (SIGNING, Medium.PHONE)
    assert linked(card, wanted, [ended, phone, expired], PLATFORM, CONFIRM, NOW).serial_number == phone.serial_number
    assert linked(card, wanted, [expired, ended], PLATFORM, CONFIRM, NOW).serial_number == 98
    with pytest.raises(NotFound):
        linked(card, wanted, [expired, card], PLATFORM, CONFIRM, NOW)


# --- newest attributes ------------------------------------------------------------------------------------------------

NAME_AND_ADDRESS = frozenset({Attribute.NAME, Attribute.ADDRESS})
OLD = follow(entry(SIGNING, serial_number=1), Event.ATTRIBUTES_CHANGED, NOW)
NEW = entry(SIGNING, serial_number=2)
AGREED = Consent("c" * 32, PLATFORM.id, NAME_AND_ADDRESS, NOW, NOW + 10 * YEAR)


@cache
def signing() -> tuple[Issued, KeySigner]:
    """A signing certificate of which the test has the private key, as the card would."""
    return authority(SIGNING).issue(application(SIGNING, index=10), 7, NOW), key(10)


def consent(withdrawn: bool = False, at: datetime = NOW, **changes: object) -> AttributesConsent:
    made = AttributesConsent("c" * 32, PLATFORM.id, NAME_AND_ADDRESS, withdrawn, at)
    return replace(made, **changes)  # type: ignore[arg-type]


def signed(made: AttributesConsent, signer: KeySigner | None = None) -> SignedConsent:
    issued, own = signing()
    return SignedConsent(made.encode(), issued.certificate, (signer or own).sign(made.encode()))


def read(message: SignedConsent, **changes: object) -> AttributesConsent:
    issued, _ = signing()
    found = replace(issued.entry, state=State.VALID)
    return read_consent(message, replace(found, **changes), issued.certificate, NOW)  # type: ignore[arg-type]


def test_a_consent_is_signed_with_the_holders_signing_key() -> None:
    """施行規則 第35条の2."""
    assert read(signed(consent())) == consent()
    with pytest.raises(WrongSignature):
        read(signed(consent(), key(11)))


@pytest.mark.parametrize("state", [State.ISSUED, State.HELD, State.REVOKED])
def test_a_consent_is_signed_with_a_certificate_in_effect(state: State) -> None:
    with pytest.raises(NotAllowed, match="in effect"):
        read(signed(consent()), state=state)


def test_a_consent_comes_with_the_certificate_that_was_issued() -> None:
    with pytest.raises(NotAllowed, match="the one that was issued"):
        read(replace(signed(consent()), certificate=authority().issue(application(), 8, NOW).certificate))


@pytest.mark.parametrize("at", [NOW - timedelta(days=1, seconds=1), NOW + timedelta(minutes=5, seconds=1)])
def test_a_consent_of_another_day_is_refused(at: datetime) -> None:
    with pytest.raises(NotAllowed, match="another day"):
        read(signed(consent(at=at)))


def test_a_consent_lasts_ten_years_and_arrives_once() -> None:
    [kept] = after_consent((), consent(), NOW)
    assert (kept.items, kept.since, kept.until) == (NAME_AND_ADDRESS, NOW, datetime(2036, 11, 22, 3, 4, 5, tzinfo=UTC))
    assert after_consent([kept], consent(), NOW + timedelta(days=1)) == (kept,)
    assert kept.allows(kept.until - timedelta(seconds=1)) == NAME_AND_ADDRESS
    assert kept.allows(kept.until) == frozenset()
    assert kept.allows(NOW - timedelta(seconds=1)) == frozenset()


def test_ten_years_after_a_29th_of_february_are_over_on_the_1st_of_march() -> None:
    """民法 第143条第2項: the last day of the term is then the last of February."""
    leap = datetime(2028, 2, 29, 3, tzinfo=UTC)
    [kept] = after_consent((), consent(at=leap), leap)
    assert kept.until == datetime(2038, 3, 1, 3, tzinfo=UTC)


def test_a_consent_is_taken_back_item_by_item() -> None:
    later = NOW + timedelta(days=1)
    back = consent(withdrawn=True, id="d" * 32, items=frozenset({Attribute.NAME}), at=later)
    kept = after_consent(after_consent((), consent(), NOW), back, later)
    assert [each.allows(later) for each in kept] == [frozenset({Attribute.ADDRESS}), frozenset()]
    assert after_consent(kept, back, later + timedelta(days=1)) == kept
    everything = after_consent(kept, replace(back, items=frozenset(Attribute)), later)
    assert not any(each.allows(later) for each in everything)


def test_a_consent_to_another_recipient_is_not_taken_back() -> None:
    back = consent(withdrawn=True, id="d" * 32, recipient=OFFICE.id)
    assert after_consent([AGREED], back, NOW) == (AGREED,)


def test_the_newest_attributes_are_told_as_far_as_the_holder_agreed() -> None:
    """公的個人認証法 第18条第3項: and the number of the new certificate."""
    told = items_to_share(PLATFORM, OLD, [OLD, NEW], [AGREED], frozenset({Attribute.NAME, Attribute.SEX}), NOW)
    assert (told.items, told.certificate) == (frozenset({Attribute.NAME}), NEW)


def test_nothing_is_told_until_a_new_certificate_of_the_same_medium_exists() -> None:
    """公的個人認証法 第19条第5項."""
    others = [OLD, replace(NEW, medium=Medium.PHONE), replace(NEW, state=State.ISSUED), entry(AUTHENTICATION)]
    with pytest.raises(NotFound, match="no new certificate"):
        items_to_share(PLATFORM, OLD, others, [AGREED], NAME_AND_ADDRESS, NOW)


@pytest.mark.parametrize("state", [State.ISSUED, State.VALID, State.HELD])
def test_of_a_certificate_that_has_not_lost_its_effect_nothing_is_told(state: State) -> None:
    with pytest.raises(NotAllowed, match="not lost its effect"):
        items_to_share(PLATFORM, replace(NEW, state=state), [NEW], [AGREED], NAME_AND_ADDRESS, NOW)


def test_an_expired_certificate_has_lost_its_effect() -> None:
    expired = replace(NEW, serial_number=1, not_after=NOW - timedelta(days=1))
    assert items_to_share(PLATFORM, expired, [expired, NEW], [AGREED], NAME_AND_ADDRESS, NOW).certificate is NEW


@pytest.mark.parametrize(
    "agreed",
    [
        [],
        [replace(AGREED, recipient=OFFICE.id)],
        [replace(AGREED, items=frozenset({Attribute.SEX}))],
        [replace(AGREED, until=NOW)],
        [replace(AGREED, withdrawn_at=NOW)],
    ],
    ids=["none", "to another", "to other items", "over", "taken back"],
)
def test_without_consent_nothing_is_told(agreed: list[Consent]) -> None:
    with pytest.raises(NotAllowed, match="did not agree"):
        items_to_share(PLATFORM, OLD, [OLD, NEW], agreed, NAME_AND_ADDRESS, NOW)


def test_attributes_are_told_of_signing_certificates_and_to_who_may_ask() -> None:
    with pytest.raises(NotAllowed, match="of signing certificates"):
        items_to_share(PLATFORM, entry(AUTHENTICATION), [], [AGREED], NAME_AND_ADDRESS, NOW)
    with pytest.raises(NotAllowed, match="stopped"):
        items_to_share(replace(PLATFORM, stopped=True), OLD, [NEW], [AGREED], NAME_AND_ADDRESS, NOW)


# --- the yearly report ------------------------------------------------------------------------------------------------


def test_what_is_told_is_counted_by_month_in_japan() -> None:
    night = datetime(2026, 11, 30, 15, 0, tzinfo=UTC)
    counted = Counted.of(PLATFORM, Service.SIGNING_STATUS, Way.OCSP, night)
    assert counted == Counted("2026-12", PLATFORM.id, "signing_status", "ocsp")


def test_the_report_has_recipients_months_counts_and_ways() -> None:
    """公的個人認証法 第41条; 施行規則 第72条."""
    counts = {
        Counted("2026-12", PLATFORM.id, "signing_status", "ocsp"): 3,
        Counted("2026-02", OFFICE.id, "authentication_lists", "list"): 28,
        Counted("2026-02", PLATFORM.id, "current_attributes", "request"): 0,
        Counted("2025-12", PLATFORM.id, "signing_status", "ocsp"): 9,
    }
    assert yearly_report(counts, [PLATFORM, OFFICE], 2026) == (
        ReportRow("2026-02", "Tax office", Service.AUTHENTICATION_LISTS, Way.LIST, 28),
        ReportRow("2026-12", "Platform", Service.SIGNING_STATUS, Way.OCSP, 3),
    )
    with pytest.raises(NotFound, match="unknown recipient"):
        yearly_report(counts, [PLATFORM], 2026)
    assert ENDS.year not in {int(row.month[:4]) for row in yearly_report(counts, [PLATFORM, OFFICE], 2025)}
