"""The signing API (署名API): a client has something signed by the person who logs in.

::

    client's server ── client_credentials ──▶ ServiceToken (opens nothing else)
    client's server ── POST sign-transactions, digest ──▶ SigningTransaction, its id
    browser ── authorization request: scope sign, sign_transaction_id ──▶ a login that asks for a signature, too
    card ── answer, with the signature ──▶ sealed at once for the client's platform operator
    client's server ── code ──▶ the person's token ── GET result ──▶ the sealed signature and certificate

One transaction is one signature by one person: whoever answers first has it, and only the token of that login opens
the result. The signature and the certificate, which names its holder, are never stored open: what is kept is
encrypted for the operator, and deleted when the person says no, when the time is over, or when the result has waited
long enough. That the digest is the one of the document the client shows, nobody here can know.

Whether the certificate may be relied on is the operator's matter; the provider checks only that the certified key
signed what was to be signed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from joserfc import jwe
from joserfc.errors import JoseError

from warifu.errors import AlreadyAnswered, ChallengeExpired, Malformed, OAuthRefused
from warifu.idp.client import Client
from warifu.idp.encoding import random_token
from warifu.idp.jose import find_key
from warifu.idp.login import Login, SigningTransaction
from warifu.idp.parameters import Parameters
from warifu.idp.profile import Profile, Provider
from warifu.idp.secret import fingerprint
from warifu.idp.signing_profile import SIGN_SCOPE, SigningProfile
from warifu.idp.tokens import AccessToken
from warifu.messages import LoginAnswer, SigningData
from warifu.messages import json as messages_json
from warifu.ports import Entropy
from warifu.verifier import signed_form, write_result

__all__ = [
    "ServiceToken",
    "begin_signing",
    "check_offered",
    "check_operator_keys",
    "grant_service_token",
    "read_result",
    "sealed",
    "sealed_for",
    "signing_reference",
    "unsealed",
]

_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ServiceToken:
    """A client's own access token as it is kept: its SHA-256. It stands for no person."""

    hash: bytes = field(repr=False)
    client_id: str
    expires_at: datetime


def signing_profile(profile: Profile) -> SigningProfile:
    """The signing API's values.

    Raises:
        OAuthRefused: ``invalid_request``, it is not offered.
    """
    if profile.signing is None:
        raise OAuthRefused("invalid_request", "the signing API is not offered")
    return profile.signing


def check_offered(client: Client) -> None:
    """Check that this client may have things signed: its contract says so, and names an operator.

    Raises:
        OAuthRefused: ``unauthorized_client``.
    """
    if SIGN_SCOPE not in client.scopes or client.operator_jwks is None:
        raise OAuthRefused("unauthorized_client", "the client may not have anything signed")


def grant_service_token(
    form: Parameters, client: Client, provider: Provider, now: datetime, entropy: Entropy
) -> tuple[dict[str, object], ServiceToken]:
    """A token for the signing API (RFC 6749 §4.4); the first value is the answer. There is no refresh token (§4.4.3).

    Raises:
        OAuthRefused: ``unauthorized_client``, or ``invalid_scope`` for any other scope.
    """
    profile = signing_profile(provider.profile)
    check_offered(client)
    check_service_scope(form, provider.profile)
    token, lifetime = random_token(entropy), profile.service_token_lifetime
    response: dict[str, object] = {
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": int(lifetime.total_seconds()),
        "scope": profile.service_scope,
    }
    return response, ServiceToken(fingerprint(token), client.id, now.replace(microsecond=0) + lifetime)


def begin_signing(
    body: bytes, token: ServiceToken | None, client: Client | None, provider: Provider, now: datetime, entropy: Entropy
) -> tuple[SigningTransaction, dict[str, object]]:
    """Take what a client wants signed; the second value is the answer.

    Raises:
        OAuthRefused: ``invalid_token``: unknown, expired, a person's, or of a client that may no longer sign;
            ``invalid_request``: no digest, or not in one of the two spellings.
    """
    profile = signing_profile(provider.profile)
    client = check_service_token(token, client, now)
    check_offered(client)
    data = read_submission(body, profile)
    lifetime = profile.transaction_lifetime
    kept = SigningTransaction(
        str(UUID(bytes=entropy.bytes(16), version=4)), client.id, data, now.replace(microsecond=0) + lifetime
    )
    return kept, {profile.id_member: kept.id, profile.expires_member: int(lifetime.total_seconds())}


def check_service_scope(form: Parameters, profile: Profile) -> None:
    """A client's own token opens the signing API and nothing else."""
    scope = signing_profile(profile).service_scope
    if form.find("scope") not in (None, scope):
        raise OAuthRefused("invalid_scope", f"scope must be {scope}")


def check_service_token(token: ServiceToken | None, client: Client | None, now: datetime) -> Client:
    """A token that the client got for itself and that has not ended; the client."""
    if token is None or client is None or not client.active or now >= token.expires_at:
        raise OAuthRefused("invalid_token", "the access token is unknown, expired or not for the signing API")
    return client


def read_submission(body: bytes, profile: SigningProfile) -> SigningData:
    """What is to be signed, in one of the two spellings."""
    try:
        members = messages_json.load(body, {profile.digest_member: str})
        return SigningData.decode(messages_json.from_base64(members[profile.digest_member]))
    except Malformed as fault:
        raise OAuthRefused("invalid_request", str(fault)) from fault


def signing_reference(parameters: Parameters, profile: Profile) -> str | None:
    """The id of the transaction that an authorization request names, to look it up; None for what can be none."""
    if profile.signing is None:
        return None
    try:
        value = parameters.find(profile.signing.transaction_parameter)
    except OAuthRefused:
        return None
    return value.lower() if value is not None and _UUID.fullmatch(value) else None


def sealed_for(
    transaction: SigningTransaction | None, login: Login, answer: LoginAnswer, client: Client, profile: Profile
) -> str | None:
    """The signature and certificate of a verified answer, encrypted for the client's operator; None if none was asked.

    Raises:
        Malformed: the answer has no signature, or one that nobody asked for; or not a signing certificate.
        WrongPolicy, WrongKeyUsage, WrongProfile: not a signing certificate.
        WrongSignature: its key signed something else, or in the other form.
        ChallengeExpired: the transaction has been forgotten.
    """
    if login.request.sign_transaction_id is None:
        if answer.signing is not None:
            raise Malformed("nobody asked for a signature")
        return None
    if transaction is None:
        raise ChallengeExpired("what was to be signed has been forgotten")
    if answer.signing is None:
        raise Malformed("the answer lacks the signature")
    if signed_form(answer.signing, transaction.data) is not transaction.data.form:
        raise Malformed("the signature is of the other form")
    assert client.operator_jwks is not None
    return _seal(write_result(answer.signing), client.operator_jwks, signing_profile(profile))


def sealed(
    transaction: SigningTransaction | None, login: Login, result: str, profile: Profile, now: datetime
) -> SigningTransaction:
    """The transaction with its result, which from now on belongs to this login.

    Raises:
        ChallengeExpired: it has been forgotten, or its time is over.
        AlreadyAnswered: another login was first.
    """
    if transaction is None or now >= transaction.expires_at:
        raise ChallengeExpired("what was to be signed has been forgotten")
    if transaction.login not in (None, login.transaction):
        raise AlreadyAnswered("this has been signed in another login")
    ends = now.replace(microsecond=0) + signing_profile(profile).result_lifetime
    return replace(transaction, login=login.transaction, result=result, expires_at=ends)


def unsealed(transaction: SigningTransaction) -> SigningTransaction:
    """The person said no after all: nothing is kept, and nobody else can sign in their place."""
    return replace(transaction, result=None)


def read_result(
    token: AccessToken | None, transaction: SigningTransaction | None, profile: Profile, now: datetime
) -> dict[str, object]:
    """The result, for the client whose login led to it. It may be asked for again until it ends.

    Raises:
        OAuthRefused: ``invalid_token``; ``insufficient_scope`` for a login without signing; ``invalid_request``,
            there is no such result for this token.
    """
    names = signing_profile(profile)
    token = check_usable_bearer(token, now)
    check_signing_login(token)
    transaction = check_transaction(token, transaction)
    return {names.result_member: check_result(transaction, now)}


def check_usable_bearer(token: AccessToken | None, now: datetime) -> AccessToken:
    """A person's token for whoever has it, neither ended nor taken back."""
    if token is None or token.revoked or now >= token.expires_at or token.key_thumbprint is not None:
        raise OAuthRefused("invalid_token", "the access token is unknown, expired or revoked")
    return token


def check_signing_login(token: AccessToken) -> None:
    """The token of a login in which something was to be signed."""
    if SIGN_SCOPE not in token.scopes:
        raise OAuthRefused("insufficient_scope", "the access token is of a login without signing")


def check_transaction(token: AccessToken, transaction: SigningTransaction | None) -> SigningTransaction:
    """What was signed in this token's login, and in no other."""
    if transaction is None or transaction.login != token.transaction or transaction.client_id != token.client_id:
        raise OAuthRefused("invalid_request", "there is no such transaction for this token")
    return transaction


def check_result(transaction: SigningTransaction, now: datetime) -> str:
    """What came of it, as long as it waits."""
    if transaction.result is None or now >= transaction.expires_at:
        raise OAuthRefused("invalid_request", "the result is gone")
    return transaction.result


def check_operator_keys(jwks: Mapping[str, Any], profile: Profile) -> None:
    """Check, when a client is registered, that something can be encrypted for its operator.

    Raises:
        Malformed: none of the keys is for that.
    """
    _seal(b"{}", jwks, signing_profile(profile))


def _seal(plain: bytes, jwks: Mapping[str, Any], profile: SigningProfile) -> str:
    """Encrypt for the first key that is for encryption (RFC 7516 §5.1); the ephemeral key is the library's chance."""
    header = {"alg": profile.jwe_algorithm, "enc": profile.jwe_encryption}
    for jwk in jwks.get("keys", ()):
        key = find_key(jwk)
        if key is None or key.get("use") not in (None, "enc") or key.alg not in (None, profile.jwe_algorithm):
            continue
        try:
            named = header if key.kid is None else header | {"kid": key.kid}
            return jwe.encrypt_compact(named, plain, key, algorithms=list(header.values()))
        except (JoseError, ValueError, TypeError):
            continue
    raise Malformed("the operator's JWK Set has no key to encrypt for")
