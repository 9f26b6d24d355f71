"""What a card may grant, told a second time and in another way, to hold the card against.

Written from the published facts (soltia48/myna-card, OpenSC), not from the card's code: it knows neither the chip nor
the table of files. It follows each command and says which status word must come, or only that the command must fail.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from warifu.errors import Malformed
from warifu.iso7816 import Command

MANAGER, JPKI, TEXT, VISUAL, RESIDENT, COMMON = "manager", "jpki", "text", "visual", "resident", "common"
NEXT, FACE = "next authentication", "next face"
NAMES = {
    MANAGER: bytes.fromhex("A0000001510000"),
    JPKI: bytes.fromhex("D392F000260100000001"),
    TEXT: bytes.fromhex("D3921000310001010408"),
    VISUAL: bytes.fromhex("D3921000310001010402"),
    RESIDENT: bytes.fromhex("D3921000310001010401"),
    COMMON: bytes.fromhex("D3921000310001010100"),
    NEXT: bytes.fromhex("F0574152494655000001"),
    FACE: bytes.fromhex("F0574152494655000002"),
}
ORDER = [MANAGER, JPKI, TEXT, VISUAL, RESIDENT, COMMON]
NEXT_ORDER = [MANAGER, NEXT, FACE]
"""What a card of the next generation has. All of that card is modelled; see docs/divergences.md."""

FREE: list[int] = []
# Files that can be read: which PINs open them, any of them; free when none is needed. None: shut for everybody.
READABLE: dict[str, dict[int, list[int] | None]] = {
    MANAGER: {},
    JPKI: {0x01: [0x1B], 0x02: FREE, 0x06: FREE, 0x08: FREE, 0x09: None, 0x0A: FREE, 0x0B: FREE},
    TEXT: {
        0x01: [0x11, 0x14],
        0x02: [0x11, 0x15],
        0x03: [0x11, 0x14, 0x15],
        0x04: FREE,
        0x05: FREE,
        0x06: [0x11, 0x14, 0x15],
        0x07: [0x11, 0x14, 0x15],
        0x08: None,
    },
    VISUAL: {0x01: [0x11], 0x02: [0x12, 0x13], 0x03: FREE, 0x04: FREE, 0x05: [0x13], 0x06: [0x12, 0x13]},
    RESIDENT: {},
    COMMON: {},
    NEXT: {
        0x01: [0x1B],
        0x02: FREE,
        0x03: [0x18],
        0x04: [0x18],
        0x05: [0x18],
        0x06: FREE,
        0x07: FREE,
        0x08: FREE,
        0x09: [0x18],
        0x0A: FREE,
        0x0B: FREE,
    },
    FACE: {
        0x01: [0x11],
        0x02: [0x12, 0x13],
        0x03: FREE,
        0x04: FREE,
        0x05: [0x13],
        0x06: [0x13],
        0x07: [0x12],
        0x08: [0x12, 0x13],
        0x09: [0x12, 0x13],
    },
}
RECORDS: dict[str, dict[int, list[int]]] = {
    RESIDENT: {0x01: [0x1C], 0x02: FREE},
    COMMON: {0x01: FREE, 0x02: FREE},
    NEXT: {0x0C: [0x18]},
    FACE: {0x0C: FREE},
}
"""Files of one record each."""
SIGNING: dict[str, dict[int, list[int]]] = {
    JPKI: {0x17: [0x18, 0x16], 0x1A: [0x1B]},
    TEXT: {0x13: FREE},
    VISUAL: {0x1A: FREE},
    NEXT: {0x13: FREE, 0x17: [0x18, 0x16], 0x1A: [0x1B]},
    FACE: {0x1A: FREE},
}
ON_P384 = [(NEXT, 0x17), (NEXT, 0x1A)]
DEFAULT_KEYS = {TEXT: 0x13, VISUAL: 0x1A, NEXT: 0x13, FACE: 0x1A}
AUTHENTICATING = {COMMON: [0x19]}
"""Keys for INTERNAL AUTHENTICATE; nothing guards them."""
KEYS = {here: {*SIGNING.get(here, {}), *AUTHENTICATING.get(here, [])} for here in NAMES}
TRIES = {
    (JPKI, 0x10): 3,
    (JPKI, 0x18): 3,
    (JPKI, 0x1B): 5,
    (TEXT, 0x11): 3,
    (TEXT, 0x12): 3,
    (TEXT, 0x14): 10,
    (TEXT, 0x15): 10,
    (VISUAL, 0x11): 10,
    (VISUAL, 0x12): 10,
    (VISUAL, 0x13): 10,
    (VISUAL, 0x14): 3,
    (VISUAL, 0x15): 3,
    (RESIDENT, 0x1C): 3,
    (COMMON, 0x1C): 3,
    (COMMON, 0x1E): 3,
    (NEXT, 0x18): 3,
    (NEXT, 0x1B): 5,
    (FACE, 0x11): 10,
    (FACE, 0x12): 10,
    (FACE, 0x13): 10,
}
LENGTHS = {
    (JPKI, 0x18): (4, 4),
    (JPKI, 0x1B): (6, 16),
    (TEXT, 0x11): (4, 4),
    (RESIDENT, 0x1C): (4, 4),
    (COMMON, 0x1C): (4, 4),
    (NEXT, 0x18): (4, 4),
    (NEXT, 0x1B): (6, 16),
}
"""PINs that can be changed, and how long a new one may be."""
OTHERS = {MANAGER: {0x1E}, JPKI: {0x16}, NEXT: {0x16}}
OBJECTS = {
    0x0042: 16,
    0x0045: 15,
    0x0066: 49,
    0x00F0: 5,
    0x00F2: 8,
    0x00F7: 16,
    0x00F8: 563,
    0x5F51: 8,
}
"""Lengths of the card manager's objects, on a card of the earlier generation."""
NEXT_OBJECTS = {tag: length for tag, length in OBJECTS.items() if tag != 0x5F51} | {0x7F21: 563}
NEXT_ATR = 15
"""A next-generation card tells its answer to reset inside of applications, as today's later cards do."""

FAILS = -1
"""Any status word but 9000."""


@dataclass
class SessionModel:
    """A session key, how many commands came under it, and whether one of them was wrong."""

    key: bytes
    number: int = 0
    dead: bool = False

    def open(self, ciphertext: bytes) -> bytes | None:
        """What a ciphertext of the present number holds; None for what is none."""
        vector = Cipher(AES(self.key), CBC(bytes(16))).encryptor().update(self.number.to_bytes(16, "big"))
        if len(ciphertext) % 16 or not ciphertext:
            return None
        padded = Cipher(AES(self.key), CBC(vector)).decryptor().update(ciphertext)
        plain, mark, zeros = padded.rpartition(b"\x80")
        return plain if mark and len(zeros) < 16 and not any(zeros) else None


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
    session_keys: dict[bytes, bytes] = field(default_factory=dict)
    """Ciphertexts that deliver a key, and the key."""
    session: "SessionModel | None" = None
    chain: list[tuple[bytes, bytes]] = field(default_factory=list)
    """Body and signature of the certificates of a terminal, the intermediate first."""
    believed: int = 0
    body: bytes | None = None
    challenge: bytes = b""
    prove: Callable[[bytes], bytes] = bytes
    """How that terminal signs a challenge."""
    order: list[str] = field(default_factory=lambda: ORDER)
    """The applications that are on the card."""

    def __post_init__(self) -> None:
        for pin, most in TRIES.items():
            self.tries.setdefault(pin, most if pin in self.pins else 0)

    def power_cycle(self) -> None:
        self.selected = self.earned_in = MANAGER
        self.proved = set()
        self.file = None
        self._forget_terminal()

    def warm_reset(self) -> None:
        self.selected, self.file = MANAGER, None
        self._forget_terminal()
        if self.forgets_on_warm_reset:
            self.proved = set()

    def _forget_terminal(self) -> None:
        self.session = self.body = None
        self.believed, self.challenge = 0, b""

    def saw(self, apdu: bytes, answer: bytes) -> None:
        """Remember what the card asked."""
        if apdu[:2] == b"\x00\x84" and answer[-2:] == b"\x90\x00":
            self.challenge = answer[:-2]

    def expect(self, apdu: bytes) -> int:
        """The status word that must come, or `FAILS`; follows what the command does."""
        try:
            command = Command.decode(apdu)
        except Malformed:
            return FAILS
        if command.cla == 0x08:
            return self._protected(command)
        follow = {
            (0x00, 0xA4): self._select,
            (0x00, 0xB0): self._read,
            (0x00, 0x20): self._verify,
            (0x00, 0x24): self._change_reference_data,
            (0x80, 0x32): self._change_key,
            (0x00, 0x84): self._challenge,
            (0x00, 0x88): self._authenticate,
            (0x00, 0xB2): self._record,
            (0x00, 0xCA): self._object,
            (0x80, 0x2A): self._sign,
            (0x80, 0xA2): self._certificate,
            (0x00, 0x82): self._external,
            (0x80, 0xAE): self._set_session_key,
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
        where = self.order[self.order.index(self.selected) + 1 :] if following else self.order
        found = next((one for one in where if NAMES[one][: len(name)] == name), None)
        if found is None:
            return 0x6A82
        if found != self.earned_in or self.forgets_on_reselection:
            self.proved = set()
        if found != self.selected:
            self._forget_terminal()
        self.selected = self.earned_in = found
        self.file = None
        return 0x9000

    def _there(self, fid: int) -> bool:
        here = self.selected
        pins = {number for application, number in TRIES if application == here}
        if fid not in {*READABLE[here], *RECORDS.get(here, {}), *KEYS[here], *pins, *OTHERS.get(here, set())}:
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
        sizes = {
            JPKI: {0x01: 4096, 0x06: 160, 0x08: 3, 0x09: 16},
            TEXT: {0x01: 17, 0x02: 1024, 0x03: 336, 0x04: 568, 0x05: 256, 0x06: 269, 0x07: 536},
            VISUAL: {0x01: 547, 0x02: 16384, 0x03: 320, 0x04: 568, 0x05: 1024, 0x06: 16},
            NEXT: {1: 4096, 3: 17, 4: 1024, 5: 336, 6: 160, 7: 568, 8: 3, 9: 536},
            FACE: {1: 547, 2: 16384, 3: 320, 4: 568, 5: 1024, 6: 17, 7: 1024, 8: 336, 9: 536},
        }
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

    def _change_reference_data(self, command: Command) -> int:
        if self.selected in (RESIDENT, COMMON):
            return 0x6D00
        return self._change(command) if command.p1 == 1 else FAILS

    def _change_key(self, command: Command) -> int:
        if self.selected not in (RESIDENT, COMMON):
            return 0x6D00
        return self._change(command) if command.p1 == 0 else FAILS

    def _change(self, command: Command) -> int:
        if not self._names_file(command.p2):
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
            key = DEFAULT_KEYS.get(self.selected)
        elif self._names_file(command.p2):
            key = self.file
        else:
            return FAILS
        keys = SIGNING.get(self.selected, {})
        if key not in keys:
            return FAILS
        if not self._open(keys[key]):
            return 0x6982
        if (self.selected, key) in ON_P384:
            if command.p1:
                return 0x6A86
            return 0x9000 if len(command.data) == 48 and (command.le or 0) >= 96 else FAILS
        fits = {0: range(1, 246), 2: [32], 4: [32]}.get(command.p1, range(1, 256))
        return 0x9000 if len(command.data) in fits and (command.le or 0) >= 256 else FAILS

    def _challenge(self, command: Command) -> int:
        good = not (command.p1 or command.p2 or command.data) and command.le is not None and command.le <= 256
        return 0x9000 if good else FAILS

    def _record(self, command: Command) -> int:
        if command.p2 & 7 not in (4, 5) or command.le is None or command.data:
            return FAILS
        if not self._names_file(0x80 | command.p2 >> 3):
            return FAILS
        records = RECORDS.get(self.selected, {})
        if self.file not in records:
            return 0x6981
        if not self._open(records[self.file]):
            return 0x6982
        if command.p2 & 7 == 5:
            return 0x6A81
        return 0x9000 if command.p1 == 1 else 0x6A83

    def _authenticate(self, command: Command) -> int:
        if command.p1 or not self._names_file(command.p2) or self.file not in AUTHENTICATING.get(self.selected, []):
            return FAILS
        return 0x9000 if 1 <= len(command.data) <= 255 and (command.le or 0) >= 256 else 0x6700

    def _object(self, command: Command) -> int:
        tag = command.p1 << 8 | command.p2
        length = (OBJECTS if self.order is ORDER else NEXT_OBJECTS).get(tag) if self.selected == MANAGER else None
        if self.selected != MANAGER and tag == 0x5F51:
            length = OBJECTS[tag] if self.order is ORDER else NEXT_ATR - 1
        if length is None:
            return 0x6A88
        return 0x9000 if (command.le or 0) >= length else 0x6700

    def _set_session_key(self, command: Command) -> int:
        if self.selected in (JPKI, RESIDENT, NEXT):
            return 0x6982
        if self.selected in (VISUAL, COMMON, FACE):
            return 0x66F1
        if self.selected == MANAGER:
            return 0x6D00
        if command.p1 or command.p2:
            return 0x6A86
        if not self._open([0x11]):
            return 0x6982
        key = self.session_keys.get(command.data)
        if key is None:
            return FAILS
        self.session = SessionModel(key)
        return 0x9000

    def _certificate(self, command: Command) -> int:
        if self.file is None:
            return 0x6986
        if (self.selected, self.file) not in ((JPKI, 0x16), (NEXT, 0x16)):
            return 0x6981
        half = command.p1 << 8 | command.p2
        if half == 0x06C1:
            fits = len(command.data) == 307 and command.data.startswith(bytes.fromhex("7F218202335F4E820129"))
            self.body = command.data[10:] if fits else self.body
            return 0x9000 if fits else 0x6A80
        if half != 0x00C1:
            return 0x6A86
        if len(command.data) != 261 or not command.data.startswith(bytes.fromhex("5F37820100")):
            return 0x6A80
        body, self.body = self.body, None
        if body is None or self.believed == 2:
            return 0x6985
        if self.chain[self.believed] != (body, command.data[5:]):
            return FAILS
        self.believed += 1
        return 0x9000

    def _external(self, command: Command) -> int:
        if command.p1 or command.p2:
            return 0x6A86
        if len(command.data) != 256:
            return 0x6700
        challenge, self.challenge = self.challenge, b""
        if self.believed != 2 or len(challenge) < 8:
            return 0x6985
        if command.data != self.prove(challenge):
            return 0x6300
        self.proved.add(0x16)
        return 0x9000

    def _protected(self, command: Command) -> int:
        session = self.session
        if session is None:
            return 0x6882 if command.ins == 0xA4 else 0x69FC
        if session.dead:
            return 0x69FC
        session.number += 1
        if command.ins == 0xB0:
            return self._read_protected(session, command)
        if command.ins not in (0xA4, 0x20):
            return 0x6D00
        plain = self._plain(session, command.data)
        if plain is None:
            session.dead = True
            return 0x6988
        follow = self._select if command.ins == 0xA4 else self._verify
        return follow(Command(0, command.ins, command.p1, command.p2, plain))

    def _plain(self, session: SessionModel, data: bytes) -> bytes | None:
        for head in (2, 3, 4):
            size = len(data) - head
            length = {
                2: bytes((size & 0xFF,)),
                3: bytes((0x81, size & 0xFF)),
                4: b"\x82" + (size & 0xFFFF).to_bytes(2, "big"),
            }
            fitting = {2: range(1, 128), 3: range(1, 256), 4: range(1, 65536)}[head]
            if size in fitting and data[:head] == b"\x86" + length[head] and data[head] == 1:
                return session.open(data[head + 1 :])
        return None

    def _read_protected(self, session: SessionModel, command: Command) -> int:
        if len(command.data) != 5 or command.data[:3] != b"\x96\x03\0":
            session.dead = True
            return 0x6988
        le = int.from_bytes(command.data[3:], "big") or 65536
        word = self._read(Command(0, 0xB0, command.p1, command.p2, le=le))
        if word != 0x9000:
            return word
        offset = command.p2 if command.p1 & 0x80 else command.p1 * 256 + command.p2
        blocks = min(le, self._size() - offset) // 16 + 1
        answer = blocks * 16 + (3 if blocks < 8 else 5)
        return 0x9000 if (command.le or 0) >= answer else 0x6700
