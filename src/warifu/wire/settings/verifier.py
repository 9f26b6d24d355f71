"""The settings of a verifier."""

from dataclasses import dataclass
from pathlib import Path

__all__ = ["VerifierSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierSettings:
    """A verifier that answers others (``[verifier]``, ``warifu serve verifier``); callers are ``warifu callers``.

    Whom it trusts is what ``warifu trust`` says.
    """

    host: str = "127.0.0.1"
    port: int = 8712
    allow_remote: bool = False
    """Whether other machines may reach it."""
    workers: int = 2
    """How many processes verify; each has a processor of its own."""
    seconds: int = 60
    """How long one document may take; then its process is ended, and the answer is 503."""
    patience: int = 10
    """How many seconds a request waits for a process that is free."""
    timestamp: str = ""
    """The timestamp service (RFC 3161) for evidence."""
    key: Path | None = None
    """The key that signs evidence; the data directory's ``verifier/verifier.key``, made when there is none."""
    platform: bool = False
    """Whether it is a platform operator too, which opens results of the signing API for callers of that scope."""
    platform_key: Path | None = None
    """The key that opens them (P-256); the data directory's ``verifier/platform/results.key``, made when missing."""
