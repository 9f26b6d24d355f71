"""The signing API's rows: clients' own tokens, and what they want signed.

A result is kept as it will be handed out, encrypted for the client's platform operator: neither this store nor who
reads it sees a signature or a certificate. Each function works inside its caller's transaction.
"""

import re
from datetime import datetime

from sqlalchemy import BigInteger, Column, Connection, LargeBinary, String, Table, Text, delete, insert, select, update

from warifu.idp import Login, ServiceToken, SigningTransaction
from warifu.messages import SigningData
from warifu.wire.provider.tables import metadata, moment, seconds

__all__ = [
    "add_service_token",
    "add_transaction",
    "find_service_token",
    "find_transaction",
    "forget",
    "save_transaction",
    "transaction_of",
]

_ID = re.compile(r"[0-9a-f-]{36}")

service_tokens = Table(
    "service_token",
    metadata,
    Column("hash", LargeBinary(32), primary_key=True),
    Column("client_id", String(255)),
    Column("expires_at", BigInteger),
)

transactions = Table(
    "signing_transaction",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("client_id", String(255)),
    Column("data", LargeBinary),
    Column("expires_at", BigInteger),
    Column("login", String(64)),
    Column("result", Text),
)


def add_service_token(connection: Connection, token: ServiceToken) -> None:
    """Keep a client's own token."""
    values = {"hash": token.hash, "client_id": token.client_id, "expires_at": seconds(token.expires_at)}
    connection.execute(insert(service_tokens).values(**values))


def find_service_token(connection: Connection, token_hash: bytes) -> ServiceToken | None:
    """The client's own token with this hash."""
    row = connection.execute(select(service_tokens).where(service_tokens.c.hash == token_hash)).one_or_none()
    return None if row is None else ServiceToken(row.hash, row.client_id, moment(row.expires_at))


def add_transaction(connection: Connection, transaction: SigningTransaction) -> None:
    """Keep what a client wants signed."""
    values = {
        "id": transaction.id,
        "client_id": transaction.client_id,
        "data": transaction.data.encode(),
        "expires_at": seconds(transaction.expires_at),
    }
    connection.execute(insert(transactions).values(**values))


def find_transaction(connection: Connection, name: str | None, *, lock: bool = False) -> SigningTransaction | None:
    """The transaction with this id; `lock` it to change it."""
    # It comes from a path or a request. What can be no id is not asked for: databases refuse some texts altogether.
    if name is None or not _ID.fullmatch(name):
        return None
    query = select(transactions).where(transactions.c.id == name)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        return None
    data = SigningData.decode(bytes(row.data))
    return SigningTransaction(row.id, row.client_id, data, moment(row.expires_at), row.login, row.result)


def transaction_of(connection: Connection, login: Login, *, lock: bool = False) -> SigningTransaction | None:
    """What is to be signed in a login."""
    return find_transaction(connection, login.request.sign_transaction_id, lock=lock)


def save_transaction(connection: Connection, transaction: SigningTransaction) -> None:
    """Keep how far a transaction has come."""
    values = {
        "expires_at": seconds(transaction.expires_at),
        "login": transaction.login,
        "result": transaction.result,
    }
    connection.execute(update(transactions).where(transactions.c.id == transaction.id).values(**values))


def forget(connection: Connection, now: datetime) -> None:
    """Delete what has had its time."""
    for table in (service_tokens, transactions):
        connection.execute(delete(table).where(table.c.expires_at <= seconds(now)))
