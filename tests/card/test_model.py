"""Arbitrary commands: always a status word, never an exception, never more than the PIN rules grant."""

import pytest

from tests.card.campaign import PINS, campaign, hold_against_model
from tests.card.model import NEXT, NEXT_ORDER, Model
from tests.card.people import card
from warifu.card import Profile


def test_no_sequence_of_commands_gets_more_than_the_model_grants() -> None:
    assert campaign(1000) >= 100_000


def test_nor_on_a_card_of_the_next_generation() -> None:
    assert campaign(200, next_generation=True) >= 20_000


def test_the_model_would_catch_a_p384_key_that_needs_no_pin() -> None:
    """The judge is judged: a card that signs before VERIFY is caught."""
    script = [bytes.fromhex("00A4040C0AF0574152494655000001"), bytes.fromhex("802A009730" + "AA" * 48 + "00")]
    hold_against_model(card(Profile.NEXT_GENERATION), Model(dict(PINS), order=NEXT_ORDER), script, lambda: None)
    lenient = Model(dict(PINS), order=NEXT_ORDER, proved={0x18}, earned_in=NEXT)
    with pytest.raises(AssertionError, match="9000"):
        hold_against_model(card(Profile.NEXT_GENERATION), lenient, script, lambda: None)


def test_the_model_would_catch_a_card_that_forgets_to_forget() -> None:
    """The judge is judged: a card that keeps a PIN over reselection is caught by a model that does not."""
    jpki = bytes.fromhex("00A4040C0AD392F000260100000001")
    script = [jpki, bytes.fromhex("002000980431323334"), jpki, bytes.fromhex("802A009702AAAA00")]
    hold_against_model(card(), Model(dict(PINS)), script, lambda: None)
    with pytest.raises(AssertionError, match="9000"):
        hold_against_model(card(), Model(dict(PINS), forgets_on_reselection=True), script, lambda: None)
