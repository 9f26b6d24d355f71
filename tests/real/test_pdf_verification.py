"""What other people's software signs in PDF files, read by us: pyHanko, endesive, and poppler with NSS."""

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import copy_into_new_writer
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner
from pypdf import generic

from tests.documents.pdf_reading_world import FORM, PACKED, TABLE, believed, certified, codes, coverage, signed
from tests.documents.world import AT, HOLDERS, Holder, rsa
from tests.pki import world
from tests.waiting import PATIENCE
from warifu.documents import FaultCode, Form, sign_pdf
from warifu.documents.pdf_reading import read_pdf
from warifu.documents.running import run
from warifu.documents.witness import CardSigner
from warifu.town import pool

pytestmark = pytest.mark.real

files = pytest.mark.parametrize("pdf", [TABLE, PACKED, FORM], ids=["table", "stream", "form"])


@files
@pytest.mark.parametrize("sub_filter", [SigSeedSubFilter.PADES, SigSeedSubFilter.ADOBE_PKCS7_DETACHED])
@pytest.mark.parametrize("make", HOLDERS.values(), ids=list(HOLDERS))
@pytest.mark.parametrize("in_place", [True, False], ids=["in place", "new file"])
def test_pyhanko(pdf: bytes, make: Callable[[], Holder], sub_filter: SigSeedSubFilter, in_place: bool) -> None:
    """Something to see on the page, a reason, and into a file written anew as well as behind one."""
    holder = make()
    writer: Any = IncrementalPdfFileWriter(BytesIO(pdf))
    if not in_place:
        writer = copy_into_new_writer(writer.prev)
    metadata = PdfSignatureMetadata(
        "Deed", md_algorithm=holder.witness.hash_name, subfilter=sub_filter, reason="同意", name="割符 花子"
    )
    field = SigFieldSpec("Deed", box=(300, 300, 400, 350))
    done = run(PdfSigner(metadata, CardSigner(holder.witness), new_field_spec=field).async_sign_pdf(writer)).getvalue()
    [found] = read_pdf(done)
    assert believed(found)
    assert found.place == "Deed"
    assert found.coverage is not None
    assert (found.coverage.whole, found.coverage.revision) == (True, 1 + in_place)


def test_pyhanko_behind_ours_and_ours_behind_pyhanko() -> None:
    pdf = sign_pdf(certified(signed(TABLE), None, box=True), rsa().witness, AT)
    found = read_pdf(pdf)
    assert [each.place for each in found] == ["Signature1", "Certified", "Signature2"]
    assert all(map(believed, found))
    assert [coverage(pdf, number).revision for number in range(3)] == [2, 3, 4]


@pytest.fixture
def endesive(monkeypatch: pytest.MonkeyPatch) -> Any:
    """endesive's signer of PDF files, alone: its verifier's oscrypto does not know this OpenSSL.

    It still hands pypdf a key that pypdf's objects no longer take.
    """
    package = importlib.util.find_spec("endesive")
    assert package is not None
    place = ModuleType("endesive.pdf")
    place.__path__ = [str(Path(package.origin or "").parent / "pdf")]
    monkeypatch.setitem(sys.modules, "endesive.pdf", place)
    for kind in (generic.DictionaryObject, generic.StreamObject):
        monkeypatch.setattr(kind, "write_to_stream", _without_key(kind.write_to_stream))
    return importlib.import_module("endesive.pdf.cms")


def _without_key(write: Callable[[Any, Any], None]) -> Callable[..., None]:
    def written(of: Any, stream: Any, *_key: Any) -> None:
        write(of, stream)

    return written


def signed_by_endesive(endesive: Any, pdf: bytes, **settings: Any) -> bytes:
    holder = rsa()
    told = {
        "sigflags": 3,
        "contact": "warifu@example.jp",
        "location": "清瀬市".encode().hex(),
        "signingdate": "D:20261122010405+00'00'",
        "reason": "deed",
        "aligned": 8192,
        **settings,
    }
    certificate = x509.load_der_x509_certificate(holder.certificate)
    return pdf + bytes(endesive.sign(pdf, told, pool.private_key(0), certificate, [], "sha256"))


@pytest.mark.parametrize("pdf", [TABLE, FORM], ids=["table", "form"])
def test_endesive(endesive: Any, pdf: bytes) -> None:
    done = signed_by_endesive(endesive, pdf)
    [found] = read_pdf(done)
    assert (found.form, found.faults) == (Form.PDF_PKCS7, ())
    assert believed(found)
    assert coverage(done).whole


def test_endesive_behind_ours(endesive: Any) -> None:
    """It draws a field on the page that already has one."""
    done = signed_by_endesive(
        endesive, signed(TABLE), sigfield="Other", signaturebox=(300, 300, 400, 350), signature="deed"
    )
    found = read_pdf(done)
    assert [each.place for each in found] == ["Signature1", "Other"]
    assert believed(found[1])
    assert coverage(done, 0).revision == 2


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory, program: Callable[[str], str]) -> Path:
    """An NSS database with a holder's key and certificate."""
    folder = tmp_path_factory.mktemp("nss")
    holder = rsa()
    certificates = [x509.load_der_x509_certificate(der) for der in (holder.certificate, holder.issuer.certificate_der)]
    key = pool.private_key(0)
    packed = pkcs12.serialize_key_and_certificates(
        b"me", key, certificates[0], certificates[1:], BestAvailableEncryption(b"x")
    )
    (folder / "me.p12").write_bytes(packed)
    (folder / "root.pem").write_bytes(certificates[1].public_bytes(Encoding.PEM))
    call(folder, program("certutil"), "-N", "-d", "sql:.", "--empty-password")
    call(folder, program("certutil"), "-A", "-d", "sql:.", "-n", "root", "-t", "CT,CT,CT", "-i", "root.pem")
    call(folder, program("pk12util"), "-i", "me.p12", "-d", "sql:.", "-W", "x", "-K", "")
    return folder


def call(folder: Path, *arguments: str) -> None:
    done = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 0, done.stdout + done.stderr


def signed_by_poppler(program: Callable[[str], str], keys: Path, folder: Path, pdf: bytes) -> bytes:
    (folder / "deed.pdf").write_bytes(pdf)
    arguments = ["-nssdir", f"sql:{keys}", "-add-signature", "-nick", "me", "deed.pdf", "signed.pdf"]
    call(folder, program("pdfsig"), *arguments)
    return (folder / "signed.pdf").read_bytes()


@pytest.mark.parametrize("pdf", [TABLE, PACKED], ids=["table", "stream"])
def test_poppler(program: Callable[[str], str], keys: Path, tmp_path: Path, pdf: bytes) -> None:
    """``pdfsig -add-signature``: NSS leaves lengths open (BER), as the registry offices accept it."""
    done = signed_by_poppler(program, keys, tmp_path, pdf)
    [found] = read_pdf(done)
    assert (found.form, found.faults) == (Form.PDF_PKCS7, ())
    assert believed(found)
    assert coverage(done).whole
    assert found.certificate == world.signing_certificate(world.authority(world.SIGNING))


def test_poppler_in_a_form(program: Callable[[str], str], keys: Path, tmp_path: Path) -> None:
    """It leaves its field out of a form that stands in the catalog; readers that go by the form see no signature."""
    done = signed_by_poppler(program, keys, tmp_path, FORM)
    assert codes(done) == {FaultCode.SIGNATURE_DICTIONARY}


def test_poppler_behind_ours(program: Callable[[str], str], keys: Path, tmp_path: Path) -> None:
    """It writes generations that nothing freed (ISO 32000-1 §7.5.4), so that nothing explains its objects."""
    done = signed_by_poppler(program, keys, tmp_path, signed(TABLE))
    found = read_pdf(done)
    assert believed(found[1])
    assert codes(done, 0) == {FaultCode.MODIFIED_AFTER}
