"""What a relying party knows about a provider: the metadata it publishes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

from warifu.errors import Malformed, WrongIssuer

_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")


@dataclass(frozen=True, slots=True)
class ProviderMetadata:
    """The addresses of a provider (OpenID Connect Discovery 1.0 §3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    jwks_uri: str
    names_itself: bool = False
    """Whether its callbacks carry `iss` (RFC 9207 §3)."""
    sign_transactions_endpoint: str | None = None
    """Where something to be signed is submitted, if the provider offers that."""
    pushed_endpoint: str | None = None
    """Where requests are pushed to, if the provider takes them (RFC 9126 §5)."""
    requires_pushed: bool = False
    """Whether it takes no others."""

    @property
    def login_origin(self) -> str:
        """The origin to which the browser is sent."""
        parts = urlsplit(self.authorization_endpoint)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def audience(self) -> str:
        """Whom assertions are for: the issuer under FAPI 2.0 (Security Profile §5.3.3.1), else the token endpoint."""
        return self.issuer if self.requires_pushed else self.token_endpoint

    @classmethod
    def read(cls, document: bytes, issuer: str) -> Self:
        """Read a discovery document fetched for `issuer`.

        Raises:
            WrongIssuer: it speaks for another issuer (OpenID Connect Discovery 1.0 §4.3).
            Malformed: not such a document.
        """
        members = read_object(document)
        if members.get("issuer") != issuer:
            raise WrongIssuer
        addresses = {name: _address(members.get(name)) for name in _ENDPOINTS}
        names_itself = members.get("authorization_response_iss_parameter_supported") is True
        signing = members.get("sign_transactions_endpoint")
        pushed = members.get("pushed_authorization_request_endpoint")
        return cls(
            issuer,
            **addresses,
            names_itself=names_itself,
            sign_transactions_endpoint=None if signing is None else _address(signing),
            pushed_endpoint=None if pushed is None else _address(pushed),
            requires_pushed=members.get("require_pushed_authorization_requests") is True,
        )


def discovery_address(issuer: str) -> str:
    """Where an issuer's metadata is (OpenID Connect Discovery 1.0 §4)."""
    return issuer.rstrip("/") + "/.well-known/openid-configuration"


def read_object(document: bytes, what: str = "the provider's answer") -> Mapping[str, Any]:
    """Read a JSON object; members that we do not know are its writer's own affair.

    Raises:
        Malformed: anything else; the message says `what` it is not.
    """
    try:
        value = json.loads(document.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Malformed(f"{what} is not JSON") from error
    if not isinstance(value, dict):
        raise Malformed(f"{what} is not a JSON object")
    return value


def _address(value: object) -> str:
    try:
        parts = urlsplit(value if isinstance(value, str) else "")
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not isinstance(value, str) or not usable:
        raise Malformed("the provider's metadata lack an address")
    return value
