"""Limits against abuse: how often one address, one client or one card's certificate may ask, in all processes together.

A request is counted against whoever it surely comes from, and against nobody else, so that no attacker can use up what
is another's:

- an *address* pays for each login that it begins, and for each request in which it failed to prove anything (an
  assertion, a token, a signature); requests of clients that proved themselves cost it nothing;
- a *client* pays for requests with a good assertion of its own: whoever only names it costs it nothing;
- a *certificate* pays for wrong signatures under it. A right one is never refused for that: signatures are checked
  first, and only wrong ones are counted and, beyond the limit, put off.

Nobody waits longer than a minute. To spare the store, a process takes several at once from an account and remembers who
has to wait; so no more than these few per process go beyond or come short of a limit.
"""

import threading
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from warifu.errors import TooManyRequests, Unavailable
from warifu.idp import Pace, Secret
from warifu.ports import Clock
from warifu.wire.database import reading, writing
from warifu.wire.provider import pace_store

__all__ = ["Limiter", "Limits"]

_REMEMBERED = 10_000
_SHARE = 20
"""One process takes a twentieth of what an account has for a minute at once."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many a minute; 0 is without limit."""

    logins_by_address: int = 300
    failures_by_address: int = 60
    requests_by_client: int = 6000
    wrong_signatures_by_card: int = 10


@dataclass(slots=True)
class _Known:
    """What this process knows of an account: how many it has taken and not used, or until when the asker waits."""

    taken: int
    until: datetime
    waits: bool = False


class Limiter:
    """The limits of one provider at work."""

    def __init__(self, engine: Engine, secret: Secret, clock: Clock, limits: Limits) -> None:
        self._engine, self._secret, self._clock, self.limits = engine, secret, clock, limits
        self._known: OrderedDict[bytes, _Known] = OrderedDict()
        self._lock = threading.Lock()

    def login_begun(self, address: str) -> None:
        """An address begins a login.

        Raises:
            TooManyRequests: it has begun too many.
        """
        self._take("login", address, self.limits.logins_by_address)

    def failed(self, address: str) -> None:
        """An address failed to prove what it had to; from the limit on `check_failures` refuses it.

        Its answer goes out all the same where the store is silent and nobody can count.
        """
        with suppress(TooManyRequests, Unavailable):
            self._take("failure", address, self.limits.failures_by_address)

    def check_failures(self, address: str) -> None:
        """Before work is done for an address.

        Raises:
            TooManyRequests: it has failed too often.
        """
        self._check("failure", address, self.limits.failures_by_address)

    def requested(self, client_id: str) -> None:
        """A client that proved itself asks for something.

        Raises:
            TooManyRequests: it asks too often.
        """
        self._take("client", client_id, self.limits.requests_by_client)

    def wrong_signature(self, certificate: bytes) -> None:
        """Somebody answered with this certificate and a signature that is not its key's.

        Raises:
            TooManyRequests: that has happened too often.
        """
        self._take("card", certificate.hex(), self.limits.wrong_signatures_by_card)

    def _check(self, kind: str, name: str, a_minute: int) -> None:
        if not a_minute:
            return
        asker, now, pace = self._asker(kind, name), self._clock.now(), Pace(a_minute)
        with self._lock:
            known = self._known.get(asker)
        if known is not None and known.waits and now < known.until:
            raise TooManyRequests(pace.wait(known.until - pace.each + timedelta(minutes=1), now))
        with reading(self._engine) as connection:
            full_at = pace_store.read_account(connection, asker)
        if full_at is not None and not pace.take(full_at, now)[0]:
            raise TooManyRequests(pace.wait(full_at, now))

    def _take(self, kind: str, name: str, a_minute: int) -> None:
        if not a_minute:
            return
        asker, now, pace = self._asker(kind, name), self._clock.now(), Pace(a_minute)
        with self._lock:
            known = self._known.get(asker)
            if known is not None and now < known.until:
                if known.waits:
                    raise TooManyRequests(max(1, round((known.until - now).total_seconds())))
                if known.taken:
                    known.taken -= 1
                    return
        self._take_from_store(asker, now, pace)

    def _take_from_store(self, asker: bytes, now: datetime, pace: Pace) -> None:
        with writing(self._engine, alone=False) as connection:
            pace_store.hold_account(connection, asker)
            full_at = pace_store.read_account(connection, asker)
            granted, after = pace.take(full_at, now, max(1, pace.a_minute // _SHARE))
            if granted:
                pace_store.keep_account(connection, asker, after)
        wait = pace.wait(after, now)
        # What was taken is given up after a minute: by then it has flowed back into the account.
        until = now + (timedelta(minutes=1) if granted else timedelta(seconds=wait))
        self._remember(asker, _Known(max(0, granted - 1), until, waits=not granted))
        if not granted:
            raise TooManyRequests(wait)

    def _remember(self, asker: bytes, known: _Known) -> None:
        with self._lock:
            self._known[asker] = known
            self._known.move_to_end(asker)
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)

    def _asker(self, kind: str, name: str) -> bytes:
        return self._secret.derive("pace", kind.encode(), name.encode())
