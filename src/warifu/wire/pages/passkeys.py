"""The page after a login with the card where a person makes a passkey, sees those that are there, and removes them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse

from warifu.wire.pages.rendering import render
from warifu.wire.pages.times import moment_in_japan

__all__ = ["PasskeyEntry", "PasskeyEvent", "PasskeyPage", "passkeys"]


@dataclass(frozen=True, slots=True)
class PasskeyEntry:
    """One passkey as its holder sees it. `name` is what a form removes it by; `since` is when its state began."""

    name: str
    made_at: datetime
    used_at: datetime | None
    kind: Literal["synced", "device", "attested"]
    state: Literal["good", "dropped", "set_aside"]
    state_since: datetime | None

    @property
    def made(self) -> str:
        """When it was made."""
        return moment_in_japan(self.made_at)

    @property
    def used(self) -> str:
        """When it was used last; empty if never."""
        return "" if self.used_at is None else moment_in_japan(self.used_at)

    @property
    def since(self) -> str:
        """Since when its state is what it is; empty if it is good."""
        return "" if self.state_since is None else moment_in_japan(self.state_since)


@dataclass(frozen=True, slots=True)
class PasskeyEvent:
    """What happened to a passkey, and when."""

    happened_at: datetime
    what: str

    @property
    def at(self) -> str:
        """When."""
        return moment_in_japan(self.happened_at)


@dataclass(frozen=True, slots=True)
class PasskeyPage:
    """What the page shows; `finish` is what the phone's app gave to this browser, `note` how the last act went."""

    transaction: str
    client_name: str
    redirect_origin: str
    passkeys: tuple[PasskeyEntry, ...]
    events: tuple[PasskeyEvent, ...]
    finish: str = ""
    note: Literal["", "made", "renewed", "removed"] = ""

    @property
    def path(self) -> str:
        """Where this login lives at the provider."""
        return f"/login/{quote(self.transaction, safe='')}"

    @property
    def onwards(self) -> str:
        """Where the browser goes on to the client."""
        finish = {"finish": self.finish} if self.finish else {}
        return f"{self.path}/continue?{urlencode({'passkeys': 'done', **finish})}"


def passkeys(request: Request, page: PasskeyPage) -> HTMLResponse:
    """The page."""
    return render(request, "passkeys.html", page=page, form_action=[page.redirect_origin])
