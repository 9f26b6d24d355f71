"""``warifu post``: how parties come to know each other, and the register's letters that wait."""

from pathlib import Path

import click

from warifu.cli.commands import Group, option
from warifu.cli.register_open import registered
from warifu.cli.results import json_option, show, show_table
from warifu.cli.root import settings
from warifu.cli.texts import Text, tell, words
from warifu.messages import json

__all__ = ["post"]

_PARTIES = ("registry", "numbering", "authority")
_KNOWN = Text("{party} は {other} を知りました", "{party} knows {other} now")
_AT_NEXT_START = Text("次に起動したときから使われます", "it counts from the next start on")
_NOTHING = Text("届いていない通知はありません", "no letter waits")
_SET_ASIDE = Text("脇に置きました。'warifu post retry' で戻せます", "set aside; 'warifu post retry' takes it up again")
_AGAIN = Text("もう一度届けます", "it will be tried again")

party_argument = click.argument("party", type=click.Choice(_PARTIES))


@click.group(
    cls=Group,
    help=Text(
        "機関どうしの署名付き通知。台帳、付番する機関、認証局がデータディレクトリのファイルで互いを知ります。",
        "Signed letters between register, numbering party and authorities, which know each other by files.",
    ),
)
def post() -> None:
    """The group."""


@post.command(
    "key",
    help=Text("自分の公開鍵を表示する（なければつくる）。", "Show a party's own public key; made if there is none."),
)
@party_argument
@json_option
def key(party: str, as_json: bool) -> None:
    """Show it."""
    from warifu.wire.post import open_post_key

    shown = json.to_base64(open_post_key(_folder(party) / "post.key").public_key_info)
    show({"party": party, "key": shown}, as_json, lambda: click.echo(shown))


@post.command("know", help=Text("相手の機関を登録する。", "Let a party know another one."))
@party_argument
@click.argument("other")
@option(
    "--key",
    "keys",
    multiple=True,
    required=True,
    help=Text("相手の公開鍵（複数可）。", "The other's key; may be repeated."),
)
@option(
    "--address",
    default="",
    help=Text("通知を受けるアドレス（…/post）。", "Where it takes letters: http://HOST:PORT/post"),
)
def know(party: str, other: str, keys: tuple[str, ...], address: str) -> None:
    """Keep the other's file."""
    from warifu.wire.post import write_peer

    write_peer(_folder(party) / "peers", other, address, [json.from_base64(each) for each in keys])
    tell(_KNOWN, party=party, other=other)
    tell(_AT_NEXT_START)


@post.command(
    "queue", help=Text("台帳から届いていない通知を表示する。", "What of the register's letters waits, and why.")
)
@json_option
def queue(as_json: bool) -> None:
    """Show it."""
    with registered() as house:
        queues, stuck = house.registry.queues(), house.registry.stuck()
    result = {
        "queues": [
            {"recipient": q.recipient, "waiting": q.waiting, "refused": q.refused, "oldest": q.oldest.isoformat()}
            for q in queues
        ],
        "refused": [
            {
                "recipient": each.recipient,
                "id": each.id,
                "about": each.subject,
                "error": each.failure,
                "tries": each.tries,
            }
            for each in stuck
        ],
    }

    def present() -> None:
        if not queues:
            click.echo(words(_NOTHING))
            return
        for rows in result.values():
            if rows:
                show_table(list(rows[0]), [[str(cell) for cell in row.values()] for row in rows])

    show(result, as_json, present)


@post.command("retry", help=Text("通知をすぐにもう一度届ける。", "Try a letter at once, also one set aside."))
@click.argument("recipient")
@click.argument("letter", metavar="ID")
def retry(recipient: str, letter: str) -> None:
    """Try it."""
    with registered() as house:
        house.registry.retry(recipient, letter)
        house.settle()
    tell(_AGAIN)


@post.command(
    "set-aside",
    help=Text("通知を脇に置き、後ろの通知を先に届ける。", "Give a letter up, so that those behind it go out."),
)
@click.argument("recipient")
@click.argument("letter", metavar="ID")
def set_aside(recipient: str, letter: str) -> None:
    """Set it aside."""
    with registered() as house:
        house.registry.set_aside(recipient, letter)
        house.settle()
    tell(_SET_ASIDE)


def _folder(party: str) -> Path:
    return settings().data_directory / party
