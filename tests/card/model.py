"""What a card may grant, told a second time and in another way, to hold the card against.

Written from the published facts (soltia48/myna-card, OpenSC), not from the card's code: it knows neither the chip nor
the table of files. It follows each command and says which status word must come, or only that the command must fail.
"""

from dataclasses import dataclass, field

from warifu.errors import Malformed
from warifu.iso7816 import Command

MANAGER, JPKI, TEXT = "manager", "jpki", "text"
NAMES = {
    MANAGER: bytes.fromhex("A0000001510000"),
    JPKI: bytes.fromhex("D392F000260100000001"),
    TEXT: bytes.fromhex("D3921000310001010408"),
}
ORDER = [MANAGER, JPKI, TEXT]

FREE: list[int] = []
# Files that can be read: which PINs open them, any of them; free when none is needed. None: shut for everybody.
READABLE: dict[str, dict[int, list[int] | None]] = {
    MANAGER: {},
    JPKI: {0x01: [0x1B], 0x02: FREE, 0x06: FREE, 0x08: FREE, 0x09: None, 0x0A: FREE, 0x0B: FREE},
    TEXT: {0x01: [0x11, 0x14], 0x02: [0x11, 0x15], 0x03: [0x11, 0x14, 0x15], 0x04: FREE, 0x07: [0x11, 0x14, 0x15]},
}
KEYS: dict[str, dict[int, list[int]]] = {MANAGER: {}, JPKI: {0x17: [0x18], 0x1A: [0x1B]}, TEXT: {0x13: FREE}}
TRIES = {
    (JPKI, 0x10): 3,
    (JPKI, 0x18): 3,
    (JPKI, 0x1B): 5,
    (TEXT, 0x11): 3,
    (TEXT, 0x12): 3,
    (TEXT, 0x14): 10,
    (TEXT, 0x15): 10,
}
LENGTHS = {(JPKI, 0x18): (4, 4), (JPKI, 0x1B): (6, 16), (TEXT, 0x11): (4, 4)}
"""PINs that can be changed, and how long a new one may be."""
OTHERS = {MANAGER: {0x1E}, JPKI: {0x16}, TEXT: set[int]()}

FAILS = -1
"""Any status word but 9000."""


@dataclass
class Model:
    """A card's security status, with the PINs as they were given out."""

    pins: dict[tuple[str, int], bytes]
    forgets_on_reselection: bool = False
    forgets_on_warm_reset: bool = False
    tries: dict[tuple[str, int], int] = field(default_factory=dict)
    selected: str = MANAGER
    earned_in: str = MANAGER
    proved: set[int] = field(default_factory=set)
    file: int | None = None

    def __post_init__(self) -> None:
        for pin, most in TRIES.items():
            self.tries.setdefault(pin, most if pin in self.pins else 0)

    def power_cycle(self) -> None:
        self.selected = self.earned_in = MANAGER
        self.proved = set()
        self.file = None

    def warm_reset(self) -> None:
        self.selected, self.file = MANAGER, None
        if self.forgets_on_warm_reset:
            self.proved = set()

    def expect(self, apdu: bytes) -> int:
        """The status word that must come, or `FAILS`; follows what the command does."""
        try:
            command = Command.decode(apdu)
        except Malformed:
            return FAILS
        follow = {
            (0x00, 0xA4): self._select,
            (0x00, 0xB0): self._read,
            (0x00, 0x20): self._verify,
            (0x00, 0x24): self._change,
            (0x00, 0x84): self._challenge,
            (0x00, 0x88): self._authenticate,
            (0x00, 0xB2): self._record,
            (0x00, 0xCA): self._object,
            (0x80, 0x2A): self._sign,
        }.get((command.cla, command.ins))
        return FAILS if follow is None else follow(command)

    def _select(self, command: Command) -> int:
        if command.p1 == 4 and command.p2 in (0x00, 0x02, 0x0C, 0x0E) and 1 <= len(command.data) <= 16:
            return self._select_application(command.data, following=bool(command.p2 & 2))
        if command.p1 == 2 and command.p2 in (0x00, 0x0C) and len(command.data) == 2:
            return 0x9000 if self._there(int.from_bytes(command.data, "big")) else 0x6A82
        if command.p1 == 0 and not command.data and self.selected != MANAGER:
            return 0x9000
        return FAILS

    def _select_application(self, name: bytes, *, following: bool) -> int:
        where = ORDER[ORDER.index(self.selected) + 1 :] if following else ORDER
        found = next((one for one in where if NAMES[one][: len(name)] == name), None)
        if found is None:
            return 0x6A82
        if found != self.earned_in or self.forgets_on_reselection:
            self.proved = set()
        self.selected = self.earned_in = found
        self.file = None
        return 0x9000

    def _there(self, fid: int) -> bool:
        here = self.selected
        pins = {number for application, number in TRIES if application == here}
        if fid not in {*READABLE[here], *KEYS[here], *pins, *OTHERS[here]}:
            return False
        self.file = fid
        return True

    def _names_file(self, reference: int) -> bool:
        """Whether a reference byte (80, or 80 + short identifier) leads to a file, which then is current."""
        if reference >> 5 != 4:
            return False
        return self._there(reference & 31) if reference & 31 else self.file is not None

    def _open(self, needed: list[int] | None) -> bool:
        if needed is None:
            return False
        return not needed or (self.selected == self.earned_in and any(pin in self.proved for pin in needed))

    def _read(self, command: Command) -> int:
        if command.le is None or command.data:
            return FAILS
        if command.p1 >= 0x80:
            if not self._names_file(command.p1):
                return FAILS
            offset = command.p2
        else:
            offset = command.p1 * 256 + command.p2
        if self.file not in READABLE[self.selected]:
            return FAILS
        if not self._open(READABLE[self.selected][self.file]):
            return 0x6982
        return 0x6B00 if offset >= self._size() else 0x9000

    def _size(self) -> int:
        sizes = {JPKI: {0x01: 4096, 0x06: 160, 0x08: 3}, TEXT: {0x01: 17, 0x02: 1024, 0x03: 336, 0x04: 568, 0x07: 536}}
        return sizes[self.selected].get(self.file or 0, 2048)

    def _verify(self, command: Command) -> int:
        if command.p1 or not self._names_file(command.p2):
            return FAILS
        pin = (self.selected, self.file or 0)
        if pin not in TRIES:
            return 0x6981
        if not command.data:
            return 0x63C0 + self.tries[pin]
        if len(command.data) > 16:
            return 0x6700
        if self.tries[pin] == 0:
            return 0x6984
        if command.data != self.pins[pin]:
            self.tries[pin] -= 1
            self.proved.discard(pin[1])
            return 0x63C0 + self.tries[pin]
        self.tries[pin] = TRIES[pin]
        self.proved.add(pin[1])
        return 0x9000

    def _change(self, command: Command) -> int:
        if command.p1 != 1 or not self._names_file(command.p2):
            return FAILS
        pin = (self.selected, self.file or 0)
        if pin not in LENGTHS or self.tries[pin] == 0 or not self._open([pin[1]]):
            return FAILS
        shortest, longest = LENGTHS[pin]
        if not shortest <= len(command.data) <= longest:
            return 0x6700
        self.pins[pin] = command.data
        self.tries[pin] = TRIES[pin]
        return 0x9000

    def _sign(self, command: Command) -> int:
        if command.p1 > 5:
            return 0x6A86
        key = self.file
        if command.p2 == 0:
            key = 0x13 if self.selected == TEXT else None
        elif self._names_file(command.p2):
            key = self.file
        else:
            return FAILS
        if key not in KEYS[self.selected]:
            return FAILS
        if not self._open(KEYS[self.selected][key]):
            return 0x6982
        fits = {0: range(1, 246), 2: [32], 4: [32]}.get(command.p1, range(1, 256))
        return 0x9000 if len(command.data) in fits and (command.le or 0) >= 256 else FAILS

    def _challenge(self, command: Command) -> int:
        good = not (command.p1 or command.p2 or command.data) and command.le is not None and command.le <= 256
        return 0x9000 if good else FAILS

    def _record(self, command: Command) -> int:
        # No file has records, yet a short identifier makes its file current.
        if command.p2 & 7 in (4, 5) and command.p2 >> 3 and command.le is not None and not command.data:
            self._there(command.p2 >> 3)
        return FAILS

    def _authenticate(self, command: Command) -> int:
        # No key is for this, yet a short identifier makes its file current.
        if not command.p1:
            self._names_file(command.p2)
        return FAILS

    def _object(self, command: Command) -> int:
        there = self.selected == MANAGER and (command.p1, command.p2) == (0x5F, 0x51)
        return 0x9000 if there and (command.le or 0) >= 8 else FAILS
