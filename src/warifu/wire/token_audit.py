"""Reading and checking a provider's audit log beside its processes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection

from warifu.errors import Malformed, Unavailable
from warifu.idp import AuditEntry, AuditHead, AuditKey, Secret
from warifu.wire.database import reading
from warifu.wire.provider import check_chain
from warifu.wire.provider_place import provider_secret, provider_store
from warifu.wire.settings import Settings

__all__ = ["AuditReading", "open_audit", "read_head_text"]


class AuditReading:
    """One look at the log: a snapshot, however much is written meanwhile."""

    def __init__(self, connection: Connection, key: AuditKey) -> None:
        self._connection, self.key = connection, key

    def checked(self, known: AuditHead | None = None) -> Iterator[tuple[AuditEntry, AuditHead]]:
        """Every entry, checked, with the head after it; in constant memory.

        Raises:
            NotConsistent: as `check_chain`.
        """
        return check_chain(self._connection, self.key, known)


@contextmanager
def open_audit(settings: Settings) -> Iterator[AuditReading]:
    """The audit log of the provider of the settings.

    Raises:
        Malformed, Unavailable: its database or its secret cannot be opened; a secret is never made here.
    """
    secret = Secret(_read(provider_secret(settings)))
    with provider_store(settings) as engine, reading(engine) as connection:
        yield AuditReading(connection, AuditKey(secret))


def read_head_text(text: str) -> AuditHead:
    """A head as it was printed, ``NUMBER:HEX``.

    Raises:
        Malformed: something else.
    """
    number, _, link = text.partition(":")
    try:
        head = AuditHead(int(number), bytes.fromhex(link))
    except ValueError:
        raise Malformed("a head of the audit log is its number, a colon and 64 hexadecimal digits") from None
    if str(head) != text.lower() or len(head.link) != len(AuditHead().link):
        raise Malformed("a head of the audit log is its number, a colon and 64 hexadecimal digits")
    return head


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unavailable.because(f"cannot read {path}", error) from error
