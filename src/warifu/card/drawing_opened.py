"""Pictures as they come from a card, which may hold anything; and as rows of grey for a screen of letters."""

import io
import struct

from PIL import Image

from warifu.errors import Malformed

__all__ = ["grey_rows", "ink_rows", "open_picture"]

_LARGEST = 4000
"""Pixels; what claims to be wider or higher is not opened."""
_PNG = bytes.fromhex("89504e470d0a1a0a")
_INK_AT = 150
"""Greys darker than this count as ink when a text has been made smaller: thin strokes must not vanish."""


def open_picture(picture: bytes) -> Image.Image:
    """A picture in grey: PNG, or else JPEG 2000.

    Raises:
        Malformed: neither, damaged, or far larger than any on a card.
    """
    damaged = (OSError, SyntaxError, ValueError, EOFError, struct.error)
    bombs = (Image.DecompressionBombError, Image.DecompressionBombWarning)
    kind = "PNG" if picture.startswith(_PNG) else "JPEG2000"
    try:
        with Image.open(io.BytesIO(picture), formats=(kind,)) as opened:
            if max(opened.size) > _LARGEST:
                raise Malformed("a picture of the card is too large")
            return opened.convert("L")
    except (*damaged, *bombs) as error:
        raise Malformed("a picture of the card cannot be opened") from error


def grey_rows(picture: bytes, width: int, height: int) -> list[bytes]:
    """The picture no wider and no higher than this, a byte a pixel, 0 black to 255 white."""
    return _rows(_fitted(open_picture(picture), width, height))


def ink_rows(picture: bytes, width: int, height: int) -> list[bytes]:
    """A picture of lines, without the paper around them, no wider and no higher than this: 0 is ink, 255 paper."""
    whole = open_picture(picture)
    inked = whole.point([255] * 128 + [0] * 128).getbbox()
    fitted = _fitted(whole.crop(inked) if inked else whole, width, height)
    return _rows(fitted.point([0] * _INK_AT + [255] * (256 - _INK_AT)))


def _fitted(picture: Image.Image, width: int, height: int) -> Image.Image:
    """The picture made smaller until it fits; never larger."""
    scale = min(1.0, width / picture.width, height / picture.height)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture if size == picture.size else picture.resize(size, Image.Resampling.BOX)


def _rows(picture: Image.Image) -> list[bytes]:
    pixels, width = picture.tobytes(), picture.width
    return [pixels[at : at + width] for at in range(0, len(pixels), width)]
