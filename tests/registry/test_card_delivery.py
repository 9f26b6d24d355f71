"""Handing a card over: who may take it, who sets the PINs, exchanges, and cards that nobody collects."""

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
    answered,
    applied,
    delivered,
    events,
    hand_over,
    in_state,
    made,
    on,
    orders,
    person,
    window,
)
from warifu.errors import NotAllowed
from warifu.messages import CardHappening
from warifu.registry import (
    Applicant,
    Card,
    CardApplication,
    CardHolder,
    CardPin,
    CardState,
    CardStep,
    Collector,
    Ground,
    Handover,
    PinsSet,
    Proof,
    Route,
    apply_for_card,
    begin_delivery,
    complete_delivery,
    destroy_uncollected,
    find_uncollected,
    note_made,
    pins_of,
    report_lost,
)


def begin(card: Card, holder: CardHolder, collector: Collector = Collector.HOLDER, **more: Any) -> Handover:
    proof = more.pop("proof", Proof.PHOTO_DOCUMENT)
    return begin_delivery(more.pop("doing", act()), card, holder, collector, proof, RULES, **more)


def test_the_holder_sets_all_four_pins_at_the_counter() -> None:
    """カード命令 第33条第1項."""
    holder = person()
    opened = begin(made(holder), holder)
    assert (opened.pins, opened.by_machine) == (frozenset(CardPin), False)


def test_a_card_without_a_signing_certificate_has_no_signing_password() -> None:
    holder = person()
    card = made(holder, kinds=frozenset({AUTHENTICATION}))
    assert begin(card, holder).pins == {CardPin.AUTHENTICATION, CardPin.TEXT, CardPin.RESIDENT}


def test_a_face_verification_card_has_no_pins_to_set() -> None:
    """カード命令 第33条第7項."""
    holder = person()
    card = made(holder, kinds=frozenset({AUTHENTICATION}), pins=False)
    opened = begin(card, holder)
    assert (opened.pins, opened.by_machine) == (frozenset(), False)
    done = complete_delivery(act(), opened, card, holder, PinsSet(card.id, frozenset()))
    assert done.records[0].state is CardState.IN_FORCE


def test_no_pin_can_be_told_to_the_register() -> None:
    assert PinsSet.__slots__ == ("card", "pins")


def test_a_delivered_card_is_in_force_and_the_authorities_hear_it() -> None:
    """番号法 第17条第1項."""
    holder = person()
    card = made(holder)
    done = complete_delivery(act(), begin(card, holder), card, holder, PinsSet(card.id, pins_of(card)))
    assert (done.records[0].state, events(done)) == (CardState.IN_FORCE, [CardHappening.DELIVERED])


def test_the_same_delivery_sent_twice_is_one() -> None:
    holder, doing = person(), act()
    card = made(holder)
    opened, pins = begin(card, holder), PinsSet(card.id, pins_of(card))
    once = complete_delivery(doing, opened, card, holder, pins)
    assert complete_delivery(doing, opened, once.records[0], holder, pins).is_nothing


def test_a_card_is_not_given_out_before_its_pins_are_set() -> None:
    """カード命令 第33条第1項: 設定しなければならない."""
    holder = person()
    card = made(holder)
    with pytest.raises(NotAllowed, match="not set"):
        complete_delivery(act(), begin(card, holder), card, holder, PinsSet(card.id, frozenset({CardPin.TEXT})))


def test_the_terminal_speaks_of_this_card() -> None:
    holder = person()
    card, other = made(holder), made(person())
    with pytest.raises(NotAllowed, match="another card"):
        complete_delivery(act(), begin(card, holder), card, holder, PinsSet(other.id, pins_of(card)))


@pytest.mark.parametrize("state", [state for state in CardState if state is not CardState.MADE])
def test_only_a_waiting_card_is_handed_over(state: CardState) -> None:
    holder = person()
    with pytest.raises(NotAllowed, match="not waiting"):
        begin(in_state(state, holder), holder)


def test_a_card_is_handed_over_with_its_certificates_on_it() -> None:
    holder = person()
    card = applied(holder)
    card = after(note_made(act(JLIS), card, holder, KEYS, RULES), card)
    with pytest.raises(NotAllowed, match="not on the card yet"):
        begin(card, holder)


def test_nobody_gets_somebody_elses_card() -> None:
    with pytest.raises(NotAllowed, match="somebody else"):
        begin(made(person()), person())


def test_the_dead_collect_nothing() -> None:
    holder = person()
    with pytest.raises(NotAllowed, match="dead"):
        begin(made(holder), replace(holder, alive=False))


def test_who_died_between_the_two_steps_gets_nothing() -> None:
    holder = person()
    card = made(holder)
    with pytest.raises(NotAllowed, match="dead"):
        complete_delivery(
            act(), begin(card, holder), card, replace(holder, alive=False), PinsSet(card.id, pins_of(card))
        )


def test_who_moved_away_collects_nothing_here() -> None:
    """番号法 第17条第1項: the mayor of the place of residence delivers."""
    holder = person()
    with pytest.raises(NotAllowed, match="moved away"):
        begin(made(holder), replace(holder, municipality=OSAKA))


def test_a_card_is_collected_at_its_own_window() -> None:
    holder = person()
    with pytest.raises(NotAllowed, match="municipality"):
        begin(made(holder), holder, doing=act(window(OSAKA)))


def test_a_card_that_expired_while_it_waited_is_not_handed_over() -> None:
    holder = person()
    with pytest.raises(NotAllowed, match="expired"):
        begin(made(holder), holder, doing=on(date(2035, 5, 18)))


def test_for_a_child_a_guardian_comes() -> None:
    child = person(date(2012, 5, 17))
    card = made(child, kinds=frozenset({AUTHENTICATION}), applicant=Applicant.GUARDIAN)
    with pytest.raises(NotAllowed, match="guardian comes"):
        begin(card, child)
    assert begin(card, child, Collector.GUARDIAN).by_machine is False, "a guardian sets the PINs (第33条第1項)"


def test_an_adult_has_no_guardian() -> None:
    holder = person()
    with pytest.raises(NotAllowed, match="no guardian"):
        begin(made(holder), holder, Collector.GUARDIAN)


def test_somebody_else_comes_for_a_good_reason_only() -> None:
    """施行令 第13条第7項."""
    holder = person()
    with pytest.raises(NotAllowed, match="cannot come"):
        begin(made(holder), holder, Collector.DELEGATE)


def test_a_delegate_never_types_the_holders_pins() -> None:
    """カード命令 第33条第5項: handed in, and set by the mayor."""
    holder = person()
    assert begin(made(holder), holder, Collector.DELEGATE, cannot_come=True).by_machine


def test_a_card_sent_by_post_was_seen_applied_for() -> None:
    """番号法 第17条第2項, 施行令 第13条第6項ただし書."""
    holder = person()
    card = made(holder, route=Route.POST, in_person=True)
    opened = begin(card, holder, proof=Proof.SEEN_AT_APPLICATION)
    assert opened.by_machine
    with pytest.raises(NotAllowed, match="at the counter"):
        begin(card, holder, proof=Proof.PHOTO_DOCUMENT)


def test_at_the_counter_one_shows_who_one_is() -> None:
    """番号法 第17条第1項第1号."""
    holder = person()
    with pytest.raises(NotAllowed, match="identified there"):
        begin(made(holder), holder, proof=Proof.SEEN_AT_APPLICATION)


def exchange(holder: CardHolder, old: Card, today: date) -> Card:
    new = applied(holder, on(today).at, old, ground=Ground.SOON_OVER)
    return after(note_made(on(today, JLIS), new, holder, KEYS, RULES, old=old), new)


def test_an_exchange_ends_the_old_card_and_renews_its_certificates() -> None:
    """カード命令 第29条第2項, 公的個人認証法施行規則 第13条."""
    holder, today = person(), date(2035, 4, 1)
    old = delivered(holder)
    new = exchange(holder, old, today)
    assert new.expires == date(2045, 5, 17), "the eleventh birthday"
    pins = PinsSet(new.id, pins_of(new))
    done = complete_delivery(on(today), begin(new, holder, doing=on(today)), new, holder, pins, old=old, keys=KEYS)
    assert after(done, old).ended_by is CardStep.EXCHANGED
    assert after(done, new).state is CardState.IN_FORCE
    assert [order.renewal for order in orders(done)] == [True, True]
    kinds = [type(message).__name__ for message in done.messages]
    assert kinds == ["CardEvent", "CertificateOrder", "CertificateOrder", "CardEvent"]
    assert events(done) == [CardHappening.DELIVERED, CardHappening.RETURNED], "the old one ends after the orders"
    assert answered(after(done, new), START).certificate(SIGNING) is not None


def test_the_old_card_is_handed_in() -> None:
    """カード命令 第29条第2項: 引換えに."""
    holder, today = person(), date(2035, 4, 1)
    old = delivered(holder)
    new = exchange(holder, old, today)
    opened, pins = begin(new, holder, doing=on(today)), PinsSet(new.id, pins_of(new))
    with pytest.raises(NotAllowed, match="handed in"):
        complete_delivery(on(today), opened, new, holder, pins, keys=KEYS)
    with pytest.raises(NotAllowed, match="handed in"):
        complete_delivery(on(today), opened, new, holder, pins, old=delivered(holder), keys=KEYS)


def test_a_card_lost_while_the_new_one_was_made_ends_with_the_hand_over() -> None:
    holder = person()
    old = delivered(holder)
    new = applied(holder, START, old, ground=Ground.FACE_FULL)
    lost = after(report_lost(act(), old), old)
    new = answered(after(note_made(act(JLIS), new, holder, KEYS, RULES, old=lost), new), START)
    opened = begin(new, holder)
    done = complete_delivery(act(), opened, new, holder, PinsSet(new.id, pins_of(new)), old=lost)
    assert (after(done, new).state, after(done, lost).ended_by) == (CardState.IN_FORCE, CardStep.EXCHANGED)
    assert orders(done) == [], "its certificates were ordered when it was made: those of a lost card have ended"


def test_a_card_in_the_place_of_one_that_is_gone_is_handed_over() -> None:
    holder = person()
    old = delivered(holder)
    application = CardApplication(ground=Ground.LOST, proof_of_loss=True)
    change = apply_for_card(act(), application, holder, [old], RULES)
    new, gone = change.records
    new = answered(after(note_made(act(JLIS), new, holder, KEYS, RULES, old=gone), new), START)
    assert hand_over(new, holder, old=gone).state is CardState.IN_FORCE
    with pytest.raises(NotAllowed, match="known to be gone"):
        hand_over(new, holder)


def test_at_an_exchange_the_new_card_names_its_keys() -> None:
    holder, today = person(), date(2035, 4, 1)
    old = delivered(holder)
    new = exchange(holder, old, today)
    with pytest.raises(NotAllowed, match="a key for each"):
        complete_delivery(
            on(today), begin(new, holder, doing=on(today)), new, holder, PinsSet(new.id, pins_of(new)), old=old
        )


def test_an_old_card_that_expired_meanwhile_needs_no_renewal() -> None:
    holder, today = person(), date(2035, 4, 1)
    old = delivered(holder)
    new = exchange(holder, old, today)
    gone = replace(old, state=CardState.ENDED)
    later = date(2035, 6, 1)
    pins = PinsSet(new.id, pins_of(new))
    done = complete_delivery(on(later), begin(new, holder, doing=on(later)), new, holder, pins, old=gone, keys=KEYS)
    assert [order.renewal for order in orders(done)] == [False, False]
    assert events(done) == [CardHappening.DELIVERED]


def test_nobody_collects_a_card_for_a_year_and_it_is_destroyed() -> None:
    """Municipalities' pages: about a year after the application; Modelled: to the day."""
    card = made(person())
    late = act(at=START + RULES.kept_for + timedelta(seconds=1))
    assert find_uncollected([card, delivered(person())], RULES, late) == [card]
    change = destroy_uncollected(late, card, RULES)
    assert (change.records[0].ended_by, events(change)) == (CardStep.NEVER_COLLECTED, [CardHappening.DISCARDED])
    assert destroy_uncollected(act(at=late.at), change.records[0], RULES).is_nothing


def test_a_card_is_kept_for_a_year() -> None:
    card = made(person())
    soon = act(at=START + RULES.kept_for)
    assert find_uncollected([card], RULES, soon) == []
    with pytest.raises(NotAllowed, match="a while longer"):
        destroy_uncollected(soon, card, RULES)


def test_a_delivered_card_is_not_destroyed() -> None:
    with pytest.raises(NotAllowed, match="cannot be never collected"):
        destroy_uncollected(act(), delivered(person()), RULES)
