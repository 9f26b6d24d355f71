"""What openssl, which nobody here wrote, thinks of our certificates, lists and answers."""

import shutil
import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.pki import world
from tests.pki.world import AUTHENTICATION, KIYOSE, NOW, SHIBUYA, SIGNING
from tests.real.conftest import cannot
from warifu.pki import (
    CertificateKind,
    OcspQuestions,
    OcspRequest,
    Reason,
    Revocation,
    Standing,
    Status,
    build_authority_list,
    build_crl,
    build_ocsp_request,
    build_ocsp_response,
    build_ocsp_responses,
    issuer_hashes,
)
from warifu.pki import write_crl as write_crl_to

pytestmark = pytest.mark.real
VECTORS = Path(__file__).parents[1] / "vectors" / "pki"
KINDS = [AUTHENTICATION, SIGNING]
REVOKED = Revocation(NOW - timedelta(days=2), Reason.AFFILIATION_CHANGED)
HELD = Revocation(NOW - timedelta(days=2), Reason.CERTIFICATE_HOLD)


@pytest.fixture(autouse=True)
def _openssl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("openssl") is None:
        cannot("not installed: openssl")
    monkeypatch.chdir(tmp_path)
    for kind in KINDS:
        write(f"{kind.value}-ca.pem", world.authority(kind).certificate_der)
        write(f"{kind.value}-2-ca.pem", world.authority(kind, 2).certificate_der)
        write(f"{kind.value}.pem", leaf(kind))


def leaf(kind: CertificateKind) -> bytes:
    return world.authentication_certificate() if kind is AUTHENTICATION else world.signing_certificate()


def write(name: str, der: bytes) -> None:
    Path(name).write_bytes(x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM))


def write_crl(der: bytes) -> None:
    Path("list.pem").write_bytes(x509.load_der_x509_crl(der).public_bytes(Encoding.PEM))


def openssl(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def verify(kind: CertificateKind, *more: str, anchor: str = "ca", at: datetime = NOW) -> tuple[int, str]:
    policy = ("-policy", kind.policy, "-explicit_policy", "-x509_strict")
    moment = ("-attime", str(int(at.timestamp())))
    return openssl("verify", "-CAfile", f"{kind.value}-{anchor}.pem", *moment, *(more or policy), f"{kind.value}.pem")


@pytest.mark.parametrize("kind", KINDS)
def test_openssl_verifies_a_certificate_with_its_policy(kind: CertificateKind) -> None:
    assert verify(kind) == (0, f"{kind.value}.pem: OK\n")


@pytest.mark.parametrize("kind", KINDS)
def test_openssl_refuses_it_under_another_policy_moment_or_generation(kind: CertificateKind) -> None:
    other = SIGNING if kind is AUTHENTICATION else AUTHENTICATION
    for result, said in (
        (verify(kind, "-policy", other.policy, "-explicit_policy"), "no explicit policy"),
        (verify(kind, at=world.ENDS + timedelta(seconds=2)), "certificate has expired"),
        (verify(kind, at=world.ISSUED - timedelta(seconds=2)), "certificate is not yet valid"),
        (verify(kind, anchor="2-ca"), "unable to get local issuer certificate"),
    ):
        assert result[0] != 0
        assert said in result[1]


@pytest.mark.parametrize("kind", KINDS)
def test_openssl_finds_a_certificate_in_the_list_of_its_municipality(kind: CertificateKind) -> None:
    for revoked, municipality, said in (
        ({}, KIYOSE, f"{kind.value}.pem: OK"),
        ({world.SERIAL: REVOKED}, KIYOSE, "certificate revoked"),
        ({world.SERIAL: HELD}, KIYOSE, "certificate revoked"),
        ({}, SHIBUYA, "different CRL scope"),
    ):
        issuer = world.authority(kind)
        write_crl(build_crl(issuer, municipality=municipality, revoked=revoked, number=1, this_update=NOW))
        _, output = verify(kind, "-crl_check", "-CRLfile", "list.pem", "-extended_crl")
        assert said in output


@pytest.mark.parametrize("kind", KINDS)
def test_openssl_verifies_the_list(kind: CertificateKind) -> None:
    issuer = world.authority(kind)
    write_crl(build_crl(issuer, municipality=KIYOSE, revoked={1: REVOKED}, number=1, this_update=NOW))
    code, output = openssl("crl", "-in", "list.pem", "-noout", "-text", "-CAfile", f"{kind.value}-ca.pem")
    assert (code, "verify OK" in output) == (0, True)
    assert "Affiliation Changed" in output
    assert "Only User Certificates" in output


@pytest.mark.parametrize("delegated", [False, True])
@pytest.mark.parametrize(
    ("status", "said"),
    [
        (Standing.GOOD, "authentication.pem: good"),
        (Standing.UNKNOWN, "authentication.pem: unknown"),
        (REVOKED, "authentication.pem: revoked"),
        (HELD, "Reason: certificateHold"),
    ],
)
def test_openssl_believes_our_ocsp_answer(status: Status, said: str, delegated: bool) -> None:
    files = ("-issuer", "authentication-ca.pem", "-cert", "authentication.pem", "-no_nonce")
    assert openssl("ocsp", *files, "-reqout", "request.der")[0] == 0
    code, output = ask(status, delegated, *files)
    assert (code, "Response verify OK" in output) == (0, True), output
    assert said in output


@pytest.mark.parametrize("delegated", [False, True])
def test_openssl_finds_its_nonce_in_our_answer(delegated: bool) -> None:
    """It says `Nonce Verify error` and fails otherwise."""
    files = ("-issuer", "authentication-ca.pem", "-cert", "authentication.pem")
    assert openssl("ocsp", *files, "-reqout", "request.der")[0] == 0
    assert b"\x2b\x06\x01\x05\x05\x07\x30\x01\x02" in Path("request.der").read_bytes()
    code, output = ask(Standing.GOOD, delegated, "-reqin", "request.der", "-issuer", "authentication-ca.pem")
    assert (code, output) == (0, "Response verify OK\n")


def ask(status: Status, delegated: bool, *arguments: str) -> tuple[int, str]:
    """Our answer to the request that openssl wrote, shown to openssl."""
    request = OcspRequest.decode(Path("request.der").read_bytes())
    assert request.asks(world.authority(AUTHENTICATION))
    responder = world.responder() if delegated else world.authority(AUTHENTICATION)
    answer = build_ocsp_response(
        responder, request, status, produced_at=NOW, this_update=NOW, next_update=NOW + timedelta(hours=1)
    )
    Path("answer.der").write_bytes(answer)
    trust = ("-CAfile", "authentication-ca.pem", "-attime", str(int(NOW.timestamp())))
    # openssl compares thisUpdate with the system's clock, whatever -attime says.
    return openssl("ocsp", *arguments, "-respin", "answer.der", "-validity_period", str(10**9), *trust)


def test_openssl_reads_our_ocsp_request() -> None:
    request = build_ocsp_request(
        world.authentication_certificate(), world.authority(AUTHENTICATION).certificate_der, nonce=bytes(32)
    )
    Path("request.der").write_bytes(request)
    code, output = openssl("ocsp", "-reqin", "request.der", "-req_text", "-noverify")
    assert code == 0
    assert f"Serial Number: {world.SERIAL:08X}" in output
    assert "OCSP Nonce" in output


def test_openssl_asks_about_several_and_reads_all_answers() -> None:
    files = ("-issuer", "authentication-ca.pem", "-serial", "1", "-serial", "2", "-serial", "3")
    assert openssl("ocsp", *files, "-nonce", "-reqout", "request.der")[0] == 0
    questions = OcspQuestions.decode(Path("request.der").read_bytes())
    statuses: list[Status] = [Standing.GOOD, HELD, Standing.UNKNOWN]
    answers = list(zip(questions.asked, statuses, strict=True))
    answer = build_ocsp_responses(
        world.authority(AUTHENTICATION), answers, nonce=questions.nonce, produced_at=NOW, this_update=NOW
    )
    Path("answer.der").write_bytes(answer)
    trust = ("-CAfile", "authentication-ca.pem", "-attime", str(int(NOW.timestamp())))
    period = ("-validity_period", str(10**9))
    code, output = openssl("ocsp", *files, "-no_nonce", "-respin", "answer.der", *period, *trust)
    assert (code, "Response verify OK" in output) == (0, True), output
    assert [line for line in ("1: good", "2: revoked", "3: unknown") if line not in output] == []


def test_openssl_reads_our_signed_questions() -> None:
    asker = world.responder()
    issuer = issuer_hashes(world.authority(AUTHENTICATION).certificate)
    questions = OcspQuestions((OcspRequest("sha1", *issuer, 7), OcspRequest("sha1", *issuer, 8)), bytes(32))
    name = x509.DirectoryName(asker.certificate.subject)
    Path("request.der").write_bytes(questions.sign(asker.signer, name, (asker.certificate_der,)).encode())
    trust = ("-CAfile", "authentication-ca.pem", "-attime", str(int(NOW.timestamp())))
    code, output = openssl("ocsp", "-reqin", "request.der", "-req_text", "-noverify", *trust)
    assert code == 0
    assert [
        text
        for text in ("Requestor Name: DirName:C = JP", "Serial Number: 07", "08", "sha256With", "Nonce")
        if text not in output
    ] == []


def test_openssl_reads_a_long_list_and_the_authorities_own() -> None:
    issuer, data = world.authority(AUTHENTICATION), bytearray()
    write_crl_to(
        data.extend,
        issuer,
        municipality=KIYOSE,
        revoked=lambda: ((number, REVOKED) for number in range(1, 3000)),
        number=9,
        this_update=NOW,
    )
    own = build_authority_list(issuer, revoked={2: REVOKED}, number=1, this_update=NOW)
    for der, scope, last in ((bytes(data), "Only User Certificates", "0BB7"), (own, "Only CA Certificates", "02")):
        write_crl(der)
        code, output = openssl("crl", "-in", "list.pem", "-noout", "-text", "-CAfile", "authentication-ca.pem")
        assert (code, "verify OK" in output) == (0, True)
        assert scope in output
        assert f"Serial Number: {last}" in output


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("what", ["certificate", "ca"])
def test_openssl_sees_the_structure_of_the_profile(kind: CertificateKind, what: str) -> None:
    """Order, string types, criticality and encodings as `asn1parse` shows them; names and values are ours."""
    der = leaf(kind) if what == "certificate" else world.authority(kind).certificate_der
    Path("it.der").write_bytes(der)
    code, output = openssl("asn1parse", "-inform", "DER", "-i", "-in", "it.der")
    assert code == 0
    assert output == (VECTORS / f"{kind.value}-{what}.asn1").read_text("utf-8")
    assert der == bytes.fromhex((VECTORS / f"{kind.value}-{what}.hex").read_text("ascii"))
