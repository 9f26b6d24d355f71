"""What a signature in a PDF shows on a page, if anything: a frame with a text, where the signer wants it.

It proves nothing: anybody can draw the same. Who signed is told by whoever verifies.
"""

from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import Any

from pyhanko.pdf_utils.layout import AxisAlignment, BoxConstraints, Margins, SimpleBoxLayoutRule
from pyhanko.sign.fields import SigFieldSpec
from pyhanko.stamp import StaticStampStyle

from warifu.errors import Malformed, NotAllowed, Unavailable
from warifu.pki import JST

__all__ = ["VisibleStamp", "check_can_draw", "default_text", "stamp_field", "stamp_style"]

_LARGEST = 14_400
"""Points; the largest page of PDF 1.6 has that side (ISO 32000-1 annex C)."""
_SMALLEST = 8
_MARGIN = 36
_LONGEST = 400


@dataclass(frozen=True, slots=True, repr=False)
class VisibleStamp:
    """A stamp of `width` by `height` points (1/72 inch) on a page, counted from 1.

    `left` and `bottom` are counted from the lower left corner of the page as it is shown; without them the stamp stands
    at the lower right. Without `text` it says the holder's name and the moment, Japanese time.

    Raises:
        Malformed: no such page, a box of no size, or a text that is empty, too long, or not for printing.
    """

    page: int = 1
    left: float | None = None
    bottom: float | None = None
    width: float = 170
    height: float = 48
    text: str | None = None

    def __post_init__(self) -> None:
        sides, corner = (self.width, self.height), (self.left or 0, self.bottom or 0)
        in_range = all(_SMALLEST <= side <= _LARGEST for side in sides) and all(map(isfinite, corner))
        if self.page < 1 or not in_range:
            raise Malformed(f"a stamp stands on a page from 1 on and has sides of {_SMALLEST} to {_LARGEST} points")
        if self.text is not None:
            _check_text(self.text)


def _check_text(text: str) -> None:
    lines = text.split("\n")
    if not text.strip() or len(text) > _LONGEST or not all(line.isprintable() for line in lines):
        raise Malformed(f"the text of a stamp has 1 to {_LONGEST} characters that can be printed")


def default_text(name: str, at: datetime) -> str:
    """Who signs and when, Japanese time."""
    return f"{name}\n{at.astimezone(JST):%Y年%m月%d日 %H:%M}（日本時間）"


def check_can_draw() -> None:
    """Check that what draws stamps is installed.

    Raises:
        Unavailable: the extra ``images`` is not installed.
    """
    try:
        import PIL  # noqa: F401
        import pylopdf_fonts_jp  # noqa: F401
    except ImportError as error:
        missing = Unavailable("drawing a stamp needs Pillow and a font, which are not installed", detail=str(error))
        missing.add_note("pip install 'warifu[images]'")
        raise missing from error


def stamp_field(writer: Any, name: str, stamp: VisibleStamp) -> SigFieldSpec:
    """The signature's field, as large as the stamp.

    Raises:
        NotAllowed: there is no such page, or the stamp would not be on it.
    """
    page = _page(writer, stamp)
    return SigFieldSpec(name, on_page=stamp.page - 1, box=_turned_back(stamp, page))


def stamp_style(writer: Any, stamp: VisibleStamp, text: str) -> StaticStampStyle:
    """What pyHanko draws in the field: one picture, turned as the page is shown."""
    from pyhanko.pdf_utils.images import PdfImage  # wants Pillow

    from warifu.documents.pdf_stamp_drawing import draw_stamp

    page = _page(writer, stamp)
    picture = draw_stamp(text, stamp.width, stamp.height).rotate(page.turned, expand=True)
    across = page.turned in (90, 270)
    width, height = (stamp.height, stamp.width) if across else (stamp.width, stamp.height)
    background = PdfImage(picture, name="Stamp", box=BoxConstraints(width, height))
    return StaticStampStyle(border_width=0, background=background, background_layout=_FILLING)


_FILLING = SimpleBoxLayoutRule(
    x_align=AxisAlignment.ALIGN_MID, y_align=AxisAlignment.ALIGN_MID, margins=Margins.uniform(0)
)


@dataclass(frozen=True, slots=True)
class _Page:
    """What is shown of a page: its box before it is turned, and how far it is turned clockwise."""

    left: float
    bottom: float
    width: float
    height: float
    turned: int


def _page(writer: Any, stamp: VisibleStamp) -> _Page:
    count = int(writer.root["/Pages"]["/Count"])
    if stamp.page > count:
        raise NotAllowed(f"the PDF has {count} pages; the stamp cannot stand on page {stamp.page}")
    page = writer.find_page_for_modification(stamp.page - 1)[0].get_object()
    box = _inherited(page, "/CropBox") or _inherited(page, "/MediaBox") or (0, 0, 612, 792)
    xs, ys = sorted((float(box[0]), float(box[2]))), sorted((float(box[1]), float(box[3])))
    turned = int(_inherited(page, "/Rotate") or 0) % 360
    return _Page(xs[0], ys[0], xs[1] - xs[0], ys[1] - ys[0], turned)


def _inherited(node: Any, key: str) -> Any:
    """An attribute of the page or of the nodes above it (ISO 32000-1 §7.7.3.4)."""
    for _ in range(64):
        if key in node:
            return node[key]
        if "/Parent" not in node:
            return None
        node = node["/Parent"]
    return None


def _placed(stamp: VisibleStamp, page: _Page) -> tuple[float, float]:
    """The lower left corner of the stamp on the page as it is shown."""
    across = page.turned in (90, 270)
    width, height = (page.height, page.width) if across else (page.width, page.height)
    left = width - _MARGIN - stamp.width if stamp.left is None else stamp.left
    bottom = _MARGIN if stamp.bottom is None else stamp.bottom
    if left < 0 or bottom < 0 or left + stamp.width > width or bottom + stamp.height > height:
        raise NotAllowed(f"the stamp would not be on page {stamp.page}, which is {width:g} by {height:g} points")
    return left, bottom


def _turned_back(stamp: VisibleStamp, page: _Page) -> tuple[int, int, int, int]:
    """The stamp's box in the page's own coordinates, where the page has not been turned yet."""
    left, bottom = _placed(stamp, page)
    right, top = left + stamp.width, bottom + stamp.height
    x0, y0, x1, y1 = {
        0: (left, bottom, right, top),
        90: (page.width - top, left, page.width - bottom, right),
        180: (page.width - right, page.height - top, page.width - left, page.height - bottom),
        270: (bottom, page.height - right, top, page.height - left),
    }[page.turned]
    return round(page.left + x0), round(page.bottom + y0), round(page.left + x1), round(page.bottom + y1)
