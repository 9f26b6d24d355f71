"""Lists, answers and phones' certificates byte for byte as they were, and as openssl's asn1parse shows them."""

import shutil
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.pki import world
from tests.pki.test_phone import build
from tests.pki.world import AUTHENTICATION, KIYOSE, NOW, SIGNING
from tests.real.conftest import cannot
from warifu.pki import (
    Medium,
    OcspRequest,
    Reason,
    Revocation,
    Standing,
    Status,
    build_authority_list,
    build_crl,
    build_ocsp_responses,
    issuer_hashes,
    presign_ocsp,
)

VECTORS = Path(__file__).parents[1] / "vectors" / "pki"
ISSUER = world.authority(AUTHENTICATION)
HELD = Revocation(NOW - timedelta(days=1), Reason.CERTIFICATE_HOLD)
REVOKED = {0x0180ABCD: HELD, 0x0180ABCE: Revocation(NOW, Reason.UNSPECIFIED)}


def answers() -> bytes:
    statuses: list[Status] = [Standing.GOOD, HELD, Standing.UNKNOWN]
    asked = [
        (OcspRequest("sha256", *issuer_hashes(ISSUER.certificate, "sha256"), number), status)
        for number, status in enumerate(statuses, 1)
    ]
    return build_ocsp_responses(world.responder(), asked, nonce=bytes(range(32)), produced_at=NOW, this_update=NOW)


def presigned() -> bytes:
    [(_, der)] = presign_ocsp(ISSUER, ISSUER, [(7, Standing.GOOD, NOW + timedelta(hours=6))], produced_at=NOW)
    return der


SHAPES: dict[str, Callable[[], bytes]] = {
    "signing-phone": lambda: build(SIGNING, Medium.PHONE),
    "authentication-phone": lambda: build(AUTHENTICATION, Medium.PHONE),
    "revocation-list": lambda: build_crl(ISSUER, municipality=KIYOSE, revoked=REVOKED, number=12, this_update=NOW),
    "authority-list": lambda: build_authority_list(ISSUER, revoked={2: HELD}, number=3, this_update=NOW),
    "ocsp-answers": answers,
    "ocsp-presigned": presigned,
}


@pytest.mark.parametrize("name", SHAPES)
def test_the_bytes_are_those_of_the_vector(name: str) -> None:
    """RSASSA-PKCS1-v1_5 is deterministic, so the same keys make the same bytes."""
    assert SHAPES[name]().hex() == (VECTORS / f"{name}.hex").read_text("ascii").strip()


@pytest.mark.real
@pytest.mark.parametrize("name", SHAPES)
def test_openssl_sees_the_structure(name: str, tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        cannot("not installed: openssl")
    (tmp_path / "it.der").write_bytes(SHAPES[name]())
    command = ["openssl", "asn1parse", "-inform", "DER", "-i", "-in", "it.der"]
    shown = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert shown == (VECTORS / f"{name}.asn1").read_text("utf-8")
