"""Rows of what people agreed to and of what clients received; each function works inside its caller's transaction.

``consent_event`` only grows. ``receipt`` grows, and what is older than `warifu.idp.KEPT_FOR` goes. Neither has any of
the attributes, only their names.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Connection,
    Integer,
    String,
    Table,
    bindparam,
    delete,
    insert,
    or_,
    select,
    true,
    update,
)

from warifu.idp import (
    KEPT_FOR,
    Client,
    ConsentEvent,
    Decision,
    Grant,
    Receipt,
    Received,
    Refusal,
    Status,
    sector_of,
)
from warifu.wire.provider import identity_store
from warifu.wire.provider.tables import (
    access_tokens,
    client_of,
    clients,
    logins,
    metadata,
    moment,
    refresh_tokens,
    seconds,
)

__all__ = [
    "add_consents",
    "add_receipt",
    "clients_of_sector",
    "consents_of",
    "end_access",
    "find_live",
    "forget_receipts",
    "note_grant",
    "receipts_of",
]

consent_events = Table(
    "consent_event",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("person", String(36)),
    Column("client_id", String(255)),
    Column("scope", String(64)),
    Column("decision", String(8)),
    Column("text", String(32)),
    Column("at", BigInteger),
)

receipts = Table(
    "receipt",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("person", String(36)),
    Column("client_id", String(255)),
    Column("how", String(16)),
    Column("scopes", JSON),
    Column("at", BigInteger),
)

_SAID = select(consent_events).where(consent_events.c.person == bindparam("here")).order_by(consent_events.c.id)
_ADD_RECEIPT = insert(receipts)
_ENDED = Refusal("access_denied", "cancelled")


def add_consents(connection: Connection, person: str, events: Iterable[ConsentEvent]) -> None:
    """Write down what somebody said."""
    for event in events:
        values = {"client_id": event.client_id, "scope": event.scope, "decision": event.decision.value}
        told = {"text": event.text, "at": seconds(event.at)}
        connection.execute(insert(consent_events).values(person=person, **values, **told))


def consents_of(connection: Connection, person: str) -> list[ConsentEvent]:
    """All that somebody ever said, in that order."""
    return [
        ConsentEvent(row.client_id, row.scope, Decision(row.decision), row.text, moment(row.at))
        for row in connection.execute(_SAID, {"here": person})
    ]


# --- receipts ---------------------------------------------------------------------------------------------------------


def add_receipt(connection: Connection, subject: str, receipt: Receipt) -> None:
    """Write down that a client received something of the person behind a subject."""
    person = identity_store.person_of_subject(connection, subject)
    if person is None:  # a token from before subjects were kept like this
        return
    values = {"client_id": receipt.client_id, "how": receipt.how.value, "scopes": list(receipt.scopes)}
    connection.execute(_ADD_RECEIPT, {"person": person, **values, "at": seconds(receipt.at)})


def note_grant(connection: Connection, grant: Grant, how: Received, now: datetime) -> None:
    """Write down that a client got tokens."""
    token = grant.access_token
    add_receipt(connection, token.subject, Receipt(token.client_id, how, token.scopes, now))


def receipts_of(connection: Connection, person: str) -> list[Receipt]:
    """All that clients received of a person, the newest first."""
    its = select(receipts).where(receipts.c.person == person).order_by(receipts.c.id.desc())
    return [
        Receipt(row.client_id, Received(row.how), tuple(row.scopes), moment(row.at)) for row in connection.execute(its)
    ]


def forget_receipts(connection: Connection, now: datetime) -> None:
    """Delete what was kept long enough."""
    connection.execute(delete(receipts).where(receipts.c.at <= seconds(now - KEPT_FOR)))


# --- ending -----------------------------------------------------------------------------------------------------------


def end_access(connection: Connection, subjects: Collection[str], client_id: str | None = None) -> None:
    """Let every token, refresh token and login on its way of these subjects be good for nothing; of one client or all.

    A login that was allowed and whose code nobody redeemed yet ends too: its code is as good as used.
    """
    for table in (access_tokens, refresh_tokens, logins):
        its = [table.c.subject.in_(subjects), true() if client_id is None else table.c.client_id == client_id]
        if table is access_tokens:
            connection.execute(update(table).where(*its).values(revoked=True, claims={}))
        elif table is refresh_tokens:
            connection.execute(delete(table).where(*its))
        else:
            unfinished = or_(table.c.code_spent.is_(None), table.c.code_spent.is_(False))
            over = {"status": Status.REFUSED.value, "error": _ENDED.error, "error_description": _ENDED.description}
            connection.execute(update(table).where(*its, unfinished).values(**over, claims=None, code_spent=True))


def find_live(connection: Connection, subjects: Collection[str], now: datetime) -> set[str]:
    """The clients that hold a token or a refresh token of these subjects which is good now."""
    live: set[str] = set()
    for table, good in ((access_tokens, access_tokens.c.revoked), (refresh_tokens, refresh_tokens.c.spent)):
        its = (table.c.subject.in_(subjects), table.c.expires_at > seconds(now), good.is_(False))
        live |= set(connection.scalars(select(table.c.client_id).where(*its)))
    return live


def clients_of_sector(connection: Connection, sector: str) -> list[Client]:
    """The clients that share this sector."""
    found = map(client_of, connection.execute(select(clients).order_by(clients.c.id)))
    return [client for client in found if sector_of(client) == sector]
