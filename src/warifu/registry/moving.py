"""Moving inside of a municipality, and who lives with whom: changes of households that stay in it (転居, 世帯変更)."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from warifu.errors import Malformed, NotAllowed
from warifu.messages import Attribute, Cause
from warifu.person import Address
from warifu.registry.change import Act, ActKind, Change, entry_of
from warifu.registry.household import Household
from warifu.registry.protecting import housed_protection
from warifu.registry.record import ResidentRecord
from warifu.registry.relationship import Relationship
from warifu.registry.rules import check_may_write, check_past, tell, was_done

_ADDRESS: Final = frozenset({Attribute.ADDRESS})


def move_within(
    act: Act,
    household: Household,
    movers: Mapping[str, Relationship],
    address: Address,
    moved: date,
    *,
    into: Household | None = None,
    new_head: str | None = None,
) -> Change[ResidentRecord]:
    """Move some or all of a household inside of the municipality: as a household, or into another one.

    `movers` says what each is to the head there; of those who stay, `new_head` becomes the head if the head moves.

    Raises:
        NotAllowed: another desk, a day in the future, the same address, or no head or two.
        NotFound: somebody is not of that household.

    Source: 住民基本台帳法 第23条 (within 14 days).
    """
    moving = [household.member(holder) for holder in movers]
    if was_done(act, *moving):
        return Change()
    check_may_write(act, *household.members)
    if address == household.address:
        raise NotAllowed("who moves has another address then")
    _check_joins(household, list(movers.values()), address, into)
    for each in moving:
        check_past(act, moved, each.address_since)
    target = into.id if into else act.id_for("household")
    changes = {"address": address, "address_since": moved, "household": target}
    after = [
        each.after(
            act.id,
            **changes,
            relationship=movers[each.holder],
            protection=housed_protection(into) or each.protection,
        )
        for each in moving
    ]
    Household.of((*(into.members if into else ()), *after))
    told = tuple(tell(act, each.holder, Cause.MOVE_WITHIN, _ADDRESS) for each in after)
    staying = household.without(frozenset(movers), act.id, new_head)
    return Change((*after, *staying), told, (entry_of(act, ActKind.MOVE_WITHIN, *movers),))


def regroup(
    act: Act,
    household: Household,
    members: Mapping[str, Relationship],
    *,
    into: Household | None = None,
    new_head: str | None = None,
) -> Change[ResidentRecord]:
    """Write that some found a household of their own at the same address (世帯分離) or join another there (世帯合併).

    With `into` the same household, only what they are to its head changes: two who live together have married.

    Raises:
        NotAllowed: another desk, another address, no head or two, or nothing changes.
        Malformed: the head would be something else to nobody: that is `change_head`.
        NotFound: somebody is not of that household.

    Source: 住民基本台帳法 第25条. The authorities are not told: no basic attribute differs.
    """
    changing = [household.member(holder) for holder in members]
    if was_done(act, *changing):
        return Change()
    check_may_write(act, *household.members)
    _check_joins(household, list(members.values()), household.address, into)
    target = into.id if into else act.id_for("household")
    after = [each.after(act.id, household=target, relationship=members[each.holder]) for each in changing]
    if [(each.household, each.relationship) for each in after] == [(e.household, e.relationship) for e in changing]:
        raise NotAllowed("nothing changes")
    others = [each for each in (into.members if into else ()) if each.holder not in members]
    Household.of((*others, *after))
    staying = () if target == household.id else household.without(frozenset(members), act.id, new_head)
    return Change((*after, *staying), (), (entry_of(act, ActKind.HOUSEHOLD_CHANGE, *members),))


def change_head(act: Act, household: Household, new_head: str) -> Change[ResidentRecord]:
    """Write that another member is the head of the household now (世帯主変更).

    Raises:
        NotAllowed: another desk, or the head already.
        NotFound: not of that household.

    Source: 住民基本台帳法 第25条.
    """
    if was_done(act, household.member(new_head)):
        return Change()
    check_may_write(act, *household.members)
    if household.head.holder == new_head:
        raise NotAllowed("that is the head already")
    records = household.headed_by(new_head, act.id)
    return Change(records, (), (entry_of(act, ActKind.HEAD_CHANGE, *(each.holder for each in records)),))


def _check_joins(
    household: Household, relationships: Sequence[Relationship], address: Address, into: Household | None
) -> None:
    if not relationships:
        raise Malformed("this is about nobody")
    heads = list(relationships).count(Relationship.HEAD)
    if into is None and heads != 1:
        raise NotAllowed("a household has one head")
    joins = into is not None and (heads, into.municipality, into.address) == (0, household.municipality, address)
    if into is not None and not joins:
        raise NotAllowed("who joins a household lives at its address, under its head")
