"""Whom the register's messages are for, and sending them with the decision that caused them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, insert, select

from warifu.errors import AlreadyAnswered
from warifu.messages import (
    CardEvent,
    CertificateOrder,
    CodeBlockRequest,
    CodeChanged,
    NumberRequest,
    OrderedKind,
    OrderedMedium,
    ResidentEvent,
)
from warifu.registry import Message
from warifu.wire.post import Letter, send
from warifu.wire.registry.tables import orders

PARTY = "registry"
"""The register's name in letters, and of its database's migrations."""


@dataclass(frozen=True, slots=True)
class Correspondents:
    """The other parties by name: who issues certificates of which kind, and who numbers."""

    authorities: Mapping[OrderedKind, str] = field(
        default_factory=lambda: dict.fromkeys(OrderedKind, "authority"),
    )
    numbering: str = "numbering"

    @property
    def all(self) -> frozenset[str]:
        """Every one of them."""
        return frozenset({*self.authorities.values(), self.numbering})


def subject_of(message: Message) -> str:
    """What a letter with this message is about."""
    return message.TYPE.replace("_", "-")


def send_all(connection: Connection, messages: Iterable[Message], to: Correspondents, now: datetime) -> None:
    """Write the letters that carry these messages, and keep what was ordered."""
    for message in messages:
        if isinstance(message, CertificateOrder):
            _keep_order(connection, message, now)
        for letter in _letters(message, to):
            send(connection, letter, now)


def _letters(message: Message, to: Correspondents) -> list[Letter]:
    """A letter for each party that the message is for.

    All that concerns one person reaches an authority in order. The party that numbers does not learn who anybody is,
    so its letters have no thread; asked too early, it refuses, and is asked again.
    """
    body, subject = message.encode(), subject_of(message)
    if isinstance(message, ResidentEvent | CardEvent):
        told = sorted(set(to.authorities.values()))
        return [_letter(message.id, name, subject, message.holder, body) for name in told]
    if isinstance(message, CertificateOrder):
        return [_letter(message.id, to.authorities[message.kind], subject, message.holder, body)]
    if isinstance(message, NumberRequest | CodeBlockRequest | CodeChanged):
        return [_letter(message.id, to.numbering, subject, "", body)]
    raise TypeError(type(message).__name__)


def _letter(message_id: str, to: str, subject: str, thread: str, body: bytes) -> Letter:
    return Letter(id=message_id, sender=PARTY, to=to, subject=subject, thread=thread, body=body)


def _keep_order(connection: Connection, order: CertificateOrder, now: datetime) -> None:
    """Keep what was ordered. `card` of a phone's order is the card that its certificates stand on.

    Raises:
        AlreadyAnswered: this was ordered before: the holder chose the id of an application for a phone.
    """
    if connection.execute(select(orders.c.id).where(orders.c.id == order.id)).first() is not None:
        raise AlreadyAnswered("an application is accepted once")
    connection.execute(
        insert(orders).values(
            id=order.id,
            holder=order.holder,
            card=order.card,
            phone="" if order.medium is OrderedMedium.PHONE else None,
            kind=order.kind.value,
            ordered_at=int(now.timestamp()),
        )
    )
