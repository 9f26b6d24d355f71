"""Authorization requests that the client's server leaves before the browser comes (PAR, RFC 9126)."""

from dataclasses import dataclass, field
from datetime import datetime

from warifu.errors import OAuthRefused
from warifu.idp.authorize import check_request
from warifu.idp.client import Client
from warifu.idp.encoding import random_token
from warifu.idp.parameters import Parameters
from warifu.idp.profile import Offer, Profile, Provider
from warifu.idp.proof import Proof
from warifu.idp.secret import fingerprint
from warifu.ports import Entropy

__all__ = ["PushedRequest", "push", "pushed_reference", "take_pushed"]

_PREFIX = "urn:ietf:params:oauth:request_uri:"
_CREDENTIALS = ("client_assertion", "client_assertion_type")


@dataclass(frozen=True, slots=True)
class PushedRequest:
    """A request as it is kept: under the SHA-256 of its reference, for one use by one client's browsers."""

    hash: bytes = field(repr=False)
    client_id: str
    parameters: tuple[tuple[str, str], ...] = field(repr=False)
    expires_at: datetime


def push(
    form: Parameters, client: Client, provider: Provider, proof: Proof | None, now: datetime, entropy: Entropy
) -> tuple[PushedRequest, dict[str, object]]:
    """Check a request of an authenticated client and keep it; the second value is the answer (RFC 9126 §2.2).

    A DPoP proof beside it binds the code to that key, as the parameter `dpop_jkt` does (RFC 9449 §10.1).

    Raises:
        OAuthRefused: no pushed requests here, or whatever is wrong with it.
    """
    profile = provider.profile
    if profile.pushed_requests is Offer.NONE:
        raise OAuthRefused("invalid_request", "requests cannot be pushed here")
    asked = check_request(form, client, provider)
    pairs = tuple((name, value) for name, value in form.pairs() if name not in _CREDENTIALS)
    if proof is not None and profile.sender_constrained is not Offer.NONE:
        if asked.key_thumbprint not in (None, proof.key_thumbprint):
            raise OAuthRefused("invalid_dpop_proof", "dpop_jkt names another key than the proof")
        pairs = (*(pair for pair in pairs if pair[0] != "dpop_jkt"), ("dpop_jkt", proof.key_thumbprint))
    reference = random_token(entropy)
    lifetime = profile.pushed_request_lifetime
    kept = PushedRequest(fingerprint(reference), client.id, pairs, now.replace(microsecond=0) + lifetime)
    return kept, {"request_uri": _PREFIX + reference, "expires_in": int(lifetime.total_seconds())}


def pushed_reference(parameters: Parameters, profile: Profile) -> bytes | None:
    """Under what the request is kept that the browser refers to; None if it refers to none.

    Raises:
        OAuthRefused: ``invalid_request_uri``, no reference of ours.
    """
    if profile.pushed_requests is Offer.NONE:
        return None
    reference = parameters.find_within("request_uri", profile.limits["request_uri"])
    if reference is None:
        return None
    if not reference.startswith(_PREFIX):
        raise OAuthRefused("invalid_request_uri", "only requests that were pushed here can be referred to")
    return fingerprint(reference.removeprefix(_PREFIX))


def take_pushed(kept: PushedRequest | None, client_id: str, now: datetime) -> Parameters:
    """The parameters of a pushed request, which the caller has taken out of the store: it is good once.

    Raises:
        OAuthRefused: ``invalid_request_uri``: unknown, used, expired, or another client's (RFC 9126 §4).
    """
    if kept is None or kept.client_id != client_id or now >= kept.expires_at:
        raise OAuthRefused("invalid_request_uri", "the pushed request is unknown, used before, or too old")
    return Parameters(kept.parameters)
