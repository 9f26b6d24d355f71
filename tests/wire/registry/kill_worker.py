"""Two programs to be killed at any moment: the register with its courier, and the authorities that it writes to.

``register DIRECTORY PORT`` lives one life after the other and tells of each when it is over; ``authority DIRECTORY
PORT`` takes letters. They know each other's keys from files, as parties do.
"""

import sys
import time
from collections.abc import Callable
from datetime import date
from itertools import count
from pathlib import Path

from tests.ca.town import key
from tests.wire.authorities import open_authorities
from tests.wire.registry.nation import act_id
from tests.wire.registry.world import HOME, JLIS, name, person, window
from warifu.errors import NotAllowed, Unavailable
from warifu.messages import OrderedKind
from warifu.registry import CardApplication, Collector, Proof, find_place, pins_of
from warifu.wire.answers import application
from warifu.wire.authority.letters import RegisterLetters
from warifu.wire.clock import SystemClock
from warifu.wire.database import reading
from warifu.wire.post import Recipient, letter_routes, open_post_key, read_peers, write_peer
from warifu.wire.registry import Done, House, open_house
from warifu.wire.registry.cards import Cards
from warifu.wire.registry.reading import cards_of
from warifu.wire.serving import Listening, reserve
from warifu.wire.settings import Settings

ARRIVED = date(2024, 4, 1)


def introduce(directory: Path, port: int) -> None:
    """Make both keys and tell each party the other's."""
    keys = {party: open_post_key(directory / party / "post.key").public_key_info for party in ("registry", "authority")}
    write_peer(directory / "registry" / "peers", "authority", f"http://127.0.0.1:{port}/post", [keys["authority"]])
    write_peer(directory / "authority" / "peers", "registry", "", [keys["registry"]])


def authority(directory: Path, port: int) -> None:
    clock, folder = SystemClock(), directory / "authority"
    letters = RegisterLetters(open_authorities(folder, clock), lambda code: find_place(code).municipality)
    recipient = Recipient(letters, open_post_key(folder / "post.key"), read_peers(folder / "peers"), clock)
    reserved = reserve(port=port)
    Listening([(reserved, application(letter_routes(recipient)))]).run(ready=lambda: tell("listening"))


def register(directory: Path, first: int) -> None:
    with open_house(Settings(data_directory=directory)) as house, house.courier.running(seconds=0.2):
        for number in count(first):
            tell(f"lived {number} {live(house, number)}")


def live(house: House, number: int) -> str:
    """One life as a window sees it; whatever was done before is only told again. The holder."""
    people, cards = house.registry.people, house.registry.cards
    arrival = (window(), [person()], HOME, ARRIVED)
    holder = patiently(lambda: people.register_arrival(*arrival, act=act_id(number, "arrive"))).holders[0]
    card = cards.apply(JLIS, holder, CardApplication(), act=act_id(number, "apply")).cards[0]
    keys = {kind: key(20 + index).public_key_info for index, kind in enumerate(OrderedKind)}
    cards.note_made(JLIS, card, keys, act=act_id(number, "made"))
    for kind in OrderedKind:
        write_certificate(cards, card, kind, act_id(number, f"written {kind.value}"))
    with reading(house.engine) as connection:
        pins = pins_of(cards_of(connection, [holder])[0])
    cards.deliver(window(), card, Collector.HOLDER, Proof.PHOTO_DOCUMENT, pins, act=act_id(number, "deliver"))
    people.change_name(window(), holder, name("婚姻　花子", "コンイン　ハナコ"), act=act_id(number, "marry"))
    return holder


def write_certificate(cards: Cards, card: str, kind: OrderedKind, act: str) -> None:
    """Write it as soon as the authority has issued it."""
    patiently(lambda: cards.note_written(JLIS, card, kind, act=act))


def patiently(act: Callable[[], Done]) -> Done:
    """Try again while the other party has not answered."""
    for _ in range(600):
        try:
            return act()
        except (Unavailable, NotAllowed):
            time.sleep(0.1)
    return act()


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    {"authority": authority, "register": register}[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))
