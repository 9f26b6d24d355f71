"""``warifu ca produce`` and ``warifu ca snapshot``: what is made in bulk, by several processes or machines."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from warifu.cli.authority_open import custodians_passphrases, opened_house, opened_record, progress
from warifu.cli.commands import Command, argument, option
from warifu.cli.results import json_option, show
from warifu.cli.root import settings
from warifu.cli.texts import Text, words
from warifu.errors import NotAllowed
from warifu.pki import CertificateKind
from warifu.town.pool import refuse_pooled
from warifu.wire.authority import (
    Authorities,
    Produced,
    generations_of,
    open_house,
    passphrases_of,
    produce_answers,
    produce_lists,
    take_snapshot,
)
from warifu.wire.clock import SystemClock
from warifu.wire.settings import Settings

if TYPE_CHECKING:
    from warifu.wire.batch import Crew, Opening

__all__ = ["produce", "snapshot"]

_LISTS = Text("失効リスト", "revocation lists")
_ANSWERS = Text("事前署名した応答", "early answers")
_CERTIFICATES = Text("証明書", "certificates")
_DONE = Text(
    "失効リスト{lists}件、事前署名した応答{answers}件をつくりました",
    "{lists} lists and {answers} early answers were made",
)
_TAKEN = Text("{count}件の証明書の状態を{path}に書きました", "the status of {count} certificates is in {path}")
_OWN_FILES = Text(
    "[authority] passphrase_files に、各計算機にある合言葉のファイルを書いてください",
    "name files with the passphrases, which every machine has, in [authority] passphrase_files",
)


@contextmanager
def _office(chosen: Settings, passphrases: Sequence[str] | None) -> Iterator[Authorities]:
    """The authorities as a worker opens them; passphrases that were not sent are read on the worker's machine."""
    with open_house(chosen, passphrases_of(chosen) if passphrases is None else passphrases, refuse_pooled) as house:
        yield house.authorities


@click.command(
    cls=Command,
    help=Text(
        "失効リストと事前署名した応答を、複数のプロセスまたは計算機（Dask）で一括してつくる。途中で倒れた分は他が引き継ぎ、"
        "やり直しても害はありません。",
        "Make revocation lists and early answers in bulk, by several processes or machines (Dask). What a worker "
        "leaves undone another does; running it again does no harm.",
    ),
)
@option("--lists/--no-lists", default=True, show_default=True, help=Text("失効リストをつくる。", "Make the lists."))
@option("--answers/--no-answers", default=True, show_default=True, help=Text("応答をつくる。", "Make the answers."))
@option(
    "--workers",
    type=click.IntRange(1, 256),
    default=2,
    show_default=True,
    help=Text("この計算機で動かすプロセスの数。", "How many processes of this machine work."),
)
@option(
    "--scheduler",
    default="",
    help=Text(
        "Daskスケジューラーのアドレス（この計算機の代わりに使う）。", "The address of a Dask scheduler to work instead."
    ),
)
@option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    help=Text(
        "応答をファイルとしても置くフォルダー（ウェブサーバーがそのまま配れる）。",
        "A folder to put the answers into as files, too, as any web server serves them.",
    ),
)
@json_option
def produce(lists: bool, answers: bool, workers: int, scheduler: str, into: Path | None, as_json: bool) -> None:
    """Produce."""
    chosen, since = settings(), SystemClock().now()
    made = {"lists": Produced(0, 0), "answers": Produced(0, 0)}
    with opened_house(chosen) as house, _crew(chosen, workers, scheduler) as crew:
        if lists:
            with progress(_LISTS) as step:
                made["lists"] = produce_lists(crew, house.authorities, since, step)
        if answers:
            with progress(_ANSWERS) as step:
                folder = None if into is None else into.absolute()
                made["answers"] = produce_answers(crew, house.authorities, folder=folder, progress=step)
    result = {name: each.made for name, each in made.items()}
    show(result, as_json, lambda: click.echo(words(_DONE, **result)))


@contextmanager
def _crew(chosen: Settings, workers: int, scheduler: str) -> "Iterator[Crew[Authorities]]":
    from warifu.wire.batch import crew  # loads Dask, which no other command needs

    with crew(_opening(chosen, scheduler), workers=workers, scheduler=scheduler) as working:
        yield working


def _opening(chosen: Settings, scheduler: str) -> "Opening[Authorities]":
    """How a worker opens the authorities. A passphrase leaves this machine for no scheduler."""
    if not scheduler:
        return partial(_office, chosen, tuple(custodians_passphrases(chosen, generations_of(chosen))))
    if generations_of(chosen).needs_custodians() and not passphrases_of(chosen):
        refused = NotAllowed("passphrases are not sent to other machines")
        refused.add_note(_OWN_FILES)
        raise refused
    return partial(_office, chosen, None)


@click.command(
    cls=Command,
    help=Text(
        "ある種類の証明書すべての現在の状態を、読むだけの一つのファイルに書く。鍵は使いません。",
        "Write the present status of every certificate of a kind into one file that is only read. No key is used.",
    ),
)
@argument("kind", type=click.Choice([kind.value for kind in CertificateKind]))
@argument("path", type=click.Path(dir_okay=False, path_type=Path))
@json_option
def snapshot(kind: str, path: Path, as_json: bool) -> None:
    """Take a snapshot."""
    with opened_record(settings()) as engine, progress(_CERTIFICATES) as step:
        heading = take_snapshot(engine, CertificateKind(kind), path, SystemClock().now(), step)
    result = {"path": str(path), "count": heading.count, "revoked": heading.revoked}
    show(result, as_json, lambda: click.echo(words(_TAKEN, **result)))
