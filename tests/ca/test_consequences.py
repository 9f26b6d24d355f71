"""Which certificates die of what, by the table of the Act; and that a phone's fall with a card's."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ca.town import AUTHENTICATION, ENDS, NOW, SIGNING, entry
from warifu.ca import Change, Entry, Event, Medium, State, card_changes, changes, resident_changes
from warifu.errors import NotAllowed
from warifu.messages import Attribute, CardEvent, CardHappening, Cause, MinorCorrection, ResidentEvent
from warifu.pki import CertificateKind, Reason

LATER = NOW + timedelta(hours=1)
HOLDER, CARD, OTHER_CARD = "0" * 32, "a" * 32, "b" * 32
SIGN, AUTH = (SIGNING, Medium.CARD), (AUTHENTICATION, Medium.CARD)
PHONE_SIGN, PHONE_AUTH = (SIGNING, Medium.PHONE), (AUTHENTICATION, Medium.PHONE)
ALL = {SIGN, AUTH, PHONE_SIGN, PHONE_AUTH}
Which = tuple[CertificateKind, Medium]


def everything(state: State = State.VALID) -> list[Entry]:
    """The four certificates that one person can have."""
    numbers = count(1)
    return [
        replace(entry(kind, medium, state, next(numbers)), card=CARD)
        for medium in Medium
        for kind in (SIGNING, AUTHENTICATION)
    ]


def told(cause: Cause, *changed: Attribute, minor: MinorCorrection | None = None) -> ResidentEvent:
    return ResidentEvent("1" * 32, HOLDER, cause, frozenset(changed), minor, NOW)


def happened(what: CardHappening, card: str = CARD) -> CardEvent:
    return CardEvent("2" * 32, HOLDER, card, what, NOW)


def ended(result: tuple[Change, ...]) -> set[Which]:
    assert all(change.after.state is State.REVOKED for change in result)
    return {(change.after.kind, change.after.medium) for change in result}


def apply(entries: list[Entry], result: tuple[Change, ...]) -> list[Entry]:
    after = {(change.before.kind, change.before.serial_number): change.after for change in result}
    return [after.get((each.kind, each.serial_number), each) for each in entries]


# --- people -----------------------------------------------------------------------------------------------------------

ADDRESS = frozenset({Attribute.ADDRESS})


@pytest.mark.parametrize(
    ("cause", "changed", "dies"),
    [
        (Cause.BIRTH, set(), set()),
        (Cause.MOVE_IN, ADDRESS, {SIGN, PHONE_SIGN}),
        (Cause.MOVE_OUT, set(), {SIGN, PHONE_SIGN}),
        (Cause.MOVE_WITHIN, ADDRESS, {SIGN, PHONE_SIGN}),
        (Cause.MOVE_NOT_COMPLETED, set(), {AUTH, PHONE_AUTH}),
        (Cause.CORRECTION, {Attribute.BIRTH_DATE}, {SIGN, PHONE_SIGN}),
        (Cause.CORRECTION, set(), set()),
        (Cause.NAME_CHANGE, {Attribute.NAME}, {SIGN, PHONE_SIGN}),
        (Cause.NATURALISATION, {Attribute.NAME}, {SIGN, PHONE_SIGN}),
        (Cause.DEATH, set(), ALL),
        (Cause.LEAVING_COUNTRY, set(), {SIGN, PHONE_SIGN}),
        (Cause.ANNEX_DELETED, set(), ALL),
        (Cause.DELETION, set(), ALL),
        (Cause.RECORDING_ERROR, set(), ALL),
    ],
)
def test_what_dies_of_an_event_of_a_person(cause: Cause, changed: set[Attribute], dies: set[Which]) -> None:
    """公的個人認証法 第12条, 第13条, 第31条, 第32条; phones by 第16条の13, 第35条の13."""
    result = resident_changes(told(cause, *changed), everything(), LATER)
    assert ended(result) == dies
    assert all(change.after.revocation and change.after.revocation.at == LATER for change in result)


@pytest.mark.parametrize("minor", MinorCorrection)
def test_a_minor_correction_kills_nothing(minor: MinorCorrection) -> None:
    """公的個人認証法施行規則 第20条."""
    assert resident_changes(told(Cause.CORRECTION, Attribute.ADDRESS, minor=minor), everything(), LATER) == ()


def test_who_left_the_country_with_a_certificate_that_says_so_keeps_it() -> None:
    """公的個人認証法 第12条第2号, the exception in brackets."""
    entries = [replace(each, abroad=each.kind is SIGNING) for each in everything()]
    assert resident_changes(told(Cause.LEAVING_COUNTRY), entries, LATER) == ()
    assert ended(resident_changes(told(Cause.DEATH), entries, LATER)) == ALL


def test_a_change_told_late_does_not_end_a_certificate_that_knows_it() -> None:
    entries = [replace(each, as_of=LATER) for each in everything()]
    assert resident_changes(told(Cause.MOVE_WITHIN, Attribute.ADDRESS), entries, LATER) == ()


def test_a_certificate_made_of_older_knowledge_ends_although_it_was_issued_later() -> None:
    entries = [replace(each, as_of=NOW - timedelta(seconds=1), not_before=LATER) for each in everything()]
    assert ended(resident_changes(told(Cause.MOVE_WITHIN, Attribute.ADDRESS), entries, LATER)) == {SIGN, PHONE_SIGN}


@pytest.mark.parametrize("cause", Cause)
def test_an_event_of_a_person_that_arrives_twice_changes_nothing_more(cause: Cause) -> None:
    message = told(cause, *Attribute)
    after = apply(everything(), resident_changes(message, everything(), NOW))
    assert resident_changes(message, after, LATER) == ()


# --- cards and phones -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        (CardHappening.RETURNED, Reason.CESSATION_OF_OPERATION),
        (CardHappening.LOST, Reason.KEY_COMPROMISE),
        (CardHappening.INVALIDATED, Reason.CESSATION_OF_OPERATION),
    ],
)
@pytest.mark.parametrize("state", [State.ISSUED, State.VALID, State.HELD])
def test_what_a_card_loses_its_phones_lose(what: CardHappening, reason: Reason, state: State) -> None:
    """公的個人認証法施行規則 第17条, 第53条; 公的個人認証法 第10条, 第29条, 第16条の13, 第35条の13."""
    entries = [replace(each, state=state) if each.medium is Medium.CARD else each for each in everything()]
    result = card_changes(happened(what), entries, LATER)
    assert ended(result) == ALL
    cards = [change for change in result if change.before.medium is Medium.CARD]
    assert {change.after.revocation.reason for change in cards if change.after.revocation} == {reason}


def test_delivery_makes_a_cards_certificates_valid() -> None:
    result = card_changes(happened(CardHappening.DELIVERED), everything(State.ISSUED), LATER)
    assert {(c.after.kind, c.after.medium, c.after.state) for c in result} == {
        (kind, Medium.CARD, State.VALID) for kind in CertificateKind
    }


def test_a_card_never_delivered_takes_its_certificates_with_it() -> None:
    result = card_changes(happened(CardHappening.DISCARDED), everything(State.ISSUED)[:2], LATER)
    assert {change.after.revocation.reason for change in result if change.after.revocation} == {Reason.UNSPECIFIED}
    assert ended(result) == {SIGN, AUTH}


def test_a_card_discarded_after_its_delivery_is_out_of_force() -> None:
    result = card_changes(happened(CardHappening.DISCARDED), everything()[:2], LATER)
    assert {change.event for change in result} == {Event.CARD_INVALIDATED}


def test_a_cards_expiry_ends_nothing_that_has_not_ended_with_it() -> None:
    assert card_changes(happened(CardHappening.EXPIRED), everything(), LATER) == ()


def test_a_hold_of_the_card_holds_its_certificates_and_no_phones() -> None:
    result = card_changes(happened(CardHappening.HELD), everything(), LATER)
    assert {(c.after.kind, c.after.medium, c.after.state) for c in result} == {
        (kind, Medium.CARD, State.HELD) for kind in CertificateKind
    }


def test_a_found_cards_certificates_end_and_so_do_the_phones() -> None:
    """www2.jpki.go.jp/procedure/lost.html: revoked, and issued anew on application."""
    held = apply(everything(), card_changes(happened(CardHappening.HELD), everything(), NOW))
    assert ended(card_changes(happened(CardHappening.HOLD_LIFTED), held, LATER)) == ALL


def test_a_found_phone_gets_its_authentication_certificate_back_and_loses_the_other() -> None:
    """www2.jpki.go.jp/procedure/lost.html."""
    held = apply(everything(), card_changes(happened(CardHappening.PHONE_HELD), everything(), NOW))
    assert [each.state for each in held] == [State.VALID, State.VALID, State.HELD, State.HELD]
    found = card_changes(happened(CardHappening.PHONE_HOLD_LIFTED), held, LATER)
    assert {(c.after.kind, c.after.state) for c in found} == {
        (SIGNING, State.REVOKED),
        (AUTHENTICATION, State.VALID),
    }
    assert all(change.before.medium is Medium.PHONE for change in found)


@pytest.mark.parametrize(
    ("what", "dies"),
    [
        (CardHappening.PHONE_GIVEN_UP, {PHONE_SIGN, PHONE_AUTH}),
        (CardHappening.SIGNING_REVOCATION_ASKED, {SIGN, PHONE_SIGN}),
        (CardHappening.AUTHENTICATION_REVOCATION_ASKED, {AUTH, PHONE_AUTH}),
    ],
)
def test_what_the_holder_gives_up_ends(what: CardHappening, dies: set[Which]) -> None:
    """公的個人認証法 第9条, 第28条, 第16条の8第3項."""
    assert ended(card_changes(happened(what), everything(), LATER)) == dies


@pytest.mark.parametrize("what", CardHappening)
def test_what_happens_to_another_card_leaves_these_certificates_alone(what: CardHappening) -> None:
    for state in (State.ISSUED, State.VALID, State.HELD):
        assert card_changes(happened(what, OTHER_CARD), everything(state), LATER) == ()


def test_certificates_of_an_unknown_card_are_taken_for_this_cards() -> None:
    unknown = [replace(each, card=None) for each in everything()]
    assert ended(card_changes(happened(CardHappening.LOST, OTHER_CARD), unknown, LATER)) == ALL


@pytest.mark.parametrize("what", CardHappening)
@pytest.mark.parametrize("state", [State.ISSUED, State.VALID, State.HELD])
def test_an_event_of_a_card_that_arrives_twice_changes_nothing_more(what: CardHappening, state: State) -> None:
    after = apply(everything(state), card_changes(happened(what), everything(state), NOW))
    again = card_changes(happened(what), after, LATER)
    assert again == ()


# --- the cascade ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", CertificateKind)
def test_a_phones_certificate_falls_with_the_cards_of_its_kind_only(kind: CertificateKind) -> None:
    """公的個人認証法 第16条の13, 第35条の13."""
    entries = everything()
    concerned = [each for each in entries if each.kind is kind and each.medium is Medium.CARD]
    result = changes(entries, concerned, Event.REVOCATION_REQUESTED, LATER)
    assert ended(result) == {(kind, Medium.CARD), (kind, Medium.PHONE)}
    assert [change.event for change in result] == [Event.REVOCATION_REQUESTED, Event.CARD_CERTIFICATE_REVOKED]


def test_renewing_a_cards_certificate_ends_the_phones() -> None:
    """公的個人認証法 第15条第1項第1号: it is an application of the holder, and only the end of validity is excepted."""
    entries = everything()
    assert ended(changes(entries, entries[:1], Event.RENEWED, LATER)) == {SIGN, PHONE_SIGN}


def test_what_a_phone_loses_its_card_keeps() -> None:
    entries = everything()
    phones = [each for each in entries if each.medium is Medium.PHONE]
    assert ended(changes(entries, phones, Event.KEY_COMPROMISED, LATER)) == {PHONE_SIGN, PHONE_AUTH}


def test_a_phone_on_both_sides_of_the_event_changes_once() -> None:
    entries = everything()
    result = changes(entries, entries, Event.AUTHORITY_COMPROMISED, LATER)
    assert len(result) == 4
    assert {change.event for change in result} == {Event.AUTHORITY_COMPROMISED}


def test_an_expired_cards_certificate_takes_no_phones_with_it() -> None:
    """公的個人認証法 第16条の13: items 1 to 4, and expiry is item 5."""
    entries = everything()
    assert resident_changes(told(Cause.DEATH), entries, ENDS + timedelta(seconds=1)) == ()


def test_an_event_that_cannot_happen_is_refused_as_a_whole() -> None:
    entries = [*everything(State.VALID)[:1], *everything(State.ISSUED)[1:2]]
    with pytest.raises(NotAllowed, match="valid cannot be discarded"):
        changes(entries, entries, Event.DISCARDED, LATER)


def decided(message: ResidentEvent | CardEvent, entries: list[Entry], now: datetime) -> tuple[Change, ...]:
    if isinstance(message, ResidentEvent):
        return resident_changes(message, entries, now)
    return card_changes(message, entries, now)


@given(
    st.lists(
        st.one_of(
            st.sampled_from(Cause).map(lambda cause: told(cause, *Attribute)),
            st.sampled_from(CardHappening).map(happened),
        ),
        max_size=8,
    )
)
def test_whatever_is_told_no_phone_outlives_its_card(news: list[ResidentEvent | CardEvent]) -> None:
    entries, now = everything(State.ISSUED), NOW
    for message in news:
        now += timedelta(minutes=1)
        before, entries = entries, apply(entries, decided(message, entries, now))
        for old, new in zip(before, entries, strict=True):
            assert old is new or old.state is not State.REVOKED
        for kind in CertificateKind:
            card, phone = (next(e for e in entries if (e.kind, e.medium) == (kind, medium)) for medium in Medium)
            assert card.state is not State.REVOKED or phone.state is State.REVOKED
