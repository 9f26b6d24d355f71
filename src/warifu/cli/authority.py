"""``warifu ca``: the authorities' operators: keys, lists, the log, who may ask."""

import click

from warifu.cli.commands import LazyGroup, Place
from warifu.cli.texts import Text

__all__ = ["ca"]

_PLACES = {
    "init": Place(
        Text("二人で認証局の鍵をつくる（鍵生成セレモニー）", "make the authorities' keys, two persons together"),
        "warifu.cli.authority_keys:init",
    ),
    "roll": Place(
        Text("認証局の鍵を新しい世代に替える", "make the next generation of an authority's key"),
        "warifu.cli.authority_keys:roll",
    ),
    "leaked": Place(
        Text("鍵の漏えいを記録し、その鍵の証明書をすべて失効させる", "a generation's key leaked: revoke all under it"),
        "warifu.cli.authority_leak:leaked",
    ),
    "publish": Place(
        Text(
            "失効リスト・事前署名した応答・ログの署名を新しくする", "make lists, early answers and the log's head anew"
        ),
        "warifu.cli.authority_publish:publish",
    ),
    "produce": Place(
        Text(
            "失効リストと応答を複数の計算機で一括してつくる",
            "make lists and early answers in bulk, on several machines",
        ),
        "warifu.cli.authority_bulk:produce",
    ),
    "snapshot": Place(
        Text("証明書すべての状態を一つのファイルに書く", "write the status of all certificates into one file"),
        "warifu.cli.authority_bulk:snapshot",
    ),
    "audit": Place(
        Text("記録が追記専用ログのとおりか確かめる", "is the record what the append-only log says?"),
        "warifu.cli.authority_audit:audit",
    ),
    "list": Place(
        Text("証明書を状態別に表示する（個人情報なし）", "certificates by state; no personal data"),
        "warifu.cli.authority_shown:list_",
    ),
    "show": Place(
        Text("証明書一つの経過を表示する（個人情報なし）", "one certificate's life; no personal data"),
        "warifu.cli.authority_shown:show_one",
    ),
    "recipients": Place(
        Text("失効情報を受ける署名検証者などの登録", "who may ask for revocation data"),
        "warifu.cli.authority_recipients:recipients",
    ),
    "report": Place(
        Text("提供状況の年次報告（件数）", "the yearly report: what was told to whom, how often"),
        "warifu.cli.authority_records:report",
    ),
    "retention": Place(
        Text("保存期間を過ぎた記録を表示・消去する", "what is kept longer than the law wants; deletes it if told"),
        "warifu.cli.authority_records:retention",
    ),
}


@click.group(
    cls=LazyGroup,
    places=_PLACES,
    help=Text(
        "認証局を運営する: 鍵、失効リスト、追記専用ログ、検証者。設定は warifu.toml の [authority]。",
        "Operate the certification authorities: keys, revocation lists, the log, verifiers. "
        "Settings are under [authority] in warifu.toml.",
    ),
)
def ca() -> None:
    """The group."""
