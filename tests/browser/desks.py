"""Somebody at a desk: the operator's server and the window's, for a browser to sit in front of."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import BrowserContext, Page

from tests.browser.walk import press
from tests.wire.authority import world as authority_world
from warifu.wire import operator
from warifu.wire.clock import SystemEntropy
from warifu.wire.pages import Door
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
