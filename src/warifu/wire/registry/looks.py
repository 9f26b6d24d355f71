"""Looking: what a desk is shown, after it was written down that it looked."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, select

from warifu.errors import NotAllowed
from warifu.messages import AttributesRequest, CurrentAttributes
from warifu.registry import (
    Act,
    ActKind,
    Card,
    Clerk,
    LogEntry,
    Look,
    Office,
    Phone,
    RenewalNotice,
    ResidentRecord,
    Section,
    Seen,
    Sight,
    day_of,
    find_renewals,
    hides_address,
    look,
    search,
    tell_attributes,
)
from warifu.wire.database import writing
from warifu.wire.registry import log
from warifu.wire.registry.doing import Doing
from warifu.wire.registry.reading import annex_of, cards_of, last_record, phones_of
from warifu.wire.registry.tables import acts, cards, residents
from warifu.wire.registry.versions import CARDS, RESIDENTS

T = TypeVar("T")

NUMBERS = frozenset({Sight.INDIVIDUAL_NUMBER, Sight.RECORD_CODE})
"""What is seen of one person at a time, by who has an explicit right to it."""

PAGE = 50
"""People on a page of a search, at most 200."""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of a search; `following` is where the next one begins, None on the last one."""

    people: tuple[Seen, ...]
    following: str | None


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a record: what was done, when, by which act. It tells nothing of what the record says."""

    version: int
    what: str
    at: datetime
    act: str


class Looks:
    """What desks are shown."""

    def __init__(self, doing: Doing) -> None:
        self._doing = doing

    def see(
        self,
        by: Clerk,
        holder: str,
        wanted: Iterable[Sight],
        purpose: str,
        *,
        reason: str = "",
        numbers: bool = True,
    ) -> Seen:
        """One person, for a purpose; without the explicit right to `numbers` neither number is shown.

        `reason` opens a protected person's record at a desk that is not in charge of it.

        Raises:
            NotFound: there is no such person.
            RecordProtected: the person is protected, and no reason was stated.
            NotAllowed: the desk may not see all of it.
            Malformed: no purpose, or nothing wanted.
        """
        asked = frozenset(wanted)
        with writing(self._doing.engine) as connection:
            doing, record = self._act(by), last_record(connection, holder)
            decided = look(doing, record, asked, purpose, reason)
            refused = not numbers and bool(asked & NUMBERS)
            log.append(connection, [_refusal(doing, record, asked, purpose)] if refused else decided.entries)
        if refused:
            raise NotAllowed("this token has no right to ask for numbers")
        return decided.open()

    def search(
        self,
        by: Clerk,
        wanted: Iterable[Sight],
        purpose: str,
        *,
        name: str = "",
        birth_date: str = "",
        household: str = "",
        after: str = "",
        limit: int = PAGE,
    ) -> Found:
        """Residents of the desk's municipality whose name or reading begins so, who were born on that day (YYYYMMDD).

        Raises:
            NotAllowed: the desk is no municipality's.
            Malformed: no purpose, or nothing wanted.
        """
        if by.desk.municipality is None:
            raise NotAllowed("a search is in one municipality, from one of its desks")
        conditions = [residents.c.live, residents.c.municipality == by.desk.municipality, residents.c.id > after]
        conditions += _conditions(name, birth_date, household)
        asked, most = frozenset(wanted), max(1, min(limit, 200))
        if asked & NUMBERS:
            raise NotAllowed("numbers are asked for one by one")
        with writing(self._doing.engine) as connection:
            query = RESIDENTS.current(*conditions).order_by(residents.c.id)
            hits, following = _page(connection, query, most, lambda each: search(self._act(by), each, asked, purpose))
            decided = search(self._act(by), hits, asked, purpose)
            log.append(connection, decided.entries)
        return Found(decided.found(), following)

    def cards_of(self, by: Clerk, holder: str, purpose: str) -> Sequence[Card]:
        """Every card of a person, for the window that serves the person, or J-LIS.

        Raises:
            NotAllowed: another desk.
            NotFound: there is no such person.
        """
        return self._of_holder(by, holder, purpose, lambda connection: cards_of(connection, [holder]))

    def phones_of(self, by: Clerk, holder: str, purpose: str) -> Sequence[Phone]:
        """Every phone of a person."""
        return self._of_holder(by, holder, purpose, lambda connection: phones_of(connection, holder))

    def history(self, by: Clerk, holder: str, purpose: str) -> Sequence[Version]:
        """What was done to a person's records, the oldest first."""
        return self._of_holder(by, holder, purpose, lambda connection: _history(connection, holder))

    def entries(
        self, by: Clerk, holder: str, *, purpose: str = "access log", limit: int = PAGE, before: int | None = None
    ) -> list[tuple[int, LogEntry]]:
        """Who did and saw what of a person: for the residents' section, which tells the person who asks.

        Reading the log is a look like any other; what is shown ends before the entry about it.

        Source: 住民基本台帳法 第30条の32 (disclosure to the person).
        """

        def read(connection: Connection) -> list[tuple[int, LogEntry]]:
            return log.entries_about(connection, holder, max(1, min(limit, 200)), before)

        return list(self._of_holder(by, holder, purpose, read))

    def renewals(self, by: Clerk, *, after: str = "", limit: int = PAGE) -> tuple[RenewalNotice, ...]:
        """Whom to write to because a card or a certificate is soon over, of the desk's municipality.

        Raises:
            NotAllowed: not the residents' section.
        """
        if by.desk.section is not Section.RESIDENTS:
            raise NotAllowed("only a municipality's residents' section does this")
        mine = (cards.c.municipality == by.desk.municipality, cards.c.state == "in_force", cards.c.id > after)
        doing = self._act(by)
        with writing(self._doing.engine) as connection:
            living = CARDS.all_of(connection, CARDS.current(*mine).order_by(cards.c.id).limit(limit))
            notices = tuple(find_renewals(living, day_of(doing.at)))
            about = tuple(dict.fromkeys(notice.holder for notice in notices))
            log.append(
                connection, [LogEntry(doing.id, doing.at, by, ActKind.LOOK, about, frozenset(), "renewal notices")]
            )
        return notices

    def tell_attributes(self, connection: Connection, by: Clerk, request: AttributesRequest) -> CurrentAttributes:
        """Answer an authority's request, inside the transaction of its letter.

        Raises:
            NotFound: nothing is current of that holder.
        """
        record = last_record(connection, request.holder)
        annex = annex_of(connection, request.holder)
        abroad = not record.is_live and annex is not None and annex.deleted is None
        change = tell_attributes(self._act(by), annex if abroad and annex is not None else record, request)
        log.append(connection, change.entries)
        [answer] = change.messages
        assert isinstance(answer, CurrentAttributes)
        return answer

    def _of_holder(
        self, by: Clerk, holder: str, purpose: str, read: Callable[[Connection], Sequence[T]]
    ) -> Sequence[T]:
        """What is shown of a person that is no attribute: looked at all the same, so written down."""
        doing = self._act(by)
        with writing(self._doing.engine) as connection:
            record = last_record(connection, holder)
            refusal = _find_refusal(by, record, doing)
            what = ActKind.LOOK if refusal is None else ActKind.REFUSED_LOOK
            found = read(connection) if refusal is None else ()
            log.append(connection, [LogEntry(doing.id, doing.at, by, what, (holder,), frozenset(), purpose)])
        if refusal is not None:
            raise refusal
        return found

    def _act(self, by: Clerk) -> Act:
        return Act(self._doing.entropy.bytes(16).hex(), by, self._doing.clock.now())


def _page(
    connection: Connection, query: Select[Any], most: int, decide: Callable[[Sequence[ResidentRecord]], Look]
) -> tuple[Sequence[ResidentRecord], str | None]:
    """Hits until `most` people may be shown, and where the next page begins.

    A page is filled up past those who are hidden, and ends with somebody who is not: neither its length nor where the
    next one begins tells that somebody is left out.
    """
    wanted = most + 1
    while True:
        hits = RESIDENTS.all_of(connection, query.limit(wanted))
        shown = [seen.holder for seen in decide(hits).found()]
        if len(shown) <= most and len(hits) == wanted:
            wanted *= 2
            continue
        if len(shown) <= most:
            return hits, None
        last = next(place for place, hit in enumerate(hits) if hit.holder == shown[most - 1])
        return hits[: last + 1], hits[last].id


def _refusal(doing: Act, record: ResidentRecord, asked: frozenset[Sight], purpose: str) -> LogEntry:
    return LogEntry(doing.id, doing.at, doing.clerk, ActKind.REFUSED_LOOK, (record.holder,), asked, purpose)


def _find_refusal(by: Clerk, record: ResidentRecord, doing: Act) -> NotAllowed | None:
    """Why a desk is not shown what tells more than attributes; what tells where a protected person is, nobody else is.

    Cards, lives and the log all name municipalities.
    """
    keeps = by.desk.section is Section.RESIDENTS and by.desk.municipality == record.municipality
    if keeps or (by.desk.office is Office.JLIS and not hides_address(record, by.desk, doing.today)):
        return None
    return NotAllowed("only the window that serves the person sees that")


def _conditions(name: str, birth_date: str, household: str) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if name:
        begins = (
            residents.c.name.startswith(name, autoescape=True),
            residents.c.reading.startswith(name, autoescape=True),
        )
        conditions.append(begins[0] | begins[1])
    if birth_date:
        conditions.append(residents.c.birth_date == birth_date)
    if household:
        conditions.append(residents.c.household == household)
    return conditions


def _history(connection: Connection, holder: str) -> list[Version]:
    columns = (residents.c.version, residents.c.act, residents.c.written_at, acts.c.what)
    query = select(*columns).outerjoin(acts, acts.c.id == residents.c.act).where(residents.c.holder == holder)
    rows = connection.execute(query.order_by(residents.c.number))
    return [Version(row.version, row.what or "", datetime.fromtimestamp(row.written_at, UTC), row.act) for row in rows]
