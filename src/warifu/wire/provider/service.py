"""The provider at work, without HTTP: each method is one message of a conversation and one transaction of the store.

All state is in the store, so that a process may end between any two messages and another one go on. Methods block (SQL,
the authority's answer): call them from a worker thread.
"""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import Connection, Engine

from warifu import idp
from warifu.cardmap import CvAnchor
from warifu.errors import CallbackRefused, OAuthRefused, StatusUnknown, WarifuError
from warifu.idp import (
    AssertionUse,
    Client,
    Denial,
    Grant,
    IdTokenSigner,
    Login,
    Offer,
    Parameters,
    Presented,
    Proof,
    Provider,
    RefreshRequest,
    Secret,
    Status,
)
from warifu.messages import LoginAnswer, LoginInvitation, SigningData
from warifu.person import BasicAttributes
from warifu.ports import Clock, Entropy
from warifu.reader import check_attributes
from warifu.verifier import Anchors, Evidence, Memory, Needs, Policy, SeenRevocations, needs
from warifu.wire.database import reading, writing
from warifu.wire.provider import signing_store, store
from warifu.wire.provider.scrub import empty_log, overwrite_deleted


class Gather(Protocol):
    """Asks the authorities that the operator configured about one certificate."""

    def __call__(self, needs: Needs) -> Evidence:
        """What they said; what they did not say is left out.

        Raises:
            Unavailable: nobody answers.
        """
        ...


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom the provider believes: authorities and their services for certificates, municipalities' roots for cards.

    `seen` are the revocations it has seen: what was revoked once is refused, whatever an authority says later.
    """

    anchors: Anchors
    gather: Gather
    card_anchors: Collection[CvAnchor] = ()
    policy: Policy = field(default_factory=Policy)
    seen: SeenRevocations | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Shared:
    """What the answering side is told: whom the person is about to tell what, and the token to say yes with."""

    client_name: str
    scopes: tuple[str, ...]
    decision_token: str


@dataclass(frozen=True, slots=True)
class Begun:
    """A login that has begun: its transaction, and the cookie for the browser. Both are secrets."""

    transaction: str
    cookie: str

    def __repr__(self) -> str:
        return "Begun()"


class ProviderService:
    """One provider over one store."""

    def __init__(
        self,
        engine: Engine,
        provider: Provider,
        trust: Trust,
        signer: IdTokenSigner,
        secret: Secret,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self.provider = provider
        overwrite_deleted(engine)
        self._engine = engine
        self._trust = trust
        self._memory = Memory()
        self._signer = signer
        self._jwks = idp.jwks([signer.public_key_info])
        self._secret = secret
        self._clock = clock
        self._entropy = entropy

    # --- clients ---

    def register(self, client: Client) -> None:
        """Register a client, or change what is registered under its id."""
        with writing(self._engine) as connection:
            store.keep_client(connection, client)

    # --- the browser ---

    def begin(self, parameters: Parameters) -> Begun:
        """Open a login for an authorization request.

        Raises:
            CallbackRefused, OAuthRefused: as `warifu.idp.begin`.
        """
        client_id, now = idp.client_id(parameters, self.provider.profile), self._clock.now()
        reference = idp.pushed_reference(parameters, self.provider.profile)
        with reading(self._engine) as connection:
            client = store.find_client(connection, client_id)
        if reference is not None:
            with writing(self._engine) as connection:
                kept = store.take_pushed_request(connection, reference)
            parameters = idp.take_pushed(kept, client_id, now)
        named = idp.signing_reference(parameters, self.provider.profile)
        with reading(self._engine) as connection:
            signing = signing_store.find_transaction(connection, named)
        login, cookie = idp.begin(
            parameters, client, self.provider, now, self._entropy, pushed=reference is not None, signing=signing
        )
        with writing(self._engine) as connection:
            store.add_login(connection, login)
        return Begun(login.transaction, cookie)

    def sent_back(self, refusal: CallbackRefused) -> str:
        """Where the browser goes when no login could begin."""
        return idp.refusal_url(refusal, self.provider, self._signer, self._clock.now())

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

    def to_be_signed(self, login: Login) -> SigningData | None:
        """What the client wants signed in this login, if anything and as long as it is known."""
        with reading(self._engine) as connection:
            signing = signing_store.transaction_of(connection, login)
        return None if signing is None else signing.data

    def go_back(self, transaction: str, cookie: str | None) -> str:
        """Where the browser goes with the code, or with the reason why there is none.

        Raises:
            NotFound: no such login.
            NotAllowed: another browser, or not decided yet.
            AlreadyAnswered: finished before.
        """
        with writing(self._engine) as connection:
            login = store.read_login(connection, transaction, lock=True)
            done = idp.callback(login, cookie, self._secret, self.provider, self._signer, self._clock.now())
            if done.login != login:
                store.save_login(connection, done.login)
        return done.url

    # --- the phone or the companion ---

    def invitation(self, transaction: str) -> LoginInvitation:
        """What is to be signed, for whom, and what it will share.

        Raises:
            NotFound: no such login.
            ChallengeExpired: too late.
            AlreadyAnswered: nothing is waiting any more.
        """
        with reading(self._engine) as connection:
            login = store.read_login(connection, transaction)
            client = store.read_client(connection, login.request.client_id)
            signing = signing_store.transaction_of(connection, login)
        return login.invitation(
            self.provider.origin, client.name, self._clock.now(), None if signing is None else signing.data
        )

    def answer(self, transaction: str, answer: LoginAnswer) -> Shared:
        """Verify an answer; a refusal ends the login with its cause.

        Raises:
            NotFound, ChallengeExpired, AlreadyAnswered: as the names say.
            Refused, Unavailable, Malformed: as `warifu.verifier.check_login` and `warifu.reader.check_attributes` say.
        """
        with reading(self._engine) as connection:
            login = store.read_login(connection, transaction)
            client = store.read_client(connection, login.request.client_id)
        token = idp.find_decision_token(login, answer, self._secret, self._clock.now())
        if token is None:
            login, token = self._verify_and_keep(login, answer, client)
        assert login.answered is not None
        return Shared(client.name, login.answered.scopes, token)

    def allow(self, transaction: str, decision_token: str) -> None:
        """The person agreed. From now on the provider knows them, and they have a subject at this client.

        Raises:
            NotFound, ChallengeExpired, AlreadyAnswered, NotAllowed: as `warifu.idp.check_allowed`.
        """
        with writing(self._engine) as connection:
            login = store.read_login(connection, transaction, lock=True)
            idp.check_allowed(login, decision_token, self._secret, self._clock.now())
            store.save_login(connection, idp.allow(login, self._subject(connection, login)))

    def deny(self, transaction: str, reason: str) -> None:
        """The person or the card said no.

        Raises:
            NotFound, ChallengeExpired, AlreadyAnswered, Malformed: as `warifu.idp.deny`.
        """
        with writing(self._engine) as connection:
            login = store.read_login(connection, transaction, lock=True)
            store.save_login(connection, idp.deny(login, reason, self._clock.now()))
            signing = signing_store.transaction_of(connection, login, lock=True)
            if signing is not None and signing.login == transaction:
                signing_store.save_transaction(connection, idp.unsealed(signing))

    # --- the client's server ---

    def push(self, form: Parameters, proofs: Sequence[str]) -> dict[str, object]:
        """Keep an authorization request that the client's server leaves here (RFC 9126 §2).

        Raises:
            OAuthRefused: as the functions of `warifu.idp` say.
        """
        client, use = self._authenticated(idp.client_assertion(form, grant=False))
        proof = self._proof(proofs, "POST", self.provider.pushed_endpoint)
        idp.check_client(form, client)
        kept, answer = idp.push(form, client, self.provider, proof, self._clock.now(), self._entropy)
        with writing(self._engine) as connection:
            _spend(connection, use, proof)
            store.add_pushed_request(connection, kept)
        return answer

    def token(self, form: Parameters, proofs: Sequence[str] = ()) -> dict[str, object]:
        """Exchange a code or a refresh token for tokens; `proofs` are the DPoP headers that came along.

        Raises:
            OAuthRefused: as the functions of `warifu.idp` say; the assertion and the code are spent all the same.
        """
        client, use = self._authenticated(idp.client_assertion(form))
        proof = self._proof(proofs, "POST", self.provider.token_endpoint)
        with writing(self._engine) as connection:
            _spend(connection, use, proof)
            outcome = self._exchange(connection, form, client, proof)
        # Raised after the commit: a refusal, too, has spent the assertion and the code.
        if isinstance(outcome, OAuthRefused):
            raise outcome
        return outcome

    def _authenticated(self, assertion: str) -> tuple[Client, AssertionUse]:
        """Whose server this is; the use of the assertion is yet to be written down."""
        with reading(self._engine) as connection:
            client = store.find_client(connection, idp.unverified_issuer(assertion))
        use = idp.check_assertion(assertion, client, self.provider, self._clock.now())
        assert client is not None
        return client, use

    def _proof(self, proofs: Sequence[str], method: str, address: str, token: str | None = None) -> Proof | None:
        """The proof of possession that came along, if any is asked for; its use is yet to be written down."""
        profile = self.provider.profile
        if profile.sender_constrained is Offer.NONE:
            return None
        return idp.check_proof(proofs, method, address, profile, self._clock.now(), token)

    def userinfo(self, presented: Presented, proofs: Sequence[str] = (), method: str = "GET") -> dict[str, str]:
        """The claims that an access token opens.

        Raises:
            OAuthRefused: ``invalid_token``, ``invalid_dpop_proof``.
        """
        proof = None
        if presented.bound:
            proof = self._proof(proofs, method, self.provider.userinfo_endpoint, presented.token)
        if proof is not None:
            with writing(self._engine) as connection:
                _spend(connection, proof)
        with reading(self._engine) as connection:
            kept = store.find_access_token(connection, idp.fingerprint(presented.token))
        return idp.userinfo(kept, presented, proof, self._clock.now())

    def begin_signing(self, token: str, body: bytes) -> dict[str, object]:
        """Keep what a client wants signed; `token` is the one it got for itself.

        Raises:
            OAuthRefused: as `warifu.idp.begin_signing`.
        """
        with reading(self._engine) as connection:
            kept = signing_store.find_service_token(connection, idp.fingerprint(token))
            client = None if kept is None else store.find_client(connection, kept.client_id)
        signing, answer = idp.begin_signing(body, kept, client, self.provider, self._clock.now(), self._entropy)
        with writing(self._engine) as connection:
            signing_store.add_transaction(connection, signing)
        return answer

    def signing_result(self, token: str, name: str) -> dict[str, object]:
        """What was signed in the login that this token is of; it stays until its time is over.

        Raises:
            OAuthRefused: as `warifu.idp.read_result`.
        """
        with reading(self._engine) as connection:
            kept = store.find_access_token(connection, idp.fingerprint(token))
            signing = signing_store.find_transaction(connection, name)
        return idp.read_result(kept, signing, self.provider.profile, self._clock.now())

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The keys that ID tokens are checked with."""
        return self._jwks

    # --- housekeeping ---

    def forget(self) -> None:
        """Delete what has had its time."""
        profile = self.provider.profile
        with writing(self._engine) as connection:
            store.forget(connection, self._clock.now(), profile.code_lifetime, profile.longest_token)
            signing_store.forget(connection, self._clock.now())
        empty_log(self._engine)

    # --- inside ---

    def _verify_and_keep(self, login: Login, answer: LoginAnswer, client: Client) -> tuple[Login, str]:
        """Verify outside any transaction, for that takes time; then keep the outcome, unless somebody was faster."""
        try:
            verified, token = self._verify(login, answer)
            result = self._seal(login, answer, client)
        except WarifuError as cause:
            with writing(self._engine) as connection:
                current = store.read_login(connection, login.transaction, lock=True)
                store.save_login(connection, idp.refuse(current, cause))
            raise
        with writing(self._engine) as connection:
            current = store.read_login(connection, login.transaction, lock=True)
            known = idp.find_decision_token(current, answer, self._secret, self._clock.now())
            if known is not None:
                return current, known
            if result is not None:
                self._keep_result(connection, login, result)
            store.save_login(connection, verified)
        return verified, token

    def _seal(self, login: Login, answer: LoginAnswer, client: Client) -> str | None:
        """The signature that was asked for, if one was, encrypted for who may see it."""
        with reading(self._engine) as connection:
            signing = signing_store.transaction_of(connection, login)
        return idp.sealed_for(signing, login, answer, client, self.provider.profile)

    def _keep_result(self, connection: Connection, login: Login, result: str) -> None:
        """Keep it with what was to be signed, unless somebody else was faster."""
        signing = signing_store.transaction_of(connection, login, lock=True)
        kept = idp.sealed(signing, login, result, self.provider.profile, self._clock.now())
        signing_store.save_transaction(connection, kept)

    def _verify(self, login: Login, answer: LoginAnswer) -> tuple[Login, str]:
        trust = self._trust
        wanted = needs(answer.unverified_certificate, trust.anchors, policy=trust.policy, memory=self._memory)
        try:
            attributes = self._attributes(login, answer)
        except WarifuError:
            # Attributes of an answer to something else cannot fit: what is wrong with the login itself is told first.
            self._decide(login, answer, None, wanted)
            raise
        return self._decide(login, answer, attributes, wanted)

    def _decide(
        self, login: Login, answer: LoginAnswer, attributes: BasicAttributes | None, wanted: Needs
    ) -> tuple[Login, str]:
        """Decide by the status answer that came along if the policy takes it; else ask the authority."""
        trust = self._trust
        if answer.status is not None and trust.policy.oldest_staple is not None:
            with suppress(StatusUnknown):
                return self._complete(login, answer, attributes, Evidence())
        return self._complete(login, answer, attributes, trust.gather(wanted))

    def _complete(
        self, login: Login, answer: LoginAnswer, attributes: BasicAttributes | None, evidence: Evidence
    ) -> tuple[Login, str]:
        trust = self._trust
        return idp.complete(
            login,
            answer,
            attributes,
            evidence,
            trust.anchors,
            self.provider,
            self._secret,
            self._clock.now(),
            policy=trust.policy,
            memory=self._memory,
            seen=trust.seen,
        )

    def _attributes(self, login: Login, answer: LoginAnswer) -> BasicAttributes | None:
        """The four attributes if any was asked for and the card gave them; unasked ones are not even looked at."""
        if answer.attributes is None or not set(idp.ATTRIBUTE_SCOPES) & set(login.request.scopes):
            return None
        nonce = idp.expected_challenge(login, self.provider).card_nonce()
        return check_attributes(answer.attributes, nonce, self._trust.card_anchors)

    def _subject(self, connection: Connection, login: Login) -> str:
        assert login.answered is not None
        person = store.person_of(connection, login.answered.certificate_hash, idp.new_person(self._entropy))
        return store.subject_of(connection, person, login.request.client_id, idp.new_subject(self._entropy))

    def _exchange(
        self, connection: Connection, form: Parameters, client: Client, proof: Proof | None
    ) -> dict[str, object] | OAuthRefused:
        try:
            idp.check_client(form, client)
            if idp.asks_for_service(form, self.provider):
                return self._service_token(connection, form, client)
            key = idp.check_proved(proof, self.provider)
            request = idp.read_token_request(form, self.provider)
        except OAuthRefused as refusal:
            return refusal
        if isinstance(request, RefreshRequest):
            return self._refresh(connection, request, client, key)
        login = store.find_login_of_code(connection, request.code_hash)
        outcome = idp.redeem(
            request, client, login, self.provider, self._signer, self._clock.now(), self._entropy, key_thumbprint=key
        )
        if login is not None:
            store.save_login(connection, idp.without_claims(login))
        return _settled(connection, outcome, None if login is None else login.transaction)

    def _service_token(self, connection: Connection, form: Parameters, client: Client) -> dict[str, object]:
        """A token of the client's own.

        Raises:
            OAuthRefused: as `warifu.idp.grant_service_token`.
        """
        response, token = idp.grant_service_token(form, client, self.provider, self._clock.now(), self._entropy)
        signing_store.add_service_token(connection, token)
        return response

    def _refresh(
        self, connection: Connection, request: RefreshRequest, client: Client, key: str | None
    ) -> dict[str, object] | OAuthRefused:
        kept = store.find_refresh_token(connection, request.token_hash)
        outcome = idp.redeem_refresh(
            request, client, kept, self.provider, self._signer, self._clock.now(), self._entropy, key_thumbprint=key
        )
        if kept is not None and not isinstance(outcome, Denial) and outcome.refresh_token is not None:
            store.spend_refresh_token(connection, kept)
        return _settled(connection, outcome, None if kept is None else kept.transaction)


def _spend(connection: Connection, *uses: AssertionUse | None) -> None:
    """Write down that these were used.

    Raises:
        OAuthRefused: ``invalid_client`` or ``invalid_dpop_proof``, one was used before; then nothing is written down.
    """
    for use in uses:
        if use is not None and store.spend_assertion(connection, use) is None:
            raise idp.replayed_proof() if isinstance(use, Proof) else idp.replayed()


def _settled(
    connection: Connection, outcome: Grant | Denial, transaction: str | None
) -> dict[str, object] | OAuthRefused:
    """What the decision changes in the store, and the answer."""
    if isinstance(outcome, Denial):
        if outcome.revoke and transaction is not None:
            store.revoke_tokens(connection, transaction)
        return outcome.refusal
    store.add_access_token(connection, outcome.access_token)
    if outcome.refresh_token is not None:
        store.add_refresh_token(connection, outcome.refresh_token)
    return outcome.response
