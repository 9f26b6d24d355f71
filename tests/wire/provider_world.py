"""A provider over a store in a directory, an authority that answers, and a card; all invented."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

from sqlalchemy import Engine, event

from tests.ca.town import Moment
from tests.card import people
from tests.idp import world
from tests.pki import world as pki
from tests.verifier.scene import anchors, ocsp
from warifu.card import Card, MemoryStore, personalise
from warifu.errors import Unavailable
from warifu.idp import Parameters, Provider
from warifu.messages import LoginAnswer, LoginInvitation
from warifu.pki import Standing, Status
from warifu.ports import Entropy
from warifu.reader import answer_login
from warifu.verifier import Evidence, Needs, Policy, SeenRevocations
from warifu.wire.database import open_database
from warifu.wire.provider import Limiter, ProviderService, SigningKeys, Trust

PIN, TEXT_PIN = "1234", "5678"
_DEFAULT_POLICY = Policy()


class Authority:
    """Stands in for the OCSP service: says what it is told to say, or nothing."""

    def __init__(self) -> None:
        self.status: Status | None = Standing.GOOD
        self.asked = 0
        self.clock: Moment | None = None

    def __call__(self, needs: Needs) -> Evidence:
        self.asked += 1
        if self.status is None:
            raise Unavailable("the authority does not answer")
        now = pki.NOW if self.clock is None else self.clock.now()
        ends = now + timedelta(minutes=5)
        return Evidence(ocsp(self.status, nonce=None, this_update=now - timedelta(minutes=1), next_update=ends))


class Stage:
    """Everything a test of the provider's wire needs; `service` may be closed and opened again."""

    def __init__(self, directory: Path, database: str | None = None, entropy: Entropy | None = None) -> None:
        self.directory = directory
        self.database = database or str(directory / "provider.sqlite")
        self.clock = Moment(world.NOW)
        self.authority = Authority()
        self.authority.clock = self.clock
        self.entropy = entropy or world.Counter()
        self.seen: SeenRevocations | None = None

    @contextmanager
    def service(
        self,
        provider: Provider = world.PROVIDER,
        policy: Policy = _DEFAULT_POLICY,
        keys: SigningKeys | None = None,
        limiter: Limiter | None = None,
        makers: tuple[bytes, ...] = (),
        sweeps: timedelta | None = None,
    ) -> Iterator[ProviderService]:
        """The provider as it is after a start of its program."""
        engine = open_database(self.database, "provider")
        _one_at_a_time(engine)
        trust = Trust(anchors(), self.authority, (people.authority().anchor,), policy, self.seen)
        try:
            signer = keys or world.SIGNER
            yield ProviderService(
                engine,
                provider,
                trust,
                signer,
                world.SECRET,
                self.clock,
                self.entropy,
                limiter=limiter,
                makers=makers,
                sweeps=sweeps,
            )
        finally:
            engine.dispose()


def _one_at_a_time(engine: Engine) -> None:
    """Who has a connection asks for no second one: once all that there may be are held like that, nobody goes on.

    Nor does anybody ask where all requests have their turn: there one that waits holds up the others.
    """
    held = threading.local()

    def taken(*_: object) -> None:
        assert not getattr(held, "one", False), "a second connection while there is one"
        served = threading.current_thread() is not threading.main_thread()  # where a browser's own loop runs
        assert not (served and asyncio._get_running_loop()), "a connection on the event loop"
        held.one = True

    def given_back(*_: object) -> None:
        held.one = False

    event.listen(engine, "checkout", taken)
    event.listen(engine, "checkin", given_back)


@cache
def _contents() -> dict[str, bytes]:
    person = replace(
        people.person(),
        authentication_key=people.private_bytes(0),
        authentication_certificate=pki.authentication_certificate(),
        authentication_ca_certificate=pki.authority(pki.AUTHENTICATION).certificate_der,
    )
    return dict(personalise(person, people.issuer()))


def card() -> Card:
    """The ordinary adult's card."""
    return Card(MemoryStore(_contents()), people.SeededEntropy())


def answer(invitation: LoginInvitation, text_pin: str | None = TEXT_PIN) -> LoginAnswer:
    """What the card answers to an invitation."""
    return answer_login(card(), invitation.challenge(world.PROVIDER.origin), PIN, text_pin)


def token_form(code: str, jti: str = "once", **changes: str | None) -> Parameters:
    """The client's token request."""
    return world.form(code=code, client_assertion=world.assertion(jti=jti), **changes)
