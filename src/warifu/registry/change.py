"""What an act is, what is written about it, and what it leads to."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any, ClassVar, Final, Generic, Protocol, Self, TypeVar

from warifu.errors import Malformed
from warifu.messages import json
from warifu.registry.card_validity import day_of
from warifu.registry.roles import Clerk, Desk, Office, Section, Sight

_HEX: Final = frozenset("0123456789abcdef")
RecordT_co = TypeVar("RecordT_co", covariant=True)


class ActKind(Enum):
    """What was done; the articles are in `EVENTS`."""

    LOOK = "look"
    REFUSED_LOOK = "refused_look"
    PROTECTED_LOOK = "protected_look"
    """A protected person's record was opened by another desk than the one in charge, for the reason in the entry."""
    BIRTH = "birth"
    NUMBER_DESIGNATED = "number_designated"
    MOVE_OUT = "move_out"
    MOVE_OUT_CANCELLED = "move_out_cancelled"
    DAY_TURNED = "day_turned"
    MOVE_IN = "move_in"
    MOVE_WITHIN = "move_within"
    CORRECTION = "correction"
    NAME_CHANGE = "name_change"
    NATURALISATION = "naturalisation"
    STAY_CHANGED = "stay_changed"
    DEATH = "death"
    ANNEX_DELETION = "annex_deletion"
    DELETION = "deletion"
    RECORDING_ERROR = "recording_error"
    NUMBER_CHANGE_ASKED = "number_change_asked"
    CODE_CHANGE = "code_change"
    HEAD_CHANGE = "head_change"
    HOUSEHOLD_CHANGE = "household_change"
    PROTECTION_ON = "protection_on"
    PROTECTION_OFF = "protection_off"
    CARD = "card"
    ERASURE = "erasure"
    """Records whose time was over were deleted; the entry tells which and how many."""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing somebody does at a desk: 32 hexadecimal digits of its own, the clerk, the moment (UTC, aware).

    The same act sent again, after a crash or a lost answer, has the same id and changes nothing the second time.
    """

    id: str
    clerk: Clerk
    at: datetime

    def __post_init__(self) -> None:
        if len(self.id) != 32 or not _HEX.issuperset(self.id):
            raise Malformed("an id has 32 lower-case hexadecimal digits")
        if self.at.tzinfo is None:
            raise Malformed("a moment is aware")

    @property
    def today(self) -> date:
        """The day of the act in Japan."""
        return day_of(self.at)

    def id_for(self, what: str) -> str:
        """The id of something that this act brings forth: the same again if the act is sent again."""
        return hashlib.sha256(f"warifu act 1\n{self.id}\n{what}".encode()).hexdigest()[:32]


class Message(Protocol):
    """A message to another party; `TYPE` tells which, and with it whom it is for."""

    TYPE: ClassVar[str]

    def encode(self) -> bytes:
        """The wire form."""
        ...


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One line of the log of everything done and seen (操作履歴): who, where, when, what, about whom, what for.

    Wire: JSON object; `id` 32 hexadecimal digits (the act's), `at` ISO 8601 in UTC, `clerk`, `office`, `municipality`
    and `section` (or null), `what` an `ActKind`, `holders` a list of 32 hexadecimal digits each, `seen` a list of
    `Sight` values in alphabetical order, `purpose` a text (a case number, never a name). It holds nothing of what was
    seen.
    """

    id: str
    at: datetime
    clerk: Clerk
    what: ActKind
    holders: tuple[str, ...]
    seen: frozenset[Sight] = frozenset()
    purpose: str = ""

    def encode(self) -> bytes:
        """The JSON form: what the ledger hashes."""
        desk = self.clerk.desk
        return json.dump(
            {
                "id": self.id,
                "at": self.at.isoformat(),
                "clerk": self.clerk.id,
                "office": desk.office.value,
                "municipality": desk.municipality,
                "section": desk.section.value if desk.section else None,
                "what": self.what.value,
                "holders": list(self.holders),
                "seen": sorted(each.value for each in self.seen),
                "purpose": self.purpose,
            }
        )

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read the JSON form.

        Raises:
            Malformed: anything else.
        """
        text = dict.fromkeys(("id", "at", "clerk", "office", "what", "purpose"), str)
        maybe = dict.fromkeys(("municipality", "section"), (str, type(None)))
        members = json.load(data, {**text, **maybe, "holders": list, "seen": list})
        try:
            entry = cls._of(members)
        except (ValueError, TypeError) as error:
            raise Malformed("not an entry of the log") from error
        if entry.encode() != data:
            raise Malformed("an entry of the log has one form only")
        return entry

    @classmethod
    def _of(cls, members: dict[str, Any]) -> Self:
        section = members["section"]
        desk = Desk(Office(members["office"]), members["municipality"], Section(section) if section else None)
        act = Act(members["id"], Clerk(members["clerk"], desk), datetime.fromisoformat(members["at"]))
        if not all(isinstance(each, str) for each in members["holders"]):
            raise Malformed("a holder is a text")
        seen = frozenset(Sight(each) for each in members["seen"])
        what, holders = ActKind(members["what"]), tuple(members["holders"])
        return cls(act.id, act.at, act.clerk, what, holders, seen, members["purpose"])


@dataclass(frozen=True, slots=True)
class Change(Generic[RecordT_co]):
    """What an act leads to: the records after it, the messages out, the entries of the log.

    All of it is written in one transaction, or nothing. `records` are new ones (version 1) and next versions. A
    repeated act gives a change of nothing at all.
    """

    records: tuple[RecordT_co, ...] = ()
    messages: tuple[Message, ...] = ()
    entries: tuple[LogEntry, ...] = ()

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing to write: the act had been done before."""
        return not (self.records or self.messages or self.entries)


def entry_of(act: Act, what: ActKind, *holders: str) -> LogEntry:
    """The entry about an act that wrote."""
    return LogEntry(act.id, act.at, act.clerk, what, holders)
