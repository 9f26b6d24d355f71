"""Bits of every byte of signed PDF files turned over, before the verifier; and a file that takes as long as any may."""

import time
from dataclasses import replace

import pytest

from tests.documents.pdf_reading_world import PACKED, TABLE, append, codes, raw_pdf, signed, size_of
from tests.documents.proving import Service, proof
from tests.documents.test_pdf_reading_flips import turned
from tests.documents.world import AT, rsa
from tests.soak import CAMPAIGN
from tests.verifier.document_scene import Judgement
from warifu.documents import FaultCode, Level, PdfProfile, extend, sign_pdf
from warifu.documents.pdf_reading import read_pdf
from warifu.errors import Malformed
from warifu.verifier import Indication, SignatureReport

pytestmark = CAMPAIGN


def archived() -> bytes:
    """With evidence and a document timestamp."""
    holder = rsa()
    pdf = sign_pdf(TABLE, holder.witness, AT, stamp=Service())
    return extend(pdf, Level.LTA, material=proof(holder), stamp=Service())


FILES = {
    "table": lambda: signed(TABLE),
    "stream": lambda: signed(PACKED),
    "registry": lambda: signed(TABLE, PdfProfile.REGISTRY),
    "twice": lambda: sign_pdf(signed(TABLE), rsa().witness, AT),
    "archived": archived,
}


def judged(pdf: bytes) -> tuple[SignatureReport, ...]:
    try:
        return replace(Judgement(), found=read_pdf(pdf)).report().signatures
    except Malformed:
        return ()


@pytest.mark.parametrize("name", FILES)
def test_no_bit_is_turned_over_without_being_noticed(name: str) -> None:
    """Who passes is the signer of before, at the time of before or at a later one that needs less proof."""
    pdf = FILES[name]()
    before = {each.place: each for each in judged(pdf)}
    assert all(each.indication is Indication.TOTAL_PASSED for each in before.values())
    passed = 0
    for place in range(len(pdf)):
        for bit in range(8) if name == "table" else (place % 8,):
            for each in judged(turned(pdf, place, bit)):
                if each.indication is Indication.TOTAL_PASSED:
                    passed += 1
                    one = before[each.place]
                    assert (each.signer, each.claimed_at) == (one.signer, one.claimed_at), (place, bit)
                    assert each.best_time >= one.best_time, (place, bit)
    assert passed


def test_a_document_that_was_deep_when_it_was_signed_is_given_up() -> None:
    """Sixty objects and more ways through them than there are atoms."""
    chain = {number: b"[%d 0 R %d 0 R]" % (number + 1, number + 1) for number in range(3, 60)}
    page = {61: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>", 2: b"<</Type/Pages/Kids[61 0 R]/Count 1>>"}
    objects = {1: b"<</Pages 2 0 R/Deep 3 0 R>>", 60: b"(end)", **chain, **page}
    pdf = sign_pdf(raw_pdf(objects), rsa().witness, AT)
    assert codes(pdf) == set()
    begun = time.monotonic()
    later = append(pdf, {size_of(pdf): b"<<>>"}, b"/Info %d 0 R" % size_of(pdf))
    assert codes(later) == {FaultCode.MODIFIED_AFTER}
    assert time.monotonic() - begun < 60
