"""Bearer tokens of clerks and machines: whoever has one acts at its desk. Only hashes are kept.

A token is 32 bytes by chance, base64url (RFC 6750 §2.1); its name is the clerk's id in the log.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from warifu.errors import AlreadyAnswered, NotFound, TokenUnknown
from warifu.ports import Clock, Entropy
from warifu.registry import Clerk, Desk
from warifu.wire.database import reading, writing
from warifu.wire.registry.kept import keep, restore
from warifu.wire.registry.tables import tokens

_LENGTH = 32


@dataclass(frozen=True, slots=True)
class TokenNote:
    """What is known of a token: never the token."""

    name: str
    desk: Desk
    numbers: bool
    made_at: datetime
    until: datetime | None
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class Right:
    """What a token is for: a desk, and whether it may ask for individual numbers and record codes."""

    desk: Desk
    numbers: bool = False


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whoever presented a token: the clerk, and the explicit right to numbers."""

    clerk: Clerk
    numbers: bool


class Tokens:
    """The tokens of the register."""

    def __init__(self, engine: Engine, clock: Clock, entropy: Entropy) -> None:
        self._engine = engine
        self._clock = clock
        self._entropy = entropy

    def make(self, name: str, desk: Desk, *, numbers: bool = False, until: datetime | None = None) -> str:
        """Make a token; it is shown this once.

        Raises:
            AlreadyAnswered: the name is taken: whoever did something under it stays who it was.
            Malformed: no name of a clerk.
        """
        clerk = Clerk(name, desk)
        token = base64.urlsafe_b64encode(self._entropy.bytes(_LENGTH)).decode().rstrip("=")
        values = {
            "digest": _digest(token),
            "name": clerk.id,
            "body": keep(Right(desk, numbers)),
            "made_at": int(self._clock.now().timestamp()),
            "until": None if until is None else int(until.timestamp()),
        }
        try:
            with writing(self._engine) as connection:
                connection.execute(insert(tokens).values(**values))
        except IntegrityError:
            raise AlreadyAnswered("there is a token of this name") from None
        return token

    def bearer(self, token: str) -> Bearer:
        """Whose token this is.

        Raises:
            TokenUnknown: nobody's, or it was withdrawn or is over.
        """
        query = select(tokens).where(tokens.c.digest == _digest(token), tokens.c.withdrawn_at.is_(None))
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        if row is None or (row.until is not None and row.until <= self._clock.now().timestamp()):
            raise TokenUnknown
        right = restore(Right, bytes(row.body))
        return Bearer(Clerk(row.name, right.desk), right.numbers)

    def withdraw(self, name: str) -> None:
        """Let a token count no more.

        Raises:
            NotFound: there is none of this name, or it was withdrawn.
        """
        mine = update(tokens).where(tokens.c.name == name, tokens.c.withdrawn_at.is_(None))
        with writing(self._engine) as connection:
            if not connection.execute(mine.values(withdrawn_at=int(self._clock.now().timestamp()))).rowcount:
                raise NotFound("there is no token of this name")

    def all(self) -> list[TokenNote]:
        """What is known of every token, by name."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(tokens).order_by(tokens.c.name)).all()
        return [
            TokenNote(
                row.name, right.desk, right.numbers, _moment(row.made_at), _maybe(row.until), _maybe(row.withdrawn_at)
            )
            for row, right in ((row, restore(Right, bytes(row.body))) for row in rows)
        ]


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _maybe(seconds: int | None) -> datetime | None:
    return None if seconds is None else _moment(seconds)
