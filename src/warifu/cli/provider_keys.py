"""``warifu provider keys``: which key signs ID tokens when."""

from datetime import datetime
from typing import Any

import click

from warifu.cli.commands import Group, argument, option
from warifu.cli.results import json_option, show, show_table
from warifu.cli.root import settings
from warifu.cli.texts import Text, tell, words
from warifu.idp import KeySchedule, KeyState
from warifu.wire.clock import SystemClock

__all__ = ["keys"]

_HEADINGS = (
    Text("鍵（kid）", "key (kid)"),
    Text("状態", "state"),
    Text("公開", "announced"),
    Text("使用開始", "used from"),
    Text("使用終了", "until"),
)
_STATES = {
    KeyState.ANNOUNCED: Text("予告", "announced"),
    KeyState.IN_USE: Text("使用中", "in use"),
    KeyState.OVER: Text("使用後（公開中）", "over, still published"),
    KeyState.GONE: Text("終了", "gone"),
    KeyState.WITHDRAWN: Text("取消し", "withdrawn"),
}
_ADDED = Text(
    "鍵{kid}を公開しました。{moment}から使います", "key {kid} is published from now on and used from {moment}"
)
_NO_KEYS = Text("鍵はまだありません。最初の起動でつくります", "no key yet; the first start makes one")
_LEAKED = Text(
    "鍵{kid}を今すぐ外します。この鍵で署名したトークンは検証できなくなります。続けますか？",
    "key {kid} is taken out at once: what it signed can no longer be checked. Go on?",
)
_RETIRED = Text("鍵{kid}を外しました", "key {kid} was taken out")
_BEFORE = Text(
    "古い鍵は新しい鍵の使用開始で使われなくなり、最後のトークンの期限まで公開されます",
    "the key before it is used until then, and published until the last token it signed has expired",
)


@click.group(
    cls=Group,
    help=Text(
        "IDトークンに署名する鍵。予告、使用、公開終了を止まらずに進めます。",
        "The keys that sign ID tokens: announced, used, published to the end, without downtime.",
    ),
)
def keys() -> None:
    """The group."""


@keys.command("list", help=Text("鍵と、いつ使うかを表示する。", "Show the keys and when each is used."))
@json_option
def list_(as_json: bool) -> None:
    """List them."""
    from warifu.wire.token_keys import open_keeper

    now = SystemClock().now()
    with open_keeper(settings()) as keeper:
        states = keeper.schedule().states(now, keeper.kept)
    found = [
        {
            "kid": key.kid,
            "state": state.value,
            "announced_at": _written(key.announced_at),
            "used_from": _written(key.used_from),
            "over_at": _written(key.withdrawn_at or over_at),
        }
        for key, state, over_at in states
    ]
    show(found, as_json, lambda: _show(found))


@keys.command(
    "add",
    help=Text(
        "新しい鍵をつくるか、ファイルやトークン（pkcs11:）の鍵を加える。予告してから使います。",
        "Make a new key, or take one in a file or on a token (pkcs11:). It is announced before it is used.",
    ),
)
@option(
    "--key",
    "place",
    metavar="PLACE",
    help=Text("鍵のファイル、またはpkcs11:アドレス。", "The key's file or its pkcs11: address."),
)
@option(
    "--announce",
    "hours",
    type=click.IntRange(1, 24 * 90),
    metavar="HOURS",
    help=Text("使う前に公開しておく時間（時間単位）。", "For how many hours it is published before it is used."),
)
@json_option
def add(place: str | None, hours: int | None, as_json: bool) -> None:
    """Announce it."""
    from warifu.wire.token_keys import open_keeper

    with open_keeper(settings()) as keeper:
        key = keeper.add(place, SystemClock().now(), hours)
    told = {"kid": key.kid, "announced_at": _written(key.announced_at), "used_from": _written(key.used_from)}
    show(told, as_json, lambda: tell(_ADDED, kid=key.kid, moment=_written(key.used_from)))
    tell(_BEFORE)


@keys.command(
    "retire",
    help=Text(
        "漏れたかもしれない鍵を今すぐ外す。予告中の次の鍵がすぐに使われます。",
        "Take out at once a key that somebody else may have. The next announced one is used from this moment.",
    ),
)
@argument("kid")
@option("--yes", is_flag=True, help=Text("確認しない。", "Do not ask."))
@json_option
def retire(kid: str, yes: bool, as_json: bool) -> None:
    """Withdraw it."""
    from warifu.wire.token_keys import open_keeper

    with open_keeper(settings()) as keeper:
        # What would be refused is refused before anybody is asked.
        keeper.schedule().withdraw(kid, SystemClock().now())
        if not yes:
            click.confirm(words(_LEAKED, kid=kid), abort=True, err=True)
        now = SystemClock().now()
        schedule: KeySchedule = keeper.retire(kid, now)
    told = {"kid": kid, "withdrawn": True, "in_use": schedule.in_use(now).kid}
    show(told, as_json, lambda: tell(_RETIRED, kid=kid))


def _show(found: list[dict[str, Any]]) -> None:
    if not found:
        tell(_NO_KEYS)
        return
    states = {state.value: words(text) for state, text in _STATES.items()}
    rows = [
        [each["kid"], states[each["state"]], each["announced_at"], each["used_from"], each["over_at"] or "-"]
        for each in found
    ]
    show_table([words(heading) for heading in _HEADINGS], rows)


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
