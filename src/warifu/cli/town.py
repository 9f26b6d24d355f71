"""``warifu town``: run the small country, see who lives in it, put one of its cards into the virtual reader."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from warifu.cli.card_in_reader import host_option, insert_until_interrupted, port_option
from warifu.cli.commands import Group, argument, option
from warifu.cli.results import json_option
from warifu.cli.root import settings
from warifu.cli.texts import Text, tell, words
from warifu.cli.town_choice import directory_option, open_town, town_directory
from warifu.wire.settings import Settings

if TYPE_CHECKING:
    from warifu.cli.town_standing import Plan
    from warifu.town.ground import Ground
    from warifu.town.parties import Served
    from warifu.town.town import Town

__all__ = ["town"]

_ENDED = Text("町を閉じました。続きは次回に残っています", "the town is closed; it will be here next time")
_IN_READER = Text(
    "カード（{card}）が仮想リーダーに入っています。Ctrl-Cで取り出します",
    "the card {card} is in the virtual reader; Ctrl-C takes it out",
)


@click.group(
    cls=Group,
    help=Text(
        "小さな国を動かす: 認証局、住民、カード、OpenIDプロバイダー、スマートフォン、商店。人も番号も鍵も架空です。",
        "Run a small country: authorities, residents, cards, a login provider, a phone, a shop. "
        "People, numbers and keys are invented.",
    ),
)
def town() -> None:
    """The group."""


@town.command("up", help=Text("町を動かす。なければつくる。", "Start the town; found it first where there is none."))
@option("--fresh", is_flag=True, help=Text("今の町を捨てて作り直す。", "Throw the present town away and start over."))
@option(
    "--fresh-keys",
    is_flag=True,
    help=Text("同梱の試験鍵を使わず鍵をつくる。", "Make new keys instead of taking those that ship with warifu."),
)
@option(
    "--seed",
    type=click.IntRange(0),
    help=Text("住民の氏名・住所・番号を決める数。", "Decides names, addresses and numbers of the residents."),
)
@option(
    "--port-base",
    type=click.IntRange(1024, 65526),
    help=Text("十二並ぶポートの最初。", "The first of twelve ports in a row."),
)
@option(
    "--detach",
    is_flag=True,
    help=Text(
        "町を裏で動かし、準備ができたら戻る（CI向け）。もう動いていればそれを使う。終わらせるのは town down。",
        "Run it in the background and return when it is ready, for CI; one that is up is used. 'town down' ends it.",
    ),
)
@option(
    "--wait",
    "seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=120,
    show_default=True,
    help=Text("--detach で準備を待つ秒数。", "How many seconds --detach waits."),
)
@option(
    "--env",
    "as_env",
    is_flag=True,
    help=Text("--detach の結果を 名前=値 の行で出力する。", "Print what --detach tells as lines NAME=VALUE."),
)
@directory_option
@json_option
def up(
    fresh: bool,
    fresh_keys: bool,
    seed: int | None,
    port_base: int | None,
    detach: bool,
    seconds: float,
    as_env: bool,
    directory: Path | None,
    as_json: bool,
) -> None:
    """Found the town if need be, then serve until Ctrl-C; or have another process do that."""
    from warifu.cli.logs import start_logs
    from warifu.cli.town_shown import welcome
    from warifu.cli.town_standing import Plan
    from warifu.town.ground import Ground
    from warifu.town.running import told_running
    from warifu.wire.serving import Listening, serve_in_thread

    chosen = settings(town={"seed": seed, "port_base": port_base})
    start_logs(chosen, "warning")
    ground = Ground(town_directory(directory))
    plan = Plan(fresh, fresh_keys, seed, port_base)
    if detach:
        from warifu.cli.town_detached import bring_up

        bring_up(ground, plan, seconds, as_json, as_env)
        return
    with ground.alone(), _at_work(ground, chosen, plan) as (here, served), ExitStack() as stack:
        authorities, *others = served.sites

        def ready() -> None:
            stack.enter_context(told_running(here))
            welcome(here, served, as_json)

        # In an event loop of their own, with worker threads of their own: the provider's wait for the authorities'
        # answers, and would wait for ever if they were all waiting and none were left to answer.
        with serve_in_thread([authorities]):
            Listening(others).run(ready=ready)
    tell(_ENDED)


@contextmanager
def _at_work(ground: "Ground", chosen: Settings, plan: "Plan") -> "Iterator[tuple[Town, Served]]":
    """The town that is asked for, and what it serves."""
    from warifu.cli.town_standing import standing
    from warifu.town.parties import serving
    from warifu.town.provider import Conduct

    conduct = Conduct.of(chosen.town)
    with (
        standing(ground, chosen.town, plan) as (here, reserved),
        serving(here, reserved, stapling=chosen.town.stapling, conduct=conduct) as served,
    ):
        yield here, served


@town.command(
    "down",
    help=Text(
        "動いている町を閉じる。動いていなければ何もしない。",
        "Close the town that is up; where none is, nothing happens.",
    ),
)
@directory_option
def down(directory: Path | None) -> None:
    """Ask its process to end, and wait until it has."""
    from warifu.cli.town_detached import bring_down
    from warifu.town.ground import Ground

    bring_down(Ground(town_directory(directory)))


@town.command("people", help=Text("町の人とカードを表示する。", "Show the people of the town and their cards."))
@directory_option
@json_option
def people(directory: Path | None, as_json: bool) -> None:
    """Show the roster."""
    from warifu.cli.town_shown import show_people

    show_people(open_town(directory), as_json)


@town.command(
    "sign-in",
    help=Text(
        "動いている町の窓口・コールセンター・認証局の運用に入る新しいリンクをもらう。",
        "Get new links into the windows, the hotline and the operator's page of a town that runs.",
    ),
)
@directory_option
@json_option
def sign_in(directory: Path | None, as_json: bool) -> None:
    """Ask the town that runs."""
    from warifu.cli.town_shown import show_links
    from warifu.town.sign_in import ask_for_links

    show_links(ask_for_links(open_town(directory)), as_json)


@town.command(
    "reader",
    help=Text(
        "町の人のカードを仮想リーダーに入れる（pcscdとvpcdが必要）。",
        "Put a card of the town into the virtual reader (needs pcscd and vpcd).",
    ),
)
@argument("persona")
@host_option
@port_option
@directory_option
def reader(persona: str, host: str, port: int, directory: Path | None) -> None:
    """Serve the card until Ctrl-C."""
    standing = open_town(directory)
    _, row = standing.find_card(persona)
    with standing.card(persona) as card:
        insert_until_interrupted(card, host, port, words(_IN_READER, card=row.name))


@town.command(
    "client",
    help=Text(
        "自分のクライアント（リライングパーティ）を町のプロバイダーに登録する。同じ名前なら登録を変える。",
        "Register your own client (relying party) with the town's provider; the same name again changes it.",
    ),
)
@argument("name")
@option(
    "--redirect-uri",
    "redirect_uris",
    multiple=True,
    required=True,
    help=Text("リダイレクトURI（繰り返し可）。", "A redirect URI (may be repeated)."),
)
@option(
    "--jwks",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=Text(
        "公開鍵のJWK Set（ファイル）。指定しなければ鍵をつくり、このフォルダーに書く。",
        "A file with the JWK Set of its public keys; without it a key is made and written to this folder.",
    ),
)
@option(
    "--phishing-resistant/--no-phishing-resistant",
    default=None,
    help=Text(
        "中継できないログインだけを受け付ける（PCの画面のコードを使わない）。指定しなければ前のまま。",
        "Only logins that cannot be relayed, without a code for a phone beside a PC. Unless given it stays as it was.",
    ),
)
@option(
    "--backchannel-logout-uri",
    metavar="URL",
    help=Text(
        "セッションの終わりを知らせるアドレス（設定 [town] logout = true のとき）。",
        "Where its server is told that a session is over, in a town with [town] logout = true.",
    ),
)
@directory_option
@json_option
def client(
    name: str,
    redirect_uris: tuple[str, ...],
    jwks: Path | None,
    phishing_resistant: bool | None,
    backchannel_logout_uri: str | None,
    directory: Path | None,
    as_json: bool,
) -> None:
    """Keep the registration; a town that runs takes it up at once, with a settings file for the programs."""
    from warifu.cli.town_client import Wishes, register

    wishes = Wishes(phishing_resistant, backchannel_logout_uri)
    register(open_town(directory), name, redirect_uris, jwks, wishes, as_json)
