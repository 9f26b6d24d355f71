"""Ending a program at any step, in process: before each statement and each commit, and wherever a test says.

A `PowerCut` is no `Exception`: nobody catches it, transactions are undone as the database undoes those of a process
that is gone, and the test then opens everything anew.
"""

from collections.abc import Iterator
from itertools import count
from typing import Any

from sqlalchemy import Engine, event

from warifu.wire.post import Carrier, Letter


class PowerCut(BaseException):
    """The program ended here."""


class Faults:
    """Counts the steps of a program and ends it at one of them."""

    def __init__(self, at: int) -> None:
        self.left = at
        self.steps: list[str] = []

    @property
    def happened(self) -> bool:
        return self.left < 0

    def step(self, what: str) -> None:
        self.steps.append(what)
        self.left -= 1
        if self.left == -1:
            raise PowerCut(what)

    def watch(self, engine: Engine) -> None:
        """Make each statement and each commit of an engine a step."""

        def before_statement(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            self.step(statement.split("\n")[0])

        event.listen(engine, "before_cursor_execute", before_statement)
        event.listen(engine, "commit", lambda _connection: self.step("commit"))


class Fragile:
    """A carrier on whose way the power can go: before the letter arrives, and after."""

    def __init__(self, carrier: Carrier, faults: Faults) -> None:
        self._carrier = carrier
        self._faults = faults

    def carry(self, letter: Letter) -> bytes:
        self._faults.step("carry")
        answer = self._carrier.carry(letter)
        self._faults.step("answered")
        return answer


def every_step() -> Iterator[Faults]:
    """Faults at the first step, the second, and so on, until the program gets through."""
    for at in count():
        faults = Faults(at)
        yield faults
        if not faults.happened:
            assert len(faults.steps) == at
            return
