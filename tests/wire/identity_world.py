"""Cards with certificates of one's choice, an authority for all of them, and one that tells what they follow."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import cache

from tests.card import people
from tests.idp import world
from tests.idp.world import query
from tests.pki import world as pki
from tests.verifier.scene import anchors, ocsp
from tests.wire.provider_world import PIN, TEXT_PIN, Authority, Stage
from warifu.card import Card, MemoryStore, personalise
from warifu.errors import Unavailable
from warifu.idp import How, Provider, Related, Secret, Unasked
from warifu.messages import LoginAnswer, LoginInvitation
from warifu.reader import answer_login
from warifu.verifier import Evidence, Needs
from warifu.wire.database import open_database
from warifu.wire.provider import Begun, ProviderService, Trust

OLD, NEW, NEWER, PHONE = 7001, 7002, 7003, 7100
ISSUER = pki.authority(pki.AUTHENTICATION).key_id


class Every(Authority):
    """Says the same of whichever certificate is asked about next: good, if nothing else is said."""

    serial_number = OLD

    def __call__(self, needs: Needs) -> Evidence:
        assert self.clock is not None
        assert self.status is not None
        now = self.clock.now()
        this, ends = now - timedelta(minutes=1), now + timedelta(minutes=5)
        told = ocsp(self.status, nonce=None, serial_number=self.serial_number, this_update=this, next_update=ends)
        return Evidence(told)


class Follows:
    """The authority that tells what a certificate follows; `silent` it does not answer."""

    def __init__(self, told: Mapping[int, tuple[tuple[int, How], ...]] | None = None) -> None:
        self.told = dict(told or {})
        self.silent = False
        self.asked: list[int] = []

    def __call__(self, issuer_key_id: bytes, serial_number: int) -> tuple[Related, ...]:
        assert issuer_key_id == ISSUER
        self.asked.append(serial_number)
        if self.silent:
            raise Unavailable("the authorities do not answer")
        return tuple(Related(ISSUER, number, how) for number, how in self.told.get(serial_number, ()))


class Renewing(Stage):
    """A stage on which people come with one certificate after another."""

    secret: Secret = world.SECRET
    unasked = Unasked.REFUSE

    @contextmanager
    def opened(self, follows: Follows | None, provider: Provider = world.PROVIDER) -> Iterator[ProviderService]:
        """The provider as it is after a start of its program."""
        self.every = Every()
        self.every.clock = self.clock
        engine = open_database(self.database, "provider")
        trust = Trust(anchors(), self.every, (people.authority().anchor,))
        try:
            yield ProviderService(
                engine,
                provider,
                trust,
                world.SIGNER,
                self.secret,
                self.clock,
                self.entropy,
                ask=follows,
                unasked=self.unasked,
            )
        finally:
            engine.dispose()

    def hold(self, service: ProviderService, begun: Begun, serial_number: int) -> tuple[str, ...]:
        """Hold a card and agree; what was agreed to before."""
        self.every.serial_number = serial_number
        shared = service.answer(begun.transaction, answer(service.invitation(begun.transaction), serial_number))
        service.allow(begun.transaction, shared.decision_token)
        return shared.agreed

    def code(self, service: ProviderService, serial_number: int, **changes: str | None) -> str:
        """A login with one certificate, up to the code."""
        begun = service.begin(world.parameters(**changes))
        self.hold(service, begun, serial_number)
        return query(service.go_back(begun.transaction, begun.cookie))["code"]


@cache
def _contents(serial_number: int) -> dict[str, bytes]:
    person = replace(
        people.person(),
        authentication_key=people.private_bytes(0),
        authentication_certificate=pki.authentication_certificate(serial_number=serial_number),
        authentication_ca_certificate=pki.authority(pki.AUTHENTICATION).certificate_der,
    )
    return dict(personalise(person, people.issuer()))


def answer(invitation: LoginInvitation, serial_number: int) -> LoginAnswer:
    """What the card with this certificate answers."""
    card = Card(MemoryStore(_contents(serial_number)), people.SeededEntropy())
    return answer_login(card, invitation.challenge(world.PROVIDER.origin), PIN, TEXT_PIN)
