"""What is kept, for whoever only looks: nothing is locked, taken or spent."""

from sqlalchemy import Connection, select

from warifu.idp import PushedRequest
from warifu.wire.provider.tables import pushed_request_of, pushed_requests, spent_assertions

__all__ = ["assertion_spent", "find_pushed_request"]


def assertion_spent(connection: Connection, client_id: str, jti: str) -> bool:
    """Whether an assertion (or a proof) of this name was used before."""
    here = (spent_assertions.c.client_id == client_id) & (spent_assertions.c.jti == jti)
    return connection.execute(select(spent_assertions.c.jti).where(here)).one_or_none() is not None


def find_pushed_request(connection: Connection, reference_hash: bytes) -> PushedRequest | None:
    """The pushed request with this hash, which stays."""
    row = connection.execute(select(pushed_requests).where(pushed_requests.c.hash == reference_hash)).one_or_none()
    return None if row is None else pushed_request_of(row)
