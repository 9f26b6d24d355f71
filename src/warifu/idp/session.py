"""The session at a client that a login begins."""

import hashlib
from uuid import UUID

__all__ = ["session_id"]


def session_id(transaction: str) -> str:
    """Its id: a UUID that tells nothing of the login. Wire: `sid` in tokens, `session_state` in the callback.

    Modelled: the official service's `session_state` is Keycloak's, which is the session's id.
    """
    return str(UUID(bytes=hashlib.sha256(b"warifu session\0" + transaction.encode()).digest()[:16], version=4))
