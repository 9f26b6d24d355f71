"""What a signed PDF shows on a page; pdfsig and pdftoppm judge in tests/real."""

import builtins
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

from tests.documents.pdf_reading_world import believed
from tests.documents.proving import Service, proof
from tests.documents.world import AT, HOLDERS, rsa, small_pdf
from warifu.documents import Level, PdfProfile, VisibleStamp, extend, sign_pdf
from warifu.documents.pdf_reading import read_pdf
from warifu.documents.pdf_stamp import default_text
from warifu.documents.pdf_stamp_drawing import draw_stamp
from warifu.errors import Malformed, NotAllowed, Unavailable

PDF = small_pdf()


def turned(degrees: int, box: tuple[int, ...] = (0, 0, 595, 842)) -> bytes:
    """The PDF with its page turned, and with another origin."""
    writer = IncrementalPdfFileWriter(BytesIO(PDF))
    page = writer.find_page_for_modification(0)[0].get_object()
    page["/Rotate"] = generic.NumberObject(degrees)
    page["/MediaBox"] = generic.ArrayObject(map(generic.NumberObject, box))
    writer.update_container(page)
    file = BytesIO()
    writer.write(file)
    return file.getvalue()


def field(pdf: bytes) -> Any:
    [signature] = PdfFileReader(BytesIO(pdf)).embedded_signatures
    return signature.sig_field


def ink(picture: Image.Image) -> int:
    return sum(1 for dot in picture.getchannel("A").tobytes() if dot > 128)


@pytest.mark.parametrize("profile", PdfProfile)
@pytest.mark.parametrize("make", HOLDERS.values(), ids=list(HOLDERS))
def test_a_signature_that_can_be_seen_is_one(make: Any, profile: PdfProfile) -> None:
    signed = sign_pdf(PDF, make().witness, AT, profile=profile, visible=VisibleStamp(1, 50, 60, 200, 70))
    [found] = read_pdf(signed)
    assert believed(found)
    assert list(map(float, field(signed)["/Rect"])) == [50, 60, 250, 130]


def test_its_field_shows_one_picture() -> None:
    """ISO 32000-1 §12.5.5: a normal appearance, drawn by nothing but an image with the page shining through."""
    shown = field(sign_pdf(PDF, rsa().witness, AT, visible=VisibleStamp()))["/AP"]["/N"]
    [picture] = shown["/Resources"]["/XObject"].values()
    image = picture.get_object()
    assert (image["/Subtype"], "/SMask" in image) == ("/Image", True)


def test_without_a_place_it_stands_at_the_lower_right() -> None:
    rect = list(map(float, field(sign_pdf(PDF, rsa().witness, AT, visible=VisibleStamp()))["/Rect"]))
    assert rect == [595 - 36 - 170, 36, 595 - 36, 36 + 48]


@pytest.mark.parametrize(
    ("degrees", "rect"),
    [
        (0, [10, 20, 110, 60]),
        (90, [595 - 60, 10, 595 - 20, 110]),
        (180, [595 - 110, 842 - 60, 595 - 10, 842 - 20]),
        (270, [20, 842 - 110, 60, 842 - 10]),
    ],
)
def test_a_page_that_is_shown_turned_is_stamped_upright(degrees: int, rect: list[int]) -> None:
    """ISO 32000-1 §7.7.3.3, Rotate."""
    pdf = sign_pdf(turned(degrees), rsa().witness, AT, visible=VisibleStamp(1, 10, 20, 100, 40))
    assert list(map(float, field(pdf)["/Rect"])) == rect


def test_places_are_counted_from_the_corner_that_is_shown() -> None:
    pdf = sign_pdf(turned(0, (100, 200, 695, 1042)), rsa().witness, AT, visible=VisibleStamp(1, 10, 20, 100, 40))
    assert list(map(float, field(pdf)["/Rect"])) == [110, 220, 210, 260]


@pytest.mark.parametrize("stamp", [VisibleStamp(2), VisibleStamp(1, 500, 0, 100, 40), VisibleStamp(1, 0, -1)])
def test_a_stamp_stands_on_a_page(stamp: VisibleStamp) -> None:
    holder = rsa()
    with pytest.raises(NotAllowed):
        sign_pdf(PDF, holder.witness, AT, visible=stamp)
    assert holder.asked == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"page": 0},
        {"width": 0},
        {"height": 7},
        {"width": float("nan")},
        {"left": float("nan")},
        {"text": " "},
        {"text": "a\x1b[31m"},
    ],
)
def test_a_stamp_of_no_size_or_without_words_is_malformed(wrong: Any) -> None:
    with pytest.raises(Malformed):
        VisibleStamp(**wrong)


def test_a_text_that_does_not_fit_is_malformed() -> None:
    with pytest.raises(Malformed):
        sign_pdf(PDF, rsa().witness, AT, visible=VisibleStamp(width=20, height=8, text="あ" * 100))


def test_the_text_is_who_and_when_in_japan() -> None:
    assert default_text("割符　花子", AT) == "割符　花子\n2026年11月22日 10:04（日本時間）"


def test_words_are_drawn_and_the_page_shines_through() -> None:
    empty, full = draw_stamp(" ", 170, 48), draw_stamp("割符　花子", 170, 48)
    assert ink(full) > ink(empty) + 1000
    assert ink(full) < full.width * full.height / 3


def test_a_huge_stamp_is_a_picture_of_bounded_size() -> None:
    picture = draw_stamp("割符", 14_400, 14_400)
    assert picture.width * picture.height < 4_100_000


def test_signatures_before_and_after_stay_valid() -> None:
    """A second signature that can be seen is a change that is allowed (ISO 32000-1 §12.8.2.2)."""
    pdf = sign_pdf(PDF, rsa().witness, AT)
    for left in (40, 300):
        pdf = sign_pdf(pdf, rsa().witness, AT, visible=VisibleStamp(1, left, 50, 200, 50))
    found = read_pdf(pdf)
    assert len(found) == 3
    assert all(map(believed, found))
    assert not any(each.faults for each in found)


def test_it_lasts_like_one_that_cannot_be_seen() -> None:
    holder = rsa()
    pdf = sign_pdf(PDF, holder.witness, AT, stamp=Service(), visible=VisibleStamp())
    for level in (Level.LT, Level.LTA):
        pdf = extend(pdf, level, material=proof(holder), stamp=Service())
        assert not any(each.faults for each in read_pdf(pdf))


def test_without_what_draws_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **named: Any) -> Any:
        if name in ("PIL", "pylopdf_fonts_jp"):
            raise ImportError(name)
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    holder = rsa()
    with pytest.raises(Unavailable) as told:
        sign_pdf(PDF, holder.witness, AT, visible=VisibleStamp())
    assert told.value.__notes__ == ["pip install 'warifu[images]'"]
    assert holder.asked == []
