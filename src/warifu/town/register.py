"""The town's resident register, at work: its database, the party that numbers, and a courier to the authorities.

All of them are in one process, so letters go by hand, through the outbox and the inbox that they would go through
between machines. A town that an earlier version founded gets a register here, with nobody in it.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from warifu.person import Municipality
from warifu.ports import Clock, Entropy
from warifu.registry import find_place
from warifu.wire.authority import Authorities, RegisterLetters
from warifu.wire.database import open_database
from warifu.wire.numbering import PARTY as NUMBERING
from warifu.wire.numbering import Numbering
from warifu.wire.post import Courier, LocalCarrier
from warifu.wire.registry import PARTY, Correspondents, Registry, days_turning, has_nobody

__all__ = ["NUMBERS_FILE", "REGISTER_FILE", "open_register", "register_is_empty"]

REGISTER_FILE = "registry/register.db"
NUMBERS_FILE = "numbering/numbers.db"


@contextmanager
def open_register(folder: Path, authorities: Authorities, clock: Clock, entropy: Entropy) -> Iterator[Registry]:
    """The register of the town in `folder`, its letters carried and its days turned as long as the block runs.

    Raises:
        Malformed, DataTooNew, Unavailable: a database is not what it must be.
    """
    with ExitStack() as stack:
        engine = open_database(folder / REGISTER_FILE, PARTY)
        stack.callback(engine.dispose)
        numbers = open_database(folder / NUMBERS_FILE, NUMBERING)
        stack.callback(numbers.dispose)
        register = Registry(engine, clock, entropy)
        letters = RegisterLetters(authorities, _municipality)
        carriers = {
            **dict.fromkeys(Correspondents().authorities.values(), LocalCarrier(letters)),
            Correspondents().numbering: LocalCarrier(Numbering(numbers, clock, entropy).mailbox()),
        }
        courier = Courier(engine, carriers, clock, register.on_answers())
        register.on_done(courier.wake)
        register.on_lack(lambda: courier.run(Correspondents().numbering))
        stack.enter_context(courier.running())
        stack.enter_context(days_turning(register))
        yield register


def register_is_empty(folder: Path) -> bool:
    """Whether there is nobody in the register of the town in `folder`: an earlier version founded it."""
    engine = open_database(folder / REGISTER_FILE, PARTY)
    try:
        return has_nobody(engine)
    finally:
        engine.dispose()


def _municipality(code: str) -> Municipality:
    return find_place(code).municipality
