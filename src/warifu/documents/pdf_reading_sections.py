"""The cross-reference sections of a PDF: one a revision, each pointing to the one before (ISO 32000-1 §7.5.4, §7.5.8).

A file of two revisions has two answers to "where is object 5?", and what was signed is the older. A linearized file
tells its first revision in two sections, of which the second stands at the beginning of the file (annex F).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple, TypeAlias

from warifu.documents.pdf_reading_limits import MOST_ENTRIES, MOST_REVISIONS, PARSING, Work
from warifu.documents.pdf_reading_streams import unpack, whole_number
from warifu.documents.pdf_reading_syntax import SKIP, SPACE, Reference, Stream, Value, parse_value
from warifu.errors import Malformed

__all__ = ["Entry", "Object", "Place", "Section", "object_at", "read_sections"]

_WHITE = rb"[" + SPACE + rb"]*+"
_HEADER = re.compile(SKIP + rb"(\d{1,10}+)[" + SPACE + rb"]++(\d{1,5}+)[" + SPACE + rb"]++obj")
_STREAM = re.compile(SKIP + rb"stream(?:\r\n|\n|\r)")
_END_STREAM = re.compile(_WHITE + rb"endstream")
_END_OBJECT = re.compile(SKIP + rb"endobj")
_TABLE = re.compile(_WHITE + rb"xref" + _WHITE)
_SUBSECTION = re.compile(_WHITE + rb"(\d{1,10}+) ++(\d{1,10}+)" + _WHITE)
_ENTRY = re.compile(rb"(\d{10}) (\d{5}) ([nf])(?: \r| \n|\r\n| \r\n|\n|\r)")
_TRAILER = re.compile(_WHITE + rb"trailer")
_LAST = re.compile(rb"startxref[" + SPACE + rb"]++(\d{1,10}+)[" + SPACE + rb"]++%%EOF")
_END_OF_REVISION = re.compile(SKIP + rb"startxref[" + SPACE + rb"]++(\d{1,10}+)[" + SPACE + rb"]++%%EOF")


_MOST_SPACE = 1024
"""White space and comments around the parts of an object; there could be more, and nobody writes it."""

_LONGEST_TRAILER = 64 * 1024


class Place(IntEnum):
    """Where an object is."""

    FREE = 0
    FILE = 1
    """In the file: offset and generation."""
    STREAM = 2
    """In an object stream: that stream's number, and the place in it."""


class Entry(NamedTuple):
    """What a section says of one object."""

    place: Place
    first: int
    second: int


@dataclass(frozen=True, slots=True)
class Section:
    """One section: where it was said to be, where it begins and ended, what it says, its trailer.

    `eof` is where ``%%EOF`` behind it ended, or -1; `last` is the section that is named there as the last of all;
    `hidden` is what a hybrid file tells newer readers only.
    """

    declared: int
    start: int
    end: int
    eof: int
    last: int
    entries: dict[int, Entry] = field(repr=False)
    trailer: dict[bytes, Value] = field(repr=False)
    hidden: dict[int, Entry] = field(repr=False)


class Object(NamedTuple):
    """An object of the file: its number and generation, what it is, where its value begins, where all of it ended."""

    number: int
    generation: int
    value: Value
    begin: int
    end: int


LookUp: TypeAlias = Callable[[Reference], Value]


def read_sections(data: bytes, work: Work) -> tuple[Section, ...]:
    """All sections, the oldest first.

    Raises:
        Malformed: no file's end, a section that is none, a circle, or too many.
    """
    found: list[Section] = []
    seen: set[int] = set()
    at: int | None = _last(data)
    while at is not None:
        if at in seen or len(found) > MOST_REVISIONS:
            raise Malformed(f"the PDF has more than {MOST_REVISIONS} revisions, or they go in a circle")
        seen.add(at)
        found.append(_section(data, at, work))
        if sum(len(section.entries) + len(section.hidden) for section in found) > MOST_ENTRIES:
            raise Malformed(f"the PDF has more than {MOST_ENTRIES} objects")
        at = _previous(found[-1].trailer, len(data))
    return tuple(reversed(found))


def object_at(data: bytes, at: int, work: Work, look_up: LookUp | None = None) -> Object:
    """The object that begins at `at`; `look_up` finds the length of its stream where the dictionary only points to it.

    Raises:
        Malformed: there is none.
    """
    header = _HEADER.match(data, at, at + _MOST_SPACE)
    if header is None:
        raise Malformed("the PDF is damaged: no object is where one should be")
    value, end = parse_value(data, header.end())
    stream = _STREAM.match(data, end, end + _MOST_SPACE)
    work.spend((end - at) * PARSING)
    if stream is not None and isinstance(value, dict):
        value, end = _stream(data, value, stream.end(), look_up)
    over = _END_OBJECT.match(data, end, end + _MOST_SPACE)
    if over is None:
        raise Malformed("the PDF is damaged: an object has no end")
    return Object(int(header[1]), int(header[2]), value, header.end(), over.end())


def _stream(data: bytes, dictionary: dict[bytes, Value], at: int, look_up: LookUp | None) -> tuple[Stream, int]:
    length = dictionary.get(b"Length")
    told = whole_number(look_up(length) if look_up and isinstance(length, Reference) else length, len(data))
    end = _END_STREAM.match(data, at + told, at + told + _MOST_SPACE)
    if end is None:
        raise Malformed("the PDF is damaged: a stream is not as long as it says")
    return Stream(dictionary, data[at : at + told]), end.end()


def _last(data: bytes) -> int:
    match = _LAST.match(data, max(0, data.rfind(b"startxref")))
    if match is None:
        raise Malformed("this is no PDF, or a damaged one: it has no end")
    return int(match[1])


def _previous(trailer: dict[bytes, Value], most: int) -> int | None:
    value = trailer.get(b"Prev")
    return None if value is None else whole_number(value, most)


def _section(data: bytes, at: int, work: Work) -> Section:
    table = _TABLE.match(data, at)
    if table is None:
        return _section_of_stream(data, at, work)
    entries, end = _table(data, table.end(), work)
    trailer, end = parse_value(data, end, _LONGEST_TRAILER)
    if not isinstance(trailer, dict):
        raise Malformed("the PDF is damaged: a trailer is no dictionary")
    hidden: dict[int, Entry] = {}
    if b"XRefStm" in trailer:
        hidden = _section_of_stream(data, whole_number(trailer[b"XRefStm"], len(data)), work).entries
    return Section(at, table.start(), end, *_eof(data, end), entries, trailer, hidden)


def _table(data: bytes, at: int, work: Work) -> tuple[dict[int, Entry], int]:
    """A table: subsections of lines of 20 bytes; what is known to go wrong with the ends of lines is taken."""
    entries: dict[int, Entry] = {}
    while (trailer := _TRAILER.match(data, at)) is None:
        head = _SUBSECTION.match(data, at)
        if head is None:
            raise Malformed("the PDF is damaged: a cross-reference table is none")
        first, count, at = int(head[1]), int(head[2]), head.end()
        for number in range(first, first + count):
            line = _ENTRY.match(data, at)
            if line is None or number in entries or len(entries) > MOST_ENTRIES:
                raise Malformed("the PDF is damaged: a cross-reference table is none, or says something twice")
            entries[number] = _entry(Place.FILE if line[3] == b"n" else Place.FREE, int(line[1]), int(line[2]))
            at = line.end()
        work.spend(20 * count)
    return entries, trailer.end()


def _entry(place: int, first: int, second: int) -> Entry:
    return Entry(Place(place), first, second)


def _section_of_stream(data: bytes, at: int, work: Work) -> Section:
    found = object_at(data, at, work)
    stream = found.value
    if not isinstance(stream, Stream) or stream.dictionary.get(b"Type") != b"XRef":
        raise Malformed("the PDF is damaged: no cross-reference section is where one should be")
    entries = dict(_stream_entries(stream, work))
    return Section(at, at, found.end, *_eof(data, found.end), entries, stream.dictionary, {})


def _stream_entries(stream: Stream, work: Work) -> Iterator[tuple[int, Entry]]:
    """What a cross-reference stream says (ISO 32000-1 §7.5.8.2, §7.5.8.3); no widths at all would make it endless."""
    widths, index = stream.dictionary.get(b"W"), stream.dictionary.get(b"Index", [0, stream.dictionary.get(b"Size")])
    if not isinstance(widths, list) or len(widths) != 3 or not isinstance(index, list) or len(index) % 2:
        raise Malformed("the PDF is damaged: a cross-reference stream does not say how it is laid out")
    kind, first, second = (whole_number(width, 8) for width in widths)
    row, data, at = kind + first + second, unpack(stream, work), 0
    numbers = _numbers(index)
    if not row or len(data) != row * len(numbers):
        raise Malformed("the PDF is damaged: a cross-reference stream is not as long as it says")
    for number in numbers:
        middle, end = at + kind + first, at + row
        place = int.from_bytes(data[at : at + kind]) if kind else Place.FILE
        if place <= Place.STREAM:  # what later versions may add is to be overlooked
            values = int.from_bytes(data[at + kind : middle]), int.from_bytes(data[middle:end])
            yield number, _entry(place, *values)
        at = end


def _numbers(index: list[Value]) -> list[int]:
    pairs = [whole_number(value, 10**10) for value in index]
    if sum(pairs[1::2]) > MOST_ENTRIES:
        raise Malformed(f"the PDF has more than {MOST_ENTRIES} objects")
    numbers = [n for first, count in zip(pairs[::2], pairs[1::2], strict=True) for n in range(first, first + count)]
    if len(set(numbers)) != len(numbers):
        raise Malformed("the PDF is damaged: a cross-reference stream says something twice")
    return numbers


def _eof(data: bytes, at: int) -> tuple[int, int]:
    """Where the revision ended whose section ended at `at`, and which section it says is its last."""
    match = _END_OF_REVISION.match(data, at)
    return (-1, -1) if match is None else (match.end(), int(match[1]))
