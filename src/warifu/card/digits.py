"""Digits as pictures of 1 bit, with nothing but the standard library."""

import struct
import zlib

DIGIT_SIZE = (6, 12)
_SIGNATURE = bytes.fromhex("89504e470d0a1a0a")
_PAPER_ROW = "1" * DIGIT_SIZE[0]

# Our own shapes, five columns and nine rows, one number a row; a row of paper above and two below, a column behind.
_SHAPES = {
    "0": (14, 17, 17, 19, 21, 25, 17, 17, 14),
    "1": (4, 12, 20, 4, 4, 4, 4, 4, 31),
    "2": (14, 17, 1, 1, 2, 4, 8, 16, 31),
    "3": (14, 17, 1, 1, 6, 1, 1, 17, 14),
    "4": (2, 6, 10, 10, 18, 18, 31, 2, 2),
    "5": (31, 16, 16, 30, 17, 1, 1, 17, 14),
    "6": (6, 8, 16, 16, 30, 17, 17, 17, 14),
    "7": (31, 17, 1, 2, 2, 4, 4, 8, 8),
    "8": (14, 17, 17, 17, 14, 17, 17, 17, 14),
    "9": (14, 17, 17, 17, 15, 1, 1, 2, 12),
}


def draw_digits(digits: str) -> bytes:
    """ASCII digits side by side, each 6×12 pixels, black on white, PNG."""
    columns = [_rows(digit) for digit in digits]
    return _png(DIGIT_SIZE[0] * len(digits), ["".join(row) for row in zip(*columns, strict=True)])


def _rows(digit: str) -> list[str]:
    """The twelve rows of a digit, a character a pixel: 0 is ink."""
    shape = [f"{~row & 0b11111:05b}1" for row in _SHAPES[digit]]
    return [_PAPER_ROW, *shape, _PAPER_ROW, _PAPER_ROW]


def _png(width: int, rows: list[str]) -> bytes:
    """A picture of 1 bit, grey. Source: PNG Specification (W3C) §5, §11.2; each row begins with filter type 0."""
    header = struct.pack(">IIBBBBB", width, len(rows), 1, 0, 0, 0, 0)
    pixels = b"".join(b"\0" + _packed(row) for row in rows)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(pixels, 9)), (b"IEND", b""))
    return _SIGNATURE + b"".join(_chunk(kind, data) for kind, data in chunks)


def _packed(row: str) -> bytes:
    whole = row.ljust(-(-len(row) // 8) * 8, "0")
    return int(whole, 2).to_bytes(len(whole) // 8, "big")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
