"""``warifu ca list`` and ``warifu ca show``: certificates as the record has them, without personal data."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from warifu.cli.authority_open import moment_text, opened_record
from warifu.cli.commands import Command, argument, option
from warifu.cli.results import json_option, show, show_table
from warifu.cli.root import settings
from warifu.cli.texts import Text, words
from warifu.pki import CertificateKind
from warifu.wire.clock import SystemClock

if TYPE_CHECKING:
    from warifu.ca import Entry

__all__ = ["list_", "show_one"]

_KINDS = [kind.value for kind in CertificateKind]
_STATES = ["issued", "valid", "held", "revoked", "expired"]
_HEADINGS = (
    Text("種類", "kind"),
    Text("発行番号", "serial number"),
    Text("状態", "state"),
    Text("媒体", "medium"),
    Text("市区町村", "municipality"),
    Text("満了", "ends"),
    Text("失効・停止", "revoked or held"),
)
_STATE_NAMES = {
    "issued": Text("発行（未交付）", "issued"),
    "valid": Text("有効", "valid"),
    "held": Text("一時停止", "held"),
    "revoked": Text("失効", "revoked"),
    "expired": Text("満了", "expired"),
}
_COUNTS = (Text("種類", "kind"), *_STATE_NAMES.values())
_EVENTS = (Text("時刻", "moment"), Text("できごと", "event"))


@click.command(
    "list",
    cls=Command,
    help=Text(
        "証明書を表示する。--counts は状態別の件数だけ。",
        "Show certificates in order of their numbers; --counts shows only how many there are of each state.",
    ),
)
@option("--kind", type=click.Choice(_KINDS), help=Text("種類。", "Of this kind only."))
@option("--state", type=click.Choice(_STATES), help=Text("状態。", "In this state now only."))
@option("--after", type=click.IntRange(0), default=0, help=Text("この番号より後。", "Above this serial number."))
@option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=50,
    show_default=True,
    help=Text("最大件数。", "At most so many."),
)
@option("--counts", is_flag=True, help=Text("件数だけ。", "Only how many."))
@json_option
def list_(kind: str | None, state: str | None, after: int, limit: int, counts: bool, as_json: bool) -> None:
    """List certificates."""
    from warifu.ca import State
    from warifu.wire.authority import Inspection, Wanted

    clock = SystemClock()
    now = clock.now()
    wanted = Wanted(
        None if kind is None else CertificateKind(kind), None if state is None else State(state), after, limit
    )
    with opened_record(settings()) as engine:
        inspection = Inspection(engine, clock)
        if counts:
            found = inspection.counts()
            numbers = {k: {s: found.get((CertificateKind(k), State(s)), 0) for s in _STATES} for k in _KINDS}
            rows = [[k, *map(str, numbers[k].values())] for k in _KINDS]
            show(numbers, as_json, lambda: show_table([words(heading) for heading in _COUNTS], rows))
            return
        entries = inspection.certificates(wanted)
    show(
        [_json(entry, now) for entry in entries],
        as_json,
        lambda: show_table([words(heading) for heading in _HEADINGS], [_row(entry, now) for entry in entries]),
    )


@click.command(
    "show",
    cls=Command,
    help=Text("証明書一つの状態と経過を表示する。", "Show one certificate's state and what happened to it."),
)
@argument("kind", type=click.Choice(_KINDS))
@argument("serial_number", type=click.IntRange(1))
@json_option
def show_one(kind: str, serial_number: int, as_json: bool) -> None:
    """Show one certificate."""
    from warifu.wire.authority import Inspection

    clock = SystemClock()
    now = clock.now()
    with opened_record(settings()) as engine:
        entry, happened = Inspection(engine, clock).certificate(CertificateKind(kind), serial_number)
    events = [(moment_text(each.at), each.event) for each in happened]
    result = {**_json(entry, now), "events": [{"at": at, "event": event} for at, event in events]}

    def present() -> None:
        show_table([words(heading) for heading in _HEADINGS], [_row(entry, now)])
        if events:
            show_table([words(heading) for heading in _EVENTS], [list(each) for each in events])

    show(result, as_json, present)


def _json(entry: "Entry", now: datetime) -> dict[str, Any]:
    revoked = entry.revocation
    return {
        "kind": entry.kind.value,
        "serial_number": entry.serial_number,
        "state": entry.state_at(now).value,
        "medium": entry.medium.value,
        "municipality": entry.municipality,
        "generation": entry.generation.hex(),
        "not_before": moment_text(entry.not_before),
        "not_after": moment_text(entry.not_after),
        "revoked_at": None if revoked is None else moment_text(revoked.at),
        "reason": None if revoked is None else revoked.reason.name.lower(),
    }


def _row(entry: "Entry", now: datetime) -> list[str]:
    members = _json(entry, now)
    revoked = f"{members['revoked_at']} {members['reason']}" if members["revoked_at"] else ""
    members["state"] = words(_STATE_NAMES[members["state"]])
    names = ("kind", "serial_number", "state", "medium", "municipality", "not_after")
    return [*(str(members[name]) for name in names), revoked]
