"""``warifu resident move-in|arrive|regroup|head``: who comes, and who lives with whom as what."""

from datetime import datetime
from typing import Any

import click

from warifu.cli.commands import Command, argument, option
from warifu.cli.register_open import Asked, asked_register, day, done, holder_argument
from warifu.cli.resident_writing import (
    SEXES,
    act_options,
    given,
    name_option,
    on_option,
    reading_option,
    write,
)
from warifu.cli.texts import Text
from warifu.registry import Relationship, Residence

__all__ = ["arrive", "head", "move_in", "regroup", "residence_option", "stay_of", "until_option"]

_RELATIONSHIPS = [each.value for each in Relationship]
_address_option = option("--address", required=True, help=Text("住所。", "The address."))
_into_option = option("--into", metavar="HOUSEHOLD", help=Text("この世帯に入る。", "Into this household."))
relationship_option = option(
    "--relationship",
    type=click.Choice(_RELATIONSHIPS),
    default=Relationship.HEAD.value,
    show_default=True,
    help=Text("世帯主との続柄。", "What the person is to the head of the household."),
)
residence_option = option(
    "--residence",
    type=click.Choice([each.value for each in Residence]),
    help=Text("外国人住民の在留資格の区分。", "A foreign resident's kind of stay."),
)
until_option = option(
    "--until",
    metavar="YYYY-MM-DD",
    help=Text("在留期間の満了日（永住者はなし）。", "The stay's last day, if it has one."),
)


@click.command(
    "move-in",
    cls=Command,
    help=Text(
        "転入: 転出届を出した人、国外から戻った人を記録する。外国人住民が国外から戻ったときは在留資格も要る。",
        "Take in somebody who told of moving out, or comes back from abroad; a foreign resident then with a new stay.",
    ),
)
@holder_argument
@_address_option
@_into_option
@relationship_option
@residence_option
@until_option
@on_option
@act_options
def move_in(
    holder: str,
    address: str,
    into: str | None,
    relationship: str,
    residence: str | None,
    until: str | None,
    on: datetime | None,
    act: str | None,
    asked: Asked,
    as_json: bool,
) -> None:
    """Write it."""
    body: dict[str, Any] = {"arrivals": {holder: relationship}, "address": address, "moved": day(on), "into": into}
    stay = stay_of(residence, until)
    if stay is not None:
        body["stays"] = {holder: stay}
    with asked_register(asked) as register:
        done(register.call("POST", "/moves-in", given(body), key=act), as_json)


@click.command(
    "arrive",
    cls=Command,
    help=Text(
        "国外から初めて転入した人を記録する（日本人は本籍、外国人住民は国籍と在留資格）。",
        "Take in somebody who comes from abroad for the first time: a Japanese with a domicile, others with a stay.",
    ),
)
@name_option
@reading_option
@option("--alias", help=Text("通称。", "An alias."))
@option("--birth-date", metavar="YYYY-MM-DD", required=True, help=Text("生年月日。", "The birth date."))
@option("--sex", type=click.Choice(sorted(SEXES)), required=True, help=Text("性別。", "The sex."))
@option("--domicile", metavar="CODE", help=Text("本籍地の市区町村コード。", "A Japanese's domicile, five digits."))
@option("--nationality", help=Text("国籍・地域。", "A foreign resident's nationality."))
@residence_option
@until_option
@_address_option
@_into_option
@relationship_option
@on_option
@act_options
def arrive(
    name: str,
    reading: str | None,
    alias: str | None,
    birth_date: str,
    sex: str,
    domicile: str | None,
    nationality: str | None,
    residence: str | None,
    until: str | None,
    address: str,
    into: str | None,
    relationship: str,
    on: datetime | None,
    act: str | None,
    asked: Asked,
    as_json: bool,
) -> None:
    """Write it."""
    newcomer = {
        "name": given({"name": name, "reading": reading, "alias": alias}),
        "birth_date": birth_date,
        "sex": SEXES[sex],
        "relationship": relationship,
        "domicile": domicile,
        "nationality": nationality,
        "stay": stay_of(residence, until),
    }
    body = {"newcomers": [given(newcomer)], "address": address, "arrived": day(on), "into": into}
    with asked_register(asked) as register:
        done(register.call("POST", "/arrivals", given(body), key=act), as_json)


@click.command(
    "regroup",
    cls=Command,
    help=Text(
        "世帯分離・世帯合併・続柄変更。HOLDER=続柄 を並べる（例: 〜=head 〜=child）。",
        "Divide or join households, or write other relationships: HOLDER=RELATIONSHIP, as often as there are people.",
    ),
)
@argument("members", metavar="HOLDER=RELATIONSHIP...", nargs=-1, required=True)
@_into_option
@option("--new-head", metavar="HOLDER", help=Text("残る世帯の世帯主。", "Who heads the household that they leave."))
@act_options
def regroup(
    members: tuple[str, ...], into: str | None, new_head: str | None, act: str | None, asked: Asked, as_json: bool
) -> None:
    """Write it."""
    pairs = [each.partition("=")[::2] for each in members]
    if any(relationship not in _RELATIONSHIPS for _, relationship in pairs):
        raise click.UsageError(f"HOLDER=RELATIONSHIP: {', '.join(_RELATIONSHIPS)}")
    body = given({"members": dict(pairs), "into": into, "new_head": new_head})
    write("POST", "/households/changes", body, pairs[0][0], act, asked, as_json)


@click.command("head", cls=Command, help=Text("世帯主を変更する。", "Write who is the head of the household now."))
@holder_argument
@act_options
def head(holder: str, act: str | None, asked: Asked, as_json: bool) -> None:
    """Write it."""
    write("POST", f"/people/{holder}/head", None, holder, act, asked, as_json)


def stay_of(residence: str | None, until: str | None) -> dict[str, Any] | None:
    """A stay as the register takes it, if one was told."""
    return None if residence is None else given({"residence": residence, "until": until})
