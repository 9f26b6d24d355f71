"""Every rule of an authorization request, in the order of `authorize.begin`."""

from datetime import datetime

from warifu.idp import authorize
from warifu.idp.client import Client
from warifu.idp.hearing import Finding, Hearing
from warifu.idp.login import AuthorizationRequest, SigningTransaction
from warifu.idp.parameters import Parameters
from warifu.idp.profile import Offer, Profile, Provider
from warifu.idp.pushed import PushedRequest, pushed_reference, take_pushed

__all__ = ["hear_authorization", "hear_request"]


def hear_authorization(
    parameters: Parameters,
    client: Client | None,
    provider: Provider,
    now: datetime,
    *,
    pushed: PushedRequest | None = None,
    signing: SigningTransaction | None = None,
) -> list[Finding]:
    """Every rule of what a browser brings. `pushed` is the request that it refers to, `signing` the transaction."""
    hearing, profile = Hearing(), provider.profile
    name = hearing.hear("client_id", authorize.client_id, parameters, profile)
    referred = False
    if profile.pushed_requests is not Offer.NONE and parameters.pairs():
        reference = hearing.hear("request_uri", pushed_reference, parameters, profile)
        if reference is not None and name is not None:
            hearing.findings.pop()
            taken = hearing.hear("request_uri", take_pushed, pushed, name, now)
            referred, parameters = taken is not None, taken or parameters
    _hear(hearing, parameters, client, provider, now, signing, referred=referred, direct=True)
    return hearing.findings


def hear_request(hearing: Hearing, parameters: Parameters, client: Client, provider: Provider, now: datetime) -> None:
    """Every rule of a request that a client's server pushes, in the order of `authorize.check_request`."""
    _hear(hearing, parameters, client, provider, now, None, referred=True, direct=False)


def _hear(
    hearing: Hearing,
    parameters: Parameters,
    client: Client | None,
    provider: Provider,
    now: datetime,
    signing: SigningTransaction | None,
    *,
    referred: bool,
    direct: bool,
) -> None:
    profile = provider.profile
    if hearing.hear("client_registered", authorize.check_known, client) is None:
        hearing.leave("redirect_uri")
    else:
        hearing.hear("redirect_uri", authorize.registered_redirect_uri, parameters, client, profile)
    if direct and profile.pushed_requests is Offer.REQUIRED:
        hearing.hear("pushed", authorize.check_pushed, profile, pushed=referred)
    if client is None:
        hearing.leave("client_active")
    else:
        hearing.hear("client_active", authorize.check_active, client)
    hearing.hear("supported", authorize.check_unsupported, parameters)
    hearing.hear("response_type", authorize.check_response_type, parameters, profile)
    for name in ("state", "nonce"):
        hearing.hear(name, authorize.echoed, parameters, name, profile)
    hearing.hear("code_challenge", authorize.challenge_value, parameters, profile)
    hearing.hear("code_challenge_method", authorize.check_challenge_method, parameters, profile)
    scopes = _scopes(hearing, parameters, client, profile)
    hearing.hear("acr_values", authorize.acr_values, parameters, profile)
    hearing.hear("response_mode", authorize.response_mode, parameters, profile)
    if parameters.given("dpop_jkt"):
        hearing.hear("dpop_jkt", authorize.key_thumbprint, parameters, profile)
    if profile.signing is not None:
        _hear_signing(hearing, parameters, client, profile, now, signing, scopes, direct=direct)


def _scopes(
    hearing: Hearing, parameters: Parameters, client: Client | None, profile: Profile
) -> tuple[str, ...] | None:
    if client is None:
        hearing.leave("scope")
        return None
    return hearing.hear("scope", authorize.scopes, parameters, client, profile)


def _hear_signing(
    hearing: Hearing,
    parameters: Parameters,
    client: Client | None,
    profile: Profile,
    now: datetime,
    signing: SigningTransaction | None,
    scopes: tuple[str, ...] | None,
    *,
    direct: bool,
) -> None:
    """What is to be signed: its id by itself, then whether it and the scope belong together."""
    broken = len(hearing.findings)
    name = hearing.hear("sign_transaction_id", authorize.sign_transaction_id, parameters, profile)
    if not direct:
        return
    if client is None or scopes is None or hearing.findings[broken].error:
        hearing.leave("signing")
        return
    # Of the request only these two are looked at.
    asked = AuthorizationRequest(client.id, "", "", "", "", scopes, sign_transaction_id=name)
    hearing.hear("signing", authorize.check_signing, asked, client, signing, now)
