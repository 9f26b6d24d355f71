"""``warifu card read text``: the four attributes, and the individual number only where it is asked for by name."""

import hmac
from functools import partial
from pathlib import Path
from typing import Any

import click

from warifu.cli.card_choice import CardChoice, Held, card_options
from warifu.cli.card_shown import SEXES, show_read
from warifu.cli.commands import Command, option
from warifu.cli.credentials import Presenting
from warifu.cli.pins import ask_pin, force_option, pin_file_option, read_pin
from warifu.cli.results import json_option
from warifu.cli.texts import Text, tell, words
from warifu.person import IndividualNumber
from warifu.reader import Credential, TextSession, open_text
from warifu.wire.clock import SystemEntropy

__all__ = ["text"]

_TEXT = {
    "pin": Credential.TEXT_PIN,
    "a": Credential.TEXT_MATCHING_NUMBER_A,
    "b": Credential.TEXT_MATCHING_NUMBER_B,
}
_ONLY_B = Text(
    "照合番号Bでは個人番号を読めません。--credential pin または a を使ってください",
    "matching number B does not open the individual number; use --credential pin or a",
)
_ONLY_A = Text(
    "照合番号Aで読めるのは個人番号だけです。--individual-number が必要です",
    "matching number A opens the individual number alone; it needs --individual-number",
)
_ONLY_PIN = Text(
    "暗号化した読み取り（--secure）は暗証番号でのみできます。--credential pin を使ってください",
    "a session key needs the text PIN: --secure goes with --credential pin",
)
_SECURED = Text(
    "暗証番号の照合のあと、読み取りをセッション鍵で暗号化しています",
    "what is read goes under a session key, from after the PIN on",
)
_CHECK_WHAT = Text(
    "--check-number には --individual-number も必要です", "--check-number needs --individual-number, too"
)
_LAW = Text(
    "個人番号を読みます。本人のカードか、番号法第19条の目的に限ります。何も保存しません",
    "reading the individual number: for your own card or a purpose of the Number Act, article 19; nothing is kept",
)
_TYPED = Text("確かめる個人番号（12桁）", "the individual number to check (12 digits)")
_SAME = Text("入力された番号はカードの個人番号と一致します", "the number typed is the card's")
_OTHER = Text("入力された番号はカードの個人番号と一致しません", "the number typed is not the card's")
_UNVERIFIED = Text(
    "真正性は確かめていません（warifu card verify）", "nothing of this is verified; see 'warifu card verify'"
)


@click.command(
    cls=Command,
    help=Text(
        "氏名・住所・生年月日・性別を読む（券面事項入力補助用暗証番号か照合番号Bで）。"
        "個人番号は --individual-number を付けたときだけ読みます。",
        "Read name, address, birth date and sex, opened by the text PIN or matching number B. The individual number "
        "is read with --individual-number only.",
    ),
)
@option(
    "--credential",
    type=click.Choice(list(_TEXT)),
    default="pin",
    show_default=True,
    help=Text(
        "開くもの: pin 暗証番号、a 照合番号A（個人番号）、"
        "b 照合番号B（生年月日6桁・有効期限の年4桁・セキュリティコード4桁）。",
        "What opens it: pin, a (matching number A: the individual number) or b (matching number B: birth date YYMMDD "
        "as printed, expiry year, 4-digit security code).",
    ),
)
@option(
    "--secure",
    is_flag=True,
    help=Text(
        "読み取りをセッション鍵で暗号化する（セキュアメッセージング。暗証番号の照合のあとから）。",
        "Read under a session key (secure messaging), from after the PIN on: who listens learns nothing of it.",
    ),
)
@option("--individual-number", is_flag=True, help=Text("個人番号も読む。", "Read the individual number, too."))
@option(
    "--check-number",
    is_flag=True,
    help=Text(
        "個人番号を表示せず、入力する番号と一致するかだけを答える。",
        "Do not show the individual number: only say whether the number you type is the card's.",
    ),
)
@pin_file_option(
    "--number-file", Text("確かめる番号のファイル（-は標準入力）。", "A file with the number to check (- is stdin).")
)
@pin_file_option(
    "--pin-file",
    Text("暗証番号または照合番号のファイル（-は標準入力）。", "A file with the PIN or matching number (- is stdin)."),
)
@force_option
@card_options
@json_option
def text(
    choice: CardChoice,
    credential: str,
    secure: bool,
    individual_number: bool,
    check_number: bool,
    number_file: Path | None,
    pin_file: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Open with the credential, read what it opens; a typed number that differs ends with 1."""
    opened_by = _TEXT[credential]
    _check_asked(credential, secure, individual_number, check_number)
    with choice.open() as held:
        session = _open_text(held, opened_by, Presenting(held, pin_file, force))
        if secure:
            tell(_SECURED)
            session.protect(SystemEntropy())
        result = dict.fromkeys(("name", "address", "birth_date", "sex", "individual_number", "number_matches"))
        if opened_by is not Credential.TEXT_MATCHING_NUMBER_A:
            result.update(_attributes(session))
        number = _number(session) if individual_number else None
    if number is not None and check_number:
        result["number_matches"] = _matches(number, number_file)
    elif number is not None:
        result["individual_number"] = number.reveal()
    show_read(result, as_json, _UNVERIFIED)
    if result["number_matches"] is not None:
        tell(_SAME if result["number_matches"] else _OTHER)
        click.get_current_context().exit(0 if result["number_matches"] else 1)


def _check_asked(credential: str, secure: bool, individual_number: bool, check_number: bool) -> None:
    if secure and credential != "pin":
        raise click.UsageError(words(_ONLY_PIN))
    if check_number and not individual_number:
        raise click.UsageError(words(_CHECK_WHAT))
    if credential == "a" and not individual_number:
        raise click.UsageError(words(_ONLY_A))
    if credential == "b" and individual_number:
        raise click.UsageError(words(_ONLY_B))


def _open_text(held: Held, credential: Credential, presenting: Presenting) -> TextSession:
    session = open_text(held.connection)
    tries_left = partial(session.tries_left, credential)
    presenting.present(session.on_card(credential), tries_left, partial(session.verify, credential=credential))
    return session


def _attributes(session: TextSession) -> dict[str, Any]:
    attributes = session.attributes()
    return {
        "name": attributes.name.text,
        "address": attributes.address.text,
        "birth_date": attributes.birth_date.date.isoformat(),
        "sex": SEXES[attributes.sex].english,
    }


def _number(session: TextSession) -> IndividualNumber:
    tell(_LAW)
    return session.number()


def _matches(number: IndividualNumber, file: Path | None) -> bool:
    """Whether what is typed is the number (正誤チェック).

    Raises:
        WrongCheckDigit: nobody has such a number.
    """
    typed = ask_pin(_TYPED) if file is None else read_pin(file, _TYPED)
    return hmac.compare_digest(IndividualNumber.parse(typed).reveal(), number.reveal())
