"""Commands and responses; the fixed cases are in `tests/vectors/iso7816`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warifu.errors import Malformed
from warifu.iso7816 import MAX_EXTENDED, Command, Response, chain

byte = st.integers(0, 255)
commands = st.builds(
    Command,
    cla=byte,
    ins=byte,
    p1=byte,
    p2=byte,
    data=st.binary(max_size=300),
    le=st.none() | st.integers(1, MAX_EXTENDED),
    extended=st.booleans(),
)


@given(commands)
def test_a_command_survives_its_wire_form(command: Command) -> None:
    assert Command.decode(command.encode()) == command


@given(st.binary(max_size=20) | st.binary(min_size=200, max_size=600))
def test_bytes_that_are_a_command_are_its_only_wire_form(data: bytes) -> None:
    try:
        command = Command.decode(data)
    except Malformed:
        return
    assert command.encode() == data


@pytest.mark.parametrize(
    ("command", "length"),
    [
        (Command(0, 0xB0, 0, 0, le=256), 5),
        (Command(0, 0xB0, 0, 0, le=257), 7),
        (Command(0, 0x2A, 0, 0, bytes(255), 256), 261),
        (Command(0, 0x2A, 0, 0, bytes(256), 256), 265),
        (Command(0, 0x2A, 0, 0, bytes(65535)), 65542),
    ],
)
def test_the_shortest_form_that_fits_is_written(command: Command, length: int) -> None:
    """ISO/IEC 7816-4:2005 §5.1."""
    assert len(command.encode()) == length


@pytest.mark.parametrize(
    ("cla", "ins", "p1", "p2"), [(256, 0, 0, 0), (0, -1, 0, 0), (0, 0, 300, 0), (0, 0, 0, 1 << 40)]
)
def test_a_header_has_four_bytes(cla: int, ins: int, p1: int, p2: int) -> None:
    with pytest.raises(Malformed):
        Command(cla, ins, p1, p2)


@pytest.mark.parametrize("le", [0, -1, 65537])
def test_le_is_1_to_65536(le: int) -> None:
    with pytest.raises(Malformed):
        Command(0, 0xB0, 0, 0, le=le)


def test_data_has_up_to_65535_bytes() -> None:
    with pytest.raises(Malformed):
        Command(0, 0x2A, 0, 0, bytes(65536))


def test_a_command_does_not_show_its_data() -> None:
    assert "8765" not in repr(Command(0, 0x20, 0, 0x80, b"8765"))
    assert "personal" not in repr(Response(b"personal", 0x9000))


@pytest.mark.parametrize("status_word", [-1, 0x10000])
def test_a_status_word_has_two_bytes(status_word: int) -> None:
    with pytest.raises(Malformed):
        Response(b"", status_word)


@given(st.binary(max_size=300), st.integers(0, 0xFFFF))
def test_a_response_survives_its_wire_form(data: bytes, status_word: int) -> None:
    assert Response.decode(Response(data, status_word).encode()) == Response(data, status_word)


def test_a_command_that_fits_is_a_chain_of_one() -> None:
    command = Command(0, 0x2A, 0, 0x80, bytes(255), 256)
    assert chain(command) == [command]


def test_a_command_without_data_is_a_chain_of_one() -> None:
    assert chain(Command(0, 0x20, 0, 0x80)) == [Command(0, 0x20, 0, 0x80)]


@given(st.binary(min_size=256, max_size=2000))
def test_a_chain_carries_all_data_and_only_its_last_command_has_le(data: bytes) -> None:
    """ISO/IEC 7816-4:2005 §5.1.1.1: class bit 5 in all commands but the last."""
    *first, last = chain(Command(0x80, 0xE2, 1, 2, data, 256))
    assert b"".join(each.data for each in (*first, last)) == data
    assert {(each.cla, each.le, len(each.data)) for each in first} == {(0x90, None, 255)}
    assert (last.cla, last.le) == (0x80, 256)
    assert all(len(each.encode()) <= 261 for each in (*first, last))
