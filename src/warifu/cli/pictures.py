"""A card's pictures in the terminal: the portrait in half blocks of grey, black and white in dots.

A half block (▀) has two colours and so shows two pixels, one above the other; a letter of braille has two by four dots,
which makes lines finer. Both are plain text, which any terminal in UTF-8 shows; greys need 256 colours or more.
"""

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import click

from warifu.cli.texts import Text, tell, words

if TYPE_CHECKING:
    from rich.console import Console
    from rich.segment import Segment

__all__ = ["can_show", "dots", "half_blocks", "show_pictures"]

_LARGEST = {"portrait": (56, 76), "specimen": (120, 90)}
"""Columns, and pixels from top to bottom: half as many lines."""
_LINES = (240, 48)
"""The same for pictures of lines, in dots."""
_NAMES = {
    "name": Text("氏名", "name"),
    "address": Text("住所", "address"),
    "portrait": Text("顔写真", "portrait"),
    "number": Text("個人番号", "individual number"),
    "specimen": Text("見本", "specimen"),
}
_KEEP = Text(
    "画像はここには表示できません。--save FOLDER で保存できます",
    "pictures cannot be shown here; --save FOLDER keeps them",
)
_NO_GREYS = Text(
    "{name}: この端末には表示できません。--save FOLDER で保存できます",
    "{name}: this terminal has too few colours; --save FOLDER keeps it",
)
_HALF, _BRAILLE = "▀", 0x2800
_WHITE = 255
# The dots of a braille letter: (column, row) and the bit. Source: The Unicode Standard, Braille Patterns (U+2800).
_DOTS = {(0, 0): 1, (0, 1): 2, (0, 2): 4, (1, 0): 8, (1, 1): 16, (1, 2): 32, (0, 3): 64, (1, 3): 128}


def can_show() -> bool:
    """Whether stdout is a terminal that shows pictures of lines; greys need colours as well."""
    utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    return sys.stdout.isatty() and utf8 and os.environ.get("TERM") not in ("dumb", "unknown")


def show_pictures(pictures: Mapping[str, bytes], *, kept: bool) -> None:
    """Show what there is, by its name, or say how to keep it if it is not `kept`.

    Raises:
        Malformed: a picture cannot be opened.
        Unavailable: the extra ``images`` is not installed.
    """
    there = {name: picture for name, picture in pictures.items() if picture}
    if not can_show():
        if there and not kept:
            tell(_KEEP)
        return
    from rich.console import Console

    console = Console(highlight=False)
    for name, picture in there.items():
        _show(console, name, picture)


def _show(console: "Console", name: str, picture: bytes) -> None:
    from warifu.card import grey_rows, ink_rows

    if name not in _LARGEST:
        click.echo(words(_NAMES[name]))
        for line in dots(ink_rows(picture, min(2 * console.width, _LINES[0]), _LINES[1])):
            click.echo(line)
    elif console.no_color or console.color_system not in ("256", "truecolor"):
        tell(_NO_GREYS, name=words(_NAMES[name]))
    else:
        click.echo(words(_NAMES[name]))
        columns, height = _LARGEST[name]
        for segments in half_blocks(grey_rows(picture, min(console.width, columns), height)):
            console.print(_Line(segments), soft_wrap=True)


class _Line:
    """Segments as something that a console prints."""

    def __init__(self, segments: Sequence["Segment"]) -> None:
        self._segments = segments

    def __rich_console__(self, *_: object) -> Iterable["Segment"]:
        from rich.segment import Segment

        yield from self._segments
        yield Segment.line()


def half_blocks(rows: Sequence[bytes]) -> Iterable[list["Segment"]]:
    """Two rows of grey a line; where the last has none below it, white."""
    from rich.color import Color
    from rich.segment import Segment
    from rich.style import Style

    for top, bottom in zip(rows[::2], [*rows[1::2], bytes([_WHITE]) * len(rows[0])], strict=False):
        line = []
        for (upper, lower), run in groupby(zip(top, bottom, strict=True)):
            style = Style(color=Color.from_rgb(upper, upper, upper), bgcolor=Color.from_rgb(lower, lower, lower))
            line.append(Segment(_HALF * len(list(run)), style))
        yield line


def dots(rows: Sequence[bytes]) -> Iterable[str]:
    """Four rows of ink (0) and paper a line, two pixels a letter; paper at the end of a line is left out."""
    for top in range(0, len(rows), 4):
        band = rows[top : top + 4]
        letters = [_letter(band, left) for left in range(0, len(band[0]), 2)]
        yield "".join(letters).rstrip(chr(_BRAILLE))


def _letter(band: Sequence[bytes], left: int) -> str:
    inked = (bit for (x, y), bit in _DOTS.items() if y < len(band) and band[y][left + x : left + x + 1] == b"\0")
    return chr(_BRAILLE + sum(inked))
