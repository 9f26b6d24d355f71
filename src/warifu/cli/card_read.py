"""``warifu card read``: what a card tells about itself and its holder."""

import click

from warifu.cli.commands import LazyGroup, Place
from warifu.cli.texts import Text

__all__ = ["read"]

_PLACES = {
    "text": Place(
        Text("氏名・住所・生年月日・性別", "name, address, birth date and sex"),
        "warifu.cli.card_read_text:text",
    ),
    "common": Place(
        Text("製造番号・市区町村コード・有効期限（暗証番号不要）", "serial number, municipality, expiry; needs no PIN"),
        "warifu.cli.card_read_printed:common",
    ),
    "age": Place(
        Text("生年月日だけ", "the birth date and nothing else"),
        "warifu.cli.card_read_printed:age",
    ),
    "face": Place(
        Text("券面（顔写真・氏名・住所の画像）", "the face: portrait, name and address as pictures"),
        "warifu.cli.card_read_printed:face",
    ),
    "resident": Place(
        Text("住基AP（住民票コードは町のカードの作りもの）", "the resident register application; its code is made up"),
        "warifu.cli.card_read_resident:resident",
    ),
}


@click.group(cls=LazyGroup, places=_PLACES, help=Text("カードから読む。", "Read a card."))
def read() -> None:
    """The group."""
