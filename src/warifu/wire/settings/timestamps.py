"""The settings of a timestamp authority."""

from dataclasses import dataclass
from pathlib import Path

__all__ = ["TimestampSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimestampSettings:
    """A timestamp authority that stands alone (``[timestamps]``, ``warifu serve tsa``)."""

    host: str = "127.0.0.1"
    port: int = 8708
    allow_remote: bool = False
    """Whether other machines may reach it."""
    folder: Path | None = None
    """Where ``unit.key``, ``unit.crt`` and ``root.crt`` are; the data directory's ``timestamps`` if not named."""
    policy: str = "2.25.306438209351704862017419265847302916374"
    """The object identifier of its policy; this one was drawn by lot (ITU-T X.667) and names no real one."""
    accuracy_ms: int = 1000
    """How far its clock may be from the true time, in milliseconds."""
