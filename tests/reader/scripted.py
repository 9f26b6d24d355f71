"""A connection that plays a written dialogue: for what no well-behaved card does."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from warifu.errors import WarifuError

Answer = str | WarifuError


@dataclass
class Script:
    """Answers each command with the next answer of the dialogue, and keeps what was sent; commands and answers in hex.

    An answer that is an error is raised, as a connection raises it.
    """

    dialogue: Sequence[tuple[str, Answer]]
    sent: list[str] = field(default_factory=list)
    power_cycles: int = 0
    atr: bytes = bytes.fromhex("3BE000FF8131FE4514")

    def transmit(self, command: bytes) -> bytes:
        expected, answer = self.dialogue[len(self.sent)]
        self.sent.append(command.hex())
        assert command.hex() == expected.replace(" ", "").lower()
        if isinstance(answer, WarifuError):
            raise answer
        return bytes.fromhex(answer)

    def power_cycle(self) -> None:
        self.power_cycles += 1

    def check_finished(self) -> None:
        """Every command of the dialogue has been sent."""
        assert len(self.sent) == len(self.dialogue)


SELECT_JPKI = ("00A4040C0A D392F000260100000001", "9000")
SELECT_TEXT = ("00A4040C0A D3921000310001010408", "9000")
SELECT_CARD_MANAGER = ("00A4040C07 A0000001510000", "9000")


def select(file_id: str) -> tuple[str, str]:
    """SELECT of an elementary file, answered 9000."""
    return (f"00A4020C02 {file_id}", "9000")
