"""``pytest --reader NAME``: what somebody with a real card runs, here over pcscd with a virtual one."""

import sys
from pathlib import Path

import pytest

from tests.real.pcscd import READER, Pcscd
from warifu.reader import all_tries_left
from warifu.testing import SoftwareCard

pytestmark = pytest.mark.real

ROOT = Path(__file__).parents[2]
READING = [f"tests/reader/{name}.py" for name in ("test_reading", "test_reading_further", "test_probe")]


def test_the_reading_tests_pass_on_a_card_in_a_reader_and_spend_no_try(
    pcscd: Pcscd, card: SoftwareCard, tmp_path: Path
) -> None:
    before = all_tries_left(card.connection)
    options = ["-q", "-p", "no:cacheprovider", "--basetemp", str(tmp_path / "inner"), "--reader", READER, "-k", "real"]
    ran = pcscd.run(
        *(sys.executable, "-m", "pytest", "--rootdir", str(ROOT), *options, *(str(ROOT / each) for each in READING)),
        environment={"PYTHONPATH": str(ROOT)},
    )
    assert ran.returncode == 0, ran.stdout
    last = ran.stdout.strip().splitlines()[-1]
    assert " passed" in last
    assert "skipped" not in last
    card.connection.power_cycle()
    assert all_tries_left(card.connection) == before
