"""Signers outside of JPKI, as their verifier trusts and verifies them at the command line."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.pki import world
from tests.pki.world import NOW, SIGNING
from tests.verifier.outside_scene import DAY, GOOD, MIDDLE, ROOT, World, list_by
from warifu.cli.root import root

LISTS = (list_by(ROOT, made=NOW - DAY, lasts=7 * DAY), list_by(MIDDLE, made=NOW - DAY, lasts=7 * DAY))
AS_OF = ("--at", NOW.isoformat())


def run(folder: Path, *words: object, asks: str | None = None) -> Result:
    command = ["--lang", "en", "--data-directory", str(folder / "data"), *map(str, words)]
    return CliRunner().invoke(root, command, input=asks)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A document of somebody whom JPKI does not know, the root above them, and lists."""
    pem = x509.load_der_x509_certificate(GOOD.root).public_bytes(Encoding.PEM)
    (tmp_path / "root.pem").write_bytes(pem)
    (tmp_path / "deed.p7m").write_bytes(GOOD.made.encode())
    for number, crl in enumerate(LISTS):
        (tmp_path / f"{number}.crl").write_bytes(crl)
    return tmp_path


def told(folder: Path, *words: object) -> tuple[int, Any]:
    done = run(folder, "verify", folder / "deed.p7m", *AS_OF, "--json", *words)
    [document] = json.loads(done.stdout)["documents"]
    return done.exit_code, document["signatures"][0]


def import_root(folder: Path, *words: object) -> Result:
    fingerprint = hashlib.sha256(GOOD.root).hexdigest()
    lists = [word for number in (0, 1) for word in ("--list", folder / f"{number}.crl")]
    return run(folder, "trust", "import", folder / "root.pem", "--fingerprint", fingerprint, *lists, *words)


def test_who_is_trusted_for_other_signers_is_believed_about_them(folder: Path) -> None:
    assert import_root(folder, "--as", "signer").exit_code == 0
    code, signature = told(folder)
    assert (code, signature["indication"], signature["trust"]) == (0, "TOTAL-PASSED", "other")
    assert signature["signer"] is None
    assert signature["other_signer"]["subject"] == "CN=Kakuu Taro,O=Kakuu Trust,C=JP"


def test_who_is_trusted_for_timestamps_is_not(folder: Path) -> None:
    """What an authority is trusted for is never guessed: without ``--as`` it is for timestamps."""
    assert import_root(folder).exit_code == 0
    code, signature = told(folder)
    assert (code, signature["sub_indication"]) == (3, "NO_CERTIFICATE_CHAIN_FOUND")


def test_an_authority_for_both_stands_there_twice(folder: Path) -> None:
    assert import_root(folder, "--as", "signer").exit_code == 0
    assert import_root(folder, "--as", "timestamp").exit_code == 0
    listed = json.loads(run(folder, "trust", "list", "--json").stdout)
    assert sorted(each["use"] for each in listed) == ["signer", "timestamp"]
    fingerprint = hashlib.sha256(GOOD.root).hexdigest()
    assert run(folder, "trust", "remove", fingerprint, "--yes").exit_code == 1
    assert run(folder, "trust", "remove", fingerprint, "--as", "signer", "--yes").exit_code == 0
    assert told(folder)[1]["trust"] is None
    assert run(folder, "trust", "show", fingerprint).exit_code == 0


def test_trusted_for_this_time_only(folder: Path) -> None:
    lists = [word for number in (0, 1) for word in ("--list", folder / f"{number}.crl")]
    words = ("--trust-signer", folder / "root.pem", *lists)
    code, signature = told(folder, *words)
    assert (code, signature["trust"]) == (0, "other")
    assert json.loads(run(folder, "trust", "list", "--json").stdout) == []
    said = run(folder, "verify", folder / "deed.p7m", *AS_OF, *words).stdout
    assert "公的個人認証法 does not bear on it" in said


@pytest.mark.parametrize("use", ["signer", "timestamp"])
def test_an_authority_of_jpki_is_trusted_for_its_own_kind_only(tmp_path: Path, use: str) -> None:
    (tmp_path / "ca.crt").write_bytes(world.authority(SIGNING).certificate_der)
    done = run(tmp_path, "trust", "import", tmp_path / "ca.crt", "--as", use, asks="y\n")
    assert done.exit_code == 1
    assert "authorities of JPKI are trusted for their own kind" in done.stderr


def test_nobody_but_an_authority_is_trusted(tmp_path: Path) -> None:
    (tmp_path / "signer.crt").write_bytes(World().signer)
    done = run(tmp_path, "trust", "import", tmp_path / "signer.crt", "--as", "signer", asks="y\n")
    assert done.exit_code == 1


def test_the_report_is_the_clerks_page_too(folder: Path) -> None:
    lists = [word for number in (0, 1) for word in ("--list", folder / f"{number}.crl")]
    words = ("--trust-signer", folder / "root.pem", *lists, "--html", folder / "report.html")
    assert run(folder, "verify", folder / "deed.p7m", *AS_OF, *words).exit_code == 0
    page = (folder / "report.html").read_text("utf-8")
    assert "CN=Kakuu Taro,O=Kakuu Trust,C=JP" in page
    assert "公的個人認証法" in page
