"""Strict JSON for messages: an object with exactly the expected members, each of the expected type."""

import base64
import binascii
import json
from typing import Any

from warifu.errors import Malformed

MAX_BYTES = 64 * 1024


def dump(members: dict[str, Any]) -> bytes:
    """UTF-8 JSON, members sorted, no white space."""
    return json.dumps(members, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


Members = dict[str, type | tuple[type, ...]]
"""The members of an object and the types of their values."""


def load(data: bytes, members: Members, optional: Members | None = None) -> dict[str, Any]:
    """Read an object that has exactly `members`, and of `optional` any.

    Raises:
        Malformed: not UTF-8 JSON, over 64 KiB, not an object, a member twice, missing, unknown or of another type, or
            half a surrogate pair (RFC 8259 §8.2), which no text that we pass on can hold.
    """
    return check(parse(data), members, optional)


def parse(data: bytes) -> Any:
    """Read JSON, for who has something of their own to say of it before `check`.

    Raises:
        Malformed: not UTF-8 JSON, over 64 KiB, a member twice, or half a surrogate pair.
    """
    if len(data) > MAX_BYTES:
        raise Malformed("message too long")
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_without_duplicates, parse_constant=_no_constant)
        json.dumps(value, ensure_ascii=False).encode()  # fails for half a surrogate pair, written as an escape
    except (ValueError, RecursionError) as error:
        raise Malformed("message is not UTF-8 JSON") from error
    return value


def check(value: Any, members: Members, optional: Members | None = None) -> dict[str, Any]:
    """Check a parsed object against `members`, and those of `optional` that are there; a bool is never an int."""
    if not isinstance(value, dict):
        raise Malformed("message is not a JSON object")
    present = {name: kind for name, kind in (optional or {}).items() if name in value}
    if value.keys() != members.keys() | present.keys():
        raise Malformed("message has missing or unknown members")
    for name, kind in (members | present).items():
        if not isinstance(value[name], kind) or (isinstance(value[name], bool) and kind is not bool):
            raise Malformed(f"member {name} has the wrong type")
    return value


def check_type(members: dict[str, Any], name: str) -> None:
    """Check that the member `type` says this message.

    Raises:
        Malformed: it says another.
    """
    if members["type"] != name:
        raise Malformed("another type of message")


def message_type(data: bytes) -> str:
    """What the member `type` of a message says, before anybody reads the rest of it.

    Raises:
        Malformed: not a JSON object, or none that tells its type.
    """
    value = parse(data)
    kind = value.get("type") if isinstance(value, dict) else None
    if not isinstance(kind, str):
        raise Malformed("the message does not tell its type")
    return kind


def to_base64(data: bytes) -> str:
    """Standard base64 with padding (RFC 4648 §4)."""
    return base64.b64encode(data).decode("ascii")


def from_base64(text: str) -> bytes:
    """Read standard base64; only the canonical encoding is accepted.

    Raises:
        Malformed: any other character, missing padding or non-zero spare bits.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed("not base64") from error
    if to_base64(data) != text:
        raise Malformed("not canonical base64")
    return data


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member twice")
    return members


def _no_constant(name: str) -> Any:
    raise ValueError(name)
