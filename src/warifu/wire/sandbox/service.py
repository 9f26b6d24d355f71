"""The provider's engine, with a hand that ends a login as it is told."""

import threading
from collections.abc import Callable

from warifu import idp
from warifu.errors import NotFound, WarifuError
from warifu.idp import Client
from warifu.messages import json
from warifu.wire.database import reading, writing
from warifu.wire.headless import CardInHand, answer_with, reason_of
from warifu.wire.provider import (
    ProviderService,
    find_access_token,
    find_client,
    find_login_of_code,
    find_transaction,
    read_client,
    read_login,
    save_login,
)
from warifu.wire.sandbox.responses import CARD, LATER, REFUSALS, Endpoint, Later, Response

__all__ = ["SandboxService"]

_MOST_FAULTS = 1_000
"""Some are asked for and never met: the oldest are forgotten."""


class SandboxService(ProviderService):
    """One provider whose logins end as a `Response` says."""

    _faults: dict[tuple[Endpoint, str | bytes], tuple[Later, int]]
    """By whose login: its transaction; for the operator, who sees no login, what was signed in it."""
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

    def check_registered(self, client_id: str) -> None:
        """Check that there is such a client.

        Raises:
            NotFound: there is none; nothing would ever be played for it.
        """
        with reading(self._engine) as connection:
            if find_client(connection, client_id) is None:
                raise NotFound(f"no client {client_id} is registered here")

    def play(self, transaction: str, response: Response, card: Callable[[str], CardInHand]) -> None:
        """Let a login go as the response says, up to where the browser goes back.

        Raises:
            NotFound: no such login, or no such persona.
        """
        self._expect(transaction, response)
        if response.outcome in (CARD, *LATER):
            self._hold(transaction, card(response.persona))
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

    def _expect(self, transaction: str, response: Response) -> None:
        """What is to go wrong behind this login."""
        fault = LATER.get(response.outcome)
        if fault is None:
            return
        with reading(self._engine) as connection:
            login = read_login(connection, transaction)
            signing = find_transaction(connection, login.request.sign_transaction_id)
        key: str | bytes = transaction
        if fault.endpoint is Endpoint.OPERATOR:
            key = b"" if signing is None else signing.data.encode()
        with self._faults_lock:
            self._faults[fault.endpoint, key] = fault, response.seconds or fault.seconds
            while len(self._faults) > _MOST_FAULTS:
                del self._faults[next(iter(self._faults))]

    def awaits(self, endpoint: Endpoint) -> bool:
        """Whether anything is to go wrong there."""
        with self._faults_lock:
            return any(expected is endpoint for expected, _ in self._faults)

    def take_fault(self, endpoint: Endpoint, shown: str) -> tuple[Later, int] | None:
        """What goes wrong now, once, and after how many seconds it is answered.

        `shown` tells whose login it is: the code, the access token, or of the operator what was signed in base64.

        Raises:
            Malformed: it is not base64.
        """
        if endpoint is Endpoint.OPERATOR:
            key: str | bytes | None = json.from_base64(shown)
        else:
            key = self._transaction_of(endpoint, idp.fingerprint(shown))
        with self._faults_lock:
            return None if key is None else self._faults.pop((endpoint, key), None)

    def _transaction_of(self, endpoint: Endpoint, shown_hash: bytes) -> str | None:
        with reading(self._engine) as connection:
            if endpoint is Endpoint.TOKEN:
                login = find_login_of_code(connection, shown_hash)
                return None if login is None else login.transaction
            token = find_access_token(connection, shown_hash)
            return None if token is None else token.transaction
