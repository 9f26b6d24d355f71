"""``warifu provider certificate-keys``: the keys of the hashes under which people's certificates are remembered."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from warifu.cli.commands import Group, argument, option
from warifu.cli.results import json_option, show, show_table
from warifu.cli.root import settings
from warifu.cli.texts import Text, tell, words

if TYPE_CHECKING:
    from warifu.wire.database import Engine

__all__ = ["certificate_keys"]

_HEADINGS = (
    Text("世代", "generation"),
    Text("ハッシュ", "hashes"),
    Text("この世代までしか知らない人", "people known by nothing newer"),
)
_ADDED = Text(
    "第{number}世代をつくりました。プロバイダーの次の起動から使い、ログインのたびに引き継ぎます",
    "generation {number} is made; it is used from the provider's next start and takes links over at each login",
)
_LOST = Text(
    "第{number}世代を消すと、新しい世代に引き継がれていない{people}人は次のログインで別の人になります。続けますか？",
    "{people} people who are known by nothing newer than generation {number} become new at their next login. Go on?",
)
_RETIRED = Text("第{number}世代と{hashes}個のハッシュを消しました", "generation {number} is gone, with {hashes} hashes")


@click.group(
    "certificate-keys",
    cls=Group,
    help=Text(
        "証明書を覚えるハッシュの鍵。世代を替えても、ログインした人のつながりは残ります。",
        "The keys of the hashes that certificates are remembered by: whoever logs in is taken over to the next one.",
    ),
)
def certificate_keys() -> None:
    """The group."""


@certificate_keys.command("list", help=Text("世代を表示する。", "Show the generations."))
@json_option
def list_(as_json: bool) -> None:
    """List them."""
    from warifu.wire.provider import list_certificate_keys

    with _opened() as (secret, engine):
        found = [
            {"generation": each.number, "hashes": each.hashes, "known_by_nothing_newer": each.only_here}
            for each in list_certificate_keys(secret, engine)
        ]
    show(found, as_json, lambda: _show(found))


@certificate_keys.command("add", help=Text("新しい世代をつくる。", "Make a new generation."))
@json_option
def add(as_json: bool) -> None:
    """Make one."""
    from warifu.wire.clock import SystemEntropy
    from warifu.wire.provider import add_certificate_key
    from warifu.wire.provider_place import provider_secret

    number = add_certificate_key(provider_secret(settings()), SystemEntropy())
    show({"generation": number}, as_json, lambda: tell(_ADDED, number=number))


@certificate_keys.command(
    "retire",
    help=Text(
        "古い世代の鍵とハッシュを消す。動いているプロバイダーのうち、新しい世代を知らないものは再起動まで待たせます。",
        "Delete an older generation's key and hashes. Processes that run write nothing under it from then on; one that "
        "knows nothing newer lets nobody in until it is started again.",
    ),
)
@argument("number", type=int)
@option("--yes", is_flag=True, help=Text("確認しない。", "Do not ask."))
@json_option
def retire(number: int, yes: bool, as_json: bool) -> None:
    """Retire one."""
    from warifu.wire.provider import list_certificate_keys, retire_certificate_key

    with _opened() as (secret, engine):
        lost = sum(each.only_here for each in list_certificate_keys(secret, engine) if each.number == number)
        if lost and not yes:
            click.confirm(words(_LOST, number=number, people=lost), abort=True, err=True)
        hashes = retire_certificate_key(secret, engine, number)
    told = {"generation": number, "hashes": hashes, "people": lost}
    show(told, as_json, lambda: tell(_RETIRED, number=number, hashes=hashes))


@contextmanager
def _opened() -> Iterator[tuple[Path, "Engine"]]:
    from warifu.wire.provider_place import provider_secret, provider_store

    with provider_store(settings()) as engine:
        yield provider_secret(settings()), engine


def _show(found: list[dict[str, Any]]) -> None:
    rows = [[str(value) for value in each.values()] for each in found]
    show_table([words(heading) for heading in _HEADINGS], rows)
