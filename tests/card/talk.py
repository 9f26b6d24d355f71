"""Talking to a card in hexadecimal, so that a test reads like a trace."""

from tests.card.people import card
from warifu.card import Card, Profile

JPKI = "D392F000260100000001"
TEXT = "D3921000310001010408"
CARD_MANAGER = "A0000001510000"
VISUAL = "D3921000310001010402"
RESIDENT = "D3921000310001010401"
COMMON = "D3921000310001010100"
NEXT_AUTHENTICATION = "F0574152494655000001"
NEXT_FACE = "F0574152494655000002"
AUTHENTICATION_PIN, SIGNING_PASSWORD = 0x18, 0x1B
AUTHENTICATION_KEY, SIGNING_KEY = 0x17, 0x1A
TEXT_PIN, CODE_A, CODE_B, INTERNAL_KEY = 0x11, 0x14, 0x15, 0x13


class Talk:
    """One card and what one says to it."""

    def __init__(self, other: Card | None = None, *, profile: Profile = Profile.ADULT) -> None:
        self.card = other or card(profile)

    def __call__(self, command: str) -> str:
        """Send a command; data and status word, in upper-case hexadecimal."""
        return self.card.transmit(bytes.fromhex(command)).hex().upper()

    def word(self, command: str) -> str:
        """Send a command; the status word only."""
        return self(command)[-4:]

    def data(self, command: str) -> bytes:
        """Send a command that succeeds; its data."""
        answer = self.card.transmit(bytes.fromhex(command))
        assert answer[-2:] == b"\x90\x00", answer[-2:].hex()
        return answer[:-2]

    def select(self, aid: str) -> str:
        return self(f"00A4040C{len(aid) // 2:02X}{aid}")

    def select_jpki(self) -> None:
        assert self.select(JPKI) == "9000"

    def select_text(self) -> None:
        assert self.select(TEXT) == "9000"

    def select_file(self, fid: int) -> str:
        return self(f"00A4020C02{fid:04X}")

    def verify(self, fid: int, pin: str) -> str:
        return self(f"002000{0x80 | fid:02X}{len(pin):02X}{pin.encode().hex()}")

    def tries(self, fid: int) -> str:
        return self(f"002000{0x80 | fid:02X}")

    def change(self, fid: int, pin: str) -> str:
        return self(f"002401{0x80 | fid:02X}{len(pin):02X}{pin.encode().hex()}")

    def sign(self, fid: int, data: str = "AABB", scheme: int = 0) -> str:
        return self.word(f"802A{scheme:02X}{0x80 | fid if fid else 0:02X}{len(data) // 2:02X}{data}00")

    def read(self, fid: int) -> str:
        """Try to read a file's first byte."""
        return self.word(f"00B0{0x80 | fid:02X}0001")
