"""The authorities' program is killed before every statement and every commit of what it does, and started again.

Nothing is lost, nothing is done twice, and the log is whole: the audit finds nothing, the witness's heads go on, and
whoever asked gets the answer by asking again.
"""

import os
import shutil
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from tests.ca.town import AUTHENTICATION, KIYOSE, application
from tests.wire.authority.test_letters import CARD, HOLDER, letter, order
from tests.wire.authority.world import World, open_world
from warifu.ca import Event
from warifu.messages import CardEvent, CardHappening, CertificateIssued
from warifu.wire.authority import RegisterLetters, delete_over, find_over
from warifu.wire.database import reading

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="fork and kill -9 are POSIX")

MANY = 200


@dataclass(frozen=True)
class Deed:
    """What the program is doing when it dies; `again` does it after the restart, `check` says whether it was done."""

    name: str
    do: Callable[[World], object]
    check: Callable[[World], bool]


def letters(world: World) -> RegisterLetters:
    return RegisterLetters(world.authorities, {KIYOSE.code: KIYOSE}.__getitem__)


def lost(world: World) -> None:
    letters(world).take(letter(CardEvent("e" * 32, HOLDER, CARD, CardHappening.LOST, world.clock.now())))


def one_live(world: World) -> bool:
    return len(world.authorities.live_of(HOLDER)) == 1


def scalar(world: World, query: str) -> object:
    with reading(world.engine) as connection:
        return connection.exec_driver_sql(query).scalar()


def forget(world: World) -> None:
    later = world.clock.now().replace(year=2060)
    delete_over(world.engine, find_over(world.engine, later), later)


DEEDS = (
    Deed("an order", lambda world: letters(world).take(letter(order(1))), one_live),
    Deed("an event", lost, lambda world: world.authorities.live_of(HOLDER) == []),
    Deed(
        "a list",
        lambda world: world.authorities.publish(AUTHENTICATION, KIYOSE.code),
        lambda world: scalar(world, "SELECT count(DISTINCT der) FROM revocation_list") in (1, 2),
    ),
    Deed(
        "early answers",
        lambda world: world.authorities.status.presign(AUTHENTICATION),
        lambda world: scalar(world, "SELECT count(*) FROM status_answer") == 2,
    ),
    Deed("a head", lambda world: world.heads.sign(), lambda world: world.witness.newest() == world.heads.newest()),
    Deed("a deletion", forget, lambda world: scalar(world, "SELECT count(*) FROM certificate") == 0),
)


def prepare(deed: Deed, folder: Path) -> None:
    world = open_world(folder / "a.sqlite", folder)
    world.heads.sign()
    world.authorities.issue(application(holder="somebody"))
    world.authorities.record(AUTHENTICATION, world.authorities.live_of("somebody")[0].serial_number, Event.DELIVERED)
    if deed.name in {"an event", "early answers"}:
        letters(world).take(letter(order(1)))
    world.close()


def die_at(deed: Deed, folder: Path, step: int) -> bool:
    """Do it in a process that is killed before its step number `step`; whether it got that far."""
    child = os.fork()
    if child == 0:
        try:
            world = open_world(folder / "a.sqlite", folder)
            kill_at(world.engine, step)
            deed.do(world)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def kill_at(engine: Engine, step: int) -> None:
    steps = iter(range(1, MANY))

    def count(*_arguments: object) -> None:
        if next(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine, "before_cursor_execute", count)
    event.listen(engine, "commit", count)


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.name)
def test_killed_at_any_step_it_goes_on_as_if_nothing_was(tmp_path: Path, deed: Deed) -> None:
    survived, step, before = False, 0, tmp_path / "before"
    before.mkdir()
    prepare(deed, before)
    for step in range(1, MANY):
        folder = tmp_path / str(step)
        shutil.copytree(before, folder)
        survived = not die_at(deed, folder, step)
        world = open_world(folder / "a.sqlite", folder)
        deed.do(world)
        assert deed.check(world), step
        world.heads.sign()
        assert world.audit().findings == [], step
        world.close()
        if survived:
            break
    assert survived, "more steps than were looked at"
    assert step > 3


def test_the_answer_to_an_order_is_the_same_after_any_crash(tmp_path: Path) -> None:
    """Once committed, the answer is the one that counts, whoever heard it."""
    answers = set()
    for step in range(1, MANY):
        if not die_at(DEEDS[0], tmp_path, step):
            break
        world = open_world(tmp_path / "a.sqlite", tmp_path)
        if scalar(world, "SELECT count(*) FROM inbox") == 1:
            answers.add(letters(world).take(letter(order(1))))
        world.close()
    world = open_world(tmp_path / "a.sqlite", tmp_path)
    answers.add(letters(world).take(letter(order(1))))
    assert len(answers) == 1
    assert CertificateIssued.decode(answers.pop()).certificate
    assert world.audit().findings == []
    world.close()
