"""Orders of the register's: until when the certificate is valid, who may have one, and on what a phone's stands."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache

import pytest

from tests.applying import applied
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
    key,
)
from warifu.ca import (
    PROFILES,
    Authority,
    Entry,
    Medium,
    State,
    application_of,
    check_stands_on_card,
    room_for,
)
from warifu.errors import NotAllowed, WrongSignature
from warifu.messages import CertificateOrder, OrderedKind, OrderedMedium
from warifu.person import BirthDate
from warifu.pki import JST, CertificateKind, EndEntityCertificate, KeySigner

CARD = "a" * 32
BIRTH = ATTRIBUTES.birth_date
CARD_ENDS = datetime(2036, 4, 1, 14, 59, 59, tzinfo=UTC)


@cache
def signing_certificate(serial_number: int = 1) -> bytes:
    """A card's signing certificate of the number that the first of `live` has, for key 10; DER."""
    return authority(SIGNING).issue(application(SIGNING), serial_number, NOW).certificate


def order(
    kind: CertificateKind = AUTHENTICATION, medium: Medium = Medium.CARD, *, signed_with: int = 1, **changes: object
) -> CertificateOrder:
    """An order; for a phone with an application that key 10 signed when it was ordered."""
    made = CertificateOrder(
        id="1" * 32,
        holder="0" * 32,
        kind=OrderedKind(kind.value),
        medium=OrderedMedium.CARD,
        card=CARD,
        municipality=KIYOSE.code,
        public_key_info=key(10).public_key_info,
        attributes=ATTRIBUTES if kind is SIGNING else None,
        birth_date=BIRTH,
        card_not_after=CARD_ENDS,
        renewal=False,
        at=NOW,
    )
    made = replace(made, **changes)  # type: ignore[arg-type]
    if medium is Medium.CARD:
        return made
    key_info = {made.kind: made.public_key_info}
    [signed] = applied(key_info, made.at, key(10).sign, signed_with)
    return replace(made, id=signed.read().id, medium=OrderedMedium.PHONE, application=signed)


def live(*which: tuple[CertificateKind, Medium], ends: datetime = ENDS) -> list[Entry]:
    return [replace(entry(*each, serial_number=n), not_after=ends) for n, each in enumerate(which, 1)]


def last_day(kind: CertificateKind = AUTHENTICATION, *entries: Entry, **changes: object) -> date:
    application = application_of(replace(order(kind), **changes), KIYOSE, entries, NOW)  # type: ignore[arg-type]
    return application.not_after.astimezone(JST).date()


# --- until when -------------------------------------------------------------------------------------------------------


def test_a_cards_certificate_ends_on_the_fifth_birthday() -> None:
    """公的個人認証法施行規則 第13条, 第49条."""
    assert application_of(order(), KIYOSE, [], NOW).not_after == datetime(2031, 4, 1, 14, 59, 59, tzinfo=UTC)


def test_it_ends_with_the_card_if_that_ends_before() -> None:
    ends = datetime(2029, 1, 31, 14, 59, 59, tzinfo=UTC)
    assert application_of(order(card_not_after=ends), KIYOSE, [], NOW).not_after == ends


def test_a_signing_certificate_ends_with_the_authentication_certificate() -> None:
    earlier = datetime(2028, 4, 1, 14, 59, 59, tzinfo=UTC)
    [authentication] = live((AUTHENTICATION, Medium.CARD), ends=earlier)
    assert last_day(SIGNING, authentication) == date(2028, 4, 1)
    assert last_day(SIGNING) == date(2031, 4, 1)


@pytest.mark.parametrize(
    ("ends", "last"),
    [
        (date(2027, 2, 21), date(2032, 4, 1)),
        (date(2027, 2, 22), date(2031, 4, 1)),
        (date(2030, 4, 1), date(2031, 4, 1)),
    ],
)
def test_renewed_in_the_last_three_months_it_gets_one_birthday_more(ends: date, last: date) -> None:
    """公的個人認証法施行規則 第13条, 第49条: less than three months left. NOW is the 22nd of November 2026 in Japan."""
    old = live((AUTHENTICATION, Medium.CARD), ends=datetime(ends.year, ends.month, ends.day, 14, 59, 59, tzinfo=UTC))
    assert last_day(AUTHENTICATION, *old, renewal=True) == last


@pytest.mark.parametrize(
    ("today", "ends", "about_to_end"),
    [
        (date(2026, 11, 30), date(2027, 2, 27), True),
        (date(2026, 11, 30), date(2027, 2, 28), False),
        (date(2027, 11, 30), date(2028, 2, 28), True),
        (date(2027, 11, 30), date(2028, 2, 29), False),
        (date(2026, 12, 1), date(2027, 2, 28), True),
        (date(2026, 12, 1), date(2027, 3, 1), False),
    ],
)
def test_three_months_are_the_calendars(today: date, ends: date, about_to_end: bool) -> None:
    """民法 第143条第2項: without a corresponding day, the last of the month."""
    now = datetime(today.year, today.month, today.day, 3, tzinfo=UTC)
    old = live((AUTHENTICATION, Medium.CARD), ends=datetime(ends.year, ends.month, ends.day, 14, 59, 59, tzinfo=UTC))
    application = application_of(order(renewal=True), KIYOSE, old, now)
    birthdays = application.not_after.astimezone(JST).year - now.year - (today.month >= 4)
    assert birthdays == (5 if about_to_end else 4)


def test_a_certificate_of_the_next_generation_ends_on_the_tenth_birthday() -> None:
    """Modelled after the plans for the next card."""
    info = KeySigner.generate("ES384").public_key_info
    assert last_day(public_key_info=info) == date(2036, 4, 1)


def test_a_phones_certificate_ends_with_the_cards() -> None:
    """公的個人認証法施行規則 第24条の9, 第59条の9."""
    ends = datetime(2028, 4, 1, 14, 59, 59, tzinfo=UTC)
    entries = live((SIGNING, Medium.CARD), (AUTHENTICATION, Medium.CARD), ends=ends)
    for kind in CertificateKind:
        application = application_of(order(kind, Medium.PHONE), KIYOSE, entries, NOW, signing_certificate())
        assert application.not_after == ends
        assert application.signed_with == entries[0].serial_number


# --- who --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("born", "may_sign"),
    [(date(2011, 11, 22), True), (date(2011, 11, 23), False)],
)
def test_nobody_signs_before_the_fifteenth_birthday(born: date, may_sign: bool) -> None:
    """Modelled: municipalities' practice."""
    child = replace(ATTRIBUTES, birth_date=BirthDate(born))
    asked = order(SIGNING, attributes=child, birth_date=BirthDate(born))
    if may_sign:
        assert application_of(asked, KIYOSE, [], NOW).kind is SIGNING
    else:
        with pytest.raises(NotAllowed, match="too young"):
            application_of(asked, KIYOSE, [], NOW)


def test_a_child_authenticates() -> None:
    born = BirthDate(date(2020, 1, 1))
    assert application_of(order(birth_date=born), KIYOSE, [], NOW).kind is AUTHENTICATION


def test_an_order_is_of_its_municipality() -> None:
    with pytest.raises(NotAllowed, match="another municipality"):
        application_of(order(), SHIBUYA, [], NOW)


@pytest.mark.parametrize("state", [State.ISSUED, State.VALID, State.HELD])
def test_nobody_gets_a_second_certificate_of_a_kind_on_a_medium(state: State) -> None:
    """公的個人認証法 第6条, 第25条."""
    present = entry(state=state)
    with pytest.raises(NotAllowed, match="still in effect"):
        application_of(order(), KIYOSE, [present], NOW)
    application = application_of(order(renewal=True), KIYOSE, [present], NOW)
    assert room_for(application, [present], NOW, renewal=True) is present


def test_the_other_kind_and_the_other_medium_are_not_in_the_way() -> None:
    application = application_of(order(), KIYOSE, [], NOW)
    others = live((SIGNING, Medium.CARD), (AUTHENTICATION, Medium.PHONE), (SIGNING, Medium.PHONE))
    assert room_for(application, others, NOW, renewal=False) is None


def test_what_has_ended_is_not_in_the_way() -> None:
    application = application_of(order(), KIYOSE, [], NOW)
    ended = [entry(state=State.REVOKED), replace(entry(), not_after=NOW - timedelta(seconds=1))]
    assert room_for(application, ended, NOW, renewal=False) is None


# --- on what a phone's certificate stands -----------------------------------------------------------------------------

BELOW = ((SIGNING, Medium.CARD), (AUTHENTICATION, Medium.CARD))


@pytest.mark.parametrize("kind", CertificateKind)
def test_a_phones_certificate_is_issued_on_top_of_the_cards(kind: CertificateKind) -> None:
    """公的個人認証法 第16条の2, 第35条の2."""
    entries = live(*BELOW)
    application = application_of(order(kind, Medium.PHONE), KIYOSE, entries, NOW, signing_certificate())
    issued = Authority(authority(kind).issuer, authority(kind).addresses).issue(application, 9, NOW, entries)
    assert (issued.entry.medium, issued.entry.card, issued.entry.as_of) == (Medium.PHONE, CARD, NOW)
    certificate = EndEntityCertificate.decode(issued.certificate)
    assert (certificate.kind, certificate.medium) == (kind, Medium.PHONE)


@pytest.mark.parametrize("kind", CertificateKind)
@pytest.mark.parametrize("state", [State.ISSUED, State.HELD, State.REVOKED])
def test_no_phone_stands_on_a_signing_certificate_that_may_not_be_used(kind: CertificateKind, state: State) -> None:
    """公的個人認証法 第16条の2第3項."""
    signing, authentication = live(*BELOW)
    entries = [replace(signing, state=state), authentication]
    with pytest.raises(NotAllowed, match="needs a signing certificate"):
        application_of(order(kind, Medium.PHONE), KIYOSE, entries, NOW, signing_certificate())


def ordered(asked: CertificateOrder, certificate: bytes | None = None) -> None:
    application_of(asked, KIYOSE, live(*BELOW), NOW, certificate or signing_certificate())


@pytest.mark.parametrize("kind", CertificateKind)
def test_the_cards_signing_key_signs_the_application_for_a_phone(kind: CertificateKind) -> None:
    """公的個人認証法 第16条の2第2項, 第35条の2; 施行令 第7条の2."""
    asked = order(kind, Medium.PHONE)
    ordered(asked)
    assert asked.application is not None
    for wrong in (key(11).sign(asked.application.application), key(10).sign(b"something else"), b""):
        with pytest.raises(WrongSignature):
            ordered(replace(asked, application=replace(asked.application, signature=wrong)))


def test_an_application_names_the_certificate_that_the_holder_has_now() -> None:
    with pytest.raises(NotAllowed, match="not signed with the card's signing certificate"):
        ordered(order(AUTHENTICATION, Medium.PHONE, signed_with=9), signing_certificate(9))
    with pytest.raises(NotAllowed, match="not signed with the card's signing certificate"):
        application_of(order(AUTHENTICATION, Medium.PHONE), KIYOSE, live(*BELOW), NOW)


@pytest.mark.parametrize(("since", "allowed"), [(0, True), (900, True), (901, False), (-1, False)])
def test_an_application_was_signed_just_before_the_order(since: int, allowed: bool) -> None:
    """Modelled: fifteen minutes."""
    asked = order(AUTHENTICATION, Medium.PHONE)
    asked = replace(asked, at=asked.at + timedelta(seconds=since))
    if allowed:
        ordered(asked)
    else:
        with pytest.raises(NotAllowed, match="just before"):
            ordered(asked)


def test_no_phone_authenticates_without_the_cards_authentication_certificate() -> None:
    with pytest.raises(NotAllowed, match="of the same kind"):
        application_of(
            order(AUTHENTICATION, Medium.PHONE), KIYOSE, live((SIGNING, Medium.CARD)), NOW, signing_certificate()
        )


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"signed_with": 99}, "not signed with"),
        ({"not_after": ENDS - timedelta(days=1)}, "ends with the card's"),
        ({"not_after": ENDS + timedelta(days=1)}, "ends with the card's"),
    ],
)
def test_an_application_for_a_phone_fits_the_card(changes: dict[str, object], why: str) -> None:
    """公的個人認証法 第16条の4; 施行令 第7条の2."""
    entries = live(*BELOW)
    application = application_of(order(AUTHENTICATION, Medium.PHONE), KIYOSE, entries, NOW, signing_certificate())
    with pytest.raises(NotAllowed, match=why):
        check_stands_on_card(replace(application, **changes), entries, NOW)  # type: ignore[arg-type]


def test_an_authority_issues_nothing_for_a_phone_unless_it_sees_the_card() -> None:
    asked = order(AUTHENTICATION, Medium.PHONE)
    application = application_of(asked, KIYOSE, live(*BELOW), NOW, signing_certificate())
    with pytest.raises(NotAllowed, match="needs a signing certificate"):
        authority().issue(application, 9, NOW)


def test_each_profile_has_a_policy_that_tells_kind_and_medium() -> None:
    policies = {(profile.kind, profile.medium): profile.policy for profile in PROFILES}
    assert len(set(policies.values())) == len(policies) == 4


def test_a_certificate_says_that_its_holder_leaves_the_country() -> None:
    """公的個人認証法 第7条第2項; the words are modelled."""
    leaving = replace(ATTRIBUTES, address=replace(ATTRIBUTES.address, text="国外転出　2027年1月5日"))
    application = application_of(order(SIGNING, attributes=leaving), KIYOSE, [], NOW)
    assert authority(SIGNING).issue(application, 9, NOW).entry.abroad
    assert not authority(SIGNING).issue(application_of(order(SIGNING), KIYOSE, [], NOW), 10, NOW).entry.abroad
