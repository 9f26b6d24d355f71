"""Every rule of a token request and of a request that is pushed, in the engine's order."""

from dataclasses import dataclass
from datetime import datetime

from warifu.idp import authorize, client_form, code_redeeming, refresh, signing, tokens
from warifu.idp.client import Client
from warifu.idp.code_redeeming import CODE_RULES, TokenRequest
from warifu.idp.hearing import Finding, Hearing
from warifu.idp.hearing_authorization import hear_request
from warifu.idp.hearing_client import Presence, hear_client, hear_proof, hear_same_client
from warifu.idp.login import Login
from warifu.idp.parameters import Parameters
from warifu.idp.profile import Offer, Provider
from warifu.idp.refresh import REFRESH_GRANT, REFRESH_RULES, RefreshToken
from warifu.idp.tokens import CLIENT_CREDENTIALS, GRANT_TYPE

__all__ = ["Known", "hear_push", "hear_token"]


@dataclass(frozen=True, slots=True)
class Known:
    """What is kept under the code or the refresh token of a request, if anything, as it was before it came."""

    login: Login | None = None
    refresh: RefreshToken | None = None


def hear_push(form: Parameters, sent: Presence, provider: Provider, now: datetime) -> list[Finding]:
    """Every rule of a request that is pushed (RFC 9126 §2.1)."""
    hearing = Hearing()
    hear_client(hearing, form, sent, provider, now)
    hear_proof(hearing, sent, provider, now, "POST", provider.pushed_endpoint, None)
    hear_same_client(hearing, form, sent.client)
    if sent.client is not None:
        hearing.hear("request_uri", authorize.check_names_no_other, form)
        hear_request(hearing, form, sent.client, provider, now)
    return hearing.findings


def hear_token(form: Parameters, sent: Presence, known: Known, provider: Provider, now: datetime) -> list[Finding]:
    """Every rule of a token request."""
    hearing = Hearing()
    hearing.hear("grant_named", client_form.check_grant_named, form)
    hear_client(hearing, form, sent, provider, now)
    proof = hear_proof(hearing, sent, provider, now, "POST", provider.token_endpoint, None)
    hear_same_client(hearing, form, sent.client)
    if hearing.findings[0].error:
        hearing.leave("grant_type")
        return hearing.findings
    if form.find("grant_type") == CLIENT_CREDENTIALS and provider.profile.signing is not None:
        _hear_service(hearing, form, sent.client, provider)
        return hearing.findings
    if provider.profile.sender_constrained is not Offer.NONE:
        hearing.hear("proof_required", tokens.check_proved, proof, provider)
    key = None if proof is None else proof.key_thumbprint
    if form.find("grant_type") == REFRESH_GRANT and provider.profile.refresh_token_lifetime is not None:
        _hear_refresh(hearing, form, sent.client, known.refresh, now)
        return hearing.findings
    hearing.hear("grant_type", tokens.check_grant_type, form, provider, GRANT_TYPE)
    _hear_code(hearing, form, sent.client, known.login, now, key)
    return hearing.findings


def _hear_service(hearing: Hearing, form: Parameters, client: Client | None, provider: Provider) -> None:
    """A token of the client's own."""
    if client is None:
        hearing.leave("service_client")
    else:
        hearing.hear("service_client", signing.check_offered, client)
    hearing.hear("service_scope", signing.check_service_scope, form, provider.profile)


def _hear_code(
    hearing: Hearing, form: Parameters, client: Client | None, login: Login | None, now: datetime, key: str | None
) -> None:
    verifier = hearing.hear("verifier_form", code_redeeming.read_verifier, form)
    text = hearing.hear("code_form", code_redeeming.read_code, form)
    redirect_uri = hearing.hear("redirect_uri_form", code_redeeming.read_redirect_uri, form)
    code = None if text is None else hearing.hear("code_known", code_redeeming.known_code, login)
    if text is None:
        hearing.leave("code_known")
    if text is None or code is None or login is None:
        hearing.leave("code_once", *(name for name, _ in CODE_RULES))
        return
    hearing.hear("code_once", code_redeeming.check_code_once, code)
    for name, check in CODE_RULES:
        if client is None or (name == "code_verifier" and verifier is None):
            hearing.leave(name)
        else:
            hearing.hear(name, check, TokenRequest(text, redirect_uri or "", verifier or ""), client, login, now)
    if login.request.key_thumbprint is not None:
        hearing.hear("code_key", code_redeeming.check_code_key, login, key)


def _hear_refresh(
    hearing: Hearing, form: Parameters, client: Client | None, kept: RefreshToken | None, now: datetime
) -> None:
    request = hearing.hear("refresh_form", refresh.read_refresh, form)
    if request is None:
        hearing.leave("refresh_known")
    known = None if request is None else hearing.hear("refresh_known", refresh.known_refresh, kept)
    for name, check in REFRESH_RULES:
        if known is None or client is None:
            hearing.leave(name)
        else:
            hearing.hear(name, check, known, client, now)
    if known is None or request is None:
        hearing.leave("refresh_scope")
    else:
        hearing.hear("refresh_scope", refresh.refreshed_scopes, request, known)
