"""The relying party's key, with which it proves who it is at the token endpoint (`private_key_jwt`)."""

import json
from datetime import datetime, timedelta
from typing import Any, Final, Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_pem_private_key
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, RSAKey

from warifu.errors import Malformed
from warifu.ports import Entropy
from warifu.services.chance import random_token

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIFETIME: Final = timedelta(minutes=1)


class ClientKey:
    """A private key that signs client assertions: P-256 with ES256, or RSA with RS256."""

    def __init__(self, key: ECKey | RSAKey) -> None:
        self._key = key
        self.algorithm = "ES256" if isinstance(key, ECKey) else "RS256"
        self.kid = key.thumbprint()

    def __repr__(self) -> str:
        return f"ClientKey({self.algorithm})"

    @classmethod
    def generate(cls, algorithm: str = "ES256") -> Self:
        """A new key for ES256, or for RS256 with 2048 bits."""
        return cls(RSAKey.generate_key(2048) if algorithm == "RS256" else ECKey.generate_key("P-256"))

    @classmethod
    def load(cls, private_key: bytes) -> Self:
        """Read a key kept as DER or PEM (PKCS#8, RFC 5958; also RFC 8017 and RFC 5915) or as a JWK, not encrypted.

        Raises:
            Malformed: not a P-256 or RSA private key.
        """
        try:
            key = _read(private_key)
        except (ValueError, TypeError, KeyError, UnsupportedAlgorithm, RecursionError, JoseError) as error:
            raise Malformed("not a private key, or an encrypted one") from error
        if isinstance(key, EllipticCurvePrivateKey) and isinstance(key.curve, SECP256R1):
            return cls(ECKey.import_key(key))
        if isinstance(key, RSAPrivateKey):
            return cls(RSAKey.import_key(key))
        raise Malformed("not a P-256 or RSA private key")

    def private_bytes(self) -> bytes:
        """The key to keep, as DER (PKCS#8), not encrypted."""
        return self._key.as_der(private=True)

    def private_pem(self) -> bytes:
        """The key to keep where other software reads it, as PEM (PKCS#8), not encrypted."""
        return self._key.as_pem(private=True)

    def private_jwk(self) -> dict[str, Any]:
        """The same as a JWK (RFC 7517 §4), with its private members."""
        return dict(self._key.as_dict(private=True)) | {"kid": self.kid, "use": "sig", "alg": self.algorithm}

    def public_jwks(self) -> dict[str, list[dict[str, Any]]]:
        """The JWK Set to hand to the provider when registering (RFC 7517 §5)."""
        public = dict(self._key.as_dict(private=False))
        return {"keys": [public | {"kid": self.kid, "use": "sig", "alg": self.algorithm}]}

    def assertion(self, client_id: str, audience: str, now: datetime, entropy: Entropy) -> str:
        """A fresh client assertion (RFC 7523 §3): issuer and subject are the client, the audience is told."""
        issued_at = int(now.timestamp())
        claims = {
            "iss": client_id,
            "sub": client_id,
            "aud": audience,
            "jti": random_token(entropy),
            "iat": issued_at,
            "exp": issued_at + int(ASSERTION_LIFETIME.total_seconds()),
        }
        header = {"alg": self.algorithm, "kid": self.kid}
        return jwt.encode(header, claims, self._key, algorithms=[self.algorithm])


def _read(private_key: bytes) -> object:
    """A private key in whichever form it was kept."""
    if private_key.lstrip().startswith(b"-----BEGIN"):
        return load_pem_private_key(private_key, password=None)
    if not private_key.lstrip().startswith(b"{"):
        return load_der_private_key(private_key, password=None)
    return JWKRegistry.import_key(json.loads(private_key)).private_key
