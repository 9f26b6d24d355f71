"""A person's two numbers as the municipality deals with them: the number's arrival and change, the code's change.

The municipality never makes a number: it asks the party that numbers, with the code, and designates what it receives.
"""

from warifu.errors import NotAllowed
from warifu.messages import CodeChanged, NumberAnswer, NumberReason, NumberRequest
from warifu.registry.change import Act, ActKind, Change, entry_of
from warifu.registry.pool import PooledCode
from warifu.registry.record import ResidentRecord
from warifu.registry.rules import check_may_write, was_done


def accept_number(act: Act, record: ResidentRecord, answer: NumberAnswer) -> Change[ResidentRecord]:
    """Designate the number that the party that numbers has sent; it is in force from this moment.

    A person who moved or died in the meantime keeps the number in the latest record, so a deleted one is written too.

    Raises:
        NotAllowed: another desk, or the answer is for another code.

    Source: 番号法 第7条第1項, 第2項; 番号法施行令 第2条 (designated by receiving it).
    """
    act.clerk.desk.check_keeps(record.municipality)
    if answer.code != record.code:
        raise NotAllowed("this number is for another code")
    if answer.number == record.number:
        return Change()
    after = record.after(act.id, number=answer.number)
    return Change((after,), (), (entry_of(act, ActKind.NUMBER_DESIGNATED, record.holder),))


def ask_number_change(act: Act, record: ResidentRecord) -> Change[ResidentRecord]:
    """Ask for another number, on request or ex officio, because this one leaked and may be misused.

    Raises:
        NotAllowed: another desk, or no number is there yet.
        AlreadyAnswered: the record is deleted.

    Source: 番号法 第7条第2項; 番号法施行令 第3条, 第4条.
    """
    check_may_write(act, record)
    if record.number is None:
        raise NotAllowed("no number is there yet")
    request = NumberRequest(act.id_for(f"number {record.holder}"), record.code, NumberReason.LEAKED)
    return Change((), (request,), (entry_of(act, ActKind.NUMBER_CHANGE_ASKED, record.holder),))


def change_code(act: Act, record: ResidentRecord, code: PooledCode) -> Change[ResidentRecord | PooledCode]:
    """Write another resident record code, because its bearer asks for it. No reason is asked.

    Raises:
        NotAllowed: another desk, or another municipality's code.
        AlreadyAnswered: the record is deleted, or the code is used already.

    Source: 住民基本台帳法 第30条の4.
    """
    if was_done(act, record) and code.spent_by == act.id:
        return Change()
    check_may_write(act, record)
    after, spent = record.after(act.id, code=code.code), code.spend(act, record.municipality)
    told = CodeChanged(act.id_for(f"code {record.holder}"), record.code, code.code)
    return Change((after, spent), (told,), (entry_of(act, ActKind.CODE_CHANGE, record.holder),))
