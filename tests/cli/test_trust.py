"""``warifu trust``: nothing is believed that nobody compared."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.pki import world
from tests.pki.world import AUTHENTICATION, KIYOSE, SIGNING
from tests.verifier import scene
from warifu.cli.root import root
from warifu.pki import AuthorityName, build_ca_certificate, build_crl
from warifu.town.town import Town

AUTHORITY = world.authority(SIGNING).certificate_der


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "authority.cer"
    path.write_bytes(AUTHORITY)
    return path


def run(data: Path, *arguments: str, stdin: str = "") -> Result:
    environment = {"LC_ALL": "C", "WARIFU_CONFIG": "", "WARIFU_DATA_DIRECTORY": str(data)}
    return CliRunner().invoke(root, ["trust", *arguments], env=environment, input=stdin)


def told(data: Path, *arguments: str) -> Any:
    ended = run(data, *arguments, "--json")
    assert ended.exit_code == 0, ended.stderr
    return json.loads(ended.stdout)


def fingerprint(der: bytes) -> str:
    return hashlib.sha256(der).hexdigest()


def test_at_first_nobody_is_trusted(data: Path) -> None:
    assert told(data, "list") == []
    assert "no authority is trusted" in run(data, "list").stderr


def test_an_import_shows_the_fingerprint_and_asks(data: Path, file: Path) -> None:
    refused = run(data, "import", str(file), stdin="n\n")
    assert refused.exit_code == 1
    assert fingerprint(AUTHORITY).upper()[:2] + ":" in refused.stderr
    assert told(data, "list") == []
    assert run(data, "import", str(file), stdin="y\n").exit_code == 0
    assert [each["fingerprint"] for each in told(data, "list")] == [fingerprint(AUTHORITY)]


def test_without_an_answer_nothing_is_trusted(data: Path, file: Path) -> None:
    assert run(data, "import", str(file)).exit_code == 1
    assert told(data, "list") == []


def test_a_named_fingerprint_needs_no_question(data: Path, file: Path) -> None:
    [kept] = told(data, "import", str(file), "--fingerprint", fingerprint(AUTHORITY).upper(), "--ocsp", "http://x/")
    assert (kept["use"], kept["real"], kept["ocsp"]) == ("signing", False, "http://x/")


def test_a_fingerprint_of_something_else_is_refused(data: Path, file: Path) -> None:
    ended = run(data, "import", str(file), "--fingerprint", "0" * 64, stdin="y\n")
    assert ended.exit_code == 1
    assert told(data, "list") == []


def test_one_refusal_keeps_all_out(data: Path, file: Path, tmp_path: Path) -> None:
    (tmp_path / "holder.cer").write_bytes(world.signing_certificate())
    assert run(data, "import", str(file), str(tmp_path / "holder.cer"), stdin="y\ny\n").exit_code == 1
    assert told(data, "list") == []


def test_what_calls_itself_jlis_is_not_trusted(data: Path, tmp_path: Path) -> None:
    """Refused by the profile already, or by its name: never asked about."""
    end = datetime(2033, 1, 1, tzinfo=UTC)
    name = AuthorityName(organization="JPKI-X")
    der = build_ca_certificate(
        SIGNING, world.signer(3), serial_number=3, not_before=world.ISSUED, not_after=end, name=name
    )
    forged = der.replace(b"\x0c\x06JPKI-X", b"\x0c\x06JPKI  ")
    assert forged != der
    (tmp_path / "forged.cer").write_bytes(forged)
    ended = run(data, "import", str(tmp_path / "forged.cer"), stdin="y\n")
    assert ended.exit_code == 1
    assert "J-LIS" in ended.stderr


def test_a_pem_file_may_hold_several(data: Path, tmp_path: Path) -> None:
    ders = [AUTHORITY, world.authority(AUTHENTICATION).certificate_der]
    pems = b"".join(x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM) for der in ders)
    (tmp_path / "both.pem").write_bytes(pems)
    kept = told(
        data,
        "import",
        str(tmp_path / "both.pem"),
        *(part for der in ders for part in ("--fingerprint", fingerprint(der))),
    )
    assert {each["fingerprint"] for each in kept} == {fingerprint(der) for der in ders}


@pytest.mark.parametrize("content", [b"", b"0", b"-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"])
def test_what_is_no_certificate_is_malformed(data: Path, file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert run(data, "import", str(file)).exit_code == 4


def test_an_import_of_nothing_is_a_usage_error(data: Path) -> None:
    assert run(data, "import").exit_code == 2


def test_show_and_remove_go_by_the_beginning_of_the_fingerprint(data: Path, file: Path) -> None:
    told(data, "import", str(file), "--fingerprint", fingerprint(AUTHORITY), "--list", "/lists/one.crl")
    start = fingerprint(AUTHORITY)[:8]
    assert "list: /lists/one.crl" in run(data, "show", start).stdout
    assert run(data, "remove", start, stdin="n\n").exit_code == 1
    assert len(told(data, "list")) == 1
    assert told(data, "remove", start, "--yes")["fingerprint"] == fingerprint(AUTHORITY)
    assert told(data, "list") == []
    assert run(data, "show", start).exit_code == 1


def test_the_towns_authorities_are_trusted_in_one_command(data: Path, quiet_town: Town) -> None:
    kept = told(quiet_town.ground.directory.parent, "import", "--town")
    uses = sorted(each["use"] for each in kept)
    assert uses == ["authentication", "authentication", "signing", "signing", "timestamp"]
    assert {each["ocsp"] for each in kept if each["use"] == "signing"} == {
        f"{quiet_town.addresses.authorities}/ocsp/signing"
    }
    assert all(each["lists"] for each in kept)


def test_without_a_town_there_is_none_to_trust(data: Path) -> None:
    assert run(data, "import", "--town").exit_code == 1


def test_lists_are_fetched_and_told(data: Path, file: Path, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    revoked = {5: scene.HELD, 6: scene.MOVED}
    crl = build_crl(
        world.authority(SIGNING), municipality=KIYOSE, revoked=revoked, number=1, this_update=now - timedelta(hours=1)
    )
    (tmp_path / "one.crl").write_bytes(crl)
    place, missing = str(tmp_path / "one.crl"), str(tmp_path / "none.crl")
    told(data, "import", str(file), "--fingerprint", fingerprint(AUTHORITY), "--list", place)
    assert told(data, "refresh") == [{"place": place, "entries": 2, "refusal": None}]
    assert told(data, "refresh") == []
    assert told(data, "refresh", "--now") == [{"place": place, "entries": 2, "refusal": None}]
    told(data, "import", str(file), "--fingerprint", fingerprint(AUTHORITY), "--list", missing)
    ended = run(data, "refresh", "--now", "--json")
    assert ended.exit_code == 3
    assert json.loads(ended.stdout)[0]["refusal"]
