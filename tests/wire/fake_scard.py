"""The platform's PC/SC service as pyscard shows it, with a reader that does as the test says.

The numbers are those of pcsc-lite 1.9.9, `src/PCSC/pcsclite.h.in`.
"""

from collections.abc import Iterable
from typing import Any


class FakeScard:
    """As much of ``smartcard.scard`` as `warifu.wire.pcsc` uses. `answers` are results of SCardTransmit, in order."""

    SCARD_S_SUCCESS = 0
    SCARD_E_UNKNOWN_READER = 0x80100009
    SCARD_E_TIMEOUT = 0x8010000A
    SCARD_E_SHARING_VIOLATION = 0x8010000B
    SCARD_E_NO_SMARTCARD = 0x8010000C
    SCARD_E_PROTO_MISMATCH = 0x8010000F
    SCARD_E_NOT_TRANSACTED = 0x80100016
    SCARD_E_READER_UNAVAILABLE = 0x80100017
    SCARD_E_NO_SERVICE = 0x8010001D
    SCARD_E_SERVICE_STOPPED = 0x8010001E
    SCARD_E_NO_READERS_AVAILABLE = 0x8010002E
    SCARD_W_UNSUPPORTED_CARD = 0x80100065
    SCARD_W_UNRESPONSIVE_CARD = 0x80100066
    SCARD_W_UNPOWERED_CARD = 0x80100067
    SCARD_W_RESET_CARD = 0x80100068
    SCARD_W_REMOVED_CARD = 0x80100069
    SCARD_F_INTERNAL_ERROR = 0x80100001

    SCARD_SCOPE_USER = 0
    SCARD_STATE_UNAWARE, SCARD_STATE_EMPTY, SCARD_STATE_PRESENT, SCARD_STATE_MUTE = 0x00, 0x10, 0x20, 0x200
    SCARD_PROTOCOL_T0, SCARD_PROTOCOL_T1, SCARD_PROTOCOL_RAW = 1, 2, 4
    SCARD_PCI_T0, SCARD_PCI_T1, SCARD_PCI_RAW = "T=0", "T=1", "raw"
    SCARD_SHARE_EXCLUSIVE, SCARD_SHARE_SHARED = 1, 2
    SCARD_RESET_CARD, SCARD_UNPOWER_CARD = 1, 2

    def __init__(
        self,
        readers: dict[str, int] | None = None,
        *,
        service: int = 0,
        refuses: dict[tuple[int, int], int] | None = None,
        answers: Iterable[tuple[int, list[int]]] = (),
    ) -> None:
        self.readers = {"Reader": self.SCARD_STATE_PRESENT} if readers is None else readers
        self.service = service
        self.refuses = refuses or {}
        self.answers = list(answers)
        self.calls: list[Any] = []

    def SCardGetErrorMessage(self, result: int) -> str:  # noqa: N802
        return f"Result {result:08X}."

    def SCardEstablishContext(self, scope: int) -> tuple[int, str]:  # noqa: N802
        self.calls.append("establish")
        return self.service, "context"

    def SCardReleaseContext(self, context: str) -> int:  # noqa: N802
        self.calls.append("release")
        return 0

    def SCardListReaders(self, context: str, groups: list[str]) -> tuple[int, list[str]]:  # noqa: N802
        return (0, list(self.readers)) if self.readers else (self.SCARD_E_NO_READERS_AVAILABLE, [])

    def SCardGetStatusChange(self, context: str, timeout: int, states: list[tuple[str, int]]) -> tuple[int, list[Any]]:  # noqa: N802
        return 0, [(name, self.readers[name], []) for name, _ in states]

    def SCardConnect(self, context: str, reader: str, mode: int, protocols: int) -> tuple[int, str, int]:  # noqa: N802
        self.calls.append(("connect", reader, mode, protocols))
        result = self.refuses.get((mode, protocols), 0)
        return result, "handle", 0 if result else max(bit for bit in (1, 2, 4) if bit & protocols)

    def SCardBeginTransaction(self, handle: str) -> int:  # noqa: N802
        self.calls.append("begin")
        return 0

    def SCardStatus(self, handle: str) -> tuple[int, str, int, int, list[int]]:  # noqa: N802
        return 0, "Reader", 0, 0, [0x3B, 0x00]

    def SCardTransmit(self, handle: str, header: str, command: list[int]) -> tuple[int, list[int]]:  # noqa: N802
        self.calls.append(("transmit", header, bytes(command).hex()))
        return self.answers.pop(0)

    def SCardReconnect(self, handle: str, mode: int, protocols: int, action: int) -> tuple[int, int]:  # noqa: N802
        self.calls.append(("reconnect", mode, protocols, action))
        return self.answers.pop(0)[0] if self.answers else 0, protocols

    def SCardDisconnect(self, handle: str, action: int) -> int:  # noqa: N802
        self.calls.append(("disconnect", action))
        return 0
