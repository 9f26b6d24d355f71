"""The two-dimensional code for a phone's camera."""

from functools import lru_cache

import segno
from markupsafe import Markup


@lru_cache(maxsize=128)  # trying all masks takes longer than the rest of a page, and a waiting page is reloaded
def qr_svg(text: str, label: str) -> Markup:
    """A QR code (ISO/IEC 18004, level M, quiet zone 4) as an inline drawing; `label` is for those who cannot see it."""
    code = segno.make_qr(text, error="m")
    drawing = code.svg_inline(border=4, omitsize=True, svgclass="qr", lineclass=None, dark="#000", light="#fff")
    opening, body = Markup('<svg role="img" aria-label="{}"').format(label), drawing.removeprefix("<svg")
    return opening + Markup(body)  # noqa: S704  drawn by segno out of modules, not out of text
