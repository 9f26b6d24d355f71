"""A pytest plugin: the fixture `my_number_card`, a new software card for each test."""

import pytest

from warifu.testing.software_card import SoftwareCard, software_card

__all__ = ["my_number_card"]


@pytest.fixture
def my_number_card() -> SoftwareCard:
    """A new software card of an invented adult: PIN 1234, signing password ABC123, text PIN 5678."""
    return software_card()
