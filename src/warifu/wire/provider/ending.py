"""Ending sessions at the provider: the browser that is to be logged out, and what clients' servers ask about tokens."""

from collections.abc import Sequence

from sqlalchemy import Connection, Engine

from warifu import idp
from warifu.idp import AccessToken, Client, Parameters, Provider, RefreshToken, TokenKind
from warifu.ports import Clock
from warifu.wire.database import reading, writing
from warifu.wire.provider import account_store, identity_store, session_store, store
from warifu.wire.provider.auditing import Auditing
from warifu.wire.provider.rotation import SigningKeys

__all__ = ["Ending"]


class Ending:
    """The sessions of one provider at its clients. Clients were authenticated by the caller."""

    def __init__(self, engine: Engine, provider: Provider, keys: SigningKeys, auditing: Auditing, clock: Clock) -> None:
        self._engine, self._provider, self._keys = engine, provider, keys
        self._auditing, self._clock = auditing, clock

    def log_out(self, parameters: Parameters) -> str | None:
        """End the session that the ID token names; where the browser goes then, if anywhere.

        Raises:
            OAuthRefused: ``invalid_request``. An address that is not registered is told after the session has ended.
        """
        with reading(self._engine) as connection:
            request = idp.read_logout(parameters, self._keys.trusted(connection), self._provider)
            client = store.find_client(connection, request.client_id)
        with writing(self._engine) as connection:
            found = session_store.find_session(connection, request.sid)
            if found is not None and (found.client_id, found.subject) == (request.client_id, request.subject):
                self._end(connection, "logged out", sid=request.sid)
        idp.check_return(request, client)
        if request.return_to is None or request.state is None:
            return request.return_to
        return idp.callback_url(request.return_to, {"state": request.state})

    def of_certificate(self, connection: Connection, hashes: Sequence[bytes], why: str) -> None:
        """The certificate has no effect: who logged in with it is logged in no longer, nor to the resident's page.

        Logins on their way end, too, or one of them would begin a session in a minute.
        """
        if hashes:
            self._end(connection, why, certificates=hashes)
            session_store.end_logins(connection, hashes)
            account_store.end_sessions_of(connection, identity_store.persons_of(connection, hashes).values())

    def of_person(self, connection: Connection, subjects: list[str], client_id: str | None = None) -> None:
        """The person took something back: at one client, or everywhere that knows them under these subjects."""
        if subjects:
            self._end(connection, "taken back by the person", subjects=subjects, client_id=client_id)

    def of_login(self, connection: Connection, transaction: str) -> None:
        """A code or refresh token of this login was used twice."""
        self._end(connection, "used twice", sid=idp.session_id(transaction))

    def revoke(self, connection: Connection, form: Parameters, client: Client) -> None:
        """Take a token back; with a refresh token, all that came from its login (RFC 7009 §2.1).

        Raises:
            OAuthRefused: ``invalid_request``, ``unauthorized_client``.
        """
        kept = _find(connection, idp.read_token_named(form))
        idp.check_owner(kept, client)
        now = self._clock.now()
        if isinstance(kept, AccessToken):
            session_store.revoke_one(connection, kept)
            self._auditing.revoked(connection, TokenKind.ACCESS, kept, "by the client", now)
        elif kept is not None:
            store.revoke_tokens(connection, kept.transaction)
            self._auditing.revoked(connection, TokenKind.REFRESH, kept, "by the client", now)

    def introspect(self, connection: Connection, form: Parameters, client: Client) -> dict[str, object]:
        """What a token is worth (RFC 7662).

        Raises:
            OAuthRefused: ``invalid_request``.
        """
        kept = _find(connection, idp.read_token_named(form))
        sid = None if kept is None else idp.session_id(kept.transaction)
        session = None if sid is None else session_store.find_session(connection, sid)
        return idp.introspected(kept, session, client, self._provider, self._clock.now())

    def _end(self, connection: Connection, why: str, **named: object) -> None:
        now = self._clock.now()
        for session in session_store.end_sessions(connection, now, tells=self._provider.profile.ends_sessions, **named):  # type: ignore[arg-type]
            self._auditing.ended(connection, session, why, now)


def _find(connection: Connection, token: str) -> AccessToken | RefreshToken | None:
    token_hash = idp.fingerprint(token)
    return store.find_access_token(connection, token_hash) or store.find_refresh_token(connection, token_hash)
