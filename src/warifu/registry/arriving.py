"""Entering the register: birth, first arrival from abroad, moving in from elsewhere (出生, 国外からの転入, 転入).

Who was never in a register gets a holder identifier by chance and a resident record code out of the municipality's
store, and an individual number is asked for; it is designated when the answer comes (`accept_number`). Who was in one
keeps all three, whether the last record was another municipality's or, for Japanese, an annex abroad.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from warifu.errors import AlreadyAnswered, Malformed, NotAllowed
from warifu.messages import Attribute, Cause, NumberReason, NumberRequest
from warifu.person import Address, BirthDate, Sex
from warifu.ports import Entropy
from warifu.registry.card_validity import Stay
from warifu.registry.change import Act, ActKind, Change, Message, entry_of
from warifu.registry.correcting import check_bears
from warifu.registry.household import Household
from warifu.registry.leaving import leave
from warifu.registry.names import RecordedName
from warifu.registry.pool import PooledCode
from warifu.registry.protecting import carried, housed_protection
from warifu.registry.record import ABROAD, Annex, Deletion, Outcome, ResidentRecord
from warifu.registry.relationship import Relationship
from warifu.registry.rules import check_past, tell, was_done


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who was never in a register.

    A Japanese has a `domicile`, a foreign resident a `nationality` and a `stay`; `code` is out of the store.
    """

    name: RecordedName
    birth_date: BirthDate
    sex: Sex
    relationship: Relationship
    code: PooledCode
    domicile: str | None = None
    nationality: str | None = None
    stay: Stay | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody who moves in: the latest record, and what the person is to the head there.

    Of who comes back from abroad also the annex (Japanese) or the new stay (foreign residents).
    """

    record: ResidentRecord
    relationship: Relationship = Relationship.HEAD
    annex: Annex | None = None
    stay: Stay | None = None


Written = ResidentRecord | PooledCode | Annex


def register_birth(act: Act, household: Household, child: Newcomer, entropy: Entropy) -> Change[Written]:
    """Write the record of a newborn into the parents' household.

    Raises:
        NotAllowed: another desk, a day of birth in the future, a newborn head of a household, an alias of a Japanese.
        AlreadyAnswered: the code is used already.

    Source: 戸籍法 第49条; 住民基本台帳法 第8条, 第30条の3第1項; 番号法 第7条第1項.
    """
    act.clerk.desk.check_keeps(household.municipality)
    if child.code.spent_by == act.id:
        return Change()
    if child.relationship is Relationship.HEAD:
        raise NotAllowed("a newborn is not the head of a household")
    born = child.birth_date.date
    check_past(act, born, date.min)
    record = _first_record(act, child, household.address, born, household.id, household, entropy)
    return _entered(act, ActKind.BIRTH, [(record, child.code)], Cause.BIRTH)


def register_arrival(
    act: Act,
    newcomers: Sequence[Newcomer],
    address: Address,
    arrived: date,
    entropy: Entropy,
    *,
    into: Household | None = None,
) -> Change[Written]:
    """Write the records of people who come from abroad for the first time, as a household or into one.

    Raises:
        NotAllowed: another desk, a day in the future, or the household would have no head or two.
        AlreadyAnswered: a code is used already.

    Source: 住民基本台帳法 第22条, 第30条の46 (within 14 days of the day on which the address was taken up).
    """
    municipality = _municipality(act)
    if newcomers and all(each.code.spent_by == act.id for each in newcomers):
        return Change()
    _check_joins(municipality, [each.relationship for each in newcomers], address, into)
    for each in newcomers:
        check_past(act, arrived, each.birth_date.date)
    household = into.id if into else act.id_for("household")
    records = [(_first_record(act, each, address, arrived, household, into, entropy), each.code) for each in newcomers]
    Household.of((*(into.members if into else ()), *(record for record, _ in records)))
    return _entered(act, ActKind.MOVE_IN, records, Cause.MOVE_IN)


def move_in(
    act: Act,
    arrivals: Sequence[Arrival],
    address: Address,
    moved: date,
    *,
    into: Household | None = None,
    left: Household | None = None,
) -> Change[Written]:
    """Write the records of people who moved here from another municipality, or come back from abroad.

    `left` is the household that they were members of as long as their old records are live: the planned day is not
    there yet, and the notice of having moved in deletes them now (住民基本台帳法 第9条第1項).

    Raises:
        NotAllowed: another desk, a day in the future, no notice of moving out, or no head or two.
        AlreadyAnswered: somebody is dead, or lives here already.

    Source: 住民基本台帳法 第22条 (within 14 days of moving), 第30条の3第2項 (the code stays).
    """
    municipality = _municipality(act)
    if was_done(act, *(each.record for each in arrivals)):
        return Change()
    _check_joins(municipality, [each.relationship for each in arrivals], address, into)
    for each in arrivals:
        _check_arrives(act, each, moved)
    household = into.id if into else act.id_for("household")
    live = frozenset(each.record.holder for each in arrivals if each.record.is_live)
    departed = _departed(act, live, left)
    deleted = {each.holder: each.deleted for each in departed.records if isinstance(each, ResidentRecord)}
    closed = [_closed(act, each.record, deleted.get(each.record.holder)) for each in arrivals]
    staying = [each for each in departed.records if each.holder not in live]
    annexes = [
        each.annex.after(act.id, deleted=Deletion(Cause.MOVE_IN, moved)) for each in arrivals if each.annex is not None
    ]
    written = [_next_record(act, each, address, moved, household, into) for each in arrivals]
    Household.of((*(into.members if into else ()), *written))
    told: list[Message] = [tell(act, each.holder, Cause.MOVE_IN, {Attribute.ADDRESS}) for each in written]
    return Change(
        (*closed, *staying, *annexes, *written),
        (*departed.messages, *told),
        (entry_of(act, ActKind.MOVE_IN, *(each.holder for each in written)),),
    )


def _municipality(act: Act) -> str:
    municipality = act.clerk.desk.municipality or ""
    act.clerk.desk.check_keeps(municipality)
    return municipality


def _check_joins(
    municipality: str, relationships: Sequence[Relationship], address: Address, into: Household | None
) -> None:
    if not relationships:
        raise Malformed("nobody arrives")
    heads = relationships.count(Relationship.HEAD)
    if into is None:
        if heads != 1:
            raise NotAllowed("a household has one head")
        return
    if heads or into.municipality != municipality or into.address != address:
        raise NotAllowed("who joins a household lives at its address, under its head")


def _check_arrives(act: Act, arrival: Arrival, moved: date) -> None:
    record, annex = arrival.record, arrival.annex
    if record.deleted is not None and record.deleted.cause not in (Cause.MOVE_OUT, Cause.LEAVING_COUNTRY):
        raise AlreadyAnswered("the record was deleted for good")
    if record.moving_out is None or record.moving_out.outcome is Outcome.COMPLETED:
        raise NotAllowed("who moves in has moved out before")
    if record.is_live and record.moving_out.destination == ABROAD:
        raise NotAllowed("who told of going abroad takes that back first")
    if (annex is not None) is not (record.went_abroad and record.is_japanese):
        raise NotAllowed("a Japanese who comes back from abroad has an annex, and nobody else")
    if annex is not None and (annex.holder != record.holder or annex.deleted is not None):
        raise NotAllowed("the annex is somebody else's, or closed")
    if not record.is_japanese:
        _check_may_stay(act, arrival.stay if record.went_abroad else record.stay)
    began = record.deleted.on if record.deleted is not None and record.went_abroad else record.address_since
    check_past(act, moved, began)


def _check_may_stay(act: Act, stay: Stay | None) -> None:
    if stay is None or (stay.until is not None and stay.until < act.today):
        raise NotAllowed("a foreign resident may stay for some time yet")


def _departed(act: Act, live: frozenset[str], left: Household | None) -> Change[ResidentRecord | Annex]:
    if not live:
        return Change()
    if left is None or not live <= left.holders:
        raise NotAllowed("who still lives elsewhere leaves a household there")
    return leave(act, left, live)


def _closed(act: Act, record: ResidentRecord, deletion: Deletion | None) -> ResidentRecord:
    assert record.moving_out is not None
    notice = replace(record.moving_out, outcome=Outcome.COMPLETED)
    return record.after(act.id, moving_out=notice, deleted=deletion or record.deleted)


def _next_record(
    act: Act, arrival: Arrival, address: Address, moved: date, household: str, into: Household | None
) -> ResidentRecord:
    last, known = arrival.record, arrival.annex or arrival.record
    return ResidentRecord(
        id=act.id_for(f"record {last.holder}"),
        holder=last.holder,
        municipality=_municipality(act),
        household=household,
        relationship=arrival.relationship,
        name=known.name,
        birth_date=known.birth_date,
        sex=known.sex,
        address=address,
        resident_since=moved,
        address_since=moved,
        code=known.code,
        number=last.number,
        domicile=last.domicile,
        nationality=last.nationality,
        stay=arrival.stay or last.stay,
        came_from=ABROAD if last.went_abroad else last.municipality,
        protection=housed_protection(into) or carried(last.protection),
        last_act=act.id,
    )


def _first_record(
    act: Act,
    newcomer: Newcomer,
    address: Address,
    since: date,
    household: str,
    into: Household | None,
    entropy: Entropy,
) -> ResidentRecord:
    check_bears(newcomer.name, japanese=newcomer.domicile is not None)
    if newcomer.domicile is None:
        _check_may_stay(act, newcomer.stay)
    holder = entropy.bytes(16).hex()
    return ResidentRecord(
        id=act.id_for(f"record {holder}"),
        holder=holder,
        municipality=_municipality(act),
        household=household,
        relationship=newcomer.relationship,
        name=newcomer.name,
        birth_date=newcomer.birth_date,
        sex=newcomer.sex,
        address=address,
        resident_since=since,
        address_since=since,
        code=newcomer.code.code,
        domicile=newcomer.domicile,
        nationality=newcomer.nationality,
        stay=newcomer.stay,
        came_from=None if newcomer.birth_date.date == since else ABROAD,
        protection=housed_protection(into),
        last_act=act.id,
    )


def _entered(
    act: Act, kind: ActKind, records: Sequence[tuple[ResidentRecord, PooledCode]], cause: Cause
) -> Change[Written]:
    written: list[Written] = []
    messages: list[Message] = []
    for record, code in records:
        written += [record, code.spend(act, record.municipality)]
        messages.append(tell(act, record.holder, cause))
        messages.append(NumberRequest(act.id_for(f"number {record.holder}"), record.code, NumberReason.FIRST))
    holders = [record.holder for record, _ in records]
    return Change(tuple(written), tuple(messages), (entry_of(act, kind, *holders),))
