"""How much a signed document carries to prove itself with."""

from enum import Enum

__all__ = ["Level"]


class Level(Enum):
    """Baseline levels (ETSI EN 319 122-1 §6, EN 319 142-1 §6, EN 319 132-1 §6), each with what is in those before."""

    B = "b"
    """The signature."""
    T = "t"
    """A timestamp: the signature existed then."""
    LT = "lt"
    """Certificates and revocation data: a verifier need not ask anybody."""
    LTA = "lta"
    """An archive timestamp over all of it, to be renewed before its own certificate ends."""

    def reaches(self, other: "Level") -> bool:
        """Whether it has what `other` has."""
        order = list(Level)
        return order.index(self) >= order.index(other)
