"""What we sign, before openssl, pdfsig and pyHanko's validator."""

import asyncio
import subprocess
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from io import BytesIO
from pathlib import Path

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from tests.documents.world import AT, HOLDERS, Holder, rsa, small_pdf
from tests.real.openssl import openssl
from tests.tsa import world as tsa
from tests.waiting import PATIENCE
from warifu.documents import PdfProfile, sign_cms, sign_pdf

pytestmark = pytest.mark.real

DATA = b"a deed\n"
MOMENT = str(int(AT.timestamp()))

holders = pytest.mark.parametrize("make", HOLDERS.values(), ids=list(HOLDERS))


def trust(folder: Path, holder: Holder) -> list[str]:
    pem = x509.load_der_x509_certificate(holder.issuer.certificate_der).public_bytes(Encoding.PEM)
    (folder / "authority.pem").write_bytes(pem)
    return ["-CAfile", "authority.pem", "-purpose", "any", "-attime", MOMENT]


@holders
@pytest.mark.parametrize("attached", [True, False])
def test_openssl_believes_a_signature_over_this_and_nothing_else(
    program: Callable[[str], str], tmp_path: Path, make: Callable[[], Holder], attached: bool
) -> None:
    """``openssl cms -verify``, with CAdES's signing certificate attribute checked."""
    program("openssl")
    holder = make()
    (tmp_path / "deed").write_bytes(DATA)
    (tmp_path / "other").write_bytes(b"another deed\n")
    (tmp_path / "signature").write_bytes(sign_cms(DATA, holder.witness, AT, attached=attached))
    verify = ["cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", "signature", *trust(tmp_path, holder)]
    about = [] if attached else ["-content", "deed"]
    code, told = openssl(tmp_path, *verify, *about, "-out", "read")
    assert code == 0, told
    assert (tmp_path / "read").read_bytes() == DATA
    if not attached:
        code, told = openssl(tmp_path, *verify, "-content", "other", "-out", "read")
        assert code != 0
        assert "verification failure" in told


@holders
@pytest.mark.parametrize("profile", PdfProfile)
def test_pyhanko_believes_a_signed_pdf(make: Callable[[], Holder], profile: PdfProfile) -> None:
    holder = make()
    reader = PdfFileReader(BytesIO(sign_pdf(small_pdf(), holder.witness, AT, profile=profile)))
    [signature] = reader.embedded_signatures
    roots = [asn1_x509.Certificate.load(holder.issuer.certificate_der)]
    context = ValidationContext(trust_roots=roots, moment=AT, allow_fetching=False)
    status = asyncio.run(async_validate_pdf_signature(signature, context))
    assert status.bottom_line, status.pretty_print_details()
    assert status.coverage.name == "ENTIRE_FILE"


@pytest.mark.parametrize("profile", PdfProfile)
def test_pyhanko_believes_the_timestamp_of_a_signed_pdf(profile: PdfProfile) -> None:
    """PAdES baseline B-T (ETSI EN 319 142-1 §6.3), under a root of its own."""
    holder = rsa()
    stamp = partial(tsa.authority().answer, now=tsa.NOW, serial_number=7)
    signed = sign_pdf(small_pdf(), holder.witness, AT, profile=profile, stamp=stamp)
    [signature] = PdfFileReader(BytesIO(signed)).embedded_signatures
    roots = [asn1_x509.Certificate.load(der) for der in (holder.issuer.certificate_der, tsa.root().certificate_der)]
    context = ValidationContext(trust_roots=roots, moment=tsa.NOW, allow_fetching=False)
    status = asyncio.run(async_validate_pdf_signature(signature, context))
    assert status.bottom_line, status.pretty_print_details()
    assert status.timestamp_validity is not None
    assert status.timestamp_validity.timestamp == tsa.NOW.replace(microsecond=0)


@pytest.mark.parametrize("profile", PdfProfile)
def test_pdfsig_believes_both_signatures_of_a_pdf_signed_twice(
    program: Callable[[str], str], tmp_path: Path, profile: PdfProfile
) -> None:
    """poppler's ``pdfsig``; it knows no authority of ours, so it says that it does not trust the certificates."""
    holder = rsa()
    signed = sign_pdf(small_pdf(), holder.witness, AT, profile=profile)
    signed = sign_pdf(signed, replace(holder).witness, AT, profile=profile, reason="agreed")
    (tmp_path / "deed.pdf").write_bytes(signed)
    said = pdfsig(program, tmp_path)
    assert said.count("Signature is Valid") == 2, said
    assert "Total document signed" in said


def test_pdfsig_sees_a_change(program: Callable[[str], str], tmp_path: Path) -> None:
    signed = sign_pdf(small_pdf(), rsa().witness, AT)
    (tmp_path / "deed.pdf").write_bytes(signed.replace(b"a deed", b"b deed"))
    assert "Digest Mismatch" in pdfsig(program, tmp_path)


def pdfsig(program: Callable[[str], str], folder: Path) -> str:
    """What poppler says of the deed."""
    command = [program("pdfsig"), "-nocert", "deed.pdf"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=PATIENCE).stdout
