"""Every rule of what a client's server sends to prove who it is: form, assertion, proof of a key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from warifu.idp import assertion as assertions
from warifu.idp import client_form
from warifu.idp.assertion import replayed
from warifu.idp.authorize import check_active, check_known
from warifu.idp.client import Client
from warifu.idp.hearing import Hearing
from warifu.idp.parameters import Parameters
from warifu.idp.profile import Offer, Provider
from warifu.idp.proof import Proof, check_proof, replayed_proof

__all__ = ["Presence", "hear_client", "hear_proof", "hear_same_client"]

_CLAIMS = (
    "assertion_parties",
    "assertion_audience",
    "assertion_expiry",
    "assertion_begun",
    "assertion_jti",
    "assertion_once",
)


@dataclass(frozen=True, slots=True)
class Presence:
    """Who sent a form: the client that its assertion names, if there is one; `assertion_spent`, it came before.

    `proofs` are its DPoP headers, `proof_spent` says that their `jti` came before.
    """

    client: Client | None
    assertion_spent: bool = False
    proofs: Sequence[str] = ()
    proof_spent: bool = False


def hear_client(hearing: Hearing, form: Parameters, sent: Presence, provider: Provider, now: datetime) -> None:
    """The assertion, in the order of `assertion.check`."""
    hearing.hear("assertion_type", client_form.check_assertion_type, form)
    text = hearing.hear("assertion_given", client_form.read_assertion, form)
    token = None if text is None else hearing.hear("assertion_jwt", assertions.extract, text)
    if token is None:
        if text is None:
            hearing.leave("assertion_jwt")
        hearing.leave("assertion_issuer", "assertion_client", "assertion_algorithm", "assertion_signature", *_CLAIMS)
        return
    hearing.hear("assertion_issuer", assertions.issuer_of, token.claims)
    client = hearing.hear("assertion_client", check_known, sent.client)
    algorithm = len(hearing.findings)
    hearing.hear("assertion_algorithm", assertions.check_algorithm, token, provider)
    if client is None or hearing.findings[algorithm].error:
        hearing.leave("assertion_signature")
    else:
        hearing.hear("assertion_signature", assertions.check_signature, token, client)
    _hear_claims(hearing, token.claims, client, provider, now)
    hearing.tell("assertion_once", replayed() if sent.assertion_spent else None)


def hear_proof(
    hearing: Hearing, sent: Presence, provider: Provider, now: datetime, method: str, address: str, token: str | None
) -> Proof | None:
    """The proof of possession, where such are looked at."""
    if provider.profile.sender_constrained is Offer.NONE:
        return None
    proof = hearing.hear("proof", check_proof, sent.proofs, method, address, provider.profile, now, token)
    if proof is not None:
        hearing.tell("proof_once", replayed_proof() if sent.proof_spent else None)
    return proof


def hear_same_client(hearing: Hearing, form: Parameters, client: Client | None) -> None:
    """What the form repeats, and whether the client may do anything."""
    if client is None:
        hearing.leave("same_client", "client_active")
        return
    hearing.hear("same_client", client_form.check_same_client, form, client)
    hearing.hear("client_active", check_active, client)


def _hear_claims(
    hearing: Hearing, claims: Mapping[str, Any], client: Client | None, provider: Provider, now: datetime
) -> None:
    if client is None:
        hearing.leave("assertion_parties")
    else:
        hearing.hear("assertion_parties", assertions.check_parties, claims, client)
    hearing.hear("assertion_audience", assertions.check_audience, claims.get("aud"), provider)
    hearing.hear("assertion_expiry", assertions.check_expiry, claims, provider, now)
    hearing.hear("assertion_begun", assertions.check_begun, claims, provider, now)
    hearing.hear("assertion_jti", assertions.check_jti, claims)
