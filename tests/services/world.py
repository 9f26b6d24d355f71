"""A provider that exists only as keys and addresses, and a client of it; all invented."""

import itertools
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from warifu.services import ClientKey, PendingLogin, ProviderMetadata, RelyingParty, begin, token_hash
from warifu.town import pool

NOW = datetime(2026, 11, 22, 9, 0, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ISSUER = "http://localhost:8700/api/realms/main"
ENDPOINTS = {
    "authorization_endpoint": f"{ISSUER}/protocol/openid-connect/auth",
    "token_endpoint": f"{ISSUER}/protocol/openid-connect/token",
    "userinfo_endpoint": f"{ISSUER}/protocol/openid-connect/userinfo",
    "jwks_uri": f"{ISSUER}/protocol/openid-connect/certs",
}
PROVIDER = ProviderMetadata.read(json.dumps({"issuer": ISSUER, **ENDPOINTS}).encode(), ISSUER)
KEY = ECKey.import_key(ec.derive_private_key(11, ec.SECP256R1()), {"kid": "now", "use": "sig", "alg": "ES256"})
OTHER_KEY = ECKey.import_key(ec.derive_private_key(12, ec.SECP256R1()), {"kid": "now", "use": "sig", "alg": "ES256"})
RSA_KEY = RSAKey.import_key(pool.private_key(120), {"kid": "now", "use": "sig"})
JWKS = {"keys": [dict(KEY.as_dict(private=False))]}
CLIENT_KEY = ClientKey(ECKey.import_key(ec.derive_private_key(13, ec.SECP256R1())))
PARTY = RelyingParty("RP00000001", "http://rp.localhost:8702/callback", CLIENT_KEY)
SCOPES = ("openid", "name", "address", "birthdate", "gender")
ACCESS_TOKEN = "an-access-token"


class Counter:
    """Chance that never repeats and is the same in every run."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def bytes(self, n: int) -> bytes:
        return next(self._numbers).to_bytes(n, "big")


def pending() -> PendingLogin:
    """A login that has just begun."""
    return begin(PARTY, PROVIDER, SCOPES, Counter())[1]


def id_token(key: Any = KEY, algorithm: str = "ES256", /, **changes: Any) -> str:
    """The ID token that answers `pending()`, right but for `changes`; None leaves a claim out."""
    claims: dict[str, Any] = {
        "iss": ISSUER,
        "sub": "5f0c2a6e-0000-4000-8000-000000000001",
        "aud": PARTY.client_id,
        "exp": int((NOW + 300 * SECOND).timestamp()),
        "iat": int(NOW.timestamp()),
        "nonce": pending().nonce,
        "at_hash": token_hash(ACCESS_TOKEN),
    }
    claims = {name: value for name, value in {**claims, **changes}.items() if value is not None}
    return jwt.encode({"alg": algorithm, "kid": "now"}, claims, key, algorithms=[algorithm])


def token_response(token: str | None = None, /, **changes: Any) -> bytes:
    """The token endpoint's answer, right but for `changes`; None leaves a member out."""
    members: Mapping[str, Any] = {
        "access_token": ACCESS_TOKEN,
        "token_type": "Bearer",
        "expires_in": 300,
        "id_token": token or id_token(),
        "scope": " ".join(SCOPES),
    }
    return json.dumps({name: value for name, value in {**members, **changes}.items() if value is not None}).encode()
