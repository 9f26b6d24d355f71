"""The rules of the provider as data: what the official service documents, and what had to be assumed.

Each value says how sure it is: *documented* (the service's developer pages show it), *seen* (two or more public
clients depend on it), *modelled* (nothing public settles it; `docs/divergences.md` lists it).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from types import MappingProxyType


class BirthDateFormat(Enum):
    """How the claim `birthdate` is written."""

    DIGITS = "%Y%m%d"
    ISO = "%Y-%m-%d"


class GenderFormat(Enum):
    """How the claim `gender` is written: the code on the card, or the words of OpenID Connect Core 1.0 §5.1."""

    CARD_CODE = "card code"
    WORD = "word"


@dataclass(frozen=True, slots=True)
class Limit:
    """What one parameter may look like: 1 to `longest` characters of `alphabet` (a character class)."""

    longest: int
    alphabet: str

    def fits(self, value: str) -> re.Match[str] | None:
        """Match `value` as a whole, or None."""
        return re.fullmatch(f"[{self.alphabet}]{{1,{self.longest}}}", value)


PRINTABLE = r"\x20-\x7E"

# Documented: the table of the authorization request on developers.digital.go.jp/documents/auth-and-sign/authserver
# (and authserver-gov, identical). The longest of response_type, scope,
# code_challenge_method and acr_values is modelled.
AUTHORIZATION_LIMITS: Mapping[str, Limit] = MappingProxyType(
    {
        "client_id": Limit(255, "0-9a-zA-Z"),
        "redirect_uri": Limit(255, r"\x21-\x7E"),
        "response_type": Limit(255, PRINTABLE),
        "scope": Limit(255, PRINTABLE),
        "state": Limit(255, PRINTABLE),
        "nonce": Limit(255, PRINTABLE),
        "code_challenge": Limit(128, "0-9a-zA-Z_-"),
        "code_challenge_method": Limit(255, PRINTABLE),
        "acr_values": Limit(255, PRINTABLE),
    }
)


@dataclass(frozen=True, slots=True)
class Profile:
    """The values a provider follows; the defaults are the profile `da-compat`.

    Source: Digital Agency, developers.digital.go.jp/documents/auth-and-sign/{authserver,implement-guideline}; public
    clients INTER-Mediator, MynaVote, BeautyProof; Keycloak 26 where the shape of the service is Keycloak's.
    """

    # Seen: two public clients use these paths below https://auth-and-sign.go.jp.
    realm: str = "/api/realms/main"
    authorization: str = "/protocol/openid-connect/auth"
    token: str = "/protocol/openid-connect/token"  # noqa: S105 - a path
    userinfo: str = "/protocol/openid-connect/userinfo"
    jwks: str = "/protocol/openid-connect/certs"
    # Modelled: the shape is Keycloak's; no public client was seen to read it.
    discovery: str = "/.well-known/openid-configuration"

    limits: Mapping[str, Limit] = field(default_factory=lambda: AUTHORIZATION_LIMITS)
    # Documented. `sign` belongs to the signing API, which this provider does not offer: it is refused as invalid_scope.
    scopes: tuple[str, ...] = ("openid", "name", "address", "birthdate", "gender")
    unsupported_scopes: tuple[str, ...] = ("sign",)
    # Documented: only S256, only `code`.
    code_challenge_method: str = "S256"
    response_type: str = "code"

    # Seen: RS256 in three clients, ES256 in one description.
    assertion_algorithms: tuple[str, ...] = ("RS256", "ES256")
    # Seen: INTER-Mediator's assertion lives one day and was accepted in 2025-05; others use 5 s and 5 min.
    assertion_lifetime: timedelta = timedelta(days=1)
    # Modelled: how far a client's clock may be off.
    clock_skew: timedelta = timedelta(seconds=30)
    # Seen: ES256.
    id_token_algorithm: str = "ES256"  # noqa: S105 - an algorithm's name

    # Modelled: Keycloak's defaults (code 1 minute, access token and ID token 5 minutes).
    code_lifetime: timedelta = timedelta(minutes=1)
    access_token_lifetime: timedelta = timedelta(minutes=5)
    id_token_lifetime: timedelta = timedelta(minutes=5)
    # Modelled: time to find the card, type two PINs and consent.
    login_lifetime: timedelta = timedelta(minutes=5)

    # Seen once each way (MynaVote YYYYMMDD and "1"/"2", c-3lab YYYY-MM-DD and "0"); the card itself has YYYYMMDD and
    # the code, so that is the default and the rest a switch. The address is a flat string in every client seen.
    birth_date_format: BirthDateFormat = BirthDateFormat.DIGITS
    gender_format: GenderFormat = GenderFormat.CARD_CODE

    # Documented: `aal3 crl` as an example of acr_values. Modelled: that `acr` repeats the assurance level reached.
    acr: str = "aal3"
    # Modelled, and true here: a smart card, opened with a PIN, is two factors (RFC 8176 §2).
    amr: tuple[str, ...] = ("mfa", "sc", "pin")


DA_COMPAT = Profile()


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider at its place: `origin` is scheme, host and port without a path, as the browser writes it."""

    origin: str
    profile: Profile = DA_COMPAT

    @property
    def issuer(self) -> str:
        """The issuer identifier: the base of all endpoints."""
        return self.origin + self.profile.realm

    @property
    def authorization_endpoint(self) -> str:
        """Where the browser brings the authorization request."""
        return self.issuer + self.profile.authorization

    @property
    def token_endpoint(self) -> str:
        """Where the client exchanges its code."""
        return self.issuer + self.profile.token

    @property
    def userinfo_endpoint(self) -> str:
        """Where the client asks for the attributes."""
        return self.issuer + self.profile.userinfo

    @property
    def jwks_uri(self) -> str:
        """Where the public key of the ID tokens is."""
        return self.issuer + self.profile.jwks
