"""What was gathered to verify documents with, besides what they carry themselves."""

from dataclasses import dataclass, field

from warifu.verifier.revocation import CheckedList

__all__ = ["Material"]


@dataclass(frozen=True, slots=True)
class Material:
    """Certificates (DER), revocation lists (DER, or checked before) and OCSP answers (DER).

    Each is looked at for what it is about: it does not matter for which certificate it was gathered.
    """

    certificates: tuple[bytes, ...] = field(default=(), repr=False)
    crls: tuple[bytes | CheckedList, ...] = field(default=(), repr=False)
    ocsps: tuple[bytes, ...] = field(default=(), repr=False)
