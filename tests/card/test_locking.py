"""An application that its issuer has locked: JICSAP Table 25 calls 6283 "DF locked"; the rest is modelled."""

from pathlib import Path

import pytest

from tests.card.people import SeededEntropy, store
from tests.card.talk import AUTHENTICATION_KEY, AUTHENTICATION_PIN, COMMON, JPKI, RESIDENT, TEXT, VISUAL, Talk
from warifu.card import Card, MemoryStore, block_pin, lock_application, unlock_application
from warifu.cardmap import AUTHENTICATION_PIN as SPEC
from warifu.cardmap import Application
from warifu.errors import ApplicationLocked
from warifu.reader import JpkiSession, all_tries_left, applications_of, examine_free
from warifu.reader.status import refusal
from warifu.wire.card_store import JournalStore
from warifu.wire.clock import SystemEntropy

AIDS = {
    Application.JPKI: JPKI,
    Application.TEXT: TEXT,
    Application.VISUAL: VISUAL,
    Application.RESIDENT: RESIDENT,
    Application.COMMON: COMMON,
}


def locked(application: Application = Application.JPKI) -> tuple[Talk, MemoryStore]:
    kept = store()
    lock_application(kept, application)
    return Talk(Card(kept, SeededEntropy())), kept


@pytest.mark.parametrize("application", AIDS)
def test_a_locked_application_is_selected_with_6283_and_the_others_as_ever(application: Application) -> None:
    talk, _ = locked(application)
    words = {each: talk.select(aid) for each, aid in AIDS.items()}
    assert words == {each: "6283" if each is application else "9000" for each in AIDS}


def test_nothing_in_it_can_be_used() -> None:
    talk, _ = locked()
    assert talk.select(JPKI) == "6283"
    assert talk.tries(AUTHENTICATION_PIN) == talk.verify(AUTHENTICATION_PIN, "1234") == "6A82"
    assert talk.read(0x0A) == talk.sign(AUTHENTICATION_KEY) == talk.select_file(0x0A) == "6A82"
    assert talk("80AE0000") == "6982"


def test_it_becomes_current_so_what_was_verified_elsewhere_is_forgotten() -> None:
    talk, _ = locked()
    talk.select(TEXT)
    assert talk.verify(0x11, "5678") == "9000"
    talk.select(JPKI)
    talk.select(TEXT)
    assert talk.read(0x01) == "6982"


def test_a_powered_card_is_locked_at_its_next_power_on() -> None:
    kept = store()
    talk = Talk(Card(kept, SeededEntropy()))
    lock_application(kept, Application.JPKI)
    assert talk.select(JPKI) == "9000"
    talk.card.power_cycle()
    assert talk.select(JPKI) == "6283"


def test_unlocked_it_is_as_before_with_the_tries_that_were_left() -> None:
    talk, kept = locked()
    block_pin(kept, SPEC, 1)
    unlock_application(kept, Application.JPKI)
    talk.card.power_cycle()
    assert talk.select(JPKI) == "9000"
    assert talk.tries(AUTHENTICATION_PIN) == "63C1"
    assert talk.verify(AUTHENTICATION_PIN, "1234") == talk.sign(AUTHENTICATION_KEY) == "9000"


def test_the_lock_is_durable(tmp_path: Path) -> None:
    path = tmp_path / "one.card"
    with_lock = JournalStore.create(path, store().read())
    lock_application(with_lock, Application.JPKI)
    with_lock.close()
    again = JournalStore(path)
    assert Talk(Card(again, SeededEntropy())).select(JPKI) == "6283"
    unlock_application(again, Application.JPKI)
    again.close()
    last = JournalStore(path)
    assert Talk(Card(last, SeededEntropy())).select(JPKI) == "9000"
    last.close()


def test_a_reader_says_that_it_is_locked() -> None:
    talk, _ = locked()
    with pytest.raises(ApplicationLocked) as caught:
        JpkiSession(talk.card)
    assert (caught.value.status_word, caught.value.what) == (0x6283, "the JPKI application")


def test_a_reader_goes_on_with_the_other_applications() -> None:
    talk, _ = locked(Application.TEXT)
    assert Application.TEXT not in applications_of(talk.card)
    tries = all_tries_left(talk.card)
    assert {each.application for each, left in tries.items() if left is not None} == set(AIDS) - {Application.TEXT}
    assert "text" not in examine_free(talk.card, SystemEntropy(), [])


def test_6283_is_no_absence() -> None:
    assert type(refusal(0x6283, "application")) is ApplicationLocked
