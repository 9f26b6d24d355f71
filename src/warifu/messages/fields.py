"""How the messages about residents write what JSON has no type for: ids, moments, choices, people."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final, TypeVar

from warifu.errors import Malformed
from warifu.messages import json
from warifu.person import Address, BasicAttributes, BirthDate, Name, Sex

E = TypeVar("E", bound=Enum)

# A regular expression that ends with $ would let a line feed through; fullmatch does not.
_ID: Final = re.compile(r"[0-9a-f]{32}")


def check_id(text: str) -> None:
    """Check that `text` is 32 lower-case hexadecimal digits.

    Raises:
        Malformed: it is not.
    """
    if not _ID.fullmatch(text):
        raise Malformed("an id has 32 lower-case hexadecimal digits")


def whole_seconds(at: datetime) -> datetime:
    """The moment in UTC without its fraction of a second.

    Raises:
        Malformed: the moment is naive.
    """
    if at.tzinfo is None:
        raise Malformed("a moment is aware")
    return at.astimezone(UTC).replace(microsecond=0)


def read_moment(seconds: int) -> datetime:
    """Read whole seconds since 1970 UTC.

    Raises:
        Malformed: before 1970 or beyond the year 9999.
    """
    if seconds < 0:
        raise Malformed("a moment is not before 1970")
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise Malformed("a moment is out of range") from error


def read_choice(choices: type[E], text: str) -> E:
    """Read the value of an enum's member.

    Raises:
        Malformed: no member has it.
    """
    try:
        return choices(text)
    except ValueError as error:
        raise Malformed(f"no such {choices.__name__}") from error


def write_choices(chosen: Iterable[Enum]) -> list[str]:
    """The values in order, so that a set has one form only."""
    return sorted(each.value for each in chosen)


def read_choices(choices: type[E], listed: list[Any]) -> frozenset[E]:
    """Read a set that `write_choices` wrote.

    Raises:
        Malformed: no such member, one twice, or out of order.
    """
    if not all(isinstance(each, str) for each in listed) or sorted(set(listed)) != listed:
        raise Malformed("a set is written in order, each once")
    return frozenset(read_choice(choices, each) for each in listed)


def read_sex(code: str) -> Sex:
    """Read a sex code; here a digit that means nothing is an error, for both ends are ours."""
    return read_choice(Sex, code)


def write_attributes(attributes: BasicAttributes) -> dict[str, str]:
    """The four basic attributes as members: texts, YYYYMMDD and the sex code of ISO/IEC 5218."""
    return {
        "name": attributes.name.text,
        "address": attributes.address.text,
        "birth_date": attributes.birth_date.digits,
        "sex": attributes.sex.value,
    }


def read_attributes(members: object) -> BasicAttributes:
    """Read what `write_attributes` wrote.

    Raises:
        Malformed: anything else.
    """
    checked = json.check(members, dict.fromkeys(("name", "address", "birth_date", "sex"), str))
    return BasicAttributes(
        Name(checked["name"]),
        Address(checked["address"]),
        BirthDate.decode(checked["birth_date"]),
        read_sex(checked["sex"]),
    )
