"""The window's server: signing in as a clerk, the case, searching, one resident's life, and the way to the notices."""

import re
from collections.abc import Awaitable, Callable, Mapping
from functools import partial, wraps
from typing import Final, TypeAlias, TypeVar

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from warifu.errors import Malformed, NotFound, RecordProtected, WarifuError
from warifu.ports import Clock, Entropy
from warifu.registry import Card, Office, Sight, find_place
from warifu.wire import answers, pages
from warifu.wire.registry import Bearer, Done, Found, Registry
from warifu.wire.window.card_events import APPLY, CARD_EVENTS, CardEvent
from warifu.wire.window.events import ARRIVALS, EVENTS, Arriving, Desks, Event
from warifu.wire.window.fields import Values
from warifu.wire.window.hotline import Hotline
from warifu.wire.window.notices import Notice, Taking, names_of
from warifu.wire.window.subject import Subject, gather, serves

SITE: Final = "window"
_ID: Final = re.compile(r"[0-9a-f]{32}")
_FOUND: Final = frozenset({Sight.NAME, Sight.BIRTH_DATE, Sight.SEX})
_EVENTS: Final = {**EVENTS, APPLY.name: APPLY}
_Handle: TypeAlias = Callable[[Request, pages.Session[Bearer], dict[str, str] | None], Awaitable[Response]]
E = TypeVar("E", Event, CardEvent, Arriving)


def door(registry: Registry, clock: Clock, entropy: Entropy) -> pages.Door[Bearer]:
    """The way in: links for clerks, and the register's own tokens."""
    return pages.Door(SITE, clock, entropy, registry.tokens.bearer)


def application(registry: Registry, entrance: pages.Door[Bearer], *, origin: str, entropy: Entropy) -> ASGIApp:
    """The window's whole server, to be run on the loopback under the host name of `origin`."""
    site, hotline = _Site(registry, entropy), Hotline(registry)
    routes = [
        Route("/", entrance.page(site.home)),
        Route("/case", entrance.action(site.begin_case), methods=["POST"]),
        Route("/search", entrance.action(_in_case(site.search)), methods=["POST"]),
        Route("/calls", entrance.action(hotline.take), methods=["POST"]),
        Route("/calls/{call}", entrance.page(hotline.show)),
        Route("/calls/{call}", entrance.action(hotline.suspend), methods=["POST"]),
        *_both(entrance, "/arrivals/{event}", _in_case(site.arriving)),
        Route("/people/{holder}", entrance.page(_in_case(site.person))),
        Route("/people/{holder}/log", entrance.page(_in_case(site.log))),
        Route("/people/{holder}/opening", entrance.action(_in_case(site.opening)), methods=["POST"]),
        *_both(entrance, "/people/{holder}/{event}", _in_case(site.event)),
        *_both(entrance, "/people/{holder}/cards/{card}/{event}", _in_case(site.card_event)),
        *entrance.routes(),
        pages.static_files(),
    ]
    app: Starlette = answers.application(routes, headers=pages.page_headers(), handlers={WarifuError: entrance.refused})
    return pages.Guard(app, origin)


class _Site:
    def __init__(self, registry: Registry, entropy: Entropy) -> None:
        self._registry = registry
        self._taking = Taking(registry, entropy)
        self._hotline = Hotline(registry)

    # --- finding somebody ---

    async def home(self, request: Request, session: pages.Session[Bearer]) -> Response:
        """The case and the search; at the hotline the call."""
        if session.who.clerk.desk.office is Office.HOTLINE:
            return self._hotline.home(request, session)
        return _home(request, session)

    async def begin_case(self, _request: Request, session: pages.Session[Bearer], form: dict[str, str]) -> Response:
        """Say what the clerk looks for, until another case begins."""
        purpose = form.get("purpose", "").strip()
        if not 0 < len(purpose) <= 100 or not purpose.isprintable():
            raise Malformed("a look has a purpose of 1 to 100 characters")
        session.purpose = purpose
        return RedirectResponse("/", 303)

    async def search(self, request: Request, session: pages.Session[Bearer], form: dict[str, str]) -> Response:
        """Search this municipality; the search is recorded, also one that finds nobody."""
        name, born = form.get("name", "").strip(), form.get("born", "").replace("-", "")
        if not name and not born:
            return _home(request, session, typed=form, empty=True)
        look = partial(self._registry.looks.search, session.who.clerk, _FOUND, session.purpose)
        found = await run_in_threadpool(look, name=name, birth_date=born)
        return _home(request, session, found=found, typed=form)

    # --- one person ---

    async def person(self, request: Request, session: pages.Session[Bearer]) -> Response:
        """One person, with everything that can be done."""
        return await self._person(request, session, "")

    async def opening(self, request: Request, session: pages.Session[Bearer], form: dict[str, str]) -> Response:
        """Open a protected person's record for a stated reason; once, so nothing is kept of it but the entry."""
        return await self._person(request, session, form.get("reason", "").strip())

    async def _person(self, request: Request, session: pages.Session[Bearer], reason: str) -> Response:
        try:
            subject = await self._gather(request, session, reason)
        except RecordProtected:
            holder = request.path_params["holder"]
            return pages.render(request, "window/protected.html", status=403, session=session, holder=holder)
        where = subject.seen.whereabouts
        return pages.render(
            request,
            "window/person.html",
            session=session,
            notice=session.take_notice(),
            subject=subject,
            municipality=find_place(where.municipality).municipality if where else None,
            offered=[event.name for event in _EVENTS.values() if serves(session.who.clerk) and event.when(subject)],
            card_events={
                card.id: [event.name for event in CARD_EVENTS.values() if event.when(card, subject)]
                for card in subject.cards
            },
            names=names_of(subject),
            when=pages.moment_in_japan,
            own=session.who.clerk.desk,
        )

    async def log(self, request: Request, session: pages.Session[Bearer]) -> Response:
        """Who saw and did what of a person: what the person is told who asks (住民基本台帳法 第30条の32)."""
        holder = _id(request, "holder")
        look = partial(self._registry.looks.entries, session.who.clerk, holder, purpose=session.purpose, limit=200)
        entries = await run_in_threadpool(look)
        return pages.render(
            request,
            "window/log.html",
            session=session,
            holder=request.path_params["holder"],
            entries=entries,
            when=pages.moment_in_japan,
        )

    # --- notices ---

    async def event(self, request: Request, session: pages.Session[Bearer], form: dict[str, str] | None) -> Response:
        """A notice about somebody."""
        event = _named(_EVENTS, request)
        subject = await self._gather(request, session)
        path, run = f"/people/{subject.holder}/{event.name}", partial(_run, event, subject)
        return await self._take(request, session, Notice(event.name, event.fields, run, path, subject), form)

    async def card_event(
        self, request: Request, session: pages.Session[Bearer], form: dict[str, str] | None
    ) -> Response:
        """Something that is done to a card."""
        event = _named(CARD_EVENTS, request)
        subject = await self._gather(request, session)
        card = next((each for each in subject.cards if each.id == request.path_params["card"]), None)
        if card is None:
            raise NotFound("there is no such card")
        path = f"/people/{subject.holder}/cards/{card.id}/{event.name}"
        run = partial(_run_on_card, event, card)
        return await self._take(request, session, Notice(event.name, event.fields, run, path, subject, card), form)

    async def arriving(self, request: Request, session: pages.Session[Bearer], form: dict[str, str] | None) -> Response:
        """Somebody comes."""
        event: Arriving = _named(ARRIVALS, request)
        notice = Notice(event.name, event.fields, event.do, f"/arrivals/{event.name}")
        return await self._take(request, session, notice, form)

    async def _take(
        self, request: Request, session: pages.Session[Bearer], notice: Notice, form: dict[str, str] | None
    ) -> Response:
        if form is None:
            return self._taking.form(request, session, notice, notice.at_first())
        return await self._taking.take(request, session, notice, form)

    async def _gather(self, request: Request, session: pages.Session[Bearer], reason: str = "") -> Subject:
        holder = _id(request, "holder")
        return await run_in_threadpool(gather, self._registry, session.who.clerk, holder, session.purpose, reason)


def _home(
    request: Request,
    session: pages.Session[Bearer],
    *,
    found: Found | None = None,
    typed: dict[str, str] | None = None,
    empty: bool = False,
) -> Response:
    desk = session.who.clerk.desk
    place = find_place(desk.municipality).municipality if desk.municipality else None
    return pages.render(
        request,
        "window/home.html",
        session=session,
        notice=session.take_notice(),
        place=place,
        found=found,
        typed=typed or {},
        empty=empty,
        arrivals=list(ARRIVALS) if serves(session.who.clerk) else [],
    )


def _both(entrance: pages.Door[Bearer], path: str, handle: _Handle) -> list[Route]:
    """A form's page and what it is sent to."""

    async def show(request: Request, session: pages.Session[Bearer]) -> Response:
        return await handle(request, session, None)

    return [Route(path, entrance.page(show)), Route(path, entrance.action(handle), methods=["POST"])]


def _in_case(handle: Callable[..., Awaitable[Response]]) -> Callable[..., Awaitable[Response]]:
    """Whoever has named no case is led to where one does: no look without a purpose."""

    @wraps(handle)
    async def asked(request: Request, session: pages.Session[Bearer], *more: object) -> Response:
        if session.purpose:
            return await handle(request, session, *more)
        session.notice = ("case_first",)
        return RedirectResponse("/", 303)

    return asked


def _named(known: Mapping[str, E], request: Request) -> E:
    event = known.get(request.path_params["event"])
    if event is None:
        raise NotFound("there is no such notice")
    return event


def _id(request: Request, name: str) -> str:
    text: str = request.path_params[name]
    if not _ID.fullmatch(text):
        raise NotFound("there is no such person in the register")
    return text


def _run(event: Event, subject: Subject, at: Desks, given: Values) -> Done:
    return event.do(at, subject, given)


def _run_on_card(event: CardEvent, card: Card, at: Desks, given: Values) -> Done:
    return event.do(at, card, given)
