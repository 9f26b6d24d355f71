"""What a person agreed to tell a client, item by item, and what each client received.

An item is a scope. Whoever agreed once to an item is shown it again and not asked again, until the text that they
agreed to changes, the item is revoked, or something is asked for that is new. The record only grows: agreeing and
revoking are both entries, and what counts is the last one of an item.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

__all__ = ["KEPT_FOR", "ConsentEvent", "Decision", "Receipt", "Received", "agreed_items", "text_version"]

KEPT_FOR = timedelta(days=3 * 365)
"""How long the resident can look back at who received what.

Modelled: 個人情報の保護に関する法律施行規則 第21条 keeps records of providing to third parties for three years at most.
"""


class Decision(Enum):
    """What a person said about an item. Wire: the value, in the store."""

    AGREED = "agreed"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class ConsentEvent:
    """One entry: about one item of one client, and the text that the person saw (`text_version`)."""

    client_id: str
    scope: str
    decision: Decision
    text: str
    at: datetime


class Received(Enum):
    """How a client received something. Wire: the value, in the store."""

    GRANTED = "granted"
    """A login ended with tokens, for these items."""
    REFRESHED = "refreshed"
    """A token was had anew, without the person."""
    READ = "read"
    """The token was used: the items were read."""
    SIGNED = "signed"
    """The result of a signature was fetched."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a client received, and when."""

    client_id: str
    how: Received
    scopes: tuple[str, ...]
    at: datetime


def text_version(text: str, client_name: str) -> str:
    """What names the text that somebody agreed to: 32 hexadecimal digits over it and the client's name in it."""
    parts = (text.encode(), client_name.encode())
    return hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).hexdigest()[:32]


def agreed_items(events: Iterable[ConsentEvent], client_id: str, text: str, asked: Sequence[str]) -> tuple[str, ...]:
    """Of what is asked for, the items that were agreed to under this very text and not revoked since.

    `events` are one person's, in the order in which they happened.
    """
    last = {event.scope: event for event in events if event.client_id == client_id}
    return tuple(
        scope
        for scope in asked
        if scope in last and last[scope].decision is Decision.AGREED and last[scope].text == text
    )
