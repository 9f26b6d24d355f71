"""``warifu town up --detach`` and ``warifu town down``: a town for scripts, started, waited for, and stopped."""

import re
import sys
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from warifu.cli.results import show
from warifu.cli.root import Run
from warifu.cli.texts import Text, tell
from warifu.errors import InUse, Unavailable
from warifu.town.ground import Ground
from warifu.town.running import find_running, forget_running, is_held, read_running
from warifu.wire import background

if TYPE_CHECKING:
    from warifu.cli.town_standing import Plan
    from warifu.town.running import Running

__all__ = ["bring_down", "bring_up", "show_running"]

_LOG = "town.log"
_SECONDS_TO_END = 30
_IS_UP = Text(
    "町は動いています（プロセス {pid}）。終わらせるには warifu town down",
    "the town is up, process {pid}; 'warifu town down' ends it",
)
_WAS_UP = Text("町はもう動いています（プロセス {pid}）", "the town is up already, process {pid}")
_DOWN = Text("町を閉じました", "the town is closed")
_WAS_DOWN = Text("町は動いていません", "the town is not up")
_NO_VARIABLE = Text(
    "--json を使うか、空白などのないフォルダーを --directory で指定してください",
    "ask for --json, or name a --directory without blanks",
)
_DOWN_FIRST = Text("先に warifu town down で閉じてください", "'warifu town down' closes it first")


def bring_up(ground: Ground, plan: "Plan", seconds: float, as_json: bool, as_env: bool) -> None:
    """Have the town run in a process of its own, and print where it is once every address answers.

    Raises:
        InUse: it runs already, and another one is asked for.
        Unavailable: it cannot start, or takes longer; or its directory could be no variable, and nothing is started.
    """
    if as_env:
        _variables({"directory": ground.directory})
    log = ground.directory / _LOG
    process = None
    if is_held(ground):
        _check_same(ground, plan)
    else:
        forget_running(ground)
        process = background.start(_command(ground, plan), log)
    others = partial(is_held, ground)
    found = background.wait_until(lambda: read_running(ground), seconds, process, log, others)
    tell(_IS_UP if process is not None and process.poll() is None else _WAS_UP, pid=found.process_id)
    show_running(found, as_json, as_env)


def bring_down(ground: Ground) -> None:
    """End the town that runs; nothing is wrong with there being none.

    Raises:
        Unavailable: it goes on, or is only just starting.
    """
    found = find_running(ground)
    if found is None:
        if is_held(ground):
            raise Unavailable("the town is not ready yet: try again")
        tell(_WAS_DOWN)
        return
    background.stop(found.process_id, lambda: not is_held(ground), _SECONDS_TO_END)
    tell(_DOWN)


def show_running(found: "Running", as_json: bool, as_env: bool) -> None:
    """Print addresses: for people, as JSON, or as lines that a shell or a CI service takes as variables."""
    told = {**found.told, "process_id": found.process_id}
    if as_env:
        click.echo("\n".join(f"{name}={value}" for name, value in _variables(told).items()))
        return
    show(told, as_json, lambda: click.echo("\n".join(f"{name}: {value}" for name, value in told.items())))


def _variables(told: Mapping[str, Any]) -> dict[str, str]:
    """``WARIFU_ISSUER`` and the like; none has anything that a shell would read otherwise."""
    values = {f"WARIFU_{name.upper()}": str(value) for name, value in told.items()}
    for name, value in values.items():
        if re.fullmatch(r"[\w./:@%+,=-]+", value) is None:
            error = Unavailable(f"{name} cannot be written as a variable: {value}")
            error.add_note(_NO_VARIABLE)
            raise error
    return values


def _check_same(ground: Ground, plan: "Plan") -> None:
    """What runs is what is asked for."""
    from warifu.town.town import Town

    if plan.fresh:
        error = InUse("the town is up")
        error.add_note(_DOWN_FIRST)
        raise error
    if ground.current.exists():
        plan.check_is(Town.open(ground.directory))


def _command(ground: Ground, plan: "Plan") -> list[str]:
    """The same command, in the foreground of a process of its own."""
    run = click.get_current_context().find_object(Run)
    assert run is not None
    told = {
        "--config": run.file,
        "--data-directory": run.flags.get("data_directory"),
        "--lang": run.flags.get("language"),
    }
    outer = [part for name, value in told.items() if value is not None for part in (name, str(value))]
    numbers = {"--seed": plan.seed, "--port-base": plan.port_base}
    inner = [part for name, number in numbers.items() if number is not None for part in (name, str(number))]
    flags = [name for name, given in {"--fresh": plan.fresh, "--fresh-keys": plan.fresh_keys}.items() if given]
    program = [sys.executable, "-m", "warifu", *outer, "town", "up", "--json"]
    return [*program, "--directory", str(ground.directory), *inner, *flags]
