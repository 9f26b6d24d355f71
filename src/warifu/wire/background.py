"""A program that goes on by itself: started apart from whoever starts it, waited for, and stopped."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from warifu.errors import Unavailable

__all__ = ["start", "stop", "wait_until"]

T = TypeVar("T")
_STEP = 0.1
_TAIL = 2000


def start(command: Sequence[str], log: Path) -> "subprocess.Popen[bytes]":
    """Start a program in a session of its own; what it complains about goes to the log, which begins anew.

    Its results go nowhere: they are for whoever sits there, and may name people.
    """
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        return subprocess.Popen(  # noqa: S603 - our own interpreter and arguments
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=file, start_new_session=True
        )


def wait_until(
    found: Callable[[], T | None],
    seconds: float,
    process: "subprocess.Popen[bytes] | None",
    log: Path,
    others: Callable[[], bool] = lambda: False,
) -> T:
    """Look until there is something; `process` is who makes it, if we started one.

    `others` tells whether somebody else is making it, who was faster than our process.

    Raises:
        Unavailable: it ended, or the time is over; then it is stopped. The message has the end of the log.
    """
    ends = time.monotonic() + seconds
    while True:
        ended = process is not None and process.poll() is not None
        value = found()
        if value is not None:
            return value
        if ended and not others():
            raise Unavailable(f"it ended before it was ready: {_last(log)}")
        if time.monotonic() >= ends:
            if process is not None:
                process.terminate()
            raise Unavailable(f"it was not ready after {seconds:g} seconds; its log is {log}")
        time.sleep(_STEP)


def stop(process_id: int, gone: Callable[[], bool], seconds: float) -> None:
    """Ask a program to end, and wait until it has.

    Raises:
        Unavailable: it may not be asked, or goes on.
    """
    try:
        os.kill(process_id, signal.SIGTERM)
    except ProcessLookupError:
        pass
    except PermissionError as error:
        raise Unavailable(f"process {process_id} is another user's") from error
    ends = time.monotonic() + seconds
    while not gone():
        if time.monotonic() >= ends:
            raise Unavailable(f"process {process_id} goes on after {seconds:g} seconds")
        time.sleep(_STEP)


def _last(log: Path) -> str:
    """The last line that the program said."""
    try:
        lines = log.read_text("utf-8", errors="replace")[-_TAIL:].strip().splitlines()
    except OSError:
        return "nothing is known"
    return lines[-1] if lines else "it said nothing"
