"""The ID token: who logged in where, how and when, signed by the provider (OpenID Connect Core 1.0 §2)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key
from joserfc.jwk import ECKey

from warifu.errors import Malformed
from warifu.idp.assurance import Assurance, Proofed
from warifu.idp.encoding import base64url, segment
from warifu.idp.profile import Provider
from warifu.ports import Signer

COORDINATE_BYTES = 32


@dataclass(frozen=True, slots=True)
class Session:
    """Of a login, what an ID token says: who, where, when they proved it and how, what that client had asked with."""

    subject: str
    client_id: str
    authenticated_at: datetime
    nonce: str | None
    assurance: Assurance
    proofed: Proofed | None = None
    sid: str | None = None


class IdTokenSigner:
    """The provider's ES256 key at work. The key itself stays behind the `Signer` port (a file, a hardware module)."""

    def __init__(self, signer: Signer) -> None:
        """Take the key.

        Raises:
            Malformed: not a P-256 key.
        """
        if signer.algorithm != "ES256":
            raise Malformed("ID tokens are signed with ES256")
        self._signer = signer
        self.public_key_info = signer.public_key_info
        self.jwk = public_jwk(signer.public_key_info)

    def issue(self, session: Session, access_token: str, provider: Provider, now: datetime) -> str:
        """The ID token of a login, tied to its access token by `at_hash`; a refreshed one carries no nonce.

        Wire: compact JWS; header `alg`, `typ`, `kid`; `at_hash` base64url of the left 16 bytes of SHA-256.
        Source: OpenID Connect Core 1.0 §2, §3.1.3.6, §12.2.
        """
        profile, issued_at = provider.profile, int(now.timestamp())
        claims: dict[str, object] = {
            "iss": provider.issuer,
            "sub": session.subject,
            "aud": session.client_id,
            "exp": issued_at + int(profile.id_token_lifetime.total_seconds()),
            "iat": issued_at,
            "auth_time": int(session.authenticated_at.timestamp()),
            "acr": session.assurance.acr,
            "amr": list(session.assurance.amr),
            "at_hash": at_hash(access_token),
        }
        if session.nonce is not None:
            claims["nonce"] = session.nonce
        if session.proofed is not None:
            claims["proofed"] = session.proofed.members()
        if session.sid is not None:
            claims["sid"] = session.sid
        return self.sign(claims)

    def sign(self, claims: Mapping[str, object], kind: str = "JWT") -> str:
        """Claims as a signed JWT: an ID token, or something else that the provider answers for."""
        header = {"alg": "ES256", "typ": kind, "kid": self.jwk["kid"]}
        signing_input = f"{segment(header)}.{segment(claims)}"
        return f"{signing_input}.{base64url(_raw_signature(self._signer.sign(signing_input.encode('ascii'))))}"


def at_hash(access_token: str) -> str:
    """The left half of the token's SHA-256 (OpenID Connect Core 1.0 §3.1.3.6)."""
    return base64url(hashlib.sha256(access_token.encode("ascii")).digest()[:16])


def public_jwk(public_key_info: bytes) -> dict[str, str]:
    """A P-256 public key as a JWK for signatures; `kid` is its thumbprint (RFC 7638).

    Raises:
        Malformed: another kind of key.
    """
    key = ECKey.import_key(load_der_public_key(public_key_info))  # type: ignore[arg-type]
    if key.curve_name != "P-256":
        raise Malformed("the provider's key is not on P-256")
    members = {str(name): str(value) for name, value in key.as_dict(private=False).items()}
    return members | {"kid": key.thumbprint(), "use": "sig", "alg": "ES256"}


def _raw_signature(der: bytes) -> bytes:
    """ECDSA-Sig-Value to r and s, 32 bytes each (RFC 7518 §3.4)."""
    r, s = decode_dss_signature(der)
    return r.to_bytes(COORDINATE_BYTES, "big") + s.to_bytes(COORDINATE_BYTES, "big")
