"""The authorization request: what the browser brings from the client (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1).

Faults of the client id or the redirect URI are told to the person and never redirected: an address that nobody
registered must not receive anything (RFC 6749 §4.1.2.1). All other faults go back to the client as an error callback.
"""

from datetime import datetime
from typing import NoReturn

from warifu.errors import CallbackRefused, OAuthRefused
from warifu.idp.client import Client
from warifu.idp.encoding import random_token
from warifu.idp.login import AuthorizationRequest, Login, SigningTransaction
from warifu.idp.parameters import Parameters
from warifu.idp.profile import Offer, Profile, Provider
from warifu.idp.responding import SIGNED_MODES
from warifu.idp.secret import fingerprint
from warifu.idp.signing_profile import SIGN_SCOPE
from warifu.messages import LoginChallenge
from warifu.ports import Entropy

# Parameters whose being ignored would give the client something else than it asked for, and the error for each
# (OpenID Connect Core 1.0 §3.1.2.6); every other unknown parameter is ignored (RFC 6749 §3.1). Who hints at a person by
# an ID token is to be told of that person or of nobody (§3.1.2.2): here whoever brings their card logs in.
_UNSUPPORTED = {
    "request": "request_not_supported",
    "request_uri": "request_uri_not_supported",
    "registration": "registration_not_supported",
    "id_token_hint": "invalid_request",
}


def client_id(parameters: Parameters, profile: Profile) -> str:
    """The id of the client that is to be looked up.

    Raises:
        OAuthRefused: ``invalid_request``, for the person's eyes: missing, repeated, too long or malformed.
    """
    return parameters.read_within("client_id", profile.limits["client_id"])


def begin(
    parameters: Parameters,
    client: Client | None,
    provider: Provider,
    now: datetime,
    entropy: Entropy,
    *,
    pushed: bool = False,
    signing: SigningTransaction | None = None,
) -> tuple[Login, str]:
    """Check the request and open a login; the second value is the cookie that ties it to this browser.

    `pushed` says that the parameters are those which the client's server left here, not what the browser brought;
    `signing` is the transaction that they name, if there is one.

    Raises:
        CallbackRefused: the client is known and asked for something it can't have; tell it.
        OAuthRefused: the client or its redirect URI is not known; tell the person.
    """
    redirect_uri = registered_redirect_uri(parameters, client, provider.profile)
    assert client is not None
    try:
        check_pushed(provider.profile, pushed=pushed)
        request = _read(parameters, client, redirect_uri, provider.profile)
        check_signing(request, client, signing, now)
    except OAuthRefused as refusal:
        _send_back(refusal, parameters, client, redirect_uri, provider.profile)
    cookie = random_token(entropy)
    nonce = entropy.bytes(LoginChallenge.NONCE_LENGTH)
    expires_at = now.replace(microsecond=0) + provider.profile.login_lifetime
    return Login(random_token(entropy), fingerprint(cookie), request, nonce, expires_at), cookie


def check_request(parameters: Parameters, client: Client, provider: Provider) -> AuthorizationRequest:
    """Check a request that the client's server pushes, as `begin` will (RFC 9126 §2.1).

    What is to be signed is looked up when the browser comes.

    Raises:
        OAuthRefused: whatever is wrong, for the client.
    """
    check_names_no_other(parameters)
    return _read(parameters, client, registered_redirect_uri(parameters, client, provider.profile), provider.profile)


def _send_back(
    refusal: OAuthRefused, parameters: Parameters, client: Client, redirect_uri: str, profile: Profile
) -> NoReturn:
    """Tell the client, in the way it asked for as far as that can be told."""
    raise CallbackRefused(
        refusal.error,
        refusal.description,
        client_id=client.id,
        redirect_uri=redirect_uri,
        state=_usable_state(parameters, profile),
        response_mode=_usable_mode(parameters, profile),
    ) from refusal


def _usable_mode(parameters: Parameters, profile: Profile) -> str:
    try:
        return response_mode(parameters, profile)
    except OAuthRefused:
        return "query"


# --- one rule each, for whoever asks the engine and for whoever wants to hear all that is wrong (`hearing`) ---


def check_names_no_other(parameters: Parameters) -> None:
    """A request that is pushed refers to none that was pushed before (RFC 9126 §2.1)."""
    if parameters.find("request_uri") is not None:
        raise OAuthRefused("invalid_request", "a pushed request names no other")


def check_known(client: Client | None) -> Client:
    """The client of the request; its id must be one that was given out."""
    if client is None:
        raise OAuthRefused("invalid_client", "the client is not registered")
    return client


def check_active(client: Client) -> None:
    """A client may be suspended."""
    if not client.active:
        raise OAuthRefused("unauthorized_client", "the client is suspended")


def check_pushed(profile: Profile, *, pushed: bool) -> None:
    """Where requests have to be pushed, what a browser brings is not taken (RFC 9126 §5)."""
    if profile.pushed_requests is Offer.REQUIRED and not pushed:
        raise OAuthRefused("invalid_request", "the request has to be pushed first")


def registered_redirect_uri(parameters: Parameters, client: Client | None, profile: Profile) -> str:
    """The redirect URI, which must equal a registered one character by character (RFC 9700 §2.1)."""
    client = check_known(client)
    redirect_uri = parameters.read_within("redirect_uri", profile.limits["redirect_uri"])
    if redirect_uri not in client.redirect_uris:
        raise OAuthRefused("invalid_redirect_uri", "the redirect URI is not registered for this client")
    return redirect_uri


def _usable_state(parameters: Parameters, profile: Profile) -> str:
    """The state to send back with an error; empty when the request's own is missing, repeated or malformed."""
    try:
        return parameters.read_within("state", profile.limits["state"])
    except OAuthRefused:
        return ""


def _read(parameters: Parameters, client: Client, redirect_uri: str, profile: Profile) -> AuthorizationRequest:
    """Read everything that may be reported to the client."""
    check_active(client)
    check_unsupported(parameters)
    check_response_type(parameters, profile)
    return AuthorizationRequest(
        client.id,
        redirect_uri,
        state=echoed(parameters, "state", profile),
        nonce=echoed(parameters, "nonce", profile),
        code_challenge=code_challenge(parameters, profile),
        scopes=scopes(parameters, client, profile),
        acr_values=acr_values(parameters, profile),
        response_mode=response_mode(parameters, profile),
        key_thumbprint=key_thumbprint(parameters, profile),
        sign_transaction_id=sign_transaction_id(parameters, profile),
    )


def echoed(parameters: Parameters, name: str, profile: Profile) -> str:
    """What the client wants to see again; empty where the profile lets it be left out."""
    if profile.requires_state_and_nonce:
        return parameters.read_within(name, profile.limits[name])
    return parameters.find_within(name, profile.limits[name]) or ""


def sign_transaction_id(parameters: Parameters, profile: Profile) -> str | None:
    """What is to be signed, in lower case; ignored where the signing API is not offered."""
    if profile.signing is None:
        return None
    name = profile.signing.transaction_parameter
    value = parameters.find_within(name, profile.limits["sign_transaction_id"])
    return None if value is None else value.lower()


def check_signing(
    request: AuthorizationRequest, client: Client, signing: SigningTransaction | None, now: datetime
) -> None:
    """Scope and transaction come together; the transaction is this client's, and nobody has signed it yet."""
    asked = SIGN_SCOPE in request.scopes
    if asked != (request.sign_transaction_id is not None):
        raise OAuthRefused("invalid_request", "scope sign and sign_transaction_id come together")
    if not asked:
        return
    if client.operator_jwks is None:
        raise OAuthRefused("unauthorized_client", "the client may not have anything signed")
    if signing is None or signing.client_id != client.id or now >= signing.expires_at or signing.login is not None:
        raise OAuthRefused("invalid_request", "sign_transaction_id is unknown, used before, or too old")


def check_unsupported(parameters: Parameters) -> None:
    """Refuse what can't be ignored without doing something else than asked."""
    if "none" in (parameters.find("prompt") or "").split(" "):
        # There is no session to answer from: a card is asked for each time (OpenID Connect Core §3.1.2.1).
        raise OAuthRefused("login_required", "a login always needs the card")
    for name, error in _UNSUPPORTED.items():
        if parameters.find(name) is not None:
            raise OAuthRefused(error, f"parameter not supported: {name}")


def response_mode(parameters: Parameters, profile: Profile) -> str:
    """How to answer; a signed response is what is asked for, or a plain one (JARM §2.3)."""
    mode = parameters.find_within("response_mode", profile.limits["response_mode"]) or "query"
    if mode not in profile.response_modes:
        raise OAuthRefused("invalid_request", f"response_mode must be one of {', '.join(profile.response_modes)}")
    return SIGNED_MODES[0] if mode in SIGNED_MODES else mode


def key_thumbprint(parameters: Parameters, profile: Profile) -> str | None:
    """The key that the code is to be bound to, where tokens are bound at all; ignored elsewhere (RFC 9449 §10)."""
    thumbprint = parameters.find_within("dpop_jkt", profile.limits["dpop_jkt"])
    return None if profile.sender_constrained is Offer.NONE else thumbprint


def check_response_type(parameters: Parameters, profile: Profile) -> None:
    """response_type has one possible value."""
    response_type = parameters.read_within("response_type", profile.limits["response_type"])
    if response_type != profile.response_type:
        raise OAuthRefused("unsupported_response_type", f"response_type must be {profile.response_type}")


def code_challenge(parameters: Parameters, profile: Profile) -> str:
    """The PKCE challenge; its method must be named, for `plain` is the default of RFC 7636 §4.3 and not accepted."""
    challenge = challenge_value(parameters, profile)
    check_challenge_method(parameters, profile)
    return challenge


def challenge_value(parameters: Parameters, profile: Profile) -> str:
    """The hash of the verifier, as far as its look goes (RFC 7636 §4.2)."""
    return parameters.read_within("code_challenge", profile.limits["code_challenge"])


def check_challenge_method(parameters: Parameters, profile: Profile) -> None:
    """The challenge is a hash: `plain` gives the verifier away (RFC 7636 §7.2)."""
    method = parameters.read_within("code_challenge_method", profile.limits["code_challenge_method"])
    if method != profile.code_challenge_method:
        raise OAuthRefused("invalid_request", f"code_challenge_method must be {profile.code_challenge_method}")


def scopes(parameters: Parameters, client: Client, profile: Profile) -> tuple[str, ...]:
    """The scopes asked for, each once, `openid` among them and all of them permitted to this client."""
    text = parameters.read_within("scope", profile.limits["scope"])
    scopes = tuple(dict.fromkeys(text.split(" ")))
    for scope in scopes:
        if scope in profile.unsupported_scopes and scope not in profile.offered_scopes:
            raise OAuthRefused("invalid_scope", f"scope not supported: {scope}")
        if scope not in profile.offered_scopes or scope not in client.scopes:
            raise OAuthRefused("invalid_scope", "scope unknown or not permitted to this client")
    if "openid" not in scopes:
        raise OAuthRefused("invalid_scope", "scope must contain openid")
    return scopes


def acr_values(parameters: Parameters, profile: Profile) -> tuple[str, ...]:
    """Wishes about assurance and revocation check, `aal3 crl` for example; wishes are kept and bind nobody.

    Modelled: the vocabulary is not published. Source: OpenID Connect Core §3.1.2.1 (acr_values are voluntary).
    """
    text = parameters.find_within("acr_values", profile.limits["acr_values"])
    return tuple((text or "").split())
