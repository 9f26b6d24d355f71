"""Pictures in the visual application's files: told by their first bytes, never drawn here."""

from warifu.errors import Malformed

_PNG = bytes.fromhex("89504e470d0a1a0a")
_PNG_HEADER = _PNG + bytes.fromhex("0000000d") + b"IHDR"
_JP2 = bytes.fromhex("0000000c6a5020200d0a870a")


def check_png(picture: bytes) -> None:
    """Check that a picture is a PNG.

    Source: PNG Specification (W3C) §5.2.

    Raises:
        Malformed: it begins otherwise.
    """
    if not picture.startswith(_PNG):
        raise Malformed("the picture is not a PNG")


def check_jp2(picture: bytes) -> None:
    """Check that a picture is a JPEG 2000 in its JP2 container.

    Source: ISO/IEC 15444-1 §I.5.1.

    Raises:
        Malformed: it begins otherwise.
    """
    if not picture.startswith(_JP2):
        raise Malformed("the picture is not a JP2")


def png_size(picture: bytes) -> tuple[int, int]:
    """Width and height of a PNG, pixels.

    Raises:
        Malformed: no PNG, or cut short.
    """
    start = len(_PNG_HEADER)
    if not picture.startswith(_PNG_HEADER) or len(picture) < start + 8:
        raise Malformed("the picture is not a PNG")
    return int.from_bytes(picture[start : start + 4], "big"), int.from_bytes(picture[start + 4 : start + 8], "big")
