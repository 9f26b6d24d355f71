"""What the provider writes into its audit log, act by act; each in the transaction of the act."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from warifu.errors import OAuthRefused
from warifu.idp import (
    AccessToken,
    Act,
    AuditEntry,
    AuditKey,
    ClientSession,
    Grant,
    Login,
    RefreshToken,
    Secret,
    SigningTransaction,
    TokenKind,
    fingerprint,
)
from warifu.wire.provider import audit_store

__all__ = ["KEPT", "Auditing"]

KEPT = timedelta(days=366)
"""How long entries are kept where nobody says otherwise."""
_LONGEST = 255


class Auditing:
    """The audit log of one provider; `kept` is how long its entries are."""

    def __init__(self, secret: Secret, kept: timedelta = KEPT) -> None:
        self._key, self._kept = AuditKey(secret), kept

    def code_issued(self, connection: Connection, login: Login, kid: str, now: datetime) -> None:
        """A browser goes back with a code; `kid` signed the response if it was to be signed."""
        assert login.code is not None
        entry = self._of_login(login, Act.ISSUED, TokenKind.CODE, login.code.hash, now)
        self._write(connection, [entry if login.request.response_mode == "query" else _by(entry, kid)])

    def granted(self, connection: Connection, login: Login, grant: Grant, kid: str, now: datetime) -> None:
        """A code became tokens."""
        assert login.code is not None
        used = self._of_login(login, Act.USED, TokenKind.CODE, login.code.hash, now)
        self._write(connection, [used, *self._tokens(grant, Act.ISSUED, kid, now)])

    def refreshed(self, connection: Connection, kept: RefreshToken, grant: Grant, kid: str, now: datetime) -> None:
        """A refresh token became tokens."""
        used = self._entry(Act.USED, TokenKind.REFRESH, now, kept)
        self._write(connection, [used, *self._tokens(grant, Act.REFRESHED, kid, now)])

    def refused(
        self,
        connection: Connection,
        kind: TokenKind,
        client_id: str,
        refusal: OAuthRefused,
        now: datetime,
        of: AccessToken | RefreshToken | Login | None = None,
    ) -> None:
        """An authenticated client, or who holds a token that we know, got nothing."""
        why = f"{refusal.error}: {refusal.description}"[:_LONGEST]
        if isinstance(of, Login):
            of_code = b"" if of.code is None else of.code.hash
            entry = self._of_login(of, Act.REFUSED, kind, of_code, now, client_id, why)
        elif of is not None:
            entry = self._entry(Act.REFUSED, kind, now, of, why=why)
        else:
            entry = AuditEntry(now, Act.REFUSED, kind, client_id, why=why)
        self._write(connection, [entry])

    def used(self, connection: Connection, kind: TokenKind, token: AccessToken, now: datetime) -> None:
        """A token opened UserInfo, or a sign result."""
        self._write(connection, [self._entry(Act.USED, kind, now, token)])

    def service(self, connection: Connection, act: Act, client_id: str, token_hash: bytes, now: datetime) -> None:
        """A client got a token of its own, or used it."""
        entry = AuditEntry(now, act, TokenKind.SERVICE, client_id, token=self._key.token(token_hash))
        self._write(connection, [entry])

    def signed(self, connection: Connection, signing: SigningTransaction, now: datetime) -> None:
        """Somebody signed; the result waits."""
        entry = AuditEntry(now, Act.ISSUED, TokenKind.RESULT, signing.client_id, login=self._key.login(signing.login))
        self._write(connection, [entry])

    def revoked(
        self, connection: Connection, kind: TokenKind, of: AccessToken | RefreshToken | Login, why: str, now: datetime
    ) -> None:
        """Tokens were taken back: one, or (`LOGIN`) all that ever came from a login."""
        if isinstance(of, Login):
            entry = self._of_login(of, Act.REVOKED, kind, b"", now, why=why)
        else:
            entry = self._entry(Act.REVOKED, kind, now, of, why=why)
        self._write(connection, [entry])

    def ended(self, connection: Connection, session: ClientSession, why: str, now: datetime) -> None:
        """A session is over, and all tokens that came from its login."""
        self._write(connection, [self._of_session(session, Act.REVOKED, TokenKind.LOGIN, now, why=why)])

    def told(self, connection: Connection, session: ClientSession, token: str, kid: str, now: datetime) -> None:
        """A client took a logout token."""
        entry = self._of_session(session, Act.ISSUED, TokenKind.LOGOUT, now, token=self._key.token(fingerprint(token)))
        self._write(connection, [_by(entry, kid)])

    def _of_session(
        self, session: ClientSession, act: Act, kind: TokenKind, now: datetime, token: str = "", why: str = ""
    ) -> AuditEntry:
        person = self._key.person(session.client_id, session.subject)
        login = self._key.login(session.transaction)
        return AuditEntry(now, act, kind, session.client_id, person, login, token, why=why)

    def check_end(self, connection: Connection) -> None:
        """Check that the log was written under this provider's secret, by its last entry.

        Raises:
            NotConsistent: that was written under another one, or changed.
        """
        audit_store.check_end(connection, self._key)

    def forget(self, connection: Connection, now: datetime) -> None:
        """Delete what is older than the operator wants to know."""
        audit_store.forget(connection, now - self._kept)

    def _tokens(self, grant: Grant, act: Act, kid: str, now: datetime) -> Iterable[AuditEntry]:
        yield self._entry(act, TokenKind.ACCESS, now, grant.access_token)
        id_token = grant.response.get("id_token")
        if isinstance(id_token, str):
            entry = self._entry(act, TokenKind.ID, now, grant.access_token, token_hash=fingerprint(id_token))
            yield _by(entry, kid)
        if grant.refresh_token is not None:
            yield self._entry(act, TokenKind.REFRESH, now, grant.refresh_token)

    def _entry(
        self,
        act: Act,
        kind: TokenKind,
        now: datetime,
        of: AccessToken | RefreshToken,
        *,
        token_hash: bytes | None = None,
        why: str = "",
    ) -> AuditEntry:
        key = self._key
        token = key.token(of.hash if token_hash is None else token_hash)
        person = key.person(of.client_id, of.subject)
        return AuditEntry(now, act, kind, of.client_id, person, key.login(of.transaction), token, why=why)

    def _of_login(
        self,
        login: Login,
        act: Act,
        kind: TokenKind,
        token_hash: bytes,
        now: datetime,
        client_id: str | None = None,
        why: str = "",
    ) -> AuditEntry:
        key, asked = self._key, login.request.client_id
        token = key.token(token_hash) if token_hash else ""
        person = key.person(asked, login.subject)
        return AuditEntry(now, act, kind, client_id or asked, person, key.login(login.transaction), token, why=why)

    def _write(self, connection: Connection, happened: list[AuditEntry]) -> None:
        audit_store.append(connection, self._key, happened)


def _by(entry: AuditEntry, kid: str) -> AuditEntry:
    return replace(entry, kid=kid)
