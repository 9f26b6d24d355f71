"""Our reader over pyscard and pcscd, in a process of its own."""

import base64
import json
import os
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from tests.real.pcscd import READER, Pcscd
from warifu.card import tries_left
from warifu.cardmap import ATR_GENERATION_A, AUTHENTICATION_PIN, TokenInfo
from warifu.messages import AttributesAnswer
from warifu.reader import check_attributes
from warifu.testing import SoftwareCard

pytestmark = pytest.mark.real

ROOT = Path(__file__).parents[2]


def test_the_reader_reads_verifies_and_signs_over_pcsc(pcscd: Pcscd, card: SoftwareCard) -> None:
    nonce = os.urandom(32)
    ran = pcscd.run(
        *(sys.executable, "-m", "tests.real.reader_program", nonce.hex()),
        text="1234\nabc123\n5678\n",
        environment={"PYTHONPATH": str(ROOT)},
    )
    assert ran.returncode == 0, ran.stdout
    found = json.loads(ran.stdout)
    assert found["readers"][0] == READER
    assert found["card"] is True
    assert found["atr"] == ATR_GENERATION_A.hex()
    assert found["label"] == TokenInfo.PLASTIC
    certificates = [base64.b64decode(text) for text in found["certificates"]]
    assert certificates == [card.authentication_certificate, card.signing_certificate]
    keys = (card.authentication_public_key, card.signing_public_key)
    for key, signature in zip(keys, found["signatures"], strict=True):
        key.verify(base64.b64decode(signature), nonce, PKCS1v15(), hashes.SHA256())
    answer = AttributesAnswer.decode(found["attributes"].encode())
    assert check_attributes(answer, nonce, [card.cv_anchor]) == card.attributes
    assert found["after_power_cycle"] == "PinRequired"
    assert found["other_reader"] == "NoReader"


SHARED = """
import subprocess, sys
from warifu.wire import pcsc
with pcsc.connect() as first:
    again = "from warifu.wire import pcsc; pcsc.connect()"
    ran = subprocess.run([sys.executable, "-c", again], capture_output=True, text=True)
    print(ran.stderr.splitlines()[-2:])
"""


def test_a_card_held_by_another_program_is_in_use(pcscd: Pcscd, card: SoftwareCard) -> None:
    assert "InUse" in pcscd.run(sys.executable, "-c", SHARED).stdout


def test_the_reading_tests_pass_on_a_card_in_a_reader(pcscd: Pcscd, card: SoftwareCard) -> None:
    """What `pytest --reader NAME` does with somebody's own card; no try is spent."""
    arguments = (
        "-q",
        "-p",
        "no:cacheprovider",
        "-k",
        "real",
        "--reader",
        READER,
        str(ROOT / "tests/reader/test_reading.py"),
    )
    ran = pcscd.run(sys.executable, "-m", "pytest", f"--rootdir={ROOT}", *arguments)
    assert ran.returncode == 0, ran.stdout
    assert "8 passed" in ran.stdout
    assert tries_left(card.store, AUTHENTICATION_PIN) == 3
