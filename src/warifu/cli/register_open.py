"""What ``warifu resident`` and ``warifu hotline`` share: which register, at which desk, and what came of it."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from warifu.cli.commands import option
from warifu.cli.results import show, show_table
from warifu.cli.root import settings
from warifu.cli.texts import Text, tell, words
from warifu.errors import Malformed, NotAllowed, Unavailable

if TYPE_CHECKING:
    from warifu.registry import Desk
    from warifu.wire.registry import Calling, House

__all__ = ["Asked", "asked_register", "day", "day_option", "done", "holder_argument", "register_options", "registered"]

_WAITING = Text("{recipient} が受け取っていない通知: {count}件", "letters that {recipient} has not taken yet: {count}")
_NEEDS_MUNICIPALITY = Text("--municipality で市区町村コードを指定してください", "say which with --municipality")
_DONE = Text("記録しました（{act}）", "recorded ({act})")
_REPEATED = Text("すでに記録されています（{act}）", "this was recorded before ({act})")


_OPTIONS = (
    option(
        "--municipality",
        metavar="CODE",
        help=Text("市区町村コード（5桁）。", "The municipality's five digits, for the data directory."),
    ),
    option(
        "--token-file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help=Text("職員のトークンを書いたファイル。", "A file with the clerk's token, with --url."),
    ),
    option("--url", help=Text("RESTの台帳のアドレス。省略時はデータディレクトリ。", "A register over REST.")),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which register the command line means: one at an address, or the data directory's; there, which municipality."""

    url: str | None
    token_file: Path | None
    municipality: str | None


def register_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options that say which register; the command gets them as `asked`."""

    @functools.wraps(function)
    def collected(*, url: str | None, token_file: Path | None, municipality: str | None, **others: Any) -> None:
        function(asked=Asked(url, token_file, municipality), **others)

    for add in _OPTIONS:
        collected = add(collected)
    return collected


def holder_argument(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the argument HOLDER."""
    return click.argument("holder", metavar="HOLDER")(command)


def day_option(name: str, help_: Text) -> Callable[[Any], Any]:
    """An option for a day, today by default."""
    return option(name, type=click.DateTime(["%Y-%m-%d"]), help=help_)


def day(chosen: datetime | None) -> str:
    """The day as the register takes it."""
    from warifu.registry import day_of
    from warifu.wire.clock import SystemClock

    chosen_day: date = day_of(SystemClock().now()) if chosen is None else chosen.date()
    return chosen_day.isoformat()


@contextmanager
def registered() -> Iterator["House"]:
    """The register of the data directory."""
    from warifu.wire.registry import open_house

    with open_house(settings()) as house:
        yield house


@contextmanager
def asked_register(
    asked: Asked,
    holder: str | None = None,
    *,
    card: str | None = None,
    annex: bool = False,
    desk: "Desk | None" = None,
) -> Iterator["Calling"]:
    """The register that is meant.

    In the data directory acts are at the window of the holder's municipality, the card's, or where the annex is kept.

    Raises:
        NotAllowed: an address without a token.
        Malformed: nothing says which municipality.
    """
    from warifu.wire.registry import LocalCalls, RemoteCalls

    if asked.url is not None:
        with RemoteCalls(asked.url, _token(asked)) as remote:
            yield remote
        return
    with registered() as house:
        chosen = desk or _window(asked.municipality or _place(house, holder, card, annex=annex))
        before = {queue.recipient: queue.waiting for queue in house.registry.queues()}
        yield _Patient(house, LocalCalls(house.registry, _operator(chosen)))
        house.settle()
        for queue in house.registry.queues():
            if queue.waiting > before.get(queue.recipient, 0):
                tell(_WAITING, recipient=queue.recipient, count=queue.waiting)


def done(answer: dict[str, Any], as_json: bool) -> None:
    """Print what came of an act."""
    rows = [(name, each) for name in ("holders", "records", "cards", "phones") for each in answer[name]]

    def present() -> None:
        tell(_REPEATED if answer["repeated"] else _DONE, act=answer["act"])
        show_table([words(Text("種類", "kind")), "id"], [(name.rstrip("s"), each) for name, each in rows])

    show(answer, as_json, present)


class _Patient:
    """Asks once more after the letters were carried: what is lacking may be a letter away, as codes in store are."""

    def __init__(self, house: "House", calling: "Calling") -> None:
        self._house = house
        self._calling = calling

    def call(self, method: str, path: str, body: object = None, *, key: str | None = None) -> Any:
        """The answer's JSON."""
        try:
            return self._calling.call(method, path, body, key=key)
        except Unavailable:
            if not self._house.settle():
                raise
            return self._calling.call(method, path, body, key=key)


def _token(asked: Asked) -> str:
    if asked.token_file is None:
        raise NotAllowed("a register over REST needs a token: --token-file")
    try:
        return asked.token_file.read_text("ascii").strip()
    except (OSError, ValueError) as error:
        raise Unavailable(f"cannot read {asked.token_file}") from error


def _place(house: "House", holder: str | None, card: str | None, *, annex: bool) -> str | None:
    if card is not None:
        return house.municipality_of_card(card)
    if holder is None:
        return None
    return house.municipality_of_annex(holder) if annex else house.municipality_of(holder)


def _window(municipality: str | None) -> "Desk":
    from warifu.wire.registry import window_desk

    if municipality is None:
        error = Malformed("which municipality?")
        error.add_note(_NEEDS_MUNICIPALITY)
        raise error
    return window_desk(municipality)


def _operator(desk: "Desk") -> Any:
    from warifu.registry import Clerk
    from warifu.wire.registry import Bearer

    return Bearer(Clerk("command-line", desk), numbers=True)
