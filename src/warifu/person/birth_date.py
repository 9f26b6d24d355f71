"""Birth dates, and the eras in which the card's face and the certificate tell them."""

import datetime as dt
from dataclasses import dataclass
from enum import Enum
from typing import Self

from warifu.errors import Malformed
from warifu.person.check_digit import check_digits_only
from warifu.person.private import Private


class Era(Enum):
    """A Japanese era (元号), with its digit in the certificate, its name and its first day.

    Source: 一世一元の詔 (慶応4年9月8日: 明治 counts from the first day of that lunar year, 1868-01-25 Gregorian);
    改元の詔書 of 1912-07-30 and 1926-12-25 (from that day on); 元号を改める政令 (昭和64年政令第1号, from 1989-01-08;
    平成31年政令第143号, from 2019-05-01).
    """

    MEIJI = ("1", "明治", dt.date(1868, 1, 25))
    TAISHO = ("2", "大正", dt.date(1912, 7, 30))
    SHOWA = ("3", "昭和", dt.date(1926, 12, 25))
    HEISEI = ("4", "平成", dt.date(1989, 1, 8))
    REIWA = ("5", "令和", dt.date(2019, 5, 1))

    def __init__(self, digit: str, japanese: str, first_day: dt.date) -> None:
        self.digit = digit
        self.japanese = japanese
        self.first_day = first_day

    @classmethod
    def of(cls, date: dt.date) -> "Era":
        """The era of a day.

        Raises:
            Malformed: before 明治.
        """
        for era in _LATEST_FIRST:
            if era.first_day <= date:
                return era
        raise Malformed("the date is before the first era in use")


# Made once: walking through an enum costs more than all else that is done to a date here.
_LATEST_FIRST = tuple(reversed(Era))


@dataclass(frozen=True, slots=True, repr=False)
class BirthDate(Private):
    """A birth date (生年月日) that is known to the day, in the Gregorian calendar, not before 明治.

    A register may hold a date of which the month or the day is unknown, and certificates then carry zeros. No age can
    be told from such a date, so here it is `Malformed` and whoever decides by age refuses.
    """

    date: dt.date

    def __post_init__(self) -> None:
        Era.of(self.date)

    @classmethod
    def decode(cls, digits: str) -> Self:
        """Read YYYYMMDD as the card's text application has it.

        Raises:
            Malformed: not eight digits, no such day, or before 明治.
        """
        check_digits_only(digits, 8)
        try:
            date = dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        except ValueError:
            # Not chained: the cause would tell digits of the date.
            raise Malformed("no such day, or one that is not known") from None
        return cls(date)

    @property
    def digits(self) -> str:
        """YYYYMMDD."""
        return f"{self.date.year:04d}{self.date.month:02d}{self.date.day:02d}"

    @classmethod
    def decode_certificate(cls, digits: str) -> Self:
        """Read the nine digits of a signing certificate: the era's digit, then YYYYMMDD in the Gregorian calendar.

        Raises:
            Malformed: not nine digits, an era in which that day does not lie, or a date not known to the day.
        """
        check_digits_only(digits, 9)
        birth_date = cls.decode(digits[1:])
        if birth_date.era.digit != digits[0]:
            raise Malformed("the day does not lie in that era")
        return birth_date

    @property
    def certificate_digits(self) -> str:
        """The era's digit, then YYYYMMDD: 1980-02-17 is ``319800217``."""
        return self.era.digit + self.digits

    @property
    def era(self) -> Era:
        """The era in which the day lies."""
        return Era.of(self.date)

    @property
    def era_year(self) -> str:
        """The year of the era in two digits, as the face and the matching number B have it: 1980 is ``55``."""
        return f"{self._year_in_era % 100:02d}"

    @property
    def face(self) -> str:
        """The date as the card's face prints it: 昭和55年2月17日生."""
        # The first year of an era is 元年. Modelled: which form the real face prints there is not published.
        year = "元" if self._year_in_era == 1 else str(self._year_in_era)
        return f"{self.era.japanese}{year}年{self.date.month}月{self.date.day}日生"

    @property
    def _year_in_era(self) -> int:
        return self.date.year - self.era.first_day.year + 1
