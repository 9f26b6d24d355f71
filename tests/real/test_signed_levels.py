"""What we sign to last, before openssl and pyHanko's AdES validator, today and when certificates have ended."""

import asyncio
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from asn1crypto import cms
from asn1crypto import crl as asn1_crl
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from PIL import Image
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESStatus
from pyhanko.sign.validation.ades import ades_lta_validation
from pyhanko.sign.validation.policy_decl import (
    CertificateFetchingRule,
    LocalKnowledge,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator.context import CertValidationPolicySpec, ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager
from pyhanko_certvalidator.revinfo.archival import CRLContainer

from tests.documents.proving import Service, proof, unit_list
from tests.documents.world import AT, HOLDERS, Holder, rsa, small_pdf
from tests.pki.world import ENDS
from tests.tsa import world as tsa
from tests.waiting import PATIENCE
from warifu.documents import Level, Material, VisibleStamp, extend, sign_cms, sign_pdf

pytestmark = pytest.mark.real

DATA = b"a deed\n"
DAY = timedelta(days=1)
STAMPED = tsa.NOW
LATE = ENDS + 900 * DAY
"""The signer's certificate has ended, the timestamp unit's has not."""


def archived(holder: Holder, visible: VisibleStamp | None = None) -> bytes:
    signed = sign_pdf(small_pdf(), holder.witness, AT, stamp=Service(), visible=visible)
    return extend(signed, Level.LTA, material=proof(holder), stamp=Service())


def judged(pdf: bytes, holder: Holder, at: datetime) -> AdESStatus:
    """What pyHanko says of the first signature (ETSI EN 319 102-1 §5.6); it fetches nothing.

    It hears from us that the timestamp unit is still good at the time; all else it takes from the file.
    """
    return asyncio.run(
        ades_lta_validation(
            PdfFileReader(BytesIO(pdf)).embedded_regular_signatures[0],
            PdfSignatureValidationSpec(spec(holder, at)),
            ValidationTimingInfo(validation_time=at, best_signature_time=at, point_in_time_validation=False),
        )
    ).ades_subindic.status


def spec(holder: Holder, at: datetime) -> SignatureValidationSpec:
    roots = (holder.issuer.certificate_der, tsa.root().certificate_der)
    fresh = CRLContainer(asn1_crl.CertificateList.load(unit_list(at - timedelta(hours=1))))
    return SignatureValidationSpec(
        CertValidationPolicySpec(
            SimpleTrustManager.build([asn1_x509.Certificate.load(der) for der in roots]),
            revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO),
        ),
        RevocationInfoGatheringSpec(
            online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY,
            certificate_fetching_rule=CertificateFetchingRule.NEVER_FETCH,
        ),
        local_knowledge=LocalKnowledge(known_crls=[fresh]),
    )


@pytest.mark.parametrize("make", HOLDERS.values(), ids=list(HOLDERS))
def test_pyhanko_believes_an_archived_pdf_without_asking_anybody(make: Callable[[], Holder]) -> None:
    holder = make()
    assert judged(archived(holder), holder, STAMPED + DAY) is AdESStatus.PASSED


def test_pyhanko_believes_an_archived_pdf_that_shows_its_signature() -> None:
    holder = rsa()
    assert judged(archived(holder, VisibleStamp()), holder, LATE) is AdESStatus.PASSED


def test_pyhanko_believes_it_when_the_signers_certificate_has_ended() -> None:
    holder = rsa()
    assert judged(archived(holder), holder, LATE) is AdESStatus.PASSED


def test_pyhanko_believes_a_renewed_one_later_still() -> None:
    holder = rsa()
    about_unit = Material((tsa.root().certificate_der,), (unit_list(LATE),))
    renewed = extend(archived(holder), Level.LTA, material=about_unit, stamp=Service(LATE + DAY))
    assert judged(renewed, holder, LATE + 400 * DAY) is AdESStatus.PASSED


def test_pyhanko_does_not_believe_a_signature_alone_when_its_certificate_has_ended() -> None:
    holder = rsa()
    alone = sign_pdf(small_pdf(), holder.witness, AT)
    assert judged(alone, holder, LATE) is AdESStatus.INDETERMINATE


def run(folder: Path, *command: str) -> tuple[int, str]:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=PATIENCE)
    return done.returncode, done.stdout + done.stderr


def pem(der: bytes) -> bytes:
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("attached", [True, False])
@pytest.mark.parametrize("make", HOLDERS.values(), ids=list(HOLDERS))
def test_openssl_believes_a_signature_at_every_level(
    program: Callable[[str], str], tmp_path: Path, make: Callable[[], Holder], attached: bool, level: Level
) -> None:
    """``openssl cms -verify -cades``; what it does not know it leaves alone."""
    openssl, holder = program("openssl"), make()
    signed = sign_cms(DATA, holder.witness, AT, attached=attached)
    extended = extend(signed, level, material=proof(holder), stamp=Service(), content=None if attached else DATA)
    (tmp_path / "deed").write_bytes(DATA)
    (tmp_path / "signature").write_bytes(extended)
    (tmp_path / "authority.pem").write_bytes(pem(holder.issuer.certificate_der))
    verify = [openssl, "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", "signature", "-out", "read"]
    trust = ["-CAfile", "authority.pem", "-purpose", "any", "-attime", str(int(AT.timestamp()))]
    code, told = run(tmp_path, *verify, *trust, *([] if attached else ["-content", "deed"]))
    assert code == 0, told
    assert (tmp_path / "read").read_bytes() == DATA


def test_openssl_believes_every_timestamp_of_an_archived_signature(
    program: Callable[[str], str], tmp_path: Path
) -> None:
    """``openssl ts -verify`` on each token; the archive timestamps name what the clause says they do."""
    openssl, holder = program("openssl"), rsa()
    signature = sign_cms(DATA, holder.witness, AT)
    for _ in range(2):
        signature = extend(signature, Level.LTA, material=proof(holder), stamp=Service(), content=DATA)
    (tmp_path / "root.pem").write_bytes(pem(tsa.root().certificate_der))
    tokens = _tokens(signature)
    assert len(tokens) == 3
    for token in tokens:
        (tmp_path / "token").write_bytes(token)
        told = cms.ContentInfo.load(token)["content"]["encap_content_info"]["content"].parsed["message_imprint"]
        verify = [openssl, "ts", "-verify", "-in", "token", "-token_in", "-digest", told["hashed_message"].native.hex()]
        code, said = run(tmp_path, *verify, "-CAfile", "root.pem", "-attime", str(int(tsa.NOW.timestamp())))
        assert code == 0, said


def _tokens(signature: bytes) -> list[bytes]:
    [signer] = cms.ContentInfo.load(signature)["content"]["signer_infos"]
    return [each["values"][0].dump() for each in signer["unsigned_attrs"]]


def test_pdfsig_believes_an_archived_pdf(program: Callable[[str], str], tmp_path: Path) -> None:
    """poppler's ``pdfsig``; of the timestamps behind the signature it only tells what they cover."""
    holder = rsa()
    pdf = extend(archived(holder), Level.LTA, material=proof(holder), stamp=Service())
    (tmp_path / "deed.pdf").write_bytes(pdf)
    _, told = run(tmp_path, program("pdfsig"), "-nocert", "deed.pdf")
    assert "Signature is Valid" in told, told
    assert told.count("- Total document signed") == 1


def test_poppler_believes_a_signature_that_can_be_seen_and_draws_it(
    program: Callable[[str], str], tmp_path: Path
) -> None:
    """``pdftoppm``, one dot a point: ink in the frame and nowhere below or beside it."""
    holder = rsa()
    (tmp_path / "deed.pdf").write_bytes(archived(holder, VisibleStamp(1, 100, 50, 200, 60)))
    _, told = run(tmp_path, program("pdfsig"), "-nocert", "deed.pdf")
    assert "Signature is Valid" in told, told
    run(tmp_path, program("pdftoppm"), "-r", "72", "-gray", "-singlefile", "deed.pdf", "page")
    page = Image.open(tmp_path / "page.pgm").point(lambda dot: 255 if dot < 200 else 0)
    left, top, right, bottom = page.crop((0, 400, page.width, page.height)).getbbox() or (0, 0, 0, 0)
    assert (abs(left - 100) <= 1, abs(right - 300) <= 1) == (True, True)
    assert (abs(400 + bottom - (842 - 50)) <= 1, abs(400 + top - (842 - 110)) <= 1) == (True, True)
