"""The town's people in its register: who they are, what their cards went through, and that both records agree."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from warifu.ca import State
from warifu.messages import Cause
from warifu.pki import JST
from warifu.registry import Card, CardState, CardStep, CertificateNote, Clerk, Relationship, Sight
from warifu.town.personas import PERSONAS, plan_of
from warifu.town.plans import Persona
from warifu.town.register import open_register
from warifu.town.residents import Resident, resident
from warifu.town.town import Town
from warifu.wire.authority import Authorities
from warifu.wire.clock import SystemClock, SystemEntropy
from warifu.wire.registry import Registry, window_desk

_ALL = frozenset(Sight)


@contextmanager
def _at_work(town: Town) -> Iterator[tuple[Registry, Authorities]]:
    with (
        town.authorities() as authorities,
        open_register(town.folder, authorities, SystemClock(), SystemEntropy()) as register,
    ):
        yield register, authorities


def _person(town: Town, plan: Persona) -> Resident:
    return resident(plan, town.roster.seed, town.roster.founded.astimezone(JST).date())


def _clerk(person: Resident) -> Clerk:
    return Clerk("test-clerk", window_desk(person.municipality.code))


def _cards(register: Registry, person: Resident) -> list[Card]:
    cards = register.looks.cards_of(_clerk(person), person.id, "test")
    return sorted(cards, key=lambda card: card.applied_at)


def test_everybody_is_a_resident_under_the_name_and_the_number_of_the_card(town: Town) -> None:
    with _at_work(town) as (register, _):
        for plan in PERSONAS:
            person = _person(town, plan)
            seen = register.looks.see(_clerk(person), person.id, _ALL, "test")
            assert seen.name is not None
            assert seen.name.shown == person.attributes.name
            assert (seen.birth_date, seen.sex) == (person.attributes.birth_date, person.attributes.sex)
            assert seen.whereabouts is not None
            assert seen.whereabouts.address == person.attributes.address
            assert seen.number == person.individual_number
            assert seen.code == person.resident_record_code


def test_twins_live_together_and_a_child_with_its_mother(town: Town) -> None:
    with _at_work(town) as (register, _):
        for name, relationships in (
            ("twin-first", {Relationship.HEAD, Relationship.SIBLING}),
            ("child", {Relationship.HEAD, Relationship.CHILD}),
        ):
            person = _person(town, plan_of(name))
            seen = register.looks.see(_clerk(person), person.id, _ALL, "test")
            assert seen.whereabouts is not None
            found = register.looks.search(
                _clerk(person), {Sight.RELATIONSHIP}, "test", household=seen.whereabouts.household
            )
            assert {each.relationship for each in found.people} == relationships


def test_each_card_ends_on_the_day_that_is_printed_on_it(town: Town) -> None:
    with _at_work(town) as (register, _):
        for row in town.roster.people:
            cards = _cards(register, _person(town, plan_of(row.name)))
            printed = [int(card.matching_number_b[6:10]) for card in row.cards]
            assert sorted(card.expires.year for card in cards if card.expires) == sorted(printed)


@pytest.mark.parametrize(
    ("name", "states"),
    [
        ("ordinary", [CardState.IN_FORCE]),
        ("cardless", []),
        ("suspended", [CardState.HELD]),
        ("reissued", [CardState.ENDED, CardState.IN_FORCE]),
        ("deceased", [CardState.ENDED]),
    ],
)
def test_a_card_is_where_its_holders_story_left_it(town: Town, name: str, states: list[CardState]) -> None:
    with _at_work(town) as (register, _):
        assert [card.state for card in _cards(register, _person(town, plan_of(name)))] == states


def test_the_register_notes_the_certificates_that_the_authorities_have(town: Town) -> None:
    now = datetime.now(UTC)
    with _at_work(town) as (register, authorities):
        for plan in PERSONAS:
            person = _person(town, plan)
            cards = [card for card in _cards(register, person) if card.state is not CardState.ENDED]
            phones = register.looks.phones_of(_clerk(person), person.id, "test")
            noted = {
                (each.kind.value, each.not_after)
                for each in (
                    *(n for card in cards for n in card.certificates),
                    *(n for it in phones for n in it.certificates),
                )
                if each.note is CertificateNote.ON_CARD and each.not_after and each.not_after > now
            }
            live = authorities.live_of(person.id)
            assert noted == {(each.kind.value, each.not_after) for each in live}, plan.name
            held = {each.state for each in live} == {State.HELD}
            assert held is (plan.name == "suspended")


def test_a_life_is_told_on_the_days_on_which_it_happened(town: Town) -> None:
    with _at_work(town) as (register, _):
        person = _person(town, plan_of("reissued"))
        life = register.lives.life(_clerk(person), person.id, "test")
        whats = [event.what for event in life.events]
        assert whats[0] == "move_in"
        assert [each for each in whats if each in {"deliver", "report_lost", "apply_for_card"}] == [
            "apply_for_card",
            "deliver",
            "report_lost",
            "apply_for_card",
            "deliver",
        ]
        moments = [event.at for event in life.events]
        assert moments == sorted(moments)
        assert moments[-1] < town.roster.founded
        assert _cards(register, person)[0].ended_by is CardStep.REISSUE_ASKED


def test_who_died_is_gone_from_the_register(town: Town) -> None:
    with _at_work(town) as (register, _):
        person = _person(town, plan_of("deceased"))
        assert register.lives.life(_clerk(person), person.id, "test").gone is Cause.DEATH


def test_nobody_is_told_of_the_past_and_the_log_holds_together(town: Town) -> None:
    with _at_work(town) as (register, _):
        assert register.queues() == []
        assert register.check_log() > len(PERSONAS)
