"""The desks of a town that one signs in at: the authorities' operator, the municipalities' windows, the hotline."""

from dataclasses import dataclass, field

from warifu.ports import Clock, Entropy
from warifu.registry import Clerk, Desk, Office
from warifu.town.addresses import Addresses
from warifu.town.places import MUNICIPALITIES
from warifu.wire import operator, window
from warifu.wire.authority import Authorities, Heads
from warifu.wire.registry import Bearer, Registry, window_desk
from warifu.wire.serving import Application

__all__ = ["Desks", "SignIn"]


@dataclass(frozen=True, slots=True)
class SignIn:
    """Links that lead in: each once, within an hour. `windows` are the municipalities', by their code."""

    operator: str = field(repr=False)
    hotline: str = field(repr=False)
    windows: dict[str, str] = field(repr=False)


class Desks:
    """The pages of the town's clerks, and the doors to them."""

    def __init__(
        self,
        addresses: Addresses,
        authorities: Authorities,
        heads: Heads,
        register: Registry,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._at, self._authorities, self._register, self._entropy = addresses, authorities, register, entropy
        self._heads = heads
        self._operator = operator.door(clock, entropy)
        self._window = window.door(register, clock, entropy)

    def operator(self) -> Application:
        """The operator's server."""
        return operator.application(self._authorities, self._operator, origin=self._at.operator, heads=self._heads)

    def window(self) -> Application:
        """The server of the windows and the hotline."""
        return window.application(self._register, self._window, origin=self._at.window, entropy=self._entropy)

    def sign_in(self) -> SignIn:
        """New links for everybody who works in the town."""
        return SignIn(
            operator=self._operator.invite(self._at.operator, "operator"),
            hotline=self._invite(Clerk("hotline-clerk", Desk(Office.HOTLINE))),
            windows={code: self._invite(Clerk(f"clerk-{code}", window_desk(code))) for code in sorted(MUNICIPALITIES)},
        )

    def _invite(self, clerk: Clerk) -> str:
        return self._window.invite(self._at.window, Bearer(clerk, numbers=clerk.desk.office is Office.MUNICIPALITY))
