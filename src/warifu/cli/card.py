"""``warifu card``: look at a card, read it, have it sign; in a reader or of the town."""

import click

from warifu.cli.commands import LazyGroup, Place
from warifu.cli.texts import Text

__all__ = ["card"]

_PLACES = {
    "info": Place(
        Text("カードの種類・証明書の有効期間・残り回数（暗証番号不要）", "kind, validity and tries left; needs no PIN"),
        "warifu.cli.card_info:info",
    ),
    "certificate": Place(
        Text("証明書を取り出す", "take a certificate out"),
        "warifu.cli.card_certificate:certificate",
    ),
    "read": Place(
        Text("氏名・住所などを読む", "read name, address and the like"),
        "warifu.cli.card_read:read",
    ),
    "verify": Place(
        Text("本物のカードで、書き換えられていないかを確かめる", "is this card genuine and unaltered?"),
        "warifu.cli.card_verify:verify",
    ),
    "probe": Place(
        Text("公開されている知識との違いを調べる（読むだけ）", "compare a card with what is publicly known"),
        "warifu.cli.card_probe:probe",
    ),
    "sign": Place(
        Text("ファイルに署名する（署名値のみ）", "sign a file: the bare signature"),
        "warifu.cli.card_sign:sign",
    ),
    "new": Place(
        Text("架空の人のカードをファイルにつくる", "make a card of an invented person in a file"),
        "warifu.cli.card_new:new",
    ),
    "serve": Place(
        Text(
            "町の人の、または新しいカードを仮想リーダーに入れる",
            "put a card (of the town, or a new one) into the virtual reader",
        ),
        "warifu.cli.card_serve:serve",
    ),
    "trace": Place(
        Text(
            "カードとのやりとりを記録し、表示し、別のカードと比べる",
            "record what is said to a card, show it, compare cards",
        ),
        "warifu.cli.card_trace:trace",
    ),
}


@click.group(
    cls=LazyGroup,
    places=_PLACES,
    help=Text(
        "カードを調べ、読み、署名させる。リーダーの実物でも、町の人のカード（--persona）でも同じです。",
        "Look at a card, read it, have it sign: a real one in a reader, or one of the town (--persona).",
    ),
)
def card() -> None:
    """The group."""
