"""A household (世帯): live records at one address with one head, and how it goes on when somebody leaves."""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import date
from typing import Self

from warifu.errors import Malformed, NotAllowed, NotFound
from warifu.messages import Cause
from warifu.person import Address
from warifu.registry.record import Deletion, ResidentRecord
from warifu.registry.relationship import Relationship, to_new_head


@dataclass(frozen=True, slots=True)
class Household:
    """The live members, the head first, then the eldest first."""

    members: tuple[ResidentRecord, ...]

    @classmethod
    def of(cls, records: Iterable[ResidentRecord]) -> Self:
        """The household of these records, in whatever order they were gathered; deleted ones are left out.

        Raises:
            Malformed: nobody lives there, no head or two, or members of several households, municipalities or
            addresses.
        """
        live = [record for record in records if record.is_live]
        return cls(tuple(sorted(live, key=_order)))

    def __post_init__(self) -> None:
        if len({(each.household, each.municipality, each.address) for each in self.members}) != 1:
            raise Malformed("a household is somebody at one address")
        if not all(each.is_live for each in self.members):
            raise Malformed("a household has live members")
        if [each.relationship for each in self.members].count(Relationship.HEAD) != 1:
            raise Malformed("a household has one head")
        if len({each.holder for each in self.members}) != len(self.members):
            raise Malformed("nobody is in a household twice")

    @property
    def id(self) -> str:
        """32 hexadecimal digits."""
        return self.members[0].household

    @property
    def municipality(self) -> str:
        """Five digits."""
        return self.members[0].municipality

    @property
    def address(self) -> Address:
        """Where all of them live."""
        return self.members[0].address

    @property
    def head(self) -> ResidentRecord:
        """The head (世帯主)."""
        return next(each for each in self.members if each.relationship is Relationship.HEAD)

    @property
    def holders(self) -> frozenset[str]:
        """Everybody in it."""
        return frozenset(each.holder for each in self.members)

    def member(self, holder: str) -> ResidentRecord:
        """The record of one member.

        Raises:
            NotFound: not in this household.
        """
        for each in self.members:
            if each.holder == holder:
                return each
        raise NotFound("nobody of that household")

    def headed_by(self, new_head: str, act: str) -> tuple[ResidentRecord, ...]:
        """The members' next versions under another head, without those whose relationship stays the same."""
        head = self.member(new_head)
        return tuple(
            each.after(act, relationship=_under(head, each))
            for each in self.members
            if each.relationship is not _under(head, each)
        )

    def without(self, leaving: Set[str], act: str, new_head: str | None = None) -> tuple[ResidentRecord, ...]:
        """Next versions of those who stay, as far as they change: a new head, if the head is among the leaving.

        `new_head` is what the family says; without it the spouse, or else the eldest, becomes the head.

        Raises:
            NotAllowed: the head stays and another was named, or the named one is leaving.
        """
        staying = [each for each in self.members if each.holder not in leaving]
        if self.head.holder not in leaving:
            if new_head is not None:
                raise NotAllowed("the head of the household stays")
            return ()
        if not staying:
            return ()
        chosen = new_head or min(staying, key=_fitness).holder
        if chosen in leaving:
            raise NotAllowed("who leaves does not become the head")
        changed = self.headed_by(chosen, act)
        return tuple(each for each in changed if each.holder not in leaving)


def delete(record: ResidentRecord, act: str, cause: Cause, on: date) -> ResidentRecord:
    """The record as deleted (消除)."""
    return record.after(act, deleted=Deletion(cause, on))


def _order(record: ResidentRecord) -> tuple[bool, date, str]:
    return record.relationship is not Relationship.HEAD, record.birth_date.date, record.holder


def _fitness(record: ResidentRecord) -> tuple[bool, date, str]:
    return record.relationship is not Relationship.SPOUSE, record.birth_date.date, record.holder


def _under(head: ResidentRecord, member: ResidentRecord) -> Relationship:
    if member.holder == head.holder:
        return Relationship.HEAD
    return to_new_head(head.relationship, member.relationship)
