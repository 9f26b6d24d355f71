"""As of which moments documents are judged."""

from datetime import datetime

from warifu.errors import Malformed

__all__ = ["check_moment"]

_FIRST, _LAST = 1950, 8999


def check_moment(moment: datetime) -> None:
    """Check that other moments can be reckoned from this one, and compared with it.

    Raises:
        Malformed: it has no time zone, or is not of the years from 1950, when certificates begin (RFC 5280 §4.1.2.5),
            to 8999.
    """
    if moment.tzinfo is None:
        raise Malformed("a moment has a time zone")
    if not _FIRST <= moment.year <= _LAST:
        raise Malformed(f"a moment is of the years {_FIRST} to {_LAST}")
