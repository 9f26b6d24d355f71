"""``warifu card info`` over a contactless reader, which makes up the answer to reset."""

import pytest

from warifu.card import Profile
from warifu.cli.card_choice import Held
from warifu.cli.card_info import _survey
from warifu.ports import Connection
from warifu.testing import software_card

MADE_UP = [
    "3B8880010000 05E0B381A1007F",
    "3B8880010000 41E0B381A1003B",
    "3BF59100FF918171FE40004200010000D1D6",
]
"""Source: pcsc-tools `smartcard_list.txt`, PC/SC part 3; the last of its kind without its check byte."""


class Contactless:
    """A card in such a reader."""

    def __init__(self, card: Connection, atr: bytes) -> None:
        self._card, self.atr = card, atr

    def transmit(self, command: bytes) -> bytes:
        return self._card.transmit(command)

    def power_cycle(self) -> None:
        self._card.power_cycle()


@pytest.mark.parametrize("atr", MADE_UP)
@pytest.mark.parametrize(("profile", "generation"), [(Profile.ADULT, "A"), (Profile.ADULT.of_generation_b(), "B")])
def test_the_generation_is_told_by_the_card_itself(profile: Profile, generation: str, atr: str) -> None:
    told = _survey(Held(Contactless(software_card(profile=profile).connection, bytes.fromhex(atr))))
    assert (told["generation"], told["atr"]) == (generation, atr.replace(" ", ""))
