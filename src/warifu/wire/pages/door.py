"""Signing in to pages that not everybody may see: a key once, then a session of this browser.

A key is 32 bytes by chance, shown once to whoever starts the program, as a link. It opens one session within an hour,
and nothing after that. Keys, sessions and the secrets behind them are in memory only and as SHA-256, so a restart ends
every session. The browser holds a cookie that no other site's request carries (HttpOnly, SameSite=Strict); every form
has the session's own token besides, though `Guard` has looked at Host and Origin before.

The key travels in the query of the link; our log has paths without queries, and the page that opens is not the one that
signs in: a key is used up by the form on it, not by a program that follows links.
"""

import base64
import hashlib
import hmac
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Generic, TypeAlias, TypeVar
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from warifu.errors import NotAllowed, TokenUnknown, WarifuError
from warifu.ports import Clock, Entropy
from warifu.wire.pages.guard import read_form
from warifu.wire.pages.rendering import render

KEY_LASTS: Final = timedelta(hours=1)
IDLE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=8)
MOST_SESSIONS: Final = 200
REFRESHING: Final = "x-refreshing"
"""The header of a page that asks for itself again: nobody sits there for that."""

W = TypeVar("W")


@dataclass
class Session(Generic[W]):
    """One browser that signed in: who it is, and until when; `notice` is shown once, on the next page."""

    who: W
    form_token: str = field(repr=False)
    ends: datetime
    idle_at: datetime
    purpose: str = field(default="", repr=False)
    notice: tuple[str, ...] = ()

    def take_notice(self) -> tuple[str, ...]:
        """What is to be said now, and not again."""
        said, self.notice = self.notice, ()
        return said


Page: TypeAlias = Callable[[Request, Session[W]], Awaitable[Response]]
Action: TypeAlias = Callable[[Request, Session[W], dict[str, str]], Awaitable[Response]]


class Door(Generic[W]):
    """The way into the pages of one site. `recognise` knows lasting tokens besides the keys made here."""

    def __init__(self, site: str, clock: Clock, entropy: Entropy, recognise: Callable[[str], W] | None = None) -> None:
        self.site = site
        self._clock = clock
        self._entropy = entropy
        self._recognise = recognise
        self._lock = threading.Lock()
        self._keys: dict[bytes, tuple[W, datetime]] = {}
        self._sessions: dict[bytes, Session[W]] = {}

    def invite(self, origin: str, who: W) -> str:
        """A link by which `who` signs in once, within an hour."""
        key = self._secret()
        with self._lock:
            self._keys[_digest(key)] = (who, self._clock.now() + KEY_LASTS)
        return f"{origin}/sign-in?{urlencode({'key': key})}"

    def enter(self, key: str) -> str:
        """Use a key; the session's secret, for the cookie.

        Raises:
            TokenUnknown: nobody's key, or used already, or over.
        """
        who, now, secret = self._who(key), self._clock.now(), self._secret()
        with self._lock:
            self._sessions = {name: each for name, each in self._sessions.items() if _lasts(each, now)}
            while len(self._sessions) >= MOST_SESSIONS:
                del self._sessions[next(iter(self._sessions))]
            self._sessions[_digest(secret)] = Session(who, self._secret(), now + LONGEST, now + IDLE)
        return secret

    def find(self, request: Request) -> Session[W] | None:
        """The session of a request, if it has one that still lasts."""
        now, name = self._clock.now(), _digest(request.cookies.get(self._cookie, ""))
        with self._lock:
            session = self._sessions.get(name)
            if session is not None and not _lasts(session, now):
                del self._sessions[name]
                return None
        if session is not None and REFRESHING not in request.headers:
            session.idle_at = now + IDLE
        return session

    def page(self, show: Page[W]) -> Callable[[Request], Awaitable[Response]]:
        """A handler for who is signed in; anybody else is led to where one signs in."""

        async def handler(request: Request) -> Response:
            session = self.find(request)
            return RedirectResponse("/sign-in", 303) if session is None else await show(request, session)

        return handler

    def action(self, act: Action[W]) -> Callable[[Request], Awaitable[Response]]:
        """A form's handler for who is signed in.

        Raises:
            NotAllowed: the form is not one that this session was shown.
        """

        async def handler(request: Request) -> Response:
            session = self.find(request)
            if session is None:
                return RedirectResponse("/sign-in", 303)
            form = await read_form(request)
            if not hmac.compare_digest(form.pop("form_token", "").encode(), session.form_token.encode()):
                raise NotAllowed("this form is of another session")
            return await act(request, session, form)

        return handler

    def routes(self) -> list[Route]:
        """Signing in and out."""
        return [
            Route("/sign-in", self._ask),
            Route("/sign-in", self._enter, methods=["POST"]),
            Route("/sign-out", self.action(self._leave), methods=["POST"]),
        ]

    async def refused(self, request: Request, error: Exception) -> Response:
        """A page for an error that nobody has shown better: for `answers.application`."""
        assert isinstance(error, WarifuError)
        status = error.http_status
        return render(request, "desk/problem.html", status=status, site=self.site, reason=str(error))

    @property
    def _cookie(self) -> str:
        return f"{self.site}-session"

    async def _ask(self, request: Request) -> Response:
        key = request.query_params.get("key", "")
        return render(request, "desk/door.html", site=self.site, key=key, refused=False)

    async def _enter(self, request: Request) -> Response:
        form = await read_form(request)
        try:
            secret = self.enter(form.get("key", "").strip())
        except TokenUnknown as error:
            return render(request, "desk/door.html", status=error.http_status, site=self.site, key="", refused=True)
        response = RedirectResponse("/", 303)
        response.set_cookie(self._cookie, secret, httponly=True, samesite="strict")
        return response

    async def _leave(self, request: Request, _session: Session[W], _form: dict[str, str]) -> Response:
        with self._lock:
            self._sessions.pop(_digest(request.cookies.get(self._cookie, "")), None)
        response = RedirectResponse("/sign-in", 303)
        response.delete_cookie(self._cookie, httponly=True, samesite="strict")
        return response

    def _who(self, key: str) -> W:
        # Found by its digest: how long that takes tells nothing about the key.
        with self._lock:
            found = self._keys.pop(_digest(key), None)
        if found is not None and found[1] > self._clock.now():
            return found[0]
        if found is not None or self._recognise is None:
            raise TokenUnknown
        return self._recognise(key)

    def _secret(self) -> str:
        return base64.urlsafe_b64encode(self._entropy.bytes(32)).decode().rstrip("=")


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _lasts(session: Session[W], now: datetime) -> bool:
    return now < min(session.ends, session.idle_at)
