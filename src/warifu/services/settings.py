"""A client's settings: one file that moves it between warifu, the official test environment and production.

::

    {"environment": "warifu", "scope": "openid name", "private_key": "shop.key.pem",
     "environments": {"warifu": {"client_id": "RP00000100", "redirect_uri": "http://localhost:3000/callback",
                                 "issuer": "...", "authorization_endpoint": "...", "token_endpoint": "...",
                                 "userinfo_endpoint": "...", "jwks_uri": "..."},
                      "test": {...}, "production": {...}}}

A program reads `environment` and what stands under that name; nothing else of it knows where it is. `private_key` names
a file beside this one; an environment may name one of its own.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self
from urllib.parse import urlsplit

from warifu.errors import Malformed, NotFound
from warifu.services.client_key import ClientKey
from warifu.services.doctor import Finding, Health
from warifu.services.login import RelyingParty
from warifu.services.provider import ProviderMetadata, read_object

__all__ = ["OFFICIAL", "ClientSettings", "Environment", "environment_at"]

_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
_PATHS = ("auth", "token", "userinfo", "certs")
_OFFICIAL_SCOPES = ("openid", "name", "address", "birthdate", "gender", "sign")
_LONGEST = 255


@dataclass(frozen=True, slots=True)
class Environment:
    """One provider, and who the client is there. Empty texts have yet to be filled in."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    jwks_uri: str
    client_id: str = ""
    redirect_uri: str = ""
    private_key: str | None = None

    @property
    def members(self) -> dict[str, str]:
        """As it stands in the file."""
        told = {"client_id": self.client_id, "redirect_uri": self.redirect_uri, "issuer": self.issuer}
        told |= {name: getattr(self, name) for name in _ENDPOINTS}
        return told if self.private_key is None else told | {"private_key": self.private_key}

    @property
    def metadata(self) -> ProviderMetadata:
        """The provider, for `warifu.services`."""
        return ProviderMetadata(self.issuer, **{name: getattr(self, name) for name in _ENDPOINTS})

    @property
    def is_official(self) -> bool:
        """Whether it is one of the official service's."""
        return (urlsplit(self.issuer).hostname or "").endswith("auth-and-sign.go.jp")


def environment_at(issuer: str, *, client_id: str = "", redirect_uri: str = "") -> Environment:
    """An environment below an issuer: the paths are the same everywhere.

    Source: the paths that public clients of the official service use (INTER-Mediator, MynaVote); Keycloak's.
    """
    base = f"{issuer}/protocol/openid-connect/"
    addresses = {name: base + path for name, path in zip(_ENDPOINTS, _PATHS, strict=True)}
    return Environment(issuer, **addresses, client_id=client_id, redirect_uri=redirect_uri)


OFFICIAL: Mapping[str, Environment] = {
    "test": environment_at("https://sb-auth-and-sign.go.jp/api/realms/main"),
    "production": environment_at("https://auth-and-sign.go.jp/api/realms/main"),
}
"""The official service's two, as public clients use them; a contract gives the client ids."""


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """The whole file: which environment is in use, and each of them."""

    environment: str
    scope: str
    private_key: str
    environments: Mapping[str, Environment]

    @classmethod
    def decode(cls, document: bytes) -> Self:
        """Read the file.

        Raises:
            Malformed: a member is missing or of another kind, or the environment in use is not there.
        """
        members = read_object(document, "the settings file")
        found = {name: _environment(name, each) for name, each in _object(members, "environments").items()}
        made = cls(_text(members, "environment"), _text(members, "scope"), _text(members, "private_key"), found)
        if made.environment not in made.environments:
            raise Malformed("the settings lack the environment that is in use")
        return made

    def encode(self) -> bytes:
        """As JSON, for people to edit."""
        members = {
            "environment": self.environment,
            "scope": self.scope,
            "private_key": self.private_key,
            "environments": {name: each.members for name, each in self.environments.items()},
        }
        return json.dumps(members, ensure_ascii=False, indent=2).encode() + b"\n"

    @property
    def current(self) -> Environment:
        """The environment in use."""
        return self.find(self.environment)

    @property
    def key_file(self) -> str:
        """The file of the private key that is used there."""
        return self.current.private_key or self.private_key

    def find(self, name: str) -> Environment:
        """One environment.

        Raises:
            NotFound: there is none of that name.
        """
        try:
            return self.environments[name]
        except KeyError:
            known = ", ".join(self.environments)
            raise NotFound(f"the settings have no environment {name}, only {known}") from None

    def moved(self, name: str) -> Self:
        """The same client elsewhere.

        Raises:
            NotFound: there is no such environment.
        """
        self.find(name)
        return replace(self, environment=name)

    def party(self, key: ClientKey) -> RelyingParty:
        """The client, for `warifu.services`."""
        return RelyingParty(self.current.client_id, self.current.redirect_uri, key)

    def findings(self, key: ClientKey) -> Iterator[Finding]:
        """What would keep the client out of its environment: nothing but these settings may have to change."""
        here = self.current
        fits = here.client_id.isascii() and here.client_id.isalnum() and len(here.client_id) <= _LONGEST
        yield _finding("client_id", fits, here.client_id or "–", "official table: 1 to 255 letters and digits")
        yield _finding("redirect_uri", _may_lead_to(here), here.redirect_uri or "–", "RFC 9700 §2.6; official table")
        yield _finding("addresses", _are_consistent(here), here.issuer, "OpenID Connect Discovery 1.0 §3")
        unknown = [each for each in self.scope.split() if each not in _OFFICIAL_SCOPES]
        asked = "openid" in self.scope.split() and not unknown
        yield _finding("scope", asked, " ".join(unknown) or self.scope, "official table: scope")
        yield _finding("algorithm", key.algorithm in {"ES256", "RS256"}, key.algorithm, "RFC 7523 §3")
        others = [
            name for name, each in self.environments.items() if name != self.environment and _same_key(self, each)
        ]
        health = Health.DOUBTFUL if here.is_official and others else Health.WELL
        yield Finding(
            "own key", health, ", ".join(others) or self.key_file, "a key for tests is not one for production"
        )


def _may_lead_to(here: Environment) -> bool:
    """Encrypted, but for this machine; the official service takes no other."""
    parts = urlsplit(here.redirect_uri)
    local = parts.hostname in {"localhost", "127.0.0.1", "::1"} or (parts.hostname or "").endswith(".localhost")
    if not parts.hostname or parts.fragment or len(here.redirect_uri) > _LONGEST:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and local and not here.is_official)


def _are_consistent(here: Environment) -> bool:
    """Every endpoint is below the issuer, at the path that it has everywhere."""
    return environment_at(here.issuer).metadata == here.metadata


def _same_key(settings: ClientSettings, other: Environment) -> bool:
    return (other.private_key or settings.private_key) == settings.key_file


def _finding(name: str, well: bool, saw: str, rule: str) -> Finding:
    return Finding(name, Health.WELL if well else Health.ILL, saw, rule)


def _environment(name: str, members: object) -> Environment:
    if not isinstance(members, dict):
        raise Malformed(f"environment {name} is not an object")
    texts = {each: _text(members, each) for each in ("issuer", *_ENDPOINTS, "client_id", "redirect_uri")}
    if "private_key" in members:
        texts["private_key"] = _text(members, "private_key")
    return Environment(**texts)


def _object(members: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = members.get(name)
    if not isinstance(value, dict):
        raise Malformed(f"the settings lack {name}")
    return value


def _text(members: Mapping[str, Any], name: str) -> str:
    value = members.get(name)
    if not isinstance(value, str):
        raise Malformed(f"the settings lack {name}")
    return value
