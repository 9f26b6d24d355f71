"""What is shown of secrets: enough to recognise one, too little to use it."""

import base64
import binascii
import json
import math
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

__all__ = ["MASK", "assertion_parts", "masked", "masked_address", "masked_header", "masked_members", "masked_pairs"]

MASK = "…"
_SHOWN = 6
_SECRETS = frozenset(
    {
        "access_token",
        "authorization",
        "code",
        "code_verifier",
        "id_token",
        "id_token_hint",
        "refresh_token",
        "request_uri",
        "client_secret",
        "password",
        "response",
        "sign_certificate_jwe",
    }
)
_SIGNED = frozenset({"client_assertion", "dpop", "request"})
"""Signed, not secret: claims are shown, the signature is not, so that nobody else can use it."""
_PEOPLE = frozenset({"sub", "name", "address", "birthdate", "gender"})


def masked(name: str, value: str) -> str:
    """The value of a parameter or header as it may be shown and kept."""
    if name in _SIGNED:
        head, dot, signature = value.rpartition(".")
        return f"{head}.{_part(signature)}" if dot else _part(value)
    return _part(value) if name in _SECRETS else value


def _part(value: str) -> str:
    """The beginning, and how long it is."""
    return f"{value[:_SHOWN]}{MASK}({len(value)})" if len(value) > 2 * _SHOWN else MASK * bool(value)


def masked_pairs(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """A form's parameters."""
    return [(name, masked(name, value)) for name, value in pairs]


def masked_header(name: str, value: str) -> str:
    """A header; of an Authorization the scheme is shown."""
    if name != "authorization":
        return masked(name, value)
    scheme, blank, token = value.partition(" ")
    return f"{scheme} {_part(token)}" if blank else _part(value)


def masked_address(address: str) -> str:
    """Where a browser is sent: the query's secrets, and the path of a login, in part."""
    parts = urlsplit(address)
    path = f"/login/{MASK}" if not parts.netloc and parts.path.startswith("/login/") else parts.path
    query = urlencode(masked_pairs(parse_qsl(parts.query, keep_blank_values=True)), safe=MASK + "():/")
    return urlunsplit((parts.scheme, parts.netloc, path, query, ""))


def masked_members(body: bytes) -> dict[str, Any]:
    """A JSON object's members; what it tells about a person is left out, nested values by their kind."""
    try:
        members = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(members, dict):
        return {}
    return {name: _shown(name, value) for name, value in members.items()}


def _shown(name: str, value: object) -> object:
    if name in _PEOPLE:
        return MASK
    if isinstance(value, str):
        return masked(name, value)
    # No number has an infinite value in JSON, though Python reads one (RFC 8259 §6).
    plain = isinstance(value, bool | int | type(None)) or (isinstance(value, float) and math.isfinite(value))
    return value if plain else f"({type(value).__name__})"


def assertion_parts(token: str) -> Mapping[str, str]:
    """Header and claims of a JWT by their name, as JSON; nothing for what is none."""
    parts: dict[str, str] = {}
    for segment in token.split(".")[:2]:
        try:
            members = json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
        except (ValueError, binascii.Error, RecursionError):
            return {}
        if not isinstance(members, dict):
            return {}
        parts |= {str(name): json.dumps(value, ensure_ascii=False) for name, value in members.items()}
    return parts
