"""``warifu post``: parties that come to know each other by commands alone, and letters that wait."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.test_resident import KIYOSE, run, told
from warifu.wire.post import read_peers
from warifu.wire.registry import open_numbering
from warifu.wire.serving import Reserved, reserve, serve_in_thread
from warifu.wire.settings import Settings


@contextmanager
def numbering_at(data: Path, reserved: Reserved) -> Iterator[None]:
    """The party that numbers as a program of its own would be: another data directory, letters over HTTP."""
    with open_numbering(Settings(data_directory=data)) as app, serve_in_thread([(reserved, app)]):
        yield


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "register", tmp_path / "numbers"


def introduce(here: Path, there: Path, address: str) -> None:
    keys = {
        party: told(data, "post", "key", party)["key"] for data, party in ((here, "registry"), (there, "numbering"))
    }
    assert (
        run(here, "post", "know", "registry", "numbering", "--address", address, "--key", keys["numbering"]).exit_code
        == 0
    )
    assert run(there, "post", "know", "numbering", "registry", "--key", keys["registry"]).exit_code == 0


def arrive(data: Path, parent: str) -> tuple[str, ...]:
    return ("resident", "birth", parent, "--name", "試験　芽", "--sex", "female", "--domicile", KIYOSE)


def test_a_number_comes_from_another_machine(places: tuple[Path, Path]) -> None:
    """People are added while both parties are in one place; then the party that numbers moves out."""
    here, there = places
    told(here, "resident", "add", "--people", "1")
    parent = told(here, "resident", "list", "--municipality", KIYOSE)["people"][0]["holder"]
    reserved = reserve()
    introduce(here, there, f"{reserved.origin}/post")
    with numbering_at(there, reserved):
        child = told(here, *arrive(here, parent))["holders"][0]
        shown = told(here, "resident", "show", child, "--individual-number")
    assert len(shown["person"]["individual_number"]) == 12
    assert [queue["recipient"] for queue in told(here, "post", "queue")["queues"]] == ["authority"]


def test_letters_wait_while_the_other_party_is_away(places: tuple[Path, Path]) -> None:
    here, there = places
    told(here, "resident", "add", "--people", "1")
    parent = told(here, "resident", "list", "--municipality", KIYOSE)["people"][0]["holder"]
    introduce(here, there, "http://127.0.0.1:1/post")
    assert run(here, *arrive(here, parent)).exit_code == 3
    [queue] = told(here, "post", "queue")["queues"]
    assert (queue["recipient"], queue["refused"]) == ("numbering", 0)
    assert "numbering" in run(here, "post", "queue").stdout


def test_a_refused_letter_is_shown_with_its_reason_and_can_be_set_aside(places: tuple[Path, Path]) -> None:
    """The other side does not know us yet."""
    here, there = places
    told(here, "resident", "add", "--people", "1")
    parent = told(here, "resident", "list", "--municipality", KIYOSE)["people"][0]["holder"]
    reserved = reserve()
    introduce(here, there, f"{reserved.origin}/post")
    (there / "numbering" / "peers" / "registry.json").unlink()
    with numbering_at(there, reserved):
        run(here, *arrive(here, parent))
        refused = told(here, "post", "queue")["refused"]
        assert {each["error"] for each in refused} == {"unknown_sender"}
        letter = refused[0]["id"]
        assert run(here, "post", "set-aside", "numbering", letter).exit_code == 0
        assert letter not in {each["id"] for each in told(here, "post", "queue")["refused"]}
        assert run(here, "post", "retry", "numbering", letter).exit_code == 0
        assert letter in {each["id"] for each in told(here, "post", "queue")["refused"]}
    assert run(here, "post", "retry", "numbering", "f" * 32).exit_code == 1


def test_a_key_stays_what_it_is(tmp_path: Path) -> None:
    assert told(tmp_path, "post", "key", "registry") == told(tmp_path, "post", "key", "registry")


def test_two_keys_of_a_peer_are_kept_side_by_side(tmp_path: Path) -> None:
    keys = [told(tmp_path / name, "post", "key", "authority")["key"] for name in "ab"]
    assert run(tmp_path, "post", "know", "registry", "authority", "--key", keys[0], "--key", keys[1]).exit_code == 0
    assert len(read_peers(tmp_path / "registry" / "peers")["authority"].keys) == 2


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("know", "registry", "../x", "--key", "AAAA"), 4),
        (("know", "registry", "authority", "--key", "nonsense!"), 4),
        (("know", "kiosk", "authority", "--key", "AAAA"), 2),
        (("set-aside", "authority", "f" * 32), 1),
    ],
)
def test_what_is_wrong_is_refused(tmp_path: Path, arguments: tuple[str, ...], code: int) -> None:
    assert run(tmp_path, "post", *arguments).exit_code == code


def test_nothing_waits_where_nothing_was_sent(tmp_path: Path) -> None:
    assert "no letter waits" in run(tmp_path, "post", "queue").stdout
