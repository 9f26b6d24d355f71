"""Somebody at a desk: the operator's server and the window's, for a browser to sit in front of."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import BrowserContext, Page

from tests.browser.walk import press
from tests.wire.authority import world as authority_world
from tests.wire.conftest import Place
from tests.wire.registry import world as registry_world
from warifu.registry import Clerk
from warifu.wire import operator, window
from warifu.wire.clock import SystemEntropy
from warifu.wire.pages import Door
from warifu.wire.registry import Bearer
from warifu.wire.serving import reserve, serve_in_thread


class OperatorDesk:
    """Authorities with some life behind them, and their operator's page."""

    def __init__(self, world: authority_world.World, origin: str, door: Door[str]) -> None:
        self.world = world
        self.origin = origin
        self._door = door

    def link(self) -> str:
        """A link as it is printed at the start."""
        return self._door.invite(self.origin, "operator-1")

    def sign_in(self, context: BrowserContext) -> Page:
        """Open the link and press the button."""
        page = context.new_page()
        page.goto(self.link())
        press(page, "サインインする")
        return page


@contextmanager
def operating(folder: Path) -> Iterator[OperatorDesk]:
    """The operator's server, from its start to its end."""
    world = authority_world.open_world(str(folder / "record.db"), folder)
    authority_world.live(world)
    site = reserve("operator.localhost")
    door = operator.door(world.clock, SystemEntropy())
    app = operator.application(world.authorities, door, origin=site.origin, heads=world.heads)
    try:
        with serve_in_thread([(site, app)]):
            yield OperatorDesk(world, site.origin, door)
    finally:
        world.close()


class WindowDesk:
    """A register with a family in it, and the window's pages."""

    def __init__(self, world: registry_world.World, origin: str, door: Door[Bearer]) -> None:
        self.world = world
        self.origin = origin
        self._door = door

    def link(self, clerk: Clerk) -> str:
        """A link as it is printed at the start."""
        return self._door.invite(self.origin, Bearer(clerk, numbers=False))

    def sign_in(self, context: BrowserContext, clerk: Clerk | None = None, case: str = "2026-0042") -> Page:
        """Open the link, press the button, and name the case if that is asked for."""
        page = context.new_page()
        page.goto(self.link(clerk or registry_world.window()))
        press(page, "サインインする")
        if case:
            page.get_by_label("事案の番号").fill(case)
            press(page, "この事案で始める")
        return page

    def open_person(self, page: Page, holder: str) -> None:
        """Go to a person's page."""
        page.goto(f"{self.origin}/people/{holder}")


@contextmanager
def at_window(folder: Path) -> Iterator[WindowDesk]:
    """The window's server, from its start to its end."""
    with registry_world.living(Place(folder, None)) as world:
        site = reserve("window.localhost")
        door = window.door(world.registry, world.clock, SystemEntropy())
        app = window.application(world.registry, door, origin=site.origin, entropy=SystemEntropy())
        with serve_in_thread([(site, app)]):
            yield WindowDesk(world, site.origin, door)
