"""A survey of a card that changes nothing and learns nothing about anybody, to compare any card with our tables.

Only selecting, reading, asking for tries (VERIFY without data), GET DATA and GET CHALLENGE are sent. Of what a card
answers only the kind of a file, its size and status words are kept: no contents, no tries left, no serial numbers, key
identifiers, municipality or expiry. The PUPI of a contactless card is never asked for. So owners of real cards can
publish a survey, and what nobody knows about the cards becomes known.
"""

from dataclasses import dataclass, field
from typing import Any

from warifu.cardmap import CARD_MANAGER_AID, Application, ManagerObject
from warifu.errors import CardRefused
from warifu.iso7816 import Command, StatusWord
from warifu.ports import Connection
from warifu.reader.credentials import select
from warifu.reader.exchange import exchange, select_application
from warifu.reader.expected import SYNTHETIC, FileKind, expected_files
from warifu.reader.jpki import JpkiSession
from warifu.reader.status import BLOCKED, tries_in

_FILE_IDS = range(0x01, 0x1F)
_LARGEST = 0x7FFF

_NEXT = (Application.NEXT_AUTHENTICATION, Application.NEXT_FACE)
_TODAY = tuple(each for each in Application if each not in _NEXT)

# What is not known well, each a command that changes nothing, in the JPKI application, which comes first.
# Source of the expectations: soltia48/myna-card `src/card.rs`; JICSAP IC cards with contacts v1.1.
_BEHAVIOUR: tuple[tuple[str, Command, int], ...] = (
    ("SELECT without identifier", Command(0x00, 0xA4, 0x00, 0x00), 0x9000),
    ("SELECT of 3F00", Command(0x00, 0xA4, 0x02, 0x0C, b"\x3f\x00"), StatusWord.NOT_FOUND),
    ("GET CHALLENGE, 8 bytes", Command(0x00, 0x84, 0x00, 0x00, le=8), 0x9000),
    ("GET CHALLENGE, 257 bytes", Command(0x00, 0x84, 0x00, 0x00, le=257), StatusWord.CONDITIONS_NOT_SATISFIED),
    ("READ BINARY where no file is current", Command(0x00, 0xB0, 0x00, 0x00, le=1), StatusWord.NO_CURRENT_FILE),
    ("READ BINARY of 0006 by its short identifier", Command(0x00, 0xB0, 0x86, 0x00, le=4), 0x9000),
    ("READ BINARY beyond the end", Command(0x00, 0xB0, 0x7F, 0xFF, le=1), StatusWord.WRONG_OFFSET),
    ("a logical channel", Command(0x01, 0xA4, 0x02, 0x0C, b"\x00\x06"), StatusWord.NO_LOGICAL_CHANNEL),
    ("GET DATA of an unknown tag", Command(0x00, 0xCA, 0x5F, 0x7E, le=256), StatusWord.NO_REFERENCED_DATA),
)


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a card is other than our tables say."""

    where: str
    expected: str
    found: str


@dataclass(slots=True)
class Survey:
    """What was found. `files`: kinds by application and file; `sizes`: bytes allocated, of free files."""

    atr: str
    token: dict[str, str] = field(default_factory=dict)
    files: dict[str, dict[str, str]] = field(default_factory=dict)
    sizes: dict[str, dict[str, int]] = field(default_factory=dict)
    manager: dict[str, dict[str, Any]] = field(default_factory=dict)
    behaviour: dict[str, dict[str, Any]] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)


def probe(connection: Connection) -> Survey:
    """Survey the card.

    Raises:
        NotOnCard: it has no JPKI application, so it is another kind of card.
        NoCard, AnswerLost, Unavailable: it went away meanwhile.
    """
    survey = Survey(connection.atr.hex().upper())
    applications = _NEXT if _describe_token(connection, survey) else _TODAY
    for application in applications:
        _survey_application(connection, application, survey)
    _survey_manager(connection, survey)
    _survey_behaviour(connection, applications[0], survey)
    return survey


def _describe_token(connection: Connection, survey: Survey) -> bool:
    """What the token says of itself; whether the card is of the next generation."""
    session = JpkiSession(connection)
    token = session.token_info()
    survey.token = {
        "label": token.label,
        "model": token.model,
        "hardware_version": token.hardware_version,
        "firmware_version": token.firmware_version,
    }
    return session.next_generation


def _survey_application(connection: Connection, application: Application, survey: Survey) -> None:
    name = application.name.lower()
    try:
        select(connection, application)
    except CardRefused as refusal:
        survey.differences.append(Difference(name, "present", f"{refusal.status_word:04X}"))
        return
    expected = expected_files(application)
    survey.files[name], survey.sizes[name] = {}, {}
    for file_id in _FILE_IDS:
        found = _kind(connection, file_id)
        if found != FileKind.ABSENT.value:
            survey.files[name][f"{file_id:04X}"] = found
        if found == FileKind.FREE.value:
            survey.sizes[name][f"{file_id:04X}"] = _size(connection)
        wanted = expected.get(file_id, FileKind.ABSENT).value
        if found != wanted and (application, file_id) not in SYNTHETIC:
            survey.differences.append(Difference(f"{name} {file_id:04X}", wanted, found))


def _kind(connection: Connection, file_id: int) -> str:
    """What a file of the current application is; a status word where that says nothing we know."""
    selected = _status(connection, Command(0x00, 0xA4, 0x02, 0x0C, file_id.to_bytes(2, "big")))
    if selected == StatusWord.NOT_FOUND:
        return FileKind.ABSENT.value
    if selected != StatusWord.OK:
        return f"SELECT: {selected:04X}"
    read = _status(connection, Command(0x00, 0xB0, 0x00, 0x00, le=1))
    if read == StatusWord.OK:
        return FileKind.FREE.value
    if read == StatusWord.SECURITY_STATUS:
        return FileKind.SHUT.value
    return _internal_kind(connection) if read == StatusWord.NOT_FOR_THIS_FILE else f"READ BINARY: {read:04X}"


def _internal_kind(connection: Connection) -> str:
    """What a file is that READ BINARY is not for: records, or something counted, or a key."""
    record = _status(connection, Command(0x00, 0xB2, 0x01, 0x04, le=256))
    if record == StatusWord.OK:
        return FileKind.RECORDS.value
    if record == StatusWord.SECURITY_STATUS:
        return FileKind.RECORDS_SHUT.value
    tries = _status(connection, Command(0x00, 0x20, 0x00, 0x80))
    counted = tries in BLOCKED or tries_in(tries) is not None
    return FileKind.COUNTED.value if counted else FileKind.INTERNAL.value


def _size(connection: Connection) -> int:
    """How many bytes the current file has, by halving: an offset behind the end is refused."""
    inside, outside = 0, _LARGEST
    while outside - inside > 1:
        middle = (inside + outside) // 2
        answer = exchange(connection, Command(0x00, 0xB0, middle >> 8, middle & 0xFF, le=1))
        if answer.status_word == StatusWord.OK and answer.data:
            inside = middle
        else:
            outside = middle
    return outside


def _survey_manager(connection: Connection, survey: Survey) -> None:
    """Which objects the card manager has, and how long they are; never what they say."""
    try:
        select_application(connection, CARD_MANAGER_AID, "the card manager")
    except CardRefused as refusal:
        survey.differences.append(Difference("card manager", "present", f"{refusal.status_word:04X}"))
        return
    for tag in ManagerObject:
        answer = exchange(connection, Command(0x00, 0xCA, tag >> 8, tag & 0xFF, le=65536))
        survey.manager[f"{tag:04X}"] = {"status": f"{answer.status_word:04X}", "length": len(answer.data)}


def _survey_behaviour(connection: Connection, application: Application, survey: Survey) -> None:
    select(connection, application)
    by_name = (
        ("SELECT of the application again, asking for FCI", Command(0, 0xA4, 4, 0, application.aid, 256), 0x9000),
        ("SELECT by the first six bytes of its name", Command(0, 0xA4, 4, 0x0C, application.aid[:6]), 0x9000),
    )
    for name, command, expected in (*_BEHAVIOUR[:1], *by_name, *_BEHAVIOUR[1:]):
        answer = exchange(connection, command)
        found = f"{answer.status_word:04X}"
        survey.behaviour[name] = {"status": found, "length": len(answer.data)}
        if answer.status_word != expected:
            survey.differences.append(Difference(name, f"{expected:04X}", found))


def _status(connection: Connection, command: Command) -> int:
    return exchange(connection, command).status_word
