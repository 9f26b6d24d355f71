"""The provider's tables, and rows as the engine's values.

Moments are seconds since 1970 UTC. What opens something (cookie, code, access token) is kept as SHA-256 only; what
names a certificate as a keyed hash only. The four attributes stand in `claims`, in a login until its code is used and
in an access token until that ends; `warifu.wire.provider.store.forget` sees to it.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Column, Integer, LargeBinary, MetaData, Row, String, Table

from warifu.idp import (
    AccessToken,
    Answered,
    Assurance,
    AuthorizationRequest,
    Client,
    Code,
    Login,
    Proofed,
    PushedRequest,
    RefreshToken,
    Refusal,
    Status,
)

metadata = MetaData()

clients = Table(
    "client",
    metadata,
    Column("id", String(255), primary_key=True),
    Column("name", String(255)),
    Column("redirect_uris", JSON),
    Column("jwks", JSON),
    Column("scopes", JSON),
    Column("active", Boolean),
    Column("operator_jwks", JSON(none_as_null=True)),
    Column("phishing_resistant", Boolean),
    Column("sector", String(255)),
    Column("post_logout_redirect_uris", JSON(none_as_null=True)),
    Column("backchannel_logout_uri", String(255)),
)

certificate_holders = Table(
    "certificate_holder",
    metadata,
    Column("certificate_hash", LargeBinary(32), primary_key=True),
    Column("person", String(36)),
    Column("generation", Integer),
    Column("since", BigInteger),
    Column("how", String(16)),
)

subjects = Table(
    "subject",
    metadata,
    Column("person", String(36), primary_key=True),
    Column("sector", String(255), primary_key=True),
    Column("subject", String(36)),
)

logins = Table(
    "login",
    metadata,
    Column("transaction_id", String(64), primary_key=True),
    Column("browser_hash", LargeBinary(32)),
    Column("client_id", String(255)),
    Column("redirect_uri", String(255)),
    Column("state", String(255)),
    Column("client_nonce", String(255)),
    Column("code_challenge", String(128)),
    Column("scopes", JSON),
    Column("acr_values", JSON),
    Column("response_mode", String(16)),
    Column("key_thumbprint", String(43)),
    Column("sign_transaction_id", String(36)),
    Column("nonce", LargeBinary(32)),
    Column("expires_at", BigInteger),
    Column("status", String(8)),
    Column("answer_hash", LargeBinary(32)),
    Column("certificate_hash", LargeBinary(32)),
    Column("person", String(36)),
    Column("acr", String(32)),
    Column("amr", JSON(none_as_null=True)),
    Column("proofed", JSON(none_as_null=True)),
    Column("answered_at", BigInteger),
    Column("shared_scopes", JSON(none_as_null=True)),
    Column("claims", JSON(none_as_null=True)),
    Column("error", String(64)),
    Column("error_description", String(64)),
    Column("subject", String(36)),
    Column("code_hash", LargeBinary(32)),
    Column("code_expires_at", BigInteger),
    Column("code_spent", Boolean),
)

spent_assertions = Table(
    "spent_assertion",
    metadata,
    Column("client_id", String(255), primary_key=True),
    Column("jti", String(255), primary_key=True),
    Column("expires_at", BigInteger),
)

access_tokens = Table(
    "access_token",
    metadata,
    Column("hash", LargeBinary(32), primary_key=True),
    Column("transaction_id", String(64)),
    Column("client_id", String(255)),
    Column("subject", String(36)),
    Column("scopes", JSON),
    Column("claims", JSON),
    Column("expires_at", BigInteger),
    Column("revoked", Boolean),
    Column("key_thumbprint", String(43)),
)

refresh_tokens = Table(
    "refresh_token",
    metadata,
    Column("hash", LargeBinary(32), primary_key=True),
    Column("transaction_id", String(64)),
    Column("client_id", String(255)),
    Column("subject", String(36)),
    Column("scopes", JSON),
    Column("authenticated_at", BigInteger),
    Column("acr", String(32)),
    Column("amr", JSON),
    Column("expires_at", BigInteger),
    Column("spent", Boolean),
)

pushed_requests = Table(
    "pushed_request",
    metadata,
    Column("hash", LargeBinary(32), primary_key=True),
    Column("client_id", String(255)),
    Column("parameters", JSON),
    Column("expires_at", BigInteger),
)


def seconds(moment: datetime) -> int:
    """A moment as it is stored."""
    return int(moment.timestamp())


def moment(stored: int) -> datetime:
    """A stored moment."""
    return datetime.fromtimestamp(stored, UTC)


def client_of(row: Row[Any]) -> Client:
    """A row of `clients`."""
    return Client(
        row.id,
        row.name,
        tuple(row.redirect_uris),
        row.jwks,
        tuple(row.scopes),
        row.active,
        row.operator_jwks,
        bool(row.phishing_resistant),
        row.sector,
        post_logout_redirect_uris=tuple(row.post_logout_redirect_uris or ()),
        backchannel_logout_uri=row.backchannel_logout_uri,
    )


def values_of_client(client: Client) -> dict[str, Any]:
    """A client as a row."""
    return {
        "id": client.id,
        "name": client.name,
        "redirect_uris": list(client.redirect_uris),
        "jwks": dict(client.jwks),
        "scopes": list(client.scopes),
        "active": client.active,
        "operator_jwks": None if client.operator_jwks is None else dict(client.operator_jwks),
        "phishing_resistant": client.phishing_resistant,
        "sector": client.sector,
        "post_logout_redirect_uris": list(client.post_logout_redirect_uris),
        "backchannel_logout_uri": client.backchannel_logout_uri,
    }


def login_of(row: Row[Any]) -> Login:
    """A row of `logins`."""
    return Login(
        row.transaction_id,
        row.browser_hash,
        AuthorizationRequest(
            row.client_id,
            row.redirect_uri,
            row.state,
            row.client_nonce,
            row.code_challenge,
            tuple(row.scopes),
            tuple(row.acr_values),
            row.response_mode,
            row.key_thumbprint,
            row.sign_transaction_id,
        ),
        row.nonce,
        moment(row.expires_at),
        Status(row.status),
        _answered_of(row),
        None if row.error is None else Refusal(row.error, row.error_description),
        row.subject,
        None if row.code_hash is None else Code(row.code_hash, moment(row.code_expires_at), row.code_spent),
    )


def _answered_of(row: Row[Any]) -> Answered | None:
    if row.answer_hash is None:
        return None
    return Answered(
        row.answer_hash,
        row.certificate_hash,
        moment(row.answered_at),
        tuple(row.shared_scopes),
        row.claims or {},
        Assurance(row.acr, tuple(row.amr)),
        row.person,
        _proofed_of(row.proofed),
    )


def _proofed_of(kept: dict[str, Any] | None) -> Proofed | None:
    return None if kept is None else Proofed(kept["ial"], moment(kept["at"]), moment(kept["checked_at"]))


def values_of_new_login(login: Login) -> dict[str, Any]:
    """A login that has just begun, as a row."""
    request = login.request
    return {
        "transaction_id": login.transaction,
        "browser_hash": login.browser_hash,
        "client_id": request.client_id,
        "redirect_uri": request.redirect_uri,
        "state": request.state,
        "client_nonce": request.nonce,
        "code_challenge": request.code_challenge,
        "scopes": list(request.scopes),
        "acr_values": list(request.acr_values),
        "response_mode": request.response_mode,
        "key_thumbprint": request.key_thumbprint,
        "sign_transaction_id": request.sign_transaction_id,
        "nonce": login.nonce,
        "expires_at": seconds(login.expires_at),
        **values_of_progress(login),
    }


def values_of_progress(login: Login) -> dict[str, Any]:
    """What may change in a login after it has begun."""
    answered, refusal, code = login.answered, login.refusal, login.code
    return {
        "status": login.status.value,
        "answer_hash": answered and answered.answer_hash,
        "certificate_hash": answered and answered.certificate_hash,
        "person": answered and answered.person,
        "acr": answered and answered.assurance.acr,
        "amr": answered and list(answered.assurance.amr),
        "proofed": answered and answered.proofed and answered.proofed.members(),
        "answered_at": answered and seconds(answered.at),
        "shared_scopes": answered and list(answered.scopes),
        "claims": (answered and answered.claims) or None,
        "error": refusal and refusal.error,
        "error_description": refusal and refusal.description,
        "subject": login.subject,
        "code_hash": code and code.hash,
        "code_expires_at": code and seconds(code.expires_at),
        "code_spent": code is not None and code.spent,
    }


def access_token_of(row: Row[Any]) -> AccessToken:
    """A row of `access_tokens`."""
    return AccessToken(
        row.hash,
        row.transaction_id,
        row.client_id,
        row.subject,
        tuple(row.scopes),
        row.claims,
        moment(row.expires_at),
        row.revoked,
        row.key_thumbprint,
    )


def values_of_access_token(token: AccessToken) -> dict[str, Any]:
    """An access token as a row."""
    return {
        "hash": token.hash,
        "transaction_id": token.transaction,
        "client_id": token.client_id,
        "subject": token.subject,
        "scopes": list(token.scopes),
        "claims": token.claims,
        "expires_at": seconds(token.expires_at),
        "revoked": token.revoked,
        "key_thumbprint": token.key_thumbprint,
    }


def refresh_token_of(row: Row[Any]) -> RefreshToken:
    """A row of `refresh_tokens`."""
    return RefreshToken(
        row.hash,
        row.transaction_id,
        row.client_id,
        row.subject,
        tuple(row.scopes),
        moment(row.authenticated_at),
        Assurance(row.acr, tuple(row.amr)),
        moment(row.expires_at),
        row.spent,
    )


def values_of_refresh_token(token: RefreshToken) -> dict[str, Any]:
    """A refresh token as a row."""
    return {
        "hash": token.hash,
        "transaction_id": token.transaction,
        "client_id": token.client_id,
        "subject": token.subject,
        "scopes": list(token.scopes),
        "authenticated_at": seconds(token.authenticated_at),
        "acr": token.assurance.acr,
        "amr": list(token.assurance.amr),
        "expires_at": seconds(token.expires_at),
        "spent": token.spent,
    }


def pushed_request_of(row: Row[Any]) -> PushedRequest:
    """A row of `pushed_requests`."""
    return PushedRequest(
        row.hash, row.client_id, tuple((name, value) for name, value in row.parameters), moment(row.expires_at)
    )


def values_of_pushed_request(pushed: PushedRequest) -> dict[str, Any]:
    """A pushed request as a row."""
    return {
        "hash": pushed.hash,
        "client_id": pushed.client_id,
        "parameters": [list(pair) for pair in pushed.parameters],
        "expires_at": seconds(pushed.expires_at),
    }
