"""Cards in readers, over PC/SC: WinSCard on Windows, the built-in service on macOS, pcscd elsewhere.

pyscard is loaded when it is first needed, so that warifu works without it. A card is taken exclusively, so that no
other program can use a PIN verified here; readers that refuse that (Sony RC-S300) are shared, inside one transaction
from connecting to closing. Closing takes the card's power away: verified PINs survive a mere disconnect
(`soltia48/myna-card` `src/pcsc.rs`).
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from warifu.errors import AnswerLost, InUse, NoCard, NoReader, Unavailable

__all__ = ["PcscConnection", "Waiting", "card_present", "connect", "readers"]

Waiting = Callable[[], None]
"""Called once when a card is awaited."""

_STATUS_WORD = 2
"""Bytes that every answer of a card ends with."""

_POLL = 0.5
"""Seconds after which a reader plugged in meanwhile is noticed."""


def readers() -> list[str]:
    """The names of the readers there are.

    Raises:
        Unavailable: pyscard or the PC/SC service is missing; notes say what to install.
    """
    scard = _scard()
    with _context(scard) as context:
        return _list(scard, context)


def card_present(reader: str | None = None) -> bool:
    """Whether there is a card in the reader, or in any; the card is not spoken to.

    Raises:
        NoReader: there is no (such) reader.
        Unavailable: pyscard or the PC/SC service is missing.
    """
    scard = _scard()
    with _context(scard) as context:
        try:
            return bool(_reader_with_card(scard, context, reader))
        except NoCard:
            return False


def connect(reader: str | None = None, timeout: float = 0.0, waiting: Waiting = lambda: None) -> "PcscConnection":
    """Connect to the card in a reader, or in the first reader that has one.

    `reader` is a reader's name or part of it, `timeout` seconds to wait for a reader and a card; `waiting` is called
    once, if there is something to wait for.

    Raises:
        NoReader: there is no (such) reader.
        NoCard: no card came, or it does not answer.
        InUse: another program holds the card.
        Unavailable: pyscard or the PC/SC service is missing.
    """
    scard = _scard()
    context = _establish(scard)
    try:
        name = _wait_for_card(scard, context, reader, timeout, waiting)
        return PcscConnection(scard, context, name)
    except BaseException:
        scard.SCardReleaseContext(context)
        raise


class PcscConnection:
    """A powered card in a reader, a `Connection`; close it, or use it in a ``with``.

    For one thread at a time.
    """

    def __init__(self, scard: Any, context: Any, reader: str) -> None:
        """Connect to the card in `reader`; the connection owns `context` from here on if nothing is raised."""
        self.reader = reader
        self._scard = scard
        self._context = context
        self._handle, self._mode, self._protocol = _open(scard, context, reader)
        try:
            self._after_power_on()
        except BaseException:
            scard.SCardDisconnect(self._handle, scard.SCARD_UNPOWER_CARD)
            raise

    @property
    def atr(self) -> bytes:
        """Answer to reset; for a contactless card the reader made it up (PC/SC part 3)."""
        return self._atr

    def transmit(self, command: bytes) -> bytes:
        """Send one command APDU and return the response APDU.

        Raises:
            NoCard: the card was taken out before the command was sent.
            Unavailable: another program reset the card; the command was not sent.
            AnswerLost: the command may have gone out, and no answer came back.
        """
        result, response = self._scard.SCardTransmit(self._handle, self._protocol_header(), list(command))
        if result != self._scard.SCARD_S_SUCCESS:
            raise _lost(self._scard, result)
        if len(response) < _STATUS_WORD:
            # A card that was pulled out half-way: some drivers call that a success with nothing in it.
            raise AnswerLost(detail="the reader passed on no status word")
        return bytes(response)

    def power_cycle(self) -> None:
        """Take the power off and on again: every verified PIN is forgotten.

        Raises:
            NoCard: the card was taken out.
        """
        scard = self._scard
        result, self._protocol = scard.SCardReconnect(
            self._handle, self._mode, self._protocol, scard.SCARD_UNPOWER_CARD
        )
        _check(scard, result)
        self._read_atr()

    def close(self) -> None:
        """Take the power off and let go of the card."""
        if self._handle is not None:
            self._scard.SCardDisconnect(self._handle, self._scard.SCARD_UNPOWER_CARD)
            self._scard.SCardReleaseContext(self._context)
            self._handle = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _after_power_on(self) -> None:
        if self._mode == self._scard.SCARD_SHARE_SHARED:
            _check(self._scard, self._scard.SCardBeginTransaction(self._handle))
        self._read_atr()

    def _read_atr(self) -> None:
        result, _, _, _, atr = self._scard.SCardStatus(self._handle)
        _check(self._scard, result)
        self._atr = bytes(atr)

    def _protocol_header(self) -> Any:
        scard = self._scard
        headers = {scard.SCARD_PROTOCOL_T0: scard.SCARD_PCI_T0, scard.SCARD_PROTOCOL_T1: scard.SCARD_PCI_T1}
        return headers.get(self._protocol, scard.SCARD_PCI_RAW)


def _open(scard: Any, context: Any, reader: str) -> tuple[Any, int, int]:
    """Handle, sharing mode and protocol: exclusive if the reader allows it, any protocol the card speaks."""
    result = scard.SCARD_E_SHARING_VIOLATION
    for protocols in (scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1, scard.SCARD_PROTOCOL_RAW):
        for mode in (scard.SCARD_SHARE_EXCLUSIVE, scard.SCARD_SHARE_SHARED):
            result, handle, protocol = scard.SCardConnect(context, reader, mode, protocols)
            if result == scard.SCARD_S_SUCCESS:
                return handle, mode, protocol
            if result != scard.SCARD_E_SHARING_VIOLATION:
                break
        if result != scard.SCARD_E_PROTO_MISMATCH:
            break
    raise _failure(scard, result)


def _wait_for_card(scard: Any, context: Any, reader: str | None, timeout: float, waiting: Waiting) -> str:
    deadline = time.monotonic() + timeout
    announced = False
    while True:
        try:
            return _reader_with_card(scard, context, reader)
        except (NoReader, NoCard):
            if time.monotonic() >= deadline:
                raise
        if not announced:
            waiting()
            announced = True
        time.sleep(min(_POLL, max(0.0, deadline - time.monotonic())))


def _reader_with_card(scard: Any, context: Any, reader: str | None) -> str:
    names = _list(scard, context)
    if reader:
        names = [name for name in names if name == reader] or [name for name in names if reader in name]
    if not names:
        raise NoReader(f"no card reader is called {reader!r}" if reader else "")
    states = _states(scard, context, names)
    for name, state in states.items():
        if state & scard.SCARD_STATE_PRESENT and not state & scard.SCARD_STATE_MUTE:
            return name
    if any(state & scard.SCARD_STATE_MUTE for state in states.values()):
        raise _noted(NoCard("the card in the reader does not answer"), "turn the card over, or clean its contacts")
    raise NoCard


def _states(scard: Any, context: Any, names: list[str]) -> dict[str, int]:
    """What is in each reader, at this moment."""
    result, states = scard.SCardGetStatusChange(context, 0, [(name, scard.SCARD_STATE_UNAWARE) for name in names])
    _check(scard, result)
    return {name: state for name, state, _ in states}


def _list(scard: Any, context: Any) -> list[str]:
    result, names = scard.SCardListReaders(context, [])
    if result in (scard.SCARD_E_NO_READERS_AVAILABLE, scard.SCARD_E_READER_UNAVAILABLE):
        return []
    _check(scard, result)
    return list(names)


@contextmanager
def _context(scard: Any) -> Iterator[Any]:
    context = _establish(scard)
    try:
        yield context
    finally:
        scard.SCardReleaseContext(context)


def _establish(scard: Any) -> Any:
    result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    _check(scard, result)
    return context


def _scard() -> Any:
    """The thin layer of pyscard over the platform's service."""
    try:
        from smartcard import scard
    except ImportError as error:
        missing = Unavailable("reading a card needs pyscard, which is not installed", detail=str(error))
        raise _noted(missing, "pip install 'warifu[pcsc]'") from error
    return scard


def _check(scard: Any, result: int) -> None:
    if result != scard.SCARD_S_SUCCESS:
        raise _failure(scard, result)


def _failure(scard: Any, result: int) -> Unavailable:
    """The error that a result of the service stands for, where no command was under way."""
    detail = str(scard.SCardGetErrorMessage(result))
    if result in (scard.SCARD_E_NO_SERVICE, scard.SCARD_E_SERVICE_STOPPED):
        return _noted(Unavailable("the PC/SC service is not running", detail=detail), _service_hint())
    if result in (scard.SCARD_E_UNKNOWN_READER, scard.SCARD_E_READER_UNAVAILABLE):
        return NoReader("the card reader was taken away", detail=detail)
    if result in (scard.SCARD_E_NO_SMARTCARD, scard.SCARD_W_REMOVED_CARD):
        return NoCard(detail=detail)
    if result in (scard.SCARD_W_UNRESPONSIVE_CARD, scard.SCARD_W_UNPOWERED_CARD):
        return NoCard("the card in the reader does not answer", detail=detail)
    if result == scard.SCARD_E_SHARING_VIOLATION:
        return _noted(InUse("another program holds the card", detail=detail), "close the other program")
    return Unavailable(f"the PC/SC service refused: {detail.lower().rstrip('.')}", detail=f"{result:08X}")


def _lost(scard: Any, result: int) -> Unavailable:
    """The error for a command that failed under way.

    pcscd looks for these two before it sends anything (LudovicRousseau/PCSC `src/winscard.c`, SCardTransmit, where
    SCARD_E_NO_SMARTCARD comes both before and after). Everything else, and on Windows the removal too, leaves open
    whether the card has already acted.
    """
    detail = str(scard.SCardGetErrorMessage(result))
    if result == scard.SCARD_W_RESET_CARD:
        return Unavailable("another program reset the card", detail=detail)
    if result == scard.SCARD_W_REMOVED_CARD and sys.platform != "win32":
        return NoCard("the card was taken out", detail=detail)
    return AnswerLost(detail=detail)


def _service_hint() -> str:
    if sys.platform in ("win32", "darwin"):
        return "connect a card reader; the smart card service starts with it"
    return "install and start pcscd (Debian: apt install pcscd)"


def _noted(error: Unavailable, hint: str) -> Unavailable:
    error.add_note(hint)
    return error
