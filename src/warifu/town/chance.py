"""Chance that repeats: the same seed and question give the same answer, whatever was asked before.

So a new persona changes nobody else. For invented data only; nothing secret comes from here.
"""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

__all__ = ["Chance"]

T = TypeVar("T")


class Chance:
    """The answers for one subject under one seed."""

    def __init__(self, seed: int, subject: str) -> None:
        self._prefix = f"warifu town {seed} {subject} "

    def below(self, question: str, bound: int) -> int:
        """A number 0..bound-1; the bias of the remainder is below 2⁻¹⁹⁰ for bounds up to 2⁶⁴."""
        digest = hashlib.sha256((self._prefix + question).encode()).digest()
        return int.from_bytes(digest, "big") % bound

    def identifier(self, question: str) -> str:
        """32 hexadecimal digits."""
        return f"{self.below(question, 1 << 128):032x}"

    def choose(self, question: str, options: Sequence[T]) -> T:
        """One of the options."""
        return options[self.below(question, len(options))]

    def digits(self, question: str, length: int) -> str:
        """So many decimal digits."""
        return f"{self.below(question, 10**length):0{length}d}"
