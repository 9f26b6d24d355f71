"""The survey of a card: it changes nothing, learns nothing about anybody, and finds what is other than known."""

import dataclasses
import json

import pytest

from tests.reader.scripted import SELECT_JPKI, Script
from tests.reader.visual_chip import VisualCard
from warifu.card import tries_left
from warifu.cardmap import PINS, Application
from warifu.errors import NoCard, NotOnCard, WrongPin
from warifu.iso7816 import Command
from warifu.ports import Connection
from warifu.reader import JpkiSession, Key, Survey, TextSession, probe
from warifu.reader.expected import FileKind, expected_files
from warifu.testing import SoftwareCard, software_card


@pytest.fixture
def survey(card_to_read: Connection) -> Survey:
    """Through a connection that refuses whatever could change a card."""
    return probe(card_to_read)


def test_a_survey_sends_nothing_that_could_change_a_card(survey: Survey) -> None:
    """`ReadingOnly` stands between: the fixture fails otherwise."""
    assert survey.files["jpki"]["000A"] == "free"


def test_a_survey_spends_no_try_and_says_none(my_number_card: SoftwareCard) -> None:
    session = JpkiSession(my_number_card.connection)
    with pytest.raises(WrongPin):
        session.verify(Key.AUTHENTICATION, "9999")
    before = [tries_left(my_number_card.store, spec) for spec in PINS]
    told = probe(my_number_card.connection)
    assert [tries_left(my_number_card.store, spec) for spec in PINS] == before
    assert told.files["jpki"]["0018"] == "counted"
    assert told == probe(software_card().connection)


def test_a_survey_holds_nothing_that_identifies_card_or_holder(my_number_card: SoftwareCard) -> None:
    """Not even after the holder has opened everything: two people's cards give the same survey."""
    session = TextSession(my_number_card.connection)
    session.verify("5678")
    told = json.dumps(dataclasses.asdict(probe(my_number_card.connection)))
    issuer = TextSession(my_number_card.connection).certificate()
    private = [
        my_number_card.authentication_certificate[20:40].hex(),
        issuer.subject_key_id.encode().hex(),
        my_number_card.attributes.name.text,
        "13101",
    ]
    assert [each for each in private if each.lower() in told.lower()] == []


@pytest.mark.parametrize("application", [Application.JPKI, Application.TEXT])
def test_our_card_is_what_our_tables_say(my_number_card: SoftwareCard, application: Application) -> None:
    found = probe(my_number_card.connection).files[application.name.lower()]
    wanted = {f"{fid:04X}": kind.value for fid, kind in expected_files(application).items()}
    assert {fid: kind for fid, kind in found.items() if wanted.get(fid) != kind} == {}


def test_a_size_is_what_is_allocated(my_number_card: SoftwareCard) -> None:
    sizes = probe(my_number_card.connection).sizes
    assert (sizes["jpki"]["0006"], sizes["jpki"]["0008"], sizes["text"]["0004"]) == (160, 3, 568)


def test_what_differs_is_told_with_both_sides() -> None:
    """A card that lacks the signing certificate's file, and answers a channel it should refuse."""
    told = probe(Changed(software_card().connection))
    found = {each.where: (each.expected, each.found) for each in told.differences}
    assert found["jpki 0002"] == ("free", "absent")
    assert found["a logical channel"] == ("6881", "9000")


class Changed:
    """A card that is not quite one."""

    atr = b"\x3b\x00"

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def transmit(self, command: bytes) -> bytes:
        read = Command.decode(command)
        if read.cla == 0x01:
            return b"\x90\x00"
        if read.ins == 0xA4 and read.data == b"\x00\x02":
            return b"\x6a\x82"
        return self._connection.transmit(command)

    def power_cycle(self) -> None:
        self._connection.power_cycle()


def test_another_kind_of_card_is_not_surveyed() -> None:
    with pytest.raises(NotOnCard):
        probe(VisualCard())


def test_a_card_that_is_taken_out_ends_the_survey() -> None:
    with pytest.raises(NoCard):
        probe(Script([SELECT_JPKI, ("00A4020C020006", NoCard())]))


@pytest.mark.parametrize(
    ("application", "fid", "kind"),
    [
        (Application.JPKI, 0x01, FileKind.SHUT),
        (Application.JPKI, 0x0A, FileKind.FREE),
        (Application.JPKI, 0x17, FileKind.INTERNAL),
        (Application.TEXT, 0x04, FileKind.FREE),
        (Application.TEXT, 0x12, FileKind.COUNTED),
        (Application.VISUAL, 0x02, FileKind.SHUT),
        (Application.VISUAL, 0x1A, FileKind.INTERNAL),
        (Application.COMMON, 0x01, FileKind.RECORDS),
        (Application.COMMON, 0x1E, FileKind.COUNTED),
        (Application.RESIDENT, 0x1C, FileKind.COUNTED),
    ],
)
def test_expectations_are_those_that_were_measured(application: Application, fid: int, kind: FileKind) -> None:
    """soltia48/myna-card `src/ap/*.rs`, written here independently of the tables."""
    assert expected_files(application)[fid] is kind
