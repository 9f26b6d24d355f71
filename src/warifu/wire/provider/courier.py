"""Tells clients' servers that sessions are over (OpenID Connect Back-Channel Logout 1.0 §2.5).

Only addresses that the operator registered are asked, over https or on this machine; no redirect, no proxy, a few
seconds, and the body of the answer is not read. A name that leads into a network of our own is refused
(`warifu.wire.verification.CheckedTransport`). What could not be told waits in the store and is told by whichever
process comes first, ever more seldom, for a day.

A few clients are told side by side, each by one process at a time and of one session after another, the first that
ended first: who is slow holds up nobody else. All that is due for a client that does not answer waits with the message
that it did not take.
"""

import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import timedelta

import httpx2
from sqlalchemy import Engine

from warifu import idp
from warifu.errors import WarifuError
from warifu.idp import ClientSession, Provider
from warifu.ports import Clock, Entropy
from warifu.wire.database import reading, writing
from warifu.wire.provider import session_store, store
from warifu.wire.provider.auditing import Auditing
from warifu.wire.provider.rotation import SigningKeys
from warifu.wire.repeating import beside, repeat
from warifu.wire.verification import CheckedTransport

__all__ = ["Courier"]

_PERIOD = 1.0
_PATIENCE, _WHOLE = 3.0, 10.0
"""Seconds for a word, and for the whole."""
_SIDE_BY_SIDE = 8
"""Clients that one process tells at the same time."""
_IN_A_ROW = 20
"""Messages for one client before another has its turn."""
_TAKEN = (200, 204)
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
        """Tell those whose turn it is, a few at a time; how many messages were taken.

        Raises:
            Unavailable: the store does not answer, or the key is not here.
        """
        with ThreadPoolExecutor(_SIDE_BY_SIDE, "warifu-logout") as pool:
            return sum(each.result() for each in self._begin(pool, _SIDE_BY_SIDE, threading.Event()))

    def running(self) -> AbstractContextManager[None]:
        """Deliver in a thread while the block runs."""
        return beside(self._run, "warifu-logout", _WHOLE)

    def _run(self, over: threading.Event) -> None:
        busy: set[Future[int]] = set()
        with ThreadPoolExecutor(_SIDE_BY_SIDE, "warifu-logout") as pool:
            repeat(lambda: self._go_on(pool, busy, over), over, _PERIOD, "tell clients that sessions are over")

    def _go_on(self, pool: ThreadPoolExecutor, busy: set[Future[int]], over: threading.Event) -> None:
        """Begin with those whose turn it is; raises what went wrong with one that is done."""
        done = {each for each in busy if each.done()}
        busy -= done
        for each in done:
            each.result()
        busy.update(self._begin(pool, _SIDE_BY_SIDE - len(busy), over))

    def _begin(self, pool: ThreadPoolExecutor, most: int, over: threading.Event) -> list[Future[int]]:
        if not most:
            return []
        with writing(self._engine, alone=False) as connection:
            clients = session_store.take_clients(connection, self._clock.now(), most)
        return [pool.submit(self._tell, client_id, over) for client_id in clients]

    def _tell(self, client_id: str, over: threading.Event) -> int:
        """One client, one message after another. Who dies over it leaves the client to others, half a minute later."""
        taken = 0
        for _ in range(_IN_A_ROW):
            now = self._clock.now()
            with writing(self._engine, alone=False) as connection:
                due = None if over.is_set() else session_store.next_due(connection, client_id, now)
                if due is None:
                    session_store.leave_client(connection, client_id)
                    return taken
                session_store.keep_client(connection, client_id, now)
            taken += self._deliver(*due)
        with writing(self._engine, alone=False) as connection:
            session_store.leave_client(connection, client_id)
        return taken

    def _deliver(self, session: ClientSession, tries: int) -> int:
        """Send one message and keep what came of it; 1 if it was taken."""
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
            elif status in _TAKEN:
                session_store.told(connection, session.sid)
                self._auditing.told(connection, session, token, str(signer.jwk["kid"]), now)
            elif status == 400:
                # It will not like the next one either (Back-Channel Logout 1.0 §2.8).
                session_store.told(connection, session.sid)
                _log.warning("client %s refused a logout token", session.client_id)
            else:
                due_at = now + _PAUSES[min(tries, len(_PAUSES) - 1)]
                session_store.put_off(connection, session.sid, tries + 1, due_at)
                if not status:
                    session_store.put_off_others(connection, session.client_id, now, due_at)
        return status in _TAKEN

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
            except (httpx2.HTTPError, httpx2.InvalidURL, WarifuError, RuntimeError, OSError) as error:
                _log.info("a client did not take a logout token: %s", type(error).__name__)
                return 0
            finally:
                watch.cancel()
