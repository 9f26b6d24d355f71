"""``warifu hotline``: a call that suspends a card or a phone, day and night; what is held; where a hold is lifted."""

from typing import TYPE_CHECKING, Any

import click

from warifu.cli.commands import Group, option
from warifu.cli.register_open import Asked, asked_register, done, holder_argument, register_options
from warifu.cli.results import json_option, show, show_table
from warifu.cli.texts import Text, words
from warifu.errors import NotAllowed

if TYPE_CHECKING:
    from warifu.registry import Desk

__all__ = ["hotline"]

_UNKNOWN = Text("この方は確認できません", "nobody is known by these three together")
_NOTHING_HELD = Text("一時停止中のカードもスマートフォンもありません", "no card and no phone of this person is held")


@click.group(
    cls=Group,
    help=Text(
        "コールセンター: カードやスマートフォンの一時停止。解除は窓口かアプリで。",
        "The call centre: suspends cards and phones. A card comes back at the window, a phone in the app.",
    ),
)
def hotline() -> None:
    """The group."""


@hotline.command("hold", help=Text("電話を受けて一時停止する。", "Take a call, and suspend what was lost."))
@option("--name", required=True, help=Text("氏名。", "The caller's name."))
@option("--birth-date", metavar="YYYYMMDD", required=True, help=Text("生年月日。", "The birth date."))
@option("--address", required=True, help=Text("住所。", "The address."))
@option("--card", is_flag=True, help=Text("カードを止める。", "The card was lost."))
@option("--phone", is_flag=True, help=Text("スマートフォンを止める。", "The phone was lost."))
@register_options
@json_option
def hold(
    name: str,
    birth_date: str,
    address: str,
    card: bool,
    phone: bool,
    asked: Asked,
    as_json: bool,
) -> None:
    """Take the call."""
    media = [word for word, lost in (("card", card), ("phone", phone)) if lost]
    if not media:
        raise click.UsageError("--card or --phone")
    with asked_register(asked, desk=_desk("hotline")) as register:
        call = register.call("POST", "/calls", {"name": name, "birth_date": birth_date, "address": address})
        if not call["known"]:
            raise NotAllowed(_UNKNOWN)
        done(register.call("POST", f"/calls/{call['call']}/suspension", {"media": media}), as_json)


@hotline.command("list", help=Text("一人の一時停止中のものを表示する。", "What of a person is held."))
@holder_argument
@register_options
@json_option
def list_(holder: str, asked: Asked, as_json: bool) -> None:
    """Show it, from the desk of J-LIS."""
    with asked_register(asked, desk=_desk("jlis")) as register:
        looked = {"purpose": "hotline list"}
        cards = register.call("POST", f"/people/{holder}/cards/looks", looked)
        phones = register.call("POST", f"/people/{holder}/phones/looks", looked)
    held = [_row("card", each) for each in cards] + [_row("phone", each) for each in phones]
    held = [each for each in held if each["state"] == "held"]

    def present() -> None:
        if not held:
            click.echo(words(_NOTHING_HELD))
            return
        show_table([words(Text("媒体", "medium")), "id"], [(each["medium"], each["id"]) for each in held])

    show(held, as_json, present)


@hotline.command(
    "lift",
    help=Text(
        "一時停止を解く: カードは窓口で（証明書は発行し直し）、スマートフォンは本人のアプリで。",
        "Lift a hold: a card's at the window, which orders its certificates anew; a phone's in its holder's app.",
    ),
)
@option("--card", metavar="ID", help=Text("見つかったカード。", "The card that was found, at its window."))
@option("--phone", metavar="ID", help=Text("見つかったスマートフォン。", "The phone that was found, in the app."))
@register_options
@json_option
def lift(
    card: str | None,
    phone: str | None,
    asked: Asked,
    as_json: bool,
) -> None:
    """Lift it."""
    if (card is None) is (phone is None):
        raise click.UsageError("--card or --phone")
    if phone is not None:
        with asked_register(asked, desk=_desk("jlis")) as register:
            done(register.call("POST", f"/phones/{phone}/found"), as_json)
        return
    with asked_register(asked, card=card) as register:
        done(register.call("POST", f"/cards/{card}/steps", {"step": "note_found"}), as_json)


def _row(medium: str, record: dict[str, Any]) -> dict[str, str]:
    return {"medium": medium, "id": record["id"], "state": record["state"]}


def _desk(office: str) -> "Desk":
    from warifu.registry import Desk, Office

    return Desk(Office(office))
