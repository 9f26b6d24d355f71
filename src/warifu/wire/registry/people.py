"""The resident section's work: births, arrivals, moves, corrections, names, ends, and the two numbers.

Every method is one act. `by` is the clerk; `act` the id under which the same thing may be asked again.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from sqlalchemy import Connection

from warifu.errors import Malformed, NotAllowed, Unavailable
from warifu.messages import Cause, CodeBlockRequest, MinorCorrection
from warifu.person import Address, BirthDate, Sex
from warifu.registry import (
    Act,
    Arrival,
    Change,
    Clerk,
    Correction,
    Desk,
    Household,
    Newcomer,
    PooledCode,
    RecordedName,
    Relationship,
    ResidentRecord,
    Stay,
    ask_number_change,
    cancel_move_out,
    change_code,
    change_head,
    change_name,
    change_stay,
    correct,
    correct_annex,
    delete_annex,
    delete_record,
    end_protection,
    follow_code_change,
    move_in,
    move_out,
    move_within,
    naturalise,
    protect,
    register_arrival,
    register_birth,
    register_death,
    register_death_away,
    regroup,
    report_recording_error,
)
from warifu.wire.database import reading, writing
from warifu.wire.registry.doing import Doing, Done
from warifu.wire.registry.letters import send_all
from warifu.wire.registry.reading import (
    annex_of,
    cards_of,
    household,
    household_of,
    last_annex,
    last_record,
    records_of,
    unused_codes,
)

OnRecord: TypeAlias = Callable[[Act, ResidentRecord], Change[Any]]

_NO_STAYS: Final[Mapping[str, Stay]] = MappingProxyType({})
BLOCK = 200
"""Codes that are asked for at a time when the store runs low."""
LOW = 20
"""Codes in store below which more are asked for."""


@dataclass(frozen=True, slots=True)
class Person:
    """What is told of somebody who was never in a register; a Japanese has a `domicile`, others the other two."""

    name: RecordedName
    birth_date: BirthDate
    sex: Sex
    relationship: Relationship
    domicile: str | None = None
    nationality: str | None = None
    stay: Stay | None = None

    def with_code(self, code: PooledCode) -> Newcomer:
        """The person as the room takes one."""
        return Newcomer(
            self.name,
            self.birth_date,
            self.sex,
            self.relationship,
            code,
            self.domicile,
            self.nationality,
            self.stay,
        )


class People:
    """What is done to resident records."""

    def __init__(self, doing: Doing) -> None:
        self._doing = doing

    # --- entering ---

    def register_birth(self, by: Clerk, parent: str, child: Person, *, act: str | None = None) -> Done:
        """Write a newborn's record into the household of `parent`, a holder.

        Raises:
            NotAllowed: another desk, a future day, or a head of a household.
            NotFound: nobody of that name lives here.
            Unavailable: no code is in store; more were asked for.
        """

        def decide(connection: Connection, doing: Act) -> Change[Any]:
            home = household_of(connection, last_record(connection, parent))
            [code] = self._codes(connection, by, 1)
            return register_birth(doing, home, child.with_code(code), self._doing.entropy)

        self._keep_store(by, 1)
        return self._doing.do("register_birth", by, act, (parent, child), decide)

    def register_arrival(
        self,
        by: Clerk,
        newcomers: Sequence[Person],
        address: Address,
        arrived: date,
        *,
        into: str | None = None,
        act: str | None = None,
    ) -> Done:
        """Write the records of people who come from abroad for the first time; `into` is a household's id.

        Raises:
            NotAllowed: another desk, a future day, or no head or two.
            Unavailable: no codes are in store; more were asked for.
        """

        def decide(connection: Connection, doing: Act) -> Change[Any]:
            codes = self._codes(connection, by, len(newcomers))
            people = [person.with_code(code) for person, code in zip(newcomers, codes, strict=True)]
            home = household(connection, into) if into else None
            return register_arrival(doing, people, address, arrived, self._doing.entropy, into=home)

        self._keep_store(by, len(newcomers))
        return self._doing.do("register_arrival", by, act, (tuple(newcomers), address, arrived, into), decide)

    def move_in(
        self,
        by: Clerk,
        arrivals: Mapping[str, Relationship],
        address: Address,
        moved: date,
        *,
        into: str | None = None,
        stays: Mapping[str, Stay] = _NO_STAYS,
        act: str | None = None,
    ) -> Done:
        """Write the records of people (by holder) who moved here from elsewhere or come back from abroad.

        `stays` are the new ones of foreign residents who come back (住民基本台帳法 第30条の46).

        Raises:
            NotAllowed: another desk, a future day, nobody told of moving out, no head or two, or no stay.
            Malformed: the stay of somebody who does not arrive.
            AlreadyAnswered: somebody is dead, or lives here.
        """

        def decide(connection: Connection, doing: Act) -> Change[Any]:
            if not stays.keys() <= arrivals.keys():
                raise Malformed("a stay is of somebody who arrives")
            coming = [_arrival(connection, holder, as_, stays.get(holder)) for holder, as_ in arrivals.items()]
            live = [arrival.record for arrival in coming if arrival.record.is_live]
            left = _one_household(connection, live) if live else None
            home = household(connection, into) if into else None
            return move_in(doing, coming, address, moved, into=home, left=left)

        asked: tuple[object, ...] = (tuple(arrivals.items()), address, moved, into)
        if stays:  # who asked before stays were known asked for the same without them
            asked = (*asked, tuple(sorted(stays.items())))
        return self._doing.do("move_in", by, act, asked, decide)

    # --- leaving ---

    def move_out(self, by: Clerk, who: Set[str], planned: date, destination: str, *, act: str | None = None) -> Done:
        """Take the notice that these people of one household will leave, for five digits or ``abroad``.

        Raises:
            NotAllowed, NotFound, Malformed: as the room says.
        """

        def decide(connection: Connection, doing: Act) -> Change[Any]:
            return move_out(doing, _household_of_all(connection, who), who, planned, destination)

        return self._doing.do("move_out", by, act, (frozenset(who), planned, destination), decide)

    def cancel_move_out(self, by: Clerk, who: Set[str], *, act: str | None = None) -> Done:
        """Take a notice of moving out back."""

        def decide(connection: Connection, doing: Act) -> Change[Any]:
            return cancel_move_out(doing, _household_of_all(connection, who), who)

        return self._doing.do("cancel_move_out", by, act, (frozenset(who),), decide)

    def register_death(
        self, by: Clerk, holder: str, died: date, *, new_head: str | None = None, act: str | None = None
    ) -> Done:
        """Write a death, of a resident or of somebody between two municipalities."""

        def decide(connection: Connection, doing: Act) -> Change[Any]:
            record = last_record(connection, holder)
            if not record.is_live:
                return register_death_away(doing, record, died)
            return register_death(doing, record, household_of(connection, record), died, new_head)

        return self._doing.do("register_death", by, act, (holder, died, new_head), decide)

    def delete_record(
        self, by: Clerk, holder: str, since: date, *, new_head: str | None = None, act: str | None = None
    ) -> Done:
        """Delete the record of somebody found not to live there, or whose stay ended (職権消除)."""

        def decide(connection: Connection, doing: Act) -> Change[Any]:
            record = last_record(connection, holder)
            return delete_record(doing, record, household_of(connection, record), since, new_head)

        return self._doing.do("delete_record", by, act, (holder, since, new_head), decide)

    def delete_annex(self, by: Clerk, holder: str, on: date, *, act: str | None = None) -> Done:
        """Delete the annex of somebody abroad who died or lost the nationality; at the domicile's desk."""

        def decide(connection: Connection, doing: Act) -> Change[Any]:
            annex = last_annex(connection, holder)
            return delete_annex(doing, annex, on)

        return self._doing.do("delete_annex", by, act, (holder, on), decide)

    def correct_annex(
        self,
        by: Clerk,
        holder: str,
        correction: Correction,
        minor: MinorCorrection | None = None,
        *,
        act: str | None = None,
    ) -> Done:
        """Correct the annex of somebody abroad; at the domicile's desk."""

        def decide(connection: Connection, doing: Act) -> Change[Any]:
            annex = last_annex(connection, holder)
            return correct_annex(doing, annex, correction, minor)

        return self._doing.do("correct_annex", by, act, (holder, correction, minor), decide)

    # --- staying ---

    def regroup(
        self,
        by: Clerk,
        members: Mapping[str, Relationship],
        *,
        into: str | None = None,
        new_head: str | None = None,
        act: str | None = None,
    ) -> Done:
        """Make people of one household one of their own, join them to another (`into`), or change what they are."""

        def decide(connection: Connection, doing: Act) -> Change[Any]:
            home = _household_of_all(connection, members.keys())
            target = household(connection, into) if into else None
            return regroup(doing, home, members, into=target, new_head=new_head)

        return self._doing.do("regroup", by, act, (tuple(members.items()), into, new_head), decide)

    def move_within(
        self,
        by: Clerk,
        movers: Mapping[str, Relationship],
        address: Address,
        moved: date,
        *,
        into: str | None = None,
        new_head: str | None = None,
        act: str | None = None,
    ) -> Done:
        """Move people of one household inside of the municipality."""

        def decide(connection: Connection, doing: Act) -> Change[Any]:
            home = _household_of_all(connection, movers.keys())
            target = household(connection, into) if into else None
            return move_within(doing, home, movers, address, moved, into=target, new_head=new_head)

        asked = (tuple(movers.items()), address, moved, into, new_head)
        return self._doing.do("move_within", by, act, asked, decide)

    def correct(
        self,
        by: Clerk,
        holder: str,
        correction: Correction,
        minor: MinorCorrection | None = None,
        *,
        act: str | None = None,
    ) -> Done:
        """Correct a record; `minor` says that it is one of the seven that end no certificate."""

        def decide(connection: Connection, doing: Act) -> Change[Any]:
            return correct(doing, household_of(connection, last_record(connection, holder)), holder, correction, minor)

        return self._doing.do("correct", by, act, (holder, correction, minor), decide)

    def change_name(self, by: Clerk, holder: str, name: RecordedName, *, act: str | None = None) -> Done:
        """Write another name, or a former surname or an alias on or off."""
        return self._on_record("change_name", by, act, holder, (name,), lambda doing, it: change_name(doing, it, name))

    def naturalise(self, by: Clerk, holder: str, name: RecordedName, domicile: str, *, act: str | None = None) -> Done:
        """Write that a foreign resident became Japanese."""
        return self._on_record(
            "naturalise", by, act, holder, (name, domicile), lambda doing, it: naturalise(doing, it, name, domicile)
        )

    def change_stay(self, by: Clerk, holder: str, stay: Stay, *, act: str | None = None) -> Done:
        """Write a foreign resident's new stay."""
        return self._on_record("change_stay", by, act, holder, (stay,), lambda doing, it: change_stay(doing, it, stay))

    def change_head(self, by: Clerk, new_head: str, *, act: str | None = None) -> Done:
        """Write that another member is the head of the household now."""

        def decide(connection: Connection, doing: Act) -> Change[Any]:
            return change_head(doing, household_of(connection, last_record(connection, new_head)), new_head)

        return self._doing.do("change_head", by, act, (new_head,), decide)

    def report_recording_error(self, by: Clerk, holder: str, *, act: str | None = None) -> Done:
        """Tell the authorities that a certificate says what the record never said."""
        return self._on_record("report_recording_error", by, act, holder, (), report_recording_error)

    def protect(
        self, by: Clerk, holder: str, until: date, named: Iterable[Desk] = (), *, act: str | None = None
    ) -> Done:
        """Protect a person's household (支援措置), or prolong it; `named` desks see the address all the same."""
        desks = frozenset(named)

        def decide(connection: Connection, doing: Act) -> Change[Any]:
            home = household_of(connection, last_record(connection, holder))
            return protect(doing, home, _earlier(connection, home), until, desks)

        return self._doing.do("protect", by, act, (holder, until, desks), decide)

    def end_protection(self, by: Clerk, holder: str, *, act: str | None = None) -> Done:
        """End the protection of a person's household before its time."""

        def decide(connection: Connection, doing: Act) -> Change[Any]:
            home = household_of(connection, last_record(connection, holder))
            return end_protection(doing, home, _earlier(connection, home))

        return self._doing.do("end_protection", by, act, (holder,), decide)

    # --- numbers ---

    def ask_number_change(self, by: Clerk, holder: str, *, act: str | None = None) -> Done:
        """Ask for another individual number, because this one leaked; it is designated when the answer comes."""
        return self._on_record("ask_number_change", by, act, holder, (), ask_number_change)

    def change_code(self, by: Clerk, holder: str, *, act: str | None = None) -> Done:
        """Write another resident record code out of the store; the card, which has the old one in it, ends."""

        def decide(connection: Connection, doing: Act) -> Change[Any]:
            [code] = self._codes(connection, by, 1)
            change = change_code(doing, last_record(connection, holder), code)
            ended = follow_code_change(doing, cards_of(connection, [holder]))
            return Change(
                (*change.records, *ended.records),
                (*change.messages, *ended.messages),
                (*change.entries, *ended.entries),
            )

        self._keep_store(by, 1)
        return self._doing.do("change_code", by, act, (holder,), decide)

    def stock_codes(self, by: Clerk, count: int = BLOCK) -> None:
        """Ask the party that numbers for a block of codes; they are in store when the answer has come.

        Raises:
            Malformed: not 1 to 1000.
            NotAllowed: not the residents' section.
        """
        municipality = _kept_by(by)
        doing = self._doing
        request = CodeBlockRequest(doing.entropy.bytes(16).hex(), municipality, count)
        with writing(doing.engine) as connection:
            send_all(connection, [request], doing.correspondents, doing.clock.now())
        doing.wake()

    def _keep_store(self, by: Clerk, needed: int) -> None:
        """Ask for more codes when few will be left, and wait for them when there are too few already.

        Two who ask at once get a block each, which is no harm.
        """
        municipality = _kept_by(by)
        with reading(self._doing.engine) as connection:
            left = len(unused_codes(connection, municipality, needed + LOW))
        if left < needed + LOW:
            self.stock_codes(by, max(BLOCK, min(needed + LOW, 1000)))
        if left < needed:
            self._doing.fetch()

    def _codes(self, connection: Connection, by: Clerk, count: int) -> list[PooledCode]:
        codes = unused_codes(connection, by.desk.municipality or "", count)
        if len(codes) < count:
            raise Unavailable("the store has not enough resident record codes; more were asked for: try again soon")
        return codes

    def _on_record(
        self, what: str, by: Clerk, act: str | None, holder: str, asked: tuple[object, ...], decide: OnRecord
    ) -> Done:
        def on_record(connection: Connection, doing: Act) -> Change[Any]:
            return decide(doing, last_record(connection, holder))

        return self._doing.do(what, by, act, (holder, *asked), on_record)


def _kept_by(by: Clerk) -> str:
    """The municipality whose register this desk keeps.

    Raises:
        NotAllowed: it keeps none.
    """
    if by.desk.municipality is None:
        raise NotAllowed("only a municipality's residents' section does this")
    by.desk.check_keeps(by.desk.municipality)
    return by.desk.municipality


def _arrival(connection: Connection, holder: str, relationship: Relationship, stay: Stay | None) -> Arrival:
    record = last_record(connection, holder)
    abroad = record.deleted is not None and record.deleted.cause is Cause.LEAVING_COUNTRY
    return Arrival(record, relationship, annex_of(connection, holder) if abroad else None, stay)


def _household_of_all(connection: Connection, who: Set[str]) -> Household:
    if not who:
        raise Malformed("this is about nobody")
    return _one_household(connection, [last_record(connection, holder) for holder in sorted(who)])


def _earlier(connection: Connection, home: Household) -> list[ResidentRecord]:
    records = (record for holder in sorted(home.holders) for record in records_of(connection, holder))
    return [record for record in records if not record.is_live]


def _one_household(connection: Connection, records: Sequence[ResidentRecord]) -> Household:
    homes = {record.household for record in records}
    if len(homes) != 1:
        raise Malformed("these people do not live in one household")
    return household_of(connection, records[0])
