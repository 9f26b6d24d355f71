"""Which town a command means: the one that stands, if it is the one asked for, or a new one."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bars

from warifu.cli.texts import Text, tell, words
from warifu.errors import Cancelled, NotAllowed, NotFound
from warifu.town.addresses import Addresses
from warifu.town.founding import Progress, found
from warifu.town.ground import Ground
from warifu.town.parties import Reservations, reserve_all
from warifu.town.town import Town
from warifu.wire.clock import SystemClock, SystemEntropy
from warifu.wire.settings import TownSettings

__all__ = ["Plan", "standing"]

_STAGES = {
    "keys": Text("鍵をつくる", "making keys"),
    "certificates": Text("証明書を発行する", "issuing certificates"),
    "cards": Text("カードをつくる", "making cards"),
}
_FOUNDING = Text("{directory} に町をつくります", "founding a town in {directory}")
_THROW_AWAY = Text(
    "{directory} の町を捨てます。カード、残り回数、証明書の記録、ログインの記録は戻りません。続けますか",
    "the town in {directory} will be thrown away: cards, tries, the record of certificates, logins. Go on?",
)
_OTHER_SEED = Text("--fresh で作り直すと変えられます", "--fresh starts over with another one")


@dataclass(frozen=True, slots=True)
class Plan:
    """What the command line asked for; None where it did not say."""

    fresh: bool
    fresh_keys: bool
    seed: int | None
    port_base: int | None

    def check_is(self, present: Town) -> None:
        """Check that the town that stands is the one asked for.

        Raises:
            NotAllowed: it was founded otherwise.
        """
        roster = present.roster
        differing = [
            f"{name} {is_so}"
            for name, asked, is_so in (
                ("seed", self.seed, roster.seed),
                ("port base", self.port_base, roster.port_base),
            )
            if asked is not None and asked != is_so
        ]
        if self.fresh_keys and not roster.fresh_keys:
            differing.append("test keys")
        if differing:
            error = NotAllowed(f"the town in {present.ground.directory} was founded with {', '.join(differing)}")
            error.add_note(_OTHER_SEED)
            raise error


@contextmanager
def standing(ground: Ground, chosen: TownSettings, plan: Plan) -> Iterator[tuple[Town, Reservations]]:
    """The town on the ground with its ports; ports first, so that a taken one is known before the work is done."""
    if plan.fresh:
        _ask_before_losing(ground)
    present = None if plan.fresh else _present(ground)
    if present is not None:
        plan.check_is(present)
    addresses = Addresses(chosen.port_base) if present is None else present.addresses
    with reserve_all(addresses) as reserved:
        yield present or _found(ground, chosen, plan), reserved


def _ask_before_losing(ground: Ground) -> None:
    """Ask whoever sits at the terminal; a script that says --fresh has nobody to ask.

    Raises:
        Cancelled: the person said no.
    """
    if not ground.current.exists() or not sys.stdin.isatty():
        return
    try:
        yes = click.confirm(words(_THROW_AWAY, directory=ground.directory), err=True)
    except click.Abort:
        yes = False
    if not yes:
        raise Cancelled


def _present(ground: Ground) -> Town | None:

    try:
        return Town.open(ground.directory)
    except NotFound:
        return None


def _found(ground: Ground, chosen: TownSettings, plan: Plan) -> Town:

    tell(_FOUNDING, directory=ground.directory)
    clock, entropy = SystemClock(), SystemEntropy()
    with _progress() as progress:
        found(
            ground,
            clock=clock,
            entropy=entropy,
            seed=chosen.seed,
            port_base=chosen.port_base,
            fresh=plan.fresh_keys,
            progress=progress,
        )
    return Town(ground, clock, entropy)


@contextmanager
def _progress() -> Iterator[Progress]:
    """A bar for each stage, on stderr; nothing where nobody looks."""
    bars = Bars(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=Console(stderr=True))
    tasks: dict[str, Any] = {}

    def step(what: str, done: int, total: int) -> None:
        if what not in tasks:
            tasks[what] = bars.add_task(words(_STAGES[what]), total=total)
        bars.update(tasks[what], completed=done)

    with bars:
        yield step
