"""How a command ends other than well."""

from warifu.iso7816 import StatusWord


class Answered(Exception):
    """The command ends here with this status word and no data. Never leaves the chip."""

    def __init__(self, status_word: int) -> None:
        super().__init__(status_word)
        self.encoded = status_word.to_bytes(2, "big")


def tries_left(tries: int) -> Answered:
    """63Cx."""
    return Answered(StatusWord.TRIES_LEFT | tries)
