"""The notices that a residents' window takes: what each asks for, when it can be given, and what is then done.

The names are those of the register's own methods; the words are in the pages' catalogue (`window.event.…`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from warifu.messages import MinorCorrection
from warifu.person import Address, BirthDate, Name, Sex
from warifu.registry import ABROAD, Clerk, Correction, RecordedName, Relationship, Residence, Stay
from warifu.wire.registry import Cards, Done, People
from warifu.wire.window.fields import Field, Missing, Values, choice
from warifu.wire.window.subject import Subject

__all__ = ["ARRIVALS", "EVENTS", "Arriving", "Desks", "Event"]


@dataclass(frozen=True, slots=True)
class Desks:
    """Where a thing is done: at the register's desks, or at those of the rehearsal; by whom, under which id."""

    people: People
    cards: Cards
    by: Clerk
    act: str | None


Do = Callable[[Desks, Subject, Values], Done]
When = Callable[[Subject], bool]


@dataclass(frozen=True, slots=True)
class Event:
    """One kind of notice about somebody."""

    name: str
    fields: tuple[Field, ...]
    do: Do
    when: When


def _here(subject: Subject) -> bool:
    return subject.is_here


def _foreign(subject: Subject) -> bool:
    return subject.is_here and subject.life is not None and not subject.life.japanese


_NAME: Final = (Field("name", prefilled="name"), Field("reading", required=False, prefilled="reading"))
_BESIDE: Final = (
    Field("former_surname", required=False, prefilled="former_surname"),
    Field("alias", required=False, prefilled="alias"),
)
_ANY_STAY: Final = (choice("residence", Residence, required=False), Field("until", "day", required=False))
_STAY: Final = (choice("residence", Residence), Field("until", "day", required=False))
_SOMEBODY: Final = (
    Field("name"),
    Field("reading", required=False),
    Field("born", "day"),
    choice("sex", Sex),
    Field("domicile", "code", required=False),
    Field("nationality", required=False),
    *_ANY_STAY,
)
_NEW_HEAD: Final = Field("new_head", "member", required=False)


# --- entering ---------------------------------------------------------------------------------------------------------


def _birth(at: Desks, subject: Subject, given: Values) -> Done:
    child = given.person(given.chosen("relationship", Relationship))
    return at.people.register_birth(at.by, subject.holder, child, act=at.act)


def _arrival(at: Desks, given: Values) -> Done:
    newcomer, address = given.person(Relationship.HEAD), Address(given.text("address"))
    return at.people.register_arrival(at.by, [newcomer], address, given.day("arrived"), act=at.act)


def _move_in(at: Desks, given: Values) -> Done:
    who = {given.text("reference"): Relationship.HEAD}
    address, stays = Address(given.text("address")), _new_stay(given)
    return at.people.move_in(at.by, who, address, given.day("moved"), stays=stays, act=at.act)


def _join(at: Desks, subject: Subject, given: Values) -> Done:
    """Somebody from elsewhere moves into this person's household."""
    where = subject.seen.whereabouts
    if where is None:
        raise Missing("address")
    who = {given.text("reference"): given.chosen("relationship", Relationship)}
    return at.people.move_in(
        at.by, who, where.address, given.day("moved"), into=where.household, stays=_new_stay(given), act=at.act
    )


def _new_stay(given: Values) -> dict[str, Stay]:
    """The stay of a foreign resident who comes back from abroad; nobody else has one to tell."""
    return {given.text("reference"): given.stay()} if given.maybe("residence") else {}


# --- leaving ----------------------------------------------------------------------------------------------------------


def _move_out(at: Desks, subject: Subject, given: Values) -> Done:
    who, planned = frozenset(given.ticked("who")) or frozenset({subject.holder}), given.day("planned")
    destination = ABROAD if given.checked("abroad") else given.text("destination")
    return at.people.move_out(at.by, who, planned, destination, act=at.act)


def _cancel_move_out(at: Desks, subject: Subject, _given: Values) -> Done:
    return at.people.cancel_move_out(at.by, frozenset({subject.holder}), act=at.act)


def _death(at: Desks, subject: Subject, given: Values) -> Done:
    return at.people.register_death(
        at.by, subject.holder, given.day("died"), new_head=given.maybe("new_head"), act=at.act
    )


def _deletion(at: Desks, subject: Subject, given: Values) -> Done:
    return at.people.delete_record(
        at.by, subject.holder, given.day("since"), new_head=given.maybe("new_head"), act=at.act
    )


def _annex(at: Desks, subject: Subject, given: Values) -> Done:
    return at.people.delete_annex(at.by, subject.holder, given.day("on"), act=at.act)


# --- staying ----------------------------------------------------------------------------------------------------------


def _move_within(at: Desks, _subject: Subject, given: Values) -> Done:
    movers = given.relations("movers")
    if not movers:
        raise Missing("movers")
    address, moved = Address(given.text("address")), given.day("moved")
    return at.people.move_within(at.by, movers, address, moved, new_head=given.maybe("new_head"), act=at.act)


def _correct(at: Desks, subject: Subject, given: Values) -> Done:
    address, born = given.maybe("address"), given.maybe_day("born")
    correction = Correction(
        _corrected_name(subject, given),
        Address(address) if address else None,
        BirthDate(born) if born else None,
        given.maybe_chosen("sex", Sex),
    )
    minor = given.maybe_chosen("minor", MinorCorrection)
    return at.people.correct(at.by, subject.holder, correction, minor, act=at.act)


def _corrected_name(subject: Subject, given: Values) -> RecordedName | None:
    """The name with what was typed in the place of what it said; what stands beside it stays."""
    name, reading, now = given.maybe("name"), given.maybe("reading"), subject.seen.name
    if now is None or (name is None and reading is None):
        return None
    return RecordedName(
        Name(name) if name else now.name, Name(reading) if reading else now.reading, now.former_surname, now.alias
    )


def _name(at: Desks, subject: Subject, given: Values) -> Done:
    return at.people.change_name(at.by, subject.holder, given.name(), act=at.act)


def _naturalise(at: Desks, subject: Subject, given: Values) -> Done:
    return at.people.naturalise(at.by, subject.holder, given.name(), given.text("domicile"), act=at.act)


def _stay(at: Desks, subject: Subject, given: Values) -> Done:
    return at.people.change_stay(at.by, subject.holder, given.stay(), act=at.act)


def _head(at: Desks, subject: Subject, _given: Values) -> Done:
    return at.people.change_head(at.by, subject.holder, act=at.act)


def _recording_error(at: Desks, subject: Subject, _given: Values) -> Done:
    return at.people.report_recording_error(at.by, subject.holder, act=at.act)


def _protect(at: Desks, subject: Subject, given: Values) -> Done:
    return at.people.protect(at.by, subject.holder, given.day("protected_until"), act=at.act)


def _end_protection(at: Desks, subject: Subject, _given: Values) -> Done:
    return at.people.end_protection(at.by, subject.holder, act=at.act)


def _number(at: Desks, subject: Subject, _given: Values) -> Done:
    return at.people.ask_number_change(at.by, subject.holder, act=at.act)


def _code(at: Desks, subject: Subject, _given: Values) -> Done:
    return at.people.change_code(at.by, subject.holder, act=at.act)


_ALL: Final = (
    Event("register_birth", (*_SOMEBODY, choice("relationship", Relationship, prefilled="child")), _birth, _here),
    Event(
        "join_household",
        (Field("reference", "code"), choice("relationship", Relationship), Field("moved", "day"), *_ANY_STAY),
        _join,
        _here,
    ),
    Event(
        "move_out",
        (
            Field("who", "members"),
            Field("planned", "day"),
            Field("destination", "code", required=False),
            Field("abroad", "check", required=False),
        ),
        _move_out,
        lambda subject: subject.is_here and not subject.leaves,
    ),
    Event("cancel_move_out", (), _cancel_move_out, lambda subject: subject.is_here and subject.leaves),
    Event(
        "move_within",
        (Field("movers", "relations"), Field("address"), Field("moved", "day"), _NEW_HEAD),
        _move_within,
        _here,
    ),
    Event(
        "correct",
        (
            Field("name", required=False),
            Field("reading", required=False),
            Field("address", required=False),
            Field("born", "day", required=False),
            choice("sex", Sex, required=False),
            choice("minor", MinorCorrection, required=False),
        ),
        _correct,
        _here,
    ),
    Event("change_name", (*_NAME, *_BESIDE), _name, _here),
    Event("naturalise", (*_NAME, Field("domicile", "code")), _naturalise, _foreign),
    Event("change_stay", _STAY, _stay, _foreign),
    Event(
        "change_head",
        (),
        _head,
        lambda subject: subject.is_here and subject.seen.relationship is not Relationship.HEAD,
    ),
    Event("register_death", (Field("died", "day"), _NEW_HEAD), _death, lambda subject: subject.may_still_die),
    Event("delete_record", (Field("since", "day"), _NEW_HEAD), _deletion, _here),
    Event(
        "delete_annex",
        (Field("on", "day"),),
        _annex,
        lambda subject: subject.life is not None and subject.life.abroad,
    ),
    Event("report_recording_error", (), _recording_error, _here),
    Event("protect", (Field("protected_until", "day"),), _protect, _here),
    Event(
        "end_protection",
        (),
        _end_protection,
        lambda subject: subject.is_here and subject.life is not None and subject.life.protected_until is not None,
    ),
    Event("ask_number_change", (), _number, _here),
    Event("change_code", (), _code, _here),
)

EVENTS: Final[Mapping[str, Event]] = {event.name: event for event in _ALL}
"""The notices about somebody whom the window has found."""


@dataclass(frozen=True, slots=True)
class Arriving:
    """A notice by which somebody comes whom the window does not have yet."""

    name: str
    fields: tuple[Field, ...]
    do: Callable[[Desks, Values], Done]


ARRIVALS: Final[Mapping[str, Arriving]] = {
    each.name: each
    for each in (
        Arriving(
            "move_in", (Field("reference", "code"), Field("address"), Field("moved", "day"), *_ANY_STAY), _move_in
        ),
        Arriving("register_arrival", (*_SOMEBODY, Field("address"), Field("arrived", "day")), _arrival),
    )
}
"""The notices of people who come."""
