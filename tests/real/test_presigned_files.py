"""Answers signed beforehand as files that nginx serves: curl asks by GET, openssl believes what it is told.

nginx knows nothing of OCSP. A question's address (RFC 6960 appendix A.1) is where the answer's file is, also when the
base64 has slashes, plus signs or equals signs in it, encoded or not.
"""

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.ca.town import ATTRIBUTES, AUTHENTICATION, KIYOSE, SIGNING, key
from tests.real.test_guide import need
from tests.town.ports import free_ports
from tests.waiting import PATIENCE, until
from tests.wire.authorities import FIRST, HOLDER_KEY
from warifu.ca import Authority, CertificateApplication, Event, Issued
from warifu.pki import (
    CertificateKind,
    Issuer,
    OcspRequest,
    ServiceAddresses,
    build_ca_certificate,
    encode_ocsp_get,
    issuer_hashes,
)
from warifu.wire.authority import PARTY, Authorities, answer_pieces, make_answers
from warifu.wire.clock import SystemClock
from warifu.wire.database import open_database

pytestmark = pytest.mark.real

HOW_MANY = 10
SLASH, TWO_SLASHES = 5, 23
"""Test keys whose questions have a slash in the base64, and two in a row; a slash is a folder of the file's path."""

CONFIGURATION = """
daemon off; worker_processes 1; pid nginx.pid; error_log stderr; events {{ }}
http {{
  access_log off; default_type application/ocsp-response; root {root};
  client_body_temp_path t; proxy_temp_path t; fastcgi_temp_path t; uwsgi_temp_path t; scgi_temp_path t;
  server {{ listen 127.0.0.1:{port}; }}
}}
"""


def authority(kind: CertificateKind, index: int) -> Authority:
    now, signer = datetime.now(UTC), key(index)
    own = build_ca_certificate(
        kind, signer, serial_number=index + 1, not_before=now, not_after=now + timedelta(days=3000)
    )
    return Authority(Issuer(own, signer, kind), ServiceAddresses("http://127.0.0.1/ocsp", "http://127.0.0.1/cps"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("presigned")


@pytest.fixture(scope="module")
def authorities(folder: Path) -> Iterator[Authorities]:
    both = [authority(SIGNING, SLASH), authority(AUTHENTICATION, TWO_SLASHES)]
    engine = open_database(folder / "record.sqlite", PARTY)
    made = Authorities(engine, both, SystemClock(), holder_key=HOLDER_KEY, first_serial_number=FIRST)
    yield made
    made.close()


@pytest.fixture(scope="module")
def issued(authorities: Authorities, folder: Path) -> list[Issued]:
    """Certificates of both kinds, every third one revoked; their answers are files."""
    ends = datetime.now(UTC) + timedelta(days=900)
    applications = [
        CertificateApplication(kind, f"holder {n}", KIYOSE, key(10).public_key_info, ends, attributes)
        for n in range(HOW_MANY)
        for kind, attributes in ((AUTHENTICATION, None), (SIGNING, ATTRIBUTES))
    ]
    made = authorities.issue_all(applications)
    for each in made[::3]:
        authorities.record(each.entry.kind, each.entry.serial_number, Event.KEY_COMPROMISED)
    for piece in answer_pieces(authorities, folder=folder / "www"):
        make_answers(authorities, piece)
    return made


@pytest.fixture(scope="module")
def origin(folder: Path, issued: list[Issued]) -> Iterator[str]:
    """nginx in its own folder, serving files and nothing else."""
    need("/usr/sbin/nginx", "curl", "openssl")
    assert issued
    # Where it was started by root, nginx reads files as nobody.
    for opened in (folder, *(each for each in folder.parents if each.owner() == folder.owner() and each != Path("/"))):
        opened.chmod(opened.stat().st_mode | 0o711)
    port = free_ports(1)
    (folder / "nginx.conf").write_text(CONFIGURATION.format(root=folder / "www", port=port))
    with subprocess.Popen(
        ["/usr/sbin/nginx", "-p", str(folder), "-c", "nginx.conf"], stderr=subprocess.DEVNULL
    ) as server:
        address = f"http://127.0.0.1:{port}"
        until(lambda: subprocess.run(["curl", "-s", "-o", "/dev/null", address], check=False).returncode == 0)
        yield address
        server.terminate()


def question(authorities: Authorities, each: Issued) -> bytes:
    issuer = authorities.authority(each.entry.kind).issuer.certificate
    return OcspRequest("sha1", *issuer_hashes(issuer), each.entry.serial_number).encode()


def test_nginx_gives_the_very_answers_that_we_give(authorities: Authorities, issued: list[Issued], origin: str) -> None:
    addresses = {
        f"{origin}/ocsp/{each.entry.kind.value}/{encode_ocsp_get(question(authorities, each))}": each for each in issued
    }
    assert all(any(signs in address for address in addresses) for signs in ("%2B", "%3D", "%2F%2F"))
    for address, each in addresses.items():
        for asked in (address, address.replace("%2F", "/").replace("%2B", "+").replace("%3D", "=")):
            done = subprocess.run(["curl", "-sf", "--path-as-is", asked], capture_output=True, check=True)
            assert done.stdout == authorities.answer(each.entry.kind, question(authorities, each))


def test_openssl_believes_what_nginx_says(
    authorities: Authorities, issued: list[Issued], origin: str, folder: Path
) -> None:
    for each, said in ((issued[0], "revoked"), (issued[1], "good")):
        kind = each.entry.kind
        address = f"{origin}/ocsp/{kind.value}/{encode_ocsp_get(question(authorities, each))}"
        names = {name: str(folder / f"{kind.value}.{name}") for name in ("ca", "own", "answer")}
        Path(names["own"]).write_bytes(each.certificate)
        Path(names["ca"]).write_bytes(authorities.authority(kind).issuer.certificate_der)
        for name in ("ca", "own"):
            run("openssl", "x509", "-inform", "DER", "-in", names[name], "-out", names[name] + ".pem")
        run("curl", "-sf", "-o", names["answer"], address)
        files = ["-issuer", names["ca"] + ".pem", "-CAfile", names["ca"] + ".pem", "-cert", names["own"] + ".pem"]
        heard = run("openssl", "ocsp", "-no_nonce", *files, "-respin", names["answer"])
        assert "Response verify OK" in heard
        assert f"{names['own']}.pem: {said}" in heard


def test_what_nobody_issued_is_no_file(authorities: Authorities, issued: list[Issued], origin: str) -> None:
    issuer = authorities.authority(SIGNING).issuer.certificate
    never = OcspRequest("sha1", *issuer_hashes(issuer), issued[-1].entry.serial_number + 1).encode()
    asked = ["curl", "-sf", "-o", "/dev/null", f"{origin}/ocsp/signing/{encode_ocsp_get(never)}"]
    assert subprocess.run(asked, check=False).returncode == 22, "404"


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE)
    return done.stdout + done.stderr
