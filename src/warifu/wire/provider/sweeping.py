"""Ends the sessions of certificates that lose their effect, without waiting for somebody to come with them again.

From a login on its certificate is watched, as long as a session that it began may be ended: the authority is asked once
for each certificate and period, however many sessions stand on it.

===============================  =======================================================================================
the authority says               what happens
===============================  =======================================================================================
good                             nothing
revoked, for whatever reason     sessions, tokens and logins on their way end, clients are told, the log says why
revoked for another reason than  the same; and passkeys that stand on it say no longer who was identified
`superseded`
suspended (一時保留)             they end, too: it is what a person asks for whose card or phone is lost. Passkeys stay:
                                 as long as it lasts their logins say nothing of who was identified
expired                          they end, too; nobody has to be asked for that
nothing, or something unusable   nothing; asked again in a few minutes. An authority that is silent is not asked about
                                 others for now; other authorities are
===============================  =======================================================================================

Asking needs a serial number. It is kept sealed under the provider's secret, for as long as it is watched.

Modelled: what the official service does with sessions is not public; the Act says of a suspended certificate only that
it has no effect (公的個人認証法 第15条, 第34条).
"""

import logging
import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, Engine

from warifu import idp
from warifu.errors import Revoked, Unavailable
from warifu.idp import Backing, Login, Provider, Secret
from warifu.ports import Clock, Entropy
from warifu.verifier import question
from warifu.wire.database import writing
from warifu.wire.provider import passkey_store, watch_store
from warifu.wire.provider.ending import Ending
from warifu.wire.provider.passkey_store import Happening
from warifu.wire.provider.verifying import Trust
from warifu.wire.repeating import beside, repeat

__all__ = ["Sweeper", "Swept"]

_PERIOD = 30.0
"""Seconds between two looks at whose turn it is."""
_PATIENCE = 10.0
_AT_ONCE = 10
_AGAIN, _SOON = timedelta(minutes=5), timedelta(minutes=2)
_WHY = {
    Backing.DEAD: "certificate revoked",
    Backing.ENDED: "certificate expired or replaced",
    Backing.HELD: "certificate suspended",
}

_log = logging.getLogger("warifu.provider")


@dataclass(frozen=True, slots=True)
class Swept:
    """How many certificates were looked at, and how many have no effect; `unanswered`: of some nobody said."""

    asked: int
    ended: int
    unanswered: bool


class Sweeper:
    """Watches the certificates of one provider's sessions; without a `period` none, and nothing is kept of them."""

    def __init__(
        self,
        engine: Engine,
        provider: Provider,
        trust: Trust,
        ending: Ending,
        secret: Secret,
        clock: Clock,
        entropy: Entropy,
        period: timedelta | None,
    ) -> None:
        self._engine, self._profile = engine, provider.profile
        self._trust, self._ending, self._secret = trust, ending, secret
        self._clock, self._entropy, self._period = clock, entropy, period

    def watch(self, connection: Connection, login: Login, certificate: bytes) -> None:
        """Somebody has answered with a certificate that is good now: until no session can begin with the login.

        A session that begins keeps it for longer (`watch_store.keep_until`).
        """
        answered = login.answered
        if self._period is None or answered is None or answered.certificate_hash is None:
            return
        by = answered.certificate_hash
        sealed = idp.seal_for_session(question(certificate, self._trust.anchors), self._secret, by, self._entropy)
        until = login.expires_at + self._profile.code_lifetime
        watch_store.watch(connection, by, sealed, self._clock.now() + self._period, until)

    def sweep(self, *, everything: bool = False) -> Swept:
        """Ask about each certificate whose turn it is, or about `everything` that is watched.

        Raises:
            Unavailable: the store does not answer.
        """
        if self._period is None:
            return Swept(0, 0, unanswered=False)
        if everything:
            with writing(self._engine) as connection:
                watch_store.make_due(connection, self._clock.now())
        return self._sweep(threading.Event())

    def running(self) -> AbstractContextManager[None]:
        """Sweep in a thread while the block runs."""
        return nullcontext() if self._period is None else beside(self._run, "warifu-sweep", _PATIENCE)

    def lost(self, connection: Connection, hashes: Sequence[bytes], backing: Backing, revoked: Revoked | None) -> None:
        """A certificate, known as these keyed hashes, has no effect: whoever is logged in with it is no longer."""
        self._ending.of_certificate(connection, hashes, _WHY[backing])
        watch_store.unwatch(connection, hashes)
        if revoked is not None:
            self._drop(connection, hashes, revoked)

    def _drop(self, connection: Connection, hashes: Sequence[bytes], revoked: Revoked) -> None:
        """Passkeys that stand on a certificate revoked for cause say no longer who was identified."""
        now = self._clock.now()
        for passkey in passkey_store.standing_on(connection, hashes):
            dropped = passkey.drop(int(revoked.reason), now)
            passkey_store.save(connection, dropped)
            passkey_store.add_event(connection, dropped, Happening.DROPPED, now)

    def _run(self, over: threading.Event) -> None:
        # An authority in the same program, as in a town, does not answer yet; and who is silent is left for minutes.
        over.wait(_PERIOD)
        repeat(lambda: self._sweep(over), over, _PERIOD, "look after certificates of sessions")

    def _sweep(self, over: threading.Event) -> Swept:
        asked = ended = unanswered = 0
        silent = set[bytes]()
        while not over.is_set():
            with writing(self._engine, alone=False) as connection:
                due = watch_store.take_due(connection, self._clock.now(), _AT_ONCE)
            for by, sealed in due:
                backing = self._look(by, sealed, silent)
                asked, ended = asked + 1, ended + (backing in _WHY)
                unanswered += backing is Backing.UNKNOWN
            if not due:
                break
        if unanswered:
            _log.warning("nobody says of %d certificates of sessions whether they are still good", unanswered)
        return Swept(asked, ended, unanswered > 0)

    def _look(self, by: bytes, sealed: bytes, silent: set[bytes]) -> Backing:
        """Ask about one certificate and keep what follows; `silent` are the authorities that just did not answer.

        Who was asked in vain waits longer than who was not asked, or the same one would hold up the others every time.
        """
        hashes, now, later = [by], self._clock.now(), _AGAIN

        def check() -> None:
            nonlocal later
            asked = idp.open_of_session(sealed, self._secret, by)
            hashes.extend(each.hash for each in idp.traces(asked.issuer_key_id, asked.serial_number, self._secret))
            if asked.issuer_key_id in silent:
                later = _SOON
                raise Unavailable("its authority has just not answered")
            try:
                self._trust.check_again(asked, now)
            except Unavailable:
                silent.add(asked.issuer_key_id)
                raise

        backing, revoked = idp.backing_of(check)
        assert self._period is not None
        with writing(self._engine, alone=backing in _WHY) as connection:
            if backing in _WHY:
                self.lost(connection, hashes, backing, revoked)
            else:
                watch_store.put_off(connection, by, now + (later if backing is Backing.UNKNOWN else self._period))
        return backing
