"""``warifu rp``: what a relying party forgets to check."""

from typing import TYPE_CHECKING

import click

from warifu.cli.commands import Group, argument, option
from warifu.cli.results import json_option, show, show_table
from warifu.cli.texts import Text, tell, words
from warifu.wire.clock import SystemClock, SystemEntropy

if TYPE_CHECKING:
    from warifu.town.examiner import Verdict

__all__ = ["rp"]

_CONFIGURE = Text(
    "審査用のプロバイダー: {issuer}（クライアントの発行者をこれに設定しておきます）",
    "the examining provider: {issuer} (the client must be configured for this issuer)",
)
_KEPT, _BROKEN = Text("守っている", "kept"), Text("見逃した", "swallowed")
_HEADINGS = (Text("項目", "what"), Text("判定", "verdict"), Text("見たもの", "seen"), Text("根拠", "rule"))
_ALL_KEPT = Text("すべて守られています", "every rule is kept")
_SOME = Text("{number}件の誤りを見逃しました", "faults swallowed: {number}")
_GAIN = Text("{code} を見逃すと: {gain}", "{code} swallowed: {gain}")


@click.group(
    cls=Group,
    help=Text(
        "ログインを組み込んだサービス（リライングパーティ）を審査する。",
        "Examine services that have a login built in (relying parties).",
    ),
)
def rp() -> None:
    """The group."""


@rp.command(
    "examine",
    help=Text(
        "わざと誤るプロバイダーを動かし、自分のクライアントがどの誤りを見逃すか調べる。"
        "URLは、開くとログインが始まるクライアントのページ。実在の人の情報は使いません。",
        "Run a provider that misbehaves on purpose, and see which faults your client swallows. "
        "URL is the client's page at which a login begins. Nobody real logs in.",
    ),
)
@argument("url")
@option(
    "--port",
    type=click.IntRange(1024, 65535),
    default=8713,
    show_default=True,
    help=Text("審査用のプロバイダーが待ち受けるポート。", "The port of the examining provider."),
)
@option(
    "--logged-in",
    "marker",
    metavar="TEXT",
    help=Text("ログインした人にだけ見える文字列。", "A text that only somebody who is logged in sees."),
)
@json_option
def examine(url: str, port: int, marker: str | None, as_json: bool) -> None:
    """Exit code 1 where a fault was swallowed."""
    from warifu.town.examiner import examine_client, issuer_at
    from warifu.wire.serving import reserve

    reserved = reserve("localhost", port)
    try:
        examiner = issuer_at(reserved, SystemClock(), SystemEntropy())
        tell(_CONFIGURE, issuer=examiner.provider.issuer)
        found = examine_client(url, examiner, reserved, marker=marker)
    finally:
        reserved.close()
    told = [{"name": one.code, "kept": one.kept, "saw": one.saw, "rule": one.clause, "gain": one.gain} for one in found]
    show(told, as_json, lambda: _present(found))
    swallowed = [one for one in found if not one.kept]
    if not swallowed:
        tell(_ALL_KEPT)
        return
    tell(_SOME, number=len(swallowed))
    click.get_current_context().exit(1)


def _present(found: "list[Verdict]") -> None:
    rows = [(one.code, words(_KEPT if one.kept else _BROKEN), one.saw, one.clause) for one in found]
    show_table([words(heading) for heading in _HEADINGS], rows)
    for one in found:
        if not one.kept and one.gain:
            click.echo(words(_GAIN, code=one.code, gain=words(Text(one.gain_japanese, one.gain))))
