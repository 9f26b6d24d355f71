"""``warifu provider sweep``: end now what stands on certificates that lost their effect."""

import click

from warifu.cli.commands import Command
from warifu.cli.logs import start_logs
from warifu.cli.results import json_option, show
from warifu.cli.root import settings
from warifu.cli.texts import Text, tell
from warifu.errors import Unavailable

__all__ = ["sweep"]

_SWEPT = Text(
    "証明書{asked}枚の状態を確かめ、効力のない{ended}枚のセッションを終わらせました",
    "{asked} certificates were looked at; the sessions of {ended} that have no effect were ended",
)


@click.command(
    cls=Command,
    help=Text(
        "ログイン中の人の証明書をすべて今すぐ認証局に確かめ、失効・一時停止・期限切れならセッションを終わらせる。",
        "Ask the authority now about every certificate that somebody is logged in with, and end what stands on one "
        "that is revoked, suspended or expired. Running processes do the same by themselves, and tell the clients.",
    ),
)
@json_option
def sweep(as_json: bool) -> None:
    """Sweep once."""
    from warifu.town.pool import refuse_pooled
    from warifu.wire.standalone import open_provider_service

    chosen = settings()
    start_logs(chosen, "warning")
    with open_provider_service(chosen, refuse_pooled) as service:
        swept = service.sweeper.sweep(everything=True)
    told = {"asked": swept.asked, "ended": swept.ended}
    show(told, as_json, lambda: tell(_SWEPT, **told))
    if swept.unanswered:
        raise Unavailable("the authority does not say of every certificate whether it is still good: try again")
