"""The power goes at every step between a decision and its effect: nothing is lost, nothing happens twice."""

from contextlib import suppress

from tests.wire.conftest import Place
from tests.wire.faults import Faults, Fragile, PowerCut, every_step
from tests.wire.post.world import World, happened, letter, living, note
from warifu.wire.database import writing
from warifu.wire.post import LocalCarrier, send


def carry(world: World, faults: Faults) -> None:
    world.courier(Fragile(LocalCarrier(world.mailbox), faults)).run()


def test_every_step_may_be_the_last_one(place: Place) -> None:
    """The program ends once, at each step in turn, and is started again."""
    with living(place) as world:
        told: list[int] = []
        heard: list[str] = []
        for faults in every_step():
            faults.watch(world.sender)
            faults.watch(world.taker)
            with suppress(PowerCut):
                carry_one_pair(world, faults, len(told))
            world.restart()
            world.clock.forward(minutes=10)
            if f"decided {len(told)}" in happened(world.sender):
                told.append(len(told))
                heard += [f"left {told[-1]}", f"came {told[-1]}"]
            world.courier().run()
            assert happened(world.taker) == heard
            answers = [what for what in happened(world.sender) if what.startswith("answer")]
            assert answers == [f"answer to {what}" for what in heard]
    assert len(heard) >= 2 * 20


def carry_one_pair(world: World, faults: Faults, number: int) -> None:
    with writing(world.sender) as connection:
        note(connection, f"decided {number}")
        for offset, what in enumerate(("left", "came")):
            body = f"{what} {number}".encode()
            send(connection, letter(2 * number + offset, thread="a", body=body), world.clock.now())
    carry(world, faults)
