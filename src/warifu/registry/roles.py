"""Who sits where, and what may be seen and done from there.

A clerk acts at a desk: an office, for a municipality's also the municipality and the section. The desk decides, not the
person. Residents' section of a municipality writes that municipality's records; nobody else writes. What the other
desks see is the table `SEES`; a desk of a municipality sees that municipality's people only, the residents' section
also those who told of moving there.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from warifu.errors import Malformed, NotAllowed
from warifu.person import municipality_code_check_digit


class Office(Enum):
    """Whose desk it is."""

    MUNICIPALITY = "municipality"
    JLIS = "jlis"
    """The national body that keeps identity data of all municipalities (本人確認情報; 住民基本台帳法 第30条の7)."""
    HOTLINE = "hotline"
    """The call centre that suspends cards, day and night."""


class Section(Enum):
    """The section of a municipality (課)."""

    RESIDENTS = "residents"
    """住民課: keeps the register and hands out cards."""
    TAX = "tax"
    WELFARE = "welfare"
    INSURANCE = "insurance"
    """National health insurance and pension (国保年金課)."""
    ELECTIONS = "elections"
    EDUCATION = "education"


class Sight(Enum):
    """One thing that can be seen of a person."""

    NAME = "name"
    """With its reading, former surname or alias."""
    BIRTH_DATE = "birth_date"
    SEX = "sex"
    ADDRESS = "address"
    """With everything that tells where somebody is or was: municipality, move, household."""
    RELATIONSHIP = "relationship"
    NATIONALITY = "nationality"
    """Domicile, or nationality and stay."""
    INDIVIDUAL_NUMBER = "individual_number"
    RECORD_CODE = "record_code"


_BASIC: Final = frozenset({Sight.NAME, Sight.BIRTH_DATE, Sight.SEX, Sight.ADDRESS})
_HOUSEHOLD: Final = _BASIC | {Sight.RELATIONSHIP}
_NUMBER_USERS: Final = _HOUSEHOLD | {Sight.INDIVIDUAL_NUMBER}

SEES: Final[dict[tuple[Office, Section | None], frozenset[Sight]]] = {
    # 住民基本台帳法 第7条: the section that keeps the record sees what is in it.
    (Office.MUNICIPALITY, Section.RESIDENTS): frozenset(Sight),
    # 番号法 第9条第1項, 別表: affairs that use individual numbers; a record code is for the register alone
    # (第30条の37).
    (Office.MUNICIPALITY, Section.TAX): _NUMBER_USERS,
    (Office.MUNICIPALITY, Section.WELFARE): _NUMBER_USERS | {Sight.NATIONALITY},
    (Office.MUNICIPALITY, Section.INSURANCE): _NUMBER_USERS | {Sight.NATIONALITY},
    # Affairs without individual numbers: 公職選挙法 第20条; 学校教育法施行令 第2条.
    (Office.MUNICIPALITY, Section.ELECTIONS): _BASIC | {Sight.NATIONALITY},
    (Office.MUNICIPALITY, Section.EDUCATION): _HOUSEHOLD,
    # 住民基本台帳法 第30条の6第1項: identity data is these six.
    (Office.JLIS, None): _BASIC | {Sight.INDIVIDUAL_NUMBER, Sight.RECORD_CODE},
    # Modelled: what a caller is asked for.
    (Office.HOTLINE, None): frozenset({Sight.NAME, Sight.BIRTH_DATE, Sight.ADDRESS}),
}

OPENS_PROTECTED: Final = frozenset(
    {
        (Office.MUNICIPALITY, Section.RESIDENTS),
        (Office.MUNICIPALITY, Section.TAX),
        (Office.MUNICIPALITY, Section.WELFARE),
        (Office.MUNICIPALITY, Section.INSURANCE),
        (Office.JLIS, None),
    }
)
"""Who may open a protected person's record, without the address, for a reason that is written down.

The section in charge and desks named in the decision need none. Modelled: which desks: those that the law lets use
individual numbers; a residents' section is one that expects the person to move in.
"""


@dataclass(frozen=True, slots=True)
class Desk:
    """A place from which is acted. `municipality` (five digits) and `section` are a municipality's, None elsewhere."""

    office: Office
    municipality: str | None = None
    section: Section | None = None

    def __post_init__(self) -> None:
        if (self.office, self.section) not in SEES:
            raise Malformed("a municipality's desk is in a section, another office's is not")
        if (self.office is Office.MUNICIPALITY) is not (self.municipality is not None):
            raise Malformed("a municipality's desk says which, another office's does not")
        if self.municipality is not None:
            municipality_code_check_digit(self.municipality)

    @property
    def opens_protected(self) -> bool:
        """Whether a protected person's record is opened from here, for a reason."""
        return (self.office, self.section) in OPENS_PROTECTED

    @property
    def sees(self) -> frozenset[Sight]:
        """What may be seen from here, of those whom the desk is for."""
        return SEES[self.office, self.section]

    def check_keeps(self, municipality: str) -> None:
        """Check that this is the desk that writes the records of that municipality.

        Raises:
            NotAllowed: it is another (住民基本台帳法 第5条: the mayor keeps the register).
        """
        if self != Desk(Office.MUNICIPALITY, municipality, Section.RESIDENTS):
            raise NotAllowed("only the residents' section of that municipality does this")


@dataclass(frozen=True, slots=True)
class Clerk:
    """Somebody at a desk; `id` is a staff number or the name of a machine, 1..64 printable ASCII characters."""

    id: str
    desk: Desk

    def __post_init__(self) -> None:
        if not (0 < len(self.id) <= 64 and self.id.isascii() and self.id.isprintable()):
            raise Malformed("a clerk's id has 1 to 64 printable ASCII characters")
