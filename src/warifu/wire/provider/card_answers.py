"""A card's answer to a login: verified, and kept with all that follows from it."""

from dataclasses import replace

from sqlalchemy import Connection, Engine

from warifu import idp
from warifu.errors import Revoked, Suspended, WarifuError
from warifu.idp import Answering, Client, Login, Profile, Secret, Side
from warifu.messages import LoginAnswer
from warifu.ports import Clock
from warifu.wire.database import reading, writing
from warifu.wire.provider import hand_over_store, identity_store, signing_store, store
from warifu.wire.provider.auditing import Auditing
from warifu.wire.provider.identities import Identities
from warifu.wire.provider.passkeys import Passkeys
from warifu.wire.provider.sweeping import Sweeper
from warifu.wire.provider.verifying import Verifying

__all__ = ["CardAnswers"]


class CardAnswers:
    """Takes what cards answer to the logins of one provider."""

    def __init__(
        self,
        engine: Engine,
        profile: Profile,
        verifying: Verifying,
        identities: Identities,
        passkeys: Passkeys,
        sweeper: Sweeper,
        auditing: Auditing,
        secret: Secret,
        clock: Clock,
    ) -> None:
        self._engine, self._profile, self._verifying = engine, profile, verifying
        self._identities, self._passkeys, self._sweeper, self._auditing = identities, passkeys, sweeper, auditing
        self._secret, self._clock = secret, clock

    def take(self, login: Login, answer: LoginAnswer, client: Client, shown: Answering | None) -> tuple[Login, str]:
        """Verify outside any transaction, for that takes time; then keep the outcome, unless somebody was faster.

        Returns the login as it is kept, and the token to decide about it with.

        Raises:
            Refused, Unavailable, Malformed: as `Verifying.verify`, `Identities.recognise` and `warifu.idp.sealed_for`
                say; the login has ended with its cause.
        """
        try:
            verified, token = self._verifying.verify(login, answer)
            seen = self._identities.recognise(answer.unverified_certificate)
            result = self._seal(login, answer, client)
        except WarifuError as cause:
            self._keep_refusal(login, answer, cause)
            raise
        with writing(self._engine, alone=False) as connection:
            current = store.read_login(connection, login.transaction, lock=True)
            known = idp.find_decision_token(current, answer, self._secret, self._clock.now())
            if known is not None:
                return current, known
            if result is not None:
                self._keep_result(connection, login, result)
            identity_store.keep_recognition(connection, login.transaction, seen, login.expires_at)
            verified = self._assured(connection, verified, shown)
            self._passkeys.keep_question(connection, login, answer.unverified_certificate)
            store.save_login(connection, verified)
            self._sweeper.watch(connection, verified, answer.unverified_certificate)
        return verified, token

    def _keep_refusal(self, login: Login, answer: LoginAnswer, cause: WarifuError) -> None:
        """The login has ended, and so have others if it was by a certificate without effect."""
        lost = isinstance(cause, Revoked | Suspended)
        with writing(self._engine, alone=lost) as connection:
            current = store.read_login(connection, login.transaction, lock=True)
            store.save_login(connection, idp.refuse(current, cause))
            if lost:
                hashes = self._identities.known_as(answer.unverified_certificate)
                self._sweeper.lost(connection, hashes, *idp.backing_for(cause))

    def _assured(self, connection: Connection, login: Login, shown: Answering | None) -> Login:
        """Who answered is written down, if it still may answer; and the login says whether it could be relayed."""
        hand_over = hand_over_store.find(connection, login.transaction, lock=True)
        if shown is not None and hand_over is not None and idp.answering_side(login, hand_over, shown) is Side.PHONE:
            hand_over_store.save(connection, replace(hand_over, answered=True))
        return idp.assured(login, hand_over, self._profile)

    def _seal(self, login: Login, answer: LoginAnswer, client: Client) -> str | None:
        """The signature that was asked for, if one was, encrypted for who may see it."""
        with reading(self._engine) as connection:
            signing = signing_store.transaction_of(connection, login)
        return idp.sealed_for(signing, login, answer, client, self._profile)

    def _keep_result(self, connection: Connection, login: Login, result: str) -> None:
        """Keep it with what was to be signed, unless somebody else was faster."""
        signing = signing_store.transaction_of(connection, login, lock=True)
        now = self._clock.now()
        kept = idp.sealed(signing, login, result, self._profile, now)
        signing_store.save_transaction(connection, kept)
        self._auditing.signed(connection, kept, now)
