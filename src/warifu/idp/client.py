"""A relying party as the provider knows it, from the paper on which it applied."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from warifu.errors import Malformed
from warifu.idp.profile import AUTHORIZATION_LIMITS

_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


@dataclass(frozen=True, slots=True)
class Client:
    """A registered client: its name as shown to people, exact redirect URIs, public keys and permitted scopes.

    `jwks` is a JWK Set of public keys (RFC 7517 §5), as pasted into the application form. A client whose contract is
    suspended is not `active`: it is known, and may do nothing. All logins of a client that is `phishing_resistant` are
    strong ones (`warifu.idp.hand_over`). Clients of one `sector` know a person under one subject; `sector_before`
    names the one that a client leaves for it (`warifu.idp.sector`). After logging out browsers may go on to the
    `post_logout_redirect_uris`; the server at `backchannel_logout_uri` is told that sessions are over.
    """

    id: str
    name: str
    redirect_uris: tuple[str, ...]
    jwks: Mapping[str, Any]
    scopes: tuple[str, ...] = ("openid", "name", "address", "birthdate", "gender")
    active: bool = True
    operator_jwks: Mapping[str, Any] | None = None
    phishing_resistant: bool = False
    sector: str | None = None
    sector_before: str | None = None
    post_logout_redirect_uris: tuple[str, ...] = ()
    backchannel_logout_uri: str | None = None

    def __post_init__(self) -> None:
        """Refuse what could never work or would be dangerous to keep.

        Raises:
            Malformed: a client id, name, redirect URI or key set that breaks the rules.
        """
        if not AUTHORIZATION_LIMITS["client_id"].fits(self.id):
            raise Malformed("a client id has 1 to 255 letters and digits")
        if not self.name or not self.redirect_uris:
            raise Malformed("a client needs a name and at least one redirect URI")
        told = () if self.backchannel_logout_uri is None else (self.backchannel_logout_uri,)
        named = {
            "a redirect URI": self.redirect_uris,
            "a post logout redirect URI": self.post_logout_redirect_uris,
            "a backchannel logout URI": told,
        }
        for what, uris in named.items():
            for uri in uris:
                _check_address(what, uri)
        _check_jwks(self.jwks)
        if self.operator_jwks is not None:
            _check_jwks(self.operator_jwks)


def _check_address(what: str, uri: str) -> None:
    """Absolute, without a fragment (RFC 6749 §3.1.2), encrypted unless it stays on this machine (RFC 9700 §2.6)."""
    if not AUTHORIZATION_LIMITS["redirect_uri"].fits(uri):
        raise Malformed(f"{what} has 1 to 255 visible ASCII characters")
    try:
        parts = urlsplit(uri)
        parts.port  # noqa: B018 - reading it checks it
    except ValueError:
        raise Malformed(f"{what} is no address") from None
    if not parts.hostname or "#" in uri or parts.username is not None:
        raise Malformed(f"{what} is absolute, without user and fragment")
    loopback = re.fullmatch(r"localhost|.+\.localhost|127\.0\.0\.1|::1", parts.hostname)
    if parts.scheme != "https" and not (parts.scheme == "http" and loopback):
        raise Malformed(f"{what} uses https, or http on this machine")


def _check_jwks(jwks: Mapping[str, Any]) -> None:
    """Public asymmetric keys only: whoever sends a private key by mistake is told so at once."""
    keys = jwks.get("keys")
    if not isinstance(keys, list) or not keys or not all(isinstance(key, dict) for key in keys):
        raise Malformed("a JWK Set has a member keys with at least one key")
    if any(_PRIVATE_MEMBERS & key.keys() for key in keys):
        raise Malformed("a client's JWK Set has a private key in it")
