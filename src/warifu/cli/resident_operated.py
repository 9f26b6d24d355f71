"""``warifu resident add|day|token|audit``: what the operator of a register does."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from warifu.cli.commands import Command, Group, option
from warifu.cli.progress import progress
from warifu.cli.register_open import registered
from warifu.cli.results import json_option, show, show_table
from warifu.cli.root import settings
from warifu.cli.texts import Text, tell, words

if TYPE_CHECKING:
    from warifu.registry import Desk

__all__ = ["add", "audit", "day", "token"]

_OFFICES, _SECTIONS = (
    ("municipality", "jlis", "hotline"),
    ("residents", "tax", "welfare", "insurance", "elections", "education"),
)
_ADDED = Text(
    "{households}世帯{people}人を加えました。住民は{residents}人です",
    "{people} people in {households} households were added; {residents} live there",
)
_TURNED = Text(
    "転出{departed}件、転入未了{lapsed}件、カードの失効{ended}件、廃棄{destroyed}件",
    "{departed} departures, {lapsed} moves not completed, {ended} cards ended, {destroyed} destroyed",
)
_ONCE = Text("このトークンは二度と表示されません", "this token is not shown again")
_WHOLE = Text(
    "操作履歴{entries}件は書き換えられていません", "the {entries} entries of the log are as they were written"
)
_LETTERS_WAIT = Text(
    "番号を付番する機関が別の場所にあるため加えられません",
    "the party that numbers is elsewhere: people are added one by one",
)


@click.command(
    "add",
    cls=Command,
    help=Text(
        "架空の住民を加える。同じ種からは同じ人がつくられ、続きから加わる。",
        "Add people who do not exist; the same seed makes the same people, and goes on where it stopped.",
    ),
)
@option(
    "--municipality", metavar="CODE", default="13221", help=Text("市区町村コード。", "The municipality's five digits.")
)
@option(
    "--people",
    type=click.IntRange(1, 10_000_000),
    default=100,
    help=Text("何人（世帯ごと）。", "How many, by households."),
)
@option(
    "--seed", type=click.IntRange(0), default=None, help=Text("誰がつくられるかを決める数。", "Decides who they are.")
)
@json_option
def add(municipality: str, people: int, seed: int | None, as_json: bool) -> None:
    """Fill both stores."""
    from warifu.errors import NotAllowed
    from warifu.wire.clock import SystemClock
    from warifu.wire.registry import fill

    chosen = settings().town.seed if seed is None else seed
    with registered() as house:
        if house.numbers is None:
            raise NotAllowed(_LETTERS_WAIT)
        with progress(Text("住民", "people")) as report:
            filled = fill(house.engine, house.numbers, municipality, people, chosen, SystemClock(), report)
    facts = {"people": filled.people, "households": filled.households, "residents": filled.residents}
    show(facts, as_json, lambda: click.echo(words(_ADDED, **facts)))


@click.command(
    "day", cls=Command, help=Text("期限の来た転出・カードなどを処理する。", "Do what is due today; again, nothing.")
)
@json_option
def day(as_json: bool) -> None:
    """Turn the day."""
    with registered() as house:
        with progress(Text("処理", "due")) as report:
            turned = house.registry.days.run_due(progress=report)
        house.settle()
    facts = {name: getattr(turned, name) for name in ("departed", "lapsed", "ended", "destroyed")}
    show(facts, as_json, lambda: click.echo(words(_TURNED, **facts)))


@click.command(
    "audit", cls=Command, help=Text("操作履歴をその木と照合する。", "Check the log against its Merkle tree.")
)
@json_option
def audit(as_json: bool) -> None:
    """Check."""
    with registered() as house:
        entries = house.registry.check_log()
    show({"entries": entries}, as_json, lambda: click.echo(words(_WHOLE, entries=entries)))


@click.group("token", cls=Group, help=Text("職員と機械のトークン。", "Tokens of clerks and machines."))
def token() -> None:
    """The group."""


@token.command("make", help=Text("トークンをつくる。", "Make a token; it is shown once."))
@click.argument("name")
@option("--office", type=click.Choice(_OFFICES), default="municipality", help=Text("どこの。", "Whose desk it is."))
@option("--municipality", metavar="CODE", help=Text("市区町村コード。", "The municipality's five digits."))
@option("--section", type=click.Choice(_SECTIONS), help=Text("課。", "The section of the municipality."))
@option("--numbers", is_flag=True, help=Text("個人番号を見る権限。", "May ask for individual numbers."))
@option("--until", type=click.DateTime(["%Y-%m-%d"]), help=Text("いつまで。", "Until when (UTC)."))
@json_option
def make(
    name: str,
    office: str,
    municipality: str | None,
    section: str | None,
    numbers: bool,
    until: datetime | None,
    as_json: bool,
) -> None:
    """Make one."""
    ends = None if until is None else until.replace(tzinfo=UTC)
    with registered() as house:
        made = house.registry.tokens.make(name, _desk(office, municipality, section), numbers=numbers, until=ends)
    show({"name": name, "token": made}, as_json, lambda: click.echo(made))
    tell(_ONCE)


@token.command("list", help=Text("トークンの一覧。", "Every token; never the token itself."))
@json_option
def list_(as_json: bool) -> None:
    """List them."""
    with registered() as house:
        notes = house.registry.tokens.all()
    rows = [
        {
            "name": each.name,
            "office": each.desk.office.value,
            "municipality": each.desk.municipality,
            "section": each.desk.section.value if each.desk.section else None,
            "numbers": each.numbers,
            "until": each.until.isoformat() if each.until else None,
            "withdrawn": each.withdrawn_at is not None,
        }
        for each in notes
    ]
    show(
        rows,
        as_json,
        lambda: show_table(list(rows[0]) if rows else ["name"], [[str(v) for v in r.values()] for r in rows]),
    )


@token.command("withdraw", help=Text("トークンを無効にする。", "Let a token count no more."))
@click.argument("name")
def withdraw(name: str) -> None:
    """Withdraw it."""
    with registered() as house:
        house.registry.tokens.withdraw(name)


def _desk(office: str, municipality: str | None, section: str | None) -> "Desk":
    from warifu.registry import Desk, Office, Section

    place = section or ("residents" if office == "municipality" else None)
    return Desk(Office(office), municipality, Section(place) if place else None)
