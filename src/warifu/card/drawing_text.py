"""Texts as pictures of 1 bit."""

import io
import unicodedata
from functools import cache, lru_cache

from PIL import Image, ImageDraw, ImageFont, features
from pylopdf_fonts_jp import sans_path

from warifu.errors import Malformed

# Modelled: both sizes.
NAME_SIZE = (480, 60)
ADDRESS_SIZE = (640, 84)
_NAME_FONTS = (40, 32, 28, 24, 20, 16, 12)
_ADDRESS_FONTS = (26, 24, 20, 16, 12)
_PAPER, _INK = 1, 0
_GETA = "〓"
_NOWHERE = "\U0010ffff"
"""A code point that no font has a glyph for."""


def draw_name(text: str) -> bytes:
    """The name as printed, PNG."""
    return png(draw_text(text, NAME_SIZE, _NAME_FONTS))


def draw_address(text: str) -> bytes:
    """The address as printed, PNG."""
    return png(draw_text(text, ADDRESS_SIZE, _ADDRESS_FONTS))


def draw_text(text: str, size: tuple[int, int], font_sizes: tuple[int, ...]) -> Image.Image:
    """A text in lines, in the largest of these font sizes that lets it fit.

    Raises:
        Malformed: it fits in none.
    """
    clusters = _clusters(text)
    for font_size in font_sizes:
        face, line_height = font(font_size), font_size * 5 // 4
        lines = _lines([_drawable(cluster, face) for cluster in clusters], face, size[0])
        if len(lines) * line_height <= size[1]:
            return _draw_lines(lines, face, line_height, size)
    raise Malformed("the text is too wide for its picture")


def png(picture: Image.Image) -> bytes:
    """A picture as PNG, without metadata."""
    written = io.BytesIO()
    picture.save(written, "PNG", optimize=True)
    return written.getvalue()


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """The font, so many pixels high. Shapes chosen by variation selectors (IVS) need the Raqm layout engine."""
    engine = ImageFont.Layout.RAQM if features.check("raqm") else ImageFont.Layout.BASIC
    return ImageFont.truetype(str(sans_path()), size, layout_engine=engine)


def _draw_lines(lines: list[str], face: ImageFont.FreeTypeFont, line_height: int, size: tuple[int, int]) -> Image.Image:
    picture = Image.new("1", size, _PAPER)
    pen = ImageDraw.Draw(picture)
    for at, line in enumerate(lines):
        pen.text((0, (at + 0.5) * line_height), line, fill=_INK, font=face, anchor="lm")
    return picture


def _clusters(text: str) -> list[str]:
    """Letters, each with the marks and variation selectors that belong to it."""
    clusters: list[str] = []
    for character in text:
        if clusters and unicodedata.category(character) in ("Mn", "Mc", "Me"):
            clusters[-1] += character
        else:
            clusters.append(character)
    return clusters


def _drawable(cluster: str, face: ImageFont.FreeTypeFont) -> str:
    """The cluster as the font can draw it: without selectors where nothing understands them, 〓 without a glyph."""
    if not _has_glyph(cluster[0], face):
        return _GETA
    return cluster if face.layout_engine == ImageFont.Layout.RAQM else cluster[0]


@lru_cache(4096)
def _has_glyph(character: str, face: ImageFont.FreeTypeFont) -> bool:
    # A font draws the same box for whatever it lacks.
    return character.isspace() or bytes(face.getmask(character)) != bytes(face.getmask(_NOWHERE))


def _lines(clusters: list[str], face: ImageFont.FreeTypeFont, width: int) -> list[str]:
    lines = [""]
    for cluster in clusters:
        if lines[-1] and face.getlength(lines[-1] + cluster) > width:
            lines.append("")
        lines[-1] += cluster
    return lines
