"""The operator's server: one page, drawn anew as often as it is asked for, and one button."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from warifu.ca import State
from warifu.errors import InUse, NotAllowed, NotFound, WarifuError
from warifu.ledger import SignedTreeHead
from warifu.ports import Clock, Entropy
from warifu.wire import answers, pages
from warifu.wire.authority import Access, Authorities, Figures, Heads
from warifu.wire.operator.chart import Chart
from warifu.wire.operator.publishing import Publishing

SITE: Final = "operator"
MOST_ROWS: Final = 100
"""Lists shown; a nation has thousands, and those that are overdue come first."""
STATES: Final = (State.ISSUED, State.VALID, State.HELD, State.REVOKED, State.EXPIRED)


@dataclass(frozen=True, slots=True)
class LogState:
    """The log: its newest signed head, the one that the witness holds; `witness` tells how it is with the latter."""

    head: SignedTreeHead | None
    kept: SignedTreeHead | None
    witness: str


def door(clock: Clock, entropy: Entropy, access: Access | None = None) -> pages.Door[str]:
    """The way in; with `access`, tokens with the scope ``operate`` open it too."""

    def recognise(token: str) -> str:
        assert access is not None
        bearer = access.tokens.bearer(token)
        if "operate" not in bearer.scopes:
            raise NotAllowed("the token is for something else")
        return bearer.name

    return pages.Door(SITE, clock, entropy, None if access is None else recognise)


def application(
    authorities: Authorities,
    entrance: pages.Door[str],
    *,
    origin: str,
    heads: Heads | None = None,
) -> ASGIApp:
    """The operator's whole server, to be run on the loopback under the host name of `origin`."""
    site = _Site(authorities, heads)
    routes = [
        Route("/", entrance.page(site.show)),
        Route("/lists", entrance.action(site.publish), methods=["POST"]),
        *entrance.routes(),
        pages.static_files(),
    ]
    app: Starlette = answers.application(routes, headers=pages.page_headers(), handlers={WarifuError: entrance.refused})
    return pages.Guard(app, origin)


class _Site:
    def __init__(self, authorities: Authorities, heads: Heads | None) -> None:
        self._clock = authorities.clock
        self._heads = heads
        self._figures = Figures(authorities.engine, authorities.clock)
        self._publishing = Publishing(authorities, heads, authorities.clock, self._figures.forget)

    async def show(self, request: Request, session: pages.Session[str]) -> Response:
        """Everything at one look."""
        picture = await run_in_threadpool(self._figures.picture)
        overdue = picture.overdue
        fresh = [each for each in picture.lists if not each.is_overdue(picture.at)]
        return pages.render(
            request,
            "operator/overview.html",
            session=session,
            notice=session.take_notice(),
            picture=picture,
            chart=Chart.of(picture.days),
            states=STATES,
            overdue=overdue[:MOST_ROWS],
            overdue_count=len(overdue),
            fresh=fresh[:MOST_ROWS],
            fresh_count=len(fresh),
            log=await run_in_threadpool(self._log_state),
            run=self._publishing.last,
            running=self._publishing.is_running,
            when=pages.moment_in_japan,
            age=_age,
        )

    async def publish(self, _request: Request, session: pages.Session[str], _form: dict[str, str]) -> Response:
        """Make every list now."""
        try:
            self._publishing.start()
            session.notice = ("publishing",)
        except InUse:
            session.notice = ("publishing_already",)
        return RedirectResponse("/", 303)

    def _log_state(self) -> LogState:
        if self._heads is None:
            return LogState(None, None, "none")
        try:
            head = self._heads.newest()
        except NotFound:
            head = None
        return LogState(head, *_kept(self._heads, head))


def _kept(heads: Heads, head: SignedTreeHead | None) -> tuple[SignedTreeHead | None, str]:
    """What the witness holds, and in a word how that compares with our newest head."""
    if heads.witness is None:
        return None, "none"
    try:
        kept = heads.witness.newest()
    except WarifuError:
        return None, "silent"
    if kept is None or head is None:
        return kept, "behind" if head is not None else "nothing"
    same = kept.tree_head.size == head.tree_head.size and kept.tree_head.root == head.tree_head.root
    return kept, "same" if same else "behind"


def _age(now: datetime, then: datetime) -> tuple[str, int]:
    """How long ago, in the largest unit that leaves at least one."""
    seconds = max(0, int((now - then).total_seconds()))
    units: Iterable[tuple[str, int]] = (("days", 86400), ("hours", 3600), ("minutes", 60))
    for unit, length in units:
        if seconds >= length:
            return unit, seconds // length
    return "seconds", seconds
