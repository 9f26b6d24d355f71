"""What both stages of the journey through a life have in common; the story itself is in `test_live`, once."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from tests.journeys.chips import Chips
from warifu.messages import OrderedKind
from warifu.person import Address, BirthDate
from warifu.registry import CardApplication, CardStep, Collector, Medium, Proof


@dataclass(frozen=True, slots=True)
class CardNow:
    """What the register says of a card."""

    state: str
    municipality: str
    expires: date | None
    ended_by: CardStep | None


class Stage(Protocol):
    """What happens between the parties in one person's life, whatever carries it."""

    chips: Chips

    @property
    def refusals(self) -> int:
        """How many orders the authorities refused."""
        ...

    def go_to(self, day: date) -> None:
        """Noon of that day in Japan; what is due by itself has happened then."""

    def is_born(self, born: date) -> None:
        """Into a household of two, ten days before `go_to`'s day; with a code, and then a number."""

    def numbers(self) -> tuple[str, str]:
        """The individual number and the resident record code."""

    def apply(self, application: CardApplication) -> str:
        """The person applies for a card; its id."""

    def make(self, card: str, sealed_pins: bytes | None = None) -> None:
        """J-LIS makes the card, has its keys certified, and writes it."""

    def collect(self, card: str, collector: Collector, proof: Proof) -> None:
        """The clerk sees who comes, the holder sets the PINs, the card is given out, an old one handed in."""

    def order(self, card: str, kind: OrderedKind) -> None:
        """The window has the card make a key, orders a certificate for it, and writes that."""

    def card(self, card: str) -> CardNow:
        """What the register says of it."""

    def status(self, certificate: bytes) -> str:
        """What the authority says of it (OCSP)."""

    def rename_town(self, address: Address) -> None:
        """A minor correction of the address (軽微な修正)."""

    def move(self, to: str, address: Address) -> None:
        """Notice at one municipality, then at the other."""

    def present(self, card: str) -> None:
        """Show the card after a move."""

    def call_hotline(self, media: frozenset[Medium]) -> None:
        """At night: name, birth date, address."""

    def find(self, card: str) -> None:
        """Bring the card to the window again."""

    def report_lost(self, card: str) -> None:
        """Report it lost at the window."""

    def renewals(self) -> list[date]:
        """The last days of which notices go out."""

    def enrol_phone(self, card: str) -> str:
        """Apply for certificates on a phone, signed with the card; the phone's id."""

    def sign_phone_again(self, phone: str, card: str) -> None:
        """Apply for another signing certificate on it."""

    def find_phone(self, phone: str) -> None:
        """Lift the phone's hold in the app."""

    def phone_certificates(self, phone: str) -> dict[OrderedKind, bytes]:
        """What the phone has now."""

    def die(self) -> None:
        """Today."""


HOME = Address("東京都清瀬市架空町一丁目２番３号")


def mother_born() -> BirthDate:
    """Somebody who was never in a register before she came."""
    return BirthDate(date(1995, 3, 3))
