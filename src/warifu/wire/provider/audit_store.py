"""The audit log's rows: appended in the transaction of the act itself, deleted from the beginning when they are old.

Who appends does so last and holds the log until the transaction is over (`warifu.wire.database`), so that the chain
never forks; an act that was committed is in the log, and one that was not is not. Each function works inside its
caller's transaction.
"""

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, LargeBinary, Row, String, Table, delete, insert, select, update

from warifu.errors import NotConsistent
from warifu.idp import Act, AuditEntry, AuditHead, AuditKey, TokenKind
from warifu.wire.database import hold, lastly
from warifu.wire.provider.tables import metadata, moment, seconds

__all__ = ["append", "check_chain", "check_end", "entries", "forget", "read_head"]

_BATCH = 1000
_START = 1

audit_entries = Table(
    "audit_entry",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger),
    Column("act", String(16)),
    Column("kind", String(16)),
    Column("client_id", String(255)),
    Column("person", String(32)),
    Column("login", String(32)),
    Column("token", String(32)),
    Column("kid", String(43)),
    Column("why", String(255)),
    Column("link", LargeBinary(32)),
)

audit_starts = Table(
    "audit_start",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("number", BigInteger),
    Column("link", LargeBinary(32)),
)

_NUMBER = audit_entries.c.number
_LAST = select(_NUMBER, audit_entries.c.link).order_by(_NUMBER.desc()).limit(1)
_APPEND = insert(audit_entries)


def append(connection: Connection, key: AuditKey, happened: Sequence[AuditEntry]) -> None:
    """Write down what happens in this transaction, at its end."""
    if happened:
        lastly(connection, partial(_append, connection, key, happened))


def _append(connection: Connection, key: AuditKey, happened: Sequence[AuditEntry]) -> None:
    hold(connection, audit_entries.name)
    head, rows = read_head(connection), []
    for entry in happened:
        head = key.following(head, entry)
        rows.append(_values_of(entry, head))
    connection.execute(_APPEND, rows)


def read_head(connection: Connection) -> AuditHead:
    """How far the log has come."""
    last = connection.execute(_LAST).one_or_none()
    return _start(connection) if last is None else AuditHead(last.number, bytes(last.link))


def entries(connection: Connection) -> Generator[tuple[AuditEntry, AuditHead], None, None]:
    """Every entry with what is written beside it, oldest first, a thousand at a time."""
    query = select(audit_entries).order_by(audit_entries.c.number)
    options = {"stream_results": True, "yield_per": _BATCH}
    with connection.execute(query, execution_options=options) as rows:
        for row in rows:
            yield _entry_of(row), AuditHead(row.number, bytes(row.link))


def check_chain(
    connection: Connection, key: AuditKey, known: AuditHead | None = None
) -> Iterator[tuple[AuditEntry, AuditHead]]:
    """Every entry, each checked before it is given; `known` is a head that somebody kept elsewhere.

    Raises:
        NotConsistent: something was changed, put in between or taken out; or the log does not lead through `known`.
    """
    head = _start(connection)
    passed = known is None or known.number < head.number or known == head
    with closing(entries(connection)) as found:
        for entry, kept in found:
            head = key.check(head, entry, kept)
            passed = passed or head == known
            yield entry, head
    if not passed:
        raise NotConsistent(f"the audit log does not lead through {known}: its end was cut off, or it is another log")


def check_end(connection: Connection, key: AuditKey) -> None:
    """Check that the last entry, if there is one, was written under this key.

    Raises:
        NotConsistent: it was not.
    """
    last, *before = connection.execute(select(audit_entries).order_by(_NUMBER.desc()).limit(2)).all() or (None,)
    if last is not None:
        head = AuditHead(before[0].number, bytes(before[0].link)) if before else _start(connection)
        key.check(head, _entry_of(last), AuditHead(last.number, bytes(last.link)))


def forget(connection: Connection, before: datetime) -> None:
    """Delete the entries of before this moment; the log then begins behind them."""
    column = audit_entries.c
    # By number and not by time alone: clocks may have gone back, and what is left must be without gaps.
    kept = connection.scalar(select(column.number).where(column.at >= seconds(before)).order_by(column.number).limit(1))
    last = connection.execute(_LAST if kept is None else _LAST.where(column.number < kept)).one_or_none()
    if last is None:
        return
    values = {"number": last.number, "link": last.link}
    if not connection.execute(update(audit_starts).where(audit_starts.c.id == _START).values(**values)).rowcount:
        connection.execute(insert(audit_starts).values(id=_START, **values))
    connection.execute(delete(audit_entries).where(column.number <= last.number))


def _start(connection: Connection) -> AuditHead:
    """Behind which entry the log begins."""
    row = connection.execute(select(audit_starts).where(audit_starts.c.id == _START)).one_or_none()
    return AuditHead() if row is None else AuditHead(row.number, bytes(row.link))


def _entry_of(row: Row[Any]) -> AuditEntry:
    act, kind = Act(row.act), TokenKind(row.kind)
    return AuditEntry(moment(row.at), act, kind, row.client_id, row.person, row.login, row.token, row.kid, row.why)


def _values_of(entry: AuditEntry, head: AuditHead) -> dict[str, Any]:
    return {
        "number": head.number,
        "at": seconds(entry.at),
        "act": entry.act.value,
        "kind": entry.kind.value,
        "client_id": entry.client_id,
        "person": entry.person,
        "login": entry.login,
        "token": entry.token,
        "kid": entry.kid,
        "why": entry.why,
        "link": head.link,
    }
