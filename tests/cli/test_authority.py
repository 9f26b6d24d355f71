"""``warifu ca``: two persons found the authorities, and an operator keeps them, from the command line alone."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from tests.ca.town import ATTRIBUTES, KIYOSE, key
from tests.cli.listening import listening
from tests.journeys.running_town import standing_town
from tests.town.ports import free_ports
from tests.waiting import PATIENCE
from tests.wire.softhsm import SoftHsm, module
from warifu.ca import CertificateApplication, Event
from warifu.cli.root import root
from warifu.errors import NotFound
from warifu.pki import (
    JST,
    AuthorityName,
    CertificateKind,
    KeySigner,
    OcspQuestions,
    OcspRequest,
    build_ca_certificate,
    issuer_hashes,
)
from warifu.wire.authority.house import open_house
from warifu.wire.settings import read_settings

FIRST, SECOND = "correct horse battery", "staple of the other one"
KINDS = tuple(CertificateKind)
P384 = KeySigner.generate("ES384")


def configuration(folder: Path, more: str = "") -> Path:
    for number, passphrase in enumerate((FIRST, SECOND), 1):
        (folder / f"passphrase-{number}").write_text(passphrase + "\n")
    files = ", ".join(f'"{folder / f"passphrase-{number}"}"' for number in (1, 2))
    text = f'[authority]\norganization = "EXAMPLE-TEST"\npassphrase_files = [{files}]\nwitness = "heads"\n{more}'
    (folder / "warifu.toml").write_text(text, "utf-8")
    return folder / "warifu.toml"


def arguments(folder: Path, *command: str) -> list[str]:
    return ["--lang", "en", "--config", str(folder / "warifu.toml"), "--data-directory", str(folder / "data"), *command]


def run(folder: Path, *command: str, typed: str = "") -> Result:
    return CliRunner().invoke(root, arguments(folder, *command), input=typed, prog_name="warifu")


def result(folder: Path, *command: str) -> Any:
    ran = run(folder, *command, "--json")
    assert ran.exit_code == 0, ran.output
    return json.loads(ran.stdout)


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both authorities after their ceremony, with three certificates, one of them revoked."""
    folder = tmp_path_factory.mktemp("founded")
    configuration(folder)
    made = result(folder, "ca", "init", "--custodian", "山田", "--custodian", "鈴木", "--algorithm", "p384")
    assert [each["name"] for each in made["made"]] == ["signing-1", "authentication-1", "log"]
    settings = read_settings({"data_directory": folder / "data"}, file=folder / "warifu.toml", environment={})
    with open_house(settings, (FIRST, SECOND), lambda *_: None) as house:
        for holder in "ab":
            house.authorities.issue(applied(holder))
        signing = house.authorities.issue(applied("a", CertificateKind.SIGNING)).entry
        house.authorities.record(signing.kind, signing.serial_number, Event.KEY_COMPROMISED)
    return folder


def applied(holder: str, kind: CertificateKind = CertificateKind.AUTHENTICATION) -> CertificateApplication:
    ends = datetime.now(UTC).replace(microsecond=0) + timedelta(days=900)
    attributes = ATTRIBUTES if kind is CertificateKind.SIGNING else None
    return CertificateApplication(kind, holder, KIYOSE, P384.public_key_info, ends, attributes)


@pytest.fixture
def copy(founded: Path, tmp_path: Path) -> Path:
    shutil.copytree(founded / "data", tmp_path / "data")
    configuration(tmp_path)
    return tmp_path


# --- keys -------------------------------------------------------------------------------------------------------------


def test_a_rehearsal_keeps_nothing(tmp_path: Path) -> None:
    configuration(tmp_path)
    made = result(tmp_path, "ca", "init", "--custodian", "a", "--custodian", "b", "--specimen")
    assert (made["specimen"], made["organization"]) == (True, "EXAMPLE-TEST-SPECIMEN")
    assert not (tmp_path / "data").exists() or list((tmp_path / "data").rglob("*.key")) == []


def test_each_person_types_a_passphrase_twice(tmp_path: Path) -> None:
    (tmp_path / "warifu.toml").write_text("")
    typed = f"Yamada\nSuzuki\n{FIRST}\n{FIRST}\n{SECOND}\n{SECOND}\n"
    ran = run(tmp_path, "ca", "init", "--specimen", typed=typed)
    assert ran.exit_code == 0, ran.output
    assert FIRST not in ran.output
    assert SECOND not in ran.output


def test_one_person_cannot_do_it_alone(tmp_path: Path) -> None:
    configuration(tmp_path)
    assert run(tmp_path, "ca", "init", "--custodian", "a").exit_code == 2
    assert run(tmp_path, "ca", "init", "--custodian", "a", "--custodian", "a").exit_code == 1
    (tmp_path / "passphrase-2").write_text(FIRST)
    ran = run(tmp_path, "ca", "init", "--custodian", "a", "--custodian", "b")
    assert (ran.exit_code, "passphrase of their own" in ran.output) == (1, True)


def test_the_keys_do_not_open_for_one(copy: Path) -> None:
    (copy / "passphrase-2").write_text(FIRST)
    ran = run(copy, "ca", "publish")
    assert (ran.exit_code, "does not open" in ran.output) == (1, True)


def test_a_second_ceremony_does_not_replace_the_first(founded: Path) -> None:
    ran = run(founded, "ca", "init", "--custodian", "a", "--custodian", "b")
    assert ran.exit_code == 3
    assert "nothing was written" in ran.output


def test_a_roll_over_adds_a_generation(copy: Path) -> None:
    made = result(copy, "ca", "roll", "authentication", "--algorithm", "p384")
    assert (made["number"], made["made"][0]["name"]) == (2, "authentication-2")
    result(copy, "ca", "publish")
    found = result(copy, "ca", "audit")
    assert (found["ceremonies"], found["findings"]) == (2, [])
    settings = read_settings({"data_directory": copy / "data"}, file=copy / "warifu.toml", environment={})
    with open_house(settings, (SECOND, FIRST), lambda *_: None) as house:
        old, new = house.authorities.generations(CertificateKind.AUTHENTICATION)
        issued = house.authorities.issue(applied("c"))
    assert issued.entry.generation == new.generation != old.generation
    assert old.issuer.certificate.subject == new.issuer.certificate.subject


# --- the log ----------------------------------------------------------------------------------------------------------


def test_an_operator_publishes_and_an_auditor_finds_everything_in_order(copy: Path) -> None:
    published = result(copy, "ca", "publish")
    assert (published["lists"], published["answers"]) == (4, 3)
    found = result(copy, "ca", "audit")
    assert found["findings"] == []
    assert found["witnessed"] == published["leaves"] == found["leaves"]


def test_an_auditor_finds_an_edit(copy: Path) -> None:
    result(copy, "ca", "publish")
    with sqlite3.connect(copy / "data" / "authority" / "record.db") as connection:
        connection.execute("UPDATE certificate SET state = 'valid', revoked_at = NULL, reason = NULL, live = 1")
    connection.close()
    ran = run(copy, "ca", "audit", "--json")
    found = json.loads(ran.stdout)
    assert ran.exit_code == 1
    # The answer signed beforehand told the truth, and now contradicts the record.
    assert {each["table"] for each in found["findings"]} == {"certificate", "status_answer"}
    assert "the record is not what its log says" in ran.stderr


def test_without_a_witness_the_auditor_says_so(copy: Path) -> None:
    (copy / "warifu.toml").write_text('[authority]\norganization = "EXAMPLE-TEST"\n')
    ran = run(copy, "ca", "audit")
    assert ran.exit_code == 0
    assert "nobody else keeps the log's heads" in ran.output


@pytest.mark.parametrize("command", [("audit",), ("publish",), ("list",), ("retention",)], ids=" ".join)
def test_in_a_bare_folder_a_command_says_that_there_is_no_authority_and_makes_none(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    configuration(tmp_path)
    ran = run(tmp_path, "ca", *command)
    assert (ran.exit_code, ran.stdout) == (NotFound.exit_code, "")
    assert ran.stderr.startswith("there is no authority in this folder\nhint: 'warifu ca init' makes one")
    assert not (tmp_path / "authority" / "record.db").exists()


def test_the_record_of_a_town_can_be_audited_too(tmp_path: Path) -> None:
    """It has no ceremony and no signed heads; rows and leaves are compared all the same."""
    record = standing_town(tmp_path / "town").folder / "authorities" / "record.db"
    (tmp_path / "warifu.toml").write_text(f'[authority]\ndatabase = "{record}"\n')
    found = result(tmp_path, "ca", "audit")
    assert (found["findings"], found["heads"], found["ceremonies"]) == ([], 0, 0)
    assert found["rows"] > 100
    with sqlite3.connect(record) as connection:
        connection.execute("DELETE FROM happening WHERE id = 1")
    connection.close()
    assert run(tmp_path, "ca", "audit").exit_code == 1


# --- looking ----------------------------------------------------------------------------------------------------------


def test_certificates_are_listed_by_state_without_anybody(founded: Path) -> None:
    assert {each["state"] for each in result(founded, "ca", "list")} == {"issued", "revoked"}
    [revoked] = result(founded, "ca", "list", "--state", "revoked")
    assert (revoked["kind"], revoked["reason"]) == ("signing", "key_compromise")
    counts = result(founded, "ca", "list", "--counts")
    assert (counts["authentication"]["issued"], counts["signing"]["revoked"]) == (2, 1)
    shown = run(founded, "ca", "list").output
    assert ATTRIBUTES.name.text not in shown


def test_one_certificates_life_is_shown(founded: Path) -> None:
    [revoked] = result(founded, "ca", "list", "--state", "revoked")
    life = result(founded, "ca", "show", "signing", str(revoked["serial_number"]))
    assert [each["event"] for each in life["events"]] == ["key_compromised"]
    assert run(founded, "ca", "show", "signing", "1").exit_code == 1


def test_nothing_is_kept_too_long_yet(founded: Path) -> None:
    assert result(founded, "ca", "retention") == {"deleted": False, "records": []}


# --- recipients -------------------------------------------------------------------------------------------------------


def bank_certificate(folder: Path) -> Path:
    signer, now = key(60), datetime.now(UTC)
    der = build_ca_certificate(
        CertificateKind.SIGNING,
        signer,
        serial_number=1,
        not_before=now,
        not_after=now + timedelta(days=9),
        name=AuthorityName(organization="BANK"),
    )
    (folder / "bank.crt").write_bytes(der)
    return folder / "bank.crt"


def add_bank(folder: Path) -> dict[str, Any]:
    until = (datetime.now(UTC) + timedelta(days=300)).date().isoformat()
    options = ["--kind", "certified", "--verifies", "authentication", "--agreed-on", "2026-01-01"]
    certificate = ["--certified-until", until, "--certificate", str(bank_certificate(folder))]
    bank: dict[str, Any] = result(folder, "ca", "recipients", "add", "架空銀行", *options, *certificate)
    return bank


def test_recipients_are_registered_listed_and_stopped(copy: Path) -> None:
    bank = add_bank(copy)
    assert result(copy, "ca", "recipients", "list") == [bank]
    assert result(copy, "ca", "recipients", "stop", bank["id"])["stopped"] is True
    assert run(copy, "ca", "recipients", "stop", "0" * 32).exit_code == 1
    made = result(copy, "ca", "recipients", "token", "batch", "--recipient", bank["id"], "--scope", "status")
    assert len(made["token"]) == 43
    assert run(copy, "ca", "recipients", "token", "batch", "--recipient", bank["id"]).exit_code == 1
    assert result(copy, "ca", "recipients", "withdraw", "batch")["withdrawn"] is True
    assert made["token"] not in (copy / "data" / "authority" / "record.db").read_bytes().decode("latin-1")
    assert result(copy, "ca", "report", "2026") == []
    assert result(copy, "ca", "audit")["findings"] == []


# --- at work ----------------------------------------------------------------------------------------------------------


def served(folder: Path, environment: dict[str, str] | None = None) -> AbstractContextManager[str]:
    command = [sys.executable, "-c", "from warifu.cli import main; main()", *arguments(folder, "serve", "ca")]
    return listening([*command, "--port", str(free_ports(1))], environment)


def asking(folder: Path, serial_number: int, *, signed: bool) -> bytes:
    der = (folder / "data" / "authority" / "generations" / "authentication-1.crt").read_bytes()
    issuer = x509.load_pem_x509_certificate(der)
    asked = OcspQuestions((OcspRequest("sha1", *issuer_hashes(issuer), serial_number),), b"0123456789abcdef")
    if signed:
        own = (folder / "bank.crt").read_bytes()
        certificate = (
            x509.load_pem_x509_certificate(own) if own.startswith(b"---") else x509.load_der_x509_certificate(own)
        )
        name = x509.DirectoryName(certificate.subject)
        asked = asked.sign(key(60), name, (certificate.public_bytes(Encoding.DER),))
    return asked.encode()


@pytest.mark.skipif(os.name != "posix", reason="the signals are POSIX")
def test_only_recipients_are_answered_and_what_they_are_told_is_counted(copy: Path) -> None:
    """公的個人認証法 第37条, 第41条: signed questions, a token, a proxy; and the yearly report."""
    (copy / "proxy").write_text("a secret of the proxy\n")
    configuration(copy, 'access = "registered"\nproxy_secret = "proxy"\n')
    bank = add_bank(copy)
    token = result(copy, "ca", "recipients", "token", "bank", "--recipient", bank["id"])["token"]
    operator = result(copy, "ca", "recipients", "token", "operator")["token"]
    number = result(copy, "ca", "list", "--kind", "authentication")[0]["serial_number"]
    headers, began = {"content-type": "application/ocsp-request"}, datetime.now(JST)
    with served(copy) as origin, httpx2.Client(base_url=origin, trust_env=False) as http:

        def ask(*, signed: bool, **more: str) -> ocsp.OCSPResponseStatus:
            content = asking(copy, number, signed=signed)
            answer = http.post("/ocsp/authentication", content=content, headers={**headers, **more})
            return ocsp.load_der_ocsp_response(answer.content).response_status

        by_proxy = {"warifu-recipient": bank["id"], "warifu-proxy": "a secret of the proxy"}
        assert ask(signed=False) is ocsp.OCSPResponseStatus.SIG_REQUIRED
        assert ask(signed=True) is ocsp.OCSPResponseStatus.SUCCESSFUL
        assert ask(signed=False, **by_proxy) is ocsp.OCSPResponseStatus.SUCCESSFUL
        assert ask(signed=False, **{**by_proxy, "warifu-proxy": "guessed"}) is ocsp.OCSPResponseStatus.SIG_REQUIRED
        assert http.get("/crl/authentication/13221.crl").status_code == 403
        shown = {"authorization": f"Bearer {token}"}
        assert http.get("/crl/authentication/13221.crl", headers=shown).status_code == 200
        body = {"kind": "authentication", "serial_numbers": [number, 5]}
        told = http.post("/api/v1/status", json=body, headers=shown).json()
        assert [each["status"] for each in told] == ["good", "unknown"]
        assert http.get("/api/v1/certificates", headers=shown).status_code == 403
        assert len(http.get("/api/v1/certificates", headers={"authorization": f"Bearer {operator}"}).json()) == 3
        assert http.get("/api/v1/openapi.json").json()["info"]["title"].startswith("warifu")
    counted: Counter[tuple[str, str]] = Counter()
    for year in range(began.year, datetime.now(JST).year + 1):
        for row in result(copy, "ca", "report", str(year)):
            counted[row["service"], row["way"]] += row["count"]
    assert counted == {
        ("authentication_status", "ocsp"): 2,
        ("authentication_lists", "list"): 1,
        ("authentication_status", "request"): 2,
    }
    assert result(copy, "ca", "audit")["findings"] == []


@pytest.mark.real
@pytest.mark.skipif(module() is None or shutil.which("softhsm2-util") is None, reason="softhsm2 is not installed")
def test_keys_are_made_on_a_token_and_serve_from_it(tmp_path: Path) -> None:
    """PKCS #11: the key never leaves the token; the log's key is sealed beside it."""
    found = module()
    assert found is not None
    (tmp_path / "hsm").mkdir()
    hsm = SoftHsm(tmp_path / "hsm", found)
    hsm.prepare()
    hsm.add_token("town")
    configuration(tmp_path)

    def on_token(name: str) -> str:
        return f"{name}=pkcs11:token=town;object={name}?module-path={hsm.module}&pin-source={hsm.folder / 'pin'}"

    told = ["ca", "init", "--custodian", "a", "--custodian", "b"]
    tokens = [option for kind in KINDS for option in ("--token", on_token(kind.value))]
    command = [
        sys.executable,
        "-c",
        "from warifu.cli import main; main()",
        *arguments(tmp_path, *told, *tokens, "--json"),
    ]
    environment = os.environ | hsm.environment
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    assert [each["place"] for each in json.loads(done.stdout)["made"]] == ["token", "token", "sealed file"]
    assert [path.name for path in (tmp_path / "data" / "authority" / "generations").glob("*.key")] == ["log.key"]
    with served(tmp_path, hsm.environment) as origin, httpx2.Client(base_url=origin, trust_env=False) as http:
        crl = x509.load_der_x509_crl(http.get("/arl/signing.crl").content)
        issuer = x509.load_der_x509_certificate(http.get("/ca/signing.cer").content)
        head = http.get("/api/v1/log/head").json()
    assert crl.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]
    assert head["size"] > 0
