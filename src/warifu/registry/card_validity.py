"""How long a card may be used: by its holder's age on the day it is made, and by how long the holder may stay.

An adult's card ends on the tenth birthday after the day it was made, a minor's on the fifth; a card that takes the
place of one with less than three months left gets one birthday more. A foreign resident whose stay has an end gets a
card until then, and may have it prolonged with the stay, but never beyond the day on which a Japanese holder's would
end.

Source: 番号法 第17条第10項; 行政手続における特定の個人を識別するための番号の利用等に関する法律に規定する個人番号、
個人番号カード、特定個人情報の提供等に関する命令 (平成26年総務省令第85号; below: カード命令) 第26条, 第27条,
第29条第3項.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import Enum
from typing import Final

from warifu.errors import NotAllowed

JST: Final = timezone(timedelta(hours=9), "JST")
_LAST_SECOND: Final = time(23, 59, 59, tzinfo=JST)
ADULT_AGE: Final = 18
"""From this age on a card lives ten birthdays (カード命令 第26条第1項)."""
ADULT_BIRTHDAYS: Final = 10
MINOR_BIRTHDAYS: Final = 5


class Residence(Enum):
    """Why a foreign resident may stay, as far as the card's end depends on it (カード命令 第27条第1項)."""

    PERMANENT = "permanent"
    """Permanent and special permanent residents, highly skilled professionals of the second kind: as a Japanese."""
    PERIOD_OF_STAY = "period_of_stay"
    """Other mid- and long-term residents (中長期在留者): until the period of stay ends."""
    PERMITTED_FOR_NOW = "permitted_for_now"
    """Landing for temporary refuge, or provisional stay (一時庇護許可者, 仮滞在許可者): until that period is over."""
    IN_TRANSITION = "in_transition"
    """By birth or by loss of nationality (経過滞在者): until sixty days after it."""


@dataclass(frozen=True, slots=True)
class Stay:
    """A foreign resident's right to stay; `until` is its last day, None for those who may stay for good."""

    residence: Residence
    until: date | None = None

    def __post_init__(self) -> None:
        if (self.until is None) is not (self.residence is Residence.PERMANENT):
            raise NotAllowed("a stay has an end unless it is permanent")

    @classmethod
    def in_transition(cls, since: date) -> "Stay":
        """The stay of somebody born here, or who lost the nationality, on that day."""
        return cls(Residence.IN_TRANSITION, since + timedelta(days=60))


def day_of(moment: datetime) -> date:
    """The day in Japan."""
    return moment.astimezone(JST).date()


def end_of(day: date) -> datetime:
    """The last second of a day in Japan, UTC."""
    return datetime.combine(day, _LAST_SECOND).astimezone(UTC)


def birthday(birth_date: date, year: int) -> date:
    """The birthday of that year; of 29 February it is 28 February in a common year (カード命令 第26条第2項)."""
    try:
        return birth_date.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def birthday_after(birth_date: date, day: date, count: int) -> date:
    """The `count`-th birthday after that day; a birthday on the day itself does not count."""
    first = day.year if birthday(birth_date, day.year) > day else day.year + 1
    return birthday(birth_date, first + count - 1)


def age_on(birth_date: date, day: date) -> int:
    """The age in full years on that day.

    A year of age is complete when the day before the birthday is over (年齢計算ニ関スル法律, 民法 第143条); so who was
    born on 29 February is a year older from 1 March on in a common year, although the card's birthday is the day
    before.
    """
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def _by_birthdays(birth_date: date, made: date, early_renewal: bool) -> date:
    count = ADULT_BIRTHDAYS if age_on(birth_date, made) >= ADULT_AGE else MINOR_BIRTHDAYS
    return birthday_after(birth_date, made, count + early_renewal)


def card_expiry(birth_date: date, made: date, stay: Stay | None = None, *, early_renewal: bool = False) -> date:
    """The last day of a card made on that day.

    `early_renewal`: it takes the place of a card that has less than three months left (カード命令 第29条第3項).

    Raises:
        NotAllowed: the stay is over already.
    """
    if stay is None or stay.until is None:
        return _by_birthdays(birth_date, made, early_renewal)
    if stay.until < made:
        raise NotAllowed("the holder's stay is over")
    # 前条の規定にかかわらず: the period of stay takes the place of the birthdays, it does not add a second limit.
    return stay.until


def prolonged_expiry(
    birth_date: date, made: date, expires: date, stay: Stay | None, *, early_renewal: bool = False
) -> date:
    """The new last day of a card whose foreign holder's stay was prolonged, or continues while an application is open.

    It never lies behind the day on which the card would have ended by its holder's birthdays (仮定有効期間満了日).

    Raises:
        NotAllowed: the holder is no foreign resident, or the stay does not let the card live longer.
    """
    if stay is None:
        raise NotAllowed("only a foreign resident's card is prolonged")
    latest = _by_birthdays(birth_date, made, early_renewal)
    longer = latest if stay.until is None else min(stay.until, latest)
    if longer <= expires:
        raise NotAllowed("the card would not live longer")
    return longer
