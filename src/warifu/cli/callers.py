"""``warifu callers``: who may ask ``warifu serve verifier``, and their tokens."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from warifu.cli.commands import Group, argument, option
from warifu.cli.results import json_option, show, show_table
from warifu.cli.root import settings
from warifu.cli.texts import Text, tell, words
from warifu.wire.clock import SystemClock

if TYPE_CHECKING:
    from warifu.wire.verifier import Caller

__all__ = ["callers"]

_SCOPES = ("documents", "evidence", "logins", "platform")
_HEADINGS = (Text("名前", "name"), Text("できること", "for"), Text("作成", "made"), Text("期限", "until"))
_TOKEN_ONCE = Text("このトークンは一度だけ表示します", "this token is shown this once")
_WITHDRAWN = Text("{name}のトークンを取り消しました", "the token of {name} is withdrawn")


@click.group(
    cls=Group,
    help=Text(
        "検証サービス（warifu serve verifier）を使える者。署名者のIDは使う者ごとに異なります。",
        "Who may ask 'warifu serve verifier'. The ids of signers are other ones for every caller.",
    ),
)
def callers() -> None:
    """The group."""


@callers.command(
    "add",
    help=Text(
        "トークンをつくる。取り消した後に同じ名前でつくると、署名者のIDは前と同じになります。",
        "Make a token. Made again under the same name after it was withdrawn, the ids of signers are the same.",
    ),
)
@argument("name")
@option(
    "--scope",
    "scopes",
    type=click.Choice(_SCOPES),
    multiple=True,
    help=Text(
        "できること（繰り返し可）。省くとdocumentsだけ。evidenceは証明書を含む証拠を渡します。",
        "What it is for (repeatable); documents if not said. Evidence carries certificates.",
    ),
)
@option("--days", type=click.IntRange(1, 3660), help=Text("有効日数。", "For how many days."))
@json_option
def add(name: str, scopes: tuple[str, ...], days: int | None, as_json: bool) -> None:
    """Make a token."""
    from warifu.wire.verifier import callers_of

    wanted = tuple(dict.fromkeys(scopes)) or ("documents",)
    until = None if days is None else SystemClock().now() + timedelta(days=days)
    token = callers_of(settings()).make(name, wanted, until)
    show({"name": name, "token": token, "scopes": sorted(wanted)}, as_json, lambda: click.echo(token))
    tell(_TOKEN_ONCE)


@callers.command("list", help=Text("トークンを持つ者を表示する。", "Show who has a token."))
@json_option
def list_(as_json: bool) -> None:
    """List them."""
    from warifu.wire.verifier import callers_of

    found = [_told(each) for each in callers_of(settings()).all()]
    rows = [[each["name"], " ".join(each["scopes"]), each["made_at"], each["until"] or "-"] for each in found]
    show(found, as_json, lambda: show_table([words(heading) for heading in _HEADINGS], rows))


@callers.command("withdraw", help=Text("トークンを取り消す。", "Withdraw a token."))
@argument("name")
@json_option
def withdraw(name: str, as_json: bool) -> None:
    """Withdraw it."""
    from warifu.wire.verifier import callers_of

    callers_of(settings()).withdraw(name)
    show({"name": name, "withdrawn": True}, as_json, lambda: tell(_WITHDRAWN, name=name))


def _told(caller: "Caller") -> dict[str, Any]:
    return {
        "name": caller.name,
        "scopes": list(caller.scopes),
        "made_at": caller.made_at.isoformat(),
        "until": None if caller.until is None else caller.until.isoformat(),
    }
