"""The authorities' program dies at any moment (kill -9); whatever it handed out is on record afterwards."""

import random
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography import x509

from tests.ca.town import AUTHENTICATION, KIYOSE, application, key
from tests.wire.authorities import FIRST, open_authorities
from warifu.ca import State
from warifu.wire.authority import audit
from warifu.wire.clock import SystemClock

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is POSIX")


@dataclass
class Told:
    """What a program had told before it died."""

    issued: dict[int, bytes] = field(default_factory=dict)
    revoked: list[int] = field(default_factory=list)
    lists: list[int] = field(default_factory=list)

    def hear(self, line: str) -> None:
        if not line.endswith("\n"):
            return  # it died while it spoke
        what, *values = line.split()
        if what == "issued":
            assert int(values[0]) not in self.issued, "a serial number twice"
            self.issued[int(values[0])] = bytes.fromhex(values[1])
        elif what == "revoked":
            self.revoked.append(int(values[0]))
        else:
            self.lists.append(int(values[0]))


def run_and_kill(directory: Path, name: str, told: Told, after: float) -> None:
    command = [sys.executable, "-m", "tests.wire.crash_worker", str(directory), name]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        told.hear(program.stdout.readline())
        time.sleep(after)
        program.send_signal(signal.SIGKILL)
        for line in program.stdout:
            told.hear(line)


def check_record(directory: Path, told: Told) -> None:
    authorities = open_authorities(directory, SystemClock())
    for serial_number, certificate in told.issued.items():
        assert authorities.certificate(AUTHENTICATION, serial_number) == certificate
    for serial_number in told.revoked:
        entry = authorities.find(AUTHENTICATION, serial_number)
        assert entry is not None
        assert entry.state is State.REVOKED
    authorities.publish(AUTHENTICATION, KIYOSE.code)
    assert audit(authorities.engine, key(0).public_key_info).findings == []
    authorities.close()


def columns(directory: Path, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(directory / "authority.sqlite")
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def kill_again_and_again(directory: Path, kills: int, seed: int) -> None:
    told, chance = Told(), random.Random(seed)
    for kill in range(kills):
        run_and_kill(directory, f"run-{kill}", told, chance.uniform(0, 0.2))
        check_record(directory, told)
    assert told.lists == sorted(set(told.lists))
    assert min(told.issued) == FIRST
    [(integrity,)] = columns(directory, "PRAGMA integrity_check")
    assert integrity == "ok"


def test_whatever_was_handed_out_survives(tmp_path: Path) -> None:
    """RFC 5280 §4.1.2.2 and §5.2.3: serial numbers are unique, list numbers only grow."""
    kill_again_and_again(tmp_path, kills=3, seed=20260101)


DIES_WHILE_SIGNING = """
import os, signal, sys
from dataclasses import replace
from pathlib import Path
from tests.ca.town import AUTHENTICATION, KIYOSE, Moment, application, authority, key
from tests.wire.authorities import HOLDER_KEY, FIRST
from warifu.wire.authority import PARTY, Authorities
from warifu.wire.database import open_database

class Mortal:
    "A key whose holder dies while it signs for the second time."
    def __init__(self, signer):
        self.signer, self.algorithm, self.public_key_info = signer, signer.algorithm, signer.public_key_info
        self.signed = 0
    def sign(self, data):
        self.signed += 1
        if self.signed == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return self.signer.sign(data)

engine = open_database(Path(sys.argv[1]) / "authority.sqlite", PARTY)
whole = authority(AUTHENTICATION, 1)
mortal = replace(whole, issuer=replace(whole.issuer, signer=Mortal(key(1))))
authorities = Authorities(engine, [mortal], Moment(), holder_key=HOLDER_KEY, first_serial_number=FIRST)
authorities.issue(application(holder="first"))
if sys.argv[2] == "list":
    authorities.publish(AUTHENTICATION, KIYOSE.code)
authorities.issue(application(holder="second"))
"""


def die_while_signing(directory: Path, what: str) -> None:
    command = [sys.executable, "-c", DIES_WHILE_SIGNING, str(directory), what]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == -signal.SIGKILL


def test_a_certificate_signed_and_not_recorded_was_never_issued(tmp_path: Path) -> None:
    """Its number is unknown to everybody and not used again; its holder may apply again."""
    die_while_signing(tmp_path, "certificate")
    authorities = open_authorities(tmp_path)
    assert authorities.find(AUTHENTICATION, FIRST) is not None
    assert authorities.find(AUTHENTICATION, FIRST + 1) is None
    assert authorities.issue(application(holder="second")).entry.serial_number == FIRST + 2
    authorities.close()


def test_the_number_of_a_list_signed_and_not_kept_is_not_used_again(tmp_path: Path) -> None:
    """RFC 5280 §5.2.3: numbers only grow."""
    die_while_signing(tmp_path, "list")
    authorities = open_authorities(tmp_path)
    crl = x509.load_der_x509_crl(authorities.revocation_list(AUTHENTICATION, KIYOSE.code))
    assert crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number == 2
    authorities.close()
