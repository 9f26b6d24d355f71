"""The provider's engine, with a hand that ends a login as it is told."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from warifu import idp
from warifu.errors import PinBlocked, WarifuError
from warifu.idp import Client
from warifu.reader import Key, answer_login
from warifu.wire.database import reading, writing
from warifu.wire.headless import CardInHand, reason_of
from warifu.wire.provider import ProviderService, read_client, read_login, save_login
from warifu.wire.sandbox.responses import CARD, LATER, REFUSALS, Response

__all__ = ["SandboxService"]


@dataclass(frozen=True, slots=True)
class ServerFault:
    """What the client's server is told next: at which endpoint, with which status and error."""

    endpoint: str
    status: int
    error: str
    seconds: int


class SandboxService(ProviderService):
    """One provider whose logins end as a `Response` says."""

    _faults: dict[str, ServerFault]
    _faults_lock: threading.Lock

    @classmethod
    def around(cls, service: ProviderService) -> "SandboxService":
        """The same provider, played with."""
        made = cls.__new__(cls)
        made.__dict__.update(service.__dict__)
        made._faults, made._faults_lock = {}, threading.Lock()
        return made

    def client_of(self, transaction: str) -> Client:
        """Whose login this is."""
        with reading(self._engine) as connection:
            return read_client(connection, read_login(connection, transaction).request.client_id)

    def play(self, transaction: str, response: Response, card: Callable[[str], CardInHand]) -> None:
        """Let a login go as the response says, up to where the browser goes back.

        Raises:
            NotFound: no such login, or no such persona.
        """
        if response.outcome in (CARD, *LATER):
            self._hold(transaction, card(response.persona))
            if response.outcome in LATER:
                self._expect(self.client_of(transaction).id, response)
            return
        with writing(self._engine) as connection:
            login = read_login(connection, transaction, lock=True)
            save_login(connection, idp.end(login, REFUSALS[response.outcome]))

    def _hold(self, transaction: str, card: CardInHand) -> None:
        """The persona's card is held to the phone and everything is agreed to; the card may say no."""
        try:
            invitation = self.invitation(transaction)
            if not card.authentication_pin:
                # A face-verification card; its PIN files answer as blocked ones.
                raise PinBlocked(pin_name=Key.AUTHENTICATION.pin.name)
            with card.open() as connection:
                challenge = invitation.challenge(self.provider.origin)
                text_pin = card.text_pin if invitation.attributes else None
                answer = answer_login(connection, challenge, card.authentication_pin, text_pin)
            shared = self.answer(transaction, answer)
            self.allow(transaction, shared.decision_token)
        except WarifuError as fault:
            # One that the engine has ended keeps its own reason.
            self.deny(transaction, reason_of(fault))

    def _expect(self, client_id: str, response: Response) -> None:
        endpoint, _, _what = response.outcome.partition("_")
        status, error = LATER[response.outcome]
        with self._faults_lock:
            self._faults[client_id] = ServerFault(endpoint, status, error, response.seconds)

    def take_fault(self, endpoint: str) -> ServerFault | None:
        """What is wrong with this endpoint now, once."""
        with self._faults_lock:
            for client_id, fault in self._faults.items():
                if fault.endpoint == endpoint:
                    return self._faults.pop(client_id)
        return None
