"""Attacks on what a PDF signature covers; each leaves the signature's own mathematics intact, or takes them away.

The attacks are those of pdf-insecurity.org (V. Mladenov, C. Mainka, K. Meyer zu Selhausen, M. Grothe, J. Schwenk,
"1 Trillion Dollar Refund: How To Spoof PDF Signatures", ACM CCS 2019).
"""

import re

import pytest

from tests.documents.pdf_reading_world import (
    FORM,
    append,
    believed,
    byte_range,
    codes,
    number_of,
    object_of,
    raw_pdf,
    root_of,
    signed,
    size_of,
    stream,
)
from tests.documents.world import AT, rsa
from warifu.documents import FaultCode, PdfProfile, sign_pdf
from warifu.documents.pdf_reading import read_pdf
from warifu.errors import Malformed

SIGNED = signed()
REGISTRY = signed(profile=PdfProfile.REGISTRY)


def exchanged(pdf: bytes, old: bytes, new: bytes) -> bytes:
    """The last place of `old` set to `new`, filled with spaces to the same length."""
    at = pdf.rindex(old)
    assert len(new) <= len(old)
    return pdf[:at] + new.ljust(len(old)) + pdf[at + len(old) :]


def padded(pdf: bytes, end: bytes) -> bytes:
    """The last two digits of the last signature's value, and what closes it, set to `end`.

    The random numbers behind it in the trailer (/ID) are written in such digits too, so it is not looked for by them.
    """
    _, _, after, _ = byte_range(pdf)
    assert pdf[after - 3 : after] == b"00>"
    return pdf[: after - 3] + end + pdf[after:]


def refused(pdf: bytes) -> bool:
    """Whether nobody could believe the file."""
    try:
        found = read_pdf(pdf)
    except Malformed:
        return True
    return not any(map(believed, found))


def range_text(pdf: bytes = SIGNED) -> bytes:
    found = re.findall(rb"/ByteRange \[[^\]]*\] *", pdf)[-1]
    assert isinstance(found, bytes)
    return found


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"", FaultCode.BYTE_RANGE_FORM),
        (b"/ByteRange []", FaultCode.BYTE_RANGE_FORM),
        (b"/ByteRange null", FaultCode.BYTE_RANGE_FORM),
        (b"/ByteRange [0 0 0 0]", FaultCode.BYTE_RANGE_GAP),
        (b"/ByteRange [%d %d]", FaultCode.BYTE_RANGE_FORM),
        (b"/ByteRange [0 -%d %d %d]", FaultCode.BYTE_RANGE_FORM),
        (b"/ByteRange [1 %d %d %d]", FaultCode.BYTE_RANGE_FORM),
        (b"/ByteRange [0 %d.0 %d %d]", FaultCode.BYTE_RANGE_FORM),
        (b"/ByteRange [0 %d %d %d0]", FaultCode.BYTE_RANGE_FORM),
        (b"/ByteRange (0 %d %d %d)", FaultCode.BYTE_RANGE_FORM),
        (b"/ByteRange 99 0 R", FaultCode.BYTE_RANGE_FORM),
    ],
)
def test_a_range_is_two_pairs_of_numbers_from_0(text: bytes, code: FaultCode) -> None:
    """Universal signature forgery (USF): a range that is missing or makes no sense."""
    numbers = byte_range(SIGNED)[1:]
    text = text % numbers[: text.count(b"%d")] if b"%d" in text else text
    broken = exchanged(SIGNED, range_text(), text)
    assert code in codes(broken)
    assert refused(broken)


@pytest.mark.parametrize("change", [(0, 1, 0), (0, -1, 0), (1, 0, -1), (0, 0, -7), (-1, 0, 0), (1, 0, 0)])
def test_a_range_leaves_out_exactly_the_value_of_its_signature(change: tuple[int, int, int]) -> None:
    """ISO 32000-1 §12.8.1; a byte more is room for something else, a byte less is half a value."""
    _, gap, after, length = byte_range(SIGNED)
    numbers = gap + change[0], after + change[1], length + change[2]
    broken = exchanged(SIGNED, range_text(), b"/ByteRange [0 %d %d %d]" % numbers)
    assert codes(broken) & {FaultCode.BYTE_RANGE_GAP, FaultCode.BYTE_RANGE_SHORT, FaultCode.BYTE_RANGE_FORM}
    assert refused(broken)


def test_ranges_do_not_overlap() -> None:
    _, gap, after, length = byte_range(SIGNED)
    broken = exchanged(SIGNED, range_text(), b"/ByteRange [0 %d %d %d]" % (after, gap, length))
    assert FaultCode.BYTE_RANGE_OVERLAP in codes(broken)


def contents(pdf: bytes) -> bytes:
    _, gap, after, _ = byte_range(pdf)
    return pdf[gap:after]


@pytest.mark.parametrize("text", [b"<>", b"<00>", b"null", b"()", b"(\0)", b"99 0 R", b"[]", b"<", b""])
@pytest.mark.parametrize("pdf", [SIGNED, REGISTRY], ids=["pades", "registry"])
def test_a_signature_without_a_value_is_none(pdf: bytes, text: bytes) -> None:
    """Universal signature forgery (USF): a value that is missing, empty, null or zero."""
    assert refused(exchanged(pdf, contents(pdf), text))


@pytest.mark.parametrize("pdf", [SIGNED, REGISTRY], ids=["pades", "registry"])
def test_behind_the_message_are_zeros_only(pdf: bytes) -> None:
    """ISO 32000-1 §12.8.1: the room that was left over is filled with zeros."""
    assert FaultCode.CONTENTS_FORM in codes(padded(pdf, b"01>"))


@pytest.mark.parametrize("text", [b"0 >", b"0%>", b"0\n>"])
def test_the_value_is_digits_without_a_space(text: bytes) -> None:
    """Whatever stands in the gap is signed by nobody, so that it is as short as it can be."""
    assert refused(padded(SIGNED, text))


def test_capital_digits_are_the_same_digits() -> None:
    [found] = read_pdf(exchanged(SIGNED, contents(SIGNED), contents(SIGNED).upper()))
    assert believed(found)


def wrapped() -> bytes:
    """Signature wrapping (SWA): the second range is moved back, and its place is taken by another document.

    The old cross-reference section's place is known from the signed end of the file, so that another section can be
    put there, which leads to another page.
    """
    base = signed(FORM)
    _, gap, after, length = byte_range(base)
    place = int(re.findall(rb"startxref\s+(\d+)", base)[-1])
    number = number_of(base, b"/ByteRange")
    begin = base.rindex(b"\n%d 0 obj" % number) + 1
    moved = place + 2000
    dictionary = (
        b"\n/ByteRange [0 %d %d %d]\n/Type /Sig\n/Filter /Adobe.PPKLite\n/SubFilter /ETSI.CAdES.detached\n>>\nendobj\n"
    )
    out = bytearray(base[:after] + dictionary % (gap, moved, length))
    evil = len(out)
    out += b"4 0 obj\n" + stream(b"BT /F1 24 Tf 72 700 Td (I owe 900 yen) Tj ET") + b"\nendobj\n"
    assert len(out) < place
    out += b" " * (place - len(out))
    table = re.findall(rb"xref\n0 .*?trailer", base[after:], re.DOTALL)[-1]
    entries = b"4 1\n%010d 00000 n \n" % evil
    trailer = re.findall(rb"trailer\s*(<<.*?>>)\s*startxref", base[after:], re.DOTALL)[-1]
    assert b"%010d 00000 n" % begin in table
    out += table[: -len(b"trailer")] + entries + b"trailer\n" + trailer + b"\nstartxref\n%d\n%%%%EOF\n" % place
    assert len(out) < moved
    return bytes(out) + b" " * (moved - len(out)) + base[after:]


def test_a_range_that_begins_again_elsewhere_is_no_range() -> None:
    """Signature wrapping (SWA): the signed bytes are all there, and another page is shown."""
    pdf = wrapped()
    [found] = read_pdf(pdf)
    assert FaultCode.BYTE_RANGE_GAP in {fault.code for fault in found.faults}


def test_what_the_wrapping_attack_signs_is_what_was_signed() -> None:
    """The test above would mean nothing if the attack were not made well: only the gap gives it away."""
    base, pdf = signed(FORM), wrapped()
    _, gap, after, length = map(int, re.findall(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)\]\n/Type", pdf)[0])
    _, old_gap, old_after, old_length = byte_range(base)
    assert pdf[:gap] + pdf[after : after + length] == base[:old_gap] + base[old_after : old_after + old_length]
    assert after + length == len(pdf)


def test_a_copied_signature_covers_nothing_of_its_own() -> None:
    """Incremental saving attack with a copy: a later dictionary borrows the value and the range of the earlier."""
    number = number_of(SIGNED, rb"/ByteRange")
    pdf = append(SIGNED, {number: object_of(SIGNED, number)})
    found = read_pdf(pdf)
    assert len(found) == 2
    assert not any(map(believed, found))
    assert {fault.code for fault in found[0].faults} == {FaultCode.SIGNATURE_DICTIONARY}
    assert {fault.code for fault in found[1].faults} >= {FaultCode.BYTE_RANGE_GAP}


def test_a_range_ends_with_a_revision() -> None:
    """ETSI EN 319 142-1 §5.1; otherwise it is a signature over some bytes, and not over a document."""
    _, gap, after, length = byte_range(SIGNED)
    broken = exchanged(SIGNED, range_text(), b"/ByteRange [0 %d %d %d]" % (gap, after, length - 20))
    assert FaultCode.BYTE_RANGE_SHORT in codes(broken)


def test_a_signature_that_no_field_leads_to_is_told() -> None:
    """jpki/myna GHSA-g258-q5gf-7hvx: whoever looks at the form only overlooks it."""
    number = size_of(SIGNED)
    dictionary = object_of(SIGNED, number_of(SIGNED, rb"/ByteRange"))
    pdf = append(SIGNED, {number: dictionary})
    found = read_pdf(pdf)
    assert [each.place for each in found] == ["Signature1", f"object {number}"]
    assert FaultCode.SIGNATURE_DICTIONARY in {fault.code for fault in found[1].faults}


def test_a_signature_with_a_name_in_disguise_is_told() -> None:
    """ISO 32000-1 §7.3.5: ``/Byte#52ange`` is the same name."""
    number = size_of(SIGNED)
    pdf = append(SIGNED, {number: b"<</Type/Sig/Byte#52ange[0 1 2 3]/Contents<00>/SubFilter/ETSI.CAdES.detached>>"})
    assert [each.place for each in read_pdf(pdf)][1:] == [f"object {number}"]


def test_a_signature_taken_out_of_the_form_is_told() -> None:
    catalog = re.sub(rb"/AcroForm \d+ 0 R", b"", object_of(SIGNED, root_of(SIGNED)))
    pdf = append(SIGNED, {root_of(SIGNED): catalog})
    assert codes(pdf) >= {FaultCode.SIGNATURE_DICTIONARY, FaultCode.MODIFIED_AFTER}


def test_a_signature_inside_of_another_object_is_told() -> None:
    """It is no object of its own, so that no gap can be its value."""
    field = b"<</FT/Sig/T(x)/V<</Type/Sig/ByteRange[0 1 2 3]/Contents<00>/SubFilter/ETSI.CAdES.detached>>>>"
    pdf = raw_pdf({1: b"<</AcroForm<</Fields[2 0 R]>>>>", 2: field})
    assert codes(pdf) >= {FaultCode.BYTE_RANGE_GAP}
    assert len(read_pdf(pdf)) == 1


def test_a_field_filled_with_something_else_is_told() -> None:
    pdf = raw_pdf({1: b"<</AcroForm<</Fields[2 0 R]>>>>", 2: b"<</FT/Sig/T(x)/V(signed, believe me)>>"})
    assert refused(pdf)
    assert len(read_pdf(pdf)) == 1


def test_usage_rights_are_nobodys_signature() -> None:
    """ISO 32000-1 §12.8.2.3: Adobe's signature that lets its reader do more."""
    rights = b"<</Type/Sig/ByteRange[0 1 2 3]/Contents<00>/SubFilter/adbe.pkcs7.detached>>"
    assert read_pdf(raw_pdf({1: b"<</Perms<</UR3 2 0 R>>>>", 2: rights})) == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"/SubFilter /ETSI.CAdES.detached", b"/SubFilter /adbe.pkcs7.sha1"),
        (b"/SubFilter /ETSI.CAdES.detached", b"/SubFilter /adbe.x509.rsa_sha1"),
        (b"/SubFilter /ETSI.CAdES.detached", b"/SubFilter /ETSI.RFC3161"),
        (b"/SubFilter /ETSI.CAdES.detached", b""),
        (b"/Type /Sig", b"/Type /Sic"),
    ],
)
def test_what_is_not_read_is_told_with_its_reason(old: bytes, new: bytes) -> None:
    """ISO 32000-2 table 255: SHA-1 over the document, and no certificate that is signed."""
    [found] = read_pdf(exchanged(SIGNED, old, new))
    faults = {fault.code: fault.where for fault in found.faults}
    assert faults[FaultCode.SIGNATURE_DICTIONARY]
    assert found.certificate is None
    assert ("SHA-1" in faults[FaultCode.SIGNATURE_DICTIONARY]) == new.endswith(b"sha1")


def test_a_message_of_another_profile_is_not_pades() -> None:
    """ETSI EN 319 142-1 §6.3: the time is the dictionary's, and not among the attributes."""
    relabelled = exchanged(REGISTRY, b"/adbe.pkcs7.detached", b"/ETSI.CAdES.detached")
    assert FaultCode.SIGNING_TIME_ATTRIBUTE in codes(relabelled)


def test_two_signatures_one_behind_the_other_are_each_whole() -> None:
    pdf = sign_pdf(SIGNED, rsa().witness, AT)
    assert codes(pdf, 0) == codes(pdf, 1) == set()
