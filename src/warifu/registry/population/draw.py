"""Chance that repeats: one stream a household, so that any household can be invented again without the others."""

import hashlib
from collections.abc import Sequence
from typing import Final, TypeVar

T = TypeVar("T")
_BLOCK: Final = 1024


class Draw:
    """The stream for one subject under one seed: SHAKE-256, so it is the same everywhere. For invented people only."""

    def __init__(self, seed: int, *subject: object) -> None:
        self._key = f"warifu people 1 {seed} {' '.join(map(str, subject))} "
        self._block, self._blocks, self._at = b"", 0, 0

    def bytes(self, n: int) -> bytes:
        """The next `n` bytes, up to 1024; this makes it an `Entropy`."""
        if self._at + n > len(self._block):
            self._block = hashlib.shake_256(f"{self._key}{self._blocks}".encode()).digest(_BLOCK)
            self._blocks, self._at = self._blocks + 1, 0
        self._at += n
        return self._block[self._at - n : self._at]

    def below(self, bound: int) -> int:
        """A number 0..bound-1; for bounds up to 2**20 the bias is below 2**-12 of a share."""
        return int.from_bytes(self.bytes(4), "big") % bound

    def between(self, least: int, most: int) -> int:
        """A number least..most; `least` if there is nothing between."""
        return least + self.below(max(1, most - least + 1))

    def happens(self, of_thousand: int) -> bool:
        """Whether something happens that happens so many times in a thousand."""
        return self.below(1000) < of_thousand

    def choose(self, options: Sequence[T]) -> T:
        """One of the options, each as likely."""
        return options[self.below(len(options))]

    def choose_common(self, options: Sequence[T]) -> T:
        """One of the options, earlier ones likelier: the smaller of two draws."""
        return options[min(self.below(len(options)), self.below(len(options)))]
