"""``warifu serve`` with keys on a PKCS #11 token (SoftHSM2): each run a process of its own, as in life."""

import base64
import json
import os
import shutil
import subprocess
import sys
import urllib.parse
from contextlib import AbstractContextManager
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509 import ocsp

from tests.cli.listening import listening
from tests.real.conftest import cannot
from tests.town.ports import free_ports
from tests.waiting import PATIENCE
from tests.wire.softhsm import SoftHsm, module
from warifu.pki import OcspRequest, issuer_hashes

pytestmark = [pytest.mark.real, pytest.mark.skipif(os.name != "posix", reason="the signals are POSIX")]

_MAKE = "import sys; from warifu.wire.pkcs11 import make_token_key; from warifu.wire.key_uri import KeyUri; "
_MAKE += "make_token_key(KeyUri.parse(sys.argv[1]), sys.argv[2])"


@pytest.fixture
def hsm(tmp_path: Path) -> SoftHsm:
    found = module()
    if found is None or shutil.which("softhsm2-util") is None:
        cannot("softhsm2 is not installed")
    (tmp_path / "hsm").mkdir()
    made = SoftHsm(tmp_path / "hsm", found)
    made.prepare()
    made.add_token("town")
    return made


def address(hsm: SoftHsm, label: str = "ca", pin: str = "pin", more: str = "") -> str:
    return f"pkcs11:token=town;object={label}?module-path={hsm.module}&pin-source={hsm.folder / pin}{more}"


def command(folder: Path, *arguments: str, file: str) -> list[str]:
    (folder / "warifu.toml").write_text(file, "utf-8")
    options = ["--lang", "en", "--config", str(folder / "warifu.toml"), "--data-directory", str(folder / "data")]
    return [sys.executable, "-c", "from warifu.cli import main; main()", *options, "serve", *arguments]


def run(hsm: SoftHsm, folder: Path, *arguments: str, file: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(folder, *arguments, file=file),
        env=os.environ | hsm.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


def served(hsm: SoftHsm, folder: Path, *arguments: str, file: str) -> AbstractContextManager[str]:
    return listening(command(folder, *arguments, file=file), hsm.environment)


def test_an_authority_lives_on_a_token(hsm: SoftHsm, tmp_path: Path) -> None:
    """Its key is made there, there is no key file, and its status answers verify under its certificate."""
    file = f'[authority]\nkey = "{address(hsm)}"'
    founded = run(hsm, tmp_path, "ca", "--found", "--json", file=file)
    assert founded.returncode == 0, founded.stderr
    path = Path(json.loads(founded.stdout)["certificate"])
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    own = x509.load_pem_x509_certificate(path.read_bytes())
    question = OcspRequest("sha1", *issuer_hashes(own, "sha1"), 12345, None).encode()
    with served(hsm, tmp_path, "ca", "--port", str(free_ports()), file=file) as origin:
        encoded = urllib.parse.quote(base64.b64encode(question).decode(), safe="")
        answer = ocsp.load_der_ocsp_response(httpx2.get(f"{origin}/ocsp/authentication/{encoded}").content)
    key, algorithm = own.public_key(), answer.signature_hash_algorithm
    assert isinstance(key, rsa.RSAPublicKey)
    assert algorithm is not None
    key.verify(answer.signature, answer.tbs_response_bytes, padding.PKCS1v15(), algorithm)


def test_no_key_is_made_over_another(hsm: SoftHsm, tmp_path: Path) -> None:
    file = f'[authority]\nkey = "{address(hsm)}"'
    first = run(hsm, tmp_path, "ca", "--found", "--json", file=file)
    Path(json.loads(first.stdout)["certificate"]).unlink()
    second = run(hsm, tmp_path, "ca", "--found", file=file)
    assert (second.returncode, second.stderr) == (3, "there is a key ca on the token already; nothing was made\n")


def test_a_wrong_pin_is_a_refusal(hsm: SoftHsm, tmp_path: Path) -> None:
    (hsm.folder / "other-pin").write_text("000000\n")
    result = run(hsm, tmp_path, "ca", "--found", file=f'[authority]\nkey = "{address(hsm, pin="other-pin")}"')
    assert (result.returncode, result.stderr) == (1, "the token did not accept the PIN\n")


@pytest.mark.parametrize(
    ("more", "setting", "said"),
    [
        ("&pin-value=135790", "", "'pin-value' is unknown here"),
        ("", 'password_file = "pin"', "password_file is for a key in a file"),
    ],
)
def test_settings_that_do_not_fit_are_refused(hsm: SoftHsm, tmp_path: Path, more: str, setting: str, said: str) -> None:
    run(hsm, tmp_path, "ca", "--found", file=f'[authority]\nkey = "{address(hsm)}"')
    file = f'[authority]\nkey = "{address(hsm, more=more)}"\n{setting}'
    result = run(hsm, tmp_path, "ca", "--port", str(free_ports()), file=file)
    assert result.returncode == 4
    assert said in result.stderr
    assert "135790" not in result.stderr


def test_a_provider_signs_id_tokens_on_a_token(hsm: SoftHsm, tmp_path: Path) -> None:
    anchors = run(hsm, tmp_path, "ca", "--found", "--json", file="")
    folder = Path(json.loads(anchors.stdout)["certificate"]).parent
    made = [sys.executable, "-c", _MAKE, address(hsm, "id-tokens"), "ES256"]
    subprocess.run(made, env=os.environ | hsm.environment, check=True, timeout=PATIENCE)
    port = free_ports()
    origin = f"http://localhost:{port}"
    file = f'[provider]\nkey = "{address(hsm, "id-tokens")}"\nanchors = "{folder}"\norigin = "{origin}"'
    with served(hsm, tmp_path, "provider", "--port", str(port), file=file) as at:
        metadata = httpx2.get(f"{at}/api/realms/main/.well-known/openid-configuration").json()
        (key,) = httpx2.get(metadata["jwks_uri"]).json()["keys"]
    assert (key["kty"], key["crv"], key["alg"]) == ("EC", "P-256", "ES256")
    assert not (tmp_path / "data" / "provider" / "tokens.key").exists()
