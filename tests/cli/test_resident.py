"""``warifu resident`` and ``warifu hotline``: lives at a window, in a data directory and over REST."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import text

from warifu.cli.root import root
from warifu.town.pool import private_key
from warifu.wire.database import writing
from warifu.wire.registry import application, open_house
from warifu.wire.serving import reserve, serve_in_thread
from warifu.wire.settings import Settings

KIYOSE, SHIBUYA = "13221", "13113"
HOME, AWAY = "東京都清瀬市架空町一丁目２番３号", "東京都渋谷区割符町四丁目５番６号"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def run(data: Path, *arguments: str, lang: str = "en") -> Result:
    options = ["--lang", lang, "--data-directory", str(data)]
    return CliRunner().invoke(root, [*options, *arguments], prog_name="warifu")


def told(data: Path, *arguments: str) -> Any:
    result = run(data, *arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture
def holder(data: Path) -> str:
    """Somebody who lives alone."""
    told(data, "resident", "add", "--people", "60", "--seed", "3")
    people = told(data, "resident", "list", "--municipality", KIYOSE, "--limit", "60")["people"]
    for person in people:
        if [each["household"] for each in people].count(person["household"]) == 1:
            return str(person["holder"])
    raise AssertionError


def test_people_are_added_once_and_more_go_on_behind(data: Path) -> None:
    first = told(data, "resident", "add", "--people", "30", "--seed", "3")
    assert first["people"] == first["residents"] >= 30
    again = told(data, "resident", "add", "--people", "30", "--seed", "3")
    assert again["residents"] == first["people"] + again["people"]


def test_the_same_seed_makes_the_same_people(tmp_path: Path) -> None:
    seen = []
    for name in ("a", "b"):
        told(tmp_path / name, "resident", "add", "--people", "10", "--seed", "5")
        page = told(tmp_path / name, "resident", "list", "--municipality", KIYOSE)
        seen.append({(each["name"], each["address"], each["birth_date"]) for each in page["people"]})
    assert seen[0] == seen[1]


def test_one_life_after_another(data: Path, holder: str) -> None:
    """A name, a move within, a move away, a number, abroad: each is told and stands in the log."""
    assert told(data, "resident", "name", holder, "--name", "試験　太郎", "--reading", "シケン　タロウ")["holders"] == [
        holder
    ]
    told(data, "resident", "move", holder, "--address", HOME)
    told(data, "resident", "move", holder, "--to", SHIBUYA, "--address", AWAY)
    told(data, "resident", "number-change", holder)
    told(data, "resident", "code-change", holder)
    told(data, "resident", "correct", holder, "--address", AWAY + "見本荘", "--minor", "building_renamed")
    told(data, "resident", "leave", holder, "--to", "abroad")
    assert told(data, "resident", "day")["departed"] == 1
    assert told(data, "resident", "day")["departed"] == 0
    shown = told(data, "resident", "show", holder)
    assert shown["person"]["name"] == "試験　太郎"
    done = [entry["what"] for entry in shown["log"] if entry["what"] != "look"]
    assert done[:4] == ["day_turned", "move_out", "correction", "code_change"]


def test_a_birth_gets_code_and_number_at_once(data: Path, holder: str) -> None:
    """The store is empty; the party that numbers is here, so its letters are carried at once."""
    birth = ("resident", "birth", holder, "--name", "試験　芽", "--sex", "female", "--domicile", KIYOSE)
    child = told(data, *birth)["holders"][0]
    shown = told(data, "resident", "show", child, "--individual-number")
    assert len(shown["person"]["individual_number"]) == 12


def test_numbers_are_shown_only_when_asked_for(data: Path, holder: str) -> None:
    shown = told(data, "resident", "show", holder)
    assert not {"individual_number", "record_code"} & shown["person"].keys()
    assert {"individual_number", "record_code"} <= told(data, "resident", "show", holder, "--individual-number")[
        "person"
    ].keys()


def test_an_act_with_an_id_is_recorded_once(data: Path, holder: str) -> None:
    move = ("resident", "move", holder, "--address", HOME, "--act", "a" * 32)
    assert [told(data, *move)["repeated"] for _ in range(2)] == [False, True]
    assert "recorded before" in run(data, *move).output


def test_a_death_and_protection(data: Path, holder: str) -> None:
    told(data, "resident", "protect", holder, "--until", in_half_a_year())
    told(data, "resident", "protect", holder, "--end")
    told(data, "resident", "die", holder)
    late = run(data, "resident", "die", holder)
    assert late.exit_code == 1
    assert "deleted" in late.output


def test_a_foreign_residents_life_at_the_window(data: Path, holder: str) -> None:
    """First arrival, alias, another stay, abroad and back with a new stay, naturalisation, deletion."""
    at = ("--municipality", KIYOSE)
    stay = ("--residence", "period_of_stay", "--until")
    who = ("--name", "SILVA MARIA", "--birth-date", "1990-04-01", "--sex", "female", "--nationality", "BRA")
    [person] = told(data, "resident", "arrive", *who, "--address", HOME, *stay, "2998-01-01", *at)["holders"]
    told(data, "resident", "name", person, "--name", "SILVA MARIA", "--alias", "見本　マリア")
    told(data, "resident", "stay", person, *stay, "2999-01-01")
    told(data, "resident", "leave", person, "--to", "abroad")
    told(data, "resident", "leave", person, "--cancel")
    told(data, "resident", "leave", person, "--to", "abroad")
    told(data, "resident", "day")
    back = ("resident", "move-in", person, "--address", AWAY, "--municipality", SHIBUYA)
    assert run(data, *back).exit_code == 1
    told(data, *back, *stay, "2999-06-01")
    told(data, "resident", "naturalise", person, "--name", "見本　マリア", "--domicile", SHIBUYA)
    told(data, "resident", "recording-error", person)
    told(data, "resident", "delete", person)
    done = [each["what"] for each in told(data, "resident", "show", person)["log"] if each["what"] != "look"]
    assert done[:4] == ["deletion", "recording_error", "naturalisation", "move_in"]


def test_households_divide_and_join_and_change_their_head(data: Path, holder: str) -> None:
    """住民基本台帳法 第25条."""
    child = told(data, "resident", "birth", holder, "--name", "試験　芽", "--sex", "female", "--domicile", KIYOSE)
    born = child["holders"][0]
    before = told(data, "resident", "show", holder)["person"]
    told(data, "resident", "regroup", f"{born}=head")
    divided = told(data, "resident", "show", born)["person"]
    assert divided["household"] != before["household"]
    told(data, "resident", "regroup", f"{born}=child", "--into", before["household"])
    assert told(data, "resident", "show", born)["person"]["household"] == before["household"]
    told(data, "resident", "head", born)
    assert told(data, "resident", "show", born)["person"]["relationship"] == "head"
    assert run(data, "resident", "regroup", f"{born}=chief").exit_code == 2


def test_the_annex_of_somebody_abroad_is_corrected_and_deleted_at_the_domiciles_desk(data: Path, holder: str) -> None:
    """住民基本台帳法 第18条: wherever the person lived last."""
    told(data, "resident", "leave", holder, "--to", "abroad")
    assert run(data, "resident", "correct", holder, "--birth-date", "1990-04-02", "--annex").exit_code == 1
    told(data, "resident", "day")
    told(data, "resident", "correct", holder, "--birth-date", "1990-04-02", "--annex")
    told(data, "resident", "delete", holder, "--annex")
    done = [each["what"] for each in told(data, "resident", "show", holder)["log"] if each["what"] != "look"]
    assert done[:2] == ["annex_deletion", "correction"]
    assert run(data, "resident", "delete", holder, "--annex", "--new-head", holder).exit_code == 2


def in_half_a_year() -> str:
    from datetime import timedelta

    from warifu.registry import day_of
    from warifu.wire.clock import SystemClock

    return (day_of(SystemClock().now()) + timedelta(days=180)).isoformat()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("resident", "show", "f" * 32), 1),
        (("resident", "list"), 4),
        (("resident", "add", "--municipality", "99999"), 1),
        (("resident", "protect", "f" * 32), 2),
        (("hotline", "hold", "--name", "x", "--birth-date", "19900401", "--address", "y"), 2),
        (("hotline", "hold", "--name", "x", "--birth-date", "19900401", "--address", "y", "--card"), 1),
        (("hotline", "lift"), 2),
        (("hotline", "lift", "--card", "f" * 32), 1),
        (("resident", "card", "step", "f" * 32, "outside_the_act"), 1),
        (("resident", "card", "step", "f" * 32, "burn"), 2),
        (("resident", "card", "apply", "f" * 32), 1),
        (("resident", "card", "deliver", "f" * 32, "--proof", "photo_document"), 1),
        (("resident", "card", "reset-pin", "f" * 32, "1234"), 2),
        (("resident", "card", "made", "f" * 32, "--key", "signing"), 2),
        (("resident", "card", "made", "f" * 32, "--key", "signing=/nowhere/key"), 3),
        (("resident", "leave", "f" * 32), 2),
        (("resident", "stay", "f" * 32), 2),
        (("resident", "show", "f" * 32, "--url", "http://127.0.0.1:1"), 1),
    ],
)
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_what_goes_wrong_is_one_line_and_an_exit_code(
    data: Path, arguments: tuple[str, ...], code: int, lang: str
) -> None:
    result = run(data, *arguments, lang=lang)
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output


def test_results_for_people_are_tables_in_both_languages(data: Path, holder: str) -> None:
    for lang, word in (("ja", "氏名"), ("en", "name")):
        assert word in run(data, "resident", "list", "--municipality", KIYOSE, lang=lang).stdout
        assert word in run(data, "resident", "show", holder, lang=lang).stdout
    assert "住民は" in run(data, "resident", "add", "--people", "1", lang="ja").stdout
    for command in ("day", "audit"):
        assert run(data, "resident", command, lang="ja").exit_code == 0


def test_what_is_kept_too_long_is_told_and_deleted_when_told_to(data: Path, holder: str) -> None:
    assert told(data, "resident", "retention") == {"deleted": False, "records": []}
    with open_house(Settings(data_directory=data)) as house, writing(house.engine) as connection:
        connection.execute(text("insert into hotline_call values ('a', 'b', null, 0)"))
    [over] = told(data, "resident", "retention")["records"]
    assert (over["record"], over["count"], over["years"]) == ("call", 1, 7)
    for lang, word in (("ja", "コールセンター"), ("en", "7 years after the call")):
        assert word in run(data, "resident", "retention", lang=lang).stdout
    assert run(data, "resident", "retention", "--delete").exit_code == 1
    assert told(data, "resident", "retention", "--delete", "--yes")["deleted"]
    assert told(data, "resident", "retention") == {"deleted": False, "records": []}
    assert run(data, "resident", "audit").exit_code == 0


def test_a_card_from_its_application_to_its_return(data: Path, holder: str, tmp_path: Path) -> None:
    """番号法 第17条, カード命令 第33条: a clerk says that PINs were set, and no command takes one."""
    [card] = told(data, "resident", "card", "apply", holder, "--in-person", "--kind", "none")["cards"]
    assert run(data, "resident", "card", "deliver", card, "--proof", "photo_document").exit_code == 1
    told(data, "resident", "card", "made", card)
    refused = run(data, "resident", "card", "deliver", card, "--proof", "photo_document")
    assert (refused.exit_code, "resident, text" in refused.output) == (1, True)
    told(data, "resident", "card", "deliver", card, "--proof", "photo_document", "--pins-set")
    told(data, "resident", "card", "reset-pin", card, "text", "resident")
    for impossible in (("reset-pin", card, "signing"), ("take-up-pins", card, "text"), ("prolong", card)):
        assert run(data, "resident", "card", *impossible).exit_code == 1
    for impossible in (("present", card, "--pin-verified"), ("revoke", card, "signing"), ("destroy", card)):
        assert run(data, "resident", "card", *impossible).exit_code == 1
    told(data, "resident", "card", "keep-abroad", card)
    told(data, "resident", "card", "step", card, "give_back")
    [shown] = told(data, "resident", "show", holder)["cards"]
    assert shown["state"] == "ended"


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_a_made_cards_keys_are_read_from_files(data: Path, holder: str, tmp_path: Path, encoding: Encoding) -> None:
    [card] = told(data, "resident", "card", "apply", holder, "--in-person", "--kind", "authentication")["cards"]
    key = tmp_path / "key"
    key.write_bytes(private_key(11).public_key().public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo))
    assert run(data, "resident", "card", "made", card, "--key", f"signing={key}").exit_code == 1
    told(data, "resident", "card", "made", card, "--key", f"authentication={key}")
    assert run(data, "resident", "card", "written", card, "authentication").exit_code == 1


def test_tokens_are_made_listed_and_withdrawn(data: Path) -> None:
    made = told(data, "resident", "token", "make", "tax-1", "--municipality", KIYOSE, "--section", "tax")
    assert len(made["token"]) >= 43
    told(data, "resident", "token", "make", "jlis-1", "--office", "jlis", "--numbers", "--until", "2999-01-01")
    listed = told(data, "resident", "token", "list")
    assert [(each["name"], each["office"], each["section"]) for each in listed] == [
        ("jlis-1", "jlis", None),
        ("tax-1", "municipality", "tax"),
    ]
    assert run(data, "resident", "token", "withdraw", "tax-1").exit_code == 0
    assert run(data, "resident", "token", "withdraw", "tax-1").exit_code == 1
    assert "tax-1" in run(data, "resident", "token", "list").stdout


# --- over REST --------------------------------------------------------------------------------------------------------


@pytest.fixture
def served(data: Path) -> Iterator[str]:
    """The register of the data directory at an address."""
    with open_house(Settings(data_directory=data)) as house:
        reserved = reserve()
        with serve_in_thread([(reserved, application(house.registry))]):
            yield reserved.origin


ARRIVES = ("--name", "新着　一郎", "--birth-date", "1990-04-01", "--sex", "male", "--address", HOME)


def test_the_first_arrival_of_a_new_register_waits_for_its_code(data: Path) -> None:
    """The store is empty; the codes are a letter away, and nothing is said to have gone wrong."""
    result = run(data, "resident", "arrive", *ARRIVES, "--domicile", KIYOSE, "--municipality", KIYOSE)
    assert result.exit_code == 0, result.output
    assert "error" not in result.output


def test_the_first_arrival_over_rest_does_too(data: Path, served: str, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(told(data, "resident", "token", "make", "kiyose-1", "--municipality", KIYOSE)["token"])
    there = ("--url", served, "--token-file", str(file))
    assert told(tmp_path / "nothing here", "resident", "arrive", *ARRIVES, "--domicile", KIYOSE, *there)["holders"]


def test_the_same_commands_work_over_rest(data: Path, holder: str, served: str, tmp_path: Path) -> None:
    token = told(data, "resident", "token", "make", "kiyose-1", "--municipality", KIYOSE)["token"]
    file = tmp_path / "token"
    file.write_text(token)
    there = ("--url", served, "--token-file", str(file))
    nowhere = tmp_path / "nothing here"
    told(nowhere, "resident", "name", holder, "--name", "試験　太郎", *there)
    assert told(nowhere, "resident", "show", holder, *there)["person"]["name"] == "試験　太郎"
    refused = run(nowhere, "resident", "show", holder, "--individual-number", *there)
    assert (refused.exit_code, "no right to ask for numbers" in refused.output) == (1, True)
    file.write_text("wrong")
    assert run(nowhere, "resident", "show", holder, *there).exit_code == 1
    assert not (nowhere / "registry").exists()


def test_a_protected_record_is_opened_elsewhere_for_a_stated_reason(
    data: Path, holder: str, served: str, tmp_path: Path
) -> None:
    """住民基本台帳事務処理要領 第5-10."""
    until = in_half_a_year()
    told(data, "resident", "protect", holder, "--until", until)
    token = told(data, "resident", "token", "make", "tax-1", "--municipality", KIYOSE, "--section", "tax")["token"]
    file = tmp_path / "token"
    file.write_text(token)
    there = ("resident", "show", holder, "--url", served, "--token-file", str(file))
    warned = run(data, *there)
    assert (warned.exit_code, "stated reason" in warned.output) == (1, True)
    seen = told(data, *there, "--reason", "arrears")
    assert seen["person"].keys() == {"holder", "name", "reading", "birth_date", "sex", "protected_until"}
    shown = told(data, "resident", "show", holder)
    assert shown["person"]["protected_until"] == until
    [entry] = [each for each in shown["log"] if each["what"] == "protected_look"]
    assert (entry["clerk"], entry["purpose"]) == ("tax-1", "command line: arrears")


def test_a_register_that_does_not_answer_is_unavailable(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("x")
    result = run(data, "resident", "show", "f" * 32, "--url", "http://127.0.0.1:1", "--token-file", str(file))
    assert result.exit_code == 3


# --- the hotline ------------------------------------------------------------------------------------------------------


def test_nothing_is_held_of_who_has_nothing(data: Path, holder: str) -> None:
    assert told(data, "hotline", "list", holder) == []
    assert "no card" in run(data, "hotline", "list", holder).stdout


def test_a_caller_without_a_card_is_told_so(data: Path, holder: str) -> None:
    person = told(data, "resident", "show", holder)["person"]
    said = ("--birth-date", person["birth_date"].replace("-", ""), "--address", person["address"])
    result = run(data, "hotline", "hold", "--name", person["name"], *said, "--card")
    assert result.exit_code == 1
    assert "nothing of that kind" in result.output
