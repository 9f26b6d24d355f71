"""A card in the virtual reader: it joins pcscd through vpcd, and any PC/SC program on the machine finds it.

vpcd (Debian package vsmartcard-vpcd) is a reader driver that listens on a TCP port; whoever connects is a card put in,
whoever hangs up is taken out.

Wire: both ways a length (u16, big-endian) and so many bytes. One byte from vpcd is a control: 00 power off, 01 power
on, 02 reset, 04 asks for the answer to reset. Anything longer is a command APDU. Only 04 and commands are answered.
Source: frankmorgner/vsmartcard `virtualsmartcard/src/vpcd/vpcd.c`.
"""

import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Event

from warifu.errors import NoReader
from warifu.iso7816 import StatusWord
from warifu.ports import Connection

__all__ = ["DEFAULT_HOST", "DEFAULT_PORT", "insert", "serve"]

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 35963
"""The first slot of vpcd as Debian configures it; the second is the next port."""

_POWER_ON, _RESET, _GET_ATR = b"\x01", b"\x02", b"\x04"
_CONTROL_LENGTH = 1
_MAX_MESSAGE = 0xFFFF
_CONNECT_SECONDS = 5.0
_STOP_SECONDS = 0.2
"""How often a waiting card looks whether it is to be taken out."""


def insert(
    card: Connection,
    host: str = DEFAULT_HOST,
    port: int = DEFAULT_PORT,
    *,
    stop: Event | None = None,
    inserted: Event | None = None,
) -> None:
    """Put `card` into the virtual reader and serve it until `stop` is set; `inserted` is set once it is in.

    Raises:
        NoReader: nobody listens there, or the reader went away.
    """
    stop = stop or Event()
    with _connect(host, port) as link:
        if inserted is not None:
            inserted.set()
        serve(card, link, stop=stop)
    if not stop.is_set():
        raise NoReader("the virtual card reader went away")


def serve(card: Connection, link: socket.socket, *, stop: Event | None = None) -> None:
    """Serve `card` over a connection to vpcd until either side ends it, or `stop` is set and `link` has a timeout."""
    line = _Line(link, stop or Event())
    while (message := line.receive()) is not None:
        if len(message) != _CONTROL_LENGTH:
            line.send(_answer(card, message))
        elif message == _GET_ATR:
            line.send(card.atr)
        elif message == _POWER_ON:
            # Power off needs nothing: without power there is no command before this.
            card.power_cycle()
        elif message == _RESET:
            _warm_reset(card)


def _warm_reset(card: Connection) -> None:
    """Reset a card that tells a warm reset from a power cycle; any other loses its power."""
    reset: Callable[[], None] = getattr(card, "reset", card.power_cycle)
    reset()


def _answer(card: Connection, command: bytes) -> bytes:
    answer = card.transmit(command)
    # The longest extended answer with its status word is two bytes longer than vpcd can carry.
    return answer if len(answer) <= _MAX_MESSAGE else StatusWord.NO_DIAGNOSIS.to_bytes(2, "big")


def _connect(host: str, port: int) -> socket.socket:
    try:
        link = socket.create_connection((host, port), timeout=_CONNECT_SECONDS)
    except OSError as error:
        raise NoReader(f"no virtual card reader listens on {host}:{port}", detail=str(error)) from error
    link.settimeout(_STOP_SECONDS)
    return link


class _Line:
    """Messages to and from vpcd."""

    def __init__(self, link: socket.socket, stop: Event) -> None:
        self._link = link
        self._stop = stop
        self._received = b""
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._acknowledge_at_once()

    def receive(self) -> bytes | None:
        """The next message, or None when the connection has ended or it is time to stop."""
        while True:
            received = self._received
            end = 2 + int.from_bytes(received[:2], "big")
            if len(received) >= 2 and len(received) >= end:
                self._received = received[end:]
                return received[2:end]
            some = b"" if self._stop.is_set() else self._receive_some()
            if not some:
                return None
            self._received += some

    def send(self, message: bytes) -> None:
        """Send one message, length and all in one segment; if the other side has gone, `receive` will tell."""
        with suppress(OSError):
            self._link.sendall(len(message).to_bytes(2, "big") + message)

    def _receive_some(self) -> bytes:
        """At least one byte, or none when the connection has ended or it is time to stop."""
        while not self._stop.is_set():
            try:
                received = self._link.recv(_MAX_MESSAGE)
                self._acknowledge_at_once()
            except TimeoutError:
                continue
            except OSError:
                return b""
            return received
        return b""

    def _acknowledge_at_once(self) -> None:
        """Keep Linux from delaying acknowledgements by 40 ms.

        vpcd writes length and command separately, so its second write waits for our acknowledgement of the first
        (Nagle). The option is not sticky: it is set again after each receive. Other systems have no such option.
        """
        if hasattr(socket, "TCP_QUICKACK"):
            self._link.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
