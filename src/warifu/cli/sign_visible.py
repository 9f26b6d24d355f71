"""What a signed PDF shows: ``warifu sign --visible``."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import click

from warifu.cli.commands import option
from warifu.cli.texts import Text, words
from warifu.errors import Malformed

if TYPE_CHECKING:
    from warifu.documents import VisibleStamp

__all__ = ["stamp_of", "visible_options"]

_PDF_FORMS = ("pdf", "registry-pdf")
_ONLY_PDF = Text("目に見える署名はPDFにだけ付けられます", "only a PDF can show its signature")
_NO_PLACE = Text(
    "--visible-at は PAGE,X,Y,W,H です（ページは1から、あとはページの左下からのポイント）",
    "--visible-at is PAGE,X,Y,W,H: a page from 1 on, then points from the lower left of the page",
)


def visible_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds ``--visible``, ``--visible-at`` and ``--visible-text``."""
    for add in reversed(_OPTIONS):
        command = add(command)
    return command


_OPTIONS = (
    option(
        "--visible",
        is_flag=True,
        help=Text(
            "PDFのページに氏名と日時（日本時間）の枠を付ける。見た目は何の証明にもなりません。",
            "Show a frame with name and moment (Japanese time) on a page of the PDF; its looks prove nothing.",
        ),
    ),
    option(
        "--visible-at",
        metavar="PAGE,X,Y,W,H",
        help=Text(
            "枠の場所: ページ、左と下からの位置、幅、高さ（ポイント）。省くと1ページ目の右下。",
            "Where: the page, from its left, from below, width, height (points); else the lower right of page 1.",
        ),
    ),
    option("--visible-text", metavar="TEXT", help=Text("枠に書く文字。", "What stands in the frame instead.")),
)


def stamp_of(visible: bool, at: str | None, text: str | None, forms: Iterable[str]) -> "VisibleStamp | None":
    """The stamp that the options ask for, before any password is typed.

    Raises:
        click.UsageError: a form shows nothing, or the place is none.
        Unavailable: what draws is not installed.
    """
    if not (visible or at is not None or text is not None):
        return None
    if any(form not in _PDF_FORMS for form in forms):
        raise click.UsageError(words(_ONLY_PDF))
    from warifu.documents import VisibleStamp, check_can_draw

    check_can_draw()
    try:
        return VisibleStamp(**_place(at), text=text)
    except Malformed as error:
        raise click.UsageError(str(error)) from error


def _place(at: str | None) -> dict[str, Any]:
    if at is None:
        return {}
    try:
        page, left, bottom, width, height = at.split(",")
        points = {"left": left, "bottom": bottom, "width": width, "height": height}
        return {"page": int(page), **{name: float(value) for name, value in points.items()}}
    except ValueError as error:
        raise click.UsageError(words(_NO_PLACE)) from error
