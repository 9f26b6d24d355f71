"""What all messages about passkeys have in common: whose ceremony it is, and how a challenge ends.

A challenge is spent in the transaction in which its answer takes effect, or is refused: a program that dies before has
changed nothing, and the browser may send the same answer again; a program that dies afterwards answers the repetition
as it did the first time.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from warifu import idp
from warifu.errors import NotFound, PasskeyCopied, UnknownPasskey, WarifuError
from warifu.idp import Ceremony, Login, Passkey, PasskeyAnswer, PasskeyProfile, Provider, Purpose, Secret
from warifu.ports import Clock, Entropy
from warifu.wire.database import writing
from warifu.wire.provider import passkey_store, store
from warifu.wire.provider.identities import Identities
from warifu.wire.provider.passkey_store import Happening
from warifu.wire.provider.verifying import Trust

__all__ = ["Ceremonies", "change"]


class Ceremonies:
    """The ceremonies of one provider over one store; `makers` are those whose attestations are believed (DER)."""

    def __init__(
        self,
        engine: Engine,
        provider: Provider,
        trust: Trust,
        secret: Secret,
        clock: Clock,
        entropy: Entropy,
        identities: Identities,
        makers: Collection[bytes] = (),
    ) -> None:
        self._engine = engine
        self._provider = provider
        self._trust = trust
        self._secret = secret
        self._clock = clock
        self._entropy = entropy
        self._identities = identities
        self._makers = tuple(makers)

    @property
    def offered(self) -> bool:
        """Whether there are passkeys here at all."""
        return self._provider.profile.passkeys is not None and idp.rp_id(self._provider) is not None

    @property
    def _profile(self) -> PasskeyProfile:
        """What they are held to.

        Raises:
            NotFound: there are none here.
        """
        profile = self._provider.profile.passkeys
        if profile is None or not self.offered:
            raise NotFound("this provider has no passkeys")
        return profile

    def _login(self, connection: Connection, transaction: str, cookie: str | None) -> Login:
        login = store.read_login(connection, transaction, lock=True)
        login.check_browser(cookie)
        return login

    def _ceremony(self, connection: Connection, login: Login) -> tuple[Ceremony, bool]:
        found = passkey_store.find_ceremony(connection, login.transaction)
        return found or (Ceremony(login.transaction, login.expires_at), False)

    def _checked(self, answer: PasskeyAnswer, ceremony: Ceremony, purpose: Purpose, known: Passkey | None) -> Passkey:
        return idp.check_passkey(answer, ceremony, purpose, known, self._provider, self._clock.now())

    @contextmanager
    def _spending(self, transaction: str, known: Passkey | None = None) -> Iterator[None]:
        """Whatever refuses an answer spends its challenge; a copied passkey is set aside."""
        try:
            yield
        except WarifuError as refused:
            with writing(self._engine) as connection:
                found = passkey_store.find_ceremony(connection, transaction)
                if found is not None:
                    passkey_store.save_ceremony(connection, found[0].spent(), wanted=found[1])
                if isinstance(refused, PasskeyCopied) and known is not None and known.set_aside_at is None:
                    now = self._clock.now()
                    passkey_store.save(connection, known.set_aside(now))
                    passkey_store.add_event(connection, known, Happening.SET_ASIDE, now)
            raise


def change(connection: Connection, before: Passkey, after: Passkey) -> None:
    """Keep what has changed, if nothing else has since it was looked at.

    Raises:
        UnknownPasskey: it was removed or used meanwhile, so the counter that was checked is an old one.
    """
    if passkey_store.find(connection, before.credential_id) != before:
        raise UnknownPasskey("the passkey was removed or used meanwhile")
    passkey_store.save(connection, after)
