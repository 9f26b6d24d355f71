"""The two-dimensional code for a phone's camera."""

import re
from functools import lru_cache

import segno
from markupsafe import Markup

_MASK = 2
"""Of the eight; a reader takes any. For the addresses of hand-overs it scores within two in a hundred of the best one,
and trying all of them, as ISO/IEC 18004:2015 §7.8.3 has it, takes longer than the rest of a page."""
_QUIET = 4
_RUNS = re.compile(rb"\x00+|\x01+")
_LONGEST = 177
"""Modules of a side at most."""
_STEPS = {bytes([dark]) * n: f"h{n}" if dark else f"m{n} 0" for n in range(1, _LONGEST + 1) for dark in (0, 1)}
"""A run of modules as a step of a path: along with the pen, or over."""


@lru_cache(maxsize=128)  # a waiting page is reloaded
def qr_svg(text: str, label: str) -> Markup:
    """A QR code (ISO/IEC 18004, level M, quiet zone 4) as an inline drawing; `label` is for those who cannot see it."""
    modules = segno.make_qr(text, error="m", mask=_MASK).matrix
    side = len(modules) + 2 * _QUIET
    return Markup(
        '<svg role="img" aria-label="{}" viewBox="0 0 {side} {side}" class="qr">'
        '<path fill="#fff" d="M0 0h{side}v{side}h-{side}z"/><path stroke="#000" d="{dark}"/></svg>'
    ).format(label, side=side, dark=_lines(modules))


def _lines(modules: tuple[bytearray, ...]) -> str:
    """Each row as a line one module wide, drawn where it is dark; segno's own drawing takes five times as long."""
    rows = ("".join(map(_STEPS.__getitem__, _RUNS.findall(row))) for row in modules)
    return "".join(f"M{_QUIET} {y}.5{row}" for y, row in enumerate(rows, _QUIET))
