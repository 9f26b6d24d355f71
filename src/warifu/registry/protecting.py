"""Protection of victims of violence (支援措置): on, prolonged, off, and what it does to people and records around it.

An address leaks through those who live there and through older records that say where somebody went. So protection is
written into the records of the whole household and into everybody's earlier ones, a newcomer to the household gets it
too, and it goes along with a move: then only the desk that keeps the record sees the address until others are named.

Modelled: that it covers the household and goes along; in life each is asked for with a form, at every municipality.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from warifu.errors import Malformed, NotAllowed
from warifu.registry.change import Act, ActKind, Change, entry_of
from warifu.registry.household import Household
from warifu.registry.record import Protection, ResidentRecord
from warifu.registry.roles import Desk, Office, Section
from warifu.registry.rules import check_may_write, was_done


def protect(
    act: Act, household: Household, earlier: Sequence[ResidentRecord], until: date, named: Iterable[Desk] = ()
) -> Change[ResidentRecord]:
    """Protect a household from today on, or prolong it; `earlier` are all its members' deleted records, wherever.

    `named` are the desks that see the address besides the one that keeps the record.

    Raises:
        NotAllowed: another desk.
        Malformed: an end in the past or more than a year ahead, or somebody else's earlier record.

    Source: 住民基本台帳事務処理要領 第5-10 (a year, from the decision; may be prolonged).
    """
    records = _records(household, earlier)
    if was_done(act, *records):
        return Change()
    check_may_write(act, *household.members)
    protection = Protection(act.today, until, frozenset(named))
    after = tuple(each.after(act.id, protection=protection) for each in records)
    return Change(after, (), (entry_of(act, ActKind.PROTECTION_ON, *sorted(household.holders)),))


def end_protection(act: Act, household: Household, earlier: Sequence[ResidentRecord]) -> Change[ResidentRecord]:
    """End the protection of a household before its time, because who asked for it asks so.

    Raises:
        NotAllowed: another desk, or nobody is protected.
    """
    records = _records(household, earlier)
    if was_done(act, *records):
        return Change()
    check_may_write(act, *household.members)
    if all(each.protection is None for each in records):
        raise NotAllowed("nobody there is protected")
    after = tuple(each.after(act.id, protection=None) for each in records)
    return Change(after, (), (entry_of(act, ActKind.PROTECTION_OFF, *sorted(household.holders)),))


def hides_address(record: ResidentRecord, desk: Desk, today: date) -> bool:
    """Whether protection keeps the address from that desk on that day."""
    if record.protection is None or not record.protection.holds(today):
        return False
    keeps = desk == Desk(Office.MUNICIPALITY, record.municipality, Section.RESIDENTS)
    return not keeps and desk not in record.protection.named


def carried(protection: Protection | None) -> Protection | None:
    """What goes along with a move: the term, and none of the desks that were named before."""
    return None if protection is None else replace(protection, named=frozenset())


def housed_protection(into: Household | None) -> Protection | None:
    """What a household gives to who joins it."""
    housed = (each.protection for each in into.members) if into else iter(())
    return next((each for each in housed if each is not None), None)


def _records(household: Household, earlier: Sequence[ResidentRecord]) -> tuple[ResidentRecord, ...]:
    if not {each.holder for each in earlier} <= household.holders or any(each.is_live for each in earlier):
        raise Malformed("an earlier record is a deleted one of somebody in the household")
    return (*household.members, *earlier)
