"""What any chip does, whoever's card it becomes: a small one with two applications that number their files alike."""

from collections.abc import Mapping

import pytest

from tests.card.people import AUTHENTICATION, SeededEntropy
from warifu.chip import Application, Behaviour, Chip, File, KeyFile, PinFile, PinRecord, TransparentFile
from warifu.errors import Malformed
from warifu.town import pool

PIN, FILE, KEY = 0x11, 0x01, 0x12


class DictStore:
    """Keeps what is written, in the order of writing."""

    def __init__(self, contents: dict[str, bytes]) -> None:
        self.contents = contents
        self.written: list[dict[str, bytes]] = []

    def read(self) -> dict[str, bytes]:
        return dict(self.contents)

    def write(self, changes: Mapping[str, bytes]) -> None:
        self.written.append(dict(changes))
        self.contents.update(changes)


def application(name: str) -> Application:
    files: list[File] = [
        TransparentFile(FILE, name.encode() * 5, frozenset({PIN})),
        PinFile(PIN, f"{name}/pin", 4, 8, 3),
        KeyFile(KEY, pool.private_key(AUTHENTICATION), frozenset({PIN})),
    ]
    return Application(name.encode(), {file.fid: file for file in files}, objects={0x0042: b"issuer"})


def chip(behaviour: Behaviour | None = None, store: DictStore | None = None) -> Chip:
    store = store or DictStore({f"{name}/pin": PinRecord(3, b"1234").encode() for name in ("first", "second")})
    names = ("first", "second")
    return Chip([application(name) for name in names], store, store.read(), SeededEntropy(), behaviour)


def send(to: Chip, command: str) -> str:
    return to.transmit(bytes.fromhex(command)).hex()


VERIFY = "0020009104" + b"1234".hex()
WRONG = "0020009104" + b"9999".hex()
READ = "00B0810001"
FIRST, SECOND = "00A4040005" + b"first".hex(), "00A4040006" + b"second".hex()


def test_after_power_on_the_first_application_is_current() -> None:
    card = chip()
    assert send(card, VERIFY) == "9000"
    assert send(card, READ) == b"f".hex() + "9000"


def test_the_same_numbers_in_another_application_are_other_files_and_pins() -> None:
    card = chip()
    send(card, VERIFY)
    send(card, SECOND)
    assert send(card, READ) == "6982"
    assert send(card, WRONG) == "63c2"
    send(card, FIRST)
    assert send(card, "00200091") == "63c3"


def test_after_a_warm_reset_a_pin_of_the_first_application_does_not_add_to_what_the_second_earned() -> None:
    """The status belongs to one application: earning in the current one ends the other's."""
    card = chip()
    send(card, SECOND)
    send(card, VERIFY)
    card.warm_reset()
    assert send(card, READ) == "6982"
    assert send(card, WRONG) == "63c2"
    assert send(card, VERIFY) == "9000"
    assert send(card, READ) == b"f".hex() + "9000"
    send(card, SECOND)
    assert send(card, READ) == "6982"


def test_a_wrong_pin_elsewhere_takes_nothing_from_the_application_that_waits() -> None:
    card = chip()
    send(card, SECOND)
    send(card, VERIFY)
    card.warm_reset()
    send(card, WRONG)
    send(card, SECOND)
    assert send(card, READ) == b"s".hex() + "9000"


@pytest.mark.parametrize(
    ("behaviour", "expected"), [(Behaviour(), "9000"), (Behaviour(reselection_clears=True), "6982")]
)
def test_reselection_does_what_the_behaviour_says(behaviour: Behaviour, expected: str) -> None:
    card = chip(behaviour)
    send(card, SECOND)
    send(card, VERIFY)
    send(card, SECOND)
    assert send(card, READ)[-4:] == expected


@pytest.mark.parametrize(
    ("behaviour", "expected"), [(Behaviour(), "9000"), (Behaviour(warm_reset_clears=True), "6982")]
)
def test_a_warm_reset_does_what_the_behaviour_says(behaviour: Behaviour, expected: str) -> None:
    card = chip(behaviour)
    send(card, SECOND)
    send(card, VERIFY)
    card.warm_reset()
    send(card, SECOND)
    assert send(card, READ)[-4:] == expected


def test_a_try_is_written_before_the_comparison_and_all_tries_after_a_match() -> None:
    store = DictStore({f"{name}/pin": PinRecord(2, b"1234").encode() for name in ("first", "second")})
    card = chip(store=store)
    send(card, WRONG)
    send(card, VERIFY)
    assert [each["first/pin"][0] for each in store.written] == [1, 0, 3]


def test_a_change_is_one_write() -> None:
    store = DictStore({f"{name}/pin": PinRecord(3, b"1234").encode() for name in ("first", "second")})
    card = chip(store=store)
    send(card, VERIFY)
    store.written.clear()
    assert send(card, "0024019108" + b"87654321".hex()) == "9000"
    assert store.written == [{"first/pin": b"\x0387654321"}]


def test_data_objects_are_told_whole_or_not_at_all() -> None:
    card = chip()
    assert send(card, "00CA004200") == b"issuer".hex() + "9000"
    assert send(card, "00CA004205") == send(card, "00CA0042") == "6700"
    assert send(card, "00CA004300") == "6a88"


@pytest.mark.parametrize("record", [b"", b"\x101234"])
def test_a_chip_whose_pin_record_is_missing_or_damaged_does_not_start(record: bytes) -> None:
    with pytest.raises(Malformed):
        chip(store=DictStore({"first/pin": record, "second/pin": b"\x031234"}))


def test_a_chip_without_a_default_key_names_one() -> None:
    assert send(chip(), "802A000001AA00") == "6a88"
