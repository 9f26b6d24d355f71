"""Whoever carries a party's letters: tries what is due, notes what was answered, and comes back for the rest.

A letter is carried with no lock held. The answer is dealt with in the transaction that settles the letter, so it has
its effect once, too. Two couriers of one party do no harm: the recipient takes a letter once, the sender its answer.
"""

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from sqlalchemy import Connection, Engine

from warifu.errors import PartyRefused, Unavailable, WarifuError
from warifu.ports import Clock
from warifu.wire.answers import error_name
from warifu.wire.database import reading, writing
from warifu.wire.post import outbox
from warifu.wire.post.carriers import Carrier
from warifu.wire.post.letter import Letter
from warifu.wire.post.outbox import LONGEST_PAUSE, Waiting
from warifu.wire.repeating import Bell, beside, repeat

OnAnswer: TypeAlias = Callable[[Connection, Letter, bytes], None]
"""What an answer does, inside the transaction that settles its letter. If it raises, the letter is carried again."""

AT_ONCE = 100
"""Letters read at a time."""

_log = logging.getLogger("warifu.post")


class Courier:
    """Carries the letters of one party, to each recipient by its carrier.

    `answers` says, by the letters' subject, what to do with answers; those of other subjects only settle the letter.
    """

    def __init__(
        self,
        engine: Engine,
        carriers: Mapping[str, Carrier],
        clock: Clock,
        answers: Mapping[str, OnAnswer] | None = None,
    ) -> None:
        self._engine = engine
        self._carriers = dict(carriers)
        self._clock = clock
        self._answers = dict(answers or {})
        self._silent: dict[str, _Silence] = {}
        self._bell = Bell()

    def run(self, only: str | None = None) -> int:
        """Carry everything that is due, also what the answers cause; how many letters were settled.

        `only`: to this recipient, and nobody waits for the others.

        Raises:
            Unavailable: our own database does not answer.
        """
        total = 0
        while settled := self._round(only):
            total += settled
        return total

    def running(self, seconds: float = 1.0) -> AbstractContextManager[None]:
        """Carry letters in a thread while the block runs: whenever it is woken, and every few seconds.

        The letter that is on its way at the end is finished.
        """
        return beside(lambda over: repeat(self.run, over, seconds, "carry letters"), "warifu-post", None, self._bell)

    def wake(self) -> None:
        """Say that there may be something to carry."""
        self._bell.ring()

    def _round(self, only: str | None) -> int:
        """Carry what is due now to everybody who answers; how many letters were settled."""
        with reading(self._engine) as connection:
            waiting = [name for name in outbox.recipients(connection) if only in (None, name)]
            names = [name for name in waiting if self._may_answer(name)]
            batches = {name: outbox.due(connection, name, self._clock.now(), AT_ONCE) for name in names}
        return sum(self._carry_all(name, batch) for name, batch in batches.items())

    def _carry_all(self, recipient: str, batch: list[Waiting]) -> int:
        settled = 0
        for waiting in batch:
            if self._bell.is_set():
                break
            try:
                settled += self._carry(waiting)
            except Unavailable:
                # The others would wait as long for the same silence.
                self._note_silence(recipient)
                break
            self._silent.pop(recipient, None)
        return settled

    def _carry(self, waiting: Waiting) -> int:
        letter = waiting.letter
        try:
            answer = self._carriers[letter.to].carry(letter)
        except Unavailable as error:
            self._postpone(waiting, error, refused=False)
            raise
        except WarifuError as error:
            self._postpone(waiting, error, refused=True)
            return 0
        return self._settle(waiting, answer)

    def _settle(self, waiting: Waiting, answer: bytes) -> int:
        on_answer = self._answers.get(waiting.letter.subject)
        try:
            with writing(self._engine) as connection:
                if outbox.settle(connection, waiting.number, self._clock.now()) and on_answer is not None:
                    on_answer(connection, waiting.letter, answer)
        except Unavailable:
            raise
        except WarifuError as error:
            self._postpone(waiting, error, refused=True)
            return 0
        return 1

    def _postpone(self, waiting: Waiting, error: WarifuError, *, refused: bool) -> None:
        letter = waiting.letter
        name = error.error if isinstance(error, PartyRefused) else error_name(error)
        fields = {"recipient": letter.to, "about": letter.subject, "error": name, "detail": error.detail}
        _log.warning("letter not settled", extra=fields)
        with writing(self._engine) as connection:
            outbox.postpone(connection, waiting.number, self._clock.now(), name, refused=refused)

    def _may_answer(self, recipient: str) -> bool:
        """Whether to try a recipient at all: we have a carrier, and its last silence is long enough ago."""
        silence = self._silent.get(recipient)
        return recipient in self._carriers and (silence is None or silence.is_over(self._clock.now()))

    def _note_silence(self, recipient: str) -> None:
        before = self._silent.get(recipient)
        self._silent[recipient] = _Silence(0 if before is None else before.times + 1, self._clock.now())


@dataclass(frozen=True, slots=True)
class _Silence:
    """A recipient did not answer, as several times before."""

    times: int
    since: datetime

    def is_over(self, now: datetime) -> bool:
        """Whether to try again; also when the clock was set back since then."""
        pause = timedelta(seconds=min(2 ** min(self.times, 16), LONGEST_PAUSE))
        return not self.since <= now < self.since + pause
