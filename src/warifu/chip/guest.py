"""A terminal on its way to be believed (told in `terminals`)."""

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from warifu.chip.files import AuthorityFile


@dataclass(slots=True)
class Guest:
    """How far a terminal has come: how many certificates are believed, the last one's key, and the body that waits."""

    authority: AuthorityFile
    key_id: bytes
    public_key: RSAPublicKey = field(repr=False)
    certified: int = 0
    body: bytes | None = None
