"""What a program does again and again, while its store is down and after."""

import logging
import threading
from collections.abc import Callable

import pytest
from sqlalchemy.exc import ProgrammingError

from warifu.errors import Unavailable
from warifu.wire.repeating import LONGEST_PAUSE, Bell, beside, repeat

Repeated = Callable[..., tuple[list[float], list[logging.LogRecord]]]

DOWN = Unavailable("the database does not answer")


class Waits(threading.Event):
    """Nobody waits: it is written down how long they would, and over when all that is to happen has."""

    def __init__(self, outcomes: list[Exception | None]) -> None:
        super().__init__()
        self.outcomes, self.pauses = outcomes, list[float]()

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self.pauses.append(timeout)
        return self.is_set()

    def is_set(self) -> bool:
        return not self.outcomes

    def work(self) -> None:
        outcome = self.outcomes.pop(0)
        if outcome is not None:
            raise outcome


@pytest.fixture
def repeated(caplog: pytest.LogCaptureFixture) -> Repeated:
    """Repeat a work that ends like this, one time after another: the pauses, and what the log says."""

    def run(*outcomes: Exception | None) -> tuple[list[float], list[logging.LogRecord]]:
        waits = Waits(list(outcomes))
        repeat(waits.work, waits, 1.0, "do it")
        return waits.pauses, [record for record in caplog.records if record.name == "warifu.repeating"]

    return run


def test_a_store_that_is_down_is_asked_ever_more_seldom_up_to_a_minute(repeated: Repeated) -> None:
    pauses, _ = repeated(*[DOWN] * 8, None, None)
    assert pauses == [2, 4, 8, 16, 32, LONGEST_PAUSE, LONGEST_PAUSE, LONGEST_PAUSE, 1, 1]


def test_the_log_has_a_line_when_it_begins_and_one_when_it_is_over(repeated: Repeated) -> None:
    _, records = repeated(None, DOWN, DOWN, DOWN, None, None, DOWN)
    assert [record.getMessage() for record in records] == [
        "cannot do it for now: the database does not answer",
        "can do it again",
        "cannot do it for now: the database does not answer",
    ]
    assert [record.exc_info for record in records] == [None] * 3


@pytest.mark.parametrize("error", [ProgrammingError("select", {}, Exception("no such table")), KeyError("a bug")])
def test_what_is_not_silence_is_told_with_its_traceback_and_tried_again(repeated: Repeated, error: Exception) -> None:
    _, (record, again) = repeated(error, error, None)
    assert record.exc_info is not None
    assert again.getMessage() == "can do it again"


def test_a_ring_makes_it_go_on_at_once() -> None:
    bell, times = Bell(), list[None]()

    def work() -> None:
        times.append(None)
        (bell.ring, bell.ring, bell.set)[len(times) - 1]()

    repeat(work, bell, 600.0, "do it")
    assert len(times) == 3


def test_it_ends_with_the_block() -> None:
    began = threading.Event()

    def run(over: threading.Event) -> None:
        began.set()
        over.wait()

    with beside(run, "warifu-test", patience=None):
        assert began.wait(60)
        assert "warifu-test" in {thread.name for thread in threading.enumerate()}
    assert "warifu-test" not in {thread.name for thread in threading.enumerate()}
