"""Where there is no Linux, server extra or PC/SC library, the base install imports and reads a card."""

import subprocess
import sys

import pytest

from tests.waiting import PATIENCE

ABSENT = (
    "fcntl", "grp", "posix_ipc", "pwd", "pty", "resource", "syslog", "termios", "tty", "uvloop",
    "alembic", "fastapi", "httptools", "httpx2", "jinja2", "joserfc", "segno", "smartcard",
    "PIL", "pylopdf_fonts_jp", "sqlalchemy", "starlette", "uvicorn",
)  # fmt: skip

PRELUDE = f"""
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in {ABSENT!r}:
            raise ModuleNotFoundError(f'no module named {{name!r}} here', name=name)
sys.meta_path.insert(0, Absent())
for name in {ABSENT!r}:
    sys.modules.pop(name, None)
"""


def run(script: str) -> str:
    command = [sys.executable, "-c", PRELUDE + script]
    found = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert found.returncode == 0, found.stderr
    return found.stdout


@pytest.mark.parametrize(
    "room",
    [
        "warifu",
        "person",
        "iso7816",
        "cardmap",
        "chip",
        "pki",
        "messages",
        "card",
        "reader",
        "ca",
        "verifier",
        "testing",
        "cli",
    ],
)
def test_a_room_of_the_base_install_imports(room: str) -> None:
    run("import warifu" if room == "warifu" else f"import warifu.{room}")


def test_a_card_is_read_in_process() -> None:
    script = """
from warifu.reader import JpkiSession, Key
from warifu.testing import software_card
print(JpkiSession(software_card().connection).tries_left(Key.AUTHENTICATION))
"""
    assert run(script) == "3\n"


def test_without_a_pcsc_library_the_reader_says_what_to_install() -> None:
    script = """
from warifu.errors import Unavailable
from warifu.wire import pcsc
try:
    pcsc.readers()
except Unavailable as error:
    print(error, *error.__notes__)
"""
    assert "warifu[pcsc]" in run(script)


def test_the_command_line_helps_without_the_server_extra() -> None:
    assert "town" in run("import sys; sys.argv = ['warifu', '--help']; from warifu.cli import main; main()")
