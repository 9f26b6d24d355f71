"""``warifu ca report`` and ``warifu ca retention``: what is published every year, what is kept too long."""

from typing import TYPE_CHECKING

import click

from warifu.cli.authority_open import moment_text, opened_record, progress
from warifu.cli.commands import Command, argument, option
from warifu.cli.results import json_option, show, show_table
from warifu.cli.root import settings
from warifu.cli.texts import Text, tell, words
from warifu.errors import Cancelled
from warifu.wire.clock import SystemClock

if TYPE_CHECKING:
    from warifu.wire.authority import Over

__all__ = ["report", "retention"]

_REPORT = (
    Text("月", "month"),
    Text("提供先", "recipient"),
    Text("内容", "what"),
    Text("方法", "way"),
    Text("件数", "count"),
)
_OVER = (Text("記録", "record"), Text("名前", "name"), Text("期間の終わり", "time was over"), Text("根拠", "why"))
_NOTHING = Text("保存期間を過ぎた記録はありません", "nothing is kept longer than it has to be")
_WOULD = Text("--delete を付けると{count}件を消去します", "--delete would delete these {count}")
_ASK = Text("{count}件の記録を元に戻せない形で消去しますか", "delete {count} records for good?")
_DELETING, _DELETED = Text("消去", "deleting"), Text("{count}件を消去しました", "{count} records are deleted")


@click.command(
    cls=Command,
    help=Text(
        "一年間に誰へ何を何件提供したかを表示する（公的個人認証法 第41条）。",
        "Show what was told to whom in a year, and how often (公的個人認証法 第41条).",
    ),
)
@argument("year", type=click.IntRange(2000, 9999))
@json_option
def report(year: int, as_json: bool) -> None:
    """Show the report."""
    from warifu.ca import yearly_report
    from warifu.wire.authority import Counts, Recipients

    with opened_record(settings()) as engine:
        clock = SystemClock()
        lines = yearly_report(Counts(engine, clock).all(), Recipients(engine, clock).all(), year)
    rows = [[line.month, line.recipient, line.service.value, line.way.value, str(line.count)] for line in lines]
    names = ("month", "recipient", "service", "way")
    show(
        [{**dict(zip(names, row, strict=False)), "count": line.count} for row, line in zip(rows, lines, strict=True)],
        as_json,
        lambda: show_table([words(heading) for heading in _REPORT], rows),
    )


@click.command(
    cls=Command,
    help=Text(
        "法令の保存期間を過ぎた記録を表示する。--delete で消去する。追記専用ログの葉（個人情報なし）は残る。",
        "Show records that are kept longer than the law wants; --delete deletes them. The log's leaves, which name no "
        "person, stay.",
    ),
)
@option("--delete", "deleting", is_flag=True, help=Text("消去する。", "Delete them."))
@option("--yes", is_flag=True, help=Text("確認せずに消去する。", "Do not ask."))
@json_option
def retention(deleting: bool, yes: bool, as_json: bool) -> None:
    """Show what is over, or delete it."""
    from warifu.wire.authority import delete_over, find_over

    now = SystemClock().now()
    with opened_record(settings()) as engine:
        over = find_over(engine, now)
        show(
            {"deleted": deleting, "records": [_json(each) for each in over]},
            as_json,
            lambda: _present(over),
        )
        if not over:
            tell(_NOTHING)
        elif not deleting:
            tell(_WOULD, count=len(over))
        else:
            if not yes and not click.confirm(words(_ASK, count=len(over)), err=True):
                raise Cancelled
            with progress(_DELETING) as step:
                count = delete_over(engine, over, now, step)
            tell(_DELETED, count=count)


def _json(over: "Over") -> dict[str, str]:
    found = over.deletion
    return {
        "record": found.record.kind.value,
        "table": over.table.name,
        "name": found.record.id,
        "since": moment_text(found.since),
        "why": found.why,
    }


def _present(over: "list[Over]") -> None:
    if over:
        names = ("table", "name", "since", "why")
        show_table([words(heading) for heading in _OVER], [[_json(each)[name] for name in names] for each in over])
