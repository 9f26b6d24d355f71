"""Long campaigns against the card."""

from tests.card.campaign import campaign
from tests.soak import CAMPAIGN

pytestmark = CAMPAIGN


def test_a_million_commands_get_no_more_than_the_model_grants() -> None:
    assert campaign(10_000) >= 1_000_000


def test_nor_do_two_hundred_thousand_on_a_card_of_the_next_generation() -> None:
    assert campaign(2_000, next_generation=True) >= 200_000
