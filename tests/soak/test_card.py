"""Long campaigns against the card."""

import os

import pytest

from tests.card.campaign import campaign

pytestmark = pytest.mark.skipif(os.environ.get("WARIFU_SOAK") != "1", reason="a long campaign: make soak runs it")


def test_a_million_commands_get_no_more_than_the_model_grants() -> None:
    assert campaign(10_000) >= 1_000_000
