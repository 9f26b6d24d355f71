"""The town's people in its resident register: who lives with whom, and writing their past into both stores."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from warifu.registry import Relationship
from warifu.town.card_lives import Deed, live_through
from warifu.town.history import History
from warifu.town.lives import Life
from warifu.town.personas import PERSONAS
from warifu.town.plans import Persona
from warifu.town.register import NUMBERS_FILE, REGISTER_FILE
from warifu.town.residents import mother_of
from warifu.wire.database import open_database
from warifu.wire.numbering import PARTY as NUMBERING
from warifu.wire.numbering import keep_rows
from warifu.wire.registry import PARTY, keep_past

__all__ = ["settle_people"]


def settle_people(folder: Path, seed: int, founded: datetime, history: History) -> None:
    """Write everybody's past, as of the founding, into the register and the numbering of a town being founded."""
    lives = [life for plan in PERSONAS for life in _lives_of(plan, seed, founded, history)]
    past = sorted((each for life in lives for each in life.past), key=lambda each: each.act.at)
    numbers = open_database(folder / NUMBERS_FILE, NUMBERING)
    try:
        keep_rows(numbers, [life.settled(life.past[0].act.at) for life in lives], founded)
    finally:
        numbers.dispose()
    register = open_database(folder / REGISTER_FILE, PARTY)
    try:
        keep_past(register, past)
    finally:
        register.dispose()


def _lives_of(plan: Persona, seed: int, founded: datetime, history: History) -> Iterator[Life]:
    """The life of a persona, and of whoever has to live with that persona."""
    person, household, relationship = history.holder(plan), plan.name, Relationship.HEAD
    if plan.holder.twin_of:
        household, relationship = plan.holder.twin_of, Relationship.SIBLING
    if plan.is_child:
        yield Life(seed, f"{plan.name} mother", mother_of(person, seed), founded, household)
        relationship = Relationship.CHILD
    life = Life(seed, plan.name, person, founded, household, relationship)
    others: list[Deed] = []
    if plan.protected is not None:
        moment = founded - timedelta(days=plan.protected)
        others.append((moment, partial(life.protect, moment)))
    live_through(life, [card for card in history.cards if card.plan in plan.cards], others)
    yield life
