"""The resident's page at the provider: who received what, and what can be taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from starlette.requests import Request
from starlette.responses import HTMLResponse

from warifu.wire.pages.rendering import render
from warifu.wire.pages.times import moment_in_japan

__all__ = ["AccountClient", "AccountItem", "AccountPart", "AccountReceipt", "account", "account_welcome"]


@dataclass(frozen=True, slots=True)
class AccountItem:
    """An item at a client: since when it may be told, and when it was told last."""

    scope: str
    agreed_at: datetime | None
    received_at: datetime | None

    @property
    def agreed(self) -> str:
        """As a moment in Japan; empty where it may not be told."""
        return _moment(self.agreed_at)

    @property
    def received(self) -> str:
        """As a moment in Japan; empty where it never was."""
        return _moment(self.received_at)


@dataclass(frozen=True, slots=True)
class AccountReceipt:
    """What a client received at a moment; `how` is a word of the catalogue under ``account.how.``."""

    moment: datetime
    how: str
    scopes: tuple[str, ...]

    @property
    def at(self) -> str:
        """When, in Japan."""
        return moment_in_japan(self.moment)


@dataclass(frozen=True, slots=True)
class AccountClient:
    """One client; `state` says whether it holds tokens, could have some at the next login, or neither."""

    id: str
    name: str
    subject: str | None
    state: Literal["live", "agreed", "revoked"]
    last_used: datetime | None
    items: tuple[AccountItem, ...]
    receipts: tuple[AccountReceipt, ...]
    shares_with: tuple[str, ...]

    @property
    def used(self) -> str:
        """When it used something last."""
        return _moment(self.last_used)


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One thing that is kept, and where the form leads whose `button` takes it away."""

    text: str
    path: str
    button: str


@dataclass(frozen=True, slots=True)
class AccountPart:
    """A further part of the page: `id` names its title and its note in the catalogue."""

    id: str
    lines: tuple[AccountLine, ...]


@dataclass(frozen=True, slots=True)
class _Certificate:
    at: str
    how: str


def account_welcome(request: Request, minutes: int, note: str = "") -> HTMLResponse:
    """What somebody sees who is not logged in; `note` says how the last try ended."""
    return render(request, "account/welcome.html", minutes=minutes, note=note)


def account(
    request: Request,
    clients: Sequence[AccountClient],
    certificates: Sequence[tuple[str, datetime]],
    parts: Sequence[AccountPart],
    minutes: int,
    done: str = "",
) -> HTMLResponse:
    """What somebody sees who is; `done` says what the last form did."""
    known = [_Certificate(moment_in_japan(since), how) for how, since in certificates]
    return render(
        request,
        "account/overview.html",
        clients=clients,
        certificates=known,
        parts=parts,
        minutes=minutes,
        done=done,
    )


def _moment(moment: datetime | None) -> str:
    return "" if moment is None else moment_in_japan(moment)
