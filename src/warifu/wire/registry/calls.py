"""The hotline at work: a call is kept whoever called, and what it suspends goes out with it."""

from typing import Any

from sqlalchemy import Connection, insert, select

from warifu.errors import Malformed, NotFound
from warifu.person import BirthDate
from warifu.registry import (
    Act,
    ActKind,
    Call,
    Change,
    Claims,
    Clerk,
    LogEntry,
    Medium,
    OnFile,
    show_on_file,
    suspend,
    take_call,
)
from warifu.wire.database import writing
from warifu.wire.registry import log
from warifu.wire.registry.doing import Doing, Done
from warifu.wire.registry.reading import candidates, cards_of, phones_of
from warifu.wire.registry.tables import calls


class Calls:
    """What the hotline's clerks do."""

    def __init__(self, doing: Doing) -> None:
        self._doing = doing

    def take(self, by: Clerk, claims: Claims, *, act: str | None = None) -> Done:
        """Take a call; the answer's `act` names it, its `holders` is empty if the caller is nobody we know.

        Raises:
            NotAllowed: this is not the hotline's desk.
        """

        def decide(connection: Connection, doing: Act) -> Change[Any]:
            call, change = take_call(doing, claims, candidates(connection, _born(claims)))
            values = {"id": call.id, "clerk": by.id, "holder": call.holder, "called_at": int(doing.at.timestamp())}
            connection.execute(insert(calls).values(**values))
            return Change(change.records, change.messages, change.entries)

        asked = (claims.name, claims.birth_date, claims.address)
        return self._doing.do("take_call", by, act, asked, decide)

    def on_file(self, by: Clerk, call_id: str) -> OnFile:
        """What of the caller's can be suspended.

        Raises:
            NotFound: this clerk took no such call.
            NotAllowed: the caller is not known.
        """
        with writing(self._doing.engine) as connection:
            call = _call(connection, by, call_id)
            holder = call.holder or ""
            shown = show_on_file(call, cards_of(connection, [holder]), phones_of(connection, holder))
            at, id_ = self._doing.clock.now(), self._doing.entropy.bytes(16).hex()
            log.append(connection, [LogEntry(id_, at, by, ActKind.LOOK, (holder,), frozenset(), "what can be held")])
            return shown

    def suspend(self, by: Clerk, call_id: str, media: frozenset[Medium], *, act: str | None = None) -> Done:
        """Suspend what the caller lost.

        Raises:
            NotFound: this clerk took no such call.
            NotAllowed: the caller is not known, or has nothing of that kind.
        """

        def decide(connection: Connection, doing: Act) -> Change[Any]:
            call = _call(connection, by, call_id)
            holder = call.holder or ""
            change = suspend(doing, call, media, cards_of(connection, [holder]), phones_of(connection, holder))
            return Change(change.records, change.messages, change.entries)

        return self._doing.do("suspend", by, act, (call_id, media), decide)


def _call(connection: Connection, by: Clerk, call_id: str) -> Call:
    query = select(calls.c.id, calls.c.holder).where(calls.c.id == call_id, calls.c.clerk == by.id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("there is no such call of yours")
    return Call(row.id, row.holder)


def _born(claims: Claims) -> str:
    """The day under which candidates are looked for; what is no day fits nobody, as a wrong one does."""
    try:
        return BirthDate.decode(claims.birth_date).digits
    except Malformed:
        return ""
