"""``warifu card serve``: a card in the virtual reader, for any program that speaks PC/SC; no town is needed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from warifu.cli.card_in_reader import host_option, insert_until_interrupted, port_option
from warifu.cli.card_new import profile_option, secrets_of, show_secrets
from warifu.cli.commands import Command, argument, option
from warifu.cli.recording import recording
from warifu.cli.results import json_option
from warifu.cli.texts import Text, words
from warifu.cli.town_choice import directory_option, open_town
from warifu.errors import InUse
from warifu.ports import Connection

__all__ = ["held_file", "serve"]

_ONE_CARD = Text(
    "PERSONA、--profile、--file のうち一つだけ指定してください",
    "give one of PERSONA, --profile and --file, not several",
)
_INSIDE = Text(
    "カード（{card}）が仮想リーダーに入っています。Ctrl-Cで取り出します",
    "the card ({card}) is in the virtual reader; Ctrl-C takes it out",
)
_HELD = "another program has this card in a reader"


@click.command(
    cls=Command,
    help=Text(
        "カードを仮想リーダーに入れる（pcscdとvpcdが必要）。町の人（PERSONA）のカード、"
        "'card new' のファイル（--file）、または使い捨てのカード（--profile、指定がなければ a）。"
        "使い捨てのカードを開くものは標準出力に出ます。",
        "Put a card into the virtual reader (needs pcscd and vpcd): one of the town (PERSONA), one that 'card new' "
        "made (--file), or a throw-away one (--profile; a where nothing is said). What opens a throw-away card goes "
        "to stdout.",
    ),
)
@argument("persona", required=False)
@profile_option
@option(
    "--file",
    type=click.Path(dir_okay=False, path_type=Path),
    help=Text("'card new' がつくったカードのファイル。", "The file of a card that 'card new' made."),
)
@option(
    "--record",
    type=click.Path(dir_okay=False, path_type=Path),
    help=Text(
        "カードとのやりとりをファイルに記録する（'card trace' で見る）。",
        "Keep each command and answer in a file for 'card trace'.",
    ),
)
@host_option
@port_option
@directory_option
@json_option
def serve(
    persona: str | None,
    profile: str | None,
    file: Path | None,
    record: Path | None,
    host: str,
    port: int,
    directory: Path | None,
    as_json: bool,
) -> None:
    """Choose the card, then serve it until Ctrl-C."""
    if sum(each is not None for each in (persona, profile, file)) > 1:
        raise click.UsageError(words(_ONE_CARD))
    with (
        _card(persona, profile, file, directory, as_json) as (card, name),
        recording(card, record, invented=True) as connection,
    ):
        insert_until_interrupted(connection, host, port, words(_INSIDE, card=name))


@contextmanager
def _card(
    persona: str | None, profile: str | None, file: Path | None, directory: Path | None, as_json: bool
) -> Iterator[tuple[Connection, str]]:
    """The card that was asked for, and what to call it."""
    if persona is not None:
        town = open_town(directory)
        _, row = town.find_card(persona)
        with town.card(persona) as card:
            yield card, row.name
    elif file is not None:
        with held_file(file) as card:
            yield card, file.name
    else:
        from warifu.testing import CARD_KINDS

        kind = profile or next(iter(CARD_KINDS))
        made = CARD_KINDS[kind].make()
        show_secrets({"profile": kind, **secrets_of(made)}, as_json)
        made.connection.power_cycle()
        yield made.connection, kind


@contextmanager
def held_file(path: Path) -> Iterator[Connection]:
    """The card in a file, powered, for as long as the block runs.

    Raises:
        NoCard, DataTooNew, Malformed, Unavailable: as `JournalStore`.
        InUse: another process holds it.
    """
    from filelock import FileLock, Timeout

    from warifu.card import Card
    from warifu.wire.card_store import JournalStore
    from warifu.wire.clock import SystemEntropy

    lock = FileLock(path.with_name(path.name + ".lock"), timeout=0, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        raise InUse(_HELD) from None
    try:
        store = JournalStore(path)
        try:
            yield Card(store, SystemEntropy())
        finally:
            store.close()
    finally:
        lock.release()
