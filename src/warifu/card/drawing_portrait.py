"""Portraits of nobody: a face out of circles and lines, always the same for the same seed."""

import hashlib
import io
from dataclasses import dataclass

from PIL import Image, ImageDraw, features

from warifu.card.drawing_text import font
from warifu.errors import Unavailable

# Modelled: the size; only that the picture is grey is known. 7:9 is that of the photograph one hands in (35×45 mm).
SIZE = (252, 324)
_SCALE = 3
"""Drawn so many times larger, then reduced: round edges without steps."""
_COMPRESSION = 20

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class _Traits:
    """What tells one drawn face from another; each from one byte of a hash."""

    skin: int
    hair: int
    clothes: int
    style: int
    head: int
    eye_distance: int
    brow: int
    mouth: int
    glasses: bool

    @classmethod
    def of(cls, seed: bytes) -> "_Traits":
        chance = hashlib.sha256(b"warifu portrait\0" + seed).digest()
        return cls(
            skin=200 + chance[0] % 36,
            hair=30 + chance[1] % 120,
            clothes=60 + chance[2] % 110,
            style=chance[3] % 4,
            head=66 + chance[4] % 13,
            eye_distance=25 + chance[5] % 9,
            brow=chance[6] % 7 - 3,
            mouth=14 + chance[7] % 14,
            glasses=chance[8] % 3 == 0,
        )


def draw_portrait(seed: bytes) -> bytes:
    """The portrait as a grey JP2.

    Raises:
        Unavailable: this build of Pillow cannot write JPEG 2000.
    """
    if not features.check("jpg_2000"):
        raise Unavailable("this build of Pillow cannot write JPEG 2000")
    written = io.BytesIO()
    picture = paint(seed)
    picture.save(written, "JPEG2000", quality_mode="rates", quality_layers=[_COMPRESSION], irreversible=True)
    return written.getvalue()


def paint(seed: bytes) -> Image.Image:
    """The portrait as a picture."""
    traits = _Traits.of(seed)
    large = Image.new("L", (SIZE[0] * _SCALE, SIZE[1] * _SCALE), 244)
    brush = _Brush(ImageDraw.Draw(large))
    _paint_behind(brush, traits)
    _paint_head(brush, traits)
    _paint_hair(brush, traits)
    _paint_features(brush, traits)
    _paint_word(brush)
    return large.resize(SIZE, Image.Resampling.LANCZOS)


class _Brush:
    """Draws in the pixels of the finished picture, from its middle: x to the right, y down from the top."""

    def __init__(self, pen: ImageDraw.ImageDraw) -> None:
        self.pen = pen

    def ellipse(self, x: float, y: float, rx: float, ry: float, fill: int, outline: int | None = None) -> None:
        self.pen.ellipse(_box(x, y, rx, ry), fill=fill, outline=outline, width=2 * _SCALE)

    def ring(self, x: float, y: float, r: float, shade: int) -> None:
        self.pen.ellipse(_box(x, y, r, r), outline=shade, width=2 * _SCALE)

    def rectangle(self, x: float, y: float, rx: float, ry: float, fill: int) -> None:
        self.pen.rounded_rectangle(_box(x, y, rx, ry), radius=12 * _SCALE, fill=fill)

    def upper_half(self, x: float, y: float, rx: float, ry: float, fill: int) -> None:
        self.pen.pieslice(_box(x, y, rx, ry), 180, 360, fill=fill)

    def smile(self, x: float, y: float, rx: float, ry: float, shade: int) -> None:
        self.pen.arc(_box(x, y, rx, ry), 25, 155, fill=shade, width=3 * _SCALE)

    def line(self, x: float, y: float, to_x: float, to_y: float, shade: int) -> None:
        ends = [(_middle(x), y * _SCALE), (_middle(to_x), to_y * _SCALE)]
        self.pen.line(ends, fill=shade, width=4 * _SCALE)


def _middle(x: float) -> float:
    return (SIZE[0] / 2 + x) * _SCALE


def _box(x: float, y: float, rx: float, ry: float) -> Box:
    return (_middle(x - rx), (y - ry) * _SCALE, _middle(x + rx), (y + ry) * _SCALE)


def _paint_behind(brush: _Brush, traits: _Traits) -> None:
    """Long hair, shoulders, neck."""
    if traits.style == 1:
        brush.rectangle(0, 165, traits.head + 14, 95, traits.hair)
    brush.ellipse(0, 330, 118, 82, traits.clothes)
    brush.rectangle(0, 235, 26, 34, traits.skin - 14)


def _paint_head(brush: _Brush, traits: _Traits) -> None:
    for side in (-1, 1):
        brush.ellipse(side * traits.head, 158, 12, 18, traits.skin - 8)
    brush.ellipse(0, 152, traits.head, 88, traits.skin)


def _paint_hair(brush: _Brush, traits: _Traits) -> None:
    """Short, long, parted, or nearly none."""
    if traits.style == 3:
        brush.upper_half(0, 96, traits.head - 22, 34, traits.hair)
        return
    brush.upper_half(0, 132, traits.head + 6, 82, traits.hair)
    if traits.style == 2:
        brush.ellipse(-24, 132, traits.head - 16, 24, traits.skin)
    else:
        brush.ellipse(0, 140, traits.head - 10, 30, traits.skin)


def _paint_features(brush: _Brush, traits: _Traits) -> None:
    for side in (-1, 1):
        eye = side * traits.eye_distance
        brush.ellipse(eye, 156, 9, 6, 250, 70)
        brush.ellipse(eye, 156, 4, 5, 25)
        brush.line(eye - 12, 138 + side * traits.brow, eye + 12, 138 - side * traits.brow, traits.hair)
        if traits.glasses:
            brush.ring(eye, 156, 19, 50)
    brush.line(0, 164, -5, 184, traits.skin - 45)
    brush.smile(0, 200, traits.mouth, 10, 90)


def _paint_word(brush: _Brush) -> None:
    """見本 on the chest: nobody shall take this for a photograph."""
    brush.pen.text((_middle(0), 300 * _SCALE), "見本", fill=235, font=font(30 * _SCALE), anchor="mm")
