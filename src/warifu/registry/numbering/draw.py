"""Drawing digits by chance, every value equally likely."""

from typing import Final

from warifu.ports import Entropy

FIRST_DIGIT: Final = "9"
"""Modelled: what every code and number of ours begins with."""


def draw_body(entropy: Entropy, length: int) -> str:
    """`length` digits of which the first is 9 and the others are drawn.

    Eight bytes are taken modulo the number of bodies; those of the last, incomplete round are drawn again, so that no
    body is likelier than another.
    """
    bodies = 10 ** (length - 1)
    rounds = (1 << 64) // bodies * bodies
    while True:
        drawn = int.from_bytes(entropy.bytes(8), "big")
        if drawn < rounds:
            return f"{FIRST_DIGIT}{drawn % bodies:0{length - 1}d}"
