"""Making a card and its certificates: orders, answers, and what a window may order later."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from tests.registry.card_world import (
    AUTHENTICATION,
    JLIS,
    KEYS,
    OSAKA,
    RULES,
    SIGNING,
    START,
    act,
    after,
    applied,
    delivered,
    events,
    in_state,
    made,
    on,
    orders,
    person,
    window,
)
from warifu.errors import NotAllowed, NotFound
from warifu.messages import CardHappening, CertificateIssued, OrderedKind, OrderRefused
from warifu.registry import (
    Applicant,
    Card,
    CardHolder,
    CardState,
    CertificateNote,
    Ground,
    Route,
    ask_revocation,
    end_of,
    note_issued,
    note_made,
    note_refused,
    note_written,
    order_card,
    order_certificate,
    report_lost,
)


def making(card: Card, holder: CardHolder, **changes: Any) -> Card:
    return after(note_made(act(JLIS), card, holder, KEYS, RULES, **changes), card)


def test_the_maker_is_told_what_stands_on_the_card_and_no_number() -> None:
    holder = person()
    order = order_card(applied(holder), holder)
    assert (order.holder, order.attributes, order.sealed_pins) == (holder.id, holder.attributes, None)
    assert not any("number" in name or "code" in name for name in order.__slots__)


def test_an_express_cards_pins_travel_sealed() -> None:
    """カード命令 第33条第2項: the holder hands them in, and J-LIS sets them."""
    holder = person()
    card = applied(holder, route=Route.EXPRESS, in_person=True, urgent_since=date(2026, 4, 1))
    order = order_card(card, holder, b"sealed")
    assert order.sealed_pins == b"sealed"
    assert "sealed" not in repr(order).replace("sealed_pins", "")
    with pytest.raises(NotAllowed, match="handed in sealed"):
        order_card(card, holder)


def test_the_maker_never_gets_pins_that_the_holder_sets() -> None:
    holder = person()
    with pytest.raises(NotAllowed, match="sets no PINs"):
        order_card(applied(holder), holder, b"sealed")


def test_a_card_is_ordered_once() -> None:
    holder = person()
    with pytest.raises(NotAllowed, match="not waiting"):
        order_card(made(holder), holder)


def test_a_made_card_has_a_last_day_and_its_certificates_are_ordered() -> None:
    """公的個人認証法施行規則 第65条: the first issue is delegated to J-LIS, which makes the keys."""
    holder = person()
    change = note_made(act(JLIS), applied(holder), holder, KEYS, RULES)
    card = change.records[0]
    assert (card.state, card.made, card.expires) == (CardState.MADE, date(2026, 4, 1), date(2035, 5, 17))
    authentication, signing = orders(change)
    assert (authentication.kind, signing.kind) == (AUTHENTICATION, SIGNING)
    assert (authentication.attributes, signing.attributes) == (None, holder.attributes)
    assert {order.card for order in (authentication, signing)} == {card.id}
    assert authentication.card_not_after == end_of(date(2035, 5, 17))
    assert not authentication.renewal
    assert events(change) == []


def test_only_jlis_makes_cards() -> None:
    holder = person()
    with pytest.raises(NotAllowed, match="this desk"):
        note_made(act(), applied(holder), holder, KEYS, RULES)


def test_no_certificate_is_ordered_for_somebody_who_died_meanwhile() -> None:
    holder = person()
    card = applied(holder)
    with pytest.raises(NotAllowed, match="dead"):
        note_made(act(JLIS), card, replace(holder, alive=False), KEYS, RULES)


def test_a_guardian_appointed_meanwhile_stops_the_signing_certificate() -> None:
    holder = person()
    card = applied(holder)
    with pytest.raises(NotAllowed, match="ward"):
        note_made(act(JLIS), card, replace(holder, ward=True), KEYS, RULES)


def test_a_card_has_the_keys_that_were_applied_for() -> None:
    holder = person()
    with pytest.raises(NotAllowed, match="a key for each"):
        note_made(act(JLIS), applied(holder, kinds=frozenset({AUTHENTICATION})), holder, KEYS, RULES)


def test_a_card_without_certificates_orders_none() -> None:
    holder = person()
    change = note_made(act(JLIS), applied(holder, kinds=frozenset()), holder, {}, RULES)
    assert (change.messages, change.records[0].state) == ((), CardState.MADE)


def test_told_twice_a_card_is_made_once() -> None:
    holder, doing = person(), act(JLIS)
    once = note_made(doing, applied(holder), holder, KEYS, RULES)
    assert note_made(doing, once.records[0], holder, KEYS, RULES).is_nothing
    assert note_made(act(JLIS), once.records[0], holder, KEYS, RULES).is_nothing


def test_an_ended_application_is_not_made() -> None:
    holder = person()
    with pytest.raises(NotAllowed, match="cannot be made"):
        note_made(act(JLIS), in_state(CardState.ENDED, holder), holder, KEYS, RULES)


@pytest.mark.parametrize(
    ("state", "waits"), [(CardState.IN_FORCE, True), (CardState.HELD, True), (CardState.LOST, False)]
)
def test_a_card_for_an_exchange_gets_its_certificates_at_the_exchange(state: CardState, waits: bool) -> None:
    """公的個人認証法 第6条, 第25条: none is issued while one is valid; a report of loss has ended them."""
    holder = person()
    old = delivered(holder)
    new = applied(holder, START, old, ground=Ground.FACE_FULL)
    change = note_made(act(JLIS), new, holder, KEYS, RULES, old=replace(old, state=state))
    assert (orders(change) == []) is waits


def test_an_answer_is_noted_once() -> None:
    holder = person()
    card = making(applied(holder), holder)
    order = card.certificates[0]
    answer = CertificateIssued(order.order, b"certificate", b"issuer")
    card = after(note_issued(act(JLIS), card, answer, START), card)
    assert card.certificate(order.kind) == replace(order, note=CertificateNote.ISSUED, not_after=START)
    assert note_issued(act(JLIS), card, answer, START).is_nothing


def test_a_refusal_is_noted_with_its_name() -> None:
    holder = person()
    card = making(applied(holder), holder)
    change = note_refused(act(JLIS), card, OrderRefused(card.certificates[0].order, "not_allowed"))
    assert change.records[0].certificates[-1].note is CertificateNote.REFUSED
    assert "not_allowed" in change.entries[0].purpose
    assert note_refused(act(JLIS), change.records[0], OrderRefused(card.certificates[0].order, "again")).is_nothing


def test_an_answer_to_no_order_is_refused() -> None:
    card = made(person())
    with pytest.raises(NotFound):
        note_issued(act(JLIS), card, CertificateIssued("0" * 32, b"", b""), START)
    with pytest.raises(NotFound):
        note_refused(act(JLIS), card, OrderRefused("0" * 32, "not_allowed"))


def test_what_was_not_issued_is_not_written() -> None:
    holder = person()
    card = making(applied(holder), holder)
    with pytest.raises(NotAllowed, match="no certificate to be written"):
        note_written(act(JLIS), card, SIGNING)


def test_a_certificate_written_before_delivery_is_told_with_the_delivery() -> None:
    holder = person()
    card = making(applied(holder), holder)
    known = card.certificate(SIGNING)
    assert known is not None
    card = after(note_issued(act(JLIS), card, CertificateIssued(known.order, b"c", b"i"), START), card)
    change = note_written(act(JLIS), card, SIGNING)
    assert (events(change), len(change.records)) == ([], 1)


def ending(kind: OrderedKind, ends: date, card: Card) -> Card:
    known = card.certificate(kind)
    assert known is not None
    return replace(card, certificates=card.certificates_with(replace(known, not_after=end_of(ends))))


def test_a_certificate_is_renewed_alone_in_its_last_three_months() -> None:
    """公的個人認証法施行規則 第13条, 第49条: the sixth birthday, for who renews in the last three months."""
    holder = person()
    card = ending(SIGNING, date(2026, 6, 30), delivered(holder))
    change = order_certificate(act(), card, holder, SIGNING, b"new key", RULES)
    assert [order.renewal for order in orders(change)] == [True]
    assert change.records[0].state is CardState.IN_FORCE


def test_a_certificate_with_three_months_left_is_not_renewed() -> None:
    """公的個人認証法 第6条: no second one while one is valid."""
    holder = person()
    card = ending(SIGNING, date(2026, 7, 1), delivered(holder))
    with pytest.raises(NotAllowed, match="three months or longer"):
        order_certificate(act(), card, holder, SIGNING, b"new key", RULES)


def test_a_certificate_given_up_or_expired_is_ordered_anew_at_any_time() -> None:
    holder = person()
    card = delivered(holder)
    given_up = after(ask_revocation(act(), card, SIGNING), card)
    expired = ending(SIGNING, date(2026, 3, 31), card)
    for each in (given_up, expired):
        assert [order.renewal for order in orders(order_certificate(act(), each, holder, SIGNING, b"k", RULES))] == [
            False
        ]


def test_a_refused_certificate_can_be_ordered_again() -> None:
    holder = person()
    card = delivered(holder)
    known = card.certificate(SIGNING)
    assert known is not None
    card = replace(card, certificates=card.certificates_with(replace(known, note=CertificateNote.REFUSED)))
    assert len(orders(order_certificate(act(), card, holder, SIGNING, b"k", RULES))) == 1


@pytest.mark.parametrize("note", [CertificateNote.ORDERED, CertificateNote.ISSUED])
def test_a_certificate_on_its_way_is_not_ordered_again(note: CertificateNote) -> None:
    holder = person()
    card = delivered(holder)
    known = card.certificate(SIGNING)
    assert known is not None
    card = replace(card, certificates=card.certificates_with(replace(known, note=note)))
    with pytest.raises(NotAllowed, match="on its way"):
        order_certificate(act(), card, holder, SIGNING, b"k", RULES)


@pytest.mark.parametrize("state", [state for state in CardState if state is not CardState.IN_FORCE])
def test_certificates_are_ordered_for_a_card_in_force_only(state: CardState) -> None:
    holder = person()
    with pytest.raises(NotAllowed, match="not in force"):
        order_certificate(act(), in_state(state, holder), holder, SIGNING, b"k", RULES)


def test_no_certificate_is_ordered_for_a_card_that_is_over() -> None:
    holder = person()
    with pytest.raises(NotAllowed, match="not in force"):
        order_certificate(on(date(2035, 5, 18)), delivered(holder), holder, SIGNING, b"k", RULES)


@pytest.mark.parametrize(("change", "match"), [({"alive": False}, "dead"), ({"registered": False}, "no resident")])
def test_no_certificate_is_ordered_for_the_dead_or_gone(change: dict[str, bool], match: str) -> None:
    holder = person()
    with pytest.raises(NotAllowed, match=match):
        order_certificate(act(), delivered(holder), replace(holder, **change), SIGNING, b"k", RULES)  # type: ignore[arg-type]


def test_no_certificate_is_ordered_on_somebody_elses_card() -> None:
    with pytest.raises(NotAllowed, match="somebody else"):
        order_certificate(act(), delivered(person()), person(), SIGNING, b"k", RULES)


def test_no_certificate_is_ordered_at_another_window() -> None:
    holder = person()
    with pytest.raises(NotAllowed, match="municipality"):
        order_certificate(act(window(OSAKA)), delivered(holder), holder, SIGNING, b"k", RULES)


def test_a_child_grown_old_enough_gets_a_signing_certificate_for_the_card_it_has() -> None:
    child = person(date(2012, 5, 17))
    wishes: dict[str, Any] = {"kinds": frozenset({AUTHENTICATION}), "applicant": Applicant.GUARDIAN}
    waiting = made(child, **wishes)
    card = replace(waiting, state=CardState.IN_FORCE)
    with pytest.raises(NotAllowed, match="too young"):
        order_certificate(on(date(2027, 5, 16)), card, child, SIGNING, b"k", RULES)
    assert len(orders(order_certificate(on(date(2027, 5, 17)), card, child, SIGNING, b"k", RULES))) == 1


def test_a_certificate_written_at_the_window_is_in_its_holders_hands() -> None:
    holder = person()
    card = ending(SIGNING, date(2026, 6, 30), delivered(holder))
    card = after(order_certificate(act(), card, holder, SIGNING, b"new key", RULES), card)
    known = card.certificate(SIGNING)
    assert known is not None
    card = after(note_issued(act(), card, CertificateIssued(known.order, b"c", b"i"), START + timedelta(days=9)), card)
    change = note_written(act(), card, SIGNING)
    assert events(change) == [CardHappening.DELIVERED]
    assert note_written(act(), change.records[0], SIGNING).is_nothing


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (SIGNING, CardHappening.SIGNING_REVOCATION_ASKED),
        (AUTHENTICATION, CardHappening.AUTHENTICATION_REVOCATION_ASKED),
    ],
)
def test_a_holder_gives_up_one_certificate(kind: OrderedKind, told: CardHappening) -> None:
    """公的個人認証法 第9条, 第28条."""
    change = ask_revocation(act(), delivered(person()), kind)
    assert events(change) == [told]
    assert change.records[0].certificate(kind) is None


def test_given_up_twice_by_one_act_it_is_given_up_once() -> None:
    doing = act()
    once = ask_revocation(doing, delivered(person()), SIGNING)
    assert ask_revocation(doing, once.records[0], SIGNING).is_nothing


def test_what_was_never_made_has_no_certificates_ordered() -> None:
    holder = person()
    with pytest.raises(NotAllowed, match="never made"):
        order_certificate(
            act(), replace(delivered(holder), expires=None, certificates=()), holder, SIGNING, b"k", RULES
        )


def test_what_is_not_there_is_not_given_up() -> None:
    card = delivered(person(), kinds=frozenset({AUTHENTICATION}))
    with pytest.raises(NotAllowed, match="no signing"):
        ask_revocation(act(), card, SIGNING)


@pytest.mark.parametrize("state", [CardState.APPLIED, CardState.MADE, CardState.ENDED])
def test_certificates_of_a_card_that_one_does_not_have_are_not_given_up(state: CardState) -> None:
    with pytest.raises(NotAllowed, match="not its holder's"):
        ask_revocation(act(), in_state(state), SIGNING)


def test_a_lost_cards_certificates_can_be_given_up_too() -> None:
    card = after(report_lost(act(), (lost := delivered(person()))), lost)
    assert events(ask_revocation(act(), card, SIGNING)) == [CardHappening.SIGNING_REVOCATION_ASKED]
