"""All servers of a town at once: authorities, register, provider, phone, shop, desks, timestamps, the town's page."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TypeAlias

from warifu.ports import Clock, Entropy
from warifu.town import index
from warifu.town.addresses import Addresses
from warifu.town.authorities import tending
from warifu.town.clients import SHOP, shop_key
from warifu.town.console import Watching
from warifu.town.desks import Desks, SignIn
from warifu.town.platform import open_platform, operator_token
from warifu.town.provider import Conduct, provider_at_work, provider_service, status_service, telling
from warifu.town.register import open_register, register_is_empty
from warifu.town.sandbox import sandbox_site
from warifu.town.sign_in import gate
from warifu.town.succession import succession_client
from warifu.town.timestamps import open_timestamps
from warifu.town.town import Town
from warifu.town.wallet import TownWallet
from warifu.verifier import Policy
from warifu.wire import authority, phone, registry, relying_party
from warifu.wire.authority import Access
from warifu.wire.clock import SystemClock, SystemEntropy
from warifu.wire.serving import Application, Reserved, reserve
from warifu.wire.stapling import Stapling

__all__ = ["Reservations", "Served", "Site", "reserve_all", "serving", "sites"]

Site: TypeAlias = tuple[Reserved, Application]
Reservations: TypeAlias = dict[str, Reserved]
_NO_STAPLES = Policy()
_CONDUCT = Conduct()


@dataclass(frozen=True, slots=True)
class Served:
    """What a town serves: the authorities first, then the others; and the links that lead in at its desks.

    `nobody_registered`: the register is empty, for an earlier version founded the town.
    """

    sites: list[Site]
    sign_in: SignIn
    nobody_registered: bool = False


@contextmanager
def reserve_all(addresses: Addresses) -> Iterator[Reservations]:
    """The town's addresses, by origin; given back at the end.

    Raises:
        InUse: another program listens on one of them.
    """
    with ExitStack() as stack:
        reserved = {}
        for origin in addresses.all:
            host, _, port = origin.removeprefix("http://").partition(":")
            reserved[origin] = reserve(host, int(port))
            stack.callback(reserved[origin].close)
        yield reserved


@contextmanager
def sites(
    town: Town, reserved: Reservations, clock: Clock | None = None, entropy: Entropy | None = None
) -> Iterator[list[Site]]:
    """Every party's application on its address, the authorities first, as `serving` has them."""
    with serving(town, reserved, clock, entropy) as served:
        yield served.sites


@contextmanager
def serving(
    town: Town,
    reserved: Reservations,
    clock: Clock | None = None,
    entropy: Entropy | None = None,
    *,
    stapling: bool = True,
    policy: Policy = _NO_STAPLES,
    conduct: Conduct = _CONDUCT,
) -> Iterator[Served]:
    """Every party at work, the register's letters carried; what they hold open is closed at the end.

    With `stapling` the phone sends status answers along; whether the provider takes one, its `policy` says.
    """
    clock, entropy, at = clock or SystemClock(), entropy or SystemEntropy(), town.addresses
    with (
        town.authorities() as authorities,
        tending(town.folder, authorities, entropy) as heads,
        open_register(town.folder, authorities, clock, entropy) as register,
        succession_client(town.folder, authorities, at, clock, entropy) as ask,
        provider_service(town, authorities, clock, entropy, policy, conduct, ask=ask) as service,
        provider_at_work(service, at.phone) as provider,
        provider_service(town, authorities, clock, entropy, policy, conduct, ask=ask, sandbox=True) as played,
        telling(played),
        Stapling(status_service(at), clock) as staples,
        gate(town.folder, entropy) as key,
        open_platform(town.folder, authorities, at, clock, entropy) as platform,
    ):
        desks = Desks(at, authorities, heads, register, clock, entropy)
        watching = Watching.over(
            town,
            (service, provider),
            (played, sandbox_site(town, played, platform)),
            key,
            clock,
            entropy,
        )
        services = authority.mounted_services(authorities, Access.of(authorities.engine, clock, entropy), heads)
        served: list[Site] = [
            (reserved[at.authorities], authority.application(authorities, more=[services])),
            (reserved[at.provider], watching.provider),
            (reserved[at.phone], _phone(town, clock, entropy, staples if stapling else None)),
            (reserved[at.relying_party], _shop(town, service.provider.issuer, clock, entropy)),
            (reserved[at.town], index.application(town, key, desks.sign_in, watching.console)),
            (reserved[at.operator], desks.operator()),
            (reserved[at.window], desks.window()),
            (reserved[at.registry], registry.application(register)),
            (reserved[at.timestamps], open_timestamps(town.folder, clock, entropy)),
            (reserved[at.platform], platform),
            (reserved[at.sandbox], watching.sandbox),
        ]
        yield Served(served, desks.sign_in(), nobody_registered=register_is_empty(town.folder))


def _phone(town: Town, clock: Clock, entropy: Entropy, stapling: Stapling | None) -> Application:
    """The phone, in which all the town's cards are at hand; it sends status answers along if it has where from."""
    at = town.addresses
    known = [phone.KnownProvider(at.provider)]
    return phone.application(TownWallet(town), known, origin=at.phone, clock=clock, entropy=entropy, stapling=stapling)


def _shop(town: Town, issuer: str, clock: Clock, entropy: Entropy) -> Application:
    """The shop, a client of the provider with this issuer; what it has signed the town's platform verifies."""
    at = town.addresses
    operator = relying_party.Operator(f"{at.platform}/platform/verify", operator_token(town.folder, SHOP, entropy))
    settings = relying_party.ShopSettings(issuer, SHOP, at.relying_party, shop_key(town.folder), operator)
    return relying_party.application(settings, clock, entropy)
