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

from warifu.idp.assurance import Assurance
from warifu.idp.passkey_profile import PasskeyProfile
from warifu.idp.signing_profile import SIGN_SCOPE, SigningProfile


class BirthDateFormat(Enum):
    """How the claim `birthdate` is written."""

    DIGITS = "%Y%m%d"
    ISO = "%Y-%m-%d"


class GenderFormat(Enum):
    """How the claim `gender` is written: the code on the card, or the words of OpenID Connect Core 1.0 §5.1."""

    CARD_CODE = "card code"
    WORD = "word"


class Offer(Enum):
    """Whether clients may use something, or have to."""

    NONE = "none"
    OFFERED = "offered"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class Limit:
    """What one parameter may look like: 1 to `longest` characters of `alphabet` (a character class)."""

    longest: int
    alphabet: str

    def fits(self, value: str) -> re.Match[str] | None:
        """Match `value` as a whole, or None."""
        return re.fullmatch(f"[{self.alphabet}]{{1,{self.longest}}}", value)


_BY_CARD = Assurance("aal3", ("mfa", "sc", "pin"))
_BY_PHONE = Assurance("aal3", ("mfa", "hwk"))

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
        "response_mode": Limit(255, PRINTABLE),
        "request_uri": Limit(255, PRINTABLE),
        # A JWK thumbprint, base64url of SHA-256 (RFC 9449 §10).
        "dpop_jkt": Limit(43, "0-9a-zA-Z_-"),
        # Documented: a UUID.
        "sign_transaction_id": Limit(36, "0-9a-fA-F-"),
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
    # Keycloak's path, where pushed requests are on.
    pushed: str = "/protocol/openid-connect/ext/par/request"
    # Modelled: the shape is Keycloak's; no public client was seen to read it.
    discovery: str = "/.well-known/openid-configuration"

    limits: Mapping[str, Limit] = field(default_factory=lambda: AUTHORIZATION_LIMITS)
    # Documented. `sign` belongs to the signing API and is beside these where that is offered (`signing`).
    scopes: tuple[str, ...] = ("openid", "name", "address", "birthdate", "gender")
    unsupported_scopes: tuple[str, ...] = ("sign",)
    # Documented: only S256, only `code`.
    code_challenge_method: str = "S256"
    response_type: str = "code"
    # Documented: required. OpenID Connect Core 1.0 §3.1.2.1 lets a client of the code flow leave both out, and clients
    # of FAPI 2.0 do: there PKCE alone binds the code to the browser's session.
    requires_state_and_nonce: bool = True

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
    # Documented: the refresh flow is available. Modelled: for how long (Keycloak's idle session, 30 minutes) and that
    # each refresh token is good once (RFC 9700 §4.14.2). None: no refresh tokens.
    refresh_token_lifetime: timedelta | None = timedelta(minutes=30)
    rotates_refresh_tokens: bool = True
    # Modelled: time to find the card, type two PINs and consent.
    login_lifetime: timedelta = timedelta(minutes=5)

    # Seen (the steps the University of Tokyo describes for its users): the two-dimensional code expires and a button
    # renews it; the six digits expire and can be renewed. Modelled: for how long, how often, and how many wrong digits
    # end a hand-over (one guess in 200 000 succeeds).
    code_shown_lifetime: timedelta = timedelta(minutes=2)
    codes: int = 10
    digits_lifetime: timedelta = timedelta(minutes=1)
    digits_renewals: int = 10
    digits_tries: int = 5
    # Ours: no code for another device, so that a page that relays everything gains nothing. By these acr_values a
    # request asks for it (OpenID Connect Extended Authentication Profile ACR Values 1.0 §2).
    phishing_resistant: bool = False
    phishing_resistant_acr: tuple[str, ...] = ("phr", "phrh")

    # Seen once each way (MynaVote YYYYMMDD and "1"/"2", c-3lab YYYY-MM-DD and "0"); the card itself has YYYYMMDD and
    # the code, so that is the default and the rest a switch. The address is a flat string in every client seen.
    birth_date_format: BirthDateFormat = BirthDateFormat.DIGITS
    gender_format: GenderFormat = GenderFormat.CARD_CODE

    # What a login with the card says of itself, and one with a certificate in the phone. Documented: `aal3 crl` as an
    # example of acr_values. Modelled: that `acr` repeats the assurance level reached, the same for card and phone; and
    # `amr` altogether. True here: a smart card opened with a PIN is two factors. The phone's key is in hardware and is
    # opened with a PIN or by a biometric characteristic, whichever its holder chose; the phone does not say which, so
    # `amr` names two factors and the hardware, and nothing about the second factor (RFC 8176 §2).
    by_card: Assurance = _BY_CARD
    by_phone: Assurance = _BY_PHONE
    # What the official service is not seen to have: requests pushed by the client's server (RFC 9126), tokens for the
    # holder of a key only (RFC 9449), responses that name and sign for themselves (RFC 9207, JARM).
    pushed_requests: Offer = Offer.NONE
    pushed_request_lifetime: timedelta = timedelta(seconds=90)
    sender_constrained: Offer = Offer.NONE
    proof_lifetime: timedelta = timedelta(minutes=1)
    proof_algorithms: tuple[str, ...] = ("ES256", "PS256")
    response_modes: tuple[str, ...] = ("query",)
    names_itself: bool = False
    # Seen: public clients send the token endpoint's URL as the assertion's audience; newer profiles want the issuer.
    audience_is_issuer: bool = False

    # Whether a login that does not reach the level in acr_values gives no code. OpenID Connect Core 1.0 §3.1.2.1 makes
    # them a wish; RFC 9470 §5 has the client told.
    essential_acr: bool = False
    # Keycloak's paths. Off where the official service is not seen to have it: logging out (also behind the browser's
    # back), revoking and introspecting tokens, and `sid` in ID tokens.
    ends_sessions: bool = False
    end_session: str = "/protocol/openid-connect/logout"
    revocation: str = "/protocol/openid-connect/revoke"
    introspection: str = "/protocol/openid-connect/token/introspect"

    # Ours: logins without the card, for clients that do not ask for more than those reach; None where not offered.
    passkeys: PasskeyProfile | None = field(default_factory=PasskeyProfile)

    # The signing API, or None where it is not offered.
    signing: SigningProfile | None = field(default_factory=SigningProfile)

    @property
    def offered_scopes(self) -> tuple[str, ...]:
        """What may be asked for."""
        return self.scopes if self.signing is None else (*self.scopes, SIGN_SCOPE)

    @property
    def longest_token(self) -> timedelta:
        """How long anything that came from a code can be of use."""
        return max(self.access_token_lifetime, self.refresh_token_lifetime or timedelta(0))


DA_COMPAT = Profile()

FAPI2 = Profile(
    realm="/api/realms/fapi2",
    assertion_algorithms=("ES256", "PS256"),
    assertion_lifetime=timedelta(minutes=5),
    refresh_token_lifetime=timedelta(minutes=30),
    rotates_refresh_tokens=False,
    requires_state_and_nonce=False,
    pushed_requests=Offer.REQUIRED,
    sender_constrained=Offer.REQUIRED,
    response_modes=("query", "jwt", "query.jwt"),
    names_itself=True,
    audience_is_issuer=True,
    ends_sessions=True,
    essential_acr=True,
    signing=None,
)
"""FAPI 2.0 Security Profile §5.3.2, with signed responses as in FAPI 2.0 Message Signing §5.4 for who asks for them."""

PROFILES: Mapping[str, Profile] = MappingProxyType({"da-compat": DA_COMPAT, "fapi2": FAPI2})
"""Each profile by its name in settings."""


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
    def pushed_endpoint(self) -> str:
        """Where the client's server leaves an authorization request before the browser comes."""
        return self.issuer + self.profile.pushed

    @property
    def userinfo_endpoint(self) -> str:
        """Where the client asks for the attributes."""
        return self.issuer + self.profile.userinfo

    @property
    def jwks_uri(self) -> str:
        """Where the public key of the ID tokens is."""
        return self.issuer + self.profile.jwks
