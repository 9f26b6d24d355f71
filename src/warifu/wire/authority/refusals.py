"""The record of what was asked and refused; inside its caller's transaction."""

from datetime import datetime

from sqlalchemy import insert

from warifu.errors import Refused
from warifu.pki import CertificateKind
from warifu.wire.authority.recording import Recording
from warifu.wire.authority.tables import refusals, seconds

__all__ = ["record"]


def record(
    record: Recording, kind: CertificateKind, what: str, serial_number: int | None, refusal: Refused, now: datetime
) -> None:
    """Record a refusal: of an application (``issue``), or of an event of a certificate."""
    values = {"kind": kind.value, "what": what, "serial_number": serial_number, "error": type(refusal).__name__}
    number = record.connection.scalar(insert(refusals).values(**values, at=seconds(now)).returning(refusals.c.id))
    record.note("refused", now, (refusals, {"id": number}))
