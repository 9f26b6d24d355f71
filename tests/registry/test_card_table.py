"""The table of a card's life: every row, every refusal, and what repeats."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.registry.card_world import START, act, in_state, on
from warifu.errors import NotAllowed
from warifu.messages import CardHappening
from warifu.registry import CARD_EDGES, CardEdge, CardState, CardStep, card_edge, follow_card

ENDING = [edge for edge in CARD_EDGES if edge.after is CardState.ENDED]
LIVING = [edge for edge in CARD_EDGES if edge.after is not CardState.ENDED]
OUT_OF_ROW = [
    pytest.param(edge, state, id=f"{edge.step.value}-{state.value}")
    for edge in CARD_EDGES
    for state in CardState
    if state not in edge.before
    and state is not edge.after
    and (edge.step, state) != (CardStep.SUSPENDED, CardState.LOST)
]


def name(edge: CardEdge) -> str:
    return edge.step.value


def test_every_step_has_exactly_one_row() -> None:
    assert sorted(edge.step.value for edge in CARD_EDGES) == sorted(step.value for step in CardStep)


@pytest.mark.parametrize("edge", CARD_EDGES, ids=name)
def test_a_row_leads_where_it_says_from_every_state_it_names(edge: CardEdge) -> None:
    for state in edge.before:
        card = follow_card(in_state(state), edge.step, act())
        assert card.state is (edge.after or state)


@pytest.mark.parametrize(("edge", "state"), OUT_OF_ROW)
def test_what_the_table_does_not_list_is_refused(edge: CardEdge, state: CardState) -> None:
    with pytest.raises(NotAllowed, match="cannot be"):
        follow_card(in_state(state), edge.step, act())


@pytest.mark.parametrize("edge", [edge for edge in CARD_EDGES if edge.after], ids=name)
def test_a_step_that_repeats_what_is_so_changes_nothing(edge: CardEdge) -> None:
    card = follow_card(in_state(min(edge.before, key=lambda state: state.value)), edge.step, act())
    assert follow_card(card, edge.step, act(at=START + timedelta(days=1))) is card


def test_a_card_reported_lost_is_suspended_already() -> None:
    card = in_state(CardState.LOST)
    assert follow_card(card, CardStep.SUSPENDED, act()) is card


@pytest.mark.parametrize("edge", ENDING, ids=name)
def test_the_first_end_is_the_one_that_counts(edge: CardEdge) -> None:
    ended = follow_card(in_state(min(edge.before, key=lambda state: state.value)), edge.step, act())
    assert (ended.ended_by, ended.ended_at) == (edge.step, START)
    assert follow_card(ended, CardStep.DIED, act(at=START + timedelta(days=9))) is ended


@pytest.mark.parametrize("edge", LIVING, ids=name)
def test_after_its_last_day_a_card_can_only_end(edge: CardEdge) -> None:
    for state in edge.before - {CardState.APPLIED}:
        card = replace(in_state(state), expires=date(2026, 3, 31))
        with pytest.raises(NotAllowed, match="expired"):
            follow_card(card, edge.step, on(date(2026, 4, 1)))


def test_on_its_last_day_a_card_is_good() -> None:
    card = replace(in_state(CardState.IN_FORCE), expires=date(2026, 4, 1))
    assert follow_card(card, CardStep.FACE_UPDATED, on(date(2026, 4, 1))).state is CardState.IN_FORCE


def test_whatever_ends_a_card_is_told_to_the_authorities() -> None:
    """公的個人認証法施行規則 第17条, 第53条: a card that loses its effect counts as a notice about its keys."""
    assert all(edge.told is not None for edge in CARD_EDGES if edge.after is CardState.ENDED)


def test_a_card_that_comes_back_has_its_held_certificates_ended() -> None:
    """CPS §4.9.9: release of a hold is not performed; jpki.go.jp, lost card: revoked, and issued anew on request."""
    assert card_edge(CardStep.FOUND).told is CardHappening.HOLD_LIFTED


@pytest.mark.parametrize("edge", [edge for edge in ENDING if edge.told is CardHappening.INVALIDATED], ids=name)
def test_the_law_invalidates_delivered_cards_only(edge: CardEdge) -> None:
    """番号法 第17条第10項: a card that was delivered."""
    assert edge.before == {CardState.IN_FORCE, CardState.HELD, CardState.LOST}
    assert edge.article.startswith(("施行令 第14条", "カード命令 第28条"))


def test_one_act_makes_one_version() -> None:
    doing = act()
    card = in_state(CardState.IN_FORCE)
    twice = follow_card(follow_card(card, CardStep.FACE_UPDATED, doing), CardStep.SUSPENDED, doing)
    assert (twice.version, twice.last_act) == (card.version + 1, doing.id)
