"""When a card's certificate ends.

Source: 公的個人認証法施行規則 第13条, 第49条.
"""

from datetime import UTC, date, datetime, time, timedelta, timezone

JST = timezone(timedelta(hours=9), "JST")
_LAST_SECOND = time(23, 59, 59, tzinfo=JST)


def not_after(
    birth_date: date,
    issued_at: datetime,
    *,
    card_expires: date | None = None,
    authentication_expires: datetime | None = None,
    birthdays: int = 5,
) -> datetime:
    """The end of validity, UTC: 23:59:59 JST on the fifth birthday after the day of issue, or earlier.

    Earlier if the card expires before, and for a signing certificate if the holder's authentication certificate does
    (`authentication_expires`). `birthdays` is 6 if it replaces a certificate that had less than three months left.

    Modelled: somebody born on 29 February has the birthday on 28 February in a common year, as 道路交通法 第92条の2 has
    it for driving licences.
    """
    issued = issued_at.astimezone(JST).date()
    first = issued.year if _birthday(birth_date, issued.year) > issued else issued.year + 1
    ends = [_end_of(_birthday(birth_date, first + birthdays - 1))]
    if card_expires is not None:
        ends.append(_end_of(card_expires))
    if authentication_expires is not None:
        ends.append(authentication_expires.astimezone(UTC))
    return min(ends)


def _birthday(birth_date: date, year: int) -> date:
    try:
        return birth_date.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def _end_of(day: date) -> datetime:
    return datetime.combine(day, _LAST_SECOND).astimezone(UTC)
