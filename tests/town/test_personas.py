"""Everybody of the town, one after the other: what is special about each in register, authority and card."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.town.test_cards import _said_of_the_holder, _signing_certificate
from tests.town.test_population import _at_work
from warifu.ca import Entry, State
from warifu.errors import CardRefused, NotAllowed, NotFound
from warifu.messages import Cause
from warifu.pki import JST, CertificateKind, Medium, substitute
from warifu.reader import JpkiSession, Key, TextSession
from warifu.registry import Card, CardState, CardStep, Clerk, PhoneState, Seen, Sight
from warifu.town.cards import PINS
from warifu.town.personas import PERSONAS, plan_of
from warifu.town.places import MUNICIPALITIES
from warifu.town.residents import Resident, resident
from warifu.town.town import Town
from warifu.wire.authority import Authorities
from warifu.wire.registry import Registry, window_desk

AUTHENTICATION, SIGNING = CertificateKind.AUTHENTICATION, CertificateKind.SIGNING
IN_FORCE, HELD, ENDED = CardState.IN_FORCE, CardState.HELD, CardState.ENDED
_Live = dict[tuple[CertificateKind, Medium], State]
BOTH: _Live = {(AUTHENTICATION, Medium.CARD): State.VALID, (SIGNING, Medium.CARD): State.VALID}
ONE: _Live = {(AUTHENTICATION, Medium.CARD): State.VALID}
NOTHING: _Live = {}
USUAL = ([IN_FORCE], BOTH)

STATES: dict[str, tuple[list[CardState], _Live]] = {
    **dict.fromkeys(("ordinary", "foreign", "gaiji", "long-address", "twin-first", "twin-second"), USUAL),
    **dict.fromkeys(("renamed", "protected", "expiring", "signing-blocked", "blocked", "last-try"), USUAL),
    **dict.fromkeys(("text-blocked", "next"), USUAL),
    "cardless": ([], NOTHING),
    "smartphone": ([IN_FORCE], BOTH | {(kind, Medium.PHONE): State.VALID for kind in CertificateKind}),
    "child": ([IN_FORCE], ONE),
    "face": ([IN_FORCE], ONE),
    "moved": ([IN_FORCE], ONE),
    "renumbered": ([ENDED, IN_FORCE], BOTH),
    "suspended": ([HELD], dict.fromkeys(BOTH, State.HELD)),
    "reissued": ([ENDED, IN_FORCE], BOTH),
    "expired": ([IN_FORCE], NOTHING),
    "deceased": ([ENDED], NOTHING),
}


@dataclass(frozen=True)
class Case:
    """One persona, with the register and the authorities at work."""

    town: Town
    register: Registry
    authorities: Authorities
    name: str

    @property
    def person(self) -> Resident:
        return resident(plan_of(self.name), self.town.roster.seed, self.town.roster.founded.astimezone(JST).date())

    @property
    def clerk(self) -> Clerk:
        return Clerk("test-clerk", window_desk(self.person.municipality.code))

    def seen(self, by: Clerk | None = None) -> Seen:
        return self.register.looks.see(by or self.clerk, self.person.id, frozenset(Sight), "test")

    def cards(self) -> list[Card]:
        found = self.register.looks.cards_of(self.clerk, self.person.id, "test")
        return sorted(found, key=lambda each: each.applied_at)

    def live(self) -> list[Entry]:
        return list(self.authorities.live_of(self.person.id))

    def tries(self) -> tuple[int, int, int]:
        """Of the authentication PIN, the text PIN and the signing password."""
        with self.town.card(self.name) as card:
            jpki = JpkiSession(card)
            authentication, signing = jpki.tries_left(Key.AUTHENTICATION), jpki.tries_left(Key.SIGNING)
            return authentication, TextSession(card).tries_left(), signing

    def signed_as(self) -> tuple[str, str]:
        """Name and address in the signing certificate on the card."""
        with self.town.card(self.name) as card:
            said = _said_of_the_holder(_signing_certificate(card))
        return said[1], said[5]

    def number_on(self, card_name: str) -> str:
        with self.town.card(card_name) as card:
            text = TextSession(card)
            text.verify(PINS.text)
            return text.number().reveal()

    def told(self) -> tuple[str, str]:
        """Name and address that are true now."""
        return self.person.attributes.name.text, self.person.attributes.address.text


def _ordinary(case: Case) -> None:
    assert case.tries() == (3, 3, 5)
    assert case.signed_as() == case.told()


def _cardless(case: Case) -> None:
    with pytest.raises(NotFound):
        case.town.find_card(case.name)
    assert case.seen().number == case.person.individual_number


def _smartphone(case: Case) -> None:
    """公的個人認証法 第16条の2: signed for with the card, and no longer in effect than the card's."""
    [phone] = case.register.looks.phones_of(case.clerk, case.person.id, "test")
    assert (phone.state, phone.card) == (PhoneState.IN_USE, case.cards()[0].id)
    ends = {(each.kind, each.medium): each.not_after for each in case.live()}
    assert all(ends[kind, Medium.PHONE] == ends[kind, Medium.CARD] for kind in CertificateKind)
    assert {(each.kind.value, each.not_after) for each in phone.certificates} == {
        (each.kind.value, each.not_after) for each in case.live() if each.medium is Medium.PHONE
    }


def _child(case: Case) -> None:
    with case.town.card(case.name) as card, pytest.raises(CardRefused):
        _signing_certificate(card)
    born = case.seen().birth_date
    assert born is not None
    assert datetime.now(JST).date() - born.date < timedelta(days=15 * 365)


def _foreign(case: Case) -> None:
    name = case.seen().name
    assert name is not None
    assert name.alias is not None
    assert name.name.text.isascii()
    assert case.person.western_year


def _gaiji(case: Case) -> None:
    """Substitutes in the certificate, the characters themselves in the register and on the card."""
    name, address = case.told()
    assert case.signed_as() == (substitute(name)[0], substitute(address)[0])
    assert case.signed_as() != case.told()


def _long_address(case: Case) -> None:
    assert len(case.signed_as()[1]) > 150
    assert case.signed_as() == case.told()


def _twins(case: Case) -> None:
    first, second = (case_of(case, name).person for name in ("twin-first", "twin-second"))
    assert (first.attributes.birth_date, first.attributes.address) == (
        second.attributes.birth_date,
        second.attributes.address,
    )
    assert first.individual_number.reveal() != second.individual_number.reveal()
    assert len({entry.serial_number for name in ("twin-first", "twin-second") for entry in case_of(case, name).live()})


def _moved(case: Case) -> None:
    name, address = case.told()
    assert case.signed_as() != (name, address)
    whereabouts = case.seen().whereabouts
    assert whereabouts is not None
    assert whereabouts.address.text == address


def _renamed(case: Case) -> None:
    assert case.signed_as() == case.told()
    assert case.person.former.name != case.person.attributes.name


def _renumbered(case: Case) -> None:
    """番号法 第7条第2項; 施行令 第14条第6号: the card with the former number ended with it."""
    former, person = case.person.former_number, case.person
    assert former is not None
    assert case.cards()[0].ended_by is CardStep.NUMBER_CHANGED
    assert case.seen().number == person.individual_number
    assert case.number_on("renumbered") == person.individual_number.reveal()
    assert case.number_on("renumbered-old") == former.reveal() != person.individual_number.reveal()


def _protected(case: Case) -> None:
    """住民基本台帳事務処理要領 第5-10: the desk in charge sees the address, another one nothing of it."""
    own = case.seen()
    assert own.protected_until is not None
    assert own.whereabouts is not None
    elsewhere = next(code for code in sorted(MUNICIPALITIES) if code != case.person.municipality.code)
    with pytest.raises(NotAllowed):
        case.seen(Clerk("test-clerk", window_desk(elsewhere)))


def _suspended(case: Case) -> None:
    assert case.cards()[0].state is CardState.HELD


def _reissued(case: Case) -> None:
    assert case.cards()[0].ended_by is CardStep.REISSUE_ASKED


def _expiring(case: Case) -> None:
    assert {each.not_after - datetime.now(UTC) < timedelta(days=2) for each in case.live()} == {True}


def _expired(case: Case) -> None:
    expires = case.cards()[0].expires
    assert expires is not None
    assert expires > datetime.now(JST).date(), "the card itself lasts longer than what is on it"


def _face(case: Case) -> None:
    assert not plan_of(case.name).cards[0].profile.pins
    assert case.town.find_card(case.name)[1].authentication_pin == ""


def _next(case: Case) -> None:
    assert {each.generation for each in case.live()}.isdisjoint(
        each.generation for each in case_of(case, "ordinary").live()
    )


def _deceased(case: Case) -> None:
    assert case.register.lives.life(case.clerk, case.person.id, "test").gone is Cause.DEATH


def _tries(*expected: int) -> Callable[[Case], None]:
    def check(case: Case) -> None:
        assert case.tries() == expected

    return check


SPECIAL: dict[str, Callable[[Case], None]] = {
    "ordinary": _ordinary,
    "cardless": _cardless,
    "smartphone": _smartphone,
    "child": _child,
    "foreign": _foreign,
    "gaiji": _gaiji,
    "long-address": _long_address,
    "twin-first": _twins,
    "twin-second": _twins,
    "moved": _moved,
    "renamed": _renamed,
    "renumbered": _renumbered,
    "protected": _protected,
    "suspended": _suspended,
    "reissued": _reissued,
    "expiring": _expiring,
    "expired": _expired,
    "signing-blocked": _tries(3, 3, 0),
    "blocked": _tries(0, 3, 5),
    "last-try": _tries(1, 3, 5),
    "text-blocked": _tries(3, 0, 5),
    "face": _face,
    "next": _next,
    "deceased": _deceased,
}


def case_of(case: Case, name: str) -> Case:
    """Another persona of the same town."""
    return Case(case.town, case.register, case.authorities, name)


@pytest.fixture(scope="module")
def case(founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    copy = shutil.copytree(founded, tmp_path_factory.mktemp("people") / "town")
    town = Town.open(copy)
    with _at_work(town) as (register, authorities):
        yield Case(town, register, authorities, "ordinary")


def test_everybody_is_told_about_here() -> None:
    assert {plan.name for plan in PERSONAS} == STATES.keys() == SPECIAL.keys()


@pytest.mark.parametrize("name", SPECIAL)
def test_everybody_shows_what_is_special(case: Case, name: str) -> None:
    one = case_of(case, name)
    cards, live = STATES[name]
    assert [each.state for each in one.cards()] == cards
    assert {(each.kind, each.medium): each.state for each in one.live()} == live
    SPECIAL[name](one)
