"""``warifu resident naturalise|stay|delete|recording-error``: nationality and ends."""

from datetime import datetime

import click

from warifu.cli.commands import Command, option
from warifu.cli.register_open import Asked, asked_register, day, done, holder_argument
from warifu.cli.resident_households import residence_option, stay_of, until_option
from warifu.cli.resident_writing import act_options, given, name_option, on_option, reading_option, write
from warifu.cli.texts import Text

__all__ = ["delete", "naturalise", "recording_error", "stay"]


@click.command("naturalise", cls=Command, help=Text("帰化を記録する。", "Write that somebody became Japanese."))
@holder_argument
@name_option
@reading_option
@option(
    "--domicile", metavar="CODE", required=True, help=Text("本籍地の市区町村コード。", "The domicile's five digits.")
)
@act_options
def naturalise(
    holder: str, name: str, reading: str | None, domicile: str, act: str | None, asked: Asked, as_json: bool
) -> None:
    """Write it."""
    body = {"name": given({"name": name, "reading": reading}), "domicile": domicile}
    write("POST", f"/people/{holder}/naturalisation", body, holder, act, asked, as_json)


@click.command(
    "stay", cls=Command, help=Text("在留資格・在留期間の変更を記録する。", "Write a foreign resident's new stay.")
)
@holder_argument
@residence_option
@until_option
@act_options
def stay(holder: str, residence: str | None, until: str | None, act: str | None, asked: Asked, as_json: bool) -> None:
    """Write it."""
    if residence is None:
        raise click.UsageError("--residence")
    write("POST", f"/people/{holder}/stay", stay_of(residence, until), holder, act, asked, as_json)


@click.command(
    "delete",
    cls=Command,
    help=Text(
        "職権で消除する（居住していない、在留資格を失ったなど）。--annex は国外転出者の附票を消除する。",
        "Delete a record ex officio: nobody lives there, or the stay ended. With --annex that of somebody abroad.",
    ),
)
@holder_argument
@option("--new-head", metavar="HOLDER", help=Text("新しい世帯主。", "Who is the head of the household then."))
@option("--annex", is_flag=True, help=Text("戸籍の附票を。", "The annex of the family register."))
@on_option
@act_options
def delete(
    holder: str,
    new_head: str | None,
    annex: bool,
    on: datetime | None,
    act: str | None,
    asked: Asked,
    as_json: bool,
) -> None:
    """Write it."""
    if annex and new_head is not None:
        raise click.UsageError("--annex has no --new-head")
    body = given({"on": day(on), "new_head": new_head})
    if not annex:
        write("POST", f"/people/{holder}/deletion", body, holder, act, asked, as_json)
        return
    with asked_register(asked, holder, annex=True) as register:
        done(register.call("POST", f"/people/{holder}/annex-deletion", body, key=act), as_json)


@click.command(
    "recording-error",
    cls=Command,
    help=Text(
        "証明書の記録誤りを認証局に知らせる（証明書は失効する）。",
        "Tell the authorities that a certificate says what the record never said; it ends.",
    ),
)
@holder_argument
@act_options
def recording_error(holder: str, act: str | None, asked: Asked, as_json: bool) -> None:
    """Write it."""
    write("POST", f"/people/{holder}/recording-error", None, holder, act, asked, as_json)
