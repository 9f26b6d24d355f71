"""The register over REST: desks by tokens, errors by family, nothing of a person where it does not belong."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.ca.town import key
from tests.wire.conftest import Place
from tests.wire.registry.world import AWAY, HOME, HOTLINE, JLIS, KIYOSE, SHIBUYA, World, living, section, window
from warifu.messages import OrderedKind
from warifu.messages.json import to_base64
from warifu.registry import Clerk, Section
from warifu.wire.registry import application

pytestmark = pytest.mark.parametrize("place", ["sqlite"], indirect=True)
TODAY = "2026-11-22"
ACT = "a" * 32
LOOK = {"sights": ["name", "address"], "purpose": "case 7"}
HANAKO = {
    "name": {"name": "割符　花子", "reading": "ワリフ　ハナコ"},
    "birth_date": "1990-04-01",
    "sex": "2",
    "relationship": "head",
    "domicile": KIYOSE,
}


@pytest.fixture
def world(place: Place) -> Iterator[World]:
    with living(place) as made:
        yield made


class Desk:
    """A client with a clerk's token."""

    def __init__(self, world: World, clerk: Clerk, name: str, *, numbers: bool = False) -> None:
        token = world.registry.tokens.make(name, clerk.desk, numbers=numbers)
        self.client = TestClient(application(world.registry), headers={"authorization": f"Bearer {token}"})

    def post(self, path: str, body: object = None, status: int = 200, act: str | None = None) -> Any:
        headers = {} if act is None else {"idempotency-key": act}
        answer = self.client.post(f"/v1{path}", json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    def get(self, path: str, status: int = 200) -> Any:
        answer = self.client.get(f"/v1{path}")
        assert answer.status_code == status, answer.text
        return answer.json()


@pytest.fixture
def kiyose(world: World) -> Desk:
    return Desk(world, window(), "kiyose-1")


@pytest.fixture
def jlis(world: World) -> Desk:
    return Desk(world, JLIS, "maker-1")


def arrive(world: World, desk: Desk, **changes: object) -> str:
    world.registry.people.stock_codes(window(), 40)
    world.settle()
    body = {"newcomers": [HANAKO | changes], "address": HOME.text, "arrived": TODAY}
    holder: str = desk.post("/arrivals", body)["holders"][0]
    world.settle()
    return holder


def test_a_life_over_rest(world: World, kiyose: Desk, jlis: Desk) -> None:
    """Arrival, a child, a card with certificates, a move, the card shown there, a lost card, death."""
    mother = arrive(world, kiyose)
    child = HANAKO | {"name": {"name": "割符　芽"}, "birth_date": TODAY, "relationship": "child"}
    kiyose.post("/births", {"parent": mother, "child": child})
    card = jlis.post(f"/people/{mother}/cards", {})["cards"][0]
    keys = {kind.value: to_base64(key(20 + index).public_key_info) for index, kind in enumerate(OrderedKind)}
    jlis.post(f"/cards/{card}/made", {"keys": keys})
    world.settle()
    [known] = kiyose.post(f"/people/{mother}/cards/looks", {"purpose": "case 7"})
    for each in known["certificates"]:
        assert jlis.get(f"/orders/{each['order']}")["certificate"]
        jlis.post(f"/cards/{card}/written", {"kind": each["kind"]})
    comes = {"collector": "holder", "proof": "photo_document"}
    pins = kiyose.post(f"/cards/{card}/handover", comes)["pins"]
    assert pins == ["authentication", "resident", "signing", "text"]
    kiyose.post(f"/cards/{card}/delivery", comes | {"pins": pins})
    kiyose.post("/moves-out", {"who": [mother], "planned": "2026-12-01", "destination": SHIBUYA})
    shibuya = Desk(world, window(SHIBUYA), "shibuya-1")
    shibuya.post("/moves-in", {"arrivals": {mother: "head"}, "address": AWAY.text, "moved": TODAY})
    shibuya.post(f"/cards/{card}/presentation", {"pin_verified": True})
    shibuya.post(f"/cards/{card}/steps", {"step": "report_lost"})
    shibuya.post(f"/people/{mother}/death", {"on": TODAY})
    world.settle()
    assert world.authority.causes()[-2:] == ["death", "invalidated"]
    steps = [step["what"] for step in shibuya.post(f"/people/{mother}/history", {"purpose": "case 7"})]
    assert [step for step in steps if step] == ["register_arrival", "move_out", "move_in", "move_in", "register_death"]


def test_a_household_divides_over_rest(world: World, kiyose: Desk) -> None:
    mother = arrive(world, kiyose)
    child = HANAKO | {"name": {"name": "割符　芽"}, "birth_date": TODAY, "relationship": "child"}
    born = kiyose.post("/births", {"parent": mother, "child": child})["holders"]
    [baby] = [holder for holder in born if holder != mother]
    kiyose.post("/households/changes", {"members": {baby: "head"}})
    assert world.record(baby).household != world.record(mother).household
    kiyose.post("/households/changes", {"members": {baby: "child"}, "into": world.record(mother).household})
    assert world.record(baby).household == world.record(mother).household
    kiyose.post(f"/people/{mother}/annex-correction", {"sex": "1"}, 404)


def test_without_a_token_nothing_is_answered(world: World) -> None:
    client = TestClient(application(world.registry))
    for headers in ({}, {"authorization": "Bearer x"}, {"authorization": "Basic x"}):
        answer = client.get("/v1/renewals", headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (401, "token_unknown")
        assert answer.headers["www-authenticate"] == "Bearer"


def test_an_act_sent_again_is_answered_alike(world: World, kiyose: Desk) -> None:
    holder = arrive(world, kiyose)
    body = {"name": "割符　月子", "reading": "ワリフ　ツキコ"}
    first = kiyose.post(f"/people/{holder}/name", body, act=ACT)
    assert kiyose.post(f"/people/{holder}/name", body, act=ACT) == first | {"repeated": True}
    told = kiyose.post(f"/people/{holder}/name", {"name": "割符　星子"}, 409, act=ACT)
    assert told["error"] == "already_answered"


@pytest.mark.parametrize(
    ("path", "body", "status", "error"),
    [
        ("/people/{holder}/name", {"name": "割符　花子", "reading": "ワリフ　ハナコ"}, 403, "not_allowed"),
        ("/people/" + "f" * 32 + "/name", {"name": "割符　花子"}, 404, "not_found"),
        ("/people/x/name", {"name": "割符　花子"}, 400, "malformed"),
        ("/people/{holder}/name", {"name": "x", "nickname": "割符"}, 400, "malformed"),
        ("/people/{holder}/name", {"name": "a\u0000b"}, 400, "malformed"),
        ("/people/{holder}/name", {"name": "割符　花子", "reading": "Hanako"}, 400, "malformed"),
        ("/people/{holder}/death", {"on": 20000}, 400, "malformed"),
        ("/people/{holder}/death", {"on": "2026-02-30"}, 400, "malformed"),
        ("/people/{holder}/death", {"on": "2999-01-01"}, 403, "not_allowed"),
        ("/people/{holder}/looks", {"sights": [], "purpose": "case 7"}, 400, "malformed"),
        ("/people/{holder}/looks", {"sights": ["name"], "purpose": ""}, 400, "malformed"),
        ("/cards/" + "f" * 32 + "/steps", {"step": "report_lost"}, 404, "not_found"),
        ("/nowhere", {}, 404, "not_found"),
    ],
)
def test_errors_are_by_family(world: World, kiyose: Desk, path: str, body: object, status: int, error: str) -> None:
    holder = arrive(world, kiyose)
    assert kiyose.post(path.format(holder=holder), body, status)["error"] == error


def test_an_answer_to_what_does_not_fit_repeats_nothing_of_it(world: World, kiyose: Desk) -> None:
    body = {"parent": "割符　花子", "child": HANAKO | {"birth_date": "割符", "割符　花子": 1}}
    told = kiyose.post("/births", body, 400)
    assert "割符" not in str(told)
    assert "parent" in told["description"]


def test_a_body_that_is_too_long_is_refused(world: World, kiyose: Desk) -> None:
    headers = {"content-type": "application/json"}
    answer = kiyose.client.post("/v1/births", content=b" " * 70_000, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (413, "content_too_large")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_names_that_a_sender_made_up_are_not_repeated(world: World, kiyose: Desk) -> None:
    told = kiyose.post("/births", {"parent": "a" * 32, "child": HANAKO, "hanako": 1}, 400)
    assert told["description"] == "not as described: body"


def test_an_empty_store_of_codes_is_503_and_tells_when_to_come_again(world: World, kiyose: Desk) -> None:
    body = {"newcomers": [HANAKO], "address": HOME.text, "arrived": TODAY}
    answer = kiyose.client.post("/v1/arrivals", json=body)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    world.settle()
    assert kiyose.post("/arrivals", body)["holders"]


def test_numbers_are_shown_to_an_explicit_right_only(world: World, kiyose: Desk) -> None:
    """番号法 第12条: whoever handles individual numbers keeps them from those who need none."""
    holder = arrive(world, kiyose)
    wanted = {"sights": ["individual_number", "record_code"], "purpose": "case 7"}
    assert kiyose.post(f"/people/{holder}/looks", wanted, 403)["error"] == "not_allowed"
    assert kiyose.get(f"/people/{holder}/log")[0]["what"] == "refused_look"
    entitled = Desk(world, window(), "kiyose-2", numbers=True)
    seen = entitled.post(f"/people/{holder}/looks", wanted)
    number = world.record(holder).number
    assert number is not None
    assert seen["individual_number"] == number.reveal()
    assert entitled.post("/searches", wanted, 403)["error"] == "not_allowed"


def test_a_right_to_numbers_does_not_widen_what_a_desk_sees(world: World, kiyose: Desk) -> None:
    holder = arrive(world, kiyose)
    elections = Desk(world, section(Section.ELECTIONS), "elections-1", numbers=True)
    wanted = {"sights": ["individual_number"], "purpose": "case 7"}
    elections.post(f"/people/{holder}/looks", wanted, 403)


def test_no_answer_to_an_act_has_a_number_or_a_name_in_it(world: World, kiyose: Desk) -> None:
    holder = arrive(world, kiyose)
    record = world.record(holder)
    assert record.number is not None
    answers = [
        kiyose.post(f"/people/{holder}/number-change"),
        kiyose.post(f"/people/{holder}/code-change"),
        kiyose.post(f"/people/{holder}/name", {"name": "割符　月子"}),
        kiyose.post(f"/people/{holder}/history", {"purpose": "case 7"}),
        kiyose.get(f"/people/{holder}/log"),
    ]
    for secret in (record.number.reveal(), record.code.reveal(), "割符"):
        assert secret not in str(answers)


def test_a_protected_person_is_hidden_from_all_but_the_desks_named(world: World, kiyose: Desk) -> None:
    holder = arrive(world, kiyose)
    tax, welfare = (Desk(world, section(each), f"{each.value}-1") for each in (Section.TAX, Section.WELFARE))
    named = [{"office": "municipality", "municipality": KIYOSE, "section": "welfare"}]
    answer = kiyose.client.put(
        f"/v1/people/{holder}/protection", json={"until": str(date(2026, 11, 22) + timedelta(days=364)), "named": named}
    )
    assert answer.status_code == 200, answer.text
    assert welfare.post(f"/people/{holder}/looks", LOOK)["address"] == HOME.text
    tax.post(f"/people/{holder}/looks", LOOK, 403)
    assert tax.post("/searches", LOOK)["people"] == []
    assert kiyose.client.delete(f"/v1/people/{holder}/protection").status_code == 200
    assert tax.post(f"/people/{holder}/looks", LOOK)["address"] == HOME.text


def test_searches_are_read_page_by_page(world: World, kiyose: Desk) -> None:
    holders = {arrive(world, kiyose) for _ in range(3)}
    first = kiyose.post("/searches", LOOK | {"name": "割符", "limit": 2})
    rest = kiyose.post("/searches", LOOK | {"name": "割符", "limit": 2, "after": first["following"]})
    assert {seen["holder"] for seen in first["people"] + rest["people"]} == holders
    assert rest["following"] is None


def test_the_hotline_is_told_whether_the_caller_is_known_and_no_more(world: World, kiyose: Desk) -> None:
    holder = arrive(world, kiyose)
    card = world.card(holder)
    hotline = Desk(world, HOTLINE, "operator-1")
    said = {"name": "割符　花子", "birth_date": "19900401", "address": HOME.text}
    call = hotline.post("/calls", said)
    assert call == {"call": call["call"], "known": True, "cards": {card.id: "in_force"}, "phones": {}}
    hotline.post(f"/calls/{call['call']}/suspension", {"media": ["card"]})
    assert hotline.get(f"/calls/{call['call']}")["cards"] == {card.id: "held"}
    stranger = hotline.post("/calls", said | {"birth_date": "19900402"})
    assert stranger["known"] is False
    hotline.post(f"/calls/{stranger['call']}/suspension", {"media": ["card"]}, 403)
    hotline.post(f"/people/{holder}/looks", {"sights": ["individual_number"], "purpose": "x"}, 403)
    kiyose.post("/calls", said, 403)


def test_a_call_sent_again_is_one_call(world: World, kiyose: Desk) -> None:
    arrive(world, kiyose)
    hotline = Desk(world, HOTLINE, "operator-1")
    said = {"name": "割符　花子", "birth_date": "19900401", "address": HOME.text}
    assert hotline.post("/calls", said, act=ACT) == hotline.post("/calls", said, act=ACT)


def test_queues_are_for_who_runs_the_register(world: World, kiyose: Desk, jlis: Desk) -> None:
    world.registry.people.stock_codes(window())
    assert [queue["recipient"] for queue in jlis.get("/queues")] == ["numbering"]
    kiyose.get("/queues", 403)


def test_certificates_are_for_who_writes_them(world: World, kiyose: Desk) -> None:
    Desk(world, section(Section.TAX), "tax-1").get("/orders/" + "f" * 32, 403)
    kiyose.get("/orders/" + "f" * 32, 404)


def test_the_description_is_published_and_says_what_can_go_wrong(world: World) -> None:
    client = TestClient(application(world.registry))
    described = client.get("/openapi.json").json()
    assert len(described["paths"]) > 45
    for path in described["paths"].values():
        for operation in path.values():
            assert {"200", "400", "401", "403", "404", "409", "503"} <= operation["responses"].keys()
            assert operation["security"]
    for page in ("/docs", "/redoc"):
        assert client.get(page).status_code == 404
