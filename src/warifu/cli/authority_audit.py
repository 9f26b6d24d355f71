"""``warifu ca audit``: is the record what its log says?"""

from typing import TYPE_CHECKING, Any

import click

from warifu.cli.authority_open import opened_record, progress
from warifu.cli.commands import Command
from warifu.cli.results import json_option, show, show_table
from warifu.cli.root import settings
from warifu.cli.texts import Text, tell, words
from warifu.wire.authority import generations_of, log_key, witness_of

if TYPE_CHECKING:
    from warifu.wire.authority import Audit

__all__ = ["audit"]

_READING = Text("照合中", "comparing")
_WHOLE = Text(
    "記録はログのとおりです（葉{leaves}、行{rows}、署名{heads}、セレモニー{ceremonies}）",
    "the record is what its log says (leaves {leaves}, rows {rows}, heads {heads}, ceremonies {ceremonies})",
)
_WITNESSED = Text("葉{witnessed}まで第三者が保証しています", "another party vouches for {witnessed} leaves")
_NO_WITNESS = Text(
    "第三者がログの署名を預かっていません。[authority] witness で置き場所を決めてください",
    "nobody else keeps the log's heads: name a place under [authority] witness",
)
_NO_KEY = Text(
    "この認証局のログには鍵がなく、署名もありません（'warifu ca init' のセレモニーでつくります）",
    "the log of this authority has no key and no signed heads ('warifu ca init' makes one)",
)
_HEADINGS = (Text("表", "table"), Text("行", "row"), Text("相違", "difference"))


@click.command(
    cls=Command,
    help=Text(
        "追記専用ログを最初の葉から読み、木・署名・第三者の控え・すべての行と照合する。"
        "記録の書き換え・削除・追加は見つかる。鍵は要らない。",
        "Read the append-only log from its first leaf and hold its tree, its signed heads, what another party kept of "
        "them, and every row of the record against it. An edit, a deletion or an insertion is found. Needs no key.",
    ),
)
@json_option
def audit(as_json: bool) -> None:
    """Audit the record."""
    from warifu.wire.authority import audit as run
    from warifu.wire.authority import check_ceremonies

    chosen = settings()
    generations = generations_of(chosen)
    ceremonies = check_ceremonies(generations)
    key = log_key(generations) if ceremonies else None
    witness = None if key is None else witness_of(chosen, key)
    with opened_record(chosen) as engine, progress(_READING) as step:
        found = run(engine, key, witness, step)
    show(_json(found, ceremonies), as_json, lambda: _present(found, ceremonies))
    if witness is None:
        tell(_NO_KEY if key is None else _NO_WITNESS)
    found.check()


def _json(found: "Audit", ceremonies: int) -> dict[str, Any]:
    return {
        "leaves": found.leaves,
        "rows": found.rows,
        "heads": found.heads,
        "witnessed": found.witnessed,
        "ceremonies": ceremonies,
        "findings": [{"table": each.table, "key": list(each.key), "fault": each.fault} for each in found.findings],
    }


def _present(found: "Audit", ceremonies: int) -> None:
    if found.findings:
        rows = [[each.table, " ".join(map(str, each.key)), each.fault] for each in found.findings]
        show_table([words(heading) for heading in _HEADINGS], rows)
        return
    counts = {"leaves": found.leaves, "rows": found.rows, "heads": found.heads}
    click.echo(words(_WHOLE, **counts, ceremonies=ceremonies))
    if found.witnessed:
        click.echo(words(_WITNESSED, witnessed=found.witnessed))
