"""``warifu resident retention``: what the register keeps longer than it has to."""

from typing import TYPE_CHECKING

import click

from warifu.cli.commands import Command, option
from warifu.cli.register_open import registered
from warifu.cli.results import json_option, show, show_table
from warifu.cli.texts import Text, tell, words
from warifu.errors import Cancelled

if TYPE_CHECKING:
    from warifu.wire.registry import Over

__all__ = ["retention"]

_HEADINGS = (Text("記録", "record"), Text("件数", "count"), Text("この日より前", "before"), Text("根拠", "why"))
_KINDS = {
    "record": Text("除票", "deleted resident records"),
    "annex": Text("戸籍の附票の除票", "deleted annexes"),
    "card": Text("カード・スマートフォンと証明書の申請", "cards, phones and orders of certificates"),
    "look": Text("閲覧の履歴", "looks in the log"),
    "call": Text("コールセンターの受付", "calls to the hotline"),
    "letter": Text("処理の済んだ通知", "letters dealt with"),
}
_COUNTED = {
    "record": Text("消除", "the deletion"),
    "annex": Text("消除", "the deletion"),
    "card": Text("カードの終わり", "the card's end"),
    "look": Text("閲覧", "the look"),
    "call": Text("受付", "the call"),
    "letter": Text("応答", "the answer"),
}
_WHY = Text("{counted}から{years}年（{article}）", "{years} years after {counted} ({article})")
_NOTHING = Text("保存期間を過ぎた記録はありません", "nothing is kept longer than it has to be")
_WOULD = Text("--delete を付けると消去します", "--delete would delete them")
_ASK = Text("元に戻せない形で消去しますか", "delete them for good?")
_DELETED = Text("消去しました", "they are deleted")


@click.command(
    cls=Command,
    help=Text(
        "保存期間を過ぎた記録を表示する。--delete で消去する。操作履歴の木の葉（個人情報なし）は残る。",
        "Show what is kept longer than it has to be; --delete deletes it. The log's leaves, which name nobody, stay.",
    ),
)
@option("--delete", "deleting", is_flag=True, help=Text("消去する。", "Delete them."))
@option("--yes", is_flag=True, help=Text("確認せずに消去する。", "Do not ask."))
@json_option
def retention(deleting: bool, yes: bool, as_json: bool) -> None:
    """Show what is over, or delete it."""
    with registered() as house:
        over = house.registry.retention.find_over()
        show({"deleted": deleting, "records": [_json(each) for each in over]}, as_json, lambda: _present(over))
        if not over:
            tell(_NOTHING)
        elif not deleting:
            tell(_WOULD)
        else:
            if not yes and not click.confirm(words(_ASK), err=True):
                raise Cancelled
            house.registry.retention.delete_over()
            tell(_DELETED)


def _present(over: "tuple[Over, ...]") -> None:
    if over:
        show_table([words(heading) for heading in _HEADINGS], [_row(each) for each in over])


def _row(over: "Over") -> list[str]:
    rule = over.rule
    why = words(_WHY, years=rule.years, counted=words(_COUNTED[rule.kind.value]), article=rule.article)
    return [words(_KINDS[rule.kind.value]), str(over.count), over.before.isoformat(), why]


def _json(over: "Over") -> dict[str, str | int]:
    rule = over.rule
    return {
        "record": rule.kind.value,
        "count": over.count,
        "before": over.before.isoformat(),
        "years": rule.years,
        "counted_from": rule.counted_from,
        "article": rule.article,
    }
