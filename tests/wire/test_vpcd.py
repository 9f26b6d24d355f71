"""The virtual reader's protocol, against a vpcd played here."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import pytest

from tests.card.people import card
from tests.waiting import PATIENCE
from warifu.cardmap import ATR_GENERATION_A
from warifu.errors import NoReader, WarifuError
from warifu.ports import Connection
from warifu.wire.vpcd import insert, serve

SELECT_JPKI = bytes.fromhex("00A4040C0AD392F000260100000001")
VERIFY = bytes.fromhex("002000980431323334")
SIGN = bytes.fromhex("802A009702AAAA00")
POWER_OFF, POWER_ON, RESET, GET_ATR = b"\x00", b"\x01", b"\x02", b"\x04"


class Vpcd:
    """The other end: a reader with one slot."""

    def __init__(self, line: socket.socket) -> None:
        line.settimeout(PATIENCE)
        self._line = line

    def send(self, message: bytes) -> None:
        """Two writes, as vpcd does it."""
        self._line.sendall(len(message).to_bytes(2, "big"))
        self._line.sendall(message)

    def receive(self) -> bytes:
        length = int.from_bytes(self._exactly(2), "big")
        return self._exactly(length)

    def exchange(self, message: bytes) -> bytes:
        self.send(message)
        return self.receive()

    def hang_up(self) -> None:
        self._line.close()

    def _exactly(self, size: int) -> bytes:
        received = b""
        while len(received) < size:
            some = self._line.recv(size - len(received))
            assert some, "the card hung up"
            received += some
        return received


class Insertion:
    """A card being served in a thread, and how that ended."""

    def __init__(self, inserted: Connection, port: int) -> None:
        self.stop = Event()
        self.error: WarifuError | None = None
        self._thread = Thread(target=self._serve, args=(inserted, port))
        self._thread.start()

    def _serve(self, inserted: Connection, port: int) -> None:
        try:
            insert(inserted, port=port, stop=self.stop)
        except WarifuError as error:
            self.error = error

    def join(self) -> None:
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()


@contextmanager
def reader(inserted: Connection) -> Iterator[tuple[Vpcd, Insertion]]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE)
        insertion = Insertion(inserted, server.getsockname()[1])
        line, _ = server.accept()
        with line:
            yield Vpcd(line), insertion
            insertion.stop.set()
            insertion.join()


def test_the_answer_to_reset_is_told() -> None:
    with reader(card()) as (vpcd, _):
        assert vpcd.exchange(GET_ATR) == ATR_GENERATION_A


def test_commands_are_answered() -> None:
    with reader(card()) as (vpcd, _):
        vpcd.send(POWER_ON)
        assert vpcd.exchange(SELECT_JPKI) == b"\x90\x00"
        assert vpcd.exchange(VERIFY) == b"\x90\x00"
        assert len(vpcd.exchange(SIGN)) == 258


def test_extended_commands_and_answers_pass() -> None:
    with reader(card()) as (vpcd, _):
        vpcd.exchange(SELECT_JPKI)
        vpcd.exchange(bytes.fromhex("00A4020C02000A"))
        assert len(vpcd.exchange(bytes.fromhex("00B00000000000"))) == 2050


def test_power_off_and_on_forgets_the_pin() -> None:
    with reader(card()) as (vpcd, _):
        vpcd.send(POWER_ON)
        vpcd.exchange(SELECT_JPKI)
        vpcd.exchange(VERIFY)
        vpcd.send(POWER_OFF)
        vpcd.send(POWER_ON)
        vpcd.exchange(SELECT_JPKI)
        assert vpcd.exchange(SIGN) == b"\x69\x82"


def test_a_reset_keeps_the_pin_verified() -> None:
    """A warm reset is no power cycle (soltia48/myna-card `src/transport/pcsc.rs`)."""
    with reader(card()) as (vpcd, _):
        vpcd.send(POWER_ON)
        vpcd.exchange(SELECT_JPKI)
        vpcd.exchange(VERIFY)
        vpcd.send(RESET)
        assert vpcd.exchange(GET_ATR) == ATR_GENERATION_A
        vpcd.exchange(SELECT_JPKI)
        assert len(vpcd.exchange(SIGN)) == 258


def test_messages_may_arrive_in_any_pieces() -> None:
    with reader(card()) as (vpcd, _):
        stream = b"".join(len(each).to_bytes(2, "big") + each for each in (POWER_ON, SELECT_JPKI, GET_ATR, VERIFY))
        for byte in stream:
            vpcd._line.sendall(bytes((byte,)))
        assert [vpcd.receive() for _ in range(3)] == [b"\x90\x00", ATR_GENERATION_A, b"\x90\x00"]
        vpcd._line.sendall(stream)
        assert [vpcd.receive() for _ in range(3)] == [b"\x90\x00", ATR_GENERATION_A, b"\x90\x00"]


def test_an_unknown_control_is_not_answered() -> None:
    with reader(card()) as (vpcd, _):
        vpcd.send(b"\x77")
        assert vpcd.exchange(GET_ATR) == ATR_GENERATION_A


def test_a_stop_takes_the_card_out() -> None:
    with reader(card()) as (vpcd, insertion):
        vpcd.exchange(GET_ATR)
        insertion.stop.set()
        insertion.join()
        assert vpcd._line.recv(1) == b""
        assert insertion.error is None


def test_a_reader_that_hangs_up_is_reported() -> None:
    with reader(card()) as (vpcd, insertion):
        vpcd.exchange(GET_ATR)
        vpcd.hang_up()
        insertion.join()
        assert type(insertion.error) is NoReader


def test_no_reader_is_said_with_the_address() -> None:
    with socket.socket() as taken:  # so that nobody else comes to listen there
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(NoReader, match=f"no virtual card reader listens on 127.0.0.1:{port}"):
            insert(card(), port=port)


class LongWinded:
    """A card whose answer is longer than vpcd can carry."""

    atr = ATR_GENERATION_A

    def transmit(self, command: bytes) -> bytes:
        return bytes(65536) + b"\x90\x00"

    def power_cycle(self) -> None:
        self.cycles = getattr(self, "cycles", 0) + 1


def test_a_reset_cycles_the_power_of_a_card_that_knows_no_warm_reset() -> None:
    long_winded = LongWinded()
    with reader(long_winded) as (vpcd, _):
        vpcd.send(RESET)
        vpcd.exchange(GET_ATR)
        assert long_winded.cycles == 1


def test_an_answer_too_long_for_the_line_is_an_error_of_the_card() -> None:
    with reader(LongWinded()) as (vpcd, _):
        assert vpcd.exchange(SELECT_JPKI) == b"\x6f\x00"


class WatchedSocket(socket.socket):
    """Counts how often acknowledgements were asked for at once, and how often something was received."""

    quick = received = 0

    def setsockopt(self, *arguments: object) -> None:
        if arguments[1] == socket.TCP_QUICKACK:
            self.quick += 1
        super().setsockopt(*arguments)  # type: ignore[call-overload]

    def recv(self, *arguments: int) -> bytes:
        self.received += 1
        return super().recv(*arguments)


@pytest.mark.skipif(not hasattr(socket, "TCP_QUICKACK"), reason="only Linux has TCP_QUICKACK")
def test_acknowledgements_are_not_delayed() -> None:
    """The option is not sticky: it is set before the first receive and after each (tcp(7), TCP_QUICKACK)."""
    with socket.create_server(("127.0.0.1", 0)) as server, WatchedSocket() as link:
        link.connect(server.getsockname())
        peer, _ = server.accept()
        with peer:
            peer.sendall((b"\0\x01" + GET_ATR) * 3)
            peer.shutdown(socket.SHUT_WR)
            serve(card(), link)
        assert link.received >= 2
        assert link.quick == 1 + link.received
