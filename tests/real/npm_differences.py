"""Where our provider and npm oidc-provider, configured alike, answer the same client differently, and why we do.

`python -m tests.real.npm_differences` prints the table of `docs/conformance.md`.
"""

from dataclasses import dataclass
from typing import Any

_EITHER = ("da-compat", "fapi2")


@dataclass(frozen=True)
class Difference:
    """One thing that both were asked: what each says of it, and the reason for ours."""

    asked: str
    ours: str
    theirs: str
    why: str
    profiles: tuple[str, ...] = _EITHER


_CLAIMS = "acr amr at_hash aud auth_time exp iat iss"
_THEIRS = "aud exp iat iss nonce sub"
_WHY = (
    "every login says how and when the person was there, and clients of the official service refuse a token "
    "without `at_hash`; the other gives `acr` and `auth_time` when asked for them"
)
_NO_NONCE = "OpenID Connect Core 1.0 §12.2: it should not have a `nonce`"
DIFFERENCES = (
    Difference(
        "the ID token's claims",
        f"{_CLAIMS} nonce sub",
        _THEIRS,
        _WHY,
        ("da-compat",),
    ),
    Difference(
        "the ID token's claims",
        f"{_CLAIMS} nonce sid sub",
        _THEIRS,
        f"{_WHY}; `sid` is what a back-channel logout names",
        ("fapi2",),
    ),
    Difference("the claims of a refreshed ID token", f"{_CLAIMS} sub", _THEIRS, _NO_NONCE, ("da-compat",)),
    Difference("the claims of a refreshed ID token", f"{_CLAIMS} sid sub", _THEIRS, _NO_NONCE, ("fapi2",)),
    Difference(
        "what refreshed tokens are for",
        "openid",
        "openid name address birthdate gender",
        "the four attributes are forgotten with the first access token; keeping them to refresh would be storing them",
    ),
    Difference("what refreshed tokens open", "sub", "address birthdate gender name sub", "as before"),
    Difference(
        "the callback's parameters",
        "code session_state state",
        "code iss state",
        "the official service is seen to send `session_state`, and not to name itself",
        ("da-compat",),
    ),
    Difference(
        "the callback's parameters",
        "code iss session_state state",
        "code iss state",
        "`session_state` as under the other profile",
        ("fapi2 plain",),
    ),
    Difference(
        "the response modes",
        "query",
        "form_post fragment query",
        "the official service is seen to use the query alone",
        ("da-compat",),
    ),
    Difference(
        "the response modes",
        "jwt query query.jwt",
        "form_post form_post.jwt fragment fragment.jwt jwt query query.jwt",
        "a code in a fragment or a form serves no client that has a server",
        ("fapi2",),
    ),
    Difference(
        "no state",
        "invalid_request",
        "accepted",
        "the official service documents it as required",
        ("da-compat",),
    ),
    Difference("no nonce", "invalid_request", "accepted", "as before", ("da-compat",)),
    Difference(
        "a scope that is not offered",
        "invalid_scope",
        "accepted",
        "RFC 6749 §3.3 allows both: a client that misspells a scope should hear of it before its users do",
    ),
    Difference(
        "no openid among the scopes",
        "invalid_scope",
        "invalid_request",
        "the scope is what is wrong (RFC 6749 §4.1.2.1)",
    ),
    Difference(
        "UserInfo by POST, token in the body",
        "401",
        "accepted",
        "RFC 6750 §2.2: should not be used where a header can be sent; every client that keeps a key can",
        ("da-compat",),
    ),
    Difference(
        "UserInfo, token in the query",
        "401",
        "400 invalid_request",
        "RFC 6750 §2.3 must not be used: the query is not looked at, and no token was sent",
        ("da-compat",),
    ),
    Difference(
        "UserInfo with a made-up token",
        "401 invalid_token",
        "400 invalid_request",
        "RFC 9449 §7.1: the token is looked up first; whoever has none needs no word about a proof",
        ("fapi2",),
    ),
    Difference(
        "an address that is not registered",
        "invalid_redirect_uri",
        "invalid_request",
        "the name that dynamic registration gives it (RFC 7591 §3.2.2): the client's server hears it, nobody else",
        ("fapi2",),
    ),
    Difference(
        "a code without a proof",
        "invalid_dpop_proof",
        "invalid_grant",
        "RFC 9449 §5: the proof is what is missing, the code stays good",
        ("fapi2",),
    ),
    Difference(
        "a code nobody gave",
        "invalid_dpop_proof",
        "invalid_grant",
        "as before: nothing is looked up for who brings no proof",
        ("fapi2",),
    ),
)


def expected(profile: str, *, signed_response: bool) -> dict[str, tuple[str, str]]:
    """The differences of one way to log in."""
    ways = {profile, f"{profile} {'signed' if signed_response else 'plain'}"}
    return {each.asked: (each.ours, each.theirs) for each in DIFFERENCES if ways.intersection(each.profiles)}


def differences(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """What the relying party saw differently."""
    first, second = _facts(ours), _facts(theirs)
    assert first.keys() == second.keys()
    return {asked: (first[asked], second[asked]) for asked in first if first[asked] != second[asked]}


def _facts(seen: dict[str, Any]) -> dict[str, str]:
    """Names and words only: values are of each provider's own people and time."""
    refreshed = seen["refreshed"]
    return {
        **seen["outcomes"],
        "the token type": seen["token_type"],
        "the token response's members": _names(seen["token_members"]),
        "the scopes": seen["scope"],
        "the ID token's claims": _names(seen["id_token"]),
        "the ID token's algorithm": seen["id_token_header"]["alg"],
        "the attributes": _names(seen["userinfo"]),
        "the attributes' kinds": _names({type(value).__name__ for value in seen["userinfo"].values()}),
        "the callback's parameters": _names(seen["callback"]),
        "the response modes": _names(seen["metadata"]["response_modes_supported"]),
        "whether refresh tokens change": str(refreshed["rotated"]),
        "whether the subject stays": str(refreshed["same_subject"]),
        "the claims of a refreshed ID token": _names(refreshed["id_token"]),
        "what refreshed tokens are for": refreshed["scope"],
        "what refreshed tokens open": _names(refreshed["userinfo"]),
    }


def _names(told: Any) -> str:
    return " ".join(sorted(told))


def table() -> str:
    """The rows of the page."""
    head = ["| asked | profile | ours | npm oidc-provider | why |", "|---|---|---|---|---|"]
    rows = [
        f"| {each.asked} | {', '.join(each.profiles)} | `{each.ours}` | `{each.theirs}` | {each.why} |"
        for each in DIFFERENCES
    ]
    return "\n".join([*head, *rows]) + "\n"


if __name__ == "__main__":
    print(table(), end="")
