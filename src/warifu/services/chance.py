"""Values that nobody else can guess, as text."""

import base64

from warifu.ports import Entropy


def random_token(entropy: Entropy) -> str:
    """256 bits in base64url without padding, 43 characters: fits state, nonce, jti and a PKCE verifier alike."""
    return base64url(entropy.bytes(32))


def base64url(data: bytes) -> str:
    """Base64url without padding (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
