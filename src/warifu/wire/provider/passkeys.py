"""Passkeys at work, without HTTP: each method is one message of a browser, here of one that logs in."""

from warifu import idp
from warifu.errors import CardNeeded, NotFound
from warifu.idp import Login, Passkey, PasskeyAnswer, Proofed, Purpose, Status
from warifu.wire.database import writing
from warifu.wire.provider import passkey_store, store
from warifu.wire.provider.passkey_ceremonies import change
from warifu.wire.provider.passkey_store import Happening
from warifu.wire.provider.passkeys_after_card import AfterCard, Kept

__all__ = ["Kept", "Passkeys"]


class Passkeys(AfterCard):
    """The passkeys of one provider: what a login by passkey says, and, as `AfterCard`, how they come and go."""

    def may_serve(self, login: Login) -> bool:
        """Whether the login page offers one."""
        try:
            idp.check_may_serve(login.request, self._profile, attested=bool(self._makers))
        except (CardNeeded, NotFound):
            return False
        return login.status is Status.WAITING

    def login_options(self, transaction: str, cookie: str | None) -> dict[str, object]:
        """What the browser is to sign with, in a login that waits.

        Raises:
            NotFound, NotAllowed, ChallengeExpired, AlreadyAnswered: as for any message of that browser.
            CardNeeded: no passkey is enough for what the client asks.
            TooManyTries: this login has had its share.
        """
        profile, now = self._profile, self._clock.now()
        with writing(self._engine, alone=False) as connection:
            login = self._login(connection, transaction, cookie)
            login.check_waits(now)
            idp.check_may_serve(login.request, profile, attested=bool(self._makers))
            ceremony, wanted = self._ceremony(connection, login)
            ceremony = ceremony.begin(Purpose.LOGIN, profile, now, self._entropy)
            passkey_store.save_ceremony(connection, ceremony, wanted=wanted)
        return idp.request_options(ceremony, self._provider)

    def answer(self, transaction: str, cookie: str | None, answer: PasskeyAnswer) -> tuple[Login, str]:
        """The login after a passkey answered it, and the token to decide about it with.

        Raises:
            NotFound, NotAllowed, ChallengeExpired, AlreadyAnswered: as for any message of that browser.
            PasskeyRefused, ChallengeRefused, WrongSignature, Malformed: as `warifu.idp.check_passkey` and
                `warifu.idp.complete_by_passkey` say. The login goes on waiting: for the card, or for another try.
        """
        with writing(self._engine, alone=False) as connection:
            login = self._login(connection, transaction, cookie)
            token = idp.find_passkey_decision(login, answer, cookie, self._secret, self._clock.now())
            if token is not None:
                return login, token
            ceremony, _ = self._ceremony(connection, login)
            known = passkey_store.find(connection, answer.credential_id)
        with self._spending(transaction, known):
            checked = self._checked(answer, ceremony, Purpose.LOGIN, known)
            idp.complete_by_passkey(login, answer, checked, None, self._provider, self._clock.now())
            after, proofed = self._backed(checked, answer.user_handle)
        assert known is not None
        return self._keep_answer(transaction, cookie, answer, (known, after), proofed)

    def _keep_answer(
        self,
        transaction: str,
        cookie: str | None,
        answer: PasskeyAnswer,
        seen: tuple[Passkey, Passkey],
        proofed: Proofed | None,
    ) -> tuple[Login, str]:
        """Keep the outcome, unless somebody was faster."""
        now = self._clock.now()
        with writing(self._engine, alone=False) as connection:
            login = store.read_login(connection, transaction, lock=True)
            token = idp.find_passkey_decision(login, answer, cookie, self._secret, now)
            if token is not None:
                return login, token
            before, after = seen
            change(connection, before, after)
            if after.dropped is not None and before.dropped is None:
                passkey_store.add_event(connection, after, Happening.DROPPED, now)
            login = idp.complete_by_passkey(login, answer, after, proofed, self._provider, now)
            store.save_login(connection, login)
            ceremony, wanted = self._ceremony(connection, login)
            passkey_store.save_ceremony(connection, ceremony.spent(), wanted=wanted)
        return login, idp.decision_token(login, self._secret)

    def _backed(self, passkey: Passkey, handle: bytes) -> tuple[Passkey, Proofed | None]:
        """What the card's certificate still backs; nobody is asked about one that is known to be dead."""
        if passkey.dropped is not None:
            return passkey, None
        backing, revoked = idp.backing_of(lambda: self._check(passkey, handle))
        return idp.backed(passkey, backing, revoked, self._profile, self._clock.now())

    def _check(self, passkey: Passkey, handle: bytes) -> None:
        self._trust.check_again(idp.open_of_device(passkey.question, self._secret, handle), self._clock.now())
