"""A party with the pages of those who work at it: the authorities with the operator's, the register with the window's.

The pages are a server of their own, on another port and under another host name than the party's: no page of theirs has
the origin of what the party tells the world.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from fastapi import FastAPI
from starlette.types import ASGIApp

from warifu.wire import operator, window
from warifu.wire.authority import application_of, open_house, tended
from warifu.wire.clock import SystemClock, SystemEntropy
from warifu.wire.registry import Registry, open_register
from warifu.wire.settings import Settings
from warifu.wire.standalone import RefuseModulus, check_origin

__all__ = ["OPERATOR_HOST", "WINDOW_HOST", "Staffed", "open_authorities_with_page", "open_register_with_window"]

OPERATOR_HOST: Final = "operator.localhost"
WINDOW_HOST: Final = "window.localhost"


@dataclass(frozen=True, slots=True)
class Staffed:
    """A party's application, its pages, and where one signs in; for the operator that opens once, within an hour."""

    party: ASGIApp
    pages: ASGIApp
    sign_in: str = field(repr=False)


@contextmanager
def open_authorities_with_page(
    settings: Settings, passphrases: Sequence[str], refuse: RefuseModulus, origin: str
) -> Iterator[Staffed]:
    """Both authorities as `standalone.open_authorities` has them, with the operator's page at `origin`.

    Raises:
        PassphraseRefused, PinRefused, Malformed, Unavailable, NotAllowed: as `open_authorities`.
    """
    check_origin(settings.authority.origin)
    with open_house(settings, passphrases, refuse) as house, tended(house):
        entrance = operator.door(house.authorities.clock, SystemEntropy(), house.access)
        pages = operator.application(house.authorities, entrance, origin=origin, heads=house.heads)
        yield Staffed(application_of(house, settings), pages, entrance.invite(origin, "operator"))


@contextmanager
def open_register_with_window(settings: Settings, origin: str) -> Iterator[Staffed]:
    """The register as `open_register` has it, with the clerks' pages at `origin`; clerks sign in with their tokens.

    Raises:
        Malformed, DataTooNew, Unavailable: as `open_register`.
    """
    entropy = SystemEntropy()
    with open_register(settings) as app:
        assert isinstance(app, FastAPI)
        registry: Registry = app.state.registry
        entrance = window.door(registry, SystemClock(), entropy)
        pages = window.application(registry, entrance, origin=origin, entropy=entropy)
        yield Staffed(app, pages, f"{origin}/sign-in")
