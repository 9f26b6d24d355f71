"""What a client sends for a code, and each rule that a code must keep to be good for it.

Source: RFC 6749 §4.1.2 and §4.1.3, RFC 7636 §4.6, RFC 9449 §10.
"""

import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from warifu.errors import OAuthRefused
from warifu.idp.client import Client
from warifu.idp.encoding import base64url
from warifu.idp.login import Code, Login
from warifu.idp.parameters import Parameters
from warifu.idp.profile import Limit
from warifu.idp.secret import fingerprint

__all__ = [
    "CODE_RULES",
    "TokenRequest",
    "check_code_key",
    "check_code_once",
    "known_code",
    "read_code",
    "read_redirect_uri",
    "read_verifier",
]

_VERIFIER = re.compile(r"[0-9A-Za-z._~-]{43,128}")
_VISIBLE = Limit(255, r"\x21-\x7E")


@dataclass(frozen=True, slots=True, repr=False)
class TokenRequest:
    """What the client sends once it has been identified."""

    code: str
    redirect_uri: str
    code_verifier: str

    @property
    def code_hash(self) -> bytes:
        """Under which the code is kept."""
        return fingerprint(self.code)


def read_verifier(form: Parameters) -> str:
    """What only who began the login knows (RFC 7636 §4.1)."""
    verifier = form.read("code_verifier")
    if not _VERIFIER.fullmatch(verifier):
        raise OAuthRefused("invalid_request", "parameter too long or malformed: code_verifier")
    return verifier


def read_code(form: Parameters) -> str:
    """The code of the callback."""
    return form.read_within("code", _VISIBLE)


def read_redirect_uri(form: Parameters) -> str:
    """The redirect URI of the authorization request, again (RFC 6749 §4.1.3)."""
    return form.read_within("redirect_uri", _VISIBLE)


def known_code(login: Login | None) -> Code:
    """The code, if it is one that was given out."""
    if login is None or login.code is None:
        raise OAuthRefused("invalid_grant", "the code is unknown")
    return login.code


def check_code_once(code: Code) -> None:
    """A second use means that somebody else has the code (RFC 6749 §4.1.2)."""
    if code.spent:
        raise OAuthRefused("invalid_grant", "the code has been used before")


def _check_client(_request: TokenRequest, client: Client, login: Login, _now: datetime) -> None:
    if login.request.client_id != client.id:
        raise OAuthRefused("invalid_grant", "the code belongs to another client")


def _check_redirect_uri(request: TokenRequest, _client: Client, login: Login, _now: datetime) -> None:
    if login.request.redirect_uri != request.redirect_uri:
        raise OAuthRefused("invalid_grant", "redirect_uri is not that of the authorization request")


def _check_verifier(request: TokenRequest, _client: Client, login: Login, _now: datetime) -> None:
    challenge = base64url(hashlib.sha256(request.code_verifier.encode()).digest())
    if not hmac.compare_digest(challenge, login.request.code_challenge):
        raise OAuthRefused("invalid_grant", "code_verifier does not match code_challenge")


def _check_expiry(_request: TokenRequest, _client: Client, login: Login, now: datetime) -> None:
    if now >= known_code(login).expires_at:
        raise OAuthRefused("invalid_grant", "the code has expired")


CODE_RULES: tuple[tuple[str, Callable[[TokenRequest, Client, Login, datetime], None]], ...] = (
    ("code_client", _check_client),
    ("code_redirect_uri", _check_redirect_uri),
    ("code_verifier", _check_verifier),
    ("code_expiry", _check_expiry),
)
"""What a code that is known and was not used must keep besides, in this order; a stolen one fails before the last."""


def check_code_key(login: Login, key_thumbprint: str | None) -> None:
    """A code that was asked for by the holder of a key is for that holder (RFC 9449 §10)."""
    if login.request.key_thumbprint not in (None, key_thumbprint):
        raise OAuthRefused("invalid_grant", "the code was asked for by the holder of another key")
