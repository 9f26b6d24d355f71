"""Signed PDF files that carry their own evidence; pyHanko's long-term validators judge in tests/real."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.dss import DocumentSecurityStore

from tests.documents.proving import Service, proof
from tests.documents.world import AT, HOLDERS, Holder, rsa, small_pdf
from tests.tsa import world as tsa
from warifu.documents import Level, Material, extend, material_certificates, sign_pdf
from warifu.errors import Malformed, NotAllowed, Unavailable

PDF = small_pdf()


def signed(holder: Holder, **options: Any) -> bytes:
    return sign_pdf(PDF, holder.witness, AT, **options)


def kinds(pdf: bytes) -> list[str]:
    return [each.sig_object_type for each in PdfFileReader(BytesIO(pdf)).embedded_signatures]


def store(pdf: bytes) -> DocumentSecurityStore:
    return DocumentSecurityStore.read_dss(PdfFileReader(BytesIO(pdf)))


@pytest.mark.parametrize("make", HOLDERS.values(), ids=list(HOLDERS))
def test_evidence_stands_in_the_store_with_a_note_whose_it_is(make: Callable[[], Holder]) -> None:
    """ETSI EN 319 142-1 §5.4.2: /DSS with /Certs, /CRLs, /OCSPs, and /VRI for the signature."""
    holder = make()
    evidence, stamped = proof(holder), signed(holder, stamp=Service())
    lasting = extend(stamped, Level.LT, material=evidence)
    assert lasting.startswith(stamped)
    found = store(lasting)
    assert {each.dump() for each in found.load_certs()} > set(evidence.certificates)  # a responder's besides
    assert [each.get_object().data for each in found.crls] == list(evidence.crls)
    assert [each.get_object().data for each in found.ocsps] == list(evidence.ocsps)
    assert len(found.vri_entries) == 1
    assert kinds(lasting) == ["/Sig"]


def test_an_archive_timestamp_is_over_the_whole_file() -> None:
    """ETSI EN 319 142-1 §5.4.3: a document timestamp behind the evidence."""
    holder = rsa()
    archived = extend(signed(holder, stamp=Service()), Level.LTA, material=proof(holder), stamp=Service())
    assert kinds(archived) == ["/Sig", "/DocTimeStamp"]
    last = PdfFileReader(BytesIO(archived)).embedded_signatures[-1]
    assert last.evaluate_signature_coverage().name == "ENTIRE_FILE"


def test_archive_timestamps_are_renewed_again_and_again() -> None:
    """ETSI EN 319 142-1 §6.3, B-LTA: evidence about the last timestamp, and another one over that."""
    holder = rsa()
    pdf = extend(signed(holder, stamp=Service()), Level.LTA, material=proof(holder), stamp=Service())
    for _ in range(2):
        before = pdf
        pdf = extend(before, Level.LTA, material=proof(holder), stamp=Service())
        assert pdf.startswith(before)
    assert kinds(pdf) == ["/Sig", "/DocTimeStamp", "/DocTimeStamp", "/DocTimeStamp"]
    assert len(store(pdf).vri_entries) == 3


@pytest.mark.parametrize("stamped", [True, False])
def test_a_signature_without_a_timestamp_gets_one_over_the_file(stamped: bool) -> None:
    """ETSI EN 319 142-1 §6.3: B-T by a signature timestamp or a document timestamp."""
    before = signed(rsa(), stamp=Service() if stamped else None)
    assert kinds(extend(before, Level.T, stamp=Service())) == (["/Sig"] if stamped else ["/Sig", "/DocTimeStamp"])


def test_what_is_there_already_is_not_added_again() -> None:
    holder = rsa()
    evidence = proof(holder)
    once = extend(signed(holder, stamp=Service()), Level.LT, material=evidence)
    assert extend(once, Level.LT, material=evidence) == once


def test_the_certificates_to_be_proved_are_those_of_the_signer_and_of_the_timestamps() -> None:
    holder = rsa()
    lasting = extend(signed(holder, stamp=Service()), Level.LTA, material=proof(holder), stamp=Service())
    unit = tsa.unit().certificate_der
    assert set(material_certificates(lasting)) >= {holder.certificate, unit, *proof(holder).certificates}


def test_without_revocation_data_there_is_no_long_term() -> None:
    holder = rsa()
    with pytest.raises(NotAllowed):
        extend(signed(holder, stamp=Service()), Level.LT, material=Material((holder.issuer.certificate_der,)))


@pytest.mark.parametrize("level", [Level.T, Level.LT, Level.LTA])
def test_without_a_timestamp_service_there_is_no_higher_level(level: Level) -> None:
    holder = rsa()
    with pytest.raises(NotAllowed):
        extend(signed(holder), level, material=proof(holder))


@pytest.mark.parametrize("pdf", [PDF, PDF[:200], b"%PDF-1.7\n"])
def test_what_is_not_signed_is_not_extended(pdf: bytes) -> None:
    with pytest.raises(Malformed):
        extend(pdf, Level.LT, stamp=Service())


def test_without_a_timestamp_nothing_is_extended() -> None:
    with pytest.raises(Unavailable):
        extend(signed(rsa()), Level.T, stamp=lambda _request: b"nonsense")
