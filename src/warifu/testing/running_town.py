"""A town that runs inside the tests' own process: a provider to log in at, a sandbox, people with cards.

It stands in a folder of its own on ports that were free, and is gone when the tests are. It needs ``warifu[server]``.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warifu.errors import InUse, Unavailable

if TYPE_CHECKING:
    from warifu.town.town import Town
    from warifu.wire.headless import CardInHand, Outcome
    from warifu.wire.serving import Reserved

__all__ = ["RunningTown", "TownClient", "held_ports", "running_town"]

_FIRST_PORT, _LAST_PORT, _STEP = 20_000, 30_000, 20


@dataclass(frozen=True, slots=True)
class TownClient:
    """A relying party to be registered: the `name` has letters, digits, - and _; `jwks` are its public keys."""

    name: str
    redirect_uris: tuple[str, ...]
    jwks: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class RunningTown:
    """A town at work. `client_ids` are those of the registered clients, by name."""

    town: "Town" = field(repr=False)
    client_ids: Mapping[str, str]

    @property
    def issuer(self) -> str:
        """The provider's issuer identifier, the base of all its endpoints."""
        return f"{self.town.addresses.provider}/api/realms/main"

    @property
    def sandbox_issuer(self) -> str:
        """That of the provider which answers as the header ``warifu-test-response`` says."""
        return f"{self.town.addresses.sandbox}/api/realms/main"

    def log_in(self, address: str, persona: str = "ordinary", *, attributes: bool = True) -> "Outcome":
        """From an authorization request of the client under test to the callback, which is not visited.

        Raises:
            NotFound: no such person.
            NotAllowed: the request is for another provider.
            OAuthRefused: the provider shows an error page instead of redirecting.
            Unavailable, Malformed: no answer, or no readable one.
        """
        from warifu.wire.headless import Headless

        with Headless([self.town.addresses.provider]) as hands:
            return hands.log_in(address, self._card(persona, attributes=attributes))

    def cancel(self, address: str) -> "Outcome":
        """As `log_in`, but whoever is asked says no."""
        from warifu.wire.headless import Headless

        with Headless([self.town.addresses.provider]) as hands:
            return hands.cancel(address)

    def _card(self, persona: str, *, attributes: bool) -> "CardInHand":
        from warifu.town.wallet import card_in_hand

        card = card_in_hand(self.town, persona)
        return card if attributes else replace(card, text_pin=None)


@contextmanager
def held_ports() -> "Iterator[tuple[int, dict[str, Reserved]]]":
    """Free ports in a row for a town, held until the block ends: the first one, and each by whose it is.

    Raises:
        Unavailable: no ports in a row are free.
    """
    from warifu.town.addresses import Addresses
    from warifu.town.parties import reserve_all

    blocks = range(_FIRST_PORT, _LAST_PORT, _STEP)
    # Runs side by side do not begin at the same block.
    for place in range(len(blocks)):
        base = blocks[(os.getpid() + place) % len(blocks)]
        with ExitStack() as stack:
            try:
                reserved = stack.enter_context(reserve_all(Addresses(base)))
            except InUse:
                continue
            yield base, reserved
            return
    raise Unavailable("no ports in a row are free")


@contextmanager
def running_town(directory: Path, clients: Iterable[TownClient] = (), *, seed: int = 1) -> Iterator[RunningTown]:
    """Found a town in `directory` and run it; its people are the same for the same `seed`.

    Raises:
        Malformed: a client that breaks the rules.
        Unavailable: no ports in a row are free.
    """
    from warifu.town.parties import sites
    from warifu.town.town import Town
    from warifu.wire.client_files import add_client
    from warifu.wire.serving import serve_in_thread

    with held_ports() as (base, reserved):
        town = Town.create(directory, seed=seed, port_base=base)
        folder = town.ground.clients
        ids = {each.name: add_client(folder, each.name, each.redirect_uris, each.jwks).id for each in clients}
        with sites(town, reserved) as served, serve_in_thread(served):
            yield RunningTown(town, ids)
