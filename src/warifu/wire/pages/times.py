"""Moments as people in Japan read them."""

from datetime import datetime, timedelta, timezone
from typing import Final

JAPAN: Final = timezone(timedelta(hours=9))  # no summer time


def moment_in_japan(moment: datetime) -> str:
    """Day and minute in Japan."""
    return f"{moment.astimezone(JAPAN):%Y-%m-%d %H:%M}"
