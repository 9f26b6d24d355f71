"""Years as laws count them: to the corresponding day in Japan."""

from datetime import UTC, datetime

from warifu.pki import JST


def years_after(moment: datetime, years: int) -> datetime:
    """The corresponding moment so many years on; of 29 February, 1 March in a common year (民法 第143条第2項)."""
    there = moment.astimezone(JST)
    try:
        return there.replace(year=there.year + years).astimezone(UTC)
    except ValueError:
        return there.replace(year=there.year + years, month=3, day=1).astimezone(UTC)
