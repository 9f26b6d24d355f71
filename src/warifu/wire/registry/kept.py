"""How the register's records are kept: every frozen dataclass of the room as JSON, by its declared fields.

A field that is not there is read as its default, so records written before it was declared stay readable; one that is
no longer declared is an error. Private values (names, numbers) are written as their own text form. What is read goes
through the classes' own checks.

Wire: dataclass as object, enum as its value, day as ISO 8601, moment as whole seconds since 1970 UTC, bytes in
hexadecimal, tuple as array, set as sorted array, absent as null.
"""

import dataclasses
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from warifu.errors import Malformed, WarifuError
from warifu.person import Address, BirthDate, IndividualNumber, Name, ResidentRecordCode

__all__ = ["keep", "restore"]

T = TypeVar("T")

_TEXTS: dict[type, tuple[Callable[[Any], str], Callable[[str], Any]]] = {
    Name: (lambda value: value.text, Name),
    Address: (lambda value: value.text, Address),
    BirthDate: (lambda value: value.digits, BirthDate.decode),
    IndividualNumber: (lambda value: value.reveal(), IndividualNumber.parse),
    ResidentRecordCode: (lambda value: value.reveal(), ResidentRecordCode.parse),
    date: (date.isoformat, date.fromisoformat),
}


def keep(record: Any) -> bytes:
    """A record as it is kept."""
    return json.dumps(_kept(record), ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def restore(kind: type[T], data: bytes) -> T:
    """The record that was kept.

    Raises:
        Malformed: somebody edited it, or it is of another kind.
    """
    try:
        restored: T = _restored(kind, json.loads(data))
    except (ValueError, TypeError, KeyError, WarifuError):
        # Not chained: the cause could tell what was kept.
        raise Malformed(f"a kept {kind.__name__} cannot be read") from None
    return restored


def _kept(value: Any) -> Any:
    if type(value) in _TEXTS:
        return _TEXTS[type(value)][0](value)
    if isinstance(value, datetime):
        return int(value.timestamp())
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Enum):
        return value.value
    if dataclasses.is_dataclass(value):
        return {field.name: _kept(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, frozenset):
        return sorted((_kept(each) for each in value), key=json.dumps)
    if isinstance(value, tuple):
        return [_kept(each) for each in value]
    if value is None or isinstance(value, str | int | bool):
        return value
    raise TypeError(type(value).__name__)


def _restored(kind: Any, value: Any) -> Any:
    if kind in _TEXTS:
        return _TEXTS[kind][1](_checked(str, value))
    if kind is datetime:
        return datetime.fromtimestamp(_checked(int, value), UTC)
    if kind is bytes:
        return bytes.fromhex(_checked(str, value))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    if dataclasses.is_dataclass(kind):
        return _restored_class(kind, _checked(dict, value))
    if get_origin(kind) in (Union, UnionType):
        return _restored_choice(get_args(kind), value)
    if get_origin(kind) in (tuple, frozenset):
        return get_origin(kind)(_restored(get_args(kind)[0], each) for each in _checked(list, value))
    return _checked(kind, value)


def _restored_class(kind: Any, members: dict[str, Any]) -> Any:
    return kind(**{name: _restored(_hints(kind)[name], value) for name, value in members.items()})


def _restored_choice(kinds: tuple[Any, ...], value: Any) -> Any:
    """Of a value that may be absent: the kind that it has otherwise."""
    if value is None and NoneType in kinds:
        return None
    (other,) = (kind for kind in kinds if kind is not NoneType)
    return _restored(other, value)


def _checked(kind: type[T], value: Any) -> T:
    if type(value) is not kind:
        raise TypeError(kind.__name__)
    return value


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)
