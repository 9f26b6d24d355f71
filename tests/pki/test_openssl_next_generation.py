"""What openssl, which nobody here wrote, thinks of certificates, lists and answers of the P-384 profile."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from tests.pki import world
from tests.pki.test_openssl import HELD, REVOKED, openssl, write, write_crl
from tests.pki.world import AUTHENTICATION, KIYOSE, NEXT_ORDER, NOW, SIGNING
from tests.real.conftest import cannot
from warifu.pki import (
    CertificateKind,
    OcspRequest,
    Standing,
    Status,
    build_crl,
    build_ocsp_request,
    build_ocsp_response,
)

pytestmark = pytest.mark.real
KINDS = [AUTHENTICATION, SIGNING]
AT = ("-attime", str(int(NOW.timestamp())))


@pytest.fixture(autouse=True)
def _openssl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("openssl") is None:
        cannot("not installed: openssl")
    monkeypatch.chdir(tmp_path)
    for kind in KINDS:
        write(f"{kind.value}-ca.pem", world.next_authority(kind).certificate_der)
        write(f"{kind.value}-rsa.pem", world.authority(kind).certificate_der)
        write(f"{kind.value}.pem", leaf(kind))


def leaf(kind: CertificateKind) -> bytes:
    issuer = world.next_authority(kind)
    return NEXT_ORDER.authentication(issuer) if kind is AUTHENTICATION else NEXT_ORDER.signing(issuer)


def verify(kind: CertificateKind, *more: str, anchor: str = "ca") -> tuple[int, str]:
    policy = ("-policy", kind.policy, "-explicit_policy", "-x509_strict")
    return openssl("verify", "-CAfile", f"{kind.value}-{anchor}.pem", *AT, *(more or policy), f"{kind.value}.pem")


@pytest.mark.parametrize("kind", KINDS)
def test_openssl_verifies_a_certificate_with_its_policy(kind: CertificateKind) -> None:
    assert verify(kind) == (0, f"{kind.value}.pem: OK\n")


@pytest.mark.parametrize("kind", KINDS)
def test_openssl_does_not_under_the_rsa_generation_of_the_same_name(kind: CertificateKind) -> None:
    assert verify(kind, anchor="rsa")[0] != 0


@pytest.mark.parametrize("kind", KINDS)
def test_openssl_verifies_the_list_and_finds_what_is_in_it(kind: CertificateKind) -> None:
    for revoked, said in (({}, f"{kind.value}.pem: OK"), ({world.SERIAL: REVOKED}, "certificate revoked")):
        issuer = world.next_authority(kind)
        write_crl(build_crl(issuer, municipality=KIYOSE, revoked=revoked, number=1, this_update=NOW))
        code, output = openssl("crl", "-in", "list.pem", "-noout", "-text", "-CAfile", f"{kind.value}-ca.pem")
        assert (code, "verify OK" in output, "ecdsa-with-SHA384" in output) == (0, True, True)
        assert said in verify(kind, "-crl_check", "-CRLfile", "list.pem", "-extended_crl")[1]


@pytest.mark.parametrize("delegated", [False, True])
@pytest.mark.parametrize(("status", "said"), [(Standing.GOOD, ": good"), (HELD, "Reason: certificateHold")])
def test_openssl_believes_our_ocsp_answer(status: Status, said: str, delegated: bool) -> None:
    issuer = world.next_authority(AUTHENTICATION)
    request = OcspRequest.decode(build_ocsp_request(leaf(AUTHENTICATION), issuer.certificate_der))
    signer = world.next_responder() if delegated else issuer
    answer = build_ocsp_response(
        signer, request, status, produced_at=NOW, this_update=NOW, next_update=NOW + timedelta(hours=1)
    )
    Path("answer.der").write_bytes(answer)
    asked = ("-issuer", "authentication-ca.pem", "-cert", "authentication.pem", "-no_nonce")
    trust = ("-CAfile", "authentication-ca.pem", *AT)
    code, output = openssl("ocsp", *asked, "-respin", "answer.der", "-validity_period", str(10**9), *trust)
    assert (code, "Response verify OK" in output) == (0, True), output
    assert said in output
