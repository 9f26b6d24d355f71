"""The provider at work, without HTTP: each method is one message of a conversation and one transaction of the store.

All state is in the store, so that a process may end between any two messages and another one go on. Methods block (SQL,
the authority's answer): call them from a worker thread.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, Engine

from warifu import idp
from warifu.errors import CallbackRefused, NotAllowed
from warifu.idp import (
    Answering,
    Client,
    IdTokenSigner,
    Login,
    Parameters,
    PasskeyAnswer,
    Provider,
    Secret,
    SigningTransaction,
    Status,
    Unasked,
)
from warifu.messages import LoginAnswer, LoginInvitation, SigningData
from warifu.ports import Clock, Entropy
from warifu.wire.database import reading, writing
from warifu.wire.provider import (
    consents,
    hand_over_store,
    identity_store,
    pace_store,
    passkey_store,
    session_store,
    signing_store,
    store,
    watch_store,
)
from warifu.wire.provider.accounts import Accounts
from warifu.wire.provider.auditing import Auditing
from warifu.wire.provider.card_answers import CardAnswers
from warifu.wire.provider.exchanging import Exchanging
from warifu.wire.provider.hand_over_service import HandOvers, Shown
from warifu.wire.provider.identities import AskSuccession, Identities
from warifu.wire.provider.limiting import Limiter
from warifu.wire.provider.passkeys import Passkeys
from warifu.wire.provider.rotation import OneKey, SigningKeys
from warifu.wire.provider.scrub import empty_log, overwrite_deleted
from warifu.wire.provider.sweeping import Sweeper
from warifu.wire.provider.verifying import Trust, Verifying


@dataclass(frozen=True, slots=True, repr=False)
class Shared:
    """What the answering side is told: whom the person is about to tell what, and the token to say yes with.

    `agreed` are those that the person agreed to before, under the same text: what need not be asked again.
    """

    client_name: str
    scopes: tuple[str, ...]
    decision_token: str
    agreed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Begun:
    """A login that has begun: its transaction, and the cookie for the browser. Both are secrets."""

    transaction: str
    cookie: str

    def __repr__(self) -> str:
        return "Begun()"


@dataclass(frozen=True, slots=True, repr=False)
class Seen:
    """A login as the browser that began it may see it; `signing` is what its client wants signed, if still known."""

    login: Login
    client: Client
    status: Status
    shown: Shown
    signing: SigningData | None


class ProviderService(Exchanging):
    """One provider over one store: the browser's side, the phone's and, as `Exchanging`, the clients' servers'."""

    def __init__(
        self,
        engine: Engine,
        provider: Provider,
        trust: Trust,
        signer: IdTokenSigner | SigningKeys,
        secret: Secret,
        clock: Clock,
        entropy: Entropy,
        *,
        ask: AskSuccession | None = None,
        unasked: Unasked = Unasked.REFUSE,
        makers: Collection[bytes] = (),
        auditing: Auditing | None = None,
        limiter: Limiter | None = None,
        sweeps: timedelta | None = None,
    ) -> None:
        keys = OneKey(signer) if isinstance(signer, IdTokenSigner) else signer
        super().__init__(engine, provider, keys, auditing or Auditing(secret), clock, entropy)
        self.sweeper = Sweeper(engine, provider, trust, self.ending, secret, clock, entropy, sweeps)
        overwrite_deleted(engine)
        self.limiter = limiter
        self._secret = secret
        self.hand_overs = HandOvers(engine, provider, secret, clock, entropy)
        self.identities = Identities(engine, secret, clock, entropy, ask, unasked)
        self.accounts = Accounts(engine, self.identities, self.ending, clock, entropy)
        self.passkeys = Passkeys(engine, provider, trust, secret, clock, entropy, self.identities, makers)
        self._answers = CardAnswers(
            engine,
            provider.profile,
            Verifying(provider, trust, secret, clock, limiter),
            self.identities,
            self.passkeys,
            self.sweeper,
            self._auditing,
            secret,
            clock,
        )

    # --- clients ---

    def register(self, client: Client) -> None:
        """Register a client, or change what is registered under its id. One that is suspended keeps no tokens.

        Raises:
            NotAllowed: the id is the resident's page's, or the sector is another one and that was not said.
        """
        if client.id == idp.ACCOUNT:
            raise NotAllowed("this client id is the provider's own")
        with writing(self._engine) as connection:
            change = idp.moved(client, store.find_client(connection, client.id), self._clock.now())
            if change is not None:
                identity_store.add_sector_change(connection, change)
            store.keep_client(connection, client)
            if not client.active:
                store.revoke_tokens_of(connection, client.id)

    # --- the browser ---

    def begin(self, parameters: Parameters) -> Begun:
        """Open a login for an authorization request.

        Raises:
            CallbackRefused, OAuthRefused: as `warifu.idp.begin`.
        """
        client_id, now = idp.client_id(parameters, self.provider.profile), self._clock.now()
        reference = idp.pushed_reference(parameters, self.provider.profile)
        if reference is not None:
            with writing(self._engine, alone=False) as connection:
                kept = store.take_pushed_request(connection, reference)
            parameters = idp.take_pushed(kept, client_id, now)
        named = idp.signing_reference(parameters, self.provider.profile)
        with reading(self._engine) as connection:
            # The resident's page is a client to nobody but itself: to whom begins a login in its name it is unknown.
            client = None if client_id == idp.ACCOUNT else store.find_client(connection, client_id)
            signing = signing_store.find_transaction(connection, named)
        return self._open(parameters, client, signing, pushed=reference is not None)

    def begin_account(self) -> tuple[Begun, str]:
        """Open a login to the resident's page; the second value is what the same browser has to bring back."""
        client = idp.account_client(self.provider)
        parameters, verifier = idp.account_request(self.provider, self._entropy)
        with reading(self._engine) as connection:
            known = store.find_client(connection, client.id)
        if known != client:
            with writing(self._engine) as connection:
                store.keep_client(connection, client)
        return self._open(parameters, client, None, pushed=True), verifier

    def _open(
        self, parameters: Parameters, client: Client | None, signing: SigningTransaction | None, *, pushed: bool
    ) -> Begun:
        now = self._clock.now()
        login, cookie = idp.begin(parameters, client, self.provider, now, self._entropy, pushed=pushed, signing=signing)
        with writing(self._engine, alone=False) as connection:
            store.add_login(connection, login)
            assert client is not None
            self.hand_overs.begin(connection, login, cookie, client)
        return Begun(login.transaction, cookie)

    def sent_back(self, refusal: CallbackRefused) -> str:
        """Where the browser goes when no login could begin."""
        now = self._clock.now()
        with reading(self._engine) as connection:
            signer = self._keys.at(connection, now)
        return idp.refusal_url(refusal, self.provider, signer, now)

    def watch(self, transaction: str, cookie: str | None) -> tuple[Login, Client, Status]:
        """The login as the browser that began it may see it.

        Raises:
            NotFound: no such login.
            NotAllowed: another browser.
        """
        with reading(self._engine) as connection:
            login = store.read_login(connection, transaction)
            client = store.read_client(connection, login.request.client_id)
        login.check_browser(cookie)
        return login, client, login.status_at(self._clock.now())

    def look(self, transaction: str, cookie: str | None) -> Seen:
        """The login and all that its page shows, for the browser that began it.

        Raises:
            NotFound, NotAllowed: as `watch`.
        """
        with reading(self._engine) as connection:
            login = store.read_login(connection, transaction)
            client = store.read_client(connection, login.request.client_id)
            hand_over = hand_over_store.find(connection, transaction)
            signing = signing_store.transaction_of(connection, login)
        shown = self.hand_overs.shown_of(login, hand_over, cookie)
        status = login.status_at(self._clock.now())
        return Seen(login, client, status, shown, None if signing is None else signing.data)

    def go_back(self, transaction: str, cookie: str | None, finish: str | None = None) -> str:
        """Where the browser goes with the code, or with the reason why there is none.

        `finish` is what the phone's app gave to the browser of its device, where it needs one.

        Raises:
            NotFound: no such login.
            NotAllowed: another browser, or not decided yet, or not the way that leads here.
            OtherBrowser: what the app gave arrived in another browser.
            AlreadyAnswered: finished before.
        """
        with writing(self._engine, alone=False) as connection:
            login = store.read_login(connection, transaction, lock=True)
            hand_over = hand_over_store.find(connection, transaction)
            idp.check_end(login, hand_over, cookie, finish, self._secret, self._clock.now())
            now = self._clock.now()
            signer = self._keys.at(connection, now)
            done = idp.callback(login, cookie, self._secret, self.provider, signer, now)
            if done.login != login:
                store.save_login(connection, done.login)
                self._auditing.code_issued(connection, done.login, str(signer.jwk["kid"]), now)
        return done.url

    # --- the phone or the companion: `shown` is what they show of themselves; None: both are played in this process ---

    def invitation(self, transaction: str, shown: Answering | None = None) -> LoginInvitation:
        """What is to be signed, for whom, and what it will share.

        Raises:
            NotFound: no such login.
            ChallengeExpired: too late.
            AlreadyAnswered: nothing is waiting any more.
            NotAllowed, DigitsAwaited, HandOverEnded: as `warifu.idp.answering_side`.
        """
        with reading(self._engine) as connection:
            login = store.read_login(connection, transaction)
            _check_side(connection, login, shown)
            client = store.read_client(connection, login.request.client_id)
            signing = signing_store.transaction_of(connection, login)
        return login.invitation(
            self.provider.origin, client.name, self._clock.now(), None if signing is None else signing.data
        )

    def answer(self, transaction: str, answer: LoginAnswer, shown: Answering | None = None) -> Shared:
        """Verify an answer; a refusal ends the login with its cause.

        Raises:
            NotFound, ChallengeExpired, AlreadyAnswered: as the names say.
            NotAllowed, DigitsAwaited, HandOverEnded: as `warifu.idp.answering_side`.
            Refused, Unavailable, Malformed: as `warifu.verifier.check_login` and `warifu.reader.check_attributes` say.
        """
        with reading(self._engine) as connection:
            login = store.read_login(connection, transaction)
            _check_side(connection, login, shown)
            client = store.read_client(connection, login.request.client_id)
        token = idp.find_decision_token(login, answer, self._secret, self._clock.now())
        if token is None:
            login, token = self._answers.take(login, answer, client, shown)
        return self._shared(login, client, token)

    def answer_by_passkey(self, transaction: str, cookie: str | None, answer: PasskeyAnswer) -> Shared:
        """Check a passkey's answer; a refusal leaves the login waiting, for the card or another try.

        Raises:
            as `warifu.wire.provider.passkeys.Passkeys.answer` says.
        """
        login, token = self.passkeys.answer(transaction, cookie, answer)
        with reading(self._engine) as connection:
            client = store.read_client(connection, login.request.client_id)
        return self._shared(login, client, token)

    def _shared(self, login: Login, client: Client, token: str) -> Shared:
        assert login.answered is not None
        with reading(self._engine) as connection:
            person = self.identities.find_person(connection, login)
            agreed = consents.remembered(connection, person, client, login)
        return Shared(client.name, login.answered.scopes, token, agreed)

    def allow(self, transaction: str, decision_token: str, shown: Answering | None = None) -> str | None:
        """The person agreed. From now on the provider knows them, and they have a subject at this client.

        Returns what the phone's app is to give to the browser of its device, where the login ends there.

        Raises:
            NotFound, ChallengeExpired, AlreadyAnswered, NotAllowed: as `warifu.idp.check_allowed`.
            DigitsAwaited, HandOverEnded: as `warifu.idp.answering_side`.
        """
        with writing(self._engine, alone=False) as connection:
            login = store.read_login(connection, transaction, lock=True)
            _check_side(connection, login, shown)
            idp.check_allowed(login, decision_token, self._secret, self._clock.now())
            # Said again it changes nothing: the person may have taken it back since.
            if login.status is not Status.ALLOWED:
                self._agreed(connection, login)
            hand_over = hand_over_store.find(connection, transaction)
        ends_there = hand_over is not None and hand_over.ends_on_same_device
        return idp.finish_token(login, self._secret) if ends_there else None

    def _agreed(self, connection: Connection, login: Login) -> None:
        client = store.read_client(connection, login.request.client_id)
        person = self.identities.person(connection, login)
        if client.id != idp.ACCOUNT:
            consents.remember(connection, person, client, login, self._clock)
        store.save_login(connection, idp.allow(login, self.identities.subject(connection, person, client)))

    def deny(self, transaction: str, reason: str, shown: Answering | None = None) -> None:
        """The person or the card said no.

        Raises:
            NotFound, ChallengeExpired, AlreadyAnswered, Malformed: as `warifu.idp.deny`.
            NotAllowed, DigitsAwaited, HandOverEnded: as `warifu.idp.answering_side`.
        """
        with writing(self._engine, alone=False) as connection:
            login = store.read_login(connection, transaction, lock=True)
            _check_side(connection, login, shown)
            store.save_login(connection, idp.deny(login, reason, self._clock.now()))
            signing = signing_store.transaction_of(connection, login, lock=True)
            if signing is not None and signing.login == transaction:
                signing_store.save_transaction(connection, idp.unsealed(signing))

    # --- housekeeping ---

    def forget(self) -> None:
        """Delete what has had its time."""
        profile = self.provider.profile
        with writing(self._engine) as connection:
            store.forget(connection, self._clock.now(), profile.code_lifetime, profile.longest_token)
            signing_store.forget(connection, self._clock.now())
            hand_over_store.forget(connection, self._clock.now() - profile.code_lifetime - profile.longest_token)
            self.accounts.forget(connection)
            passkey_store.forget(connection, self._clock.now())
            self._auditing.forget(connection, self._clock.now())
            pace_store.forget(connection, self._clock.now())
            session_store.forget(connection, self._clock.now())
            watch_store.forget(connection, self._clock.now())
        empty_log(self._engine)


def _check_side(connection: Connection, login: Login, shown: Answering | None) -> None:
    """Refuse who may not see or answer this login."""
    if shown is not None:
        idp.answering_side(login, hand_over_store.find(connection, login.transaction), shown)
