"""What is added to a signed PDF later: allowed, or an attack.

The attacks are those of pdf-insecurity.org: incremental saving (ACM CCS 2019), shadow attacks (C. Mainka, V. Mladenov,
S. Rohlmann, NDSS 2021), evil annotation and sneaky signature (S. Rohlmann et al., "Breaking the Specification: PDF
Certification", IEEE S&P 2021).
"""

import itertools
import re
import zlib
from collections.abc import Callable
from io import BytesIO

import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import (
    FieldMDPAction,
    FieldMDPSpec,
    MDPPerm,
    SigFieldSpec,
    SigSeedSubFilter,
    append_signature_field,
)
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner, PdfTimeStamper

from tests.documents.pdf_reading_world import (
    FORM,
    FORM_OBJECTS,
    append,
    believed,
    byte_range,
    certified,
    codes,
    coverage,
    number_of,
    object_of,
    raw_pdf,
    root_of,
    signed,
    size_of,
    stream,
)
from tests.documents.proving import Service
from tests.documents.world import AT, rsa
from warifu.documents import ChangeKind, FaultCode, sign_pdf
from warifu.documents.pdf_reading import read_pdf
from warifu.documents.running import run
from warifu.documents.stamping import Stamper
from warifu.documents.witness import CardSigner

EVIL = stream(b"BT /F1 24 Tf 72 700 Td (I owe 900 yen) Tj ET")
SIGNED = signed(FORM)
MODIFIED = {FaultCode.MODIFIED_AFTER}


def update(objects: dict[int, bytes], **options: object) -> Callable[[bytes], bytes]:
    return lambda pdf: append(pdf, objects, **options)  # type: ignore[arg-type]


def page(pdf: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """The file with its page changed."""
    return append(pdf, {3: change(object_of(pdf, 3))})


def catalog(pdf: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """The file with its catalog changed."""
    return append(pdf, {root_of(pdf): change(object_of(pdf, root_of(pdf)))})


def other_page(pdf: bytes) -> bytes:
    """Another page tree under the same catalog."""
    first = size_of(pdf)
    tree = {first: b"<</Type/Pages/Kids[%d 0 R]/Count 1>>" % (first + 1)}
    tree[first + 1] = FORM_OBJECTS[3].replace(b"2 0 R", b"%d 0 R" % first).replace(b"4 0 R", b"%d 0 R" % (first + 2))
    tree[first + 2] = EVIL
    return append(
        pdf, {**tree, root_of(pdf): re.sub(rb"/Pages \d+", b"/Pages %d" % first, object_of(pdf, root_of(pdf)))}
    )


ATTACKS: dict[str, Callable[[bytes], bytes]] = {
    "another text": update({4: EVIL}),
    "another page tree": other_page,
    "a page more": lambda pdf: append(pdf, {2: b"<</Type/Pages/Kids[3 0 R 3 0 R]/Count 2>>"}),
    "a text more on the page": lambda pdf: append(
        pdf, {3: object_of(pdf, 3).replace(b"8 0 R", b"8 0 R %d 0 R" % size_of(pdf)), size_of(pdf): EVIL}
    ),
    "hide: the patch over something is taken away": lambda pdf: page(
        pdf, lambda value: re.sub(rb"4 0 R\s+8 0 R|8 0 R", b"4 0 R", value)
    ),
    "hide: the patch is emptied": update({8: stream(b" ")}),
    "hide: the patch is freed": update({}, freed=(8,)),
    "replace: another font": update({7: b"<</Type/Font/Subtype/Type1/BaseFont/Symbol>>"}),
    "another annotation": lambda pdf: append(
        pdf,
        {
            3: re.sub(rb"/Annots\s*\[", b"/Annots [%d 0 R " % size_of(pdf), object_of(pdf, 3)),
            size_of(pdf): b"<</Type/Annot/Subtype/FreeText/Rect[72 690 300 730]/Contents(I owe 900 yen)>>",
        },
    ),
    "an action at opening": lambda pdf: catalog(
        pdf, lambda value: value.replace(b"/Type", b"/OpenAction<</S/JavaScript/JS(evil)>>/Type", 1)
    ),
    "another catalog": lambda pdf: append(pdf, {size_of(pdf): FORM_OBJECTS[1], 4: EVIL}, root=size_of(pdf)),
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=list(ATTACKS))
def test_what_is_signed_stays_as_it_was(attack: Callable[[bytes], bytes]) -> None:
    """Incremental saving and shadow attacks: an update that changes what is shown."""
    pdf = attack(SIGNED)
    [found] = read_pdf(pdf)
    assert not believed(found)
    assert {fault.code for fault in found.faults} >= MODIFIED
    [change] = coverage(pdf).changes
    assert (change.kind, change.allowed) in {(ChangeKind.OTHER, False), (ChangeKind.FORM_FILLING, False)}


def test_what_was_changed_is_named() -> None:
    """By the way that leads to it, not by what stands there."""
    [change] = coverage(append(SIGNED, {4: EVIL})).changes
    assert change.where == "object 4 (/Pages/Kids/0/Contents/0)"
    assert (change.revision, coverage(SIGNED).revisions) == (3, 2)


def test_a_change_that_is_undone_is_still_a_change() -> None:
    """Each revision is compared, not the last alone."""
    back = append(append(SIGNED, {4: EVIL}), {4: FORM_OBJECTS[4]})
    assert codes(back) == MODIFIED


def test_a_hidden_object_is_not_brought_to_light() -> None:
    """Hide and replace: both texts are signed; an update only turns the cross-reference table to the other."""
    hidden = b"4 0 obj\n" + EVIL + b"\nendobj\n"
    pdf = signed(raw_pdf(FORM_OBJECTS, extra=hidden))
    assert codes(pdf) == set()
    place = pdf.index(hidden)
    turned = append(pdf, {})
    table = b"xref\n0 1\n0000000000 65535 f \n"
    at = turned.rindex(table) + len(table)
    turned = turned[:at] + b"4 1\n%010d 00000 n \n" % place + turned[at:]
    assert codes(turned) == MODIFIED


def two_faced(pdf: bytes) -> bytes:
    """An update whose cross-reference stream is read otherwise by who gets PNG's prediction from the left wrong.

    pyHanko 0.38 adds what stands to the left as it is in the file, not as it was before it was predicted. So the row
    01 00 01 xx yy is 01 00 00 xx yy-1 to it: the old place of the object, 65 537 bytes before the new one.
    """
    place = 65536 + pdf.index(b"\n4 0 obj") + 2
    out = pdf + b" " * (place - len(pdf)) + b"4 0 obj\n" + EVIL + b"\nendobj\n"
    number, last = size_of(pdf), int(re.findall(rb"startxref\s+(\d+)", pdf)[-1])
    rows = [b"\1" + each.to_bytes(4) for each in (place, len(out))]
    left = bytes([1, rows[0][0], *((here - before) % 256 for before, here in itertools.pairwise(rows[0]))])
    above = bytes([2, *((here - over) % 256 for over, here in zip(*rows, strict=True))])
    told = b"/Type/XRef/W[1 4 0]/Index[4 1 %d 1]/Size %d/Root 1 0 R/Prev %d" % (number, number + 1, last)
    told += b"/Filter/FlateDecode/DecodeParms<</Predictor 15/Columns 5>>"
    section = b"%d 0 obj\n%s\nendobj\n" % (number, stream(zlib.compress(left + above), told))
    return out + section + b"startxref\n%d\n%%%%EOF\n" % len(out)


def test_an_update_that_another_reader_sees_otherwise_is_not_compared() -> None:
    """The comparison is pyHanko's; it must be about the objects that everybody else is shown."""
    pdf = two_faced(SIGNED)
    theirs = PdfFileReader(BytesIO(pdf)).xrefs.get_xref_data(2).standard_xrefs[4]
    assert theirs == (0, SIGNED.index(b"\n4 0 obj") + 1)
    assert codes(pdf) == MODIFIED


@pytest.mark.parametrize(
    "place", [rb"/Contents[4 0 R 99 0 R]", rb"/Contents 4 0 R/Thumb 99 0 R", rb"/Contents 4 0 R/Parent 99 0 R"]
)
def test_what_was_referred_to_and_not_there_is_not_put_there(place: bytes) -> None:
    """ISO 32000-1 §7.3.10: it was null when it was signed; whoever prepared the document knew what would come."""
    page = b"<</Type/Page/MediaBox[0 0 595 842]%s%s>>" % (place, b"" if b"Parent" in place else b"/Parent 2 0 R")
    pdf = signed(raw_pdf({**FORM_OBJECTS, 3: page}))
    assert codes(pdf) == set()
    assert codes(append(pdf, {size_of(pdf): b"<<>>"}, b"/Info %d 0 R" % size_of(pdf))) == set()
    assert codes(append(pdf, {99: EVIL})) == MODIFIED


def beyond_its_size() -> bytes:
    """A signed file whose page shows object 50, of 40 that it says there are."""
    out, rows = b"%PDF-1.7\n", []
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 50 0 R>>"
    pages = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
    for number, value in {1: b"<</Type/Catalog/Pages 2 0 R>>", 2: pages, 3: page, 50: FORM_OBJECTS[4]}.items():
        rows.append(b"\1" + len(out).to_bytes(4) + b"\0")
        out += b"%d 0 obj\n%s\nendobj\n" % (number, value)
    rows.append(b"\1" + len(out).to_bytes(4) + b"\0")
    told = b"/Type/XRef/W[1 4 1]/Index[1 3 39 1 50 1]/Size 40/Root 1 0 R"
    section = stream(b"".join([*rows[:3], rows[4], rows[3]]), told)
    return signed(out + b"39 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (section, len(out)))


def test_an_object_beyond_the_size_is_not_new_when_it_is_replaced() -> None:
    """ISO 32000-1 §7.5.5: whoever goes by /Size takes it for one that nothing refers to."""
    pdf = beyond_its_size()
    assert codes(pdf) == set()
    assert codes(append(pdf, {50: EVIL})) == MODIFIED


@pytest.mark.parametrize("junk", [b"4 0 obj\n" + EVIL + b"\nendobj\n", b"junk", b"trailer\n<</Root 9 0 R>>\n"])
def test_a_revision_consists_of_its_objects(junk: bytes) -> None:
    """Incremental saving without a cross-reference table: what no table leads to is shown by readers that repair."""
    info = {size_of(SIGNED): b"<<>>"}
    assert codes(append(SIGNED, info)) == set()
    assert codes(append(SIGNED, info, between=junk)) == {FaultCode.NOT_ALL_SIGNED}


@pytest.mark.parametrize(
    "tail",
    [
        b"4 0 obj\n" + EVIL + b"\nendobj\n",
        b"4 0 obj\n" + EVIL + b"\nendobj\ntrailer\n<</Root 1 0 R>>\n",
        b"%%EOF\n4 0 obj\n" + EVIL + b"\nendobj\n%%EOF\n",
    ],
)
def test_what_stands_behind_the_last_revision_is_signed_by_nobody(tail: bytes) -> None:
    """Incremental saving without a table or a trailer."""
    assert codes(SIGNED + tail) == {FaultCode.NOT_ALL_SIGNED}


def filled(pdf: bytes) -> bytes:
    """The field filled in with another sum, with the look that goes with it."""
    field = object_of(pdf, 5).replace(b"(100)", b"(900)").replace(b"6 0 R", b"%d 0 R" % size_of(pdf))
    look = stream(b"BT /F1 12 Tf (900) Tj ET", b"/Type/XObject/Subtype/Form/BBox[0 0 128 20]")
    return append(pdf, {5: field, size_of(pdf): look})


def test_a_form_stays_as_it_was_signed_unless_the_signature_allows_it() -> None:
    """Shadow attack by a field: nothing was said of filling in, so it is a change (ISO 32000-1 §12.8.2.2)."""
    assert codes(filled(SIGNED)) == MODIFIED
    [change] = coverage(filled(SIGNED)).changes
    assert (change.kind, change.where) == (ChangeKind.FORM_FILLING, "sum")


def include(*names: str) -> FieldMDPSpec:
    return FieldMDPSpec(FieldMDPAction.INCLUDE, list(names))


def exclude(*names: str) -> FieldMDPSpec:
    return FieldMDPSpec(FieldMDPAction.EXCLUDE, list(names))


PERMISSIONS = [
    (MDPPerm.NO_CHANGES, None, False),
    (MDPPerm.FILL_FORMS, None, True),
    (MDPPerm.ANNOTATE, None, True),
    (MDPPerm.FILL_FORMS, include("sum"), False),
    (None, include("sum"), False),
    (None, include("other"), True),
    (None, exclude("sum"), True),
    (None, exclude("other"), False),
    (None, FieldMDPSpec(FieldMDPAction.ALL), False),
]


@pytest.mark.parametrize(("level", "lock", "allowed"), PERMISSIONS)
def test_a_form_is_filled_in_where_the_signature_allows_it(
    level: MDPPerm | None, lock: FieldMDPSpec | None, allowed: bool
) -> None:
    """ISO 32000-1 §12.8.2.2 (DocMDP), §12.8.2.4 (FieldMDP)."""
    pdf = filled(certified(FORM, level, lock=lock))
    assert codes(pdf) == (set() if allowed else MODIFIED)


def test_who_signs_a_certified_document_leaves_what_was_certified() -> None:
    """The certifier allowed the form to be filled in; so it may be after a signature by somebody else too."""
    twice = sign_pdf(certified(FORM, MDPPerm.FILL_FORMS), rsa().witness, AT)
    assert codes(filled(twice), 0) == codes(filled(twice), 1) == set()


def test_others_sign_where_the_certifier_allows_it() -> None:
    assert codes(sign_pdf(certified(FORM, MDPPerm.FILL_FORMS), rsa().witness, AT)) == set()


@pytest.mark.parametrize(
    ("lock", "allowed"), [(include("Second"), False), (include("sum"), True), (FieldMDPSpec(FieldMDPAction.ALL), False)]
)
def test_a_locked_signature_field_stays_empty(lock: FieldMDPSpec, allowed: bool) -> None:
    """ISO 32000-1 §12.8.2.4: a field that was there and is locked keeps its value, also if that is none."""
    writer = IncrementalPdfFileWriter(BytesIO(FORM))
    append_signature_field(writer, SigFieldSpec("Second"))
    file = BytesIO()
    writer.write(file)
    once = certified(file.getvalue(), None, lock=lock)
    metadata = PdfSignatureMetadata("Second", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)
    signer = PdfSigner(metadata, CardSigner(rsa().witness))
    twice = run(signer.async_sign_pdf(IncrementalPdfFileWriter(BytesIO(once)))).getvalue()
    assert codes(twice) == (set() if allowed else MODIFIED)
    assert codes(sign_pdf(once, rsa().witness, AT)) == set()


def test_nobody_signs_where_the_certifier_allows_nothing() -> None:
    """ISO 32000-1 table 254: at level 1 any change is one too many; timestamps and evidence are none."""
    pdf = certified(FORM, MDPPerm.NO_CHANGES)
    number, form, own = size_of(pdf), number_of(pdf, rb"/Fields"), number_of(pdf, rb"/ByteRange")
    fields = re.sub(rb"/Fields\s*\[", b"/Fields [%d 0 R " % number, object_of(pdf, form))
    empty = {number: b"<</FT/Sig/T(x)/V %d 0 R>>" % (number + 1), form: fields}
    assert codes(append(pdf, {**empty, number + 1: object_of(pdf, own)})) >= MODIFIED


@pytest.mark.parametrize("level", [MDPPerm.FILL_FORMS, MDPPerm.ANNOTATE])
def test_an_annotation_is_never_added(level: MDPPerm) -> None:
    """Evil annotation attack: level 3 allows annotations, and one can cover anything; we allow none."""
    assert codes(ATTACKS["another annotation"](certified(FORM, level))) == MODIFIED


def sneaky(pdf: bytes) -> bytes:
    """A signature field more, with a text for a look, which nobody signed."""
    number = size_of(pdf)
    look = stream(b"BT (I owe 900 yen) Tj ET", b"/Type/XObject/Subtype/Form/BBox[0 0 200 40]")
    field = b"<</Type/Annot/Subtype/Widget/FT/Sig/T(sneaky)/F 4/Rect[72 690 300 730]/P 3 0 R/AP<</N %d 0 R>>>>" % (
        number + 1
    )
    form = number_of(pdf, rb"/Fields") if b"/AcroForm<<" not in object_of(pdf, root_of(pdf)) else root_of(pdf)
    fields = re.sub(rb"/Fields\s*\[", b"/Fields [%d 0 R " % number, object_of(pdf, form))
    annotations = re.sub(rb"/Annots\s*\[", b"/Annots [%d 0 R " % number, object_of(pdf, 3))
    return append(pdf, {number: field, number + 1: look, form: fields, 3: annotations})


def test_an_empty_signature_field_with_a_look_is_a_patch() -> None:
    """Sneaky signature attack, after any signature and not only a certification."""
    pdf = sneaky(SIGNED)
    assert codes(pdf) == MODIFIED
    assert ChangeKind.ANNOTATION in {change.kind for change in coverage(pdf).changes}
    assert codes(sneaky(certified(FORM, MDPPerm.FILL_FORMS))) == MODIFIED


def visible(pdf: bytes) -> bytes:
    """Signed again with something to see."""
    metadata = PdfSignatureMetadata("Seen", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)
    field = SigFieldSpec("Seen", box=(72, 690, 300, 730))
    signer = PdfSigner(metadata, CardSigner(rsa().witness), new_field_spec=field)
    return bytes(run(signer.async_sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)))).getvalue())


def test_a_signature_field_that_is_seen_is_not_added_to_what_is_certified() -> None:
    """Sneaky signature attack with a real signature."""
    assert codes(visible(certified(FORM, MDPPerm.FILL_FORMS))) == MODIFIED


@pytest.mark.parametrize(
    "more",
    [b"/AA<</PO<</S/JavaScript/JS(evil)>>>>", b"/A<</S/JavaScript/JS(evil)>>", b"/Subtype/FreeText/Contents(900)"],
)
def test_a_signature_field_does_nothing_and_is_nothing_else(more: bytes) -> None:
    """ISO 32000-1 §12.5.6, §12.6.3: a script when the page opens, a note with its text."""
    number, pdf = size_of(SIGNED), SIGNED
    subtype = b"" if b"Subtype" in more else b"/Subtype/Widget"
    field = b"<</Type/Annot%s/FT/Sig/T(more)/F 4/Rect[0 0 0 0]/P 3 0 R%s>>"
    form = number_of(pdf, rb"/Fields") if b"/AcroForm<<" not in object_of(pdf, root_of(pdf)) else root_of(pdf)
    fields = re.sub(rb"/Fields\s*\[", b"/Fields [%d 0 R " % number, object_of(pdf, form))
    assert codes(append(pdf, {number: field % (b"/Subtype/Widget", b""), form: fields})) == set()
    assert codes(append(pdf, {number: field % (subtype, more), form: fields})) == MODIFIED


def test_a_signature_that_is_seen_is_one_more_signature() -> None:
    assert codes(visible(SIGNED)) == set()


def test_a_signature_that_is_seen_and_is_none_is_a_patch() -> None:
    """Sneaky signature attack: whatever fills the field, it must at least be a signature."""
    pdf = visible(SIGNED)
    _, gap, after, _ = byte_range(pdf)
    emptied = pdf[: gap + 1] + b"0" * (after - gap - 2) + pdf[after - 1 :]
    assert codes(emptied) == MODIFIED
    assert ChangeKind.ANNOTATION in {change.kind for change in coverage(emptied).changes}


@pytest.mark.parametrize("box", [None, (72, 690, 300, 730)])
def test_a_timestamp_is_not_seen(box: tuple[int, int, int, int] | None) -> None:
    """ISO 32000-2 §12.8.5: anybody gets a timestamp, and so a patch on the page, if it had a look."""
    writer = IncrementalPdfFileWriter(BytesIO(SIGNED))
    append_signature_field(writer, SigFieldSpec("Stamp", box=box))
    pdf = run(PdfTimeStamper(Stamper(Service()), field_name="Stamp").async_timestamp_pdf(writer, "sha256")).getvalue()
    assert codes(pdf) == (MODIFIED if box else set())


@pytest.mark.parametrize(
    "change",
    [
        (rb"/DA\s*\([^)]*\)", b"/DA(/F2 99 Tf)"),
        (rb"/Fields", b"/NeedAppearances true/Fields"),
        (rb"/DR\s*<<", b"/DR<</Font<</F1 8 0 R>>>>/Ignored<<"),
    ],
)
def test_what_a_form_is_drawn_with_stays(change: tuple[bytes, bytes]) -> None:
    """Fields that are drawn anew with another font say something else without being changed."""
    number = root_of(SIGNED) if b"/Fields" in object_of(SIGNED, root_of(SIGNED)) else number_of(SIGNED, rb"/Fields")
    form = re.sub(change[0], change[1], object_of(SIGNED, number), count=1)
    assert form != object_of(SIGNED, number)
    assert codes(append(SIGNED, {number: form})) == MODIFIED


def test_information_about_the_document_may_change() -> None:
    """ISO 32000-1 §14.3: titles and dates are not shown on any page."""
    pdf = append(SIGNED, {size_of(SIGNED): b"<</Title(a deed)>>"}, b"/Info %d 0 R" % size_of(SIGNED))
    assert codes(pdf) == set()
    assert [change.kind for change in coverage(pdf).changes] == [ChangeKind.METADATA]


def test_the_level_of_permission_cannot_be_raised_later() -> None:
    """The dictionary that says it is itself signed."""
    pdf = certified(FORM, MDPPerm.NO_CHANGES)
    number = number_of(pdf, rb"/ByteRange")
    raised = re.sub(rb"/P 1\b", b"/P 2", object_of(pdf, number))
    assert raised != object_of(pdf, number)
    assert not any(believed(each) for each in read_pdf(filled(append(pdf, {number: raised}))))


def test_a_level_that_does_not_exist_allows_nothing() -> None:
    """ISO 32000-1 table 254."""
    pdf = filled(certified(FORM, MDPPerm.FILL_FORMS))
    broken = re.sub(rb"/P 2\b", b"/P 7", pdf)
    assert codes(broken) >= MODIFIED
