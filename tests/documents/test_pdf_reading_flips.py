"""Bits of a signed PDF turned over: never believed with another content, signer or time.

What may be turned over harmlessly is listed here and in docs/verification.md; tests/soak turns over every bit.
"""

from dataclasses import replace

import pytest

from tests.documents.pdf_reading_world import PACKED, TABLE, believed, byte_range, signed
from tests.documents.world import rsa
from tests.verifier.document_scene import Judgement
from warifu.documents import FoundSignature, PdfProfile
from warifu.documents.pdf_reading import read_pdf
from warifu.errors import Malformed
from warifu.verifier import Indication

STRIDE = 11
VERSION = 25
"""Where the version of the SignedData stands in the message, of which several are in use (RFC 5652 §5.1)."""


def turned(data: bytes, place: int, bit: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1 :]


def believed_of(pdf: bytes) -> FoundSignature | None:
    try:
        [*found] = filter(believed, read_pdf(pdf))
    except Malformed:
        return None
    assert len(found) <= 1
    return found[0] if found else None


def is_harmless(pdf: bytes, place: int, bit: int) -> bool:
    """Only the signature's own value is not signed; in it the case of digits, and what nobody goes by.

    That is the version of the message and the authority's certificate: whom to believe is not taken from a document.
    """
    _, gap, after, _ = byte_range(pdf)
    if not gap < place < after - 1:
        return False
    if turned(pdf, place, bit)[place : place + 1].lower() == pdf[place : place + 1].lower():
        return True
    message = bytes.fromhex(pdf[gap + 1 : after - 1].decode())
    authority = rsa().issuer.certificate_der
    begin = message.index(authority)
    at = (place - gap - 1) // 2
    return at == VERSION or begin <= at < begin + len(authority)


@pytest.mark.parametrize("profile", PdfProfile)
@pytest.mark.parametrize("file", [TABLE, PACKED], ids=["table", "stream"])
def test_no_bit_is_turned_over_without_being_noticed(file: bytes, profile: PdfProfile) -> None:
    pdf = signed(file, profile)
    original = believed_of(pdf)
    assert original is not None
    for place in range(profile is PdfProfile.PADES, len(pdf), STRIDE):
        bit = (place // STRIDE) % 8
        found = believed_of(turned(pdf, place, bit))
        if found is not None:
            assert is_harmless(pdf, place, bit), (place, bit)
            assert (found.signed, found.signature) == (original.signed, original.signature)
            assert (found.certificate, found.claimed_at) == (original.certificate, original.claimed_at)
            assert found.integrity == original.integrity


@pytest.mark.parametrize("place", [0, 7, -1, -8])
def test_no_byte_is_added_or_taken_away(place: int) -> None:
    pdf = signed()
    _, gap, after, _ = byte_range(pdf)
    for base in (0, gap, after, len(pdf)):
        here = max(0, base + place)
        assert believed_of(pdf[:here] + pdf[here + 1 :]) is None or here >= len(pdf)
        assert believed_of(pdf[:here] + b"x" + pdf[here:]) is None


def test_a_certificate_of_a_version_that_does_not_exist_is_nobody_s() -> None:
    """RFC 5280 §4.1.2.1; cryptography has an error of its own for it."""
    pdf = signed()
    _, gap, _, _ = byte_range(pdf)
    certificate = rsa().certificate.hex().encode()
    place = pdf.lower().index(certificate, gap) + certificate.index(b"a003020102") + 9
    [report] = replace(Judgement(), found=read_pdf(pdf[:place] + b"f" + pdf[place + 1 :])).report().signatures
    assert report.indication is Indication.TOTAL_FAILED
