"""Signatures in PDF files: what is added, and what is refused; pyHanko and pdfsig judge in tests/real."""

import contextlib
import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.documents.world import AT, HOLDERS, Holder, rsa, small_pdf
from warifu.documents import PdfProfile, Witness, sign_pdf
from warifu.errors import Malformed, NotAllowed, PinBlocked

PDF = small_pdf()


@pytest.mark.parametrize("profile", PdfProfile)
@pytest.mark.parametrize("make", HOLDERS.values(), ids=list(HOLDERS))
def test_a_signature_is_added_behind_what_was_there(make: Callable[[], Holder], profile: PdfProfile) -> None:
    """ISO 32000-1 §7.5.6: an incremental update leaves every byte as it was."""
    holder = make()
    signed = sign_pdf(PDF, holder.witness, AT, profile=profile)
    assert signed.startswith(PDF)
    assert len(holder.asked) == 1
    filters = {PdfProfile.PADES: b"/ETSI.CAdES.detached", PdfProfile.REGISTRY: b"/adbe.pkcs7.detached"}
    assert filters[profile] in signed


def test_the_byte_range_covers_all_but_the_signature() -> None:
    """ISO 32000-1 §12.8.1: everything but the hexadecimal string of the signature."""
    signed = sign_pdf(PDF, rsa().witness, AT)
    [found] = re.findall(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+) *\]", signed)
    begin, length, after, rest = map(int, found)
    assert (begin, after + rest) == (0, len(signed))
    assert signed[length : length + 1] + signed[after - 1 : after] == b"<>"


def test_the_moment_is_the_one_given() -> None:
    """ISO 32000-1 §12.8.1, /M."""
    [moment] = re.findall(rb"/M \(D(?::|\\072)(\w+)\)", sign_pdf(PDF, rsa().witness, AT))
    assert moment == b"20261122010405Z"


def test_a_second_signature_has_a_field_of_its_own() -> None:
    once = sign_pdf(PDF, rsa().witness, AT)
    twice = sign_pdf(once, rsa().witness, AT, reason="同意", location="清瀬市")
    assert twice.startswith(once)
    assert b"(Signature1)" in once
    assert b"(Signature2)" in twice


@pytest.mark.parametrize("name", ["", "a.b"])
def test_a_field_has_a_name_without_a_full_stop(name: str) -> None:
    """ISO 32000-1 §12.7.3.2."""
    with pytest.raises(Malformed):
        sign_pdf(PDF, rsa().witness, AT, field=name)


@pytest.mark.parametrize("pdf", [b"", b"%PDF-1.7\n", b"no pdf at all", PDF[:200], PDF[200:]])
def test_what_is_no_pdf_is_malformed(pdf: bytes) -> None:
    with pytest.raises(Malformed):
        sign_pdf(pdf, rsa().witness, AT)


@given(st.integers(0, len(PDF) - 1), st.integers(1, 255))
@settings(max_examples=40, deadline=None)
def test_a_damaged_pdf_is_signed_or_malformed(place: int, change: int) -> None:
    damaged = PDF[:place] + bytes([PDF[place] ^ change]) + PDF[place + 1 :]
    with contextlib.suppress(Malformed, NotAllowed):
        assert sign_pdf(damaged, rsa().witness, AT).startswith(damaged)


def test_what_the_holder_refuses_is_told() -> None:
    holder = rsa()

    def refuse(_digest: bytes) -> bytes:
        raise PinBlocked

    with pytest.raises(PinBlocked):
        sign_pdf(PDF, Witness(holder.certificate, holder.issuer.certificate_der, refuse), AT)
