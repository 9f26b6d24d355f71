"""Who may ask, by whose registration and by which token; and how often each was told what.

Tokens are 32 bytes by chance, base64url (RFC 6750 §2.1), and kept as SHA-256 only. A token is a recipient's, or without
one an operator's; its scopes say what it is for.
"""

import base64
import hashlib
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine, Row, and_, insert, select, update

from warifu.ca import Counted, Recipient, RecipientKind
from warifu.errors import AlreadyAnswered, Malformed, NotFound, TokenUnknown
from warifu.pki import CertificateKind
from warifu.ports import Clock, Entropy
from warifu.wire.authority.recording import recording
from warifu.wire.authority.tables import access_tokens, recipient_counts, recipients, seconds
from warifu.wire.database import reading

__all__ = ["SCOPES", "Bearer", "Counts", "Recipients", "Tokens"]

SCOPES = frozenset({"status", "lists", "links", "consents", "attributes", "reports", "operate"})
"""What a token can be for; ``operate`` is for operators, the others are for recipients."""

_LENGTH = 32


class Recipients:
    """The register of those who may ask (公的個人認証法 第17条, 第18条, 第36条, 第37条)."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def register(self, recipient: Recipient) -> None:
        """Enter a recipient, or what has changed of one."""
        values = _values(recipient)
        here = recipients.c.id == recipient.id
        with recording(self._engine) as record:
            if record.connection.execute(update(recipients).where(here).values(**values)).rowcount == 0:
                now = seconds(self._clock.now())
                record.connection.execute(insert(recipients).values(**values, registered_at=now))
            record.note("recipient", self._clock.now(), (recipients, {"id": recipient.id}))

    def stop(self, recipient: str) -> Recipient:
        """Stop the supply (第18条第6項, 第7項, 第37条第4項).

        Raises:
            NotFound: there is no such recipient.
        """
        stopped = replace(self.find(recipient), stopped=True)
        self.register(stopped)
        return stopped

    def all(self) -> list[Recipient]:
        """Every recipient, by name."""
        with reading(self._engine) as connection:
            return [_recipient(row) for row in connection.execute(select(recipients).order_by(recipients.c.name))]

    def find(self, recipient: str) -> Recipient:
        """One of them.

        Raises:
            NotFound: there is no such recipient.
        """
        with reading(self._engine) as connection:
            row = connection.execute(select(recipients).where(recipients.c.id == recipient)).one_or_none()
        if row is None:
            raise NotFound("no such recipient is registered")
        return _recipient(row)


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whoever presented a token: its name, its scopes, and the recipient whose it is (None: an operator's)."""

    name: str
    scopes: frozenset[str]
    recipient: str | None


class Tokens:
    """The tokens of the services."""

    def __init__(self, engine: Engine, clock: Clock, entropy: Entropy) -> None:
        self._engine = engine
        self._clock = clock
        self._entropy = entropy

    def make(
        self, name: str, scopes: Iterable[str], recipient: str | None = None, until: datetime | None = None
    ) -> str:
        """Make a token; it is shown this once.

        Raises:
            Malformed: an unknown scope, none, or one that is not for whom the token is.
            AlreadyAnswered: there is a token of this name in force.
        """
        wanted = frozenset(scopes)
        if not wanted or not wanted <= SCOPES or ("operate" in wanted) is not (recipient is None):
            raise Malformed(f"scopes are {', '.join(sorted(SCOPES))}; 'operate' is for a token without a recipient")
        token = base64.urlsafe_b64encode(self._entropy.bytes(_LENGTH)).decode().rstrip("=")
        now, digest = self._clock.now(), _digest(token)
        with recording(self._engine) as record:
            same = and_(access_tokens.c.name == name, access_tokens.c.withdrawn_at.is_(None))
            if record.connection.execute(select(access_tokens.c.name).where(same)).first() is not None:
                raise AlreadyAnswered("there is a token of this name")
            record.connection.execute(
                insert(access_tokens).values(
                    digest=digest,
                    name=name,
                    recipient=recipient,
                    scopes=" ".join(sorted(wanted)),
                    made_at=seconds(now),
                    until=None if until is None else seconds(until),
                )
            )
            record.note("token", now, (access_tokens, {"digest": digest}))
        return token

    def withdraw(self, name: str) -> None:
        """Let a token open nothing any more.

        Raises:
            NotFound: there is none of this name in force.
        """
        now = self._clock.now()
        with recording(self._engine) as record:
            here = and_(access_tokens.c.name == name, access_tokens.c.withdrawn_at.is_(None))
            digest = record.connection.scalar(select(access_tokens.c.digest).where(here))
            if digest is None:
                raise NotFound("there is no token of this name")
            record.connection.execute(update(access_tokens).where(here).values(withdrawn_at=seconds(now)))
            record.note("token_withdrawn", now, (access_tokens, {"digest": bytes(digest)}))

    def bearer(self, token: str) -> Bearer:
        """Whose a token is.

        Raises:
            TokenUnknown: nobody's, or no longer.
        """
        # Found by its digest: how long that takes tells nothing about the token (the digest is not the caller's).
        with reading(self._engine) as connection:
            row = connection.execute(select(access_tokens).filter_by(digest=_digest(token))).one_or_none()
        now = seconds(self._clock.now())
        if row is None or row.withdrawn_at is not None or (row.until is not None and row.until <= now):
            raise TokenUnknown
        return Bearer(row.name, frozenset(row.scopes.split()), row.recipient)


class Counts:
    """How often each recipient was told what (第41条): counted in memory, written down together each second.

    A count is not worth a wait for the disk at every question. So a program that is told to stop loses none, and one
    that is killed loses those of its last second: fewer than were told, never more.
    """

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: Counter[Counted] = Counter()

    def add(self, counted: Counted, by: int = 1) -> None:
        """Count."""
        with self._lock:
            self._waiting[counted] += by

    def write(self) -> int:
        """Write down what was counted since; how many counters went on."""
        with self._lock:
            waiting, self._waiting = self._waiting, Counter()
        if not waiting:
            return 0
        try:
            self._write(waiting)
        except BaseException:
            with self._lock:
                self._waiting += waiting
            raise
        return len(waiting)

    def all(self) -> Mapping[Counted, int]:
        """Every count that was written down."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(recipient_counts)).mappings()
            return {Counted(*(row[name] for name in _COUNTED)): row["count"] for row in rows}

    def _write(self, waiting: Mapping[Counted, int]) -> None:
        with recording(self._engine) as record:
            keys = [_key(counted) for counted in waiting]
            for key, by in zip(keys, waiting.values(), strict=True):
                more = update(recipient_counts).filter_by(**key).values(count=recipient_counts.c.count + by)
                if record.connection.execute(more).rowcount == 0:
                    record.connection.execute(insert(recipient_counts).values(**key, count=by))
            record.note("counted", self._clock.now(), *((recipient_counts, key) for key in keys))


_COUNTED = ("month", "recipient", "service", "way")


def _key(counted: Counted) -> dict[str, str]:
    return {name: getattr(counted, name) for name in _COUNTED}


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _values(recipient: Recipient) -> dict[str, Any]:
    return {
        "id": recipient.id,
        "name": recipient.name,
        "kind": recipient.kind.value,
        "verifies": " ".join(sorted(kind.value for kind in recipient.verifies)),
        "agreed_on": None if recipient.agreed_on is None else recipient.agreed_on.isoformat(),
        "certified_until": None if recipient.certified_until is None else recipient.certified_until.isoformat(),
        "public_key_info": recipient.key,
        "requestor": recipient.requestor,
        "stopped": recipient.stopped,
    }


def _recipient(row: Row[Any]) -> Recipient:
    return Recipient(
        id=row.id,
        name=row.name,
        kind=RecipientKind(row.kind),
        verifies=frozenset(map(CertificateKind, row.verifies.split())),
        agreed_on=None if row.agreed_on is None else date.fromisoformat(row.agreed_on),
        certified_until=None if row.certified_until is None else date.fromisoformat(row.certified_until),
        key=row.public_key_info,
        requestor=row.requestor,
        stopped=row.stopped,
    )
