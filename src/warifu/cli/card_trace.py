"""``warifu card trace``: what was said to a card, kept in a file; shown without secrets, said again to another card."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from warifu.cli.card_new import profile_option
from warifu.cli.card_serve import held_file
from warifu.cli.commands import Group, argument, option
from warifu.cli.results import json_option, show, show_table
from warifu.cli.texts import Text, tell, words
from warifu.cli.town_choice import directory_option, open_town
from warifu.ports import Connection
from warifu.reader import Traced

if TYPE_CHECKING:
    from warifu.testing import Tape

__all__ = ["trace"]

_ARROW = "  ->  "
_RESET = Text("リセット応答（ATR）", "answer to reset")
_HEADINGS = (
    Text("番号", "number"),
    Text("コマンド", "command"),
    Text("記録", "recorded"),
    Text("このカード", "this card"),
)
_COLUMNS = (Text("番号", "number"), Text("コマンド", "command"), Text("応答", "answer"))
_SAME = Text("{count}個のコマンドすべてに同じ応答がありました", "all {count} commands were answered alike")
_DIFFERENT = Text("{count}か所が違います", "{count} differences")
_ONE_CARD = Text(
    "--persona、--profile、--file のうち一つだけ指定してください", "give one of --persona, --profile and --file"
)
_COMPARED = Text(
    "状態・長さだけを比べます。署名や乱数は毎回違います",
    "status and length are compared; signatures and challenges differ every time",
)


@click.group(
    cls=Group,
    help=Text(
        "カードとのやりとりを記録し（record、またはカードの各コマンドの --record）、中身を伏せて表示し、"
        "別の仮想カードで再生して比べる。",
        "Record what is said to a card (here, or with --record of every card command), show it masked, say it again to "
        "another virtual card and compare.",
    ),
)
def trace() -> None:
    """The group."""


@trace.command(
    "record",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    help=Text(
        "カードのコマンドを一つ実行して記録する。例: card trace record login.tape card info --persona ordinary",
        "Run one card command and record it, as in: card trace record login.tape card info --persona ordinary",
    ),
)
@argument("file", type=click.Path(dir_okay=False, path_type=Path))
@argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@click.pass_context
def record(ctx: click.Context, file: Path, command: tuple[str, ...]) -> None:
    """Run the command as its own ``--record`` would."""
    root = ctx.find_root()
    assert isinstance(root.command, click.Group)
    name, found, rest = root.command.resolve_command(root, list(command))
    assert found is not None
    with found.make_context(name, [*rest, "--record", str(file)], parent=root) as inner:
        found.invoke(inner)


@trace.command(
    "show",
    help=Text(
        "記録を読める形で表示する。暗証番号や氏名などは出さない。",
        "Show a recording decoded; PINs, names and the like are left out.",
    ),
)
@argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
def show_tape(file: Path, as_json: bool) -> None:
    """Decode each command."""
    from warifu.testing import read_tape

    tape = read_tape(file)
    steps = _told(tape)
    result = {
        "atr": tape.atr.hex().upper(),
        "masked": tape.masked,
        "commands": [{"command": said, "answer": answer} for said, answer in steps],
    }
    rows = [(str(number), *step) for number, step in enumerate(steps, 1)]
    show(result, as_json, lambda: show_table([words(heading) for heading in _COLUMNS], rows))


@trace.command(
    "replay",
    help=Text(
        "記録したコマンドを仮想カードに送り、応答の違いを表示する。違いがあれば終了ステータスは1。"
        "記録にある暗証番号も送るので、残り回数が変わることがあります。",
        "Send the recorded commands to a virtual card and show where it answers otherwise; exit status 1 if it does. "
        "PINs of the recording are presented, too, so tries may be spent.",
    ),
)
@argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@option("--persona", help=Text("町の人（またはカード）の名前。", "A person (or card) of the town."))
@profile_option
@option(
    "--file",
    "card_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help=Text("'card new' がつくったカードのファイル。", "The file of a card that 'card new' made."),
)
@directory_option
@json_option
@click.pass_context
def replay_tape(
    ctx: click.Context,
    file: Path,
    persona: str | None,
    profile: str | None,
    card_file: Path | None,
    directory: Path | None,
    as_json: bool,
) -> None:
    """Say it again, compare, tell."""
    from warifu.testing import read_tape, replay

    if sum(each is not None for each in (persona, profile, card_file)) != 1:
        raise click.UsageError(words(_ONE_CARD))
    tape = read_tape(file)
    with _virtual_card(persona, profile, card_file, directory) as card:
        differences = _differences(tape, replay(tape, card))
    result = {"commands": len(tape.exchanges), "differences": differences}
    show(result, as_json, lambda: _show_differences(differences, len(tape.exchanges)))
    ctx.exit(1 if differences else 0)


@contextmanager
def _virtual_card(
    persona: str | None, profile: str | None, file: Path | None, directory: Path | None
) -> Iterator[Connection]:
    if persona is not None:
        with open_town(directory).card(persona) as card:
            yield card
    elif file is not None:
        with held_file(file) as held:
            yield held
    else:
        from warifu.testing import CARD_KINDS

        assert profile is not None
        yield CARD_KINDS[profile].make().connection


def _told(tape: "Tape") -> list[tuple[str, str]]:
    """Each command and its answer in words, as ``--trace`` says them."""
    from warifu.testing import Player

    lines: list[str] = []
    traced = Traced(Player(tape), lines.append)
    for exchange in tape.exchanges:
        if exchange.command is None:
            traced.power_cycle()
        else:
            traced.transmit(exchange.command)
    parts = [line.partition(_ARROW) for line in lines]
    return [(said, answer) for said, _, answer in parts]


def _differences(recorded: "Tape", replayed: "Tape") -> list[dict[str, Any]]:
    """Where the two answer otherwise; number 0 is the answer to reset."""
    found = [] if recorded.atr == replayed.atr else [_entry(0, words(_RESET), recorded.atr.hex(), replayed.atr.hex())]
    pairs = zip(_told(recorded), _told(replayed), strict=True)
    for number, ((said, before), (_, now)) in enumerate(pairs, 1):
        if before != now:
            found.append(_entry(number, said, before, now))
    return found


def _entry(number: int, command: str, recorded: str, now: str) -> dict[str, Any]:
    return {"number": number, "command": command, "recorded": recorded, "now": now}


def _show_differences(differences: Sequence[dict[str, Any]], count: int) -> None:
    if differences:
        rows = [[str(value) for value in entry.values()] for entry in differences]
        show_table([words(heading) for heading in _HEADINGS], rows)
        tell(_DIFFERENT, count=len(differences))
    else:
        tell(_SAME, count=count)
    tell(_COMPARED)
