"""``warifu ca leaked``: a generation's key leaked; everything under it loses its effect."""

import click

from warifu.cli.authority_open import opened_record, progress
from warifu.cli.commands import Command, argument, option
from warifu.cli.results import json_option, show
from warifu.cli.root import settings
from warifu.cli.texts import Text, tell, words
from warifu.errors import Cancelled, Malformed
from warifu.pki import CertificateKind
from warifu.wire.clock import SystemClock

__all__ = ["leaked"]

_ASK = Text(
    "この鍵の下のすべての証明書を失効させます。取り消せません。続けますか",
    "every certificate under this key will be revoked, for good; go on?",
)
_REVOKING = Text("失効", "revoking")
_REVOKED = Text("{count}件を失効させました", "{count} certificates were revoked")
_NEXT = Text(
    "'warifu ca roll' で新しい鍵をつくり、'warifu ca publish' で失効リストを出してください",
    "make a new key with 'warifu ca roll', and the lists with 'warifu ca publish'",
)


@click.command(
    cls=Command,
    help=Text(
        "世代の鍵が漏えいしたことを記録し、その鍵のすべての証明書を失効させる（公的個人認証法 第14条・第33条）。"
        "途中で止まっても、もう一度実行すれば続きから進む。",
        "Record that a generation's key leaked, and revoke every certificate under it (公的個人認証法 第14条, 第33条). "
        "Stopped halfway, it goes on where it was when it is run again.",
    ),
)
@argument("kind", type=click.Choice([kind.value for kind in CertificateKind]))
@argument("generation", metavar="KEY_ID")
@option("--yes", is_flag=True, help=Text("確認しない。", "Do not ask."))
@json_option
def leaked(kind: str, generation: str, yes: bool, as_json: bool) -> None:
    """Record the leak."""
    from warifu.wire.authority import compromise

    try:
        key_id = bytes.fromhex(generation)
    except ValueError:
        raise Malformed("a generation is named by its key identifier, 40 hexadecimal digits") from None
    if not yes and not click.confirm(words(_ASK), err=True):
        raise Cancelled
    with opened_record(settings()) as engine, progress(_REVOKING) as step:
        count = compromise(engine, CertificateKind(kind), key_id, SystemClock().now(), step)
    show({"revoked": count}, as_json, lambda: click.echo(words(_REVOKED, count=count)))
    tell(_NEXT)
