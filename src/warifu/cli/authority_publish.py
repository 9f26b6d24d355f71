"""``warifu ca publish``: revocation lists, answers signed beforehand, and the log's head."""

import click

from warifu.cli.authority_open import opened_house, progress
from warifu.cli.commands import Command, option
from warifu.cli.results import json_option, show
from warifu.cli.root import settings
from warifu.cli.texts import Text, words
from warifu.pki import CertificateKind

__all__ = ["publish"]

_LISTS = Text("失効リスト", "revocation lists")
_ANSWERS = Text("事前署名", "early answers")
_DONE = Text(
    "失効リスト{lists}件、事前署名した応答{answers}件、ログの葉{size}まで署名しました",
    "{lists} lists and {answers} early answers were made; the log is signed up to leaf {size}",
)


@click.command(
    cls=Command,
    help=Text(
        "すべての市区町村・世代の失効リストと認証局失効リストをつくり、ログに署名して第三者に預ける。",
        "Make the revocation lists of all municipalities and generations and those of the authorities, sign the log "
        "and hand the head to the party that keeps it.",
    ),
)
@option(
    "--answers/--no-answers",
    default=True,
    show_default=True,
    help=Text("状態の応答も前もって署名する。", "Sign status answers beforehand, too."),
)
@json_option
def publish(answers: bool, as_json: bool) -> None:
    """Publish."""
    with opened_house(settings()) as house:
        with progress(_LISTS) as step:
            lists = house.authorities.publisher.publish_all(step)
        signed = 0
        with progress(_ANSWERS) as step:
            for kind in CertificateKind if answers else ():
                signed += house.authorities.status.presign(kind, lambda done: step(done, done))
        head = house.heads.sign()
    result = {"lists": lists, "answers": signed, "leaves": head.tree_head.size, "root": head.tree_head.root.hex()}
    show(result, as_json, lambda: click.echo(words(_DONE, lists=lists, answers=signed, size=head.tree_head.size)))
