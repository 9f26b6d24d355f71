"""``warifu serve``: a party alone, which refuses the keys that everybody has."""

import base64
import json
import os
import re
import sys
import urllib.parse
from contextlib import AbstractContextManager
from pathlib import Path

import httpx2
import pytest
from asn1crypto import tsp
from click.testing import CliRunner, Result
from cryptography import x509

from tests.cli.listening import listening
from tests.journeys.running_town import standing_town
from tests.town.ports import free_ports
from warifu.cli.root import root
from warifu.pki import CaCertificate, OcspRequest, issuer_hashes
from warifu.pki.timestamps import TimestampRequest
from warifu.services import ClientKey
from warifu.wire.client_files import add_client
from warifu.wire.timestamps import TimestampClient

posix = pytest.mark.skipif(os.name != "posix", reason="the signals are POSIX")


def _run(folder: Path, *arguments: str, file: str = "") -> Result:
    (folder / "warifu.toml").write_text(file, "utf-8")
    options = ["--lang", "en", "--config", str(folder / "warifu.toml"), "--data-directory", str(folder / "data")]
    return CliRunner().invoke(root, [*options, "serve", *arguments], prog_name="warifu")


def _served(folder: Path, *arguments: str, file: str = "") -> AbstractContextManager[str]:
    """The party as a process of its own: the address at which it listens."""
    (folder / "warifu.toml").write_text(file, "utf-8")
    options = ["--lang", "en", "--config", str(folder / "warifu.toml"), "--data-directory", str(folder / "data")]
    script = "from warifu.cli import main; main()"
    command = [sys.executable, "-c", script, *options, "serve", *arguments]
    return listening(command)


# --- ca ---------------------------------------------------------------------------------------------------------------


def test_an_authority_is_founded_once(tmp_path: Path) -> None:
    first = _run(tmp_path, "ca", "--found", "--json", file='[authority]\norganization = "EXAMPLE-TEST"')
    assert first.exit_code == 0
    path = Path(json.loads(first.stdout)["certificate"])
    subject = x509.load_pem_x509_certificate(path.read_bytes()).subject.rfc4514_string()
    assert "O=EXAMPLE-TEST" in subject
    second = _run(tmp_path, "ca", "--found")
    assert second.exit_code == 3
    assert "nothing was written" in second.stderr


def test_an_authority_without_a_ceremony_has_no_operators_page(tmp_path: Path) -> None:
    assert _run(tmp_path, "ca", "--found").exit_code == 0
    result = _run(tmp_path, "ca", "--pages-port", "8713")
    assert (result.exit_code, "warifu ca init" in result.stderr) == (1, True)


def test_no_authority_is_called_as_the_real_one(tmp_path: Path) -> None:
    result = _run(tmp_path, "ca", "--found", file='[authority]\norganization = "JPKI"')
    assert (result.exit_code, result.stderr) == (1, "an authority of ours never bears J-LIS's name\n")


def test_an_authority_has_one_of_two_kinds(tmp_path: Path) -> None:
    result = _run(tmp_path, "ca", "--found", file='[authority]\nkind = "both"')
    assert (result.exit_code, result.stderr) == (4, "the kind of an authority is signing or authentication\n")


def test_without_key_and_certificate_it_says_how_to_make_them(tmp_path: Path) -> None:
    result = _run(tmp_path, "ca", "--port", str(free_ports()))
    assert result.exit_code == 3
    assert result.stderr.endswith("--found makes a key and a certificate\n")


def test_an_authority_with_a_test_key_is_refused(tmp_path: Path) -> None:
    """Everybody has the key and could issue certificates in its name."""
    folder = standing_town(tmp_path / "town").folder / "authorities"
    file = f'[authority]\nkey = "{folder}/authentication.key"\ncertificate = "{folder}/authentication.crt"\n'
    result = _run(tmp_path, "ca", "--port", str(free_ports()), file=file)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"{folder}/authentication.crt: this is a test key that ships with warifu;")


def test_a_responder_needs_key_and_certificate(tmp_path: Path) -> None:
    _run(tmp_path, "ca", "--found")
    result = _run(tmp_path, "ca", "--port", str(free_ports()), file='[authority]\nresponder_key = "x"')
    assert (result.exit_code, result.stderr) == (4, "responder_certificate and responder_key go together\n")


def test_other_machines_are_let_in_only_when_the_settings_say_so(tmp_path: Path) -> None:
    result = _run(tmp_path, "ca", "--host", "0.0.0.0")
    assert result.exit_code == 1
    assert "is not loopback" in result.stderr


@posix
def test_an_authority_answers_alone(tmp_path: Path) -> None:
    founded = json.loads(_run(tmp_path, "ca", "--found", "--json").stdout)
    own = x509.load_pem_x509_certificate(Path(founded["certificate"]).read_bytes())
    question = OcspRequest("sha1", *issuer_hashes(own, "sha1"), 12345, None).encode()
    with _served(tmp_path, "ca", "--port", str(free_ports())) as address:
        encoded = urllib.parse.quote(base64.b64encode(question).decode(), safe="")
        answer = httpx2.get(f"{address}/ocsp/authentication/{encoded}")
        assert answer.headers["content-type"] == "application/ocsp-response"
        assert CaCertificate.decode(httpx2.get(f"{address}/ca/authentication.cer").content).key_id


# --- provider ---------------------------------------------------------------------------------------------------------


def test_a_provider_that_trusts_nobody_says_where_to_put_whom_it_trusts(tmp_path: Path) -> None:
    result = _run(tmp_path, "provider", "--port", str(free_ports()))
    assert result.exit_code == 3
    assert "there is no folder" in result.stderr
    assert "hint: put the certificates of the authorities to trust" in result.stderr


def test_a_database_that_does_not_open_is_no_question_of_trust(tmp_path: Path) -> None:
    """A hint belongs to the fault that it helps against."""
    certificate = Path(json.loads(_run(tmp_path, "ca", "--found", "--json").stdout)["certificate"])
    trusted = f'anchors = "{certificate.parent}"\nport = {free_ports()}'
    result = _run(tmp_path, "provider", file=f'[provider]\n{trusted}\ndatabase = "sqlite:////nowhere/at/all.db"')
    assert result.exit_code == 3
    assert "hint" not in result.stderr


@pytest.mark.parametrize(
    "origin", ["http://localhost:8700/", "localhost:8700", "http://localhost:8700/a", "http://[::1"]
)
@pytest.mark.parametrize("party", ["provider", "ca"])
def test_an_origin_has_no_path(tmp_path: Path, party: str, origin: str) -> None:
    """Everything that clients and certificates name is built from it; one character more and nothing fits."""
    section = {"provider": "provider", "ca": "authority"}[party]
    result = _run(tmp_path, party, "--port", str(free_ports()), file=f'[{section}]\norigin = "{origin}"')
    assert result.exit_code == 4
    assert result.stderr == f"an origin is scheme, host and port, like http://localhost:8700, not {origin}\n"


def test_a_provider_does_not_trust_an_authority_with_a_test_key(tmp_path: Path) -> None:
    folder = standing_town(tmp_path / "town").folder
    result = _run(
        tmp_path, "provider", "--port", str(free_ports()), file=f'[provider]\nanchors = "{folder}/authorities"'
    )
    assert result.exit_code == 1
    assert re.match(re.escape(f"{folder}/authorities/") + r"\S+\.crt: this is a test key that", result.stderr)


def test_a_provider_does_not_trust_cards_under_a_test_key(tmp_path: Path) -> None:
    folder = standing_town(tmp_path / "town").folder
    certificate = Path(json.loads(_run(tmp_path, "ca", "--found", "--json").stdout)["certificate"])
    file = f'[provider]\nanchors = "{certificate.parent}"\nchip_anchors = "{folder}/chip_anchors"'
    result = _run(tmp_path, "provider", "--port", str(free_ports()), file=file)
    assert result.exit_code == 1
    assert re.match(re.escape(f"{folder}/chip_anchors/") + r"\w+\.pem: this is a test key that", result.stderr)


@posix
def test_a_provider_serves_alone_and_knows_its_clients(tmp_path: Path) -> None:
    certificate = Path(json.loads(_run(tmp_path, "ca", "--found", "--json").stdout)["certificate"])
    clients, port = tmp_path / "clients", free_ports()
    added = add_client(clients, "mine", ["https://rp.example/cb"], ClientKey.generate().public_jwks())
    origin = f"http://localhost:{port}"
    file = f'[provider]\nanchors = "{certificate.parent}"\nclients = "{clients}"\norigin = "{origin}"'
    with _served(tmp_path, "provider", "--port", str(port), file=file) as address:
        metadata = httpx2.get(f"{address}/api/realms/main/.well-known/openid-configuration").json()
        assert metadata["issuer"].startswith(origin)
        known, unknown = (_authorize(metadata["authorization_endpoint"], client) for client in (added.id, "RP9"))
    assert known.headers["location"].startswith("https://rp.example/cb?error=")
    assert unknown.status_code == 400


@posix
def test_a_provider_follows_the_profile_that_the_settings_name(tmp_path: Path) -> None:
    certificate = Path(json.loads(_run(tmp_path, "ca", "--found", "--json").stdout)["certificate"])
    file = f'[provider]\nanchors = "{certificate.parent}"\nprofile = "{{}}"'
    wrong = _run(tmp_path, "provider", "--port", str(free_ports()), file=file.format("strict"))
    assert (wrong.exit_code, wrong.stderr) == (4, "the profile of a provider is da-compat or fapi2\n")
    with _served(tmp_path, "provider", "--port", str(free_ports()), file=file.format("fapi2")) as address:
        metadata = httpx2.get(f"{address}/api/realms/fapi2/.well-known/openid-configuration").json()
        assert metadata["require_pushed_authorization_requests"] is True
        path = metadata["pushed_authorization_request_endpoint"].removeprefix("http://localhost:8700")
        assert httpx2.post(f"{address}{path}", data={"client_id": "RP9"}).json()["error"] == "invalid_client"


def _authorize(endpoint: str, client_id: str) -> httpx2.Response:
    """A request that lacks nearly everything: only a known client with its redirect URI is told so by redirect."""
    return httpx2.get(endpoint, params={"client_id": client_id, "redirect_uri": "https://rp.example/cb", "state": "s"})


# --- timestamps -------------------------------------------------------------------------------------------------------


def test_a_timestamp_authority_is_founded_once_and_serves_alone(tmp_path: Path) -> None:
    """RFC 3161 §3.4, at loopback."""
    assert "--found" in _run(tmp_path, "tsa", "--port", str(free_ports(1))).output
    founded = _run(tmp_path, "tsa", "--found")
    assert founded.exit_code == 0, founded.output
    assert _run(tmp_path, "tsa", "--found").exit_code == 3
    with _served(tmp_path, "tsa", "--port", str(free_ports(1))) as address:
        answer = TimestampClient(f"{address}/tsa").ask(TimestampRequest.of(b"a deed", nonce=1).encode())
    assert tsp.TimeStampResp.load(answer)["status"]["status"].native == "granted"
