"""Values that files hold as plain ASCII: digits, dates, codes of municipalities."""

import datetime as dt

from warifu.errors import Malformed

MUNICIPALITY_LENGTH = 5


def decode_digits(value: bytes, length: int) -> str:
    """Exactly `length` ASCII digits.

    Raises:
        Malformed: anything else; the message does not repeat it.
    """
    text = value.decode("latin-1")
    check_digits(text, length)
    return text


def check_digits(text: str, length: int) -> None:
    """Check that a text is `length` ASCII digits.

    Raises:
        Malformed: it is not; the message does not repeat it.
    """
    if len(text) != length or not (text.isascii() and text.isdigit()):
        raise Malformed(f"not {length} digits")


def encode_date(date: dt.date) -> bytes:
    """YYYYMMDD in the Gregorian calendar."""
    # Not by strftime: its %Y drops leading zeros on some platforms.
    return f"{date.year:04}{date.month:02}{date.day:02}".encode()


def decode_date(value: bytes) -> dt.date:
    """Read YYYYMMDD.

    Raises:
        Malformed: not eight digits, or no such day.
    """
    digits = decode_digits(value, 8)
    try:
        return dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        # Not chained: the cause would tell digits of the date.
        raise Malformed("no such day") from None
