"""Recording what goes between a program and a card, playing it back without a card, comparing two cards.

::

    recorder = Recorder(software_card().connection)
    my_client.log_in(recorder)
    write_tape(recorder.tape(), path)             # once, by hand

    my_client.log_in(player := Player(read_tape(path)))
    player.check_finished()                       # ever after: the client says the same

    compare(tape, replay(tape, other_card))       # where another card answers otherwise

A tape holds every byte, PINs and names too: record invented cards only.
"""

from dataclasses import dataclass, field
from pathlib import Path

from warifu.errors import Malformed
from warifu.ports import Connection

__all__ = ["Exchange", "OffTape", "Player", "Recorder", "Tape", "compare", "read_tape", "replay", "write_tape"]

_TITLE = "warifu tape 1"
_ATR, _COMMAND, _ANSWER, _POWER = "atr ", "> ", "< ", "power off and on"
_HEADER = 4


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
    """A conversation with a card, from its answer to reset on."""

    atr: bytes
    exchanges: tuple[Exchange, ...] = ()


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
    """
    recorder = Recorder(connection)
    for exchange in tape.exchanges:
        if exchange.command is None:
            recorder.power_cycle()
        else:
            recorder.transmit(exchange.command)
    return recorder.tape()


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
    lines = [_TITLE, _ATR + tape.atr.hex().upper()]
    for exchange in tape.exchanges:
        if exchange.command is None or exchange.answer is None:
            lines.append(_POWER)
        else:
            lines += [_COMMAND + exchange.command.hex().upper(), _ANSWER + exchange.answer.hex().upper()]
    path.write_text("\n".join(lines) + "\n", "ascii")


def read_tape(path: Path) -> Tape:
    """Read a tape.

    Raises:
        Malformed: not one.
    """
    lines = path.read_text("utf-8").splitlines()
    if lines[:1] != [_TITLE] or len(lines) < 2:
        raise Malformed(f"{path} is not a tape")
    atr, exchanges, rest = _bytes(lines[1], _ATR), [], lines[2:]
    while rest:
        if rest[0] == _POWER:
            exchanges.append(Exchange(None, None))
            rest = rest[1:]
        else:
            exchanges.append(Exchange(_bytes(rest[0], _COMMAND), _bytes("".join(rest[1:2]), _ANSWER)))
            rest = rest[2:]
    return Tape(atr, tuple(exchanges))


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
