"""The picture of a stamp: black on nothing, a thin frame around lines of text. Needs Pillow and a font."""

from functools import cache

from PIL import Image, ImageDraw, ImageFont
from pylopdf_fonts_jp import sans_path

from warifu.errors import Malformed

__all__ = ["draw_stamp"]

_DOTS = 4
"""Dots a point: 288 an inch."""
_MOST = 4_000_000
"""Dots of a picture; a larger stamp has fewer an inch."""
_LARGEST, _READABLE, _SMALLEST = 18, 8, 4
"""Points of the letters."""
_INNER = 0.3
"""What is left free at the frame, in heights of a letter."""


def draw_stamp(text: str, width: float, height: float) -> Image.Image:
    """The stamp, as large as the letters can be; what is not ink lets the page through.

    Raises:
        Malformed: the text does not fit in.
    """
    dots = min(_DOTS, (_MOST / (width * height)) ** 0.5)
    size = (max(1, round(width * dots)), max(1, round(height * dots)))
    face, lines = _fitting(text, size, dots)
    ink = Image.new("L", size, 0)
    pen = ImageDraw.Draw(ink)
    pen.rectangle((0, 0, size[0] - 1, size[1] - 1), outline=255, width=max(1, round(dots / 2)))
    step = face.size * 1.25
    top = (size[1] - step * len(lines)) / 2
    for number, line in enumerate(lines):
        pen.text((face.size * _INNER * 2, top + (number + 0.5) * step), line, fill=255, font=face, anchor="lm")
    return Image.merge("LA", (Image.new("L", size, 0), ink))


def _fitting(text: str, size: tuple[int, int], dots: float) -> tuple[ImageFont.FreeTypeFont, list[str]]:
    """As large as lines fit that are whole; where these would be tiny, as large as broken ones do."""
    choices = [(points, True) for points in range(_LARGEST, _READABLE - 1, -1)]
    choices += [(points, False) for points in range(_LARGEST, _SMALLEST - 1, -1)]
    for points, whole in choices:
        face = _font(max(1, round(points * dots)))
        lines = _lines(text, face, size[0] - face.size * _INNER * 4)
        fits = len(lines) * face.size * 1.25 <= size[1] - face.size * _INNER
        if fits and (not whole or lines == text.split("\n")):
            return face, lines
    raise Malformed("the text does not fit into the stamp")


def _lines(text: str, face: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """The lines of the text, broken at any letter where they are too long."""
    lines = []
    for paragraph in text.split("\n"):
        line = ""
        for letter in paragraph:
            if line and face.getlength(line + letter) > width:
                lines.append(line)
                line = ""
            line += letter
        lines.append(line)
    return lines


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(sans_path()), size)
