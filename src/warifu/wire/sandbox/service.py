"""The provider's engine, with a hand that ends a login as it is told."""

import threading
from collections.abc import Callable

from warifu import idp
from warifu.errors import WarifuError
from warifu.idp import Client
from warifu.wire.database import reading, writing
from warifu.wire.headless import CardInHand, answer_with, reason_of
from warifu.wire.provider import ProviderService, read_client, read_login, save_login
from warifu.wire.sandbox.responses import CARD, LATER, REFUSALS, Endpoint, Later, Response

__all__ = ["SandboxService"]


class SandboxService(ProviderService):
    """One provider whose logins end as a `Response` says."""

    _faults: dict[str, tuple[Later, int]]
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
            with card.open() as connection:
                answer = answer_with(connection, card, invitation, self.provider.origin)
            shared = self.answer(transaction, answer)
            self.allow(transaction, shared.decision_token)
        except WarifuError as fault:
            # One that the engine has ended keeps its own reason.
            self.deny(transaction, reason_of(fault))

    def _expect(self, client_id: str, response: Response) -> None:
        with self._faults_lock:
            self._faults[client_id] = LATER[response.outcome], response.seconds

    def take_fault(self, endpoint: Endpoint) -> tuple[Later, int] | None:
        """What is wrong with this endpoint now, once, and after how many seconds it answers."""
        with self._faults_lock:
            for client_id, (fault, _) in self._faults.items():
                if fault.endpoint is endpoint:
                    return self._faults.pop(client_id)
        return None
