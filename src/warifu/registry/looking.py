"""Looking at people: what a desk may see, and the entry that is written before it sees it.

A look comes in two steps, so that none goes unrecorded: `look` decides and gives the entries to write, refused or not;
when they are written, `Look.open` shows what was asked for or raises. Nothing is shown in part: who asks for more than
the desk may see gets nothing, and cannot tell a protected address from one that the desk never sees.

A protected person's record (支援措置) is opened by the section in charge and the desks named in the decision. Desks
that may need it all the same are warned, and open it, without the address, by stating a reason, which stands in the
entry.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from warifu.errors import Malformed, NotAllowed, NotFound, RecordProtected
from warifu.messages import AttributesRequest, CurrentAttributes
from warifu.person import Address, BirthDate, IndividualNumber, ResidentRecordCode, Sex
from warifu.registry.card_validity import Stay
from warifu.registry.change import Act, ActKind, Change, LogEntry
from warifu.registry.names import RecordedName
from warifu.registry.protecting import hides_address
from warifu.registry.record import Annex, MovingOut, Outcome, ResidentRecord
from warifu.registry.relationship import Relationship
from warifu.registry.roles import Desk, Office, Section, Sight

_LONGEST_PURPOSE = 100


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where somebody is or was, and everything that would tell it."""

    address: Address
    municipality: str
    household: str
    resident_since: date
    address_since: date
    came_from: str | None
    moving_out: MovingOut | None


@dataclass(frozen=True, slots=True)
class Belonging:
    """Domicile of a Japanese; nationality and stay of a foreign resident."""

    domicile: str | None
    nationality: str | None
    stay: Stay | None


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look shows; what was not asked for is None.

    `protected_until` is the warning that goes with every look at a protected person: the last day that is known.
    """

    holder: str
    name: RecordedName | None = field(default=None, repr=False)
    birth_date: BirthDate | None = field(default=None, repr=False)
    sex: Sex | None = field(default=None, repr=False)
    whereabouts: Whereabouts | None = field(default=None, repr=False)
    relationship: Relationship | None = None
    belonging: Belonging | None = field(default=None, repr=False)
    number: IndividualNumber | None = None
    code: ResidentRecordCode | None = None
    protected_until: date | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """A decided look: write `entries`, then `open` it."""

    entries: tuple[LogEntry, ...]
    _seen: tuple[Seen, ...] = field(repr=False)
    _warns: bool = False

    def open(self) -> Seen:
        """What was asked for.

        Raises:
            RecordProtected: the person is protected; the desk may open the record by stating a reason.
            NotAllowed: the desk may not see all of it.
        """
        if self._warns:
            raise RecordProtected("the person is protected: the record is opened for a stated reason only")
        if not self._seen:
            raise NotAllowed("this desk may not see that")
        return self._seen[0]

    def found(self) -> tuple[Seen, ...]:
        """Of a search, those whom the desk may see; the others are not there."""
        return self._seen


def look(act: Act, record: ResidentRecord, wanted: Iterable[Sight], purpose: str, reason: str = "") -> Look:
    """Look at one person, for a purpose (a case number, 1..100 characters, never a name).

    `reason` is why a protected person's record has to be opened at a desk that is not in charge of it.

    Raises:
        Malformed: no purpose, or nothing wanted.

    Source: 住民基本台帳法 第30条の24, 番号法 第12条 (safety); 番号法 第9条 (who uses numbers); 住民基本台帳事務処理要領
    第5-10. Modelled: the reason.
    """
    asked, desk = frozenset(wanted), act.clerk.desk
    if not hides_address(record, desk, act.today) or not (_is_ours(desk, record) and desk.opens_protected):
        return _decided(act, (record,), asked, asked | _closed_by(act, record), purpose)
    _check_asks(asked, purpose)
    if not reason:
        return Look((_entry(act, act.id, ActKind.REFUSED_LOOK, (record,), asked, purpose),), (), _warns=True)
    _check_text(reason)
    opened = asked <= desk.sees - {Sight.ADDRESS}
    what = ActKind.PROTECTED_LOOK if opened else ActKind.REFUSED_LOOK
    entry = _entry(act, act.id, what, (record,), asked, f"{purpose}: {reason}")
    return Look((entry,), (_seen(record, asked, act.today),) if opened else ())


def search(act: Act, hits: Iterable[ResidentRecord], wanted: Iterable[Sight], purpose: str) -> Look:
    """Look at everybody whom a search found; nobody is found by a desk from which protection keeps the address.

    A search is in one municipality, so to be found at all tells where somebody lives.

    Raises:
        Malformed: no purpose, or nothing wanted.
    """
    asked = frozenset(wanted)
    return _decided(act, tuple(hits), asked, asked | {Sight.ADDRESS}, purpose)


def _decided(
    act: Act, records: tuple[ResidentRecord, ...], asked: frozenset[Sight], told: frozenset[Sight], purpose: str
) -> Look:
    """The decision; `told` is what an answer tells, which can be more than what was asked for."""
    _check_asks(asked, purpose)
    shown = tuple(each for each in records if _may_see(act, each, asked, told))
    hidden = tuple(each for each in records if each not in shown)
    entries = (
        _entry(act, act.id, ActKind.LOOK, shown, asked, purpose),
        _entry(act, act.id if not shown else act.id_for("refused"), ActKind.REFUSED_LOOK, hidden, asked, purpose),
    )
    kept = tuple(each for each in entries if each.holders) or entries[:1]
    return Look(kept, tuple(_seen(each, asked, act.today) for each in shown))


def tell_attributes(act: Act, record: ResidentRecord | Annex, request: AttributesRequest) -> Change[ResidentRecord]:
    """Answer an authority with the attributes that the holder agreed to share, and write that it was told.

    Raises:
        NotAllowed: another desk than J-LIS's asks, or the record is somebody else's.
        NotFound: the record is deleted: the person died, left, or is between two municipalities.

    Source: 公的個人認証法 第18条第3項; 施行規則 第35条の2.
    """
    if act.clerk.desk.office is not Office.JLIS or record.holder != request.holder:
        raise NotAllowed("only the certification authority's own request is answered")
    if record.deleted is not None:
        raise NotFound("nothing is current of that holder")
    answer = CurrentAttributes.of(request.holder, record.attributes, request.items, act.at)
    seen = frozenset(Sight(each.value) for each in request.items)
    entry = LogEntry(act.id, act.at, act.clerk, ActKind.LOOK, (record.holder,), seen, "current attributes")
    return Change((), (answer,), (entry,))


def _check_asks(asked: frozenset[Sight], purpose: str) -> None:
    if not asked:
        raise Malformed("nothing is looked for")
    _check_text(purpose)


def _check_text(purpose: str) -> None:
    if not 0 < len(purpose) <= _LONGEST_PURPOSE or not purpose.isprintable():
        raise Malformed("a look has a purpose of 1 to 100 characters")


def _closed_by(act: Act, record: ResidentRecord) -> frozenset[Sight]:
    """What any look at the record would tell, so that a desk which may not open a protected one sees nothing of it."""
    return frozenset({Sight.ADDRESS}) if hides_address(record, act.clerk.desk, act.today) else frozenset()


def _may_see(act: Act, record: ResidentRecord, asked: frozenset[Sight], told: frozenset[Sight]) -> bool:
    desk = act.clerk.desk
    hidden = Sight.ADDRESS in told and hides_address(record, desk, act.today)
    return _is_ours(desk, record) and asked <= desk.sees and not hidden


def _is_ours(desk: Desk, record: ResidentRecord) -> bool:
    return desk.office is not Office.MUNICIPALITY or desk.municipality == record.municipality or _expects(desk, record)


def _expects(desk: Desk, record: ResidentRecord) -> bool:
    """Whether somebody told of moving to where that desk keeps the register, and has not moved in anywhere yet.

    Source: 住民基本台帳法 第24条の2第4項 (the municipality moved to receives what the notice of moving out says).
    """
    notice = record.moving_out
    expected = (
        notice is not None and notice.outcome is not Outcome.COMPLETED and notice.destination == desk.municipality
    )
    return expected and desk.section is Section.RESIDENTS


def _entry(
    act: Act, id_: str, what: ActKind, records: tuple[ResidentRecord, ...], asked: frozenset[Sight], purpose: str
) -> LogEntry:
    return LogEntry(id_, act.at, act.clerk, what, tuple(each.holder for each in records), asked, purpose)


def _seen(record: ResidentRecord, asked: frozenset[Sight], today: date) -> Seen:
    protection = record.protection
    return Seen(
        record.holder,
        record.name if Sight.NAME in asked else None,
        record.birth_date if Sight.BIRTH_DATE in asked else None,
        record.sex if Sight.SEX in asked else None,
        _whereabouts(record) if Sight.ADDRESS in asked else None,
        record.relationship if Sight.RELATIONSHIP in asked else None,
        Belonging(record.domicile, record.nationality, record.stay) if Sight.NATIONALITY in asked else None,
        record.number if Sight.INDIVIDUAL_NUMBER in asked else None,
        record.code if Sight.RECORD_CODE in asked else None,
        protection.until if protection is not None and protection.holds(today) else None,
    )


def _whereabouts(record: ResidentRecord) -> Whereabouts:
    return Whereabouts(
        record.address,
        record.municipality,
        record.household,
        record.resident_since,
        record.address_since,
        record.came_from,
        record.moving_out,
    )
