"""A pytest plugin: at the end of a session nothing that the suite said may tell a PIN, a key, a number or a name.

It listens while the tests run: to every log record, every trace of a card, every error of ours as it is made, every
exception that a test expected (with all that caused it, and with what reports of failures say of them), to what the
command line and programs started by tests said on stderr, and in the end to the log files that they wrote. Meanwhile it
gathers the secrets in play: what opens every card that is personalised, whose it is, the keys on it, every individual
number and record code, every name outside of Hypothesis's inventions. Then it searches the one for the other.

It only listens: whatever it hooks does what it always does.
"""

import functools
import logging
import os
import subprocess
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import fields
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from _pytest._code import ExceptionInfo
from click.testing import CliRunner
from hypothesis import currently_in_test_context

from tests.house.leak_needles import Needles
from warifu.card import Personalisation
from warifu.errors import WarifuError
from warifu.person import IndividualNumber, Name, ResidentRecordCode
from warifu.reader import Traced

__all__ = ["NEEDLES", "note"]

NEEDLES = Needles()
"""The secrets in play."""

_LONGEST = 200_000
_LOG_FILES = ("*.log", "log", "stderr", "*.stderr", "*.err")
_PIN_FIELDS = ("authentication_pin", "text_pin", "signing_password", "matching_number_b")
_said: dict[str, str] = {}
_running = [""]
_searched: list[int] = []
_found: set[str] = set()


def note(where: str, text: str) -> None:
    """Remember what was said, and in which test; the same words once."""
    if text and text not in _said:
        _said[text[:_LONGEST]] = f"{where}, {_running[0]}" if _running[0] else where


def leaks() -> Iterator[str]:
    """What was said that must not be, by kind and place; threads that are left may go on speaking meanwhile."""
    needles = NEEDLES.as_now()
    for text, where in list(_said.items()):
        for kind in needles.found_in(text):
            yield f"{kind}: {where}"


# --- listening --------------------------------------------------------------------------------------------------------


class _Listening(logging.Handler):
    """Hears every record of every logger that passes its records on."""

    def emit(self, record: logging.LogRecord) -> None:
        note(f"log {record.name}", record.getMessage())
        extra = {name: value for name, value in vars(record).items() if name not in _USUAL}
        note(f"log {record.name}", repr(extra))
        if record.exc_info and record.exc_info[1] is not None:
            _note_exception(f"log {record.name}", record.exc_info[1])


_USUAL = frozenset(vars(logging.makeLogRecord({})))


def _after(kind: type, method: str, heard: Callable[..., None]) -> None:
    """Have `heard` called with what a method was called with, and its result first, once it is through."""
    original = getattr(kind, method)

    @functools.wraps(original)
    def listened(*arguments: Any, **named: Any) -> Any:
        result = original(*arguments, **named)
        heard(result, *arguments, **named)
        return result

    setattr(kind, method, listened)


def _note_exception(where: str, error: BaseException) -> None:
    """Everything it says of itself and of what caused it; not the lines of source around it."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        note(where, "".join(traceback.format_exception_only(link)))
        note(where, repr(link))
        if isinstance(link, WarifuError):
            note(where, repr(vars(link)))
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)


def _error_made(_: None, error: WarifuError, *arguments: object, **named: object) -> None:
    note(f"{type(error).__name__}", str(error))
    note(f"detail of {type(error).__name__}", error.detail)


def _expected(_: None, info: "ExceptionInfo[BaseException]", *__: object) -> None:
    _note_exception("an exception that a test expected", info.value)


def _ran(result: Any, *_: object, **__: object) -> None:
    note("the command line on stderr", result.stderr)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        _note_exception("an exception of the command line", result.exception)


def _ended(result: tuple[Any, Any], process: "subprocess.Popen[Any]", *_: object, **__: object) -> None:
    said = result[1]
    if said:
        note(f"stderr of {process.args!r:.80}", said if isinstance(said, str) else said.decode("utf-8", "replace"))


def _traced(_: None, traced: Traced, *__: object, **___: object) -> None:
    tell = traced._tell

    def telling(line: str) -> None:
        note("a trace", line)
        tell(line)

    traced._tell = telling


# --- the secrets in play ----------------------------------------------------------------------------------------------


def _personalised(_: None, person: Personalisation, *__: object, **___: object) -> None:
    if currently_in_test_context():
        return
    for name in (each.name for each in fields(person)):
        value = getattr(person, name)
        if name in _PIN_FIELDS and isinstance(value, str):
            NEEDLES.add_pin(value)
        elif name.endswith("_key") and isinstance(value, bytes):
            NEEDLES.add_key(value)
    NEEDLES.add_text(person.attributes.address.text)


def _numbered(_: None, number: IndividualNumber | ResidentRecordCode) -> None:
    if not currently_in_test_context():
        NEEDLES.numbers.add(number.reveal())


def _named(_: None, name: Name) -> None:
    if not currently_in_test_context() and Name.SEPARATOR in name.text:
        NEEDLES.add_text(name.text)


# --- the session ------------------------------------------------------------------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    """Begin to listen."""
    logging.getLogger().addHandler(_Listening(logging.DEBUG))
    _after(WarifuError, "__init__", _error_made)
    _after(ExceptionInfo, "fill_unfilled", _expected)
    _after(CliRunner, "invoke", _ran)
    _after(subprocess.Popen, "communicate", _ended)
    _after(Traced, "__init__", _traced)
    _after(Personalisation, "__init__", _personalised)
    _after(Name, "__post_init__", _named)
    for kind in (IndividualNumber, ResidentRecordCode):
        _after(kind, "__post_init__", _numbered)


def pytest_runtest_logstart(nodeid: str) -> None:
    """From here on this test is speaking."""
    _running[0] = nodeid


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """What was captured of a test on stderr and from its logs; stdout is where results belong."""
    for heading, content in report.sections:
        if "stdout" not in heading:
            note(heading, content)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Search, and let the run fail for what was found."""
    _running[0] = ""
    for file in _log_files(session.config):
        with suppress(FileNotFoundError):
            note(f"file {file.name}", file.read_text("utf-8", "replace"))
    _searched.append(len(_said))
    _found.update(leaks())
    if _found:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["leaks"] = (len(_said), sorted(_found))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """What a process that ran some of the tests beside others searched and found (pytest-xdist)."""
    searched, found = getattr(node, "workeroutput", {}).get("leaks", (0, []))  # a process that died has failed a test
    _searched.append(searched)
    _found.update(found)


@pytest.hookimpl
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how much was searched, and what was found where."""
    terminalreporter.write_line(
        f"searched {sum(_searched)} things that were said for secrets: {len(_found) or 'none'} found"
    )
    for each in sorted(_found):
        terminalreporter.write_line(f"LEAKED {each}", red=True)


def _log_files(config: pytest.Config) -> Iterator[Path]:
    factory = getattr(config, "_tmp_path_factory", None)
    if factory is None or factory._basetemp is None:
        return
    # Unlike `rglob`, `walk` passes over folders that go away meanwhile.
    for folder, _, names in os.walk(factory._basetemp):
        paths = [Path(folder, name) for name in names if any(fnmatch(name, pattern) for pattern in _LOG_FILES)]
        yield from (path for path in paths if path.is_file() and not path.is_symlink())
