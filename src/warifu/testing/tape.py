"""Recording what goes between a program and a card, playing it back without a card, comparing two cards.

::

    recorder = Recorder(software_card().connection)
    my_client.log_in(recorder)
    write_tape(recorder.tape(), path)             # once, by hand

    my_client.log_in(player := Player(read_tape(path)))
    player.check_finished()                       # ever after: the client says the same

    compare(tape, replay(tape, other_card))       # where another card answers otherwise

A tape holds every byte, PINs and names too: record invented cards only. What was said to somebody's real card is kept
`masked`: places on the card, status words and lengths stay, everything else becomes zeros. Such a tape can be looked
at and compared, but says nothing that another card could be told.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path

from warifu.errors import Malformed, NotAllowed
from warifu.iso7816 import Command
from warifu.ports import Connection
from warifu.wire.key_files import write_private

__all__ = [
    "Exchange",
    "OffTape",
    "Player",
    "Recorder",
    "Tape",
    "compare",
    "masked",
    "read_tape",
    "replay",
    "write_private_tape",
    "write_tape",
]

_TITLE, _MASKED_TITLE = "warifu tape 1", "warifu tape 1 masked"
_ATR, _COMMAND, _ANSWER, _POWER = "atr ", "> ", "< ", "power off and on"
_HEADER = 4
_SELECT = 0xA4
_SECRETS = frozenset({0x20, 0x24, 0x32})
"""VERIFY, CHANGE REFERENCE DATA, CHANGE KEY: not even the length of what they carry is kept."""
_SOME_SECRET = bytes(4)


class OffTape(AssertionError):
    """A program said something else than on the tape. Only headers are told: the rest may be a PIN."""


@dataclass(frozen=True, slots=True, repr=False)
class Exchange:
    """One command and its answer; both are None where the power was taken off and on."""

    command: bytes | None
    answer: bytes | None

    @property
    def header(self) -> str:
        """What may be told of the command."""
        return _POWER if self.command is None else self.command[:_HEADER].hex(" ").upper()


@dataclass(frozen=True, slots=True, repr=False)
class Tape:
    """A conversation with a card, from its answer to reset on; `masked` if zeros stand for what is somebody's."""

    atr: bytes
    exchanges: tuple[Exchange, ...] = ()
    masked: bool = False


class Recorder:
    """A `Connection` that passes everything on and keeps it. A command whose answer was lost is not kept."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._exchanges: list[Exchange] = []

    @property
    def atr(self) -> bytes:
        """Of the card behind."""
        return self._connection.atr

    def transmit(self, command: bytes) -> bytes:
        """Pass the command on; keep it with its answer."""
        answer = self._connection.transmit(command)
        self._exchanges.append(Exchange(bytes(command), answer))
        return answer

    def power_cycle(self) -> None:
        """Pass it on and keep it."""
        self._connection.power_cycle()
        self._exchanges.append(Exchange(None, None))

    def tape(self) -> Tape:
        """What was said so far."""
        return Tape(self.atr, tuple(self._exchanges))


@dataclass(slots=True)
class Player:
    """A `Connection` that answers as on the tape, to whoever says the same as on the tape."""

    tape: Tape = field(repr=False)
    position: int = 0

    @property
    def atr(self) -> bytes:
        """As on the tape."""
        return self.tape.atr

    def transmit(self, command: bytes) -> bytes:
        """The answer on the tape.

        Raises:
            OffTape: another command than on the tape, or the tape has ended.
        """
        answer = self._next(Exchange(bytes(command), None)).answer
        assert answer is not None
        return answer

    def power_cycle(self) -> None:
        """Go on.

        Raises:
            OffTape: there is none on the tape at this point.
        """
        self._next(Exchange(None, None))

    def check_finished(self) -> None:
        """Check that everything on the tape was said.

        Raises:
            OffTape: it was not.
        """
        if self.position < len(self.tape.exchanges):
            raise OffTape(f"{self._place()}: the tape goes on with {self.tape.exchanges[self.position].header}")

    def _next(self, said: Exchange) -> Exchange:
        if self.position >= len(self.tape.exchanges):
            raise OffTape(f"{self._place()}: {said.header} after the end of the tape")
        expected = self.tape.exchanges[self.position]
        if said.command != expected.command:
            same = ", with other data" if said.header == expected.header else f", the tape has {expected.header}"
            raise OffTape(f"{self._place()}: {said.header}{same}")
        self.position += 1
        return expected

    def _place(self) -> str:
        return f"command {self.position + 1} of {len(self.tape.exchanges)}"


def replay(tape: Tape, connection: Connection) -> Tape:
    """Say to another card what is on the tape: a tape with that card's answers.

    Wrong PINs on it count as they did when it was recorded: never play a tape to somebody's real card.

    Raises:
        NotAllowed: the tape is masked: its zeros would be tried as PINs.
    """
    if tape.masked:
        raise NotAllowed("a masked tape says nothing that a card could be told")
    recorder = Recorder(connection)
    for exchange in tape.exchanges:
        if exchange.command is None:
            recorder.power_cycle()
        else:
            recorder.transmit(exchange.command)
    return recorder.tape()


def masked(tape: Tape) -> Tape:
    """The same conversation with zeros for everything but places on the card and status words."""
    return Tape(tape.atr, tuple(map(_masked, tape.exchanges)), masked=True)


def _masked(exchange: Exchange) -> Exchange:
    if exchange.command is None or exchange.answer is None:
        return exchange
    answer = bytes(len(exchange.answer[:-2])) + exchange.answer[-2:]
    try:
        command = Command.decode(exchange.command)
    except Malformed:
        return Exchange(exchange.command[:_HEADER], answer)
    if command.ins != _SELECT and command.data:
        command = replace(command, data=_SOME_SECRET if command.ins in _SECRETS else bytes(len(command.data)))
    return Exchange(command.encode(), answer)


def compare(one: Tape, other: Tape) -> list[str]:
    """Where two cards differ that were told the same: answer to reset, status words, lengths of answers.

    Data is not compared: signatures with salt, challenges and certificates are never the same twice.
    """
    found = [] if one.atr == other.atr else [f"answer to reset: {one.atr.hex()}, {other.atr.hex()}"]
    for number, (left, right) in enumerate(zip(one.exchanges, other.exchanges, strict=False), 1):
        if left.command != right.command:
            return [*found, f"command {number}: {left.header}, {right.header}"]
        if left.answer is not None and right.answer is not None and _shape(left.answer) != _shape(right.answer):
            found.append(f"command {number} ({left.header}): {_shape(left.answer)}, {_shape(right.answer)}")
    if len(one.exchanges) != len(other.exchanges):
        found.append(f"{len(one.exchanges)} and {len(other.exchanges)} commands")
    return found


def write_tape(tape: Tape, path: Path) -> None:
    """Write the tape as text, one line for each command and each answer, in hexadecimal."""
    path.write_bytes(_text(tape).encode("ascii"))


def write_private_tape(tape: Tape, path: Path) -> None:
    """Write a tape that only its owner may read.

    Raises:
        FileExistsError: there is a file already; it stays as it is.
    """
    write_private(path, _text(tape).encode("ascii"))


def _text(tape: Tape) -> str:
    lines = [_MASKED_TITLE if tape.masked else _TITLE, _ATR + tape.atr.hex().upper()]
    for exchange in tape.exchanges:
        if exchange.command is None or exchange.answer is None:
            lines.append(_POWER)
        else:
            lines += [_COMMAND + exchange.command.hex().upper(), _ANSWER + exchange.answer.hex().upper()]
    return "\n".join(lines) + "\n"


def read_tape(path: Path) -> Tape:
    """Read a tape.

    Raises:
        Malformed: not one.
    """
    lines = _lines(path)
    if len(lines) < 2 or lines[0] not in (_TITLE, _MASKED_TITLE):
        raise Malformed(f"{path} is not a tape")
    atr, exchanges, rest = _bytes(lines[1], _ATR), [], lines[2:]
    while rest:
        if rest[0] == _POWER:
            exchanges.append(Exchange(None, None))
            rest = rest[1:]
        else:
            exchanges.append(Exchange(_bytes(rest[0], _COMMAND), _bytes("".join(rest[1:2]), _ANSWER)))
            rest = rest[2:]
    return Tape(atr, tuple(exchanges), masked=lines[0] == _MASKED_TITLE)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("ascii").splitlines()
    except UnicodeDecodeError:
        # Not chained: the cause has the file's bytes.
        raise Malformed(f"{path} is not a tape") from None


def _bytes(line: str, mark: str) -> bytes:
    try:
        if not line.startswith(mark):
            raise ValueError
        return bytes.fromhex(line.removeprefix(mark))
    except ValueError:
        # Not chained: the line may hold a PIN.
        raise Malformed(f"a line of the tape does not begin with {mark.strip()!r} and hexadecimal digits") from None


def _shape(answer: bytes) -> str:
    return f"{answer[-2:].hex().upper()} after {len(answer[:-2])} bytes"
