"""One MUST: where it stands, what it says, what is sent that breaks it alone, and what has to come back."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.wire.provider_negative.talk import Talk

Ask = Callable[[Talk], str]
"""Sends it, and tells what came back."""
BOTH = ("da-compat", "fapi2")
COMPATIBLE, STRICT = ("da-compat",), ("fapi2",)


@dataclass(frozen=True)
class Must:
    """A row: `ask` sends it and tells what came back."""

    clause: str
    must: str
    breaks: str
    expected: str
    ask: Ask
    profiles: tuple[str, ...] = BOTH


@dataclass(frozen=True)
class DoesNotApply:
    """A MUST for which there is nothing to send here, and why."""

    clause: str
    must: str
    reason: str


@dataclass(frozen=True)
class Document:
    """One specification's rows."""

    name: str
    musts: tuple[Must, ...]
    others: tuple[DoesNotApply, ...] = ()
