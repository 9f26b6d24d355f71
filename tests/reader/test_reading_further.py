"""Reading every other application without any PIN: the software card, and with --reader NAME a real one.

What a phone or an older card does not have is skipped there; the software card has all of it.
"""

from collections.abc import Callable
from typing import TypeVar

import pytest

from tests.reader.real_card import ReadingOnly
from warifu.card import Card
from warifu.cardmap import ATR_GENERATION_A, ATR_GENERATION_B, Implementation
from warifu.errors import NotOnCard, PinRequired
from warifu.iso7816 import Command, Response, StatusWord
from warifu.ports import Connection
from warifu.reader import (
    CommonSession,
    Credential,
    ManagerSession,
    ResidentSession,
    TextSession,
    VisualSession,
    contact_atr,
)
from warifu.wire.clock import SystemClock

S = TypeVar("S")


def opened(session: Callable[[Connection], S], card: Connection) -> S:
    """A session with an application; a real card that does not have it ends the test here."""
    try:
        return session(card)
    except NotOnCard:
        assert isinstance(card, ReadingOnly)
        if isinstance(card.connection, Card):
            raise
        pytest.skip("this card does not have the application")


def test_the_common_record_tells_a_municipality_and_a_year_that_can_be(card_to_read: Connection) -> None:
    """Serial, municipality, expiry: their digits are checked while they are read."""
    record = opened(CommonSession, card_to_read).card_record()
    assert 2015 < record.expiry.year < SystemClock().now().year + 16
    assert 1 <= int(record.municipality_code[:2]) <= 47


def test_common_and_resident_application_name_one_key(card_to_read: Connection) -> None:
    """EF 0002 is byte-identical (soltia48/myna-card `src/ap/juki.rs`)."""
    here = opened(CommonSession, card_to_read).key_reference()
    assert opened(ResidentSession, card_to_read).key_reference() == here


def test_the_resident_application_keeps_its_code_shut_or_has_none(card_to_read: Connection) -> None:
    session = opened(ResidentSession, card_to_read)
    assert 0 <= session.tries_left() <= 3
    with pytest.raises((PinRequired, NotOnCard)):
        session.record_code()


def test_the_visual_application_tells_what_it_is_and_who_signs_for_it(card_to_read: Connection) -> None:
    """EF 0003 and 0004 are free; vendor 0E on the cards seen."""
    session = opened(VisualSession, card_to_read)
    assert session.info().implementation.extended_lengths == Implementation.VISUAL.extended_lengths
    assert session.certificate().public_key.modulus.bit_length() == 2048


@pytest.mark.parametrize("read", [VisualSession.age_record, VisualSession.face, VisualSession.number_image])
def test_what_is_printed_stays_shut(card_to_read: Connection, read: Callable[[VisualSession], object]) -> None:
    session = opened(VisualSession, card_to_read)
    with pytest.raises(PinRequired):
        read(session)


@pytest.mark.parametrize(
    ("session", "credential", "full"),
    [
        (TextSession, Credential.TEXT_MATCHING_NUMBER_A, 10),
        (TextSession, Credential.TEXT_MATCHING_NUMBER_B, 10),
        (VisualSession, Credential.BIRTH_DATE, 10),
        (VisualSession, Credential.VISUAL_MATCHING_NUMBER_A, 10),
        (VisualSession, Credential.VISUAL_MATCHING_NUMBER_B, 10),
    ],
)
def test_asking_matching_numbers_for_their_tries_changes_nothing(
    card_to_read: Connection,
    session: Callable[[Connection], TextSession | VisualSession],
    credential: Credential,
    full: int,
) -> None:
    asked = opened(session, card_to_read)
    tries = asked.tries_left(credential)
    assert 0 <= tries <= full
    assert asked.tries_left(credential) == tries


def test_the_text_application_tells_what_it_is_and_who_signs_for_it(card_to_read: Connection) -> None:
    session = opened(TextSession, card_to_read)
    assert session.info().implementation.extended_lengths == Implementation.TEXT.extended_lengths
    assert session.certificate().public_key.modulus.bit_length() == 2048


@pytest.mark.parametrize("read", [TextSession.attributes, TextSession.number])
def test_the_text_application_keeps_everything_shut(
    card_to_read: Connection, read: Callable[[TextSession], object]
) -> None:
    session = opened(TextSession, card_to_read)
    with pytest.raises(PinRequired):
        read(session)


def test_the_two_chains_above_a_card_are_of_two_authorities(card_to_read: Connection) -> None:
    """5000023 and 5000033 in life (soltia48/myna-card `src/ca.rs`)."""
    visual = opened(VisualSession, card_to_read).certificate()
    text = opened(TextSession, card_to_read).certificate()
    assert visual.issuer_key_id.number[-2:] == "23"
    assert text.issuer_key_id.number[-2:] == "33"


def test_the_card_manager_tells_the_card_s_municipality_and_expiry(card_to_read: Connection) -> None:
    data = opened(ManagerSession, card_to_read).data()
    record = opened(CommonSession, card_to_read).card_record()
    assert (data.municipality_code, data.expiry) == (record.municipality_code, record.expiry)
    assert data.atr in (None, ATR_GENERATION_A, ATR_GENERATION_B, card_to_read.atr)


def test_the_contact_answer_to_reset_is_one_that_is_known(card_to_read: Connection) -> None:
    """The third is known from pcsc-tools' list alone; which cards have it is not. A new one is worth reporting."""
    known = {ATR_GENERATION_A, ATR_GENERATION_B, bytes.fromhex("3BC5FF81 31FB4580 73C60100 00")}
    assert contact_atr(card_to_read) in known


def test_the_card_manager_s_leaf_is_signed_by_its_intermediate(card_to_read: Connection) -> None:
    """Where a card has one (generation B)."""
    data = opened(ManagerSession, card_to_read).data()
    assert data.intermediate.issuer_key_id.number[-2:] == "20"
    if data.leaf is not None:
        data.leaf.check_issued_by(data.intermediate.anchor)


@pytest.mark.parametrize("length", [1, 8, 256])
def test_a_challenge_is_as_long_as_asked_for_and_never_the_same(card_to_read: Connection, length: int) -> None:
    opened(CommonSession, card_to_read)
    command = Command(0x00, 0x84, 0x00, 0x00, le=length).encode()
    first, second = (Response.decode(card_to_read.transmit(command)) for _ in range(2))
    assert first.status_word == second.status_word == StatusWord.OK
    assert len(first.data) == len(second.data) == length
    assert length == 1 or first.data != second.data


@pytest.mark.parametrize(
    ("command", "word"), [("08A4020C020001", 0x6882), ("08B0000000", 0x69FC), ("0CB0000000", 0x6987)]
)
def test_secure_messaging_without_a_session_is_refused(card_to_read: Connection, command: str, word: int) -> None:
    """soltia48/myna-card `src/sm.rs`."""
    opened(TextSession, card_to_read)
    assert Response.decode(card_to_read.transmit(bytes.fromhex(command))).status_word == word
