"""What the operator's page counts, and how it is drawn."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from starlette.testclient import TestClient

from tests.ca.town import ATTRIBUTES, AUTHENTICATION, KIYOSE, SIGNING, application
from tests.waiting import PATIENCE, until
from tests.wire.authority.world import World, live, open_world
from tests.wire.conftest import Place
from warifu.ca import Event, State
from warifu.errors import InUse
from warifu.pki import Medium
from warifu.wire import operator
from warifu.wire.authority import PARTY, Day, Figures
from warifu.wire.clock import SystemEntropy
from warifu.wire.operator.chart import HEIGHT, Chart

ORIGIN = "http://operator.localhost:8713"


@pytest.fixture
def world(place: Place) -> Iterator[World]:
    world = open_world(place.of(PARTY), place.folder)
    yield world
    world.close()


def figures(world: World) -> Figures:
    return Figures(world.authorities.engine, world.clock)


def test_certificates_are_counted_by_kind_generation_medium_and_state(world: World) -> None:
    live(world)
    groups = {(each.generation.kind, each.medium): each for each in figures(world).picture().groups}
    authentication, signing = groups[AUTHENTICATION, Medium.CARD], groups[SIGNING, Medium.CARD]
    assert {state: count for state, count in authentication.states.items() if count} == {State.HELD: 1, State.VALID: 1}
    assert dict(signing.states) == {State.ISSUED: 1}
    assert (authentication.total, authentication.generation.number) == (2, 1)


def test_what_expired_is_counted_as_expired(world: World) -> None:
    world.authorities.issue(application())
    world.clock.go_on(timedelta(days=365 * 5))
    [group] = figures(world).picture().groups
    assert dict(group.states) == {State.EXPIRED: 1}


def test_a_day_begins_at_midnight_in_japan(world: World) -> None:
    """The clock stands at 12:04 in Japan; twelve hours later it is tomorrow there, and still today in Greenwich."""
    issued = world.authorities.issue(application())
    world.clock.go_on(timedelta(hours=11, minutes=57))
    world.authorities.record(AUTHENTICATION, issued.entry.serial_number, Event.DELIVERED)
    world.authorities.record(AUTHENTICATION, issued.entry.serial_number, Event.KEY_COMPROMISED)
    days = figures(world).picture().days
    assert days[-2] == Day(date(2026, 11, 22), 1, 0, 0)
    assert days[-1] == Day(date(2026, 11, 23), 0, 1, 0)
    assert len(days) == 30


def test_a_suspension_is_not_counted_as_a_revocation(world: World) -> None:
    issued = world.authorities.issue(application())
    world.authorities.record(AUTHENTICATION, issued.entry.serial_number, Event.DELIVERED)
    world.authorities.record(AUTHENTICATION, issued.entry.serial_number, Event.HELD)
    assert figures(world).picture().days[-1] == Day(date(2026, 11, 22), 1, 0, 1)


def test_a_list_is_overdue_after_a_day_or_when_it_was_never_made(world: World) -> None:
    world.authorities.issue(application())
    picture = figures(world).picture()
    assert len(picture.overdue) == len(picture.lists) == 4  # two authorities, each with its own list and a place's
    world.authorities.publisher.publish_all()
    assert figures(world).picture().overdue == ()
    world.clock.go_on(timedelta(hours=23, minutes=59))
    world.authorities.publish(AUTHENTICATION, KIYOSE.code)
    world.clock.go_on(timedelta(minutes=1))
    late = figures(world).picture().overdue
    assert len(late) == 3
    assert not any(each.generation.kind is AUTHENTICATION and each.municipality for each in late)


def test_answers_signed_beforehand_are_counted_until_they_are_over(world: World) -> None:
    world.authorities.issue(application())
    world.authorities.status.presign(AUTHENTICATION)
    early = {each.kind: each for each in figures(world).picture().early}
    assert (early[AUTHENTICATION].good, early[AUTHENTICATION].over, early[AUTHENTICATION].certificates) == (1, 0, 1)
    world.clock.go_on(timedelta(days=30))
    early = {each.kind: each for each in figures(world).picture().early}
    assert (early[AUTHENTICATION].good, early[AUTHENTICATION].over) == (0, 1)


def test_figures_are_kept_for_some_seconds_unless_something_was_done(world: World) -> None:
    seen = figures(world)
    before = seen.picture()
    world.authorities.issue(application())
    assert seen.picture() is before
    seen.forget()
    assert seen.picture().groups
    world.clock.go_on(timedelta(seconds=-3600))  # set back: not kept for an hour
    assert seen.picture().at == world.clock.now()


# --- the chart --------------------------------------------------------------------------------------------------------


def test_bars_have_one_scale_and_stay_inside() -> None:
    days = [Day(date(2026, 11, n), issued=n, revoked=n // 2, held=1) for n in range(1, 31)]
    chart = Chart.of(days)
    scales = [bar.height / days[n].issued for n, bar in enumerate(b for b in chart.bars if b.look == "issued")]
    assert max(scales) - min(scales) < 0.02
    assert all(bar.y >= 0 and bar.y + bar.height <= HEIGHT for bar in chart.bars)
    for bar in chart.bars:
        above = bar.y + bar.height <= chart.line + 0.02
        assert above is (bar.look == "issued")


@pytest.mark.parametrize("days", [[], [Day(date(2026, 11, 1), 0, 0, 0)], [Day(date(2026, 11, 1), 0, 3, 0)]])
def test_days_without_anything_are_drawn_too(days: list[Day]) -> None:
    assert all(bar.height > 0 for bar in Chart.of(days).bars)


# --- the page ---------------------------------------------------------------------------------------------------------


def visitor(world: World) -> TestClient:
    door = operator.door(world.clock, SystemEntropy())
    app = operator.application(world.authorities, door, origin=ORIGIN, heads=world.heads)
    client = TestClient(app, base_url=ORIGIN, headers={"origin": ORIGIN}, client=("127.0.0.1", 50000))
    client.post("/sign-in", data={"key": door.invite(ORIGIN, "operator-1").partition("key=")[2]})
    return client


def test_the_page_has_no_personal_data_and_no_serial_number(world: World) -> None:
    live(world)
    root = world.heads.newest().tree_head.root.hex()
    text = visitor(world).get("/").text
    assert root in text
    text = text.replace(root, "")  # sixty-four digits of chance, among which any seven may come up
    for private in (ATTRIBUTES.name.text, ATTRIBUTES.address.text, "holder-1", "16777217", "1000001"):
        assert private not in text


def test_one_run_of_publishing_at_a_time(world: World) -> None:
    world.authorities.issue(application())
    publishing = operator.Publishing(world.authorities, world.heads, world.clock)
    with publishing._running, pytest.raises(InUse):
        publishing.start()
    publishing.start().join(PATIENCE)
    assert publishing.last is not None
    assert (publishing.last.done, publishing.last.failure, publishing.is_running) == (4, "", False)
    assert world.heads.newest().tree_head.size == figures(world).picture().leaves


def test_publishing_needs_the_sessions_own_form(world: World) -> None:
    live(world)
    client = visitor(world)
    assert client.post("/lists", data={"form_token": "another"}).status_code == 403
    token = re.search(r'name="form_token" value="([^"]+)"', client.get("/").text)
    assert token
    assert "失効リストの作成を始めました" in client.post("/lists", data={"form_token": token[1]}).text
    until(lambda: "件を作成し" in client.get("/").text)


def test_a_witness_that_lags_behind_is_told(world: World) -> None:
    live(world)
    client = visitor(world)
    assert "同じ根を預かっています" in client.get("/").text
    world.heads._witness = None  # as if the head could not be handed over
    world.heads.sign()
    world.heads._witness = world.witness
    assert "最新の根をまだ預かっていません" in client.get("/").text
