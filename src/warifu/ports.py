"""The few things a room asks of the world: time, chance, a private key, a card, a place to keep a card's state.

Rooms below ``wire`` take these as arguments and never reach for the real ones; ``wire`` and ``town`` supply them.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable


class Clock(Protocol):
    """Tells the moment."""

    def now(self) -> datetime:
        """The moment, UTC, aware."""
        ...


class Entropy(Protocol):
    """Supplies chance."""

    def bytes(self, n: int) -> bytes:
        """`n` unpredictable bytes (or, in a replayed town, the next `n` of the seeded stream)."""
        ...


SignatureAlgorithm = Literal["RS256", "ES256", "ES384"]


class Signer(Protocol):
    """A private key that signs and does not come out: a file, a PKCS#11 token, a test key."""

    @property
    def algorithm(self) -> SignatureAlgorithm:
        """RS256 is RSASSA-PKCS1-v1_5 with SHA-256; ES256 and ES384 give DER ECDSA-Sig-Value (RFC 3279 §2.2.3)."""
        ...

    @property
    def public_key_info(self) -> bytes:
        """DER SubjectPublicKeyInfo (RFC 5280 §4.1)."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Hash `data` as the algorithm says and sign it.

        Raises:
            Unavailable: the key's holder does not answer.
        """
        ...


@runtime_checkable
class DigestSigner(Signer, Protocol):
    """A signer that also signs what somebody else has hashed, for documents too large to be held whole."""

    def sign_digest(self, digest: bytes) -> bytes:
        """Sign a digest of the algorithm's own hash (SHA-256, or SHA-384 for ES384); the signature is as by `sign`."""
        ...


class Connection(Protocol):
    """A powered card, in process or in a reader."""

    @property
    def atr(self) -> bytes:
        """Answer to reset (ISO/IEC 7816-3 §8), 2..33 bytes."""
        ...

    def transmit(self, command: bytes) -> bytes:
        """Send one command APDU and return the response APDU (data, then SW1 SW2).

        Raises:
            NoCard: the card was taken out before the command was sent.
            AnswerLost: the command went out and no answer came back.
        """
        ...

    def power_cycle(self) -> None:
        """Take the power off and on again: every verified PIN is forgotten."""
        ...


class Store(Protocol):
    """Where a card keeps its state: named values, written durably and all together."""

    def read(self) -> Mapping[str, bytes]:
        """Everything that was written, newest values."""
        ...

    def write(self, changes: Mapping[str, bytes]) -> None:
        """Keep all of `changes` or, if the power fails, none; on return they are on stable storage."""
        ...
