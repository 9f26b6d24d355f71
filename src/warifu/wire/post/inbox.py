"""What a party gets: each letter has its effect once, in one transaction with the record that it came."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import Connection, Engine, insert, select

from warifu.errors import LetterChanged, LetterRefused, NotFound
from warifu.ports import Clock
from warifu.wire.database import writing
from warifu.wire.post.letter import Letter
from warifu.wire.post.schema import inbox

Handle: TypeAlias = Callable[[Connection, Letter], bytes]
"""What a letter does, inside the transaction that records it, and the answer to it. What it raises undoes both."""

_log = logging.getLogger("warifu.post")


@dataclass(frozen=True, slots=True)
class Desk:
    """Who deals with a subject, and whose letters about it are taken."""

    handle: Handle
    senders: frozenset[str]


def receive(connection: Connection, letter: Letter, handle: Handle, now: datetime) -> bytes:
    """Let a letter have its effect and record it with its answer; if it came before, only give that answer again.

    Raises:
        LetterChanged: another letter came under this id.
    """
    key = (inbox.c.sender == letter.sender, inbox.c.id == letter.id)
    before = connection.execute(select(inbox.c.digest, inbox.c.answer).where(*key)).one_or_none()
    if before is not None:
        if before.digest != letter.digest:
            raise LetterChanged
        return bytes(before.answer)
    answer = handle(connection, letter)
    connection.execute(
        insert(inbox).values(
            sender=letter.sender,
            id=letter.id,
            subject=letter.subject,
            digest=letter.digest,
            answer=answer,
            received_at=int(now.timestamp()),
        )
    )
    return answer


class Mailbox:
    """A party's mailbox: a desk for each subject. `settled` is called after each commit (to wake its own courier)."""

    def __init__(
        self,
        engine: Engine,
        name: str,
        clock: Clock,
        desks: Mapping[str, Desk],
        *,
        settled: Iterable[Callable[[], None]] = (),
    ) -> None:
        self.name = name
        self._engine = engine
        self._clock = clock
        self._desks = dict(desks)
        self._settled = tuple(settled)

    def take(self, letter: Letter) -> bytes:
        """Deal with a letter whose sender is known to have sent it; the answer.

        Raises:
            LetterRefused: it is for somebody else, or its sender has no say in this.
            NotFound: nobody here deals with its subject.
            WarifuError: what its desk raises; nothing of it happened then.
        """
        desk = self._desk(letter)
        with writing(self._engine) as connection:
            answer = receive(connection, letter, desk.handle, self._clock.now())
        _log.info("letter taken", extra={"about": letter.subject, "sender": letter.sender})
        for wake in self._settled:
            wake()
        return answer

    def _desk(self, letter: Letter) -> Desk:
        if letter.to != self.name:
            raise LetterRefused("this letter is for somebody else")
        desk = self._desks.get(letter.subject)
        if desk is None:
            raise NotFound("nobody here deals with letters about this")
        if letter.sender not in desk.senders:
            raise LetterRefused("its sender has no say in this")
        return desk
