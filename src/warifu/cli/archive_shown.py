"""How ``warifu archive`` shows what it found: counts first, then each document that somebody has to look after."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from warifu.cli.results import show_table
from warifu.cli.texts import Text, words

if TYPE_CHECKING:
    from warifu.wire.archive import Renewed, Summary

__all__ = ["present_renewed", "present_summary"]

_MOST = 50
_KINDS = {
    "TOTAL-PASSED": Text("有効", "valid"),
    "INDETERMINATE": Text("判断できない", "neither valid nor invalid"),
    "TOTAL-FAILED": Text("無効", "invalid"),
    "unreadable": Text("読めない・署名文書でない", "unreadable, or no signed document"),
}
_DOCUMENTS = Text("文書{number}件", "{number} documents")
_WORSE = Text("前回より悪くなったもの", "worse than the last time")
_ALTERED = Text("前回から内容が変わったもの", "other bytes than the last time")
_GONE = Text("なくなったもの", "gone since the last time")
_RENEW = Text("更新が必要なもの（warifu archive renew）", "to be renewed ('warifu archive renew')")
_MORE = Text("ほか{number}件（summary.json）", "and {number} more (summary.json)")
_NO_RENEWAL = Text("更新が必要なものはありません", "nothing needs to be renewed")
_HEADINGS = (Text("文書", "document"), Text("結果", "result"))


def present_summary(summary: "Summary") -> None:
    """Counts, and what has to be looked after."""
    click.echo(words(_DOCUMENTS, number=summary.documents))
    for kind, text in _KINDS.items():
        if summary.counts[kind]:
            click.echo(f"  {words(text)}: {summary.counts[kind]}")
    _present(_WORSE, [f"{each['name']}: {each['before']} → {each['now']} ({each['why']})" for each in summary.worse])
    _present(_ALTERED, summary.altered)
    _present(_GONE, summary.gone)
    _present(_RENEW, [f"{each['name']}: {each['lasts_until'][:10]}" for each in summary.renew])


def _present(heading: Text, lines: Sequence[str]) -> None:
    if not lines:
        return
    click.echo(f"\n{words(heading)}: {len(lines)}")
    for line in lines[:_MOST]:
        click.echo(f"  {_plain(line)}")
    if len(lines) > _MOST:
        click.echo(f"  {words(_MORE, number=len(lines) - _MOST)}")


def _plain(line: str) -> str:
    """A file may be called anything, also what steers a terminal."""
    return "".join(each if each.isprintable() else "�" for each in line)


def present_renewed(renewed: "Sequence[Renewed]") -> None:
    """Each that needed it, and what became of it."""
    if not renewed:
        click.echo(words(_NO_RENEWAL))
        return
    rows = [
        [_plain(each.name), each.description if each.lasts_until is None else f"→ {each.lasts_until:%Y-%m-%d}"]
        for each in renewed
    ]
    show_table([words(heading) for heading in _HEADINGS], rows)
