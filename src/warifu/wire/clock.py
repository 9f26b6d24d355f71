"""The real time and the real chance, for the ports of the rooms below."""

import os
from datetime import UTC, datetime

__all__ = ["SystemClock", "SystemEntropy"]


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The moment, UTC, aware."""
        return datetime.now(UTC)


class SystemEntropy:
    """The operating system's random source."""

    def bytes(self, n: int) -> bytes:
        """`n` unpredictable bytes."""
        return os.urandom(n)
