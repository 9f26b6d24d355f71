"""What the commands of ``warifu ca`` have in common: the custodians, the record, a bar for what takes long."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bars

from warifu.cli.pins import ask_pin
from warifu.cli.texts import Text, words
from warifu.errors import NotFound
from warifu.town.pool import refuse_pooled
from warifu.wire.authority import (
    Generations,
    House,
    Record,
    generations_of,
    open_house,
    open_record,
    passphrases_of,
)
from warifu.wire.settings import Settings

__all__ = ["custodians_passphrases", "moment_text", "opened_house", "opened_record", "progress"]

_INIT = Text(
    "'warifu ca init' でつくります。別のフォルダにあるなら WARIFU_DATA_DIRECTORY で選びます",
    "'warifu ca init' makes one; if it is in another folder, WARIFU_DATA_DIRECTORY names that",
)
_PASSPHRASE = Text("保管者{number}の合言葉", "passphrase of custodian {number}")


def custodians_passphrases(chosen: Settings, generations: Generations) -> Sequence[str]:
    """Both passphrases: from the files in the settings, or each typed by its person; none where no key is sealed."""
    if not generations.needs_custodians():
        return ()
    return passphrases_of(chosen) or [ask_pin(words(_PASSPHRASE, number=number)) for number in (1, 2)]


def _check_founded(chosen: Settings, *, keys: bool) -> None:
    """Check that there is an authority: its keys, or at least its record, which a command that looks would begin."""
    record = chosen.database(chosen.authority.database, "authority/record.db")
    if generations_of(chosen).names() or (not keys and ("://" in record or Path(record).exists())):
        return
    nothing = NotFound("there is no authority in this folder")
    nothing.add_note(_INIT)
    raise nothing


@contextmanager
def opened_house(chosen: Settings) -> Iterator[House]:
    """The authorities with their keys."""
    _check_founded(chosen, keys=True)
    passphrases = custodians_passphrases(chosen, generations_of(chosen))
    with open_house(chosen, passphrases, refuse_pooled) as house:
        yield house


@contextmanager
def opened_record(chosen: Settings) -> Iterator[Record]:
    """The record alone; no key is needed."""
    _check_founded(chosen, keys=False)
    engine = open_record(chosen)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def progress(what: Text) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr; nothing where nobody looks."""
    bars = Bars(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=Console(stderr=True))
    with bars:
        task = bars.add_task(words(what), total=None)
        yield lambda done, of_all: bars.update(task, completed=done, total=of_all)


def moment_text(moment: datetime) -> str:
    """A moment for people and for JSON: UTC, whole seconds."""
    return moment.replace(microsecond=0).isoformat().replace("+00:00", "Z")
