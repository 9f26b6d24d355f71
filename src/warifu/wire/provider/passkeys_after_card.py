"""What a browser does about passkeys after a login with the card: makes one, sees them, renews and removes them."""

from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from warifu import idp
from warifu.errors import NotAllowed, NotFound, WarifuError
from warifu.idp import CardEvent, Ceremony, EnrolmentAnswer, Login, Passkey, PasskeyAnswer, Purpose
from warifu.verifier import question
from warifu.wire.database import writing
from warifu.wire.provider import hand_over_store, passkey_store
from warifu.wire.provider.passkey_ceremonies import Ceremonies, change
from warifu.wire.provider.passkey_store import Event, Happening

__all__ = ["AfterCard", "Kept"]


@dataclass(frozen=True, slots=True)
class Kept:
    """What the browser of a login by card is shown: a person's passkeys, and what happened to them."""

    passkeys: tuple[Passkey, ...] = field(repr=False)
    events: tuple[Event, ...] = ()


class AfterCard(Ceremonies):
    """The card's side of passkeys: each method is one message of the browser of a login with the card."""

    def keep_question(self, connection: Connection, login: Login, certificate: bytes) -> None:
        """A card has answered: until its login is over, what to ask about its certificate later, sealed.

        Only for a browser that wants to see its passkeys: for all others there is nothing to keep.
        """
        if not self.offered:
            return
        ceremony, wanted = self._ceremony(connection, login)
        if wanted:
            asked = question(certificate, self._trust.anchors)
            sealed = idp.seal_for_login(asked, self._secret, login.transaction, self._entropy)
            passkey_store.save_ceremony(connection, replace(ceremony, question=sealed), wanted=wanted)

    def want(self, transaction: str, cookie: str | None, *, wanted: bool) -> None:
        """The browser wants to see its passkeys when this login is allowed, or no longer.

        Raises:
            NotFound, NotAllowed, ChallengeExpired: as for any message of that browser.
        """
        if not self.offered:
            raise NotFound("this provider has no passkeys")
        with writing(self._engine, alone=False) as connection:
            login = self._login(connection, transaction, cookie)
            login.check_open(self._clock.now())
            ceremony, _ = self._ceremony(connection, login)
            passkey_store.save_ceremony(connection, ceremony, wanted=wanted)

    def wanted(self, transaction: str, cookie: str | None, finish: str | None) -> bool:
        """Whether the browser goes to its passkeys before it goes back to the client."""
        if not self.offered:
            return False
        try:
            with writing(self._engine, alone=False) as connection:
                login, _, wanted = self._after_card(connection, transaction, cookie, finish)
        except WarifuError:
            return False
        return wanted and login.code is None

    def kept(self, transaction: str, cookie: str | None, finish: str | None = None) -> Kept:
        """What the person has, for the browser of a login with the card.

        Raises:
            NotFound, NotAllowed, ChallengeExpired: as `enrol_options`.
        """
        with writing(self._engine) as connection:
            login, _, _ = self._after_card(connection, transaction, cookie, finish)
            person = self._person(connection, login)
            return Kept(passkey_store.of_person(connection, person), passkey_store.events_of(connection, person))

    def remove(self, transaction: str, cookie: str | None, name: str, finish: str | None = None) -> None:
        """The card removes a passkey.

        Raises:
            NotFound: there is no such passkey of this person; and as `enrol_options`.
        """
        with writing(self._engine) as connection:
            login, _, _ = self._after_card(connection, transaction, cookie, finish)
            self._remove(connection, self._person(connection, login), name)

    def remove_of(self, person: str, name: str) -> None:
        """Remove a passkey by its name (`passkey_store.name_of`), for a page where that person is logged in.

        Raises:
            NotFound: that person has none of this name.
        """
        with writing(self._engine) as connection:
            self._remove(connection, person, name)

    def _remove(self, connection: Connection, person: str, name: str) -> None:
        found = {passkey_store.name_of(each): each for each in passkey_store.of_person(connection, person)}
        if name not in found or not passkey_store.remove(connection, person, name):
            raise NotFound("there is no such passkey")
        passkey_store.add_event(connection, found[name], Happening.REMOVED, self._clock.now())

    def enrol_options(self, transaction: str, cookie: str | None, finish: str | None = None) -> dict[str, object]:
        """What the browser is to make.

        Raises:
            NotFound: no such login, or no passkeys here.
            NotAllowed: another browser, not by card, a login that may have been relayed, or one whose browser did not
                want to see its passkeys before the card was read.
            ChallengeExpired: the card was read too long ago.
            PasskeyLimit, TooManyTries: as the names say.
        """
        profile = self._profile
        with writing(self._engine) as connection:
            login, ceremony, wanted = self._after_card(connection, transaction, cookie, finish)
            kept = passkey_store.of_person(connection, self._person(connection, login))
            idp.check_room(kept, profile)
            _check_kept(ceremony)
            ceremony = ceremony.begin(Purpose.ENROL, profile, self._clock.now(), self._entropy)
            passkey_store.save_ceremony(connection, ceremony, wanted=wanted)
        label = f"{self._clock.now():%Y-%m-%d %H:%M} UTC"
        return idp.creation_options(ceremony, self._provider, self._secret, kept, label, attested=bool(self._makers))

    def enrol(
        self, transaction: str, cookie: str | None, answer: EnrolmentAnswer, finish: str | None = None
    ) -> Passkey:
        """The browser has made one.

        Raises:
            as `enrol_options` and `warifu.idp.check_enrolment`; PasskeyExists: the credential is somebody's already.
        """
        with writing(self._engine) as connection:
            login, ceremony, wanted = self._after_card(connection, transaction, cookie, finish)
            person, now = self._person(connection, login), self._clock.now()
            kept = passkey_store.of_person(connection, person)
            repeated = [each for each in kept if each.enrolment_hash == answer.hash]
            if repeated:
                return repeated[0]
        with self._spending(transaction):
            idp.check_room(kept, self._profile)
            made, handle = idp.check_enrolment(
                answer,
                ceremony,
                person,
                self._card(login),
                self._provider,
                self._secret,
                now,
                makers=self._makers,
            )
            made = replace(made, question=self._sealed(ceremony, handle))
            with writing(self._engine) as connection:
                # Counted again: others may have been made since.
                others = passkey_store.of_person(connection, person)
                if passkey_store.add(connection, made):
                    idp.check_room(others, self._profile)
                    passkey_store.add_event(connection, made, Happening.BOUND, now)
                passkey_store.save_ceremony(connection, ceremony.spent(), wanted=wanted)
        return made

    def renew_options(self, transaction: str, cookie: str | None, finish: str | None = None) -> dict[str, object]:
        """What the browser is to sign with, so that a passkey stands on the card that was just shown.

        Raises:
            NotFound: the person has none; and as `enrol_options`.
        """
        profile = self._profile
        with writing(self._engine) as connection:
            login, ceremony, wanted = self._after_card(connection, transaction, cookie, finish)
            kept = passkey_store.of_person(connection, self._person(connection, login))
            if not kept:
                raise NotFound("there is no passkey to renew")
            _check_kept(ceremony)
            ceremony = ceremony.begin(Purpose.RENEW, profile, self._clock.now(), self._entropy)
            passkey_store.save_ceremony(connection, ceremony, wanted=wanted)
        return idp.request_options(ceremony, self._provider, kept)

    def renew(self, transaction: str, cookie: str | None, answer: PasskeyAnswer, finish: str | None = None) -> Passkey:
        """The passkey's device was there, and so is the card.

        Raises:
            as `enrol_options` and `warifu.idp.check_passkey`; UnknownPasskey: another person's, too.
        """
        with writing(self._engine) as connection:
            login, ceremony, wanted = self._after_card(connection, transaction, cookie, finish)
            known = passkey_store.find(connection, answer.credential_id)
            if known is not None and known.person != self._person(connection, login):
                known = None
        with self._spending(transaction, known):
            checked = self._checked(answer, ceremony, Purpose.RENEW, known)
            renewed = checked.renewed(self._card(login), self._sealed(ceremony, answer.user_handle))
            assert known is not None
            with writing(self._engine) as connection:
                change(connection, known, renewed)
                passkey_store.add_event(connection, renewed, Happening.RENEWED, self._clock.now())
                passkey_store.save_ceremony(connection, ceremony.spent(), wanted=wanted)
        return renewed

    def _after_card(
        self, connection: Connection, transaction: str, cookie: str | None, finish: str | None
    ) -> tuple[Login, Ceremony, bool]:
        """A login by card that is fresh and allowed, in its browser, and cannot have been relayed.

        A passkey outlives the login. One that was handed over by a code may have been relayed by who showed that code
        on a page of their own: that costs the person one login, and must not cost every later one.
        """
        profile, now = self._profile, self._clock.now()
        login = self._login(connection, transaction, cookie)
        idp.check_may_enrol(login, profile, now)
        hand_over = hand_over_store.find(connection, transaction)
        if hand_over is not None and hand_over.answered and hand_over.way is idp.Way.CODE:
            raise NotAllowed("a login by a code from another screen makes no passkey")
        idp.check_end(login, hand_over, cookie, finish, self._secret, now)
        return login, *self._ceremony(connection, login)

    def _person(self, connection: Connection, login: Login) -> str:
        person = self._identities.find_person(connection, login)
        assert person is not None
        return person

    def _card(self, login: Login) -> CardEvent:
        answered = login.answered
        assert answered is not None
        assert answered.certificate_hash is not None
        return CardEvent(answered.answer_hash, answered.certificate_hash, answered.assurance, answered.at)

    def _sealed(self, ceremony: Ceremony, handle: bytes) -> bytes:
        """The question about the card's certificate, from now on for this device alone."""
        sealed = _check_kept(ceremony)
        asked = idp.open_of_login(sealed, self._secret, ceremony.transaction)
        return idp.seal_for_device(asked, self._secret, handle, self._entropy)


def _check_kept(ceremony: Ceremony) -> bytes:
    """The sealed question about the certificate that answered.

    Raises:
        NotAllowed: there is none, for nobody wanted it when the card was read.
    """
    if ceremony.question is None:
        raise NotAllowed("this login was begun without a wish for passkeys")
    return ceremony.question
