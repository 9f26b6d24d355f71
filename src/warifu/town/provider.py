"""The town's OpenID provider, and the sandbox's: as in earnest, with limits that no test run meets."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Self

from warifu.errors import Malformed
from warifu.idp import DA_COMPAT, Provider
from warifu.pki import CertificateKind
from warifu.ports import Clock, Entropy
from warifu.town.addresses import Addresses
from warifu.town.clients import clients
from warifu.town.platform import with_signing
from warifu.town.town import Town
from warifu.verifier import Policy
from warifu.wire import provider
from warifu.wire.authority import Authorities
from warifu.wire.database import open_database
from warifu.wire.key_files import read_chip_anchors
from warifu.wire.provider import (
    AskSuccession,
    Guard,
    Limiter,
    Limits,
    Places,
    ProviderService,
    Proxies,
    Trust,
    open_secret,
)
from warifu.wire.serving import Application
from warifu.wire.settings import TownSettings
from warifu.wire.token_keys import keys_in
from warifu.wire.verification import LoginStatus, TrustedAnchor

__all__ = ["Conduct", "provider_at_work", "provider_service", "status_service", "telling"]

_SWEEPS = timedelta(minutes=1)
"""The town's authority charges nothing, and whoever tries out a revocation does not want to wait."""


@dataclass(frozen=True, slots=True)
class Conduct:
    """How the town's provider treats clients: how often a minute who may ask (0 without limit), and logging out."""

    requests_a_minute: int = 3000
    logout: bool = False

    @classmethod
    def of(cls, chosen: TownSettings) -> Self:
        """As the settings say.

        Raises:
            Malformed: a limit below 0.
        """
        if chosen.requests_a_minute < 0:
            raise Malformed("requests_a_minute is 0 (without limit) or more")
        return cls(chosen.requests_a_minute, chosen.logout)

    @property
    def limits(self) -> Limits:
        """The same number for each address, client and card."""
        return Limits(*[self.requests_a_minute] * 4)


@contextmanager
def provider_at_work(service: ProviderService, phone: str) -> Iterator[Application]:
    """The provider's server behind its limits, and what it does in the background."""
    assert service.limiter is not None
    app = provider.application(service, Places(phone=phone))
    with telling(service), service.sweeper.running():
        yield Guard(app, service.provider, service.limiter, Proxies())


@contextmanager
def telling(service: ProviderService) -> Iterator[None]:
    """Clients are told of ended sessions while the block runs, if there is logging out at all."""
    with ExitStack() as stack:
        if service.provider.profile.ends_sessions:
            stack.enter_context(service.courier().running())
        yield


@contextmanager
def provider_service(
    town: Town,
    authorities: Authorities,
    clock: Clock,
    entropy: Entropy,
    policy: Policy,
    conduct: Conduct,
    *,
    ask: AskSuccession | None = None,
    sandbox: bool = False,
) -> Iterator[ProviderService]:
    """The town's provider over its store, with all clients registered.

    `ask` tells it what a new certificate took the place of. The `sandbox` is another one: an issuer, keys and a store
    of its own.
    """
    folder, generations = town.folder, authorities.generations(CertificateKind.AUTHENTICATION)
    own, origin = folder / "provider", town.addresses.provider
    if sandbox:
        own, origin = folder / "sandbox", town.addresses.sandbox
        own.mkdir(mode=0o700, exist_ok=True)
    described = Provider(origin, replace(DA_COMPAT, ends_sessions=conduct.logout))
    asked = status_service(town.addresses)
    trusted = [TrustedAnchor.of(each.issuer.certificate_der, clock.now(), ocsp=asked) for each in generations]
    engine = open_database(own / "logins.db", "provider")
    try:
        with LoginStatus(trusted, own, clock, entropy, policy) as status:
            # The sandbox plays that a certificate is revoked: nothing to be remembered, and nothing to be looked after.
            seen, sweeps = (None, None) if sandbox else (status.seen, _SWEEPS)
            trust = Trust(status.anchors, status.gather, read_chip_anchors(folder / "chip_anchors"), policy, seen)
            secret = open_secret(own / "secret", entropy)
            service = ProviderService(
                engine,
                described,
                trust,
                keys_in(own, engine, described, clock.now()),
                secret,
                clock,
                entropy,
                ask=ask,
                limiter=None if sandbox else Limiter(engine, secret, clock, conduct.limits),
                sweeps=sweeps,
            )
            for client in with_signing(clients(folder, town.ground.clients, town.addresses), folder, entropy):
                service.register(client)
            yield service
    finally:
        engine.dispose()


def status_service(addresses: Addresses) -> str:
    """Where the town's authority answers about authentication certificates."""
    service = addresses.services(CertificateKind.AUTHENTICATION).ocsp
    assert service is not None
    return service
