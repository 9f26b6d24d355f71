"""Leaving a municipality: the notice, the day it takes effect, and thirty days later (転出, 国外転出).

A notice of moving out (転出届) is given beforehand and changes nothing at first. On the planned day the record is
deleted, or on the day of moving in elsewhere, if that comes first. Who is Japanese and goes abroad lives on in the
annex of the family register. Who told of moving to another municipality and, thirty days after the planned day, has
moved in nowhere, loses the authentication certificate and the card: the authorities are told then.

Nothing here waits for a clerk: `due_on` says of a record when `delete_departed` or `lapse` has to be called.
"""

from collections.abc import Set
from dataclasses import replace
from datetime import date

from warifu.errors import Malformed, NotAllowed, NotFound
from warifu.messages import Cause
from warifu.person import municipality_code_check_digit
from warifu.registry.change import Act, ActKind, Change, Message, entry_of
from warifu.registry.household import Household, delete
from warifu.registry.record import ABROAD, Annex, MovingOut, Outcome, ResidentRecord
from warifu.registry.rules import check_may_write, tell, was_done


def move_out(act: Act, household: Household, who: Set[str], planned: date, destination: str) -> Change[ResidentRecord]:
    """Take the notice that some or all of a household will leave on `planned`, for five digits or `ABROAD`.

    Raises:
        NotAllowed: another desk, a day before they lived here, or the destination is this municipality.
        NotFound: somebody is not of that household.
        Malformed: nobody leaves, or the destination is no code.

    Source: 住民基本台帳法 第24条 (beforehand; a day in the past is accepted: the notice is late).
    """
    leaving = _members(household, who)
    if was_done(act, *leaving):
        return Change()
    check_may_write(act, *leaving)
    _check_destination(household, destination)
    if any(planned < each.address_since for each in leaving):
        raise NotAllowed("nobody leaves before having come")
    notice = MovingOut(planned, destination)
    records = tuple(each.after(act.id, moving_out=notice) for each in leaving)
    return Change(records, (), (entry_of(act, ActKind.MOVE_OUT, *(each.holder for each in leaving)),))


def cancel_move_out(act: Act, household: Household, who: Set[str]) -> Change[ResidentRecord]:
    """Take the notice back as long as the record is not deleted (転出取消).

    Raises:
        NotAllowed: another desk, or no notice was given.
        NotFound: somebody is not of that household.
    """
    staying = _members(household, who)
    if was_done(act, *staying):
        return Change()
    check_may_write(act, *staying)
    if any(each.moving_out is None for each in staying):
        raise NotAllowed("no notice of moving out was given")
    records = tuple(each.after(act.id, moving_out=None) for each in staying)
    return Change(records, (), (entry_of(act, ActKind.MOVE_OUT_CANCELLED, *(each.holder for each in staying)),))


def due_on(record: ResidentRecord) -> date | None:
    """The day on which something happens to this record by itself, or None.

    A live record with a notice of moving out is due for `delete_departed` on the planned day; a deleted one whose
    bearer has moved in nowhere is due for `lapse` on the 31st day after it. Who went abroad is due for nothing.
    """
    notice = record.moving_out
    if notice is None or notice.outcome is not Outcome.PENDING:
        return None
    if record.is_live:
        return notice.planned
    if notice.destination == ABROAD or record.deleted is None or record.deleted.cause is not Cause.MOVE_OUT:
        return None
    return notice.lapses


def delete_departed(act: Act, household: Household, new_head: str | None = None) -> Change[ResidentRecord | Annex]:
    """Delete the records of those whose planned day of leaving has come; nothing if it has for nobody.

    The act is a machine's, at the desk of the residents' section. Who stays gets a new head if the head left.

    Source: 住民基本台帳法 第8条; 公的個人認証法 第12条第1項第2号 (deleted: the signing certificate ends).
    """
    check_may_write(act, *household.members)
    gone = frozenset(each.holder for each in household.members if _has_come(each, act.today))
    return leave(act, household, gone, new_head) if gone else Change()


def leave(
    act: Act, household: Household, gone: Set[str], new_head: str | None = None
) -> Change[ResidentRecord | Annex]:
    """Delete the records of those who gave notice; for `delete_departed`, and for moving in before the planned day.

    Raises:
        NotAllowed: somebody gave no notice.
    """
    deleted, annexes, told = list[ResidentRecord](), list[Annex](), list[Message]()
    for each in _members(household, gone):
        if each.moving_out is None:
            raise NotAllowed("no notice of moving out was given")
        abroad = each.moving_out.destination == ABROAD
        cause = Cause.LEAVING_COUNTRY if abroad else Cause.MOVE_OUT
        deleted.append(delete(each, act.id, cause, min(each.moving_out.planned, act.today)))
        told.append(tell(act, each.holder, cause))
        if abroad and each.domicile is not None:
            annexes.append(_annex(act, each, each.domicile, each.moving_out.planned))
    staying = household.without(gone, act.id, new_head)
    entry = entry_of(act, ActKind.DAY_TURNED, *(each.holder for each in deleted))
    return Change((*deleted, *staying, *annexes), tuple(told), (entry,))


def lapse(act: Act, record: ResidentRecord) -> Change[ResidentRecord]:
    """Tell the authorities that a move was not completed; nothing if that was told or is not due.

    Source: 公的個人認証法 第31条第1項第2号; 番号法施行令 第14条 (30 days after the planned date without moving in).
    """
    act.clerk.desk.check_keeps(record.municipality)
    due = due_on(record)
    if record.is_live or due is None or act.today < due:
        return Change()
    assert record.moving_out is not None
    lapsed = record.after(act.id, moving_out=replace(record.moving_out, outcome=Outcome.LAPSED))
    told = tell(act, record.holder, Cause.MOVE_NOT_COMPLETED)
    return Change((lapsed,), (told,), (entry_of(act, ActKind.DAY_TURNED, record.holder),))


def _members(household: Household, who: Set[str]) -> list[ResidentRecord]:
    if not who:
        raise Malformed("this is about nobody")
    if not who <= household.holders:
        raise NotFound("nobody of that household")
    return [each for each in household.members if each.holder in who]


def _check_destination(household: Household, destination: str) -> None:
    if destination == ABROAD:
        return
    municipality_code_check_digit(destination)
    if destination == household.municipality:
        raise NotAllowed("who stays in the municipality moves within it")


def _has_come(record: ResidentRecord, today: date) -> bool:
    due = due_on(record)
    return due is not None and due <= today


def _annex(act: Act, record: ResidentRecord, domicile: str, planned: date) -> Annex:
    return Annex(
        act.id_for(f"annex {record.holder}"),
        record.holder,
        domicile,
        record.name,
        record.birth_date,
        record.sex,
        record.code,
        planned,
        last_act=act.id,
    )
