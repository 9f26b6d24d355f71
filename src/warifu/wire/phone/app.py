"""The phone page's server: plays the app of a phone on an origin of its own, for this machine and invented cards only.

Each page is `GET /visit` drawn from the visit's state; each action is a form that changes the state and leads back
there. What is secret (the visit, the PINs until the card is held, the decision token) stays in this process; the
browser holds a cookie that no other site's request carries (HttpOnly, SameSite=Strict), and `Guard` looks at Host and
Origin.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from warifu.errors import Malformed, NotAllowed, WarifuError
from warifu.ports import Clock, Entropy
from warifu.wire import answers, pages
from warifu.wire.phone.acting import Acting
from warifu.wire.phone.digits import Waiting, WaitingRoom
from warifu.wire.phone.digits_pages import DigitsPages
from warifu.wire.phone.handing import HandOverLink
from warifu.wire.phone.kept import COOKIE, secret_of
from warifu.wire.phone.provider import KnownProvider, ProviderLink
from warifu.wire.phone.visit import PIN_STEPS, Step, Visit, Visits, read_password, read_pin
from warifu.wire.phone.wallet import Wallet

if TYPE_CHECKING:
    from warifu.wire.stapling import Stapling  # loads the authorities' side

_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{1,255}")
_PERIOD: Final = 60  # seconds between two looks at visits that nobody finished
_PATIENCE: Final = 20  # seconds for the provider, which may be asking the authorities meanwhile

Action = Callable[[Visit, dict[str, str]], Awaitable[None]]


class Phone:
    """The pages and actions of the phone."""

    def __init__(
        self,
        wallet: Wallet,
        providers: Sequence[KnownProvider],
        link: ProviderLink,
        clock: Clock,
        entropy: Entropy,
        stapling: "Stapling | None" = None,
    ) -> None:
        self._wallet = wallet
        self._providers = {provider.origin: provider for provider in providers}
        self._link = link
        self._clock = clock
        self._entropy = entropy
        self._visits = Visits()
        self._handing = HandOverLink(link)
        self._waiting = WaitingRoom(link)
        self._digits = DigitsPages(self._waiting, self._visits, clock)
        self._acting = Acting(wallet, link, stapling)

    def routes(self) -> list[Route]:
        """Every path of the phone's origin but the static files."""
        actions: dict[str, Action] = {
            "card": self._choose,
            "pin": self._enter,
            "skip": self._skip,
            "back": self._back,
            "hold": self._hold,
            "consent": self._consent,
            "leave": self._leave,
        }
        return [
            Route("/", self._welcome),
            Route("/start", self._start, methods=["POST"]),
            *self._digits.routes(),
            Route("/visit", self._show),
            *(Route(f"/visit/{name}", self._acted(action), methods=["POST"]) for name, action in actions.items()),
        ]

    async def keep_sweeping(self) -> None:
        """Drop the PINs of visits that nobody finished, as long as the server runs."""
        while True:
            self._visits.sweep(self._clock.now())
            self._waiting.sweep(self._clock.now())
            await asyncio.sleep(_PERIOD)

    async def _welcome(self, request: Request) -> Response:
        """What a scanned code leads to: who asks for what. Nothing is kept yet."""
        named = self._named(request.query_params)
        if named is None:
            status = 400 if request.query_params.keys() & {"provider", "hand_over"} else 200
            return pages.render(request, "phone/empty.html", status=status, lost=False, unknown=status == 400)
        try:
            offer = await self._handing.offer(*named)
        except WarifuError as error:
            return _closed(request, error)
        return pages.render(request, "phone/welcome.html", offer=offer, origin=named[0].origin, secret=named[1])

    async def _start(self, request: Request) -> Response:
        """Begin a visit: only now is there a cookie, set by our own page."""
        named = self._named(await pages.read_form(request))
        if named is None:
            raise NotAllowed("this phone does not know that provider")
        secret = self._entropy.bytes(32).hex()
        try:
            response = await self._begin(secret, *named)
        except WarifuError as error:
            return _closed(request, error)
        response.set_cookie(COOKIE, secret, httponly=True, samesite="strict")
        return response

    async def _begin(self, secret: str, provider: KnownProvider, hand_over: str) -> Response:
        """Take the login over: the digits are to be shown, or the visit begins."""
        offer, taken = await self._handing.offer(provider, hand_over), await self._handing.take(provider, hand_over)
        if taken.shown is not None:
            waiting = Waiting(provider, offer, taken.token, taken.shown, self._clock.now())
            self._waiting.add(secret, waiting)
            return RedirectResponse("/digits", 303)
        transaction = await self._handing.transaction(provider, taken.token)
        if transaction is None:
            raise Malformed("the provider names no transaction")
        invitation = await self._link.invitation(provider, transaction, taken.token)
        self._visits.add(secret, Visit(provider, invitation, taken.token, taken.way))
        return _to_visit()

    async def _show(self, request: Request) -> Response:
        visit = self._found(request)
        if visit is None:
            return pages.render(request, "phone/empty.html", status=403, lost=True, unknown=False)
        if visit.leaving:
            return pages.render(request, "phone/leave.html", visit=visit)
        people = self._wallet.people() if visit.step is Step.CARD else ()
        template = f"phone/{'pin' if visit.step in (Step.PIN, Step.TEXT_PIN) else visit.step.value}.html"
        return pages.render(request, template, visit=visit, people=people, asked=_asked(visit.invitation.scopes))

    def _acted(self, action: Action) -> Callable[[Request], Awaitable[Response]]:
        """A form's handler: do `action` to the visit, then show it."""

        async def handler(request: Request) -> Response:
            visit = self._found(request)
            if visit is not None and visit.step is not Step.DONE:
                await action(visit, await pages.read_form(request))
            return _to_visit()

        return handler

    async def _choose(self, visit: Visit, form: dict[str, str]) -> None:
        card = next((card for card in self._wallet.people() if card.name == form.get("card")), None)
        if visit.step is not Step.CARD:
            return
        if card is None:
            visit.notice = "no_card_chosen"
        else:
            visit.choose(card)

    async def _enter(self, visit: Visit, form: dict[str, str]) -> None:
        if visit.step not in PIN_STEPS or form.get("step") != visit.step.value or visit.entry.blocked:
            return
        if visit.entry.confirm and "confirmed" not in form:
            visit.notice = "confirm_last_try"
            return
        try:
            pin = _entered(visit, form)
        except NotAllowed:
            visit.notice = "six_to_sixteen" if visit.step is Step.PASSWORD else "four_digits"
            return
        if pin is not None:
            visit.enter(pin, confirmed="confirmed" in form)

    async def _skip(self, visit: Visit, _form: dict[str, str]) -> None:
        if visit.step is Step.TEXT_PIN:
            visit.skip_text()

    async def _back(self, visit: Visit, _form: dict[str, str]) -> None:
        visit.leaving = False
        visit.back()

    async def _hold(self, visit: Visit, _form: dict[str, str]) -> None:
        if visit.step is Step.HOLD:
            await self._acting.hold(visit)

    async def _consent(self, visit: Visit, form: dict[str, str]) -> None:
        if visit.step is Step.CONSENT and form.get("decision") in {"allow", "deny"}:
            await self._acting.decide(visit, allow=form["decision"] == "allow")

    async def _leave(self, visit: Visit, form: dict[str, str]) -> None:
        """Asked once, it asks back; told `yes`, it tells the provider."""
        if visit.step in (Step.READING, Step.DECIDING):
            return
        if form.get("sure") == "yes":
            await self._acting.give_up(visit, "cancelled", "cancelled")
        else:
            visit.leaving = form.get("sure") != "no"

    def _named(self, fields: Mapping[str, str]) -> tuple[KnownProvider, str] | None:
        """The configured provider and the secret that a link or form names; addresses are never taken from it."""
        provider = self._providers.get(fields.get("provider", ""))
        secret = fields.get("hand_over", "")
        return (provider, secret) if provider and _SECRET.fullmatch(secret) else None

    def _found(self, request: Request) -> Visit | None:
        return self._visits.find(secret_of(request), self._clock.now())


def application(
    wallet: Wallet,
    providers: Sequence[KnownProvider],
    *,
    origin: str,
    clock: Clock,
    entropy: Entropy,
    client: httpx2.AsyncClient | None = None,
    stapling: "Stapling | None" = None,
) -> ASGIApp:
    """The phone's whole server, to be run on the loopback under the host name of `origin`.

    `client` carries the calls to the providers; without one the application makes its own and closes it at the end.
    With `stapling`, which stays the caller's, a status answer travels with each login if there is one in time.
    """
    calls = client or httpx2.AsyncClient(timeout=_PATIENCE, trust_env=False)
    phone = Phone(wallet, providers, ProviderLink(calls), clock, entropy, stapling)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        sweeping = asyncio.create_task(phone.keep_sweeping())
        yield
        sweeping.cancel()
        with suppress(asyncio.CancelledError):
            await sweeping
        if client is None:
            await calls.aclose()

    routes = [*phone.routes(), pages.static_files()]
    return pages.Guard(answers.application(routes, headers=pages.page_headers(), lifespan=lifespan), origin)


def _closed(request: Request, error: WarifuError) -> Response:
    return pages.render(request, "phone/closed.html", status=error.http_status, error=_name(error))


def _to_visit() -> RedirectResponse:
    return RedirectResponse("/visit", 303)


def _entered(visit: Visit, form: Mapping[str, str]) -> str | None:
    """What was typed, or meant by "the same".

    Raises:
        NotAllowed: it can be none; the card never sees it.
    """
    if visit.step is Step.PASSWORD:
        return read_password(form.get("pin", ""))
    return visit.authentication.pin if "same" in form else read_pin(form.get("pin", ""))


def _asked(scopes: Sequence[str]) -> tuple[str, ...]:
    return tuple(scope for scope in scopes if scope != "openid")


def _name(error: WarifuError) -> str:
    return getattr(error, "error", None) or answers.error_name(error)
