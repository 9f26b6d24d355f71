"""Files that were made to hurt: only `Malformed` ever comes out, and soon (limits in `pdf_reading_limits`)."""

import contextlib
import time
import zlib
from collections.abc import Callable
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner

from tests.documents.pdf_reading_world import (
    FORM,
    PACKED,
    TABLE,
    append,
    believed,
    codes,
    coverage,
    object_of,
    raw_pdf,
    root_of,
    signed,
    size_of,
    stream,
)
from tests.documents.world import rsa
from warifu.documents import FaultCode
from warifu.documents.pdf_reading import read_pdf
from warifu.documents.pdf_reading_limits import LARGEST_FILE, MOST_REVISIONS, MOST_SIGNATURES
from warifu.documents.running import run
from warifu.documents.witness import CardSigner
from warifu.errors import Malformed

SECONDS = 30
"""Of computing: far more than any of these takes, and far less than for ever."""


def with_form(fields: bytes, objects: dict[int, bytes] | None = None, **options: bytes) -> bytes:
    return raw_pdf({1: b"<</AcroForm<</Fields %s>>>>" % fields, **(objects or {})}, **options)


def packed(data: bytes, entries: bytes) -> bytes:
    return stream(zlib.compress(data), b"/Filter/FlateDecode" + entries)


def cross_references(entries: bytes, data: bytes) -> bytes:
    """A file with a cross-reference stream that says this."""
    head = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"
    body = b"2 0 obj\n" + packed(data, b"/Type/XRef/Root 1 0 R" + entries) + b"\nendobj\n"
    return head + body + b"startxref\n%d\n%%%%EOF\n" % len(head)


HOSTILE: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "no header": lambda: TABLE[1:],
    "junk before the header": lambda: b"junk\n" + TABLE,
    "a header only": lambda: b"%PDF-1.7\n",
    "half a file": lambda: TABLE[: len(TABLE) // 2],
    "no end": lambda: TABLE.replace(b"startxref", b"startxrex"),
    "the end is elsewhere": lambda: TABLE.replace(b"startxref\n", b"startxref\n9"),
    "the end is behind the file": lambda: TABLE[:-20] + b"startxref\n999999999\n%%EOF\n",
    "a circle of sections": lambda: TABLE.replace(b"/Size", b"/Prev %d/Size" % TABLE.rindex(b"xref\n0")),
    "an earlier section that is none": lambda: TABLE.replace(b"/Size", b"/Prev 3/Size"),
    "an earlier section below zero": lambda: TABLE.replace(b"/Size", b"/Prev -1/Size"),
    "a trailer that says something twice": lambda: TABLE.replace(b"/Size", b"/Size 3/Size"),
    "an entry twice": lambda: TABLE.replace(b"trailer", b"1 1\n0000000009 00000 n \ntrailer"),
    "encrypted": lambda: raw_pdf({1: b"<<>>", 2: b"<<>>"}, trailer=b"/Encrypt 2 0 R"),
    "encrypted directly": lambda: raw_pdf({1: b"<<>>"}, trailer=b"/Encrypt<</Filter/Standard>>"),
    "encrypted from the second revision": lambda: append(TABLE, {}, b"/Encrypt 1 0 R"),
    "no catalog": lambda: raw_pdf({1: b"<<>>"}).replace(b"/Root 1 0 R", b""),
    "a catalog that is a number": lambda: raw_pdf({1: b"17"}),
    "a catalog that refers to itself": lambda: raw_pdf({1: b"1 0 R"}),
    "another object in the catalog's place": lambda: raw_pdf({1: b"<<>>"}).replace(b"1 0 obj", b"7 0 obj"),
    "an object without an end": lambda: raw_pdf({1: b"<<>>"}).replace(b"endobj", b"endobx"),
    "a string without an end": lambda: raw_pdf({1: b"<</A(((>>"}),
    "a dictionary with a number for a key": lambda: raw_pdf({1: b"<<1 2>>"}),
    "a dictionary in which a name stands alone": lambda: raw_pdf({1: b"<</A>>"}),
    "a dictionary that says something twice": lambda: raw_pdf({1: b"<</A 1/#41 2>>"}),
    "arrays nested a million deep": lambda: raw_pdf({1: b"<</A " + b"[" * 1_000_000}),
    "dictionaries nested a million deep": lambda: raw_pdf({1: b"<</A " * 1_000_000}),
    "a number of a million digits": lambda: raw_pdf({1: b"<</A " + b"1" * 1_000_000 + b">>"}),
    "a field in itself": lambda: with_form(b"[2 0 R]", {2: b"<</T(a)/Kids[2 0 R]>>"}),
    "a field twice": lambda: with_form(b"[2 0 R 2 0 R]", {2: b"<</T(a)>>"}),
    "fields nested too deep": lambda: with_form(
        b"[2 0 R]", {number: b"<</T(a)/Kids[%d 0 R]>>" % (number + 1) for number in range(2, 40)}
    ),
    "thirty thousand fields": lambda: with_form(b"[" + b"".join(b"%d 0 R " % n for n in range(2, 30_002)) + b"]"),
    "no widths": lambda: cross_references(b"/W[0 0 0]/Size 9", b""),
    "no widths and a million million objects": lambda: cross_references(b"/W[0 0 0]/Index[0 1000000000000]", b""),
    "entries below zero": lambda: cross_references(b"/W[1 2 1]/Index[0 -5]/Size 9", b""),
    "more entries than there are": lambda: cross_references(b"/W[1 2 1]/Size 400000", b"\1\0\0\0"),
    "an entry twice in a stream": lambda: cross_references(b"/W[1 2 1]/Index[0 1 0 1]/Size 2", b"\1\0\x09\0" * 2),
    "widths of a thousand bytes": lambda: cross_references(b"/W[1 1000 1]/Size 1", bytes(1002)),
    "a filter that is not read": lambda: cross_references(b"/W[1 2 1]/Size 2", bytes(8)).replace(b"Flate", b"LZWXX"),
    "a predictor with no columns": lambda: cross_references(
        b"/W[1 2 1]/Size 2/DecodeParms<</Predictor 12/Columns 0>>", bytes(10)
    ),
    "a row predicted in no way": lambda: cross_references(
        b"/W[1 2 1]/Size 2/DecodeParms<</Predictor 12/Columns 4>>", b"\x09\1\0\x09\0" * 2
    ),
    "a bomb for a cross-reference stream": lambda: cross_references(b"/W[1 2 1]/Size 9", bytes(33 * 1024 * 1024)),
    "a stream longer than the file": lambda: raw_pdf({1: b"<</Length 99999999>>\nstream\nx\nendstream"}),
    "a stream as long as itself": lambda: with_form(b"2 0 R", {2: b"<</Length 2 0 R>>\nstream\nx\nendstream"}),
    "a catalog with a store that is no stream": lambda: append(
        signed(), {root_of(signed()): object_of(signed(), root_of(signed()))[:-2] + b"/DSS<</Certs[1 0 R]>>>>"}
    ),
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=list(HOSTILE))
def test_what_is_damaged_is_malformed(make: Callable[[], bytes]) -> None:
    pdf = make()
    begun = time.process_time()
    with pytest.raises(Malformed):
        read_pdf(pdf)
    assert time.process_time() - begun < SECONDS


def test_a_file_that_is_too_large_is_not_read() -> None:
    with pytest.raises(Malformed, match=str(LARGEST_FILE)):
        read_pdf(bytes(LARGEST_FILE + 1))


def test_there_is_an_end_to_revisions() -> None:
    pdf = TABLE
    for _ in range(MOST_REVISIONS - 1):
        pdf = append(pdf, {})
    assert read_pdf(pdf) == ()
    with pytest.raises(Malformed, match="revisions"):
        read_pdf(append(append(pdf, {}), {}))


def test_there_is_an_end_to_signatures() -> None:
    """Of the form's, and of those that no field leads to."""
    many = dict.fromkeys(range(2, 3 + MOST_SIGNATURES), b"<</Type/Sig/ByteRange[0 1 2 3]/Contents<00>>>")
    with pytest.raises(Malformed, match="signatures"):
        read_pdf(raw_pdf({1: b"<<>>", **many}))
    first = 2 + len(many)
    each = [b"<</FT/Sig/T(f%d)/V %d 0 R>>" % (number, number) for number in many]
    forms = {first + place: value for place, value in enumerate(each)}
    listed = b"".join(b"%d 0 R " % (first + place) for place in range(len(each)))
    with pytest.raises(Malformed, match="signatures"):
        read_pdf(raw_pdf({1: b"<</AcroForm<</Fields[%s]>>>>" % listed, **many, **forms}))


def in_object_stream(count: int, data: bytes) -> bytes:
    """A file whose form is in an object stream, packed; and `data` behind it in the same stream."""
    inside = b"<</Fields[]>>"
    pairs = b"4 0 " + b"5 0 " * (count - 1)
    body = packed(pairs + inside + data, b"/Type/ObjStm/N %d/First %d" % (count, len(pairs)))
    head = b"%PDF-1.7\n1 0 obj\n<</AcroForm 4 0 R>>\nendobj\n"
    place = len(head)
    head += b"2 0 obj\n" + body + b"\nendobj\n"
    rows = [(0, 0, 0), (1, 9, 0), (1, place, 0), (1, len(head), 0), (2, 2, 0)]
    table = b"".join(bytes([kind]) + first.to_bytes(4) + second.to_bytes(2) for kind, first, second in rows)
    section = packed(table, b"/Type/XRef/Root 1 0 R/W[1 4 2]/Size 5")
    return head + b"3 0 obj\n" + section + b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(head)


def test_an_object_stream_is_read() -> None:
    assert read_pdf(in_object_stream(1, b"")) == ()


@pytest.mark.parametrize("size", [33 * 1024 * 1024, 40 * 1024 * 1024])
def test_a_bomb_in_an_object_stream_does_not_go_off(size: int) -> None:
    """Some kilobytes that would be tens of megabytes."""
    with pytest.raises(Malformed, match="too large"):
        read_pdf(in_object_stream(1, bytes(size)))


def test_an_object_stream_says_what_is_in_it() -> None:
    with pytest.raises(Malformed):
        read_pdf(in_object_stream(1, b"").replace(b"/N 1", b"/N 9"))


@pytest.mark.parametrize("pdf", [signed(TABLE), signed(PACKED), signed(FORM)], ids=["table", "stream", "form"])
def test_very_many_ways_through_a_document_are_not_all_gone(pdf: bytes) -> None:
    """Comparing follows references: doubled forty times they are a billion ways. It is not compared, so not allowed."""
    first = size_of(pdf)
    chain = {first + number: b"[%d 0 R %d 0 R]" % ((first + number + 1,) * 2) for number in range(40)}
    catalog = object_of(pdf, root_of(pdf))[:-2] + b"/Deep %d 0 R>>" % first
    deep = append(pdf, {**chain, first + 40: b"(end)", root_of(pdf): catalog})
    begun = time.process_time()
    twice = append(deep, {size_of(deep): b"<<>>"}, b"/Info %d 0 R" % size_of(deep))
    assert codes(twice) == {FaultCode.MODIFIED_AFTER}
    assert time.process_time() - begun < SECONDS


def test_hybrid_files_that_tell_two_stories_are_told() -> None:
    """ISO 32000-1 §7.5.8.4: what a table says to old readers and a stream to new ones, of the same object."""
    assert codes(signed_all_the_same(hybrid(conflict=False))) == set()
    assert codes(signed_all_the_same(hybrid(conflict=True))) == {FaultCode.CROSS_REFERENCES}


def signed_all_the_same(pdf: bytes) -> bytes:
    """Signed by pyHanko, which signs such files when it is told not to be strict."""
    metadata = PdfSignatureMetadata("Deed", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)
    writer = IncrementalPdfFileWriter(BytesIO(pdf), strict=False)
    return bytes(run(PdfSigner(metadata, CardSigner(rsa().witness)).async_sign_pdf(writer)).getvalue())


def hybrid(*, conflict: bool) -> bytes:
    """A file with a table, and a stream beside it that has one object more, or one of the table's elsewhere."""
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>",
    }
    plain = raw_pdf(objects)
    body, _, _ = plain.partition(b"xref\n0 4")
    number = 3 if conflict else 5
    place = len(body)
    body += b"%d 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>\nendobj\n" % number
    table = b"\1" + place.to_bytes(4) + b"\0"
    hidden = len(body)
    body += b"4 0 obj\n" + packed(table, b"/Type/XRef/W[1 4 1]/Size 6/Index[%d 1]" % number) + b"\nendobj\n"
    entries = b"".join(b"%010d 00000 n \n" % plain.index(b"%d 0 obj" % n) for n in (1, 2, 3))
    rows = b"xref\n0 4\n0000000000 65535 f \n" + entries
    rows += b"4 1\n%010d 00000 n \n" % hidden
    end = b"trailer\n<</Size 6/Root 1 0 R/XRefStm %d>>\nstartxref\n%d\n%%%%EOF\n" % (hidden, len(body))
    return body + rows + end


def linearized() -> bytes:
    """One revision in two sections, the later of which stands at the beginning (ISO 32000-1 annex F)."""
    begin = b"%PDF-1.7\n5 0 obj\n<</Linearized 1>>\nendobj\n"
    page = b"1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
    page += b"3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>\nendobj\n"
    rest = b"2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n"
    first, length, table, places = len(begin), 0, b"", {2: 0}
    for _ in range(2):
        places[1] = first + length
        places[3] = places[1] + page.index(b"3 0 obj")
        places[2] = places[1] + len(page)
        main = places[2] + len(rest)
        entries = b"1 1\n%010d 00000 n \n3 1\n%010d 00000 n \n5 1\n%010d 00000 n \n" % (places[1], places[3], 9)
        table = b"xref\n" + entries + b"trailer\n<</Size 6/Root 1 0 R/Prev %d>>\nstartxref\n0\n%%%%EOF\n" % main
        length = len(table)
    tail = b"xref\n0 1\n0000000000 65535 f \n2 1\n%010d 00000 n \ntrailer\n<</Size 6>>\nstartxref\n%d\n%%%%EOF\n"
    return begin + table + page + rest + tail % (places[2], first)


def test_a_linearized_file_is_one_revision() -> None:
    pdf = signed(linearized())
    assert codes(pdf) == set()
    assert (coverage(pdf).revision, coverage(pdf).revisions) == (2, 2)
    assert codes(append(pdf, {2: b"<</Type/Pages/Kids[]/Count 0>>"})) == {FaultCode.MODIFIED_AFTER}


def test_revisions_follow_each_other() -> None:
    """A section that stands before the one it comes after is in no file that anybody wrote honestly."""
    pdf = append(append(TABLE, {}), {})
    first, second = (each for each in range(len(pdf)) if pdf.startswith(b"xref\n0 1\n", each))
    crossed = pdf.replace(b"/Prev %d>" % first, b"/Prev %d>" % TABLE.rindex(b"xref\n0"))
    crossed = crossed[: crossed.rindex(b"startxref")] + b"startxref\n%d\n%%%%EOF\n" % first
    with pytest.raises(Malformed):
        read_pdf(crossed.replace(b"/Prev %d>" % TABLE.rindex(b"xref\n0"), b"/Prev %d>" % second, 1))


@given(st.binary(max_size=200))
def test_any_bytes_are_malformed_or_unsigned(data: bytes) -> None:
    for pdf in (data, b"%PDF-1.7\n" + data, raw_pdf({1: data}), with_form(data), append(TABLE, {1: data})):
        try:
            assert read_pdf(pdf) == ()
        except Malformed:
            continue


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.binary(max_size=8))
def test_a_piece_that_is_exchanged_is_noticed(at: int, length: int, piece: bytes) -> None:
    pdf = signed(FORM)
    at %= len(pdf)
    changed = pdf[:at] + piece + pdf[at + length % 50 :]
    with contextlib.suppress(Malformed):
        assert what_is_believed(changed) <= what_is_believed(pdf)


def what_is_believed(pdf: bytes) -> set[tuple[bytes, bytes | None]]:
    """What was signed, with its digest of the document in it, and by whom."""
    return {(found.signed, found.certificate) for found in read_pdf(pdf) if believed(found)}


def test_what_only_looks_like_signatures_is_not_looked_into_for_ever() -> None:
    """Each of these is a string that goes on to the end of the file."""
    begun = time.process_time()
    with pytest.raises(Malformed, match="too much work"):
        read_pdf(raw_pdf({1: b"<<>>", **dict.fromkeys(range(2, 300), b"((/ByteRange")}))
    assert time.process_time() - begun < SECONDS


@pytest.mark.parametrize("value", [b"[" + b"0 " * 2_200_000 + b"]", b"(" + b"a" * 4_200_000 + b")"])
def test_there_is_an_end_to_objects(value: bytes) -> None:
    with pytest.raises(Malformed):
        read_pdf(raw_pdf({1: b"<</A " + value + b">>"}))


PIECES = [
    *(
        b"<<",
        b">>",
        b"[",
        b"]",
        b"(",
        b")",
        b"<",
        b">",
        b"/",
        b"%",
        b"\r",
        b"\0",
        b"null",
        b"true",
        b"-1",
        b"99999999999",
    ),
    *(b"1 0 R", b"5 0 R", b"endobj", b"stream\n", b"endstream", b"xref\n", b"trailer", b"startxref\n", b"%%EOF"),
    *(b"/Prev 0", b"/ByteRange", b"/Kids", b"/V", b"/Length", b"/Type/ObjStm", b"/Filter/FlateDecode", b"/AcroForm"),
]
PLACES = st.one_of(st.integers(0, 1500), st.integers(-1500, -1))


@given(st.lists(st.tuples(PLACES, st.sampled_from(PIECES), st.booleans()), min_size=1, max_size=4), st.integers(0, 3))
def test_pieces_of_pdf_in_any_order_are_malformed_or_not_believed(
    changes: list[tuple[int, bytes, bool]], number: int
) -> None:
    """Pieces that mean something put into or over a file: whoever is still believed signed what they had signed."""
    pdf = [signed(FORM), signed(PACKED), signed(linearized()), append(signed(FORM), {4: stream(b"(900)")})][number]
    changed = bytearray(pdf)
    for place, piece, over in changes:
        at = place % len(changed)
        changed[at : at + len(piece) * over] = piece
    with contextlib.suppress(Malformed):
        assert what_is_believed(bytes(changed)) <= what_is_believed(pdf)
