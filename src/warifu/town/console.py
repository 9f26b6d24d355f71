"""The town's console for developers: which requests it sees, and what registering a client means here.

::

    <town>/console/CLIENT/NUMBER.json    what each client sent last; gone with the town
    <directory>/clients/NAME.json        clients that people registered; they survive starting over
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from warifu.errors import Unavailable
from warifu.idp import Client
from warifu.ports import Clock, Entropy
from warifu.services import Environment, environment_at
from warifu.town.clients import clients
from warifu.town.platform import with_signing
from warifu.town.sign_in import key_of
from warifu.town.town import Town
from warifu.wire import town_page
from warifu.wire.client_files import add_client, read_clients
from warifu.wire.console import Console, Recorder, Registrations, Ring, Watched, settings_file
from warifu.wire.provider import ProviderService
from warifu.wire.serving import Application
from warifu.wire.town_page import Invitations

__all__ = ["Watching", "environments_of", "settings_of", "take_up"]

_EXAMINER = "http://localhost:8713"
"""Where `warifu rp examine` is unless it is told otherwise."""


@dataclass(frozen=True, slots=True)
class Watching:
    """The town's two providers with what writes their clients' requests down, and the pages that show them."""

    provider: Application
    sandbox: Application
    console: Console

    @classmethod
    def over(
        cls,
        town: Town,
        provider: tuple[ProviderService, Application],
        sandbox: tuple[ProviderService, Application],
        key: str,
        clock: Clock,
        entropy: Entropy,
    ) -> "Watching":
        """Over each provider's service and application. `key` lets in who may read the town's folder."""
        ring = Ring(town.folder / "console")
        services = (provider[0], sandbox[0])
        seen = [
            Watched(name, service.provider, Recorder(app, service, ring, clock, name))
            for name, (service, app) in {"provider": provider, "sandbox": sandbox}.items()
        ]
        check = Invitations(key, dict).check
        console = Console(ring, seen, _registrations(town, services, entropy), environments_of(town), check)
        return cls(seen[0].app, seen[1].app, console)


def environments_of(town: Town) -> dict[str, Environment]:
    """The town's two providers and the examiner, for a client's settings."""
    realm = town.issuer.removeprefix(town.addresses.provider)
    issuers = {"warifu": town.issuer, "sandbox": town.addresses.sandbox + realm, "examiner": _EXAMINER + realm}
    return {name: environment_at(issuer) for name, issuer in issuers.items()}


def settings_of(client: Client, town: Town) -> str:
    """The settings file of a client of the town, which `warifu client move` moves elsewhere."""
    return settings_file(client, environments_of(town))


def take_up(town: Town) -> bool:
    """Have the town that runs read its clients again; False if it does not run."""
    try:
        town_page.ask_to_take_up(town.addresses.town, key_of(town))
    except Unavailable:
        return False
    return True


def _registrations(town: Town, services: Sequence[ProviderService], entropy: Entropy) -> Registrations:
    """What is kept in files, and what the running providers know of it."""
    folder, registered = town.ground.clients, dict[str, Client]()

    def register(found: Iterable[Client]) -> list[Client]:
        """Each page asks who there is: what has not changed is not written again."""
        known = list(with_signing(found, town.folder, entropy))
        for client in known:
            if registered.get(client.id) != client:
                for service in services:
                    service.register(client)
                registered[client.id] = client
        return known

    def everybody() -> Sequence[Client]:
        return register(clients(town.folder, folder, town.addresses))

    def keep(name: str, redirect_uris: Sequence[str], jwks: Mapping[str, Any], strong: bool) -> Client:
        made = add_client(folder, name, redirect_uris, jwks, phishing_resistant=strong)
        return register([made])[0]

    return Registrations(everybody, lambda: list(read_clients(folder)), keep)
