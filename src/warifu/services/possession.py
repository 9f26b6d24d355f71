"""A key that tokens are bound to, and the proofs that its holder sends along (DPoP, RFC 9449)."""

import hashlib
from datetime import datetime
from typing import Final, Self

from joserfc import jwt
from joserfc.jwk import ECKey

from warifu.ports import Entropy
from warifu.services.chance import base64url, random_token

__all__ = ["PROOF_HEADER", "HolderKey"]

PROOF_HEADER: Final = "dpop"
"""The header in which a proof travels (RFC 9449 §4.1)."""
_ALGORITHM: Final = "ES256"


class HolderKey:
    """A P-256 key of one login or of one server; who has a token of it but not the key has nothing."""

    def __init__(self, key: ECKey) -> None:
        self._key = key
        self.thumbprint = key.thumbprint()

    def __repr__(self) -> str:
        return "HolderKey()"

    @classmethod
    def generate(cls) -> Self:
        """A new key, to be kept no longer than the tokens."""
        return cls(ECKey.generate_key("P-256"))

    def proof(self, method: str, address: str, now: datetime, entropy: Entropy, access_token: str | None = None) -> str:
        """A fresh proof for one request (RFC 9449 §4.2); `access_token` is the token that the request uses, if any."""
        claims: dict[str, object] = {
            "jti": random_token(entropy),
            "htm": method,
            "htu": address.partition("?")[0],
            "iat": int(now.timestamp()),
        }
        if access_token is not None:
            claims["ath"] = base64url(hashlib.sha256(access_token.encode("ascii")).digest())
        header = {"typ": "dpop+jwt", "alg": _ALGORITHM, "jwk": dict(self._key.as_dict(private=False))}
        return jwt.encode(header, claims, self._key, algorithms=[_ALGORITHM])
