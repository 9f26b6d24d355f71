"""Letters have their effect once, in order, whatever is repeated, refused or set back."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from tests.wire.conftest import Place
from tests.wire.faults import PowerCut
from tests.wire.post.world import NOW, SENDER, TAKER, World, happened, letter, living
from warifu.errors import LetterChanged, LetterRefused, Malformed, NotFound, Unavailable
from warifu.wire.database import reading, writing
from warifu.wire.post import Desk, Letter, LocalCarrier, Mailbox, Queue, Stuck, queues, retry, send, set_aside, stuck


@pytest.fixture
def world(place: Place) -> Iterator[World]:
    with living(place) as made:
        yield made


class Broken:
    """A carrier that loses letters, or their answers, as often as it is told."""

    def __init__(self, carrier: LocalCarrier, times: int, *, after: bool) -> None:
        self.carrier, self.times, self.after, self.carried = carrier, times, after, 0

    def carry(self, letter: Letter) -> bytes:
        self.carried += 1
        answer = self.carrier.carry(letter) if self.after or self.times == 0 else b""
        if self.times:
            self.times -= 1
            raise Unavailable
        return answer


def waiting(world: World) -> list[Queue]:
    with reading(world.sender) as connection:
        return queues(connection)


def test_a_letter_and_its_answer_have_their_effect_once(world: World) -> None:
    world.write(letter())
    courier = world.courier()
    assert [courier.run(), courier.run()] == [1, 0]
    assert happened(world.taker) == ["moved"]
    assert happened(world.sender) == ["answer to moved"]


def test_a_letter_of_a_decision_that_was_undone_is_never_sent(world: World) -> None:
    with suppress(PowerCut), writing(world.sender) as connection:
        send(connection, letter(), NOW)
        raise PowerCut
    assert world.courier().run() == 0


@pytest.mark.parametrize("after", [False, True], ids=["letter lost", "answer lost"])
def test_what_was_lost_is_carried_again_and_has_its_effect_once(world: World, after: bool) -> None:
    world.write(letter())
    carrier = Broken(LocalCarrier(world.mailbox), 3, after=after)
    courier = world.courier(carrier)
    for _ in range(20):
        courier.run()
        world.clock.forward(seconds=1)
    assert (happened(world.taker), happened(world.sender)) == (["moved"], ["answer to moved"])
    assert carrier.carried == 4


def test_pauses_grow_to_five_minutes_and_one_silence_is_for_all_letters(world: World) -> None:
    """A party that is down is not asked for each of ten thousand letters."""
    world.write(*(letter(number) for number in range(5)))
    carrier = Broken(LocalCarrier(world.mailbox), 10**6, after=False)
    courier = world.courier(carrier)
    for _ in range(1200):
        courier.run()
        world.clock.forward(seconds=1)
    assert 10 <= carrier.carried <= 13


def test_a_clock_set_back_makes_no_letter_wait_for_its_old_time(world: World) -> None:
    world.write(letter())
    carrier = Broken(LocalCarrier(world.mailbox), 1, after=True)
    courier = world.courier(carrier)
    courier.run()
    world.clock.forward(days=-30)
    assert courier.run() == 1
    world.restart()
    assert happened(world.taker) == ["moved"]


def test_letters_of_a_thread_arrive_in_order_and_others_overtake_them(world: World) -> None:
    world.refusing.add(b"first")
    world.write(letter(1, thread="a", body=b"first"), letter(2, thread="a", body=b"second"), letter(3, body=b"other"))
    world.courier().run()
    assert happened(world.taker) == ["other"]
    world.refusing.clear()
    world.clock.forward(minutes=5)
    world.courier().run()
    assert happened(world.taker) == ["other", "first", "second"]


def test_a_refused_letter_waits_with_its_reason(world: World) -> None:
    world.refusing.add(b"moved")
    world.write(letter())
    world.courier().run()
    assert waiting(world) == [Queue(TAKER, 1, 1, NOW)]
    with reading(world.sender) as connection:
        assert stuck(connection) == [Stuck(TAKER, letter().id, "event", "not_allowed", 1)]
    assert happened(world.taker) == []


def test_the_operator_can_have_a_letter_tried_at_once(world: World) -> None:
    world.refusing.add(b"moved")
    world.write(letter())
    world.courier().run()
    world.refusing.clear()
    assert world.courier().run() == 0
    with writing(world.sender) as connection:
        retry(connection, TAKER, letter().id)
    assert world.courier().run() == 1
    assert waiting(world) == []


def test_a_letter_set_aside_holds_nobody_up_and_can_be_taken_up_again(world: World) -> None:
    world.refusing.add(b"first")
    world.write(letter(1, thread="a", body=b"first"), letter(2, thread="a", body=b"second"))
    world.courier().run()
    with writing(world.sender) as connection:
        set_aside(connection, TAKER, letter(1).id)
    world.courier().run()
    world.refusing.clear()
    with writing(world.sender) as connection:
        retry(connection, TAKER, letter(1).id)
    world.courier().run()
    assert happened(world.taker) == ["second", "first"]


def test_a_settled_letter_can_be_neither_tried_nor_set_aside(world: World) -> None:
    world.write(letter())
    world.courier().run()
    for change in (retry, set_aside):
        with pytest.raises(NotFound), writing(world.sender) as connection:
            change(connection, TAKER, letter().id)


def test_an_id_is_used_once_for_each_recipient(world: World) -> None:
    world.write(letter())
    with pytest.raises(IntegrityError):
        world.write(letter(body=b"another"))


def test_another_letter_under_the_same_id_is_refused(world: World) -> None:
    world.mailbox.take(letter())
    for other in (letter(body=b"died"), letter(thread="a")):
        with pytest.raises(LetterChanged):
            world.mailbox.take(other)
    assert happened(world.taker) == ["moved"]


def test_a_letter_that_was_refused_may_be_taken_later(world: World) -> None:
    """Only what had an effect is remembered."""
    world.refusing.add(b"moved")
    world.write(letter())
    world.courier().run()
    world.refusing.clear()
    assert world.mailbox.take(letter()) == b"answer to moved"


def test_a_letter_for_somebody_else_is_refused(world: World) -> None:
    stray = Letter(id="0" * 32, sender=SENDER, to="numbering", subject="event")
    with pytest.raises(LetterRefused, match="somebody else"):
        world.mailbox.take(stray)


def test_a_subject_is_taken_only_from_those_who_have_a_say_in_it(world: World) -> None:
    stray = Letter(id="0" * 32, sender="kiosk", to=TAKER, subject="event")
    with pytest.raises(LetterRefused, match="no say"):
        world.mailbox.take(stray)


def test_a_subject_that_nobody_deals_with_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        world.mailbox.take(letter(subject="weather"))


@pytest.mark.parametrize(
    "change",
    [{"id": "1"}, {"sender": "Register"}, {"to": ""}, {"subject": "a b"}, {"thread": "a\nb"}, {"thread": "x" * 81}],
)
def test_a_letters_lines_have_no_room_for_anything_else(change: dict[str, str]) -> None:
    lines = {"id": "0" * 32, "sender": SENDER, "to": TAKER, "subject": "event", **change}
    with pytest.raises(Malformed):
        Letter(**lines)  # type: ignore[arg-type] # only texts are given


@pytest.mark.usefixtures("patient_writers")
def test_two_couriers_at_once_do_nothing_twice(world: World) -> None:
    world.write(*(letter(number, thread=str(number % 3), body=f"{number:02}".encode()) for number in range(24)))
    couriers = [threading.Thread(target=world.courier().run) for _ in range(3)]
    for courier in couriers:
        courier.start()
    for courier in couriers:
        courier.join()
    world.courier().run()
    there = happened(world.taker)
    assert sorted(there) == [f"{number:02}" for number in range(24)]
    for thread in range(3):
        mine = [what for what in there if int(what) % 3 == thread]
        assert mine == sorted(mine)
    assert sorted(happened(world.sender)) == sorted(f"answer to {what}" for what in there)


def test_a_thread_of_its_own_carries_when_woken(world: World) -> None:
    arrived = threading.Event()

    def take(_connection: Connection, _letter: Letter) -> bytes:
        arrived.set()
        return b""

    mailbox = Mailbox(world.taker, TAKER, world.clock, {"event": Desk(take, frozenset({SENDER}))})
    courier = world.courier(LocalCarrier(mailbox))
    with courier.running(seconds=600):
        world.write(letter())
        courier.wake()
        assert arrived.wait(60)
    assert waiting(world) == []


def test_what_waits_is_readable_with_its_age(world: World) -> None:
    world.write(letter(1))
    world.clock.forward(hours=2)
    world.write(letter(2))
    assert waiting(world) == [Queue(TAKER, 2, 0, NOW)]
    assert world.clock.now() - waiting(world)[0].oldest == timedelta(hours=2)


def test_letters_without_a_carrier_wait(world: World) -> None:
    stray = Letter(id="0" * 32, sender=SENDER, to="numbering", subject="event")
    world.write(stray)
    assert world.courier().run() == 0
    assert [queue.recipient for queue in waiting(world)] == ["numbering"]


def test_a_settled_letters_body_is_erased(world: World) -> None:
    """It can hold a name and an address."""
    world.write(letter(body=b"a name"))
    world.courier().run()
    with reading(world.sender) as connection:
        [body] = connection.exec_driver_sql("select body from outbox").scalars()
    assert bytes(body) == b""
