"""Arbitrary commands: always a status word, never an exception, never more than the PIN rules grant."""

import pytest

from tests.card.campaign import PINS, campaign, hold_against_model
from tests.card.model import Model
from tests.card.people import card


def test_no_sequence_of_commands_gets_more_than_the_model_grants() -> None:
    assert campaign(1000) >= 100_000


def test_the_model_would_catch_a_card_that_forgets_to_forget() -> None:
    """The judge is judged: a card that keeps a PIN over reselection is caught by a model that does not."""
    jpki = bytes.fromhex("00A4040C0AD392F000260100000001")
    script = [jpki, bytes.fromhex("002000980431323334"), jpki, bytes.fromhex("802A009702AAAA00")]
    hold_against_model(card(), Model(dict(PINS)), script, lambda: None)
    with pytest.raises(AssertionError, match="9000"):
        hold_against_model(card(), Model(dict(PINS), forgets_on_reselection=True), script, lambda: None)
