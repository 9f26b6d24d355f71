"""Tells clients' servers that sessions are over (OpenID Connect Back-Channel Logout 1.0 §2.5).

Only addresses that the operator registered are asked, over https or on this machine; no redirect, no proxy, a few
seconds, and the body of the answer is not read. A name that leads into a network of our own is refused
(`warifu.wire.verification.CheckedTransport`). What could not be told waits in the store and is told by whichever
process comes first, ever more seldom, for a day.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import httpx2
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from warifu import idp
from warifu.errors import WarifuError
from warifu.idp import ClientSession, Provider
from warifu.ports import Clock, Entropy
from warifu.wire.database import reading, writing
from warifu.wire.provider import session_store, store
from warifu.wire.provider.auditing import Auditing
from warifu.wire.provider.rotation import SigningKeys
from warifu.wire.verification import CheckedTransport

__all__ = ["Courier"]

_PERIOD = 1.0
_PATIENCE, _WHOLE = 3.0, 10.0
"""Seconds for a word, and for the whole."""
_AT_ONCE = 8
_PAUSES = tuple(timedelta(seconds=each) for each in (5, 30, 120, 600, 1800, 3600))

_log = logging.getLogger("warifu.provider")


class Courier:
    """Carries logout tokens to clients; `transport` stands in for the network in tests."""

    def __init__(
        self,
        engine: Engine,
        provider: Provider,
        keys: SigningKeys,
        auditing: Auditing,
        clock: Clock,
        entropy: Entropy,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._engine, self._provider, self._keys, self._auditing = engine, provider, keys, auditing
        self._clock, self._entropy, self._transport = clock, entropy, transport

    def deliver(self) -> int:
        """Tell those whose turn it is, a few at a time; how many were told.

        Raises:
            Unavailable: the store does not answer, or the key is not here.
        """
        with writing(self._engine, alone=False) as connection:
            due = session_store.take_due(connection, self._clock.now(), _AT_ONCE)
        return sum(self._deliver(session, tries) for session, tries in due)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Deliver in a thread while the block runs."""
        over = threading.Event()
        thread = threading.Thread(target=self._run, args=(over,), name="warifu-logout", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(_WHOLE)

    def _run(self, over: threading.Event) -> None:
        while not over.wait(_PERIOD):
            try:
                self.deliver()
            except (WarifuError, SQLAlchemyError):
                _log.exception("could not tell clients that sessions are over; trying again")

    def _deliver(self, session: ClientSession, tries: int) -> int:
        now = self._clock.now()
        with reading(self._engine) as connection:
            client = store.find_client(connection, session.client_id)
            signer = self._keys.at(connection, now)
        address = None if client is None else client.backchannel_logout_uri
        # A new token each time: a client that lost our connection may have taken the one before as used.
        token = idp.logout_token(session, self._provider, signer, now, self._entropy)
        status = 0 if address is None else self._post(address, token)
        with writing(self._engine, alone=False) as connection:
            if address is None:
                session_store.told(connection, session.sid)
            elif status in (200, 204):
                session_store.told(connection, session.sid)
                self._auditing.told(connection, session, token, str(signer.jwk["kid"]), now)
            elif status == 400:
                # It will not like the next one either (Back-Channel Logout 1.0 §2.8).
                session_store.told(connection, session.sid)
                _log.warning("client %s refused a logout token", session.client_id)
            else:
                pause = _PAUSES[min(tries, len(_PAUSES) - 1)]
                session_store.put_off(connection, session.sid, tries + 1, now + pause)
        return status in (200, 204)

    def _post(self, address: str, token: str) -> int:
        """The answer's status; 0 without one."""
        transport = self._transport or CheckedTransport()
        options = {"timeout": _PATIENCE, "trust_env": False, "follow_redirects": False}
        with httpx2.Client(transport=transport, **options) as http:  # type: ignore[arg-type]
            # An answer may also drip in byte by byte; then the connection is taken from under it.
            watch = threading.Timer(_WHOLE, http.close)
            watch.daemon = True
            watch.start()
            try:
                with http.stream("POST", address, data={"logout_token": token}) as response:
                    return response.status_code
            except (httpx2.HTTPError, WarifuError, RuntimeError, OSError) as error:
                _log.info("a client did not take a logout token: %s", type(error).__name__)
                return 0
            finally:
                watch.cancel()
