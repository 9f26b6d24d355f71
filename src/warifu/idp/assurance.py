"""How sure a login is, and by what means: what an ID token may truthfully say about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

LEVELS: Mapping[str, tuple[str, int]] = MappingProxyType(
    {"aal1": ("aal", 1), "aal2": ("aal", 2), "aal3": ("aal", 3), "phr": ("phr", 1), "phrh": ("phr", 2)}
)
"""The values of ``acr`` that have an order: on which scale, and how high.

Source: NIST SP 800-63B; OpenID Connect Extended Authentication Profile ACR Values 1.0 §4.
"""


def reaches(has: str, wanted: str) -> bool:
    """Whether one level is at least another; those of different scales do not compare."""
    scale, height = LEVELS.get(has, ("", 0))
    return scale == LEVELS[wanted][0] and height >= LEVELS[wanted][1]


@dataclass(frozen=True, slots=True)
class Assurance:
    """Of one login: the level reached and the methods used. Wire: claims ``acr`` and ``amr``.

    Only methods that the provider can know of are named. Source: OpenID Connect Core 1.0 §2, RFC 8176 §2.
    """

    acr: str
    amr: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proofed:
    """Who somebody is was proofed with the card, in a login before this one: how surely, and when.

    `checked_at` is when the card's certificate was last known to be good. Wire: claim ``proofed``, an object of `ial`,
    `at` and `checked_at` (NumericDate). Modelled: no standard has a claim for it that opens no attribute.
    """

    ial: str
    at: datetime
    checked_at: datetime

    def members(self) -> dict[str, object]:
        """The claim."""
        return {"ial": self.ial, "at": int(self.at.timestamp()), "checked_at": int(self.checked_at.timestamp())}
