"""Six digits that a phone shows and a person types where the code was read.

They are kept as a keyed hash, for there are only a million of them; they expire, the phone may ask for others, and a
handful of wrong tries ends the hand-over, whatever codes and digits were shown in between. So who cannot see the phone
hits them in one login of two hundred thousand.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime

from warifu.errors import HandOverEnded, Malformed
from warifu.idp.profile import Profile
from warifu.idp.secret import Secret
from warifu.ports import Entropy

__all__ = ["DIGITS", "Digits", "Drawn", "digits_hash", "draw", "read_digits"]

DIGITS = 6
_BETWEEN = re.compile(r"[\s‐‑–—−ー-]")
_CHANCE = 16
"""Bytes that a number below a million is drawn from: no one of them is noticeably likelier (one in 2^108)."""


@dataclass(frozen=True, slots=True)
class Digits:
    """The digits shown now, as they are kept; `drawn` counts those shown to the phone before these."""

    hash: bytes = field(repr=False)
    expires_at: datetime
    drawn: int


@dataclass(frozen=True, slots=True, repr=False)
class Drawn:
    """Digits for the phone to show, and until when they are good."""

    digits: str
    expires_at: datetime


def draw(
    transaction: str, before: int, profile: Profile, secret: Secret, entropy: Entropy, now: datetime
) -> tuple[Digits, Drawn]:
    """Digits by chance; the second value is the only place where they stand in clear.

    Raises:
        HandOverEnded: this phone has been shown as many as it may.
    """
    if before >= profile.digits_renewals:
        raise HandOverEnded("no more digits for this phone")
    digits = f"{int.from_bytes(entropy.bytes(_CHANCE), 'big') % 10**DIGITS:0{DIGITS}}"
    ends = now.replace(microsecond=0) + profile.digits_lifetime
    return Digits(digits_hash(transaction, digits, secret), ends, before + 1), Drawn(digits, ends)


def read_digits(text: str) -> str:
    """What a person typed: full-width digits count, and so do spaces and hyphens between them.

    Raises:
        Malformed: it can be no six digits; that is no try.
    """
    digits = _BETWEEN.sub("", unicodedata.normalize("NFKC", text[:64]))
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdigit()):
        raise Malformed("six digits are asked for")
    return digits


def digits_hash(transaction: str, digits: str, secret: Secret) -> bytes:
    """The keyed hash under which digits are kept."""
    return secret.derive("hand-over digits", transaction.encode(), digits.encode())
