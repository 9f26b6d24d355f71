"""The provider's pages: choosing how to log in, and what is shown when a request cannot go on."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Literal
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse

from warifu.wire.pages.rendering import render

JAPAN = timezone(timedelta(hours=9))  # no summer time


@dataclass(frozen=True, slots=True)
class Login:
    """What the login page shows about a waiting transaction.

    `redirect_origin` is the origin of the client's redirect URI: giving up without a script is a form whose redirects
    end there. `companion_origin` None leaves the card reader out. `signing` is what the client wants signed, for people
    to compare.

    `link_url` opens the phone's app on this device and `code_url`, None where there is none to show now, on another
    one; `hand_over` says how far the phone is (`warifu.idp.HandOverStage`, or that its app leads back here: first
    ``ends_elsewhere``, then ``ended``); `strong`, that there is no code at all; `tries_left` of the six digits, and
    `note` how the last form went. `passkeys`: there are some here; `passkey`: one would do for this login.
    """

    client_name: str
    scopes: tuple[str, ...]
    transaction: str
    link_url: str
    companion_origin: str | None
    expires_at: datetime
    state: Literal["waiting", "answered"]
    redirect_origin: str
    signing: str | None = None
    code_url: str | None = None
    code_expires_at: datetime | None = None
    hand_over: str = "open"
    strong: bool = False
    tries_left: int = 0
    note: str = ""
    passkeys: bool = False
    passkey: bool = False

    @property
    def path(self) -> str:
        """Where this transaction lives at the provider."""
        return f"/login/{quote(self.transaction, safe='')}"

    @property
    def view(self) -> str:
        """What the page shows: a section of its template."""
        if self.hand_over in ("ends_elsewhere", "ended") or self.state == "answered":
            return {"ends_elsewhere": "returning", "ended": "ended"}.get(self.hand_over, "answered")
        return {"scanned": "digits", "ready": "handed"}.get(self.hand_over, "choose")

    @property
    def asked(self) -> tuple[str, ...]:
        """The scopes beyond `openid`."""
        return tuple(scope for scope in self.scopes if scope != "openid")

    @property
    def troubled(self) -> bool:
        """Whether the digits that were sent did not do."""
        return self.view == "digits" and self.note in ("wrong_digits", "digits_expired", "six_digits")

    @property
    def code_until(self) -> str:
        """When the code expires, as a clock in Japan shows it; seconds matter here."""
        return "" if self.code_expires_at is None else f"{self.code_expires_at.astimezone(JAPAN):%H:%M:%S}"

    @property
    def until(self) -> str:
        """When the transaction ends, as a clock in Japan shows it."""
        return f"{self.expires_at.astimezone(JAPAN):%H:%M}"


def login(request: Request, page: Login) -> HTMLResponse:
    """The page that a person who wants to log in sees first."""
    connect = [page.companion_origin] if page.companion_origin else []
    return render(request, "login.html", connect=connect, form_action=[page.redirect_origin], login=page)


def problem(request: Request, kind: str, status: int, description: str = "") -> HTMLResponse:
    """A page that says what went wrong and what to do next.

    `kind` is a stable word, among them invalid_client, invalid_redirect_uri, expired, no_session, not_found; any other
    gets a general text. `description` is the public sentence for developers.
    """
    return render(request, "problem.html", status=status, kind=kind, description=description)
