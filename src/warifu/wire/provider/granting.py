"""What a client's server gets for a code, for a refresh token, or for itself; all of it in one transaction."""

from datetime import timedelta

from sqlalchemy import Connection

from warifu import idp
from warifu.errors import OAuthRefused
from warifu.idp import (
    Act,
    Client,
    Denial,
    Grant,
    Login,
    Parameters,
    Proof,
    Provider,
    Received,
    RefreshRequest,
    RefreshToken,
    TokenKind,
    TokenRequest,
)
from warifu.ports import Clock, Entropy
from warifu.wire.provider import consent_store, session_store, signing_store, store, watch_store
from warifu.wire.provider.auditing import Auditing
from warifu.wire.provider.ending import Ending
from warifu.wire.provider.rotation import SigningKeys

__all__ = ["Granting"]


class Granting:
    """The decisions of one provider over codes and tokens, written down in the transaction of who asks."""

    def __init__(
        self,
        provider: Provider,
        keys: SigningKeys,
        auditing: Auditing,
        ending: Ending,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._provider, self._keys, self._auditing, self._ending = provider, keys, auditing, ending
        self._clock, self._entropy = clock, entropy

    def exchange(
        self, connection: Connection, form: Parameters, client: Client, proof: Proof | None
    ) -> dict[str, object]:
        """What an authenticated client gets for its form.

        Raises:
            OAuthRefused: it gets nothing; what was written down until then is to be kept.
        """
        try:
            idp.check_client(form, client)
            if idp.asks_for_service(form, self._provider):
                return self._service_token(connection, form, client)
            request = idp.read_token_request(form, self._provider)
            key = idp.check_proved(proof, self._provider)
        except OAuthRefused as refusal:
            self._auditing.refused(connection, TokenKind.ACCESS, client.id, refusal, self._clock.now())
            raise
        if isinstance(request, RefreshRequest):
            return self._refresh(connection, request, client, key)
        return self._redeem(connection, request, client, key)

    def _service_token(self, connection: Connection, form: Parameters, client: Client) -> dict[str, object]:
        """A token of the client's own.

        Raises:
            OAuthRefused: as `warifu.idp.grant_service_token`.
        """
        response, token = idp.grant_service_token(form, client, self._provider, self._clock.now(), self._entropy)
        signing_store.add_service_token(connection, token)
        self._auditing.service(connection, Act.ISSUED, client.id, token.hash, self._clock.now())
        return response

    def _redeem(
        self, connection: Connection, request: TokenRequest, client: Client, key: str | None
    ) -> dict[str, object]:
        """Tokens for a code."""
        login = store.find_login_of_code(connection, request.code_hash)
        now = self._clock.now()
        signer = self._keys.at(connection, now)
        outcome = idp.redeem(request, client, login, self._provider, signer, now, self._entropy, key_thumbprint=key)
        if login is not None:
            store.save_login(connection, idp.without_claims(login))
        if isinstance(outcome, Denial):
            self._auditing.refused(connection, TokenKind.CODE, client.id, outcome.refusal, now, login)
            raise self._denied(connection, outcome, login)
        assert login is not None
        consent_store.note_grant(connection, outcome, Received.GRANTED, now)
        self._auditing.granted(connection, login, outcome, str(signer.jwk["kid"]), now)
        session = idp.session_of(login)
        session_store.add_session(connection, session, now)
        watch_store.keep_until(connection, session.certificate_hash, now + self._may_end(client))
        return _granted(connection, outcome)

    def _may_end(self, client: Client) -> timedelta:
        """For how long there is something to end in a session: its tokens, and what the client's own server keeps."""
        told = self._provider.profile.ends_sessions and client.backchannel_logout_uri is not None
        return session_store.KEPT if told else self._provider.profile.longest_token

    def _refresh(
        self, connection: Connection, request: RefreshRequest, client: Client, key: str | None
    ) -> dict[str, object]:
        """Tokens for a refresh token."""
        kept = store.find_refresh_token(connection, request.token_hash)
        now = self._clock.now()
        signer = self._keys.at(connection, now)
        outcome = idp.redeem_refresh(
            request, client, kept, self._provider, signer, now, self._entropy, key_thumbprint=key
        )
        if isinstance(outcome, Denial):
            self._auditing.refused(connection, TokenKind.REFRESH, client.id, outcome.refusal, now, kept)
            raise self._denied(connection, outcome, kept)
        assert kept is not None
        if outcome.refresh_token is not None:
            store.spend_refresh_token(connection, kept)
        consent_store.note_grant(connection, outcome, Received.REFRESHED, now)
        self._auditing.refreshed(connection, kept, outcome, str(signer.jwk["kid"]), now)
        return _granted(connection, outcome)

    def _denied(self, connection: Connection, denial: Denial, of: Login | RefreshToken | None) -> OAuthRefused:
        """The refusal; where something was used twice, all that its login gave is taken back."""
        if denial.revoke and of is not None:
            self._ending.of_login(connection, of.transaction)
            store.revoke_tokens(connection, of.transaction)
        return denial.refusal


def _granted(connection: Connection, grant: Grant) -> dict[str, object]:
    """The answer, its tokens kept."""
    store.add_access_token(connection, grant.access_token)
    if grant.refresh_token is not None:
        store.add_refresh_token(connection, grant.refresh_token)
    return grant.response
