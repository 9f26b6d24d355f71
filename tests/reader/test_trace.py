"""A trace tells commands by name and never what they carry, whatever is sent and answered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warifu.iso7816 import Command
from warifu.reader import Traced

_SELECT = 0xA4


class Echo:
    """A card that answers every command with the same."""

    atr = b"\x3b\x00"

    def __init__(self, answer: bytes) -> None:
        self._answer = answer

    def transmit(self, command: bytes) -> bytes:
        return self._answer

    def power_cycle(self) -> None:
        """Nothing."""


def told(command: bytes, answer: bytes = b"\x90\x00") -> str:
    lines: list[str] = []
    assert Traced(Echo(answer), lines.append).transmit(command) == answer
    (line,) = lines
    return line


commands = st.builds(
    Command,
    st.sampled_from([0x00, 0x08, 0x80]),
    st.integers(0, 255).filter(lambda ins: ins != _SELECT),
    st.integers(0, 255),
    st.integers(0, 255),
    st.binary(min_size=5, max_size=40),
)


@given(commands, st.binary(min_size=5, max_size=40))
def test_neither_what_is_sent_nor_what_is_answered_is_told(command: Command, data: bytes) -> None:
    """Only the four bytes of the header, counts and the status word: two traces differ in nothing else."""
    line = told(command.encode(), data + b"\x90\x00")
    other = Command(command.cla, command.ins, command.p1, command.p2, bytes(len(command.data)))
    assert line == told(other.encode(), bytes(len(data)) + b"\x90\x00")


@pytest.mark.parametrize("header", ["00200080", "00240180", "80320080"])
def test_not_even_the_length_of_a_pin_is_told(header: str) -> None:
    """A signing password has 6 to 16 characters; how many is worth knowing to a thief."""
    short, long = (bytes.fromhex(header) + bytes((size,)) + b"A" * size for size in (6, 16))
    assert told(short) == told(long)


@given(st.binary(max_size=12))
def test_any_bytes_are_told_somehow(command: bytes) -> None:
    assert told(command).endswith("->  9000 OK")


@given(st.binary(max_size=6))
def test_any_answer_is_told_somehow(answer: bytes) -> None:
    assert "->" in told(b"\x00\xb0\x00\x00\x00", answer)


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [("63C2", "63C2 2 tries left"), ("6982", "6982 SECURITY_STATUS"), ("6ABC", "6ABC"), ("", "no status word")],
)
def test_status_words_are_told_by_their_meaning(answer: str, meaning: str) -> None:
    assert told(b"\x00\x20\x00\x80", bytes.fromhex(answer)).endswith(f"->  {meaning}")


def test_files_are_named_by_the_application_they_are_in() -> None:
    lines: list[str] = []
    card = Traced(Echo(b"\x90\x00"), lines.append)
    for aid in ("D3921000310001010408", "D3921000310001010402"):
        card.transmit(bytes.fromhex("00A4040C0A" + aid))
        card.transmit(bytes.fromhex("00A4020C020011"))
    card.power_cycle()
    card.transmit(bytes.fromhex("00A4020C020011"))
    assert [line.split("  ")[1] for line in lines if "SELECT 0011" in line] == [
        "SELECT 0011 (PIN)",
        "SELECT 0011 (BIRTH_DATE)",
        "SELECT 0011",
    ]
