"""Arbitrary commands against the card, held against the model after each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.card.model import (
    COMMON,
    FACE,
    FAILS,
    JPKI,
    KEYS,
    MANAGER,
    NAMES,
    NEXT,
    NEXT_ORDER,
    ORDER,
    READABLE,
    RECORDS,
    RESIDENT,
    TEXT,
    VISUAL,
    Model,
)
from tests.card.people import AUTHENTICATION, BIRTH_DATE_KEY, CODE_B, NUMBER, TERMINAL, PoolSigner, card
from tests.card.terminal import SEED, Terminal, set_session_key
from tests.card.test_terminals import halves, intermediate, leaf
from warifu.card import Card, Profile
from warifu.chip import Behaviour

RESET, POWER_CYCLE = b"reset", b"power cycle"
PINS = {
    (JPKI, 0x18): b"1234",
    (JPKI, 0x1B): b"ABC123",
    (TEXT, 0x11): b"5678",
    (TEXT, 0x14): NUMBER.reveal().encode(),
    (TEXT, 0x15): CODE_B.encode(),
    (VISUAL, 0x11): BIRTH_DATE_KEY.encode(),
    (VISUAL, 0x12): CODE_B.encode(),
    (VISUAL, 0x13): NUMBER.reveal().encode(),
    (RESIDENT, 0x1C): b"2468",
    (COMMON, 0x1C): b"3579",
    (NEXT, 0x18): b"1234",
    (NEXT, 0x1B): b"ABC123",
    (FACE, 0x11): BIRTH_DATE_KEY.encode(),
    (FACE, 0x12): CODE_B.encode(),
    (FACE, 0x13): NUMBER.reveal().encode(),
}
KNOWN_WORDS = {
    0x9000, 0x6300, 0x66F1, 0x6700, 0x6881, 0x6882, 0x6981, 0x6982, 0x6984, 0x6985, 0x6986, 0x6987, 0x6988, 0x69FC,
    0x6A80, 0x6A81, 0x6A82, 0x6A83, 0x6A86, 0x6A88, 0x6B00, 0x6D00, 0x6E00, 0x6F00, *range(0x63C0, 0x63CB),
}  # fmt: skip


def framed(head: str, data: bytes = b"", le: str = "") -> bytes:
    """A short command; without data it has no Lc."""
    return bytes.fromhex(head) + (bytes((len(data),)) + data if data else b"") + bytes.fromhex(le)


def select(name: bytes, p2: int = 0x0C) -> bytes:
    return framed(f"00A404{p2:02X}", name)


NAMED = [select(name, p2) for name in NAMES.values() for p2 in (0x0C, 0x0C, 0x00)]
ANYWHERE = [
    *NAMED,
    *(select(name) for name in (b"\xd3", b"\xd3\x92\x10", b"\xa0\0", b"\xa0\0\0\0\x01\x01", NAMES[TEXT] + b"\0")),
    *(select(name, 0x02) for name in (b"\xd3\x92", b"\xa0")),
    *(bytes.fromhex(each) for each in ("0084000008", "0084000000", "0084000000FFFF", "00CA5F5100", "00CADF3005")),
    *(
        bytes.fromhex(each)
        for each in ("00CA004210", "00CA00F7000000", "00CA00F800", "00CA00F8000000", "00CA7F21000000")
    ),
    *(bytes.fromhex(each) for each in ("00A40000", "00B2010C00", "00B2010400", "80FC0000", "08B0000000", "01A40000")),
]


@dataclass(frozen=True)
class Protected:
    """A command of class 08, written out when it is sent: the terminal counts."""

    ins: int
    p1: int
    p2: int
    data: bytes = b""

    def write(self, model: Model) -> bytes:
        terminal = Terminal()
        terminal.number = model.session.number + 1 if model.session else 1
        if self.ins == 0xB0:
            return terminal.read(self.p1, self.p2, 1 + len(self.data) * 40)
        return terminal.command(self.ins, self.p1, self.p2, self.data)


@dataclass(frozen=True)
class Proof:
    """EXTERNAL AUTHENTICATE by the terminal, or with somebody else's key."""

    key: int = TERMINAL

    def write(self, model: Model) -> bytes:
        return bytes.fromhex("00820000000100") + PoolSigner(self.key).sign(model.challenge)


Word = bytes | Protected | Proof
CHAIN = [(each.body, each.signature) for each in (intermediate(), leaf())]
CERTIFICATES = [bytes.fromhex(half) for each in (intermediate(), leaf()) for half in halves(each)]
CHALLENGE, SELECT_AUTHORITY = bytes.fromhex("0084000008"), bytes.fromhex("00A4020C020016")
TERMINAL_COMES: list[Word] = [SELECT_AUTHORITY, *CERTIFICATES, CHALLENGE, Proof()]
SESSION = set_session_key()
UNDER_SESSION = [
    *(Protected(0xA4, 0x02, 0x0C, bytes((0, fid))) for fid in (1, 2, 4, 0x11, 0x1D)),
    *(Protected(0x20, 0, 0x91, pin) for pin in (b"5678", b"5678", b"4321", b"", b"1" * 16, b"1" * 17)),
    *(Protected(0xB0, 0x80 | fid, at, bytes(le)) for fid in (1, 2, 4, 6) for at in (0, 17) for le in (0, 1, 9)),
    *(Protected(0xB0, 0, at) for at in (0, 16)),
    Protected(0xA4, 0x04, 0x0C, NAMES[JPKI]),
]
WRONG_SESSION = [bytes.fromhex(each) for each in ("08A4020C", "08B08400050000030196000000", "0824019100", "0CB0840000")]


def vocabulary(application: str) -> list[Word]:
    """Commands that mean something in this application; what matters stands in it more often."""
    its_pins = {fid: pin for (name, fid), pin in PINS.items() if name == application}
    records = RECORDS.get(application, {})
    known = sorted({*READABLE[application], *records, *KEYS[application], *its_pins, 0x10, 0x12, 0x16, 0x1D})
    keys = [0x00, 0x80, *(0x80 | fid for fid in KEYS[application])]
    right = [framed(f"002000{0x80 | fid:02X}", pin) for fid, pin in its_pins.items()]
    return [
        *right * 8,
        *(framed("00200080", pin) for pin in its_pins.values()),
        *(
            framed(f"002000{0x80 | fid:02X}", pin)
            for fid in its_pins
            for pin in (b"4321", b"ZZZ999", b"1" * 16, b"1" * 17)
        ),
        *(framed(f"002000{0x80 | fid:02X}") for fid in (0, *known)),
        *(
            framed(f"{change}{0x80 | fid:02X}", pin)
            for change in ("002401", "803200")
            for fid in its_pins
            for pin in (its_pins[fid], b"4321", b"ZZZ999")
        ),
        *(
            framed(f"00B2{number}{fid << 3 | how:02X}", le="00")
            for number in ("01", "02")
            for fid in records
            for how in (4, 4, 5)
        ),
        *(framed("00B20104", le="00") for _ in records),
        *(framed(f"008800{0x80 | fid:02X}", b"challenge", "00") for fid in KEYS[application]),
        *(framed("00A4020C", bytes((0, fid))) for fid in known),
        *(framed(f"00B0{0x80 | fid:02X}00", le="00") for fid in known * 2),
        *(
            framed(f"00B0{offset}", le=le)
            for offset in ("0000", "0010", "0220", "0FFF")
            for le in ("00", "10", "000000")
        ),
        *(
            framed(f"802A{scheme:02X}{key:02X}", b"\x5a" * length, "00")
            for scheme in range(7)
            for key in keys
            for length in ((32, 48, 51) if application == NEXT else (32, 51))
        ),
        *(framed("00A4020C", bytes((0, fid))) for fid in KEYS[application]),
        SESSION,
        *([SESSION] * 6 + UNDER_SESSION * 3 if application == TEXT else UNDER_SESSION[:1]),
        *WRONG_SESSION,
        *CERTIFICATES,
        CHALLENGE,
        *([SELECT_AUTHORITY, Proof(), Proof(AUTHENTICATION)] * 3 if application in (JPKI, NEXT) else [Proof()]),
    ]


WORDS = {application: vocabulary(application) for application in NAMES}


def spoil(command: bytes, at: int, how: int) -> bytes:
    """Change, insert or leave out one byte."""
    at %= len(command) + 1
    byte = bytes((how & 0xFF,))
    return command[:at] + (byte, byte + command[at : at + 1], b"")[how % 3] + command[at + 1 :]


def script_of(choices: bytes, order: Sequence[str] = (JPKI, TEXT, VISUAL, RESIDENT, COMMON, MANAGER)) -> list[Word]:
    """Commands out of drawn bytes, three for each, so that one draw makes a whole script and shrinks well.

    The first byte says what kind of command: mostly one that means something in the application selected last.
    """
    where = order[0]
    script: list[Word] = [select(NAMES[where])]
    for kind, high, low in zip(choices[0::3], choices[1::3], choices[2::3], strict=False):
        words = WORDS[where]
        word = words[(high << 8 | low) % len(words)]
        if kind < 200:
            script.append(word)
        elif kind < 216:
            where = order[high % len(order)]
            script.append(select(NAMES[where]))
            script += [framed("00200091", b"5678"), SESSION] * (where == TEXT)
            script += TERMINAL_COMES[: low % 8] * (where in (JPKI, NEXT))
        elif kind < 232:
            script.append(word if not isinstance(word, bytes) else spoil(word, kind, high << 1 | low & 1))
        elif kind < 244:
            script.append(ANYWHERE[low % len(ANYWHERE)])
        elif kind < 250:
            script.append(choices[low : low + high % 32])
        else:
            script.append(POWER_CYCLE if low < 64 else RESET)
            script += [select(NAMES[where])] * (high & 1)
    return script


drawn = st.binary(min_size=300, max_size=330)
scripts = drawn.map(script_of)
next_scripts = drawn.map(partial(script_of, order=(NEXT, NEXT, NEXT, FACE, FACE, MANAGER)))


def campaign(examples: int, *, next_generation: bool = False) -> int:
    """Run `examples` cards through at least 100 commands each; how many commands that were."""
    sent = count()
    kind = Profile.NEXT_GENERATION if next_generation else Profile.ADULT

    @settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
    )
    @given(st.booleans(), st.booleans(), next_scripts if next_generation else scripts)
    def run(reselection_clears: bool, warm_reset_clears: bool, script: list[Word]) -> None:
        behaviour = Behaviour(reselection_clears, warm_reset_clears)
        model = Model(dict(PINS), reselection_clears, warm_reset_clears, session_keys={SESSION[-256:]: SEED[:16]})
        model.chain, model.prove = CHAIN, PoolSigner(TERMINAL).sign
        model.order = NEXT_ORDER if next_generation else ORDER
        hold_against_model(card(replace(kind, behaviour=behaviour)), model, script, lambda: next(sent))

    run()
    return next(sent)


def hold_against_model(tested: Card, model: Model, script: Sequence[Word], tick: Callable[[], object]) -> None:
    for command in script:
        tick()
        if command is RESET:
            tested.reset()
            model.warm_reset()
        elif command is POWER_CYCLE:
            tested.power_cycle()
            model.power_cycle()
        else:
            apdu = command if isinstance(command, bytes) else command.write(model)
            answer = tested.transmit(apdu)
            check_answer(apdu, answer, model)
            model.saw(apdu, answer)


def check_answer(command: bytes, answer: bytes, model: Model) -> None:
    expected = model.expect(command)
    word = int.from_bytes(answer[-2:], "big")
    assert len(answer) >= 2
    assert word in KNOWN_WORDS, command.hex()
    assert word == 0x9000 or len(answer) == 2, "data beside a refusal"
    if expected == FAILS:
        assert word != 0x9000, command.hex()
    else:
        assert word == expected, (command.hex(), f"{word:04X}", f"{expected:04X}")
