"""The settings of whoever signs documents."""

from dataclasses import dataclass

__all__ = ["SigningSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningSettings:
    """What documents are signed with besides a card (``[signing]``, ``warifu sign``, ``warifu extend``)."""

    timestamp: str = ""
    """The timestamp service (RFC 3161)."""
    status: str = ""
    """Where the signer's authority says whether a certificate is good (OCSP), for evidence in documents."""
    proofs: tuple[str, ...] = ()
    """Files or addresses with the certificates and revocation lists of the timestamp service's authority."""
