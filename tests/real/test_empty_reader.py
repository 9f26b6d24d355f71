"""A reader without a card."""

import sys

import pytest

from tests.real.pcscd import Pcscd

pytestmark = pytest.mark.real

NO_CARD = """
from warifu.wire import pcsc
waited = []
try:
    pcsc.connect(timeout=0.2, waiting=lambda: waited.append(1))
except Exception as error:
    print(pcsc.card_present(), type(error).__name__, len(waited))
"""


def test_without_a_card_it_waits_says_so_once_and_gives_up(pcscd: Pcscd) -> None:
    assert pcscd.run(sys.executable, "-c", NO_CARD).stdout.split() == ["False", "NoCard", "1"]
