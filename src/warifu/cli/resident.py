"""``warifu resident``: the register of residents at a window, in the data directory or over REST."""

import click

from warifu.cli.commands import LazyGroup, Place
from warifu.cli.texts import Text

__all__ = ["resident"]

_SHOWN, _ACTS, _HOUSEHOLDS, _STATUS, _CARDS, _OPERATED = (
    f"warifu.cli.resident_{name}" for name in ("shown", "acts", "households", "status", "cards", "operated")
)
_PLACES = {
    "add": Place(Text("架空の住民を台帳に加える", "add people who do not exist"), f"{_OPERATED}:add"),
    "list": Place(Text("住民を探す", "find residents"), f"{_SHOWN}:list_"),
    "show": Place(Text("一人の記録・カード・操作履歴を見る", "one person: record, cards, log"), f"{_SHOWN}:show_one"),
    "birth": Place(Text("出生", "a birth"), f"{_ACTS}:birth"),
    "move": Place(Text("転居・転入（同じ日に転出する）", "move within, or to another municipality"), f"{_ACTS}:move"),
    "move-in": Place(Text("転入（国外から戻った人も）", "moving in, also back from abroad"), f"{_HOUSEHOLDS}:move_in"),
    "arrive": Place(Text("国外からの初めての転入", "first arrival from abroad"), f"{_HOUSEHOLDS}:arrive"),
    "leave": Place(Text("転出届（国外を含む）", "notice of moving out, also abroad"), f"{_ACTS}:leave"),
    "correct": Place(Text("職権修正・軽微な修正", "correct a record"), f"{_ACTS}:correct"),
    "name": Place(Text("氏名の変更・旧氏・通称", "another name, a former surname, an alias"), f"{_ACTS}:name"),
    "naturalise": Place(Text("帰化", "becoming Japanese"), f"{_STATUS}:naturalise"),
    "stay": Place(Text("在留資格・在留期間の変更", "a foreign resident's new stay"), f"{_STATUS}:stay"),
    "regroup": Place(
        Text("世帯分離・世帯合併・続柄変更", "divide or join households, other relationships"), f"{_HOUSEHOLDS}:regroup"
    ),
    "head": Place(Text("世帯主変更", "another head of a household"), f"{_HOUSEHOLDS}:head"),
    "die": Place(Text("死亡", "a death"), f"{_ACTS}:die"),
    "delete": Place(Text("職権消除・附票の消除", "delete a record or an annex"), f"{_STATUS}:delete"),
    "recording-error": Place(
        Text("証明書の記録誤り", "a certificate that says what the record never said"), f"{_STATUS}:recording_error"
    ),
    "card": Place(
        Text("カード: 申請・交付・暗証番号・紛失・返納", "a card: application, hand-over, PINs, loss, return"),
        f"{_CARDS}:card",
    ),
    "number-change": Place(Text("個人番号の変更", "ask for another individual number"), f"{_ACTS}:number_change"),
    "code-change": Place(Text("住民票コードの変更", "another resident record code"), f"{_ACTS}:code_change"),
    "protect": Place(Text("支援措置", "protection of victims of violence"), f"{_ACTS}:protect"),
    "day": Place(Text("日が変わったときの処理", "do what is due today"), f"{_OPERATED}:day"),
    "token": Place(Text("職員のトークン", "clerks' tokens"), f"{_OPERATED}:token"),
    "retention": Place(
        Text("保存期間を過ぎた記録を表示・消去する", "what is kept longer than it has to be; deletes it if told"),
        "warifu.cli.resident_retention:retention",
    ),
    "audit": Place(
        Text("操作履歴が書き換えられていないか確かめる", "is the log as it was written?"), f"{_OPERATED}:audit"
    ),
}


@click.group(
    cls=LazyGroup,
    places=_PLACES,
    help=Text(
        "住民基本台帳: 架空の住民の出生から死亡まで。データディレクトリの台帳か、--url の台帳で動きます。",
        "The register of residents, from birth to death; all of them are invented. In the data directory, or at --url.",
    ),
)
def resident() -> None:
    """The group."""
