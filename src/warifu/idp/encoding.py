"""The small spellings that OAuth messages are made of."""

import base64
import json
from collections.abc import Mapping

from warifu.ports import Entropy

TOKEN_BYTES = 32


def base64url(data: bytes) -> str:
    """URL-safe base64 without padding (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def segment(members: Mapping[str, object]) -> str:
    """A JSON object as one part of a JWT (RFC 7515 §7.1)."""
    return base64url(json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode())


def random_token(entropy: Entropy) -> str:
    """256 bits of chance as 43 URL-safe characters (RFC 6749 §10.10 asks for 128 bits or more)."""
    return base64url(entropy.bytes(TOKEN_BYTES))
