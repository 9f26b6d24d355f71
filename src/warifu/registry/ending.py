"""The end of a record: death, deletion ex officio, the end of an annex; and what was wrong from the beginning.

After any of these nothing happens to the person any more: every event refuses a deleted record, except that who is
between two municipalities or abroad can die there too.
"""

from datetime import date
from typing import Final

from warifu.errors import AlreadyAnswered, NotAllowed, NotFound
from warifu.messages import Cause
from warifu.registry.change import Act, ActKind, Change, entry_of
from warifu.registry.household import Household, delete
from warifu.registry.record import Annex, Deletion, Outcome, ResidentRecord
from warifu.registry.rules import check_may_write, check_past, tell, was_done

_AWAY: Final = (Cause.MOVE_OUT, Cause.LEAVING_COUNTRY)


def register_death(
    act: Act, record: ResidentRecord, household: Household | None, died: date, new_head: str | None = None
) -> Change[ResidentRecord]:
    """Delete the record of somebody who died; `household` is who lives there now, and goes on under another head.

    Raises:
        NotAllowed: another desk, or a day in the future or before birth.
        AlreadyAnswered: the record is deleted.
        NotFound: not of that household.

    Source: 戸籍法 第86条; 住民基本台帳法 第8条; 公的個人認証法 第12条第1項第2号, 第31条第1項第1号.
    """
    return _end(act, ActKind.DEATH, Cause.DEATH, record, household, died, new_head)


def delete_record(
    act: Act, record: ResidentRecord, household: Household | None, since: date, new_head: str | None = None
) -> Change[ResidentRecord]:
    """Delete the record of somebody found not to live there, or whose stay ended (職権消除).

    Raises:
        NotAllowed: another desk, or a day in the future or before birth.
        AlreadyAnswered: the record is deleted.
        NotFound: not of that household.

    Source: 住民基本台帳法 第8条, 第30条の50; 住民基本台帳法施行令 第12条第1項.
    """
    return _end(act, ActKind.DELETION, Cause.DELETION, record, household, since, new_head)


def register_death_away(act: Act, record: ResidentRecord, died: date) -> Change[ResidentRecord]:
    """Write the death of somebody who had moved out and not in again.

    A Japanese who died abroad has an annex that says so (`delete_annex`).

    Raises:
        NotAllowed: another desk, a day in the future, or a record that is live, was followed by another or has an
        annex. AlreadyAnswered: the record was deleted for good.
    """
    if was_done(act, record):
        return Change()
    act.clerk.desk.check_keeps(record.municipality)
    if record.deleted is None:
        raise NotAllowed("the person is a resident here")
    if record.deleted.cause not in _AWAY:
        raise AlreadyAnswered("the record was deleted for good")
    if record.moving_out is None or record.moving_out.outcome is Outcome.COMPLETED:
        raise NotAllowed("the person has another record since")
    if record.went_abroad and record.is_japanese:
        raise NotAllowed("the death of a Japanese abroad is written into the annex")
    check_past(act, died, record.birth_date.date)
    after = record.after(act.id, deleted=Deletion(Cause.DEATH, died))
    return Change((after,), (tell(act, record.holder, Cause.DEATH),), (entry_of(act, ActKind.DEATH, record.holder),))


def delete_annex(act: Act, annex: Annex, on: date) -> Change[Annex]:
    """Delete the annex of a Japanese abroad: death there, or loss of the nationality. At the domicile's desk.

    Raises:
        NotAllowed: another desk, or a day in the future.
        AlreadyAnswered: deleted already: the person died or came back.

    Source: 住民基本台帳法 第18条; 公的個人認証法 第12条第1項第3号, 第31条第1項第3号.
    """
    if was_done(act, annex):
        return Change()
    act.clerk.desk.check_keeps(annex.municipality)
    if annex.deleted is not None:
        raise AlreadyAnswered("the annex is deleted")
    check_past(act, on, annex.birth_date.date)
    after = annex.after(act.id, deleted=Deletion(Cause.ANNEX_DELETED, on))
    told = tell(act, annex.holder, Cause.ANNEX_DELETED)
    return Change((after,), (told,), (entry_of(act, ActKind.ANNEX_DELETION, annex.holder),))


def report_recording_error(act: Act, record: ResidentRecord) -> Change[ResidentRecord]:
    """Tell the authorities that a certificate says what the record never said; the record stays as it is.

    Raises:
        NotAllowed: another desk.
        AlreadyAnswered: the record is deleted.

    Source: 公的個人認証法 第13条, 第32条.
    """
    check_may_write(act, record)
    told = tell(act, record.holder, Cause.RECORDING_ERROR)
    return Change((), (told,), (entry_of(act, ActKind.RECORDING_ERROR, record.holder),))


def _end(
    act: Act,
    kind: ActKind,
    cause: Cause,
    record: ResidentRecord,
    household: Household | None,
    on: date,
    new_head: str | None,
) -> Change[ResidentRecord]:
    if was_done(act, record):
        return Change()
    check_may_write(act, record)
    check_past(act, on, record.birth_date.date)
    if household is None or household.member(record.holder) != record:
        raise NotFound("nobody of that household")
    staying = household.without({record.holder}, act.id, new_head)
    ended = delete(record, act.id, cause, on)
    return Change((ended, *staying), (tell(act, record.holder, cause),), (entry_of(act, kind, record.holder),))
