"""The objects of PDF, read strictly and within limits (ISO 32000-1 §7.2, §7.3).

One reading for everything: what a dictionary says twice is an error, what is nested too deep is an error, and where
the values of a dictionary begin and end is remembered, because a signature must know where its own value stands.
"""

import re
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias, Union

from warifu.errors import Malformed

__all__ = [
    "SKIP",
    "SPACE",
    "Name",
    "Parsed",
    "Reference",
    "Stream",
    "Text",
    "Value",
    "parse_value",
    "parse_with_spans",
]

DEEPEST = 64
"""Arrays and dictionaries inside each other, in one object."""

LONGEST = 4 * 1024 * 1024
"""Bytes of an object, a stream's contents apart."""

MOST_VALUES = 200_000
"""Values in one object."""

SPACE = rb"\0\t\n\f\r "
SKIP = rb"(?:[" + SPACE + rb"]++|%[^\r\n]*+)*+"
"""White space and comments, without ever going back."""

_TOKEN = re.compile(
    SKIP + rb"(?:(?P<name>/[^" + SPACE + rb"()<>\[\]{}/%]*+)"
    rb"|(?P<reference>(?P<object>\d{1,10}+)["
    + SPACE
    + rb"]++(?P<generation>\d{1,5}+)["
    + SPACE
    + rb"]++R(?![^"
    + SPACE
    + rb"()<>\[\]{}/%]))"
    rb"|(?P<number>[+-]?(?:\d++\.?\d*+|\.\d++))"
    rb"|(?P<open><<)|(?P<close>>>)"
    rb"|(?P<hex><[0-9A-Fa-f" + SPACE + rb"]*+>)"
    rb"|(?P<array>\[)|(?P<end>\])"
    rb"|(?P<text>\()"
    rb"|(?P<word>[A-Za-z]++))"
)
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_IN_TEXT = re.compile(rb"[()\\]")
_TEXT_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|(\r\n|[\s\S]))|\r\n?")
_TEXT_LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r": b"", b"\r\n": b""}
_WORDS = {b"true": True, b"false": False, b"null": None}


class _Source:
    """Bytes that are read, where reading ends, and how many values may come."""

    __slots__ = ("data", "end", "left")

    def __init__(self, data: bytes, end: int) -> None:
        self.data = data
        self.end = end
        self.left = MOST_VALUES


class Name(bytes):
    """A name, without its slash and with its escapes resolved."""


class Text(bytes):
    """A string, literal or hexadecimal: the bytes it stands for."""


class Reference(NamedTuple):
    """A reference to an object of its own."""

    number: int
    generation: int


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream: its dictionary, and its bytes as they stand in the file."""

    dictionary: "dict[bytes, Value]"
    data: bytes = field(repr=False)


Value: TypeAlias = Union[bool, int, float, Name, Text, Reference, Stream, "list[Value]", "dict[bytes, Value]", None]

Span: TypeAlias = tuple[int, int]
"""Where something begins, and where it ended."""


class Parsed(NamedTuple):
    """A value and where it ended; of a dictionary also where each of its values begins and ended."""

    value: Value
    end: int
    spans: dict[bytes, Span]


def parse_value(data: bytes, at: int, longest: int = LONGEST) -> tuple[Value, int]:
    """The value that begins at `at`, and where it ended; it has `longest` bytes at most.

    Raises:
        Malformed: no value, a key twice, nested too deep or too long.
    """
    source = _Source(data, at + longest)
    return _value(source, *_token(source, at), DEEPEST)


def parse_with_spans(data: bytes, at: int) -> Parsed:
    """The same, with the places of a dictionary's values.

    Raises:
        Malformed: no value, a key twice, nested too deep or too long.
    """
    source = _Source(data, at + LONGEST)
    kind, match = _token(source, at)
    if kind != "open":
        return Parsed(*_value(source, kind, match, DEEPEST), {})
    spans: dict[bytes, Span] = {}
    dictionary, end = _dictionary(source, match.end(), DEEPEST, spans)
    return Parsed(dictionary, end, spans)


def _token(source: _Source, at: int) -> tuple[str, re.Match[bytes]]:
    match = _TOKEN.match(source.data, at, source.end)
    if match is None or match.lastgroup is None:
        raise Malformed("the PDF is damaged: there is no object where one should be")
    return match.lastgroup, match


def _value(source: _Source, kind: str, match: re.Match[bytes], depth: int) -> tuple[Value, int]:
    source.left -= 1
    if not depth or not source.left:
        raise Malformed(f"the PDF has an object nested more than {DEEPEST} deep, or of more than {MOST_VALUES} values")
    match kind:
        case "name":
            return _name(match["name"]), match.end()
        case "reference":
            return Reference(int(match["object"]), int(match["generation"])), match.end()
        case "number":
            return _number(match["number"]), match.end()
        case "open":
            return _dictionary(source, match.end(), depth - 1)
        case "hex":
            return _hex(match["hex"]), match.end()
        case "array":
            return _array(source, match.end(), depth - 1)
        case "text":
            return _text(source, match.end())
        case "word" if match["word"] in _WORDS:
            return _WORDS[match["word"]], match.end()
    raise Malformed("the PDF is damaged: there is no object where one should be")


def _name(raw: bytes) -> Name:
    if b"#" not in raw:
        return Name(raw[1:])
    return Name(_ESCAPE.sub(lambda match: bytes.fromhex(match[1].decode()), raw[1:]))


def _number(raw: bytes) -> int | float:
    if len(raw) > 40:
        raise Malformed("the PDF has a number of too many digits")
    return float(raw) if b"." in raw else int(raw)


def _hex(raw: bytes) -> Text:
    digits = raw[1:-1].translate(None, b"\0\t\n\f\r ")
    return Text(bytes.fromhex((digits + b"0" if len(digits) % 2 else digits).decode()))


def _dictionary(
    source: _Source, at: int, depth: int, spans: dict[bytes, Span] | None = None
) -> tuple[dict[bytes, Value], int]:
    found: dict[bytes, Value] = {}
    while True:
        kind, match = _token(source, at)
        if kind == "close":
            return found, match.end()
        if kind != "name":
            raise Malformed("the PDF is damaged: a dictionary has a key that is no name")
        key = _name(match["name"])
        if key in found:
            raise Malformed("the PDF has a dictionary that says something twice (ISO 32000-1 §7.3.7)")
        kind, match = _token(source, match.end())
        found[key], at = _value(source, kind, match, depth)
        if spans is not None:
            spans[key] = match.start(kind), at


def _array(source: _Source, at: int, depth: int) -> tuple[list[Value], int]:
    found: list[Value] = []
    while True:
        kind, match = _token(source, at)
        if kind == "end":
            return found, match.end()
        value, at = _value(source, kind, match, depth)
        found.append(value)


def _text(source: _Source, at: int) -> tuple[Text, int]:
    """A literal string, whose parentheses are balanced or escaped (ISO 32000-1 §7.3.4.2)."""
    depth, here = 1, at
    while depth:
        match = _IN_TEXT.search(source.data, here, source.end)
        if match is None:
            raise Malformed("the PDF is damaged: a string has no end")
        here = match.end() + (match[0] == b"\\")
        depth += {b"(": 1, b")": -1}.get(match[0], 0)
    return Text(_TEXT_ESCAPE.sub(_unescaped, source.data[at : here - 1])), here


def _unescaped(match: re.Match[bytes]) -> bytes:
    if match[1]:
        return bytes([int(match[1], 8) & 0xFF])
    if match[2]:
        return _TEXT_LETTERS.get(match[2], match[2])
    return b"\n"
