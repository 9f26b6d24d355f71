"""The past of the town's people as the register has it, act by act, on the days on which it happened.

Each act is decided by the register's own rules, from what the act before it left, so the records are what they would be
had clerks been there for years. The authorities' record has the same past already (`history`), so nobody is told.
"""

import hashlib
from datetime import datetime, time, timedelta
from typing import Any

from warifu.messages import NumberAnswer, NumberRequest, ResidentEvent
from warifu.person import Name
from warifu.pki import JST
from warifu.registry import (
    ABROAD,
    Act,
    ActKind,
    AllottedCode,
    Card,
    Change,
    Clerk,
    Designation,
    Desk,
    Household,
    LogEntry,
    Office,
    RecordedName,
    Relationship,
    Residence,
    ResidentRecord,
    Settled,
    Stay,
    accept_number,
    ask_number_change,
    follow_number_change,
    follow_resident,
    protect,
)
from warifu.town.chance import Chance
from warifu.town.readings import reading_of
from warifu.town.residents import Resident
from warifu.wire.registry import PastAct, window_desk

__all__ = ["HOTLINE", "JLIS", "Life", "act_id", "recorded_name"]

JLIS, HOTLINE = Clerk("jlis-cards", Desk(Office.JLIS)), Clerk("hotline-clerk", Desk(Office.HOTLINE))
_CAME_AT = time(10, tzinfo=JST)
_AT_LEAST, _AT_MOST = 2000, 8000
"""Days before the founding; who came to the town came before any card was issued."""
_AWHILE, _PROTECTED_FOR = timedelta(minutes=10), timedelta(days=364)
_NATIONALITY, _BEFORE = "US", "27127"


class Life:
    """One person's record and cards, and every act that made them; the person came to the town with the first."""

    def __init__(
        self,
        seed: int,
        name: str,
        person: Resident,
        founded: datetime,
        household: str,
        relationship: Relationship = Relationship.HEAD,
    ) -> None:
        self.seed, self.name, self.person = seed, name, person
        self.clerk = Clerk(f"clerk-{person.municipality.code}", window_desk(person.municipality.code))
        self.cards: dict[str, Card] = {}
        self.past: list[PastAct] = []
        self.renumbered: datetime | None = None
        """When the individual number was changed."""
        self._founded = founded
        self.record = self._came(act_id(seed, f"household {household}"), household, relationship)

    def act(self, what: str, at: datetime, clerk: Clerk | None = None) -> Act:
        """An act about this person; at the municipality's window unless another clerk does it."""
        return Act(act_id(self.seed, f"{self.name} {what}"), clerk or self.clerk, at)

    def happen(self, act: Act, what: str, change: Change[Any]) -> None:
        """Let an act's change happen, and to the cards what follows from it. `what` is empty for an answer's."""
        events = [message for message in change.messages if isinstance(message, ResidentEvent)]
        follow = follow_resident(act, self.cards.values(), events)
        records = (*change.records, *follow.records)
        for record in records:
            if isinstance(record, Card):
                self.cards[record.id] = record
            elif isinstance(record, ResidentRecord):
                self.record = record
        self.past.append(PastAct(act, what, Change(records, (), (*change.entries, *follow.entries))))

    def settled(self, at: datetime) -> Settled:
        """The rows of the party that numbers: which code the municipality got, which number belongs to it."""
        request = act_id(self.seed, f"{self.name} code")
        code = AllottedCode(self.record.code, self.record.municipality, request, at)
        first = Designation(self.person.first_number, code.code, act_id(self.seed, f"{self.name} number"), at)
        if self.renumbered is None:
            return Settled((), (code,), (first,), None)
        again = act_id(self.seed, f"{self.name} another number")
        second = Designation(self.person.individual_number, code.code, again, self.renumbered)
        return Settled((), (code,), (first.retire(self.renumbered), second), None)

    def renumber(self, at: datetime) -> None:
        """Another individual number, because the one before leaked; the cards that have it on them end.

        Source: 番号法 第7条第2項; 番号法施行令 第14条第6号.
        """
        asked = self.act("asks for another number", at - _AWHILE)
        change = ask_number_change(asked, self.record)
        self.happen(asked, "ask_number_change", change)
        [request] = (each for each in change.messages if isinstance(each, NumberRequest))
        act = self.act("gets another number", at)
        answer = NumberAnswer(request.id, self.record.code, self.person.individual_number)
        designated, ended = accept_number(act, self.record, answer), follow_number_change(act, self.cards.values())
        self.happen(act, "", Change((*designated.records, *ended.records), (), (*designated.entries, *ended.entries)))
        self.renumbered = at

    def protect(self, at: datetime) -> None:
        """The municipality keeps the address from other desks for a year (支援措置)."""
        act = self.act("protected", at)
        change = protect(act, Household.of([self.record]), (), act.today + _PROTECTED_FOR)
        self.happen(act, "protect", change)

    def _came(self, household_id: str, household: str, relationship: Relationship) -> ResidentRecord:
        """The first record; everybody of a household came on the same day."""
        person, told = self.person, self.person.former
        days = _AT_LEAST + Chance(self.seed, household).below("came", _AT_MOST - _AT_LEAST)
        day = (self._founded - timedelta(days=days)).astimezone(JST).date()
        came = max(day, told.birth_date.date + timedelta(days=365))
        act = self.act("came", datetime.combine(came, _CAME_AT).astimezone(self._founded.tzinfo))
        name = recorded_name(told.name)
        foreign = name.alias is not None
        record = ResidentRecord(
            id=act.id_for("record"),
            holder=person.id,
            municipality=person.municipality.code,
            household=household_id,
            relationship=relationship,
            name=name,
            birth_date=told.birth_date,
            sex=told.sex,
            address=told.address,
            resident_since=came,
            address_since=came,
            code=person.resident_record_code,
            number=person.first_number,
            domicile=None if foreign else person.municipality.code,
            nationality=_NATIONALITY if foreign else None,
            stay=Stay(Residence.PERMANENT) if foreign else None,
            came_from=ABROAD if foreign else _BEFORE,
            last_act=act.id,
        )
        entry = LogEntry(act.id, act.at, act.clerk, ActKind.MOVE_IN, (record.holder,))
        self.past.append(PastAct(act, "move_in", Change((record,), (), (entry,))))
        return record


def recorded_name(name: Name) -> RecordedName:
    """The name as the register keeps it: with its reading, or a foreign resident's with the alias apart."""
    text, _, alias = name.text.partition("（")
    if alias:
        return RecordedName(Name(text), alias=Name(alias.removesuffix("）")))
    return RecordedName(name, reading_of(name))


def act_id(seed: int, what: str) -> str:
    """An act's id that is the same in every founding with the same seed."""
    return hashlib.sha256(f"warifu town act 1\n{seed}\n{what}".encode()).hexdigest()[:32]
