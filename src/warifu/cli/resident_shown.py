"""``warifu resident list`` and ``show``."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from warifu.cli.commands import Command, option
from warifu.cli.register_open import Asked, asked_register, holder_argument, register_options
from warifu.cli.results import json_option, show, show_table
from warifu.cli.texts import Text, tell, words
from warifu.errors import Refused

if TYPE_CHECKING:
    from warifu.wire.registry import Calling

__all__ = ["list_", "show_one"]

_BASIC = ["name", "birth_date", "sex", "address"]
_UNTOLD = ["name", "birth_date", "sex"]
_NUMBERS = ["individual_number", "record_code"]
_SEXES = {
    "1": Text("男", "male"),
    "2": Text("女", "female"),
    "9": Text("適用不能", "not applicable"),
    "0": Text("不明", "not known"),
}
_LOOKED = {
    "look": Text("閲覧", "look"),
    "refused_look": Text("閲覧を断った", "refused look"),
    "protected_look": Text("支援措置対象者の記録を開いた", "protected record opened"),
    "card": Text("カード・電子証明書", "card"),
}
_NOT_HERE = Text(
    "カードと操作履歴は、この方を担当する窓口だけが見られます",
    "cards and log are shown at the window that serves the person",
)
_MORE = Text("続きは --after {after}", "more with --after {after}")
_FIELDS = {
    "holder": Text("識別子", "holder"),
    "name": Text("氏名", "name"),
    "reading": Text("振り仮名", "reading"),
    "birth_date": Text("生年月日", "birth date"),
    "sex": Text("性別", "sex"),
    "address": Text("住所", "address"),
    "municipality": Text("市区町村", "municipality"),
    "household": Text("世帯", "household"),
    "relationship": Text("続柄", "relationship"),
    "individual_number": Text("個人番号（架空）", "individual number (invented)"),
    "record_code": Text("住民票コード（架空）", "resident record code (invented)"),
    "protected_until": Text("支援措置（最終日）", "protected until"),
}
purpose_option = option(
    "--purpose",
    default="command line",
    help=Text("閲覧の目的（操作履歴に残る）。", "What the look is for; it stands in the log."),
)


@click.command("list", cls=Command, help=Text("住民を氏名・振り仮名・生年月日で探す。", "Find residents."))
@option("--name", help=Text("氏名か振り仮名の始まり。", "How the name or its reading begins."))
@option("--birth-date", metavar="YYYY-MM-DD", help=Text("生年月日。", "The birth date."))
@option("--limit", type=click.IntRange(1, 200), default=20, help=Text("何人まで。", "How many at most."))
@option("--after", help=Text("前の結果の続き。", "Go on behind the page before."))
@purpose_option
@register_options
@json_option
def list_(
    name: str | None,
    birth_date: str | None,
    limit: int,
    after: str | None,
    purpose: str,
    asked: Asked,
    as_json: bool,
) -> None:
    """Search."""
    body = {
        "sights": _BASIC,
        "purpose": purpose,
        "limit": limit,
        "name": name,
        "birth_date": birth_date,
        "after": after,
    }
    with asked_register(asked) as register:
        page = register.call("POST", "/searches", {key: value for key, value in body.items() if value is not None})

    def present() -> None:
        rows = [[str(each[key]) for key in ("holder", "name", "birth_date", "address")] for each in page["people"]]
        show_table([words(_FIELDS[key]) for key in ("holder", "name", "birth_date", "address")], rows)
        if page["following"]:
            tell(_MORE, after=page["following"])

    show(page, as_json, present)


@click.command(
    "show", cls=Command, help=Text("一人の記録、カード、操作履歴を見る。", "One person's record, cards and log.")
)
@holder_argument
@option(
    "--individual-number",
    is_flag=True,
    help=Text("番号も表示する（架空の番号）。", "Show the numbers too; they are invented."),
)
@purpose_option
@option(
    "--reason",
    help=Text(
        "支援措置の対象者の記録を担当外の課で開く理由（操作履歴に残る）。",
        "Why a protected person's record is opened at a desk not in charge; it stands in the log.",
    ),
)
@register_options
@json_option
def show_one(
    holder: str,
    individual_number: bool,
    purpose: str,
    reason: str | None,
    asked: Asked,
    as_json: bool,
) -> None:
    """Look."""
    plain = _UNTOLD if reason else [*_BASIC, "relationship"]  # no reason opens a protected address
    looked = {"sights": [*plain, *(_NUMBERS if individual_number else [])], "purpose": purpose}
    with asked_register(asked, holder) as register:
        seen = register.call("POST", f"/people/{holder}/looks", looked | ({"reason": reason} if reason else {}))
        cards, log = _cards_and_log(register, holder, purpose)
    result = {"person": {key: seen[key] for key in _FIELDS if seen[key] is not None}, "cards": cards, "log": log}
    show(result, as_json, lambda: _present(result))


def _cards_and_log(register: "Calling", holder: str, purpose: str) -> tuple[Any, Any]:
    """What only the window that serves the person is shown; nothing elsewhere."""
    try:
        cards = register.call("POST", f"/people/{holder}/cards/looks", {"purpose": purpose})
        return cards, register.call("GET", f"/people/{holder}/log?limit=20")
    except Refused:
        tell(_NOT_HERE)
        return [], []


def _present(result: dict[str, Any]) -> None:
    person = result["person"] | {"sex": words(_SEXES[result["person"]["sex"]])}
    show_table(["", ""], [(words(_FIELDS[key]), str(value)) for key, value in person.items()])
    cards = [(each["id"], each["state"], str(each["expires"] or "")) for each in result["cards"]]
    if cards:
        show_table(
            [words(Text("カード", "card")), words(Text("状態", "state")), words(Text("期限", "last day"))], cards
        )
    entries = [(_moment(each["at"]), _what(each["what"]), each["clerk"], each["purpose"]) for each in result["log"]]
    headings = (Text("時刻", "when"), Text("操作", "what"), Text("職員", "who"), Text("目的", "purpose"))
    show_table([words(heading) for heading in headings], entries)


def _moment(at: str) -> str:
    """Day and second in Japan."""
    from warifu.registry import JST

    return f"{datetime.fromisoformat(at).astimezone(JST):%Y-%m-%d %H:%M:%S}"


def _what(kind: str) -> str:
    """What was done, in the words of the register's own table."""
    from warifu.registry import EVENTS

    japanese = {row.act.value: row.japanese for row in EVENTS}
    return words(_LOOKED.get(kind) or Text(japanese.get(kind, kind), kind.replace("_", " ")))
