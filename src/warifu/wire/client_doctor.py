"""Asking a provider what it thinks of a client, without logging anybody in."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2

from warifu import services
from warifu.errors import Malformed, Unavailable
from warifu.ports import Clock, Entropy
from warifu.services import Finding, RelyingParty

__all__ = ["examine_client"]

_SECONDS = 15.0
_LARGEST = 256 * 1024
_CODE = "warifu-doctor-no-such-code"


def examine_client(issuer: str, party: RelyingParty, clock: Clock, entropy: Entropy) -> list[Finding]:
    """Look at everything between a client and its provider.

    The provider sees three requests: its metadata, a token request with a code that nobody gave out, and the beginning
    of a login that nobody continues.

    Raises:
        Unavailable: the provider does not answer at all.
        Malformed: its metadata cannot be read, so that nothing else can be asked.
    """
    with httpx2.Client(timeout=_SECONDS, trust_env=False, follow_redirects=False) as http:
        asked = clock.now()
        response = _ask(http, "GET", services.discovery_address(issuer))
        answered = clock.now()
        if response.status_code != 200:
            raise Malformed(f"{services.discovery_address(issuer)} answers {response.status_code}")
        metadata = services.read_object(response.content)
        found = [*services.metadata_findings(metadata, issuer, party.key.algorithm)]
        found.append(services.clock_finding(_date(response), asked, answered))
        provider = services.ProviderMetadata.read(response.content, str(metadata.get("issuer")))
        address, pending = services.begin(party, provider, ("openid",), entropy)
        callback = {"state": pending.state, "code": _CODE, "iss": provider.issuer}
        form = services.redeem(pending, callback, party, provider, clock.now(), entropy)
        proof = {}
        if "dpop_signing_alg_values_supported" in metadata:  # the provider may want tokens bound (RFC 9449 §5.1)
            holder = services.HolderKey.generate()
            proof[services.PROOF_HEADER] = holder.proof("POST", provider.token_endpoint, clock.now(), entropy)
        found.append(_token(_ask(http, "POST", provider.token_endpoint, form, proof)))
        found.append(services.redirect_finding(_ask(http, "GET", address).status_code, party.redirect_uri))
    return found


def _token(response: httpx2.Response) -> Finding:
    try:
        answer = services.read_object(response.content)
    except Malformed:
        answer = {}
    return services.token_finding(response.status_code, answer)


def _ask(
    http: httpx2.Client,
    method: str,
    address: str,
    form: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
) -> httpx2.Response:
    try:
        response = http.request(method, address, data=form, headers=headers)
    except httpx2.HTTPError as error:
        raise Unavailable("the provider does not answer", detail=type(error).__name__) from error
    if len(response.content) > _LARGEST:
        raise Unavailable("the provider's answer is too long")
    return response


def _date(response: httpx2.Response) -> datetime | None:
    try:
        return parsedate_to_datetime(response.headers["date"]).astimezone(UTC)
    except (KeyError, ValueError):
        return None
