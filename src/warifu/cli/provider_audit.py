"""``warifu provider audit``: whether the log of every token is whole, and what is in it."""

import json
from typing import TYPE_CHECKING, Any

import click

from warifu.cli.commands import Command, option
from warifu.cli.results import json_option, show
from warifu.cli.root import settings
from warifu.cli.texts import Text, tell

if TYPE_CHECKING:
    from warifu.idp import AuditEntry, AuditHead

__all__ = ["audit"]

_WHOLE = Text(
    "{count}件を検証しました。最後は{head}です。別の場所に控えてください",
    "{count} entries were checked; the head is {head}: keep it somewhere else",
)
_EMPTY = Text("記録はまだ一件もありません", "the log has no entry yet")


@click.command(
    cls=Command,
    help=Text(
        "すべてのトークンの記録を検証し、必要なら表示する。",
        "Check the log of every token; show entries if asked to.",
    ),
)
@option(
    "--since",
    metavar="HEAD",
    help=Text(
        "控えておいた番号とハッシュ。記録がそこを通ることも検証する。",
        "A head kept from before; the log must lead through it.",
    ),
)
@option("--show", "shown", is_flag=True, help=Text("一件ずつJSONで表示する。", "Print each entry, a line of JSON."))
@option("--client", "client_id", metavar="ID", help=Text("このクライアントだけ。", "Of this client only."))
@option(
    "--subject",
    metavar="SUB",
    help=Text("この人だけ（--clientでのsub）。", "Of this person only, by the sub that --client knows."),
)
@json_option
def audit(since: str | None, shown: bool, client_id: str | None, subject: str | None, as_json: bool) -> None:
    """Check it."""
    from warifu.wire.token_audit import open_audit, read_head_text

    if subject is not None and client_id is None:
        raise click.UsageError("--subject needs --client")
    known = None if since is None else read_head_text(since)
    count, head = 0, None
    with open_audit(settings()) as reading:
        person = None if subject is None or client_id is None else reading.key.person(client_id, subject)
        for entry, head in reading.checked(known):
            count += 1
            if (shown or subject) and client_id in (None, entry.client_id) and person in (None, entry.person):
                click.echo(json.dumps(_told(entry, head), ensure_ascii=False))
    told = {"entries": count, "head": None if head is None else str(head)}
    if as_json or not shown:
        show(told, as_json, lambda: None)
    tell(_EMPTY if head is None else _WHOLE, count=count, head=told["head"])


def _told(entry: "AuditEntry", head: "AuditHead") -> dict[str, Any]:
    told = {
        "number": head.number,
        "at": entry.at.isoformat(),
        "act": entry.act.value,
        "kind": entry.kind.value,
        "client": entry.client_id,
        "person": entry.person,
        "login": entry.login,
        "token": entry.token,
        "kid": entry.kid,
        "why": entry.why,
    }
    return {name: value for name, value in told.items() if value != ""}
