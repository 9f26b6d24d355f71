"""``warifu resident birth|move|leave|correct|name|die|number-change|code-change|protect``: what a window writes."""

from dataclasses import replace
from datetime import datetime

import click

from warifu.cli.commands import Command, option
from warifu.cli.register_open import Asked, asked_register, day, done, holder_argument
from warifu.cli.resident_writing import SEXES, act_options, given, name_option, on_option, reading_option, write
from warifu.cli.texts import Text
from warifu.messages import MinorCorrection
from warifu.registry import Relationship

__all__ = ["birth", "code_change", "correct", "die", "leave", "move", "name", "number_change", "protect"]

_any_name_option = option(
    "--name", help=Text("氏名（姓と名の間に全角空白）。", "The name; an ideographic space in between.")
)


@click.command(
    "birth", cls=Command, help=Text("親の世帯に出生を記録する。", "Write a newborn into a parent's household.")
)
@click.argument("parent", metavar="PARENT")
@name_option
@reading_option
@option("--sex", type=click.Choice(sorted(SEXES)), required=True, help=Text("性別。", "The sex."))
@option(
    "--domicile", metavar="CODE", required=True, help=Text("本籍地の市区町村コード。", "The domicile's five digits.")
)
@on_option
@act_options
def birth(
    parent: str,
    name: str,
    reading: str | None,
    sex: str,
    domicile: str,
    on: datetime | None,
    act: str | None,
    asked: Asked,
    as_json: bool,
) -> None:
    """Write it."""
    child = {
        "name": given({"name": name, "reading": reading}),
        "birth_date": day(on),
        "sex": SEXES[sex],
        "relationship": "child",
        "domicile": domicile,
    }
    with asked_register(asked, parent) as register:
        done(register.call("POST", "/births", {"parent": parent, "child": child}, key=act), as_json)


@click.command(
    "move",
    cls=Command,
    help=Text(
        "転居する。--to に別の市区町村を指定すると同じ日に転出・転入する（データディレクトリのみ）。",
        "Move within the municipality, or with --to into another one on the same day (data directory only).",
    ),
)
@holder_argument
@option("--address", required=True, help=Text("新しい住所。", "The new address."))
@option("--to", metavar="CODE", help=Text("別の市区町村へ。", "The other municipality's five digits."))
@on_option
@act_options
def move(
    holder: str,
    address: str,
    to: str | None,
    on: datetime | None,
    act: str | None,
    asked: Asked,
    as_json: bool,
) -> None:
    """Write it: one person, as a household of one's own."""
    today = day(on)
    head = Relationship.HEAD.value
    if to is None:
        with asked_register(asked, holder) as register:
            body = {"movers": {holder: head}, "address": address, "moved": today}
            done(register.call("POST", "/moves-within", body, key=act), as_json)
        return
    with asked_register(asked, holder) as register:
        register.call("POST", "/moves-out", {"who": [holder], "planned": today, "destination": to})
    with asked_register(replace(asked, municipality=to)) as register:
        body = {"arrivals": {holder: head}, "address": address, "moved": today}
        done(register.call("POST", "/moves-in", body, key=act), as_json)


@click.command("leave", cls=Command, help=Text("転出届を受ける。", "Take the notice that somebody will move out."))
@holder_argument
@option(
    "--to",
    metavar="CODE|abroad",
    help=Text("転出先（5桁か abroad）。", "Where to: five digits, or abroad."),
)
@option("--cancel", is_flag=True, help=Text("転出届を取り消す。", "Take the notice back."))
@on_option
@act_options
def leave(
    holder: str,
    to: str | None,
    cancel: bool,
    on: datetime | None,
    act: str | None,
    asked: Asked,
    as_json: bool,
) -> None:
    """Write it."""
    if (to is None) is not cancel:
        raise click.UsageError("--to or --cancel")
    if cancel:
        write("POST", "/moves-out/cancellations", {"who": [holder]}, holder, act, asked, as_json)
        return
    body = {"who": [holder], "planned": day(on), "destination": to}
    write("POST", "/moves-out", body, holder, act, asked, as_json)


@click.command("correct", cls=Command, help=Text("記録を修正する。", "Correct a record."))
@holder_argument
@_any_name_option
@reading_option
@option("--address", help=Text("正しい住所（世帯全員）。", "The right address, of the whole household."))
@option("--birth-date", metavar="YYYY-MM-DD", help=Text("正しい生年月日。", "The right birth date."))
@option("--sex", type=click.Choice(sorted(SEXES)), help=Text("正しい性別。", "The right sex."))
@option(
    "--minor",
    type=click.Choice([each.value for each in MinorCorrection]),
    help=Text("軽微な修正（証明書は失効しない）。", "A minor correction: no certificate ends."),
)
@option("--annex", is_flag=True, help=Text("国外転出者の戸籍の附票を。", "The annex of somebody abroad."))
@act_options
def correct(
    holder: str,
    name: str | None,
    reading: str | None,
    address: str | None,
    birth_date: str | None,
    sex: str | None,
    minor: str | None,
    annex: bool,
    act: str | None,
    asked: Asked,
    as_json: bool,
) -> None:
    """Write it."""
    body = {
        "name": given({"name": name, "reading": reading}) if name else None,
        "address": address,
        "birth_date": birth_date,
        "sex": SEXES[sex] if sex else None,
        "minor": minor,
    }
    path = f"/people/{holder}/{'annex-correction' if annex else 'correction'}"
    with asked_register(asked, holder, annex=annex) as register:
        done(register.call("POST", path, given(body), key=act), as_json)


@click.command(
    "name", cls=Command, help=Text("氏名、旧氏、通称を記録する。", "Write a name, a former surname or an alias.")
)
@holder_argument
@name_option
@reading_option
@option("--former-surname", help=Text("併記する旧氏。", "A former surname to stand beside it."))
@option("--alias", help=Text("併記する通称。", "A foreign resident's alias to stand beside it."))
@act_options
def name(
    holder: str,
    name: str,
    reading: str | None,
    former_surname: str | None,
    alias: str | None,
    act: str | None,
    asked: Asked,
    as_json: bool,
) -> None:
    """Write it."""
    body = given({"name": name, "reading": reading, "former_surname": former_surname, "alias": alias})
    write("POST", f"/people/{holder}/name", body, holder, act, asked, as_json)


@click.command("die", cls=Command, help=Text("死亡を記録する。", "Write a death."))
@holder_argument
@option("--new-head", metavar="HOLDER", help=Text("新しい世帯主。", "Who is the head of the household then."))
@on_option
@act_options
def die(
    holder: str,
    new_head: str | None,
    on: datetime | None,
    act: str | None,
    asked: Asked,
    as_json: bool,
) -> None:
    """Write it."""
    body = given({"on": day(on), "new_head": new_head})
    write("POST", f"/people/{holder}/death", body, holder, act, asked, as_json)


@click.command(
    "number-change",
    cls=Command,
    help=Text(
        "個人番号の変更を求める（カードは失効する）。", "Ask for another individual number; the card ends with it."
    ),
)
@holder_argument
@act_options
def number_change(
    holder: str,
    act: str | None,
    asked: Asked,
    as_json: bool,
) -> None:
    """Write it."""
    write("POST", f"/people/{holder}/number-change", None, holder, act, asked, as_json)


@click.command(
    "code-change",
    cls=Command,
    help=Text(
        "住民票コードを変更する（カードは失効する）。", "Write another resident record code; the card ends with it."
    ),
)
@holder_argument
@act_options
def code_change(
    holder: str,
    act: str | None,
    asked: Asked,
    as_json: bool,
) -> None:
    """Write it."""
    write("POST", f"/people/{holder}/code-change", None, holder, act, asked, as_json)


@click.command("protect", cls=Command, help=Text("世帯を支援措置の対象にする。", "Protect a household, or end it."))
@holder_argument
@option("--until", metavar="YYYY-MM-DD", help=Text("いつまで（1年以内）。", "Until when, a year at most."))
@option("--end", is_flag=True, help=Text("終了する。", "End it before its time."))
@act_options
def protect(
    holder: str,
    until: str | None,
    end: bool,
    act: str | None,
    asked: Asked,
    as_json: bool,
) -> None:
    """Write it."""
    if (until is None) is not end:
        raise click.UsageError("--until or --end")
    path = f"/people/{holder}/protection"
    write("DELETE" if end else "PUT", path, None if end else {"until": until}, holder, act, asked, as_json)
