"""``warifu card read resident``: the resident register application, whose code is read only where it is asked for."""

from pathlib import Path
from typing import Any

import click

from warifu.cli.card_choice import CardChoice, Held, card_options
from warifu.cli.card_shown import show_read
from warifu.cli.commands import Command, option
from warifu.cli.credentials import Presenting
from warifu.cli.pins import force_option, the_pin_file_option
from warifu.cli.results import json_option
from warifu.cli.texts import Text, tell
from warifu.errors import NotOnCard
from warifu.reader import ResidentSession, open_resident

__all__ = ["resident"]

_LAW = Text(
    "住民票コードを読みます。本人のカードに限ります（住民基本台帳法第30条の38）。何も保存しません",
    "reading the resident record code: for your own card (Basic Resident Registration Act, article 30-38); nothing is "
    "kept",
)
_SYNTHETIC = Text(
    "住民票コードのファイルの形式は公開されていません。これは町のカードのために作ったもので、実在の人のものではありません",
    "how a card holds the code is not public: this file was made up for the cards of the town, and so was the code",
)
_ASK_FOR_IT = Text(
    "住民票コードは --record-code を付けたときだけ読みます",
    "the resident record code is read with --record-code only",
)
_NOT_KNOWN = Text("実物のカードのどこにあるかは公開されていません", "where a real card holds it is not publicly known")


@click.command(
    cls=Command,
    help=Text(
        "住基APを読む。暗証番号なしで読めるのは鍵の名前と残り回数だけです。"
        "住民票コードは --record-code を付け、住民基本台帳用暗証番号を照合したときだけ読みます"
        "（町のカードだけにある、形式も番号も作りもののファイルです）。",
        "Read the resident register application. The name of a key and the tries left are free. The resident record "
        "code is read with --record-code only and opens with the resident PIN: a synthetic file that only the town's "
        "cards have, code and layout made up.",
    ),
)
@option("--record-code", is_flag=True, help=Text("住民票コードも読む。", "Read the resident record code, too."))
@the_pin_file_option
@force_option
@card_options
@json_option
def resident(choice: CardChoice, record_code: bool, pin_file: Path | None, force: bool, as_json: bool) -> None:
    """What is free, and the code where it is asked for."""
    with choice.open() as held:
        session = open_resident(held.connection)
        result: dict[str, Any] = {
            "key_reference": _key_reference(session),
            "tries_left": session.tries_left(),
            "record_code": _code(session, held, Presenting(held, pin_file, force)) if record_code else None,
        }
    show_read(result, as_json, _SYNTHETIC if record_code else _ASK_FOR_IT)


def _key_reference(session: ResidentSession) -> str | None:
    """The name of a key; a card of the next generation has none such."""
    try:
        return str(session.key_reference())
    except NotOnCard:
        return None


def _code(session: ResidentSession, held: Held, presenting: Presenting) -> str:
    tell(_LAW)
    presenting.present(session.credential, session.tries_left, session.verify)
    try:
        return session.record_code().reveal()
    except NotOnCard as error:
        if held.persona is None:
            error.add_note(_NOT_KNOWN)
        raise
