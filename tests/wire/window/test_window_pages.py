"""The window's pages without a browser: who gets in, what is refused, what no page shows."""

import ast
import re
from collections.abc import Iterable, Iterator
from datetime import date
from enum import Enum
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import warifu.person
import warifu.registry
import warifu.wire.registry
from tests.wire.conftest import Place
from tests.wire.registry.world import HOTLINE, SHIBUYA, World, living, section, window
from warifu.ca import State
from warifu.errors import NotAllowed
from warifu.messages import MinorCorrection
from warifu.registry import (
    ActKind,
    CardState,
    CardStep,
    CertificateNote,
    Clerk,
    Desk,
    Office,
    PhoneState,
    Relationship,
    Section,
    Sight,
)
from warifu.wire import pages
from warifu.wire import window as window_pages
from warifu.wire.clock import SystemEntropy
from warifu.wire.registry import Bearer
from warifu.wire.registry.effects import What
from warifu.wire.window.card_events import APPLY, CARD_EVENTS
from warifu.wire.window.events import ARRIVALS, EVENTS
from warifu.wire.window.notices import refusal

ORIGIN = "http://window.localhost:8716"


class Visitor:
    """A clerk's browser."""

    def __init__(self, world: World, clerk: Clerk | None = None, case: str = "case 1", token: str = "") -> None:
        door = window_pages.door(world.registry, world.clock, SystemEntropy())
        app = window_pages.application(world.registry, door, origin=ORIGIN, entropy=SystemEntropy())
        self.client = TestClient(app, base_url=ORIGIN, headers={"origin": ORIGIN}, client=("127.0.0.1", 50000))
        key = token or door.invite(ORIGIN, Bearer(clerk or window(), numbers=False)).partition("key=")[2]
        self.client.post("/sign-in", data={"key": key})
        found = re.search(r'name="form_token" value="([^"]+)"', self.client.get("/").text)
        self.form_token = found[1] if found else ""
        if case:
            self.post("/case", purpose=case)

    def post(self, path: str, **form: str) -> str:
        answer = self.client.post(path, data={"form_token": self.form_token, **form})
        self.status = answer.status_code
        return answer.text

    def get(self, path: str) -> str:
        answer = self.client.get(path)
        self.status = answer.status_code
        return answer.text


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with living(Place(Path(tmp_path_factory.mktemp("window")), None)) as world:
        yield world


@pytest.fixture(scope="module")
def holder(world: World) -> str:
    holder = world.resident()
    world.card(holder)
    return holder


def test_a_clerks_own_token_opens_the_page_at_the_clerks_desk(world: World, holder: str) -> None:
    token = world.registry.tokens.make("clerk-77", Desk(Office.MUNICIPALITY, "13221", Section.RESIDENTS))
    text = Visitor(world, token=token).get(f"/people/{holder}")
    assert "clerk-77" in text
    assert "割符　花子" in text


@pytest.mark.parametrize("event", sorted([*EVENTS, APPLY.name]))
def test_every_notice_has_a_form(world: World, holder: str, event: str) -> None:
    visitor = Visitor(world)
    text = visitor.get(f"/people/{holder}/{event}")
    assert visitor.status == 200
    assert pages.catalogue("ja").text(f"window.event.{event}") in text


@pytest.mark.parametrize("event", sorted(CARD_EVENTS))
def test_every_step_of_a_card_has_a_form(world: World, holder: str, event: str) -> None:
    visitor = Visitor(world)
    text = visitor.get(f"/people/{holder}/cards/{world.cards(holder)[0].id}/{event}")
    assert visitor.status == 200
    assert pages.catalogue("ja").text(f"window.event.{event}") in text


@pytest.mark.parametrize("event", sorted(ARRIVALS))
def test_every_arrival_has_a_form(world: World, event: str) -> None:
    visitor = Visitor(world)
    assert pages.catalogue("ja").text(f"window.event.{event}") in visitor.get(f"/arrivals/{event}")


def test_no_form_has_a_field_for_a_pin() -> None:
    """カード命令 第33条第1項: the holder sets them, unseen."""
    asked = [each.fields for each in (*EVENTS.values(), APPLY)]
    asked += [each.fields for each in ARRIVALS.values()] + [each.fields for each in CARD_EVENTS.values()]
    typed = {field.name for fields in asked for field in fields if field.look in ("text", "code")}
    assert not {name for name in typed if re.search("pin|password|number", name)}


@pytest.mark.parametrize(
    ("prefix", "values"),
    [
        ("window.kind.", ActKind),
        ("window.step.", CardStep),
        ("window.card.", CardState),
        ("window.phone.", PhoneState),
        ("window.note.", CertificateNote),
        ("window.effect.", What),
        ("window.section.", Section),
        ("window.office.", Office),
        ("window.sight.", Sight),
        ("window.choice.relationship.", Relationship),
        ("window.choice.minor.", MinorCorrection),
        ("operator.state.", (each for each in State if each is not State.APPLIED)),
    ],
)
def test_whatever_a_page_can_show_has_words(prefix: str, values: Iterable[Enum]) -> None:
    sentences = pages.catalogue("ja").under(prefix)
    assert {str(each.value) for each in values} <= sentences.keys()


def test_every_field_and_choice_of_a_form_has_words() -> None:
    asked = [each.fields for each in (*EVENTS.values(), APPLY)]
    asked += [each.fields for each in ARRIVALS.values()] + [each.fields for each in CARD_EVENTS.values()]
    sentences = pages.catalogue("ja").sentences
    for field in (field for fields in asked for field in fields):
        assert f"window.field.{field.name}" in sentences
        assert {f"window.choice.{field.name}.{value}" for value in field.choices} <= sentences.keys()


def test_every_refusal_in_plain_words_is_one_that_the_register_says() -> None:
    """A sentence whose refusal was worded anew would never be shown again."""
    rooms = (warifu.registry, warifu.wire.registry, warifu.person)
    files = [path for room in rooms for path in Path(room.__path__[0]).rglob("*.py")]
    trees = [ast.parse(path.read_text("utf-8")) for path in files]
    texts = {node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    # Refusals are English; what is Japanese among the texts are names to invent people with.
    said = {refusal(NotAllowed(text))[0] for text in texts if isinstance(text, str) and text.isascii()}
    assert set(pages.catalogue("ja").under("window.refusal.")) - {"other"} <= said


def test_pressing_twice_does_it_once(world: World) -> None:
    somebody = world.resident(text="二度　押子")
    visitor = Visitor(world)
    path, form = f"/people/{somebody}/protect", {"protected_until": "2027-11-01"}
    act = re.search(r'name="act" value="([0-9a-f]{32})"', visitor.post(path, **form))
    assert act
    for _ in range(2):
        assert "受理しました" in visitor.post(path, step="do", act=act[1], **form)
    assert world.record(somebody).version == 3  # arrived, numbered, protected


def test_another_thing_under_the_same_id_is_refused(world: World) -> None:
    somebody = world.resident(text="別人　書換")
    visitor = Visitor(world)
    path = f"/people/{somebody}/protect"
    visitor.post(path, step="do", act="a" * 32, protected_until="2027-11-01")
    text = visitor.post(path, step="do", act="a" * 32, protected_until="2027-10-01")
    assert visitor.status in (403, 409)
    assert "別の内容で受理されています" in text


@pytest.mark.parametrize("act", ["", "x", "A" * 32])
def test_an_act_without_an_id_is_not_done(world: World, holder: str, act: str) -> None:
    visitor = Visitor(world)
    before = world.record(holder).version
    visitor.post(f"/people/{holder}/protect", step="do", act=act, protected_until="2027-11-01")
    assert visitor.status == 400
    assert world.record(holder).version == before


def test_a_missing_day_is_named(world: World, holder: str) -> None:
    visitor = Visitor(world)
    assert "「死亡した日」を確かめてください" in visitor.post(f"/people/{holder}/register_death", died="yesterday")
    assert visitor.status == 400


def test_a_reason_nobody_translated_is_shown_as_it_is(world: World, holder: str) -> None:
    text = Visitor(world).post(f"/people/{holder}/move_out", planned="2026-11-30", destination="13113x")
    assert "この内容では受理できません" in text
    assert '<p lang="en">' in text


@pytest.mark.parametrize("path", ["/people/../secrets", "/people/x", "/people/" + "0" * 32, "/people/%00"])
def test_nobody_of_that_name_is_not_found(world: World, path: str) -> None:
    visitor = Visitor(world)
    visitor.get(path)
    assert visitor.status == 404


def test_an_unknown_notice_is_not_found(world: World, holder: str) -> None:
    visitor = Visitor(world)
    visitor.get(f"/people/{holder}/promote")
    assert visitor.status == 404


def test_another_municipalitys_window_does_not_see_the_person(world: World, holder: str) -> None:
    visitor = Visitor(world, window(SHIBUYA, "clerk-9"))
    assert "割符　花子" not in visitor.get(f"/people/{holder}")
    assert visitor.status == 403


def test_another_section_sees_attributes_and_takes_no_notice(world: World, holder: str) -> None:
    visitor = Visitor(world, section(Section.TAX))
    text = visitor.get(f"/people/{holder}")
    assert "割符　花子" in text
    assert "届出を受ける" not in text
    assert "これまでのできごと" not in text
    visitor.post(f"/people/{holder}/register_death", died="2026-11-22")
    assert visitor.status == 403
    assert world.record(holder).is_live


def test_numbers_are_on_no_page(world: World, holder: str) -> None:
    """番号法 第12条, 住民基本台帳法 第30条の38: shown one by one, to who has the explicit right."""
    record = world.record(holder)
    text = Visitor(world).get(f"/people/{holder}")
    assert record.number
    assert record.number.reveal() not in text
    assert record.code.reveal() not in text


def test_a_name_is_never_in_an_address(world: World, holder: str) -> None:
    text = Visitor(world).post("/search", name="割符")
    assert "割符　花子" in text
    assert not re.search(r'(href|action)="[^"]*割符', text)


def test_the_hotline_is_told_nothing_of_a_caller_nobody_knows(world: World, holder: str) -> None:
    visitor = Visitor(world, HOTLINE, case="")
    text = visitor.post("/calls", name="割符　花子", born="1990-04-02", address="東京都清瀬市架空町一丁目２番３号")
    assert "該当する人は確認できませんでした" in text
    assert "架空町" not in text


def test_a_call_is_its_clerks_own(world: World, holder: str) -> None:
    mine = Visitor(world, HOTLINE, case="")
    page = mine.client.post(
        "/calls",
        data={
            "form_token": mine.form_token,
            "name": "割符　花子",
            "born": "1990-04-01",
            "address": "東京都清瀬市架空町一丁目２番３号",
        },
    )
    other = Visitor(world, Clerk("operator-2", Desk(Office.HOTLINE)), case="")
    other.get(page.url.path)
    assert other.status == 404


def test_nothing_is_suspended_that_nobody_said_was_lost(world: World, holder: str) -> None:
    mine = Visitor(world, HOTLINE, case="")
    page = mine.client.post(
        "/calls",
        data={
            "form_token": mine.form_token,
            "name": "割符　花子",
            "born": "1990-04-01",
            "address": "東京都清瀬市架空町一丁目２番３号",
        },
    )
    assert "なくしたものを選んでください" in mine.post(page.url.path)
    assert mine.status == 403


def test_another_section_opens_a_protected_record_for_a_reason_that_is_written_down(world: World) -> None:
    """住民基本台帳事務処理要領 第5-10: the window in charge is warned, any other states why, and sees no address."""
    somebody = world.resident(text="守田　静")
    world.registry.people.protect(window(), somebody, date(2027, 11, 1))
    assert pages.catalogue("ja").text("window.protected", until="2027-11-01") in Visitor(world).get(
        f"/people/{somebody}"
    )
    tax = Visitor(world, section(Section.TAX))
    closed = tax.get(f"/people/{somebody}")
    assert (tax.status, "守田" in closed) == (403, False)
    assert pages.catalogue("ja").text("window.closed") in closed
    assert "守田" not in tax.post(f"/people/{somebody}/opening", reason=" ")
    opened = tax.post(f"/people/{somebody}/opening", reason="滞納の調査")
    assert ("守田" in opened, "架空町" in opened) == (True, False)
    entry = world.registry.looks.entries(window(), somebody)[0][1]
    assert (entry.what, entry.purpose) == (ActKind.PROTECTED_LOOK, "case 1: 滞納の調査")
