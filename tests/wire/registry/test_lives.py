"""A life as the window reads it, and acts that are rehearsed."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import MetaData, func, select

from tests.applying import applied
from tests.ca.town import key
from tests.wire.conftest import Place
from tests.wire.registry.world import (
    AWAY,
    HOME,
    HOTLINE,
    JLIS,
    KIYOSE,
    SHIBUYA,
    World,
    living,
    name,
    person,
    section,
    window,
)
from warifu.errors import NotAllowed
from warifu.messages import MinorCorrection, OrderedKind
from warifu.person import Address
from warifu.registry import (
    ActKind,
    CardApplication,
    Claims,
    Correction,
    Ground,
    Medium,
    Relationship,
    Section,
    SignedByCard,
)
from warifu.wire.database import reading
from warifu.wire.registry import Cards, Done, Effect, People, WindowStep
from warifu.wire.registry.effects import What

ELSEWHERE = Address("東京都清瀬市架空町二丁目９番")
SIGNING, AUTHENTICATION = OrderedKind.SIGNING, OrderedKind.AUTHENTICATION


@pytest.fixture
def world(place: Place) -> Iterator[World]:
    with living(place) as world:
        yield world


def rows(world: World) -> dict[str, int]:
    """How many rows each table has."""
    metadata = MetaData()
    metadata.reflect(world.engine)
    with reading(world.engine) as connection:
        counts = {table.name: select(func.count()).select_from(table) for table in metadata.sorted_tables}
        return {name: connection.scalar(count) or 0 for name, count in counts.items()}


def move(world: World, holder: str) -> tuple[Effect, ...]:
    def act(people: People, _cards: Cards) -> Done:
        today = world.clock.now().date()
        return people.move_within(window(), {holder: Relationship.HEAD}, ELSEWHERE, today)

    return world.registry.rehearsal.rehearse(act, "case")


def test_a_rehearsal_tells_what_would_end_and_leaves_nothing_behind(world: World) -> None:
    """公的個人認証法 第12条第1号."""
    holder = world.resident()
    world.card(holder)
    before = rows(world)
    assert move(world, holder) == (Effect(What.CERTIFICATE_ENDED, holder, SIGNING),)
    after = rows(world)
    assert {name for name, count in after.items() if count != before[name]} == {"log_entry", "log_holder"}  # a look
    assert world.record(holder).address == HOME


def test_a_rehearsal_tells_what_doing_it_does(world: World) -> None:
    holder = world.resident()
    world.card(holder)
    told = world.registry.rehearsal.rehearse(
        lambda people, _cards: people.register_death(window(), holder, date(2026, 11, 22)), "case"
    )
    world.registry.people.register_death(window(), holder, date(2026, 11, 22))
    assert world.registry.lives.life(window(), holder, "case").events[-1].effects == told
    assert {each.what for each in told} == {What.CARD_ENDED, What.CERTIFICATE_ENDED}


def test_a_rehearsal_refuses_what_doing_it_refuses(world: World) -> None:
    holder = world.resident()
    with pytest.raises(NotAllowed, match="future"):
        world.registry.rehearsal.rehearse(
            lambda people, _cards: people.register_death(window(), holder, date(2027, 1, 1)), "case"
        )


def test_a_minor_correction_has_no_effect(world: World) -> None:
    """公的個人認証法施行規則 第20条."""
    holder = world.resident()
    world.card(holder)
    correction = Correction(address=Address("東京都清瀬市割符町一丁目２番３号"))
    minor = MinorCorrection.DISTRICT_RENAMED
    world.registry.people.correct(window(), holder, correction, minor)
    event = world.registry.lives.life(window(), holder, "case").events[-1]
    assert (event.kind, event.effects) == (ActKind.CORRECTION, ())


def test_a_life_is_in_order_and_says_who_did_what(world: World) -> None:
    holder = world.resident()
    world.card(holder)
    life = world.registry.lives.life(window(), holder, "case")
    assert [event.what for event in life.events] == [
        "register_arrival",
        "number_designated",
        "apply_for_card",
        "note_made",
        "card",
        "card",
        "note_written",
        "note_written",
        "deliver",
    ]
    assert [each.what for each in life.events[-1].effects] == [What.CARD_IN_FORCE]
    assert life.events[2].clerk == JLIS
    assert (life.gone, life.abroad, life.japanese) == (None, False, True)


def test_a_suspended_cards_certificates_end_when_it_is_found(world: World) -> None:
    holder = world.resident()
    card = world.card(holder)
    call = world.registry.calls.take(HOTLINE, Claims(name().name.text, "19900401", HOME.text))
    world.registry.calls.suspend(HOTLINE, call.act, frozenset({Medium.CARD}))
    world.registry.cards.at_window(window(), card.id, WindowStep.NOTE_FOUND)
    held, found = world.registry.lives.life(window(), holder, "case").events[-2:]
    assert [each.what for each in held.effects] == [What.CARD_HELD, What.CERTIFICATE_HELD, What.CERTIFICATE_HELD]
    assert {(each.what, each.kind) for each in found.effects} == {
        (What.CARD_IN_FORCE, None),
        (What.CERTIFICATE_ENDED, SIGNING),
        (What.CERTIFICATE_ENDED, AUTHENTICATION),
    }


def test_a_phones_certificate_falls_with_the_cards_and_only_once(world: World) -> None:
    """公的個人認証法 第16条の13."""
    holder = world.resident()
    card = world.card(holder)
    keys = {kind: key(30 + index).public_key_info for index, kind in enumerate(OrderedKind)}
    world.registry.cards.apply_for_phone(JLIS, SignedByCard(card.id, applied(keys, world.clock.now())))
    world.settle()
    fallen = Effect(What.PHONE_CERTIFICATE_ENDED, holder, SIGNING)
    assert fallen in move(world, holder)
    today = world.clock.now().date()
    for address in (ELSEWHERE, HOME):
        world.registry.people.move_within(window(), {holder: Relationship.HEAD}, address, today)
    first, second = world.registry.lives.life(window(), holder, "case").events[-2:]
    assert fallen in first.effects
    assert second.effects == ()


def test_reading_a_life_is_a_look_and_for_the_serving_window_only(world: World) -> None:
    holder = world.resident()
    world.registry.lives.life(window(), holder, "case 7")
    assert world.registry.looks.entries(window(), holder)[0][1].purpose == "case 7"
    for other in (window(SHIBUYA, "clerk-9"), section(Section.TAX)):
        with pytest.raises(NotAllowed):
            world.registry.lives.life(other, holder, "case 8")


def test_protection_is_told_as_long_as_it_holds(world: World) -> None:
    holder = world.resident()
    until = world.clock.now().date() + timedelta(days=300)
    world.registry.people.protect(window(), holder, until)
    assert world.registry.lives.life(window(), holder, "case").protected_until == until
    world.clock.forward(days=302)
    assert world.registry.lives.life(window(), holder, "case").protected_until is None


def test_an_application_shows_what_it_gives_up(world: World) -> None:
    """カード命令 第28条第4項: the lost card ends with the application for another."""
    holder = world.resident()
    world.card(holder)
    application = CardApplication(ground=Ground.LOST, proof_of_loss=True)
    told = world.registry.rehearsal.rehearse(
        lambda _people, cards: cards.apply(window(KIYOSE), holder, application), "case"
    )
    assert {each.what for each in told} == {What.CARD_APPLIED, What.CARD_ENDED, What.CERTIFICATE_ENDED}


def test_a_newborn_joins_without_effect_on_anybodys_card(world: World) -> None:
    holder = world.resident()
    world.card(holder)
    child = person(Relationship.CHILD, "割符　月子", born=world.record(holder).birth_date)
    told = world.registry.rehearsal.rehearse(
        lambda people, _cards: people.register_birth(window(), holder, child), "case"
    )
    assert told == ()


def test_a_rehearsal_is_a_look(world: World) -> None:
    """Whoever moves in lives elsewhere, and what the move would end tells of the person's card."""
    holder = world.resident()
    world.card(holder)
    world.registry.people.move_out(window(), {holder}, world.clock.now().date(), SHIBUYA)
    there = window(SHIBUYA, "clerk-9")

    def act(people: People, _cards: Cards) -> Done:
        return people.move_in(there, {holder: Relationship.HEAD}, AWAY, world.clock.now().date())

    assert world.registry.rehearsal.rehearse(act, "case 12")
    entry = world.registry.looks.entries(window(), holder)[0][1]
    assert (entry.what, entry.clerk, entry.purpose) == (ActKind.LOOK, there, "case 12")
