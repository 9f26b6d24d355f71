"""``warifu ca recipients``: who may ask for revocation data, and their tokens."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from warifu.cli.authority_open import opened_record
from warifu.cli.commands import Group, argument, option
from warifu.cli.results import json_option, show, show_table
from warifu.cli.root import settings
from warifu.cli.texts import Text, tell, words
from warifu.errors import Malformed
from warifu.pki import JST, CertificateKind, public_key_info_of
from warifu.wire.clock import SystemClock, SystemEntropy
from warifu.wire.key_files import read_certificate

if TYPE_CHECKING:
    from warifu.ca import Recipient

__all__ = ["recipients"]

_KINDS = (
    "administrative_organ",
    "court",
    "assembly",
    "designated_body",
    "accredited_certifier",
    "specified_certifier",
    "certified",
    "group",
)
_SCOPES = ("status", "lists", "links", "consents", "attributes", "reports", "operate")
_HEADINGS = (
    Text("ID", "id"),
    Text("名称", "name"),
    Text("区分", "kind"),
    Text("検証する証明書", "verifies"),
    Text("取決め", "agreed"),
    Text("認定の満了", "certified until"),
    Text("提供", "supply"),
)
_STOPPED, _GOES_ON = Text("停止", "stopped"), Text("あり", "goes on")
_TOKEN_ONCE = Text("このトークンは一度だけ表示します", "this token is shown this once")
_REGISTERED = Text("{name}を登録しました", "{name} is registered")
_STOP_TOLD = Text("{name}への提供を停止しました", "the supply to {name} is stopped")
_WITHDRAWN = Text("トークン{name}を取り消しました", "the token {name} is withdrawn")


@click.group(
    cls=Group,
    help=Text(
        "失効情報などの提供を受ける者の登録（公的個人認証法 第17条・第18条・第36条・第37条）。",
        "Who may ask for revocation data and the like (公的個人認証法 第17条, 第18条, 第36条, 第37条).",
    ),
)
def recipients() -> None:
    """The group."""


@recipients.command("list", help=Text("登録されている者を表示する。", "Show who is registered."))
@json_option
def list_(as_json: bool) -> None:
    """List them."""
    from warifu.wire.authority import Recipients

    with opened_record(settings()) as engine:
        found = Recipients(engine, SystemClock()).all()
    rows = [_row(each) for each in found]
    show(
        [_json(each) for each in found],
        as_json,
        lambda: show_table([words(heading) for heading in _HEADINGS], rows),
    )


@recipients.command("add", help=Text("受ける者を登録する。", "Register a recipient."))
@argument("name")
@option("--kind", type=click.Choice(_KINDS), required=True, help=Text("法第17条の区分。", "On what ground (第17条)."))
@option(
    "--verifies",
    type=click.Choice([kind.value for kind in CertificateKind]),
    multiple=True,
    required=True,
    help=Text("検証する証明書の種類（両方なら二回）。", "The kind of certificates it verifies; twice for both."),
)
@option("--agreed-on", metavar="YYYY-MM-DD", help=Text("取決めの日。", "The day of the agreement."))
@option("--certified-until", metavar="YYYY-MM-DD", help=Text("認定の満了日。", "The certification's last day."))
@option(
    "--certificate",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=Text("OCSPの要求に署名する鍵の証明書。", "The certificate of the key that signs its OCSP questions."),
)
@option("--id", "identifier", metavar="HEX", help=Text("32桁の16進数。なければ決める。", "32 hexadecimal digits."))
@json_option
def add(
    name: str,
    kind: str,
    verifies: tuple[str, ...],
    agreed_on: str | None,
    certified_until: str | None,
    certificate: Path | None,
    identifier: str | None,
    as_json: bool,
) -> None:
    """Register one."""
    from warifu.ca import Recipient, RecipientKind
    from warifu.wire.authority import Recipients

    recipient = Recipient(
        id=identifier or SystemEntropy().bytes(16).hex(),
        name=name,
        kind=RecipientKind(kind),
        verifies=frozenset(map(CertificateKind, verifies)),
        agreed_on=_day(agreed_on),
        certified_until=_day(certified_until),
        key=None if certificate is None else public_key_info_of(read_certificate(certificate)),
    )
    with opened_record(settings()) as engine:
        Recipients(engine, SystemClock()).register(recipient)
    show(_json(recipient), as_json, lambda: click.echo(recipient.id))
    tell(_REGISTERED, name=name)


@recipients.command("stop", help=Text("提供を停止する。", "Stop the supply to a recipient."))
@argument("identifier", metavar="ID")
@json_option
def stop(identifier: str, as_json: bool) -> None:
    """Stop it."""
    from warifu.wire.authority import Recipients

    with opened_record(settings()) as engine:
        stopped = Recipients(engine, SystemClock()).stop(identifier)
    show(_json(stopped), as_json, lambda: tell(_STOP_TOLD, name=stopped.name))


@recipients.command(
    "token",
    help=Text(
        "REST API のトークンをつくる。--recipient がなければ運営者のもの（operate）。",
        "Make a token for the REST interface; without --recipient it is an operator's (scope operate).",
    ),
)
@argument("name")
@option("--recipient", metavar="ID", help=Text("誰のものか。", "Whose it is."))
@option("--scope", "scopes", type=click.Choice(_SCOPES), multiple=True, help=Text("できること。", "What it is for."))
@option("--days", type=click.IntRange(1, 3660), help=Text("有効日数。", "For how many days."))
@json_option
def token(name: str, recipient: str | None, scopes: tuple[str, ...], days: int | None, as_json: bool) -> None:
    """Make a token."""
    from warifu.wire.authority import Recipients, Tokens

    clock = SystemClock()
    until = None if days is None else clock.now() + timedelta(days=days)
    with opened_record(settings()) as engine:
        if recipient is not None:
            Recipients(engine, clock).find(recipient)
        wanted = scopes or (("operate",) if recipient is None else tuple(each for each in _SCOPES if each != "operate"))
        made = Tokens(engine, clock, SystemEntropy()).make(name, wanted, recipient, until)
    show({"name": name, "token": made, "scopes": sorted(wanted)}, as_json, lambda: click.echo(made))
    tell(_TOKEN_ONCE)


@recipients.command("withdraw", help=Text("トークンを取り消す。", "Withdraw a token."))
@argument("name")
@json_option
def withdraw(name: str, as_json: bool) -> None:
    """Withdraw it."""
    from warifu.wire.authority import Tokens

    with opened_record(settings()) as engine:
        Tokens(engine, SystemClock(), SystemEntropy()).withdraw(name)
    show({"name": name, "withdrawn": True}, as_json, lambda: tell(_WITHDRAWN, name=name))


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=JST).date()
    except ValueError:
        raise Malformed("a day is written YYYY-MM-DD") from None


def _json(recipient: "Recipient") -> dict[str, Any]:
    agreed, certified = recipient.agreed_on, recipient.certified_until
    return {
        "id": recipient.id,
        "name": recipient.name,
        "kind": recipient.kind.value,
        "verifies": sorted(kind.value for kind in recipient.verifies),
        "agreed_on": None if agreed is None else agreed.isoformat(),
        "certified_until": None if certified is None else certified.isoformat(),
        "signs": recipient.key is not None,
        "stopped": recipient.stopped,
    }


def _row(recipient: "Recipient") -> list[str]:
    members = _json(recipient)
    days = [members[name] or "-" for name in ("agreed_on", "certified_until")]
    supply = words(_STOPPED if recipient.stopped else _GOES_ON)
    return [recipient.id, recipient.name, members["kind"], " ".join(members["verifies"]), *days, supply]
