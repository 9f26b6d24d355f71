"""The resident record (住民票) and what lives on after it: who is where, since when, under which numbers.

A person has at most one live record. A deleted record (除票) is kept: it has the numbers that a returning person gets
back, and a person between two municipalities has nothing else. Japanese who live abroad have an annex of the family
register (戸籍の附票) instead. `holder` ties a person's records together: 32 random hexadecimal digits, for life.

Nothing is changed in place. What an act makes of a record is a new value with the next `version`; a store that finds
another version than the one before it was gathered must not write it.
"""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import Enum
from typing import Any, Final, Self

from warifu.errors import Malformed
from warifu.messages import Cause
from warifu.person import Address, BasicAttributes, BirthDate, IndividualNumber, ResidentRecordCode, Sex
from warifu.registry.card_validity import Stay
from warifu.registry.names import RecordedName
from warifu.registry.relationship import Relationship
from warifu.registry.roles import Desk

ABROAD: Final = "abroad"
MOVE_IN_WITHIN: Final = timedelta(days=30)
"""公的個人認証法 第31条第1項第2号; 番号法施行令 第14条: after the planned date of moving out."""


class Outcome(Enum):
    """What became of a notice of moving out."""

    PENDING = "pending"
    """The planned date is not there yet, or nobody has moved in elsewhere."""
    COMPLETED = "completed"
    LAPSED = "lapsed"
    """30 days after the planned date nobody had moved in anywhere."""


@dataclass(frozen=True, slots=True)
class MovingOut:
    """A notice of moving out (転出届): when, and into which municipality (five digits) or `ABROAD`."""

    planned: date
    destination: str
    outcome: Outcome = Outcome.PENDING

    @property
    def lapses(self) -> date:
        """The first day on which the move counts as not completed; one abroad never does."""
        return self.planned + MOVE_IN_WITHIN + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Deletion:
    """Why and on which day a record was deleted (消除)."""

    cause: Cause
    on: date


@dataclass(frozen=True, slots=True)
class Protection:
    """Protection of victims of domestic violence, stalking and the like (支援措置): only `named` see the address.

    Source: 住民基本台帳事務処理要領 第5-10 (a year, may be prolonged); 住民基本台帳法 第12条第6項, 第20条第5項 (refusal
    of unjust requests).
    """

    since: date
    until: date
    named: frozenset[Desk]

    def __post_init__(self) -> None:
        if not self.since < self.until <= self.since + timedelta(days=366):
            raise Malformed("protection lasts for a year at most and is then prolonged")

    def holds(self, today: date) -> bool:
        """Whether it is in force on that day (its last day included)."""
        return self.since <= today <= self.until


@dataclass(frozen=True, slots=True)
class ResidentRecord:
    """One person's record in one municipality.

    `id` and `household` are 32 hexadecimal digits, `municipality` and `domicile` five-digit codes. `domicile` is where
    the annex of a Japanese is kept (本籍地), None for foreign residents, who have a `stay` and a `nationality` instead.
    `resident_since`: in this municipality (住民となった日); `address_since`: at this address (住所を定めた日).
    `came_from`: five digits, `ABROAD`, or None for who was born here. `number` is None from the day a code is written
    until the party that numbers has answered. `last_act` is the act that made this version.
    """

    id: str
    holder: str
    municipality: str
    household: str
    relationship: Relationship
    name: RecordedName = field(repr=False)
    birth_date: BirthDate = field(repr=False)
    sex: Sex = field(repr=False)
    address: Address = field(repr=False)
    resident_since: date
    address_since: date
    code: ResidentRecordCode
    number: IndividualNumber | None = None
    domicile: str | None = None
    nationality: str | None = None
    stay: Stay | None = None
    came_from: str | None = None
    moving_out: MovingOut | None = None
    deleted: Deletion | None = None
    protection: Protection | None = None
    version: int = 1
    last_act: str = ""

    def __post_init__(self) -> None:
        if (self.domicile is None) is not (self.stay is not None and self.nationality is not None):
            raise Malformed("a Japanese has a domicile, a foreign resident a nationality and a stay")
        if self.birth_date.date > self.resident_since:
            raise Malformed("nobody is a resident before birth")

    @property
    def attributes(self) -> BasicAttributes:
        """The four basic attributes, as a certificate has them."""
        return BasicAttributes(self.name.shown, self.address, self.birth_date, self.sex)

    @property
    def leaves_on(self) -> date | None:
        """The planned day, of a Japanese who has told of leaving the country and has not left."""
        notice = self.moving_out
        leaving = notice is not None and (notice.destination, notice.outcome) == (ABROAD, Outcome.PENDING)
        return notice.planned if notice is not None and leaving and self.is_live and self.is_japanese else None

    @property
    def is_live(self) -> bool:
        """Whether the person is a resident by this record."""
        return self.deleted is None

    @property
    def went_abroad(self) -> bool:
        """Whether it was deleted because the person left the country."""
        return self.deleted is not None and self.deleted.cause is Cause.LEAVING_COUNTRY

    @property
    def is_japanese(self) -> bool:
        """Whether an annex of the family register goes with it."""
        return self.domicile is not None

    def after(self, act: str, **changes: Any) -> Self:
        """The next version, made by that act."""
        return replace(self, **changes, version=self.version + 1, last_act=act)


def address_abroad(since: date) -> Address:
    """What is said in the place of an address: that the person leaves the country, and the planned day.

    Source: 公的個人認証法 第7条第2項 (国外転出者である旨, 国外転出予定年月日). Modelled: the words.
    """
    return Address(f"国外転出　{since.year}年{since.month}月{since.day}日")


@dataclass(frozen=True, slots=True)
class Annex:
    """The annex of the family register (戸籍の附票) of a Japanese, for one time abroad; `id` is 32 hexadecimal digits.

    `municipality` is the domicile's. It keeps the code, and no individual number: that is found by the code.

    Source: 住民基本台帳法 第17条; 公的個人認証法 第3条 (国外転出者, since 2024-05-27).
    """

    id: str
    holder: str
    municipality: str
    name: RecordedName = field(repr=False)
    birth_date: BirthDate = field(repr=False)
    sex: Sex = field(repr=False)
    code: ResidentRecordCode
    abroad_since: date
    deleted: Deletion | None = None
    version: int = 1
    last_act: str = ""

    @property
    def attributes(self) -> BasicAttributes:
        """The four basic attributes; instead of an address, that and when the person left the country."""
        return BasicAttributes(self.name.shown, address_abroad(self.abroad_since), self.birth_date, self.sex)

    def after(self, act: str, **changes: Any) -> Self:
        """The next version, made by that act."""
        return replace(self, **changes, version=self.version + 1, last_act=act)
