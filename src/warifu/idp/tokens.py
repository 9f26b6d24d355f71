"""The token endpoint: a code or a refresh token becomes an access token and an ID token.

Source: RFC 6749 §4.1.3 and §6, RFC 7636 §4.6, RFC 9449 §5.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime

from warifu.errors import OAuthRefused
from warifu.idp.client import Client
from warifu.idp.code_redeeming import (
    CODE_RULES,
    TokenRequest,
    check_code_key,
    check_code_once,
    known_code,
    read_code,
    read_redirect_uri,
    read_verifier,
)
from warifu.idp.encoding import random_token
from warifu.idp.id_token import IdTokenSigner, Session
from warifu.idp.login import Login
from warifu.idp.parameters import Parameters
from warifu.idp.profile import Offer, Provider
from warifu.idp.proof import Proof
from warifu.idp.refresh import (
    REFRESH_GRANT,
    REFRESH_RULES,
    RefreshRequest,
    RefreshToken,
    first_refresh_token,
    known_refresh,
    read_refresh,
    refreshed_scopes,
    renewed,
)
from warifu.idp.secret import fingerprint
from warifu.idp.session import session_id
from warifu.ports import Entropy

GRANT_TYPE = "authorization_code"
CLIENT_CREDENTIALS = "client_credentials"


@dataclass(frozen=True, slots=True)
class AccessToken:
    """An access token as it is kept: its SHA-256 and what it opens. The claims live no longer than the token.

    With a `key_thumbprint` only the holder of that key may use it (RFC 9449 §6).
    """

    hash: bytes = field(repr=False)
    transaction: str = field(repr=False)
    client_id: str
    subject: str
    scopes: tuple[str, ...]
    claims: dict[str, str] = field(repr=False)
    expires_at: datetime
    revoked: bool = False
    key_thumbprint: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Grant:
    """The code or refresh token was good: what to answer, and the tokens to keep."""

    response: dict[str, object]
    access_token: AccessToken
    refresh_token: RefreshToken | None = None


@dataclass(frozen=True, slots=True)
class Denial:
    """It was not good. `revoke` tells to revoke every token that ever came from the same login."""

    refusal: OAuthRefused
    revoke: bool = False


def check_proved(proof: Proof | None, provider: Provider) -> str | None:
    """The thumbprint of the key that the tokens will be for; None where they are for whoever has them.

    Raises:
        OAuthRefused: ``invalid_dpop_proof``, no proof where tokens are for holders of keys only.
    """
    offered = provider.profile.sender_constrained
    if offered is Offer.REQUIRED and proof is None:
        raise OAuthRefused("invalid_dpop_proof", "a DPoP proof is required")
    return None if proof is None or offered is Offer.NONE else proof.key_thumbprint


def read(form: Parameters, provider: Provider) -> TokenRequest | RefreshRequest:
    """Read the rest of the form.

    Raises:
        OAuthRefused: ``unsupported_grant_type``, or ``invalid_request`` for anything missing, repeated or malformed.
    """
    if form.read("grant_type") == REFRESH_GRANT and provider.profile.refresh_token_lifetime is not None:
        return read_refresh(form)
    check_grant_type(form, provider, GRANT_TYPE)
    verifier, code = read_verifier(form), read_code(form)
    return TokenRequest(code, read_redirect_uri(form), verifier)


def check_grant_type(form: Parameters, provider: Provider, *supported: str) -> None:
    """What is exchanged is one of these."""
    if form.read("grant_type") not in supported:
        raise OAuthRefused("unsupported_grant_type", f"grant_type must be {' or '.join(grant_types(provider))}")


def redeem(
    request: TokenRequest,
    client: Client,
    login: Login | None,
    provider: Provider,
    signer: IdTokenSigner,
    now: datetime,
    entropy: Entropy,
    *,
    key_thumbprint: str | None = None,
) -> Grant | Denial:
    """Decide over a code. `login` is the one the code belongs to, if any, with `code.spent` as it was before.

    Whoever presents a code spends it, also when another check fails: a stolen code can be tried once.
    `key_thumbprint` names the key that the client proved to hold, for which the tokens will be.
    """
    denial = _code_denial(request, client, login, now, key_thumbprint)
    if denial is not None:
        return denial
    assert login is not None
    return _grant(login, provider, signer, now, entropy, key_thumbprint)


def redeem_refresh(
    request: RefreshRequest,
    client: Client,
    kept: RefreshToken | None,
    provider: Provider,
    signer: IdTokenSigner,
    now: datetime,
    entropy: Entropy,
    *,
    key_thumbprint: str | None = None,
) -> Grant | Denial:
    """Decide over a refresh token; `kept` is what is known of it, with `spent` as it was before."""
    try:
        kept = known_refresh(kept)
        for _, check in REFRESH_RULES:
            check(kept, client, now)
        scopes = refreshed_scopes(request, kept)
    except OAuthRefused as refusal:
        # Whoever uses one again shows that two have it: what the login gave is taken back (RFC 9700 §4.14.2).
        return Denial(refusal, revoke=kept is not None and kept.spent)
    opened = _Opened(kept.transaction, kept.client_id, kept.subject, scopes, {})
    refresh = renewed(kept, provider, entropy)
    sid = session_id(kept.transaction) if provider.profile.ends_sessions else None
    session = replace(kept.session, sid=sid)
    return _opened(opened, session, refresh, provider, signer, now, entropy, key_thumbprint)


def asks_for_service(form: Parameters, provider: Provider) -> str | None:
    """The grant type, where the client asks for a token of its own and such are given; else None (RFC 6749 §4.4)."""
    granted = form.read("grant_type")
    return granted if granted == CLIENT_CREDENTIALS and provider.profile.signing is not None else None


def grant_types(provider: Provider) -> tuple[str, ...]:
    """What may be exchanged for tokens."""
    refreshed = () if provider.profile.refresh_token_lifetime is None else (REFRESH_GRANT,)
    own = () if provider.profile.signing is None else (CLIENT_CREDENTIALS,)
    return (GRANT_TYPE, *refreshed, *own)


def _code_denial(
    request: TokenRequest, client: Client, login: Login | None, now: datetime, key_thumbprint: str | None
) -> Denial | None:
    """Why the code gives nothing; its second use takes back whatever the first one gave (RFC 6749 §4.1.2)."""
    spent = False
    try:
        code = known_code(login)
        spent = code.spent
        check_code_once(code)
        assert login is not None
        for _, check in CODE_RULES:
            check(request, client, login, now)
        check_code_key(login, key_thumbprint)
    except OAuthRefused as refusal:
        return Denial(refusal, revoke=spent)
    return None


def _grant(
    login: Login,
    provider: Provider,
    signer: IdTokenSigner,
    now: datetime,
    entropy: Entropy,
    key_thumbprint: str | None,
) -> Grant:
    assert login.answered is not None
    assert login.subject is not None
    opened = _Opened(
        login.transaction, login.request.client_id, login.subject, login.answered.scopes, login.answered.claims
    )
    answered, nonce = login.answered, login.request.nonce or None
    sid = session_id(login.transaction) if provider.profile.ends_sessions else None
    session = Session(
        login.subject, login.request.client_id, answered.at, nonce, answered.assurance, answered.proofed, sid
    )
    refresh = first_refresh_token(login, provider, now, entropy)
    return _opened(opened, session, refresh, provider, signer, now, entropy, key_thumbprint)


@dataclass(frozen=True, slots=True)
class _Opened:
    """What an access token opens, and for whom."""

    transaction: str = field(repr=False)
    client_id: str
    subject: str
    scopes: tuple[str, ...]
    claims: dict[str, str] = field(repr=False)


def _opened(
    opened: _Opened,
    session: Session,
    refresh: tuple[str, RefreshToken] | None,
    provider: Provider,
    signer: IdTokenSigner,
    now: datetime,
    entropy: Entropy,
    key_thumbprint: str | None,
) -> Grant:
    """A new access token that opens this, with its ID token and its refresh token."""
    token = random_token(entropy)
    lifetime = provider.profile.access_token_lifetime
    kept = AccessToken(
        fingerprint(token),
        opened.transaction,
        opened.client_id,
        opened.subject,
        opened.scopes,
        opened.claims,
        now.replace(microsecond=0) + lifetime,
        key_thumbprint=key_thumbprint,
    )
    response: dict[str, object] = {
        "access_token": token,
        "token_type": "Bearer" if key_thumbprint is None else "DPoP",
        "expires_in": int(lifetime.total_seconds()),
        "scope": " ".join(kept.scopes),
        "id_token": signer.issue(session, token, provider, now),
    }
    if refresh is None:
        return Grant(response, kept)
    return Grant(response | {"refresh_token": refresh[0]}, kept, refresh[1])


def without_claims(login: Login) -> Login:
    """The login after its code was presented: the claims have moved to the access token or are gone."""
    assert login.answered is not None
    assert login.code is not None
    return replace(login, answered=replace(login.answered, claims={}), code=replace(login.code, spent=True))
