"""The shop's pages and sessions."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from warifu import services
from warifu.errors import Malformed, NotFound, OAuthRefused, TokenRefused, Unavailable, WarifuError, WrongState
from warifu.ports import Clock, Entropy
from warifu.wire import answers, pages
from warifu.wire.relying_party.conversation import Conversation
from warifu.wire.relying_party.logins import LoginDesk
from warifu.wire.relying_party.signing import Operator, PendingSigning, Signed, SigningDesk

COOKIE: Final = "shop"
SESSION: Final = timedelta(hours=1)
MAX_SESSIONS: Final = 1000
_SCOPES: Final = ("openid", "name", "address", "birthdate", "gender")
_TIMES: Final = ("exp", "iat", "auth_time")


@dataclass(frozen=True, slots=True)
class ShopSettings:
    """Whose client the shop is, and where it lives; its redirect URI is `/callback` there."""

    issuer: str
    client_id: str
    origin: str
    key: services.ClientKey
    operator: Operator | None = None
    """Whom it asks about signatures; None has nothing signed."""

    @property
    def party(self) -> services.RelyingParty:
        """The shop as the provider knows it."""
        return services.RelyingParty(self.client_id, f"{self.origin}/callback", self.key)


@dataclass(slots=True, repr=False)
class Session:
    """What the shop remembers about one browser."""

    ends: datetime
    pending: services.PendingLogin | None = None
    signing: PendingSigning | None = None
    signed: Signed | None = None
    userinfo: Mapping[str, Any] = field(default_factory=dict)
    token: Mapping[str, Any] = field(default_factory=dict)


class Shop:
    """The shop's pages."""

    def __init__(self, settings: ShopSettings, conversation: Conversation, clock: Clock, entropy: Entropy) -> None:
        self._settings = settings
        self._party = settings.party
        self._conversation = conversation
        self._clock = clock
        self._entropy = entropy
        self._sessions: dict[str, Session] = {}
        self._logins = LoginDesk(self._party, conversation, clock, entropy)
        operator = settings.operator
        self._desk = None if operator is None else SigningDesk(self._party, conversation, operator, clock, entropy)

    def routes(self) -> list[Route]:
        """Every path of the shop but the static files."""
        return [
            Route("/", self._home),
            Route("/login", self._login),
            Route("/sign", self._sign),
            Route("/callback", self._callback),
            Route("/logout", self._logout, methods=["POST"]),
        ]

    async def _home(self, request: Request) -> Response:
        session = self._session(request)
        if session and session.signed:
            status = 200 if session.signed.result == "ok" else 403
            return pages.render(request, "rp/signed.html", status=status, signed=session.signed)
        if session and session.token:
            userinfo, token = _rows(session.userinfo), _rows(session.token)
            return pages.render(request, "rp/claims.html", userinfo=userinfo, token=token)
        # The browser follows the form's redirect to the provider, which the page's policy has to name.
        form_action = await self._login_origins()
        return pages.render(
            request,
            "rp/home.html",
            form_action=form_action,
            logged_out="out" in request.query_params,
            client_id=self._settings.client_id,
            issuer=self._settings.issuer,
            signs=None if self._desk is None else self._desk.to_be_signed("", "").text,
        )

    async def _login(self, request: Request) -> Response:
        """Send the browser to the provider; a plain address, so that a link elsewhere can begin a login as well."""
        scopes = _SCOPES[:1] if request.query_params.get("ask") == "openid" else _SCOPES
        try:
            address, pending = await self._logins.begin(scopes)
        except WarifuError as error:
            return _problem(request, error)
        return self._with_session(RedirectResponse(address, 303), self._new_session(pending=pending))

    async def _sign(self, request: Request) -> Response:
        """Send the browser to sign: the value it brings (``digest``, hexadecimal), or the shop's own document."""
        try:
            if self._desk is None:
                raise NotFound("this shop has nothing signed")
            asked = request.query_params
            signing = self._desk.to_be_signed(asked.get("digest", ""), asked.get("form", ""))
            address, pending, remembered = await self._desk.begin(signing)
        except WarifuError as error:
            return _problem(request, error)
        return self._with_session(
            RedirectResponse(address, 303), self._new_session(pending=pending, signing=remembered)
        )

    async def _callback(self, request: Request) -> Response:
        """A login's end; the pending login is used up, whatever comes of it."""
        session = self._session(request)
        pending, signing = (session.pending, session.signing) if session else (None, None)
        if session:
            session.pending = session.signing = None
        try:
            if pending is None:
                raise WrongState
            logged_in = await self._logins.log_in(pending, _single(request))
            learnt = await self._learn(logged_in, pending, signing)
        except WarifuError as error:
            return _problem(request, error)
        self._forget(request)
        return self._with_session(RedirectResponse("/", 303), self._new_session(**learnt))

    async def _learn(
        self, logged_in: services.LoggedIn, pending: services.PendingLogin, signing: PendingSigning | None
    ) -> dict[str, Any]:
        """What the shop is told: about the person, or about what they signed."""
        if signing is not None:
            assert self._desk is not None
            return {"signed": await self._desk.finish(signing, logged_in.access_token)}
        return {"userinfo": await self._logins.userinfo(logged_in, pending), "token": logged_in.claims}

    async def _logout(self, request: Request) -> Response:
        self._forget(request)
        response = RedirectResponse("/?out", 303)
        response.delete_cookie(COOKIE)
        return response

    async def _login_origins(self) -> Sequence[str]:
        """Nothing while the provider is silent: the form then leads to our own page that says so."""
        try:
            return [(await self._conversation.metadata()).login_origin]
        except WarifuError:
            return []

    def _session(self, request: Request) -> Session | None:
        session = self._sessions.get(request.cookies.get(COOKIE, ""))
        return session if session and self._clock.now() < session.ends else None

    def _new_session(self, **members: Any) -> Session:
        return Session(self._clock.now() + SESSION, **members)

    def _with_session(self, response: Response, session: Session) -> Response:
        """Keep a session under a new secret: one that was planted before the login is worth nothing after it."""
        while len(self._sessions) >= MAX_SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        secret = self._entropy.bytes(32).hex()
        self._sessions[secret] = session
        # Lax, for the provider sends the browser back here.
        response.set_cookie(COOKIE, secret, httponly=True, samesite="lax")
        return response

    def _forget(self, request: Request) -> None:
        self._sessions.pop(request.cookies.get(COOKIE, ""), None)


def application(
    settings: ShopSettings, clock: Clock, entropy: Entropy, client: httpx2.AsyncClient | None = None
) -> ASGIApp:
    """The shop's whole server, to be run on the loopback under the host name of its origin."""
    calls = client or httpx2.AsyncClient(timeout=20, trust_env=False)
    shop = Shop(settings, Conversation(settings.issuer, calls, clock), clock, entropy)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        if client is None:
            await calls.aclose()

    routes = [*shop.routes(), pages.static_files()]
    return pages.Guard(answers.application(routes, headers=pages.page_headers(), lifespan=lifespan), settings.origin)


def _single(request: Request) -> dict[str, str]:
    """The callback's parameters, each once (RFC 6749 §3.1)."""
    items = request.query_params.multi_items()
    if len(dict(items)) != len(items):
        raise Malformed("a parameter twice")
    return dict(items)


def _rows(claims: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Claims as people can read them: times also as a date."""
    return [(name, _shown(name, value)) for name, value in claims.items()]


def _shown(name: str, value: object) -> str:
    if name in _TIMES and isinstance(value, int | float):
        return f"{value}（{datetime.fromtimestamp(value, UTC):%Y-%m-%d %H:%M:%S} UTC）"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _problem(request: Request, error: WarifuError) -> Response:
    """The error the provider sent, in words and as it came; or why we do not believe what it sent."""
    facts: dict[str, Any]
    if isinstance(error, OAuthRefused):
        facts = {"kind": error.description or error.error, "error": error.error, "description": error.description}
    elif isinstance(error, TokenRefused):
        kind = "wrong_state" if isinstance(error, WrongState) else "token_refused"
        facts = {"kind": kind, "error": answers.error_name(error), "description": str(error)}
    else:
        kind = "unavailable" if isinstance(error, Unavailable) else "token_refused"
        facts = {"kind": kind, "error": "", "description": ""}
    return pages.render(request, "rp/problem.html", status=error.http_status, **facts)
