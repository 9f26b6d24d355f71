"""The page offers of a card's steps those that fit the card and its holder; the register decides again."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.wire.conftest import Place
from tests.wire.registry.world import World, living, person, window
from tests.wire.window.test_window_pages import Visitor
from warifu.registry import ABROAD, Residence, Stay
from warifu.wire.registry import WindowStep

USUAL = {"report_lost", "update_face", "reset_pins", "give_up_pins", "ask_revocation", "give_back", "order_return"}
USUAL |= {"outside_the_act"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with living(Place(tmp_path, None)) as world:
        yield world


def offered(world: World, holder: str) -> set[str]:
    page = Visitor(world).get(f"/people/{holder}")
    return set(re.findall(rf"/people/{holder}/cards/[0-9a-f]{{32}}/([a-z_]+)", page))


def test_a_card_in_use_is_offered_what_fits_everybody(world: World) -> None:
    holder = world.resident()
    world.card(holder)
    assert offered(world, holder) == USUAL


def test_who_tells_of_leaving_the_country_may_show_the_card_once(world: World) -> None:
    """番号法 第17条第6項: with the notice of leaving, for who has an annex; back again only what was kept abroad."""
    holder = world.resident()
    card = world.card(holder)
    today = world.clock.now().date()
    world.registry.people.move_out(window(), frozenset({holder}), today + timedelta(days=3), ABROAD)
    assert offered(world, holder) == USUAL | {"keep_abroad"}
    world.registry.cards.keep_abroad(window(), card.id)
    assert offered(world, holder) == USUAL | {"return_not_notified"}


def test_who_moves_within_the_country_is_not_offered_it(world: World) -> None:
    holder = world.resident()
    world.card(holder)
    today = world.clock.now().date()
    world.registry.people.move_out(window(), frozenset({holder}), today + timedelta(days=3), "13113")
    assert offered(world, holder) == USUAL


def test_a_foreign_residents_card_is_prolonged_when_the_stay_was(world: World) -> None:
    """カード命令 第27条第2項."""
    stay = Stay(Residence.PERIOD_OF_STAY, date(2028, 3, 31))
    newcomer = replace(person(), domicile=None, nationality="BRA", stay=stay)
    [holder] = world.arrive(newcomer).holders
    world.card(holder)
    assert offered(world, holder) == USUAL
    world.registry.people.change_stay(window(), holder, Stay(Residence.PERIOD_OF_STAY, date(2030, 3, 31)))
    assert offered(world, holder) == USUAL | {"prolong"}


def test_a_card_gives_up_its_pins_at_the_counter_too_and_takes_them_up_later(world: World) -> None:
    """カード命令 第33条第7項."""
    holder = world.resident()
    card = world.made_card(holder)
    assert "give_up_pins" in offered(world, holder)
    world.registry.cards.at_window(window(), card.id, WindowStep.GIVE_UP_PINS)
    assert {"give_up_pins", "take_up_pins"}.isdisjoint(offered(world, holder))
