"""Taking out of an exchange whatever opens something or names somebody, and keeping what it is."""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from enum import Enum
from typing import Any

__all__ = ["About", "Labels", "shape"]

_LABELLED = frozenset(
    {"code", "state", "nonce", "code_verifier", "code_challenge", "access_token", "refresh_token", "request_uri"}
)
_TOKENS = frozenset({"id_token"})
_NOBODYS = frozenset({"iss", "aud", "azp", "acr", "amr", "alg", "typ", "scope", "token_type", "error"})
"""What a token or UserInfo says that is about nobody; everything else there may be somebody's."""
_WORDS = _NOBODYS | {
    *("response_type", "response_mode", "client_id", "redirect_uri", "code_challenge_method", "acr_values", "prompt"),
    *("display", "max_age", "ui_locales", "claims", "resource", "audience", "grant_type", "client_assertion_type"),
    *("expires_in", "refresh_expires_in"),
}
"""What a login says in the protocol's own words; every other text there may open something or name somebody."""
_OPAQUE = frozenset(
    {"sub", "sid", "session_state", "jti", "at_hash", "c_hash", "s_hash", "kid", "x", "y", "n", "e", "x5c", "x5t"}
    | {"error_description", "error_uri", "sign_certificate_jwe", "client_secret", "password", "trace_id"}
)
_MOMENTS = frozenset({"exp", "iat", "nbf", "auth_time", "updated_at"})
_KEPT_LONGEST = 200


def shape(value: str) -> str:
    """The pattern of a text that is somebody's: digits as 9, letters as a or 字, the rest as it is."""
    pattern = re.sub(r"[0-9]", "9", value)
    pattern = re.sub(r"[A-Za-z]+", "a", pattern)
    return re.sub(r"[^\x00-\x7f]+", "字", pattern)


class About(Enum):
    """What an answer or a request may tell of: what is published, a login and its secrets, or somebody."""

    NOTHING = "nothing"
    LOGIN = "login"
    PERSON = "person"

    @classmethod
    def of(cls, step: str) -> "About":
        """What the answer to this step of an exchange is about."""
        return {"discovery": cls.NOTHING, "jwks": cls.NOTHING, "userinfo": cls.PERSON}.get(step, cls.LOGIN)


class Labels:
    """What each secret of one exchange is called: the same value has the same label wherever it comes back."""

    def __init__(self, issuer: str, client_id: str = "", redirect_uri: str = "") -> None:
        self._issuer, self._client_id, self._redirect_uri = issuer, client_id, redirect_uri
        self._given: dict[str, str] = {}
        self._counts: dict[str, int] = {}

    def label(self, name: str, value: str) -> str:
        """What this value is called from now on."""
        if value in self._given:
            return self._given[value]
        if name == "code_verifier":
            digest = hashlib.sha256(value.encode()).digest()
            challenge = self._given.get(base64.urlsafe_b64encode(digest).rstrip(b"=").decode())
            if challenge is not None:
                self._given[value] = challenge.replace("code_challenge", "code_verifier")
                return self._given[value]
            name = "other code_verifier"
        self._counts[name] = self._counts.get(name, 0) + 1
        self._given[value] = f"{{{name} {self._counts[name]}}}"
        return self._given[value]

    def parameter(self, name: str, value: str) -> str:
        """A parameter of a request."""
        if name == "client_assertion":
            return "{assertion}"
        return str(self.member(name, value))

    def member(self, name: str, value: Any, about: About = About.LOGIN) -> Any:
        """A member of an answer, a claim, or a parameter."""
        if isinstance(value, dict):
            return {each: self.member(each, inner, about) for each, inner in sorted(value.items())}
        if isinstance(value, list):
            found = [self.member(name, each, about) for each in value]
            return sorted(found, key=str) if all(isinstance(each, str) for each in found) else found
        if name in _MOMENTS:
            return f"({_kind(value)})"
        if not isinstance(value, str):
            told = isinstance(value, bool | type(None)) or about is not About.PERSON or name in _NOBODYS
            return value if told else f"({_kind(value)})"
        return self._text(name, value, about)

    def _text(self, name: str, value: str, about: About) -> Any:
        if name in _LABELLED or value in self._given:
            return self.label(name, value)
        if name in _TOKENS:
            return self.token(value)
        if value and value == self._client_id:
            return "{client_id}"
        if value and value == self._redirect_uri:
            return "{redirect_uri}"
        if name in _OPAQUE:
            return "(text)"
        if value.startswith(self._issuer):
            return "{issuer}" + value.removeprefix(self._issuer)
        if about is About.PERSON and name not in _NOBODYS:
            return shape(value)
        if about is About.LOGIN and name not in _WORDS:
            return self.label(name, value) if value else value
        return value if len(value) <= _KEPT_LONGEST else "(text)"

    def token(self, token: str) -> Any:
        """A signed token: header and claims, and how long it lasts; no signature."""
        parts = token.split(".")
        header, claims = (_object(part) for part in (*parts, "", "")[:2])
        if header is None or claims is None:
            return "(text)"
        told = {"header": self.member("", header), "claims": self.member("", claims, About.PERSON)}
        if isinstance(claims.get("exp"), int) and isinstance(claims.get("iat"), int):
            told["lifetime"] = claims["exp"] - claims["iat"]
        return told


def _object(part: str) -> Mapping[str, Any] | None:
    try:
        value = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _kind(value: object) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "text", type(None): "null"}
    return names.get(type(value), type(value).__name__)
