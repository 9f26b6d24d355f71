"""What happens to people happens to their cards: every cause, every day that passes, and notices of what ends."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.registry.card_world import (
    AUTHENTICATION,
    JLIS,
    OSAKA,
    RULES,
    SIGNING,
    START,
    act,
    after,
    applied,
    delivered,
    events,
    hand_over,
    in_state,
    made,
    new_id,
    on,
    orders,
    person,
    window,
)
from warifu.errors import NotAllowed
from warifu.messages import Attribute, CardHappening, Cause, MinorCorrection, OrderedKind, ResidentEvent
from warifu.registry import (
    Act,
    Card,
    CardState,
    CardStep,
    Change,
    Renewable,
    end_of,
    find_renewals,
    follow_code_change,
    follow_number_change,
    follow_resident,
    note_invalidated,
    order_certificate,
    present_after_move,
    turn_day,
)

LIVING = [CardState.IN_FORCE, CardState.HELD, CardState.LOST]
ADDRESS = frozenset({Attribute.ADDRESS})


def event(
    card: Card, cause: Cause, changed: frozenset[Attribute] = frozenset(), minor: MinorCorrection | None = None
) -> ResidentEvent:
    return ResidentEvent(new_id(), card.holder, cause, changed, minor, START)


def follow(card: Card, cause: Cause, changed: frozenset[Attribute] = frozenset()) -> Change[Card]:
    return follow_resident(act(), [card], [event(card, cause, changed)])


@pytest.mark.parametrize("state", LIVING)
@pytest.mark.parametrize(
    ("cause", "step"),
    [
        (Cause.DEATH, CardStep.DIED),
        (Cause.LEAVING_COUNTRY, CardStep.LEFT_COUNTRY),
        (Cause.MOVE_NOT_COMPLETED, CardStep.MOVE_NOT_COMPLETED),
        (Cause.DELETION, CardStep.RECORD_DELETED),
        (Cause.ANNEX_DELETED, CardStep.ANNEX_DELETED),
    ],
)
def test_what_ends_a_card(state: CardState, cause: Cause, step: CardStep) -> None:
    """施行令 第14条第1号, 第2号, 第4号, 第9号, 第11号."""
    change = follow(in_state(state), cause)
    assert (change.records[0].ended_by, events(change)) == (step, [CardHappening.INVALIDATED])


def test_who_showed_the_card_before_leaving_keeps_it() -> None:
    """施行令 第14条第1号, in brackets."""
    card = replace(delivered(person()), abroad_under=OSAKA)
    change = follow(card, Cause.LEAVING_COUNTRY)
    gone = after(change, card)
    assert (gone.state, gone.municipality, gone.abroad_under, change.messages) == (
        CardState.IN_FORCE,
        OSAKA,
        None,
        (),
    )
    assert gone.certificate(SIGNING) is None, "its address is no longer true"
    assert follow(gone, Cause.LEAVING_COUNTRY).records[0].ended_by is CardStep.LEFT_COUNTRY, "once shown, once kept"


def test_the_dead_keep_no_card_wherever_they_went() -> None:
    card = replace(delivered(person()), abroad_under=OSAKA)
    assert follow(card, Cause.DEATH).records[0].ended_by is CardStep.DIED


@pytest.mark.parametrize("is_made", [False, True])
@pytest.mark.parametrize(
    "cause",
    [
        Cause.DEATH,
        Cause.LEAVING_COUNTRY,
        Cause.MOVE_NOT_COMPLETED,
        Cause.DELETION,
        Cause.ANNEX_DELETED,
        Cause.MOVE_OUT,
    ],
)
def test_a_card_that_its_holder_cannot_collect_any_more_is_destroyed(is_made: bool, cause: Cause) -> None:
    card = made(person()) if is_made else applied(person())
    change = follow(card, cause)
    assert (change.records[0].ended_by, events(change)) == (CardStep.HOLDER_GONE, [CardHappening.DISCARDED])


@pytest.mark.parametrize("cause", [Cause.MOVE_WITHIN, Cause.NAME_CHANGE, Cause.CORRECTION, Cause.NATURALISATION])
def test_what_changes_somebodys_attributes_leaves_the_card_and_forgets_its_signing_certificate(cause: Cause) -> None:
    """公的個人認証法 第12条第1項第1号."""
    card = delivered(person())
    change = follow(card, cause, ADDRESS)
    assert change.messages == ()
    assert after(change, card) == replace(
        card,
        certificates=card.certificates_without(SIGNING),
        version=card.version + 1,
        last_act=change.records[0].last_act,
    )


def test_certificates_that_were_recorded_wrongly_are_both_forgotten_and_both_can_be_had_again() -> None:
    """公的個人認証法 第13条, 第32条: the authority revokes both, though the register's record stays as it is."""
    holder = person()
    card = delivered(holder)
    left = after(follow(card, Cause.RECORDING_ERROR), card)
    assert (left.state, left.certificates) == (card.state, ())
    for kind in OrderedKind:
        assert len(orders(order_certificate(act(), left, holder, kind, b"k", RULES))) == 1


def test_a_minor_correction_leaves_everything() -> None:
    """公的個人認証法施行規則 第20条."""
    card = delivered(person())
    minor = event(card, Cause.CORRECTION, ADDRESS, MinorCorrection.DISTRICT_RENAMED)
    assert follow_resident(act(), [card], [minor]).is_nothing


def test_a_waiting_card_waits_on_and_its_signing_certificate_has_ended_too() -> None:
    holder = person()
    card = made(holder)
    waiting = after(follow(card, Cause.MOVE_WITHIN, ADDRESS), card)
    assert (waiting.state, waiting.certificate(SIGNING)) == (CardState.MADE, None)
    given_out = hand_over(waiting, holder)
    assert len(orders(order_certificate(act(), given_out, holder, SIGNING, b"k", RULES))) == 1


def test_a_birth_ends_nothing() -> None:
    assert follow(delivered(person()), Cause.BIRTH).is_nothing


def test_other_peoples_cards_are_not_touched() -> None:
    card, other = delivered(person()), delivered(person())
    assert follow_resident(act(), [card, other], [event(card, Cause.DEATH)]).records[0].id == card.id


def test_who_moves_in_shows_the_card_within_ninety_days() -> None:
    """施行令 第14条第3号."""
    card = delivered(person())
    change = follow(card, Cause.MOVE_IN, ADDRESS)
    moved = after(change, card)
    assert (moved.state, moved.present_by, change.messages) == (CardState.IN_FORCE, date(2026, 6, 30), ())
    assert moved.certificate(SIGNING) is None
    assert turn_day(on(date(2026, 6, 30), JLIS), [moved]).is_nothing
    late = turn_day(on(date(2026, 7, 1), JLIS), [moved])
    assert (late.records[0].ended_by, events(late)) == (CardStep.NOT_PRESENTED, [CardHappening.INVALIDATED])


@pytest.mark.parametrize("cause", [Cause.MOVE_OUT, Cause.MOVE_IN, Cause.LEAVING_COUNTRY])
def test_who_moves_on_without_showing_it_loses_the_card(cause: Cause) -> None:
    """施行令 第14条第3号: 又はその者が当該市町村長の統括する市町村から転出をしたとき."""
    card = after(follow(moving := delivered(person()), Cause.MOVE_IN, ADDRESS), moving)
    assert follow(card, cause).records[0].ended_by is CardStep.NOT_PRESENTED


def test_leaving_there_and_coming_here_in_one_act_is_one_move() -> None:
    card = delivered(person())
    both = [event(card, Cause.MOVE_OUT), event(card, Cause.MOVE_IN, ADDRESS)]
    change = follow_resident(act(), [card], both)
    (moved,) = change.records
    assert (moved.present_by, moved.version, change.messages) == (date(2026, 6, 30), card.version + 1, ())
    again = follow_resident(act(), [moved], [event(card, Cause.MOVE_OUT), event(card, Cause.MOVE_IN, ADDRESS)])
    assert (again.records[0].ended_by, events(again)) == (CardStep.NOT_PRESENTED, [CardHappening.INVALIDATED])


def test_who_showed_it_moves_on_with_it() -> None:
    holder = person()
    card = after(follow(moving := delivered(holder), Cause.MOVE_IN, ADDRESS), moving)
    there = replace(holder, municipality=OSAKA)
    shown = after(present_after_move(act(window(OSAKA)), card, there, pin_verified=True), card)
    assert follow(shown, Cause.MOVE_OUT, ADDRESS).is_nothing, "the signing certificate was given up already"


def test_moving_out_alone_ends_no_card() -> None:
    """施行令 第14条第4号: 転出届 … に基づき当該住民票が消除されたとき is excepted."""
    card = delivered(person())
    change = follow(card, Cause.MOVE_OUT)
    assert (change.messages, after(change, card).state) == ((), CardState.IN_FORCE)
    assert after(change, card).certificate(SIGNING) is None
    assert after(change, card).certificate(AUTHENTICATION) is not None


@pytest.mark.parametrize(
    ("following", "step"),
    [(follow_number_change, CardStep.NUMBER_CHANGED), (follow_code_change, CardStep.CODE_CHANGED)],
)
def test_another_number_ends_the_card_that_shows_the_old_one(
    following: Callable[[Act, list[Card]], Change[Card]], step: CardStep
) -> None:
    """施行令 第14条第5号, 第6号."""
    change = following(act(), [delivered(person()), made(person()), in_state(CardState.ENDED)])
    assert [card.ended_by for card in change.records] == [step, CardStep.HOLDER_GONE]
    assert events(change) == [CardHappening.INVALIDATED, CardHappening.DISCARDED]


@pytest.mark.parametrize("state", [*LIVING, CardState.MADE])
def test_a_card_ends_after_its_last_day(state: CardState) -> None:
    """番号法 第17条第10項."""
    card = in_state(state)
    assert turn_day(on(date(2035, 5, 17), JLIS), [card]).is_nothing
    change = turn_day(on(date(2035, 5, 18), JLIS), [card])
    assert (change.records[0].ended_by, events(change)) == (CardStep.EXPIRED, [CardHappening.EXPIRED])
    assert turn_day(on(date(2035, 5, 19), JLIS), change.records).is_nothing


def test_an_application_does_not_expire() -> None:
    assert turn_day(on(date(2099, 1, 1), JLIS), [applied(person())]).is_nothing


@pytest.mark.parametrize("step", [CardStep.RETURN_NOT_NOTIFIED, CardStep.OUTSIDE_THE_ACT])
def test_a_window_learns_that_the_law_has_ended_a_card(step: CardStep) -> None:
    """施行令 第14条第7号, 第12号."""
    doing = act()
    change = note_invalidated(doing, delivered(person()), step)
    assert (change.records[0].ended_by, events(change)) == (step, [CardHappening.INVALIDATED])
    assert note_invalidated(doing, change.records[0], step).is_nothing


@pytest.mark.parametrize(
    "step", [CardStep.EXPIRED, CardStep.REISSUE_ASKED, CardStep.RETURN_ORDERED, CardStep.PRESENTED]
)
def test_what_the_law_does_not_do_by_itself_is_no_such_case(step: CardStep) -> None:
    with pytest.raises(NotAllowed, match="by itself"):
        note_invalidated(act(), delivered(person()), step)


def test_an_event_that_comes_twice_is_followed_once() -> None:
    card, doing = delivered(person()), act()
    first = follow_resident(doing, [card], [event(card, Cause.MOVE_IN, ADDRESS)])
    assert follow_resident(doing, first.records, [event(card, Cause.MOVE_IN, ADDRESS)]).is_nothing
    assert follow_number_change(doing, first.records).is_nothing
    assert turn_day(replace(doing, at=doing.at + timedelta(days=9999)), first.records).is_nothing


def test_a_notice_goes_out_on_the_first_day_of_the_last_three_months() -> None:
    card = delivered(person())
    assert find_renewals([card], date(2035, 2, 17)) == []
    (notice,) = find_renewals([card], date(2035, 2, 18))
    assert (notice.what, notice.last_day, notice.holder) == (Renewable.CARD, date(2035, 5, 17), card.holder)


def test_certificates_that_end_before_the_card_are_announced_each() -> None:
    """公的個人認証法施行規則 第13条, 第49条: the fifth birthday."""
    card = delivered(person())
    for each in card.certificates:
        card = replace(card, certificates=card.certificates_with(replace(each, not_after=end_of(date(2030, 5, 17)))))
    assert [notice.what for notice in find_renewals([card], date(2030, 3, 1))] == [
        Renewable.AUTHENTICATION,
        Renewable.SIGNING,
    ]
    assert find_renewals([card], date(2030, 5, 18)) == [], "what has ended is not announced"


@pytest.mark.parametrize("state", [state for state in CardState if state is not CardState.IN_FORCE])
def test_nothing_is_announced_about_a_card_that_is_not_in_use(state: CardState) -> None:
    assert find_renewals([in_state(state)], date(2035, 4, 1)) == []
