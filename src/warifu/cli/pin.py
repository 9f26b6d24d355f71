"""``warifu pin``: how many tries are left, and changing a PIN."""

from pathlib import Path
from typing import Any

import click

from warifu.cardmap import Application
from warifu.cli.card_choice import CardChoice, Held, card_options
from warifu.cli.commands import Group, argument
from warifu.cli.credentials import NAMES, Presenting, key_of
from warifu.cli.pins import PinName, ask_pin, force_option, pin_file_option, read_pin
from warifu.cli.results import json_option, show, show_table
from warifu.cli.texts import Text, tell, words
from warifu.errors import AnswerLost, NotOnCard
from warifu.reader import Credential, all_tries_left, applications_of, change_pin

__all__ = ["pin"]

_CHANGEABLE = {
    "auth": Credential.AUTHENTICATION_PIN,
    "sign": Credential.SIGNING_PASSWORD,
    "text": Credential.TEXT_PIN,
    "resident": Credential.RESIDENT_PIN,
    "common": Credential.COMMON_PIN,
}

_NEXT = (Application.NEXT_AUTHENTICATION, Application.NEXT_FACE)
_ON_NEXT = dict.fromkeys(_CHANGEABLE.values(), Credential.NEXT_PIN) | {
    Credential.SIGNING_PASSWORD: Credential.NEXT_SIGNING_PASSWORD
}

_HEADINGS = (Text("暗証番号など", "credential"), Text("残り", "tries left"), Text("最大", "of"))
_BLOCKED = Text("ロック", "blocked")
_ABSENT = Text("カードにない", "not on this card")
_NEW = Text("新しい{name}", "new {name}")
_CHANGED = Text("{name}を変更しました", "the {name} is changed")
_LISTED = Text("町の一覧も新しくしました", "the town lists the new one")
_EITHER = Text(
    "古いものと新しいもののどちらかが有効です。'warifu pin status' で残り回数を確かめてから試してください",
    "either the old or the new one holds; see 'warifu pin status' before you try",
)


@click.group(
    cls=Group, help=Text("カードの暗証番号: 残り回数と変更。", "The card's PINs: tries left, and changing them.")
)
def pin() -> None:
    """The group."""


@pin.command(
    "status",
    help=Text("残り回数を表示する（回数は減らない）。", "Show how many tries are left; asking spends none."),
)
@card_options
@json_option
def status(choice: CardChoice, as_json: bool) -> None:
    """Ask every application."""
    with choice.open() as held:
        tries = all_tries_left(held.connection)
    result = {key_of(each): _entry(each, left) for each, left in tries.items()}
    of_next = tries[Credential.NEXT_PIN] is not None
    listed = {each: left for each, left in tries.items() if (each.application in _NEXT) is of_next}
    rows = [(words(NAMES[each]), _said(left), str(each.pin.spec.tries)) for each, left in listed.items()]
    show(result, as_json, lambda: show_table([words(heading) for heading in _HEADINGS], rows))


@pin.command(
    "change",
    help=Text(
        "暗証番号を変更する。auth: 利用者証明用、sign: 署名用パスワード、text: 券面事項入力補助用、"
        "resident: 住民基本台帳用、common: 共通カードAP。",
        "Change a PIN. auth: authentication PIN, sign: signing password, text: text PIN, resident: resident register "
        "PIN, common: the common application's.",
    ),
)
@argument("which", type=PinName(list(_CHANGEABLE)))
@pin_file_option(
    "--pin-file", Text("今の暗証番号のファイル（-は標準入力）。", "A file with the present PIN (- is stdin).")
)
@pin_file_option("--new-pin-file", Text("新しい暗証番号のファイル。", "A file with the new PIN."))
@force_option
@card_options
@json_option
def change(
    which: str, choice: CardChoice, pin_file: Path | None, new_pin_file: Path | None, force: bool, as_json: bool
) -> None:
    """Old one, new one twice, then the card."""
    with choice.open() as held:
        credential = _on(held, _CHANGEABLE[which])
        _change(held, credential, Presenting(held, pin_file, force), new_pin_file, force)
    show({"changed": key_of(credential)}, as_json, lambda: tell(_CHANGED, name=words(NAMES[credential])))
    if held.persona is not None:
        tell(_LISTED)


def _on(held: Held, credential: Credential) -> Credential:
    """What the card has of this kind: on one of the next generation one PIN is all of today's with four digits."""
    there = applications_of(held.connection)
    return credential if Application.NEXT_AUTHENTICATION not in there else _ON_NEXT[credential]


def _change(held: Held, credential: Credential, presenting: Presenting, new_file: Path | None, force: bool) -> None:
    tries = all_tries_left(held.connection)[credential]
    name = words(NAMES[credential])
    if tries is None:
        raise NotOnCard(f"the {credential.pin.name}")
    old = presenting.obtain(credential, tries)
    question = words(_NEW, name=name)
    new = ask_pin(question, twice=True) if new_file is None else read_pin(new_file, question)
    try:
        change_pin(held.connection, credential, old, new, spend_last=force)
    except AnswerLost as error:
        error.add_note(_EITHER)
        raise
    held.changed(credential, new)


def _entry(credential: Credential, left: int | None) -> dict[str, Any] | None:
    if left is None:
        return None
    return {"tries_left": left, "tries": credential.pin.spec.tries, "blocked": left == 0}


def _said(left: int | None) -> str:
    return words(_ABSENT) if left is None else str(left) if left else words(_BLOCKED)
