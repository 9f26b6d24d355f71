"""The record of the generations that were ever at work here; inside its caller's transaction."""

from datetime import datetime

from sqlalchemy import insert, select

from warifu.ca import Authority
from warifu.wire.authority.recording import Recording
from warifu.wire.authority.tables import generations, seconds

__all__ = ["keep"]


def keep(record: Recording, authority: Authority, now: datetime) -> None:
    """Keep a generation's certificate when it is at work for the first time."""
    key = {"kind": authority.kind.value, "key_id": authority.generation}
    if record.connection.execute(select(generations).filter_by(**key)).one_or_none() is None:
        values = {"certificate": authority.issuer.certificate_der, "known_since": seconds(now)}
        record.connection.execute(insert(generations).values(**key, **values))
        record.note("generation", now, (generations, key))
