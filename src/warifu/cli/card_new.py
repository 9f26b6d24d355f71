"""``warifu card new``: a card of one's own in a file, of any kind, without a town."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from warifu.cli.commands import Command, argument, option
from warifu.cli.results import json_option, show, show_table
from warifu.cli.texts import Text, tell, words

if TYPE_CHECKING:
    from warifu.testing import SoftwareCard

__all__ = ["new", "profile_option", "secrets_of", "show_secrets"]

_KINDS = ("a", "b", "child", "foreign", "face-verification", "android", "iphone", "next-generation")
_SECRETS = {
    "authentication_pin": Text("利用者証明用暗証番号", "authentication PIN"),
    "signing_password": Text("署名用パスワード", "signing password"),
    "text_pin": Text("券面事項入力補助用暗証番号", "text PIN"),
    "resident_pin": Text("住民基本台帳用暗証番号", "resident PIN"),
    "common_pin": Text("共通カードAPの暗証番号", "common PIN"),
    "matching_number_b": Text("照合番号B", "matching number B"),
    "birth_date_key": Text("生年月日（券面の年で6桁）", "birth date (YYMMDD, year as printed)"),
}
_WHAT, _VALUE = Text("開くもの", "what opens it"), Text("値", "value")
_MADE = Text(
    "架空の人のカードを {path} につくりました。'warifu card serve --file' でリーダーに入れられます",
    "a card of an invented person is in {path}; 'warifu card serve --file' puts it into the reader",
)

profile_option = option(
    "--profile",
    type=click.Choice(_KINDS),
    help=Text(
        "カードの種類: a・b（プラスチックの二つの世代）、child（署名用証明書なし）、foreign（外国人住民、券面は西暦）、"
        "face-verification（顔認証カード、暗証番号なし）、android・iphone（スマートフォン）、next-generation（次期カード、推定）。",
        "The kind of card: a, b (the two generations of plastic), child (no signing certificate), foreign (Western "
        "year on the face), face-verification (no PINs), android, iphone (what a phone holds), next-generation "
        "(modelled).",
    ),
)
"""Adds ``--profile``."""


@click.command(
    cls=Command,
    help=Text(
        "架空の人のカードをファイルにつくる（町は不要）。使った回数も変更した暗証番号もファイルに残ります。",
        "Make a card of an invented person in a file; no town is needed. Tries and changed PINs stay in the file.",
    ),
)
@argument("file", type=click.Path(dir_okay=False, path_type=Path))
@profile_option
@json_option
def new(file: Path, profile: str | None, as_json: bool) -> None:
    """Make it, tell what opens it."""
    from warifu.testing import CARD_KINDS
    from warifu.wire.card_store import JournalStore

    kind = profile or _KINDS[0]
    card = CARD_KINDS[kind].make()
    JournalStore.create(file, card.store.read()).close()
    show_secrets({"file": str(file), "profile": kind, **secrets_of(card)}, as_json)
    tell(_MADE, path=file)


def secrets_of(card: "SoftwareCard") -> dict[str, str | None]:
    """What opens the card, None where it has no such thing; the individual number is not among it."""
    present = {name: getattr(card, name) for name in _SECRETS}
    return {name: value if _opens(name, card) else None for name, value in present.items()}


_OTHERWISE = {
    "authentication_pin": ("NEXT_PIN",),
    "signing_password": ("NEXT_SIGNING_PASSWORD",),
    "matching_number_b": ("VISUAL_MATCHING_NUMBER_B", "NEXT_MATCHING_NUMBER_B"),
    "birth_date_key": ("BIRTH_DATE", "NEXT_BIRTH_DATE"),
}
"""Credentials that are not called as they are here."""


def _opens(name: str, card: "SoftwareCard") -> bool:
    from warifu.reader import all_tries_left

    tries = {credential.name: left for credential, left in all_tries_left(card.connection).items()}
    return any(tries.get(each) for each in (name.upper(), *_OTHERWISE.get(name, ())))


def show_secrets(result: dict[str, Any], as_json: bool) -> None:
    """Print what opens a card."""
    rows = [(words(heading), str(result[name])) for name, heading in _SECRETS.items() if result[name]]
    show(result, as_json, lambda: show_table([words(_WHAT), words(_VALUE)], rows))
