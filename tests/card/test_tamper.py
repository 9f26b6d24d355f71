"""The sensors of the chip: one alarm, and nothing is left. That is modelled; what must hold then is tested."""

import gc
import weakref
from pathlib import Path

import pytest

from tests.card.people import AUTHENTICATION, SIGNING, SeededEntropy, next_private_bytes, private_bytes, store
from tests.card.talk import JPKI, NEXT_AUTHENTICATION, NEXT_FACE, TEXT, Talk
from tests.wire.power_cut import RecordingFiles, states_after_cut
from warifu.card import Card, MemoryStore, Profile, set_pin
from warifu.cardmap import AUTHENTICATION_PIN
from warifu.chip import Alarm
from warifu.errors import Malformed, Unavailable
from warifu.wire.card_store import JournalStore

PATH = Path("card.journal")


class Attack:
    """A sensor that notices what it is told to."""

    def __init__(self) -> None:
        self.noticed: Alarm | None = None

    def alarm(self) -> Alarm | None:
        return self.noticed


class FailingStore(MemoryStore):
    """Storage that fails while `broken`."""

    broken = False

    def write(self, changes: object) -> None:
        if self.broken:
            raise Unavailable("the card's storage failed")
        super().write(changes)  # type: ignore[arg-type]


@pytest.fixture
def attack() -> Attack:
    return Attack()


def signing(talk: Talk) -> Talk:
    talk.select(JPKI)
    assert talk.verify(0x18, "1234") == "9000"
    assert talk.sign(0x17) == "9000"
    return talk


@pytest.mark.parametrize("alarm", Alarm)
def test_after_any_alarm_every_command_is_refused_and_nothing_is_left(attack: Attack, alarm: Alarm) -> None:
    kept = store()
    talk = signing(Talk(Card(kept, SeededEntropy(), attack)))
    attack.noticed = alarm
    assert talk.sign(0x17) == "6F00"
    attack.noticed = None
    words = [talk.select(JPKI), talk.select(TEXT), talk("00CA004200"), talk("0084000008"), talk("")]
    assert words == ["6F00"] * 5
    left = {name for name, value in kept.read().items() if value}
    assert left == {"format", "profile", "wiped"}


@pytest.mark.parametrize("alarm", Alarm)
def test_nor_is_anything_left_of_a_card_of_the_next_generation(attack: Attack, alarm: Alarm, tmp_path: Path) -> None:
    path = tmp_path / "card"
    kept = JournalStore.create(path, store(Profile.NEXT_GENERATION).read())
    talk = Talk(Card(kept, SeededEntropy(), attack))
    talk.select(NEXT_AUTHENTICATION)
    assert talk.verify(0x18, "1234") == "9000"
    assert talk.sign(0x17, "AA" * 48) == "9000"
    assert next_private_bytes(AUTHENTICATION) in path.read_bytes()
    attack.noticed = alarm
    assert talk.sign(0x17, "AA" * 48) == "6F00"
    attack.noticed = None
    assert [talk.select(NEXT_AUTHENTICATION), talk.select(NEXT_FACE), talk("00CA004200")] == ["6F00"] * 3
    assert {name for name, value in kept.read().items() if value} == {"format", "profile", "wiped"}
    secrets = (next_private_bytes(AUTHENTICATION), next_private_bytes(SIGNING), b"ABC123")
    assert not any(secret in path.read_bytes() for secret in secrets)
    kept.close()
    assert Talk(Card(JournalStore(path), SeededEntropy())).select(NEXT_AUTHENTICATION) == "6F00"


def test_the_card_stays_dead_when_it_is_powered_again_without_an_alarm(attack: Attack) -> None:
    kept = store()
    talk = Talk(Card(kept, SeededEntropy(), attack))
    attack.noticed = Alarm.LIGHT
    talk("0084000008")
    attack.noticed = None
    talk.card.power_cycle()
    talk.card.reset()
    assert talk.select(JPKI) == "6F00"
    assert Talk(Card(kept, SeededEntropy())).select(JPKI) == "6F00"


def test_the_window_revives_no_wiped_card(attack: Attack) -> None:
    kept = store()
    attack.noticed = Alarm.PROBING
    Card(kept, SeededEntropy(), attack)
    with pytest.raises(Malformed):
        set_pin(kept, AUTHENTICATION_PIN, "9876")
    assert Talk(Card(kept, SeededEntropy())).select(JPKI) == "6F00"


def test_an_alarm_at_power_on_comes_before_the_first_command(attack: Attack) -> None:
    kept = store()
    attack.noticed = Alarm.CLOCK
    Card(kept, SeededEntropy(), attack)
    assert not kept.read()["jpki/0017"]


def test_a_card_whose_memory_cannot_be_wiped_is_dead_all_the_same_and_wipes_it_later(attack: Attack) -> None:
    kept = FailingStore(store().read())
    talk = signing(Talk(Card(kept, SeededEntropy(), attack)))
    kept.broken, attack.noticed = True, Alarm.VOLTAGE
    assert talk.sign(0x17) == "6F00"
    attack.noticed = None
    talk.card.power_cycle()
    assert talk.select(JPKI) == "6F00"
    assert kept.read()["jpki/0017"]
    kept.broken = False
    assert talk.select(JPKI) == "6F00"
    assert not kept.read()["jpki/0017"]


def test_no_key_is_reachable_in_memory_after_an_alarm(attack: Attack) -> None:
    talk = signing(Talk(Card(store(), SeededEntropy(), attack)))
    assert talk.card._chip is not None
    chip = weakref.ref(talk.card._chip)
    attack.noticed = Alarm.LIGHT
    talk("0084000008")
    gc.collect()
    assert chip() is None


def test_what_was_wiped_is_not_in_the_file(attack: Attack, tmp_path: Path) -> None:
    """A journal keeps the past; an erased value must not be in it."""
    path = tmp_path / "card"
    kept = JournalStore.create(path, store().read())
    talk = signing(Talk(Card(kept, SeededEntropy(), attack)))
    assert private_bytes(AUTHENTICATION) in path.read_bytes()
    attack.noticed = Alarm.PROBING
    talk("0084000008")
    left = path.read_bytes()
    assert not any(secret in left for secret in (private_bytes(AUTHENTICATION), private_bytes(SIGNING), b"ABC123"))
    assert len(left) < 2000
    assert not list(tmp_path.glob("*.new"))
    kept.close()
    assert Talk(Card(JournalStore(path), SeededEntropy())).select(JPKI) == "6F00"


def test_a_power_cut_during_an_alarm_leaves_a_whole_card_or_a_wiped_one() -> None:
    """And a wiped one as soon as an answer came."""
    small = {name: value for name, value in store().read().items() if not name.startswith("visual/")}
    files, attack = RecordingFiles(), Attack()
    kept = JournalStore.create(PATH, small, files=files)
    card = Card(kept, SeededEntropy(), attack)
    attack.noticed = Alarm.LIGHT
    start = len(files.history)
    assert card.transmit(bytes.fromhex("0084000008")) == b"\x6f\x00"
    seen = set()
    for number in range(start, len(files.history)):
        for disk in states_after_cut(files.history[number], step=97):
            stored = JournalStore(PATH, files=RecordingFiles.holding(disk)).read()
            whole = stored == small
            assert whole or ("wiped" in stored and not stored["jpki/0017"])
            seen.add(whole)
    assert seen == {True, False}
    final = [
        JournalStore(PATH, files=RecordingFiles.holding(disk)).read() for disk in states_after_cut(files.history[-1])
    ]
    assert all("wiped" in stored for stored in final)


def test_a_card_without_a_sensor_is_never_asked() -> None:
    assert signing(Talk(Card(store(), SeededEntropy())))("0084000001")[-4:] == "9000"
