"""The search for leaks finds every kind of leak in every place, and nothing in a suite that says none."""

import base64
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import pytest

from tests.house.leak_needles import Needles
from tests.waiting import PATIENCE
from warifu.town import pool

ROOT = Path(__file__).parents[2]

HONEST = """
import logging
from warifu.errors import WrongPin
from warifu.testing import software_card

def test_honest(tmp_path):
    card = software_card()
    logging.getLogger("warifu").warning("serial 1234 of port 5678 at 12:34, pin tries left: 3, %s", card)
    (tmp_path / "server.log").write_text(f"{card!r} {card.attributes!r} {card.individual_number!r}")
"""

LEAKY = """
import base64, logging, subprocess, sys
import click, pytest
from click.testing import CliRunner
from warifu.errors import Refused
from warifu.reader import JpkiSession, Traced
from warifu.testing import software_card
from warifu.town import pool

CARD = software_card()
LOG = logging.getLogger("warifu.planted")

def test_number_in_a_log():
    LOG.warning("login of %s", CARD.individual_number.reveal())

def test_name_in_a_field_of_a_log():
    LOG.warning("login", extra={"who": CARD.attributes.name.text})

def test_pin_in_a_trace():
    Traced(CARD.connection, lambda line: None)._tell("00 20 00 80 04 31 32 33 34  ->  9000")

def test_password_in_an_exception_that_is_expected():
    with pytest.raises(ValueError):
        raise ValueError(f"bad password {CARD.signing_password}")

def test_pin_in_a_cause():
    def use():
        try:
            int("x")
        except ValueError as error:
            raise Refused("no") from KeyError("1234")
    with pytest.raises(Refused):
        use()

def test_number_in_a_detail_nobody_looks_at():
    try:
        raise Refused("no", detail=f"b={CARD.matching_number_b[:6]} a={CARD.matching_number_a}")
    except Refused:
        pass

def test_key_in_a_log_file(tmp_path):
    der = pool.private_key(5).private_numbers().p.to_bytes(128, "big")
    (tmp_path / "server.log").write_text(base64.b64encode(b"x" + der).decode())

def test_address_on_stderr_of_the_command_line():
    command = click.Command("x", callback=lambda: click.echo(CARD.attributes.address.text, err=True))
    CliRunner().invoke(command)

def test_record_code_on_stderr_of_a_program():
    script = "import sys; sys.stderr.write(sys.argv[1])"
    code = CARD.resident_record_code.reveal()
    subprocess.run([sys.executable, "-c", script, code], stderr=subprocess.PIPE)

def test_name_on_captured_stderr():
    print("割符" + chr(0x3000) + "花子", file=sys.stderr)
"""

FOUND = """\
a number: log warifu.planted
a name, an address or a password: log warifu.planted
a PIN in hexadecimal: a trace
a name, an address or a password: an exception that a test expected
a PIN: an exception that a test expected
a number: detail of Refused
a private key in base64: file server.log
a name, an address or a password: the command line on stderr
a number: stderr of
a name, an address or a password: Captured stderr call
"""


def session_of(tests: str, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """A session of its own, in which the plugin searches for what these tests say."""
    (folder / "test_planted.py").write_text(tests, "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.house.leaks", "-p", "no:cacheprovider", *options]
    where = [f"--rootdir={folder}", "-c", os.devnull, f"--basetemp={folder / 'temporary'}", str(folder)]
    # Nothing of it may be heard by the session that runs this test: it is full of secrets, and so are its log files.
    with (folder / "session").open("w+", encoding="utf-8") as said:
        ended = subprocess.run([*command, *where], cwd=ROOT, stdout=said, stderr=said, timeout=PATIENCE, check=False)
        said.seek(0)
        return subprocess.CompletedProcess(ended.args, ended.returncode, said.read())


def test_a_suite_that_says_nothing_passes(apart: Path) -> None:
    ended = session_of(HONEST, apart)
    assert ended.returncode == 0, ended.stdout
    assert "for secrets: none found" in ended.stdout


@pytest.mark.parametrize("processes", [0, 2])
def test_every_planted_leak_is_found_and_fails_the_run(apart: Path, processes: int) -> None:
    """Every test of it passes; the session does not; nor does it say again what it found."""
    ended = session_of(LEAKY, apart, f"-n{processes}")
    assert "10 passed" in ended.stdout
    assert ended.returncode == pytest.ExitCode.TESTS_FAILED
    told = [line.removeprefix("LEAKED ") for line in ended.stdout.splitlines() if line.startswith("LEAKED ")]
    assert [each for each in FOUND.splitlines() if not any(line.startswith(each) for line in told)] == []
    assert [each for each in ("123456789018", "割符　花子", "ABC123") if each in ended.stdout] == []


# --- what counts as said ----------------------------------------------------------------------------------------------


@pytest.fixture
def apart() -> Iterator[Path]:
    """A folder that is not among the files of this session."""
    with TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.fixture
def needles() -> Needles:
    needles = Needles()
    needles.add_pin("1234")
    needles.add_pin("SECRET77")
    needles.add_pin("123456789018")
    needles.add_text("割符　花子")
    return needles


@pytest.mark.parametrize(
    "said",
    [
        "the PIN is 1234",
        "pin=1234",
        "{'authentication_pin': '1234'}",
        "1234 (PIN)",
        "暗証番号: 1234",
        "KeyError('1234')",
        "0020008004 31323334",
        "00:20:00:80:04:31:32:33:34",
        "SECRET77",
        "passwordSECRET77",
        "/in/a/long/way/to/somewhere/SECRET77?x=1",
        "00200090085345435245543737",
        "0024019008" + b"SECRET77".hex(),
        "0024019010" + b"SECRET88SECRET77".hex(),
        "802A0000 04 80320082 08 3132333431323334",
        b'{"pin": "1234"}'.hex(),
        "secret: 31323334",
        base64.b64encode(b"password SECRET77").decode(),
        b"SECRET77".hex(),
        "number 123456789018.",
        b"123456789018".hex(" "),
        "割符　花子",
        ascii("割符　花子"),
        repr("割符　花子"),
        quote("割符　花子"),
        "割符　花子".encode().hex(),
        base64.urlsafe_b64encode("xx割符　花子".encode()).decode(),
    ],
)
def test_a_secret_is_found(needles: Needles, said: str) -> None:
    assert list(needles.found_in(said))


@pytest.mark.parametrize(
    "said",
    [
        "listening at 127.0.0.1:1234",
        "1234 bytes, 9000 OK",
        "PIN 3 tries left after 12345 ms",
        "verify took 0.1234 seconds",
        "9123456789018",
        "a123456789018",
        "割符",
        bytes(range(128, 256)).hex(),
    ],
)
def test_what_only_looks_like_one_is_not(needles: Needles, said: str) -> None:
    assert list(needles.found_in(said)) == []


@pytest.mark.parametrize(
    "said",
    [
        "id 9f1c2231323334aa07",
        "31323334",
        "0.123456789018 seconds",
        "digest 00ABC1234455667788",
        "token nR3kABC123zQ9-d0_1eYp",
        "token x-ABC123_nR3kzQ9d01eYp",
        "-----BEGIN CERTIFICATE-----\nMIIBABC1234xyz\n/ABC123=\n-----END CERTIFICATE-----",
        b"\x91\xc2ABC123\x07\xff\x80\x14\x99".hex(),
        base64.b64encode(bytes(range(200, 220)) + b"ABC123" + bytes(range(200, 220))).decode(),
    ],
)
def test_what_chance_makes_is_no_secret(needles: Needles, said: str) -> None:
    """Six letters, or four bytes, come up once in a while in all the ids, nonces, digests and tokens of a suite."""
    needles.add_pin("ABC123")
    assert list(needles.found_in(said)) == []


def test_a_private_key_is_found_in_every_form() -> None:
    key = pool.private_key(3)
    prime, needles = key.private_numbers().p, Needles()
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    needles.add_key(der)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    for said in (str(prime), f"{prime:x}", f"p={prime:0256X}", der.hex(), base64.b64encode(der).decode(), pem):
        assert list(needles.found_in(said)), said[:20]
    public = key.public_key().public_numbers().n
    assert list(needles.found_in(f"{public} {public:x}")) == []
