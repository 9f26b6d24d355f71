"""Handing logins over to phones, without HTTP: each method is one message and one transaction of the store.

What is the browser's takes the login's cookie, what is the phone's the secret that it read or the token that it was
given for it.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from warifu import idp
from warifu.errors import HandOverEnded, NotFound
from warifu.idp import Client, Drawn, HandOver, HandOverStage, Login, Provider, Secret, Status, Taken, Way
from warifu.messages import SigningData
from warifu.ports import Clock, Entropy
from warifu.wire.database import reading, writing
from warifu.wire.provider import hand_over_store, signing_store, store


@dataclass(frozen=True, slots=True, repr=False)
class Shown:
    """What the login's page shows: the link for this device, the code for another, and how far the phone is.

    `code` is None where there is none to show now. `ends_elsewhere`: the person agreed on the phone, whose app leads
    back to this browser by itself; `ended` says that it has.
    """

    link: str
    code: str | None
    code_expires_at: datetime
    stage: HandOverStage
    strong: bool
    tries_left: int
    ends_elsewhere: bool = False
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Offered:
    """What a phone may know before it takes a login over: who asks for what."""

    client_name: str
    scopes: tuple[str, ...]
    way: Way
    signing: SigningData | None


class HandOvers:
    """One provider's hand-overs, over its store."""

    def __init__(self, engine: Engine, provider: Provider, secret: Secret, clock: Clock, entropy: Entropy) -> None:
        self._engine = engine
        self._profile = provider.profile
        self._secret = secret
        self._clock = clock
        self._entropy = entropy

    def begin(self, connection: Connection, login: Login, cookie: str, client: Client) -> None:
        """Keep the hand-over of a login that has just begun, in the transaction that keeps the login."""
        made = idp.begin_hand_over(login, cookie, client, self._profile, self._secret, self._clock.now())
        hand_over_store.add(connection, made)

    # --- the browser ---

    def shown(self, transaction: str, cookie: str | None) -> Shown:
        """What this browser's page shows.

        Raises:
            NotFound: no such login.
            NotAllowed: another browser.
        """
        with reading(self._engine) as connection:
            login, hand_over = store.read_login(connection, transaction), hand_over_store.find(connection, transaction)
        return self.shown_of(login, hand_over, cookie)

    def shown_of(self, login: Login, hand_over: HandOver | None, cookie: str | None) -> Shown:
        """The same of what was just read.

        Raises:
            NotAllowed: another browser.
        """
        login.check_browser(cookie)
        assert cookie is not None
        hand_over = hand_over or self._begin_late(login.transaction, cookie)
        now, profile = self._clock.now(), self._profile
        stage = hand_over.stage_at(profile, now)
        elsewhere = hand_over.ends_on_same_device and login.status is Status.ALLOWED
        return Shown(
            idp.link_secret(login.transaction, cookie, self._secret),
            None if stage is HandOverStage.OVER else idp.code_secret(hand_over, cookie, self._secret, now),
            hand_over.code_expires_at,
            stage,
            hand_over.strong,
            profile.digits_tries - hand_over.wrong,
            ends_elsewhere=elsewhere,
            ended=elsewhere and login.code is not None,
        )

    def renew_code(self, transaction: str, cookie: str | None) -> None:
        """Show another code from now on.

        Raises:
            NotFound, NotAllowed, ChallengeExpired, AlreadyAnswered: as `shown`, and as the names say.
            HandOverEnded: there are no more.
        """
        now = self._clock.now()
        with writing(self._engine, alone=False) as connection:
            _, hand_over = self._waiting(connection, transaction, cookie)
            assert cookie is not None
            renewed = idp.renew_code(hand_over, cookie, self._profile, self._secret, now)
            hand_over_store.save(connection, renewed)

    def type_digits(self, transaction: str, cookie: str | None, text: str) -> None:
        """Take the digits that somebody typed in the browser that began.

        Raises:
            Malformed: no six digits.
            NotFound, NotAllowed, ChallengeExpired, AlreadyAnswered: as `renew_code`.
            WrongDigits, DigitsExpired, HandOverEnded: as the names say; a wrong try is kept all the same.
        """
        typed, now = idp.read_digits(text), self._clock.now()
        with writing(self._engine, alone=False) as connection:
            _, hand_over = self._waiting(connection, transaction, cookie)
            after, refusal = idp.type_digits(hand_over, typed, self._profile, self._secret, now)
            if after != hand_over:
                hand_over_store.save(connection, after)
        # Raised after the commit: a wrong try counts.
        if refusal is not None:
            raise refusal

    # --- the phone ---

    def offered(self, secret: str) -> Offered:
        """Who asks for what, for a phone that has read a code or opened a link and has taken nothing yet.

        Raises:
            HandOverEnded: another code has been shown since, or the login is forgotten.
            ChallengeExpired, AlreadyAnswered: nothing is waiting any more.
        """
        with reading(self._engine) as connection:
            hand_over = _found(hand_over_store.find_by_secret(connection, idp.fingerprint(secret)))
            login = store.read_login(connection, hand_over.transaction)
            client = store.read_client(connection, login.request.client_id)
            signing = signing_store.transaction_of(connection, login)
        login.check_waits(self._clock.now())
        way = idp.way_of(hand_over, secret)
        return Offered(client.name, login.request.scopes, way, None if signing is None else signing.data)

    def take(self, secret: str) -> Taken:
        """Give the login to a phone.

        Raises:
            HandOverEnded, ChallengeExpired, AlreadyAnswered: as `offered`; or another phone has read the code.
        """
        now = self._clock.now()
        with writing(self._engine, alone=False) as connection:
            found = _found(hand_over_store.find_by_secret(connection, idp.fingerprint(secret)))
            login, hand_over = _read(connection, found.transaction, lock=True)
            login.check_waits(self._clock.now())
            held, taken = idp.take(hand_over, secret, self._profile, self._secret, self._entropy, now)
            hand_over_store.save(connection, held)
        return taken

    def found(self, token: str) -> HandOver:
        """The hand-over that this phone has; `ready` says whether its digits were typed.

        Raises:
            HandOverEnded: it has none any more.
            ChallengeExpired: too late.
        """
        with reading(self._engine) as connection:
            hand_over = _found(hand_over_store.find_by_phone(connection, idp.fingerprint(token)))
            store.read_login(connection, hand_over.transaction).check_open(self._clock.now())
        return hand_over

    def renew_digits(self, token: str) -> Drawn:
        """Other digits for this phone to show.

        Raises:
            HandOverEnded, ChallengeExpired: as `found`; or no more digits for this phone.
            NotAllowed: none are waited for.
        """
        now = self._clock.now()
        with writing(self._engine, alone=False) as connection:
            found = _found(hand_over_store.find_by_phone(connection, idp.fingerprint(token)))
            login, hand_over = _read(connection, found.transaction, lock=True)
            login.check_open(now)
            renewed, drawn = idp.renew_digits(hand_over, token, self._profile, self._secret, self._entropy, now)
            hand_over_store.save(connection, renewed)
        return drawn

    # --- inside ---

    def _begin_late(self, transaction: str, cookie: str) -> HandOver:
        """For a login that an earlier version began, and that is on its way while a new one starts."""
        with writing(self._engine, alone=False) as connection:
            login = store.read_login(connection, transaction, lock=True)
            found = hand_over_store.find(connection, transaction)
            if found is None:
                self.begin(connection, login, cookie, store.read_client(connection, login.request.client_id))
            return _read(connection, transaction)[1]

    def _waiting(self, connection: Connection, transaction: str, cookie: str | None) -> tuple[Login, HandOver]:
        login, hand_over = _read(connection, transaction, lock=True)
        login.check_browser(cookie)
        login.check_waits(self._clock.now())
        return login, hand_over


def _read(connection: Connection, transaction: str, *, lock: bool = False) -> tuple[Login, HandOver]:
    """The login first: whatever locks both does it in this order."""
    login = store.read_login(connection, transaction, lock=lock)
    hand_over = hand_over_store.find(connection, transaction, lock=lock)
    if hand_over is None:
        raise NotFound("there is no such login")
    return login, hand_over


def _found(hand_over: HandOver | None) -> HandOver:
    if hand_over is None:
        raise HandOverEnded("this code is an old one")
    return hand_over
