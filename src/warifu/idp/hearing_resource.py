"""Every rule of a request that shows an access token: UserInfo and the signing API, in the engine's order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from warifu.idp import signing
from warifu.idp.client import Client
from warifu.idp.hearing import Finding, Hearing
from warifu.idp.hearing_client import Presence, hear_proof
from warifu.idp.login import SigningTransaction
from warifu.idp.profile import Offer, Provider
from warifu.idp.signing import ServiceToken
from warifu.idp.tokens import AccessToken
from warifu.idp.userinfo import check_holder, check_usable, read_bearer, read_presented

__all__ = ["Submission", "hear_result", "hear_submission", "hear_userinfo"]


@dataclass(frozen=True, slots=True)
class Submission:
    """What was kept under a client's own token, if anything, and the client."""

    token: ServiceToken | None
    client: Client | None


def hear_userinfo(
    authorization: Sequence[str],
    token: AccessToken | None,
    sent: Presence,
    provider: Provider,
    now: datetime,
    method: str = "GET",
) -> list[Finding]:
    """Every rule of UserInfo. `token` is what is kept under the one that was shown."""
    hearing = Hearing()
    presented = hearing.hear("token_presented", read_presented, authorization)
    proof = None
    if presented is not None and presented.bound:
        proof = hear_proof(hearing, sent, provider, now, method, provider.userinfo_endpoint, presented.token)
    if presented is None:
        hearing.leave("token_usable")
        return hearing.findings
    usable = hearing.hear("token_usable", check_usable, token, now)
    if provider.profile.sender_constrained is not Offer.NONE or presented.bound:
        if usable is None:
            hearing.leave("token_holder")
        else:
            hearing.hear("token_holder", check_holder, usable, presented, proof)
    return hearing.findings


def hear_submission(
    authorization: Sequence[str], body: bytes, kept: Submission, provider: Provider, now: datetime
) -> list[Finding]:
    """Every rule of what a client submits to be signed."""
    hearing = Hearing()
    shown = hearing.hear("token_presented", read_bearer, authorization)
    client = None
    if shown is None:
        hearing.leave("service_token")
    else:
        client = hearing.hear("service_token", signing.check_service_token, kept.token, kept.client, now)
    if client is None:
        hearing.leave("service_client")
    else:
        hearing.hear("service_client", signing.check_offered, client)
    hearing.hear("digest", signing.read_submission, body, signing.signing_profile(provider.profile))
    return hearing.findings


def hear_result(
    authorization: Sequence[str],
    token: AccessToken | None,
    transaction: SigningTransaction | None,
    now: datetime,
) -> list[Finding]:
    """Every rule of asking for what was signed."""
    hearing = Hearing()
    shown = hearing.hear("token_presented", read_bearer, authorization)
    usable = None if shown is None else hearing.hear("token_usable", signing.check_usable_bearer, token, now)
    if shown is None:
        hearing.leave("token_usable")
    if usable is None:
        hearing.leave("signing_login", "own_transaction")
        return hearing.findings
    hearing.hear("signing_login", signing.check_signing_login, usable)
    found = hearing.hear("own_transaction", signing.check_transaction, usable, transaction)
    if found is not None:
        hearing.hear("result", signing.check_result, found, now)
    else:
        hearing.leave("result")
    return hearing.findings
