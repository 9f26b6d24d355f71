"""The log of a command that serves: on stderr, at the level that was set or that fits the command."""

from warifu.errors import Malformed
from warifu.wire.logs import log_to_stderr
from warifu.wire.settings import Settings

__all__ = ["start_logs"]

_LEVELS = {"debug", "info", "warning", "error"}


def start_logs(chosen: Settings, default: str) -> None:
    """Log to stderr.

    Raises:
        Malformed: the settings name a level that does not exist.
    """
    level = chosen.log_level.lower() or default
    if level not in _LEVELS:
        raise Malformed(f"log_level is one of {', '.join(sorted(_LEVELS))}")
    log_to_stderr(level.upper())
