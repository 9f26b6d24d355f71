"""A town appears all at once or not at all, and stays as it is."""

import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.card.people import shown
from warifu.errors import DataTooNew, InUse, Malformed, NotAllowed, NotFound
from warifu.reader import Credential, JpkiSession, Key, VisualSession
from warifu.town import pool
from warifu.town.cards import PINS
from warifu.town.history import PastClock
from warifu.town.personas import PERSONAS
from warifu.town.town import Town

NOW = PastClock(datetime(2026, 11, 22, 3, 0, tzinfo=UTC))

CARDS = sum(len(plan.cards) for plan in PERSONAS)


def _of_today(town: Town) -> list[bytes]:
    """Those of today's cards: RSA."""
    found = ((x509.load_der_x509_certificate(der).public_key(), der) for der in _certificates(town))
    return [der for key, der in found if isinstance(key, rsa.RSAPublicKey)]


def _certificates(town: Town) -> list[bytes]:
    read = []
    for person in town.roster.people:
        for row in person.cards:
            with town.card(row.name) as card:
                read.append(JpkiSession(card).certificate(Key.AUTHENTICATION))
    return read


def test_the_roster_has_everybody_and_no_individual_number(founded: Path) -> None:
    town = Town.open(founded)
    assert [person.name for person in town.roster.people] == [plan.name for plan in PERSONAS]
    text = (town.folder / "town.json").read_text("utf-8")
    assert "individual" not in text
    assert not any(part.isdigit() and len(part) == 12 for part in text.replace('"', " ").split())


def test_nobody_is_named_where_a_person_or_card_is_shown_by_accident(founded: Path) -> None:
    roster = Town.open(founded).roster
    told = shown(roster, *roster.people, *(card for person in roster.people for card in person.cards), PINS)
    assert not any(secret in told for secret in ("田中", "1234", "5678", "ABC123", "清瀬"))


def test_the_same_seed_on_the_same_day_gives_the_same_certificates(tmp_path: Path) -> None:
    """Names, serial numbers and moments come from the seed and the clock, keys from the pool.

    But for the card of the next generation, whose keys are made: of that one all but key and signature is the same.
    """
    first = Town.create(tmp_path / "a", seed=7, clock=NOW)
    second = Town.create(tmp_path / "b", seed=7, clock=NOW)
    assert _of_today(first) == _of_today(second)
    assert len(_of_today(first)) == CARDS - 1
    [ours], [others] = (set(_certificates(town)) - set(_of_today(town)) for town in (first, second))
    read = [x509.load_der_x509_certificate(der) for der in (ours, others)]
    assert (
        len({(one.subject, one.serial_number, one.not_valid_before_utc, one.not_valid_after_utc) for one in read}) == 1
    )
    assert first.roster == second.roster


def test_another_seed_gives_other_certificates(tmp_path: Path, founded: Path) -> None:
    other = Town.create(tmp_path / "a", seed=8)
    assert set(_certificates(other)).isdisjoint(_certificates(Town.open(founded)))


def test_fresh_keys_are_none_of_the_pool_and_their_making_is_told(tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    town = Town.create(tmp_path, fresh_keys=True, progress=lambda *step: seen.append(step))
    assert town.roster.fresh_keys
    made = [step for step in seen if step[0] == "keys"]
    assert [done for _, done, _ in made] == list(range(made[-1][2] + 1))
    for der in _of_today(town):
        key = x509.load_der_x509_certificate(der).public_key()
        assert isinstance(key, rsa.RSAPublicKey)
        pool.refuse_pooled(key.public_numbers().n, tmp_path)


def test_progress_ends_at_its_total(tmp_path: Path) -> None:
    last: dict[str, tuple[int, int]] = {}
    Town.create(tmp_path, progress=lambda what, done, total: last.update({what: (done, total)}))
    assert set(last) == {"certificates", "cards"}
    assert all(done == total for done, total in last.values())


# --- founding again ---------------------------------------------------------------------------------------------------


def test_founding_again_starts_over(town: Town) -> None:
    with town.card("ordinary") as card:
        before = JpkiSession(card).certificate(Key.AUTHENTICATION)
    again = Town.create(town.ground.directory, seed=2)
    with again.card("ordinary") as card:
        assert JpkiSession(card).certificate(Key.AUTHENTICATION) != before
    assert sorted(path.name for path in town.ground.directory.iterdir()) == ["current", "lock", "locks"]


def test_no_founding_while_a_card_is_in_a_reader(town: Town) -> None:
    founded = town.roster.founded
    with town.card("ordinary"), pytest.raises(InUse):
        Town.create(town.ground.directory, seed=2)
    assert Town.open(town.ground.directory).roster.founded == founded


def test_no_founding_while_the_town_is_run(town: Town) -> None:
    with town.ground.alone(), pytest.raises(InUse, match="another process runs the town"):
        Town.create(town.ground.directory)


# --- opening ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["current", "founding", "discarded"])
def test_a_folder_that_no_town_put_there_is_not_thrown_away(tmp_path: Path, name: str) -> None:
    """A directory that was mistyped: what a town would clear away may be somebody's only copy."""
    letter = tmp_path / name / "letter.txt"
    letter.parent.mkdir()
    letter.write_text("precious", "utf-8")
    with pytest.raises(NotAllowed, match=f"no town put {name} there"):
        Town.create(tmp_path)
    assert letter.read_text("utf-8") == "precious"
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_there_is_no_town_in_an_empty_directory(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="there is no town"):
        Town.open(tmp_path)


def _edit(town: Town, **changes: object) -> Path:
    path = town.folder / "town.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **changes}), "utf-8")
    return town.ground.directory


def test_a_newer_town_is_refused(town: Town) -> None:
    with pytest.raises(DataTooNew, match="founded by a newer warifu"):
        Town.open(_edit(town, version=3))


def test_a_town_that_lists_no_matching_number_is_read_as_it_is(town: Town) -> None:
    """Version 1 of the description."""
    people = json.loads((town.folder / "town.json").read_text("utf-8"))["people"]
    for card in (card for person in people for card in person["cards"]):
        del card["matching_number_b"], card["resident_pin"], card["common_pin"]
    old = Town.open(_edit(town, version=1, people=people))
    assert old.find_card("ordinary")[1].matching_number_b == ""
    assert old.find_card("ordinary")[1].text_pin == PINS.text


@pytest.mark.parametrize("changes", [{"version": 0}, {"version": None}, {"format": "x"}, {"people": 3}, {"seed": "x"}])
def test_what_does_not_describe_a_town_is_refused(town: Town, changes: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        Town.open(_edit(town, **changes))


def test_a_damaged_description_is_refused(town: Town) -> None:
    (town.folder / "town.json").write_text("{", "utf-8")
    with pytest.raises(Malformed, match="damaged"):
        Town.open(town.ground.directory)


# --- killed -----------------------------------------------------------------------------------------------------------


def _found_until(directory: Path, stage: str, step: int) -> None:
    """Found a town, and die at a step of it without a last word."""

    def die(what: str, done: int, total: int) -> None:
        if (what, done) == (stage, step):
            os.kill(os.getpid(), signal.SIGKILL)

    Town.create(directory, seed=5, progress=die)


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is POSIX")
@pytest.mark.parametrize(("stage", "step"), [("certificates", 1), ("certificates", 20), ("cards", 1), ("cards", 20)])
def test_a_founding_that_was_killed_leaves_no_town_and_the_next_one_finds_nothing_in_its_way(
    tmp_path: Path, stage: str, step: int
) -> None:
    process = multiprocessing.get_context("spawn").Process(target=_found_until, args=(tmp_path, stage, step))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    with pytest.raises(NotFound):
        Town.open(tmp_path)
    assert len(_certificates(Town.create(tmp_path))) == CARDS


def test_ctrl_c_during_the_founding_leaves_no_town_and_nothing_in_the_way(tmp_path: Path) -> None:
    def interrupt(what: str, done: int, total: int) -> None:
        if (what, done) == ("cards", 3):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Town.create(tmp_path, progress=interrupt)
    with pytest.raises(NotFound):
        Town.open(tmp_path)
    assert len(_certificates(Town.create(tmp_path))) == CARDS


def found_and_kill(directory: Path, *, kills: int, seed: int) -> None:
    """Start foundings and kill them at random moments: each time there is the old town, the new one, or none.

    And whichever it is, it works.
    """
    chance = random.Random(seed)
    script = "import sys, pathlib; from warifu.town.town import Town; Town.create(pathlib.Path(sys.argv[1]), seed=6)"
    Town.create(directory, seed=5)
    for _ in range(kills):
        process = subprocess.Popen([sys.executable, "-c", script, str(directory)])
        time.sleep(chance.uniform(0.5, 1.6))
        process.kill()
        process.wait()
        try:
            town = Town.open(directory)
        except NotFound:
            continue
        assert town.roster.seed in (5, 6)
        assert len(_certificates(town)) == CARDS
    assert len(_certificates(Town.create(directory, seed=7))) == CARDS


def test_killed_at_any_moment_there_is_the_old_town_or_the_new_one_or_none(tmp_path: Path) -> None:
    """A few moments here; many more in the soak."""
    found_and_kill(tmp_path, kills=4, seed=1)


def test_the_listed_matching_number_opens_the_card(town: Town) -> None:
    """照合番号B, with the Western year for the foreign resident."""
    for name in ("ordinary", "foreign", "face", "reissued-old"):
        _, row = town.find_card(name)
        with town.card(name) as card:
            VisualSession(card).verify(Credential.VISUAL_MATCHING_NUMBER_B, row.matching_number_b)
    born = town.find_card("foreign")[0].birth_date
    assert town.find_card("foreign")[1].matching_number_b.startswith(born.replace("-", "")[2:])


def test_two_that_change_the_list_at_once_lose_nothing(town: Town) -> None:
    """Each reads, changes and writes alone."""
    names = ["ordinary", "foreign", "gaiji", "moved", "renamed", "expiring"]
    with ThreadPoolExecutor(len(names)) as hands:
        list(hands.map(lambda name: town.list_pin(name, "text_pin", "2468"), names))
    assert [town.find_card(name)[1].text_pin for name in names] == ["2468"] * len(names)
