"""What keeps a client from being let in: each thing that can be wrong between a client and its provider, looked at.

Pure: `warifu.wire.client_doctor` fetches what is looked at here. Each finding says what was seen and where the rule
stands.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

__all__ = ["Finding", "Health", "clock_finding", "metadata_findings", "redirect_finding", "token_finding"]

_NEAR = timedelta(seconds=10)
_FAR = timedelta(seconds=50)
"""An assertion of ours lives for a minute."""


class Health(Enum):
    """How it is with one thing."""

    WELL = "well"
    DOUBTFUL = "doubtful"
    ILL = "ill"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: its stable name, how it is, what was seen, and the rule."""

    name: str
    health: Health
    saw: str
    rule: str


def metadata_findings(metadata: Mapping[str, Any], issuer: str, algorithm: str) -> Iterator[Finding]:
    """What the provider's metadata say that a client of this profile needs."""
    named = metadata.get("issuer")
    same = named == issuer
    yield Finding("issuer", _good(same), f"{named}", "OpenID Connect Discovery 1.0 §4.3: exactly the address asked")
    for name, needed, rule in (
        ("token_endpoint_auth_methods_supported", "private_key_jwt", "OpenID Connect Core 1.0 §9"),
        ("token_endpoint_auth_signing_alg_values_supported", algorithm, "OpenID Connect Discovery 1.0 §3"),
        ("code_challenge_methods_supported", "S256", "RFC 7636 §4.2, RFC 8414 §2"),
        ("response_types_supported", "code", "OpenID Connect Core 1.0 §3.1.2.1"),
    ):
        told = metadata.get(name)
        if isinstance(told, Sequence) and not isinstance(told, str):
            yield Finding(name, _good(needed in told), ", ".join(map(str, told)), rule)
        else:
            yield Finding(name, Health.DOUBTFUL, "not told", rule)


def clock_finding(theirs: datetime | None, asked: datetime, answered: datetime) -> Finding:
    """How far the provider's clock is from ours: an assertion from the future or of yesterday is refused.

    It told its time at a moment between the two of ours, so a slow answer does not set the clocks apart.
    """
    rule = "RFC 7523 §3: exp, nbf and iat"
    if theirs is None:
        return Finding("clock", Health.DOUBTFUL, "the provider tells no time", rule)
    apart = max(asked - theirs, theirs - answered, timedelta())
    health = Health.WELL if apart <= _NEAR else Health.DOUBTFUL if apart <= _FAR else Health.ILL
    return Finding("clock", health, f"{apart.total_seconds():.0f} s apart", rule)


def token_finding(status: int, answer: Mapping[str, Any]) -> Finding:
    """What the token endpoint says to our assertion and a code that nobody gave out.

    `invalid_grant` is the best answer there can be: the client was recognised and only the code is wrong.
    """
    error = answer.get("error")
    saw = f"{status} {error or ''}".strip()
    described = answer.get("error_description")
    if isinstance(described, str):
        saw += f": {described}"
    known = status == 400 and error == "invalid_grant"
    doubtful = status >= 500 or error is None
    health = Health.WELL if known else Health.DOUBTFUL if doubtful else Health.ILL
    return Finding("client assertion", health, saw, "RFC 6749 §5.2; RFC 7523 §3.2")


def redirect_finding(status: int, redirect_uri: str) -> Finding:
    """What the authorization endpoint says to a request with this redirect URI: it may show a page, never an error."""
    health = Health.WELL if status in (200, 302, 303) else Health.DOUBTFUL if status >= 500 else Health.ILL
    return Finding("redirect URI", health, f"{status} for {redirect_uri}", "RFC 6749 §3.1.2.2, §3.1.2.4: as registered")


def _good(kept: bool) -> Health:
    return Health.WELL if kept else Health.ILL
