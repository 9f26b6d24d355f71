"""What a client's server says to the provider: requests left beforehand, codes, refresh tokens, access tokens."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import httpx2
from sqlalchemy import Connection, Engine

from warifu import idp
from warifu.errors import OAuthRefused
from warifu.idp import (
    AccessToken,
    Act,
    AssertionUse,
    Client,
    Offer,
    Parameters,
    Presented,
    Proof,
    Provider,
    Receipt,
    Received,
    TokenKind,
)
from warifu.ports import Clock, Entropy
from warifu.wire.database import reading, writing
from warifu.wire.provider import consent_store, signing_store, store
from warifu.wire.provider.auditing import Auditing
from warifu.wire.provider.courier import Courier
from warifu.wire.provider.ending import Ending
from warifu.wire.provider.granting import Granting
from warifu.wire.provider.limiting import Limiter
from warifu.wire.provider.rotation import SigningKeys

T = TypeVar("T")


class Exchanging:
    """The side of one provider that talks to clients' servers, over one store."""

    def __init__(
        self,
        engine: Engine,
        provider: Provider,
        keys: SigningKeys,
        auditing: Auditing,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self.provider = provider
        self._engine = engine
        self._keys = keys
        self._auditing = auditing
        self.limiter: Limiter | None = None
        self.ending = Ending(engine, provider, keys, auditing, clock)
        self._granting = Granting(provider, keys, auditing, self.ending, clock, entropy)
        self._clock = clock
        self._entropy = entropy

    def push(self, form: Parameters, proofs: Sequence[str]) -> dict[str, object]:
        """Keep an authorization request that the client's server leaves here (RFC 9126 §2).

        Raises:
            OAuthRefused: as the functions of `warifu.idp` say; the assertion is spent all the same.
        """
        client, use = self._authenticated(idp.client_assertion(form, grant=False))
        proof = self._proof(proofs, "POST", self.provider.pushed_endpoint)

        def keep(connection: Connection) -> dict[str, object]:
            idp.check_client(form, client)
            kept, answer = idp.push(form, client, self.provider, proof, self._clock.now(), self._entropy)
            store.add_pushed_request(connection, kept)
            return answer

        return self._answered(keep, use, proof)

    def token(self, form: Parameters, proofs: Sequence[str] = ()) -> dict[str, object]:
        """Exchange a code or a refresh token for tokens; `proofs` are the DPoP headers that came along.

        Raises:
            OAuthRefused: as the functions of `warifu.idp` say; the assertion and the code are spent all the same.
        """
        client, use = self._authenticated(idp.client_assertion(form))
        proof = self._proof(proofs, "POST", self.provider.token_endpoint)
        return self._answered(lambda here: self._granting.exchange(here, form, client, proof), use, proof)

    def _answered(self, act: Callable[[Connection], T], *uses: AssertionUse | None, alone: bool = False) -> T:
        """What comes of a request that uses these; it is all written down before a refusal is raised.

        So a refusal, too, has spent the assertion, the proof and the code, and is in the log.
        """
        with writing(self._engine, alone=alone) as connection:
            _spend(connection, *uses)
            try:
                return act(connection)
            except OAuthRefused as refused:
                refusal = refused
        raise refusal

    def _authenticated(self, assertion: str) -> tuple[Client, AssertionUse]:
        """Whose server this is; the use of the assertion is yet to be written down."""
        with reading(self._engine) as connection:
            client = store.find_client(connection, idp.unverified_issuer(assertion))
        use = idp.check_assertion(assertion, client, self.provider, self._clock.now())
        assert client is not None
        if self.limiter is not None:
            self.limiter.requested(client.id)
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
        return self._answered(lambda here: self._opened(here, presented, proof), proof)

    def _opened(self, connection: Connection, presented: Presented, proof: Proof | None) -> dict[str, str]:
        """What the token opens; a token that nobody knows leaves no trace, or anybody could fill the log."""
        kept, now = store.find_access_token(connection, idp.fingerprint(presented.token), lock=True), self._clock.now()
        try:
            claims = idp.userinfo(kept, presented, proof, now)
        except OAuthRefused as refusal:
            if kept is not None:
                self._auditing.refused(connection, TokenKind.ACCESS, kept.client_id, refusal, now, kept)
            raise
        assert kept is not None
        self._auditing.used(connection, TokenKind.ACCESS, kept, now)
        self._note(connection, kept, Received.READ)
        return claims

    def begin_signing(self, token: str, body: bytes) -> dict[str, object]:
        """Keep what a client wants signed; `token` is the one it got for itself.

        Raises:
            OAuthRefused: as `warifu.idp.begin_signing`.
        """
        with reading(self._engine) as connection:
            kept = signing_store.find_service_token(connection, idp.fingerprint(token))
            client = None if kept is None else store.find_client(connection, kept.client_id)
        signing, answer = idp.begin_signing(body, kept, client, self.provider, self._clock.now(), self._entropy)
        assert kept is not None
        with writing(self._engine, alone=False) as connection:
            signing_store.add_transaction(connection, signing)
            self._auditing.service(connection, Act.USED, kept.client_id, kept.hash, self._clock.now())
        return answer

    def signing_result(self, token: str, name: str) -> dict[str, object]:
        """What was signed in the login that this token is of; it stays until its time is over.

        Raises:
            OAuthRefused: as `warifu.idp.read_result`.
        """
        now = self._clock.now()
        with reading(self._engine) as connection:
            kept = store.find_access_token(connection, idp.fingerprint(token))
            signing = signing_store.find_transaction(connection, name)
        result = idp.read_result(kept, signing, self.provider.profile, now)
        assert kept is not None
        with writing(self._engine, alone=False) as connection:
            self._auditing.used(connection, TokenKind.RESULT, kept, now)
            self._note(connection, kept, Received.SIGNED)
        return result

    def _note(self, connection: Connection, token: AccessToken, how: Received) -> None:
        """Write down for the person that a client used its token."""
        receipt = Receipt(token.client_id, how, token.scopes, self._clock.now())
        consent_store.add_receipt(connection, token.subject, receipt)

    def revoke(self, form: Parameters) -> None:
        """Take a token back, because its client says so (RFC 7009).

        Raises:
            OAuthRefused: as `Ending.revoke`, and ``invalid_client``.
        """
        self._asked(form, self.ending.revoke, alone=True)

    def introspect(self, form: Parameters) -> dict[str, object]:
        """Tell a client what a token of its own is worth (RFC 7662).

        Raises:
            OAuthRefused: as `Ending.introspect`, and ``invalid_client``.
        """
        return self._asked(form, self.ending.introspect)

    def courier(self, transport: httpx2.BaseTransport | None = None) -> Courier:
        """Who tells clients' servers that sessions are over; `transport` stands in for the network."""
        auditing, clock = self._auditing, self._clock
        return Courier(self._engine, self.provider, self._keys, auditing, clock, self._entropy, transport)

    def _asked(self, form: Parameters, act: Callable[[Connection, Parameters, Client], T], *, alone: bool = False) -> T:
        """What a client that proved itself has done about one of its tokens."""
        client, use = self._authenticated(idp.client_assertion(form, grant=False))

        def checked(connection: Connection) -> T:
            idp.check_client(form, client)
            return act(connection, form, client)

        return self._answered(checked, use, alone=alone)

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The keys that ID tokens are checked with."""
        with reading(self._engine) as connection:
            return idp.jwks(self._keys.published(connection, self._clock.now()))


def _spend(connection: Connection, *uses: AssertionUse | None) -> None:
    """Write down that these were used.

    Raises:
        OAuthRefused: ``invalid_client`` or ``invalid_dpop_proof``, one was used before; then nothing is written down.
    """
    for use in uses:
        if use is not None and store.spend_assertion(connection, use) is None:
            raise idp.replayed_proof() if isinstance(use, Proof) else idp.replayed()
