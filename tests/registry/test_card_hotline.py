"""The hotline, and the phones that it suspends too."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from tests.applying import applied
from tests.registry.card_world import (
    AUTHENTICATION,
    HOTLINE,
    JLIS,
    KEYS,
    RULES,
    SIGNING,
    START,
    act,
    after,
    delivered,
    events,
    in_state,
    orders,
    person,
)
from warifu.errors import NotAllowed, NotFound
from warifu.messages import CardHappening, CertificateIssued, OrderedKind, OrderedMedium, OrderRefused
from warifu.registry import (
    ActKind,
    Call,
    Card,
    CardHolder,
    CardState,
    CertificateNote,
    Claims,
    Medium,
    Phone,
    PhoneState,
    Sight,
    SignedByCard,
    apply_for_phone,
    apply_for_phone_signing_again,
    give_up_phone,
    hold_phone,
    lift_phone_hold,
    note_found,
    note_phone_answer,
    order_certificate,
    report_lost,
    show_on_file,
    suspend,
    take_call,
)

CARD, PHONE = frozenset({Medium.CARD}), frozenset({Medium.PHONE})


def said(holder: CardHolder, **changes: str) -> Claims:
    known = holder.attributes
    claims = Claims(known.name.text, known.birth_date.digits, known.address.text)
    return replace(claims, **changes)


def called(holder: CardHolder) -> Call:
    return take_call(act(HOTLINE), said(holder), [holder])[0]


def signed(card: Card, keys: Mapping[OrderedKind, bytes] = KEYS, at: datetime = START) -> SignedByCard:
    return SignedByCard(card.id, applied(keys, at))


def phone_of(holder: CardHolder, card: Card, *before: Phone) -> Phone:
    return apply_for_phone(act(JLIS), signed(card), card, holder, before).records[-1]


# --- who calls --------------------------------------------------------------------------------------------------------


def test_who_says_name_birth_date_and_address_is_known() -> None:
    holder = person()
    call, kept = take_call(act(HOTLINE), said(holder), [holder, person(date(1990, 1, 1))])
    assert call.holder == holder.id
    assert (kept.entries[0].what, kept.entries[0].holders) == (ActKind.LOOK, (holder.id,))
    assert kept.entries[0].seen == {Sight.NAME, Sight.BIRTH_DATE, Sight.ADDRESS}


def test_widths_and_spaces_are_not_heard() -> None:
    holder = person()
    claims = said(holder, name="見本 花子", birth_date="１９８００５１７")
    assert take_call(act(HOTLINE), claims, [holder])[0].holder == holder.id


@pytest.mark.parametrize("claim", ["name", "birth_date", "address"])
def test_one_wrong_answer_and_the_caller_is_not_known(claim: str) -> None:
    holder = person()
    call, kept = take_call(act(HOTLINE), said(holder, **{claim: "19991231"}), [holder])
    assert call.holder is None
    assert (kept.entries[0].what, kept.entries[0].holders) == (ActKind.REFUSED_LOOK, ())


def test_who_could_be_two_people_is_not_known() -> None:
    holder = person()
    assert take_call(act(HOTLINE), said(holder), [holder, replace(holder, id="f" * 32)])[0].holder is None


def test_nothing_is_done_for_a_caller_who_is_not_known() -> None:
    nobody = Call("0" * 32, None)
    with pytest.raises(NotAllowed, match="not known"):
        suspend(act(HOTLINE), nobody, CARD, [delivered(person())], [])
    with pytest.raises(NotAllowed, match="not known"):
        show_on_file(nobody, [], [])


def test_calls_are_taken_at_the_hotline() -> None:
    holder = person()
    with pytest.raises(NotAllowed, match="this desk"):
        take_call(act(), said(holder), [holder])
    with pytest.raises(NotAllowed, match="this desk"):
        suspend(act(), called(holder), CARD, [delivered(holder)], [])


def test_what_a_caller_says_is_shown_nowhere() -> None:
    holder = person()
    call, kept = take_call(act(HOTLINE), said(holder), [holder])
    for shown in (repr(said(holder)), repr(call), repr(kept)):
        assert "花子" not in shown
        assert "1980" not in shown


def test_the_clerk_sees_what_there_is_to_suspend_and_nothing_else() -> None:
    holder = person()
    card, ended = delivered(holder), in_state(CardState.ENDED, holder)
    phone = phone_of(holder, card)
    given_up = replace(phone, id="e" * 32, state=PhoneState.ENDED)
    shown = show_on_file(called(holder), [card, ended, delivered(person())], [phone, given_up])
    assert (shown.cards, shown.phones) == ({card.id: CardState.IN_FORCE}, {phone.id: PhoneState.IN_USE})


# --- suspending -------------------------------------------------------------------------------------------------------


def test_a_card_is_suspended_at_once() -> None:
    """番号法 第17条第9項, カード命令 第23条の2第4号."""
    holder = person()
    card = delivered(holder)
    change = suspend(act(HOTLINE), called(holder), CARD, [card, delivered(person())], [phone_of(holder, card)])
    assert [record.state for record in change.records] == [CardState.HELD]
    assert events(change) == [CardHappening.HELD]


def test_a_phone_is_suspended_alone() -> None:
    holder = person()
    card = delivered(holder)
    change = suspend(act(HOTLINE), called(holder), PHONE, [card], [phone_of(holder, card)])
    assert [record.state for record in change.records] == [PhoneState.HELD]
    assert events(change) == [CardHappening.PHONE_HELD]


def test_a_bag_with_both_is_suspended_with_both() -> None:
    holder = person()
    card = delivered(holder)
    change = suspend(act(HOTLINE), called(holder), CARD | PHONE, [card], [phone_of(holder, card)])
    assert events(change) == [CardHappening.HELD, CardHappening.PHONE_HELD]


@pytest.mark.parametrize("state", [CardState.HELD, CardState.LOST])
def test_a_second_call_changes_nothing_and_is_kept(state: CardState) -> None:
    holder = person()
    change = suspend(act(HOTLINE), called(holder), CARD, [in_state(state, holder)], [])
    assert (change.records, change.messages) == ((), ())
    assert "suspended already" in change.entries[0].purpose


def test_the_caller_says_what_was_lost() -> None:
    holder = person()
    with pytest.raises(NotAllowed, match="says what"):
        suspend(act(HOTLINE), called(holder), frozenset(), [delivered(holder)], [])


@pytest.mark.parametrize("media", [CARD, PHONE, CARD | PHONE])
def test_what_is_not_there_is_not_suspended(media: frozenset[Medium]) -> None:
    holder = person()
    with pytest.raises(NotAllowed, match="nothing of that kind"):
        suspend(act(HOTLINE), called(holder), media, [in_state(CardState.ENDED, holder)], [])


def test_the_hotline_lifts_nothing() -> None:
    """jpki.go.jp, lost: at the municipality; in the app."""
    holder = person()
    card = delivered(holder)
    (held,) = suspend(act(HOTLINE), called(holder), CARD, [card], []).records
    assert isinstance(held, Card)
    with pytest.raises(NotAllowed, match="residents' section"):
        note_found(act(HOTLINE), held)
    with pytest.raises(NotAllowed, match="this desk"):
        lift_phone_hold(act(HOTLINE), replace(phone_of(holder, card), state=PhoneState.HELD))


# --- phones -----------------------------------------------------------------------------------------------------------


def test_a_phone_gets_certificates_on_top_of_the_cards() -> None:
    """公的個人認証法 第16条の2, 第35条の2."""
    holder = person()
    card = delivered(holder)
    change = apply_for_phone(act(JLIS), signed(card), card, holder, [])
    authentication, signing = orders(change)
    assert {order.medium for order in (authentication, signing)} == {OrderedMedium.PHONE}
    assert {order.card for order in (authentication, signing)} == {card.id}
    assert (authentication.attributes, signing.attributes) == (None, holder.attributes)
    assert change.records[0].state is PhoneState.IN_USE


def test_the_same_application_for_a_phone_twice_is_one() -> None:
    holder, doing = person(), act(JLIS)
    card = delivered(holder)
    once = apply_for_phone(doing, signed(card), card, holder, [])
    assert apply_for_phone(doing, signed(card), card, holder, once.records).is_nothing


def test_another_phone_takes_the_place_of_the_one_before() -> None:
    """公的個人認証法 第16条の5, 第35条の5: one valid of a kind."""
    holder = person()
    card = delivered(holder)
    old = phone_of(holder, card)
    change = apply_for_phone(act(JLIS), signed(card), card, holder, [old])
    assert [phone.state for phone in change.records] == [PhoneState.ENDED, PhoneState.IN_USE]
    kinds = [type(message).__name__ for message in change.messages]
    assert kinds == ["CardEvent", "CertificateOrder", "CertificateOrder"], "given up before anything is ordered"
    assert events(change) == [CardHappening.PHONE_GIVEN_UP]


@pytest.mark.parametrize("age", [timedelta(minutes=15, seconds=1), timedelta(seconds=-1)])
def test_the_signature_is_fresh(age: timedelta) -> None:
    holder = person()
    card = delivered(holder)
    with pytest.raises(NotAllowed, match="just now"):
        apply_for_phone(act(JLIS), signed(card, at=START - age), card, holder, [])


def test_the_holders_own_card_signs() -> None:
    holder = person()
    card = delivered(holder)
    with pytest.raises(NotAllowed, match="another card"):
        apply_for_phone(act(JLIS), signed(delivered(holder)), card, holder, [])
    with pytest.raises(NotAllowed, match="another card"):
        apply_for_phone(act(JLIS), signed(card), card, person(), [])


@pytest.mark.parametrize("state", [state for state in CardState if state is not CardState.IN_FORCE])
def test_a_card_that_is_not_in_force_signs_for_no_phone(state: CardState) -> None:
    holder = person()
    card = in_state(state, holder)
    with pytest.raises(NotAllowed, match="not in force"):
        apply_for_phone(act(JLIS), signed(card), card, holder, [])


def test_who_cannot_sign_has_no_phone() -> None:
    """公的個人認証法 第35条の2: for signing users."""
    holder = person()
    card = delivered(holder, kinds=frozenset({AUTHENTICATION}))
    with pytest.raises(NotAllowed, match="no signing certificate"):
        apply_for_phone(act(JLIS), signed(card), card, holder, [])


def test_an_expired_signing_certificate_signs_for_no_phone() -> None:
    holder = person()
    card = delivered(holder)
    known = card.certificate(SIGNING)
    assert known is not None
    over = replace(card, certificates=card.certificates_with(replace(known, not_after=START - timedelta(seconds=1))))
    with pytest.raises(NotAllowed, match="has expired"):
        apply_for_phone(act(JLIS), signed(over), over, holder, [])


def test_the_dead_apply_for_no_phone() -> None:
    holder = person()
    card = delivered(holder)
    with pytest.raises(NotAllowed, match="dead"):
        apply_for_phone(act(JLIS), signed(card), card, replace(holder, alive=False), [])


def test_an_application_for_nothing_is_refused() -> None:
    holder = person()
    card = delivered(holder)
    with pytest.raises(NotAllowed, match="nothing was applied for"):
        apply_for_phone(act(JLIS), signed(card, keys={}), card, holder, [])


def answered(phone: Phone) -> Phone:
    for each in phone.certificates:
        answer = CertificateIssued(each.order, b"certificate", b"issuer")
        phone = note_phone_answer(act(JLIS), phone, answer, START).records[0]
    return phone


def test_what_the_authority_answers_is_noted_once() -> None:
    holder = person()
    phone = phone_of(holder, delivered(holder))
    first, second = phone.certificates
    once = note_phone_answer(act(JLIS), phone, OrderRefused(first.order, "not_allowed")).records[0]
    assert {each.note for each in once.certificates} == {CertificateNote.REFUSED, CertificateNote.ORDERED}
    assert note_phone_answer(act(JLIS), once, OrderRefused(first.order, "not_allowed")).is_nothing
    issued = note_phone_answer(act(JLIS), once, CertificateIssued(second.order, b"c", b"i"), START).records[0]
    assert {each.not_after for each in issued.certificates} == {None, START}
    with pytest.raises(NotFound):
        note_phone_answer(act(JLIS), phone, OrderRefused("0" * 32, "not_allowed"))


def test_a_phone_found_has_its_authentication_certificate_back_and_no_signing_one() -> None:
    """jpki.go.jp, lost phone."""
    holder = person()
    card = delivered(holder)
    phone = answered(phone_of(holder, card))
    held = hold_phone(act(HOTLINE), phone).records[0]
    change = lift_phone_hold(act(JLIS), held)
    found = change.records[0]
    assert (found.state, events(change)) == (PhoneState.IN_USE, [CardHappening.PHONE_HOLD_LIFTED])
    assert [each.kind for each in found.certificates] == [AUTHENTICATION]
    assert lift_phone_hold(act(JLIS), found).is_nothing
    again = apply_for_phone_signing_again(act(JLIS), signed(card, keys={SIGNING: b"k"}), found, card, holder)
    assert [order.kind for order in orders(again)] == [SIGNING]
    assert {each.kind for each in again.records[0].certificates} == {SIGNING, AUTHENTICATION}


def test_a_signing_certificate_that_is_there_is_not_applied_for_again() -> None:
    holder = person()
    card = delivered(holder)
    with pytest.raises(NotAllowed, match="has a signing certificate"):
        apply_for_phone_signing_again(
            act(JLIS), signed(card, keys={SIGNING: b"k"}), phone_of(holder, card), card, holder
        )


def test_after_a_move_the_phones_signing_certificate_is_applied_for_again() -> None:
    """公的個人認証法 第16条の13: it fell with the card's, which was ordered anew."""
    holder = person()
    card = delivered(holder)
    phone = answered(phone_of(holder, card))
    moved = replace(card, certificates=card.certificates_without(SIGNING))
    anew = after(order_certificate(act(), moved, holder, SIGNING, b"k", RULES), moved)
    known = anew.certificate(SIGNING)
    assert known is not None
    there = replace(anew, certificates=anew.certificates_with(replace(known, note=CertificateNote.ON_CARD)))
    again = apply_for_phone_signing_again(act(JLIS), signed(card, keys={SIGNING: b"k"}), phone, there, holder)
    assert [order.kind for order in orders(again)] == [SIGNING]


def test_only_the_signing_certificate_is_applied_for_again() -> None:
    holder = person()
    card = delivered(holder)
    with pytest.raises(NotAllowed, match="only the signing"):
        apply_for_phone_signing_again(act(JLIS), signed(card), phone_of(holder, card), card, holder)


@pytest.mark.parametrize("state", [PhoneState.HELD, PhoneState.ENDED])
def test_a_phone_that_is_not_in_use_gets_nothing(state: PhoneState) -> None:
    holder = person()
    card = delivered(holder)
    phone = replace(phone_of(holder, card), state=state)
    with pytest.raises(NotAllowed, match="not in use"):
        apply_for_phone_signing_again(act(JLIS), signed(card, keys={SIGNING: b"k"}), phone, card, holder)


def test_a_phone_given_up_is_neither_suspended_nor_found() -> None:
    holder = person()
    phone = give_up_phone(act(JLIS), phone_of(holder, delivered(holder))).records[0]
    assert give_up_phone(act(JLIS), phone).is_nothing
    with pytest.raises(NotAllowed, match="any more"):
        hold_phone(act(HOTLINE), phone)
    with pytest.raises(NotAllowed, match="any more"):
        lift_phone_hold(act(JLIS), phone)


def test_a_held_phone_is_held() -> None:
    holder = person()
    held = hold_phone(act(HOTLINE), phone_of(holder, delivered(holder))).records[0]
    assert hold_phone(act(HOTLINE), held).is_nothing


def test_a_lost_card_signs_for_no_new_phone() -> None:
    holder = person()
    card = delivered(holder)
    lost = after(report_lost(act(), card), card)
    with pytest.raises(NotAllowed, match="not in force"):
        apply_for_phone(act(JLIS), signed(card), lost, holder, [])
