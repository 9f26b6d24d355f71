"""A PDF as a set of objects, as each of its revisions has them (ISO 32000-1 §7.5)."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from warifu.documents.pdf_reading_limits import LARGEST_FILE, MOST_PACKED, PARSING, Work
from warifu.documents.pdf_reading_sections import Entry, Object, Place, Section, object_at, read_sections
from warifu.documents.pdf_reading_streams import unpack, whole_number
from warifu.documents.pdf_reading_syntax import SKIP, Reference, Stream, Value, parse_value
from warifu.errors import Malformed

__all__ = ["PdfFile", "Revision", "only_space"]

_ONLY_SPACE = re.compile(SKIP)
_LONGEST_HEADER = 24 * MOST_PACKED
_REFERENCES = 16
"""References to references that are followed."""


class Revision(NamedTuple):
    """One revision: its number from 0, its sections so far, where it begins, and where it ended (-1: unknown)."""

    number: int
    sections: tuple[Section, ...]
    begin: int
    end: int

    @property
    def trailer(self) -> dict[bytes, Value]:
        """The newest trailer that names a catalog."""
        for section in reversed(self.sections):
            if b"Root" in section.trailer:
                return section.trailer
        raise Malformed("the PDF has no catalog")


class PdfFile:
    """A file and its revisions; objects are read when they are asked for, each once.

    Raises:
        Malformed: no PDF, a damaged, encrypted or too large one.
    """

    def __init__(self, data: bytes) -> None:
        if len(data) > LARGEST_FILE:
            raise Malformed(f"a PDF has {LARGEST_FILE} bytes at most")
        if not data.startswith(b"%PDF-"):
            raise Malformed("this is no PDF: it does not begin like one")
        self.data = data
        self.work = Work()
        self.sections = read_sections(data, self.work)
        if any(b"Encrypt" in section.trailer for section in self.sections):
            raise Malformed("the PDF is encrypted; what was signed cannot be read without opening it")
        self.revisions = tuple(_revisions(self.sections))
        self._objects: dict[int, Object] = {}
        self._containers: dict[int, _Container] = {}
        self._unpacked: dict[int, tuple[Stream, bytes]] = {}
        self._tiled: dict[int, bool] = {}

    @property
    def latest(self) -> Revision:
        """The revision that everybody sees."""
        return self.revisions[-1]

    @property
    def ambiguous(self) -> bool:
        """Whether a section tells old and new readers different things (hybrid files, ISO 32000-1 §7.5.8.4)."""
        return any(
            section.entries[number] != entry
            for section in self.sections
            for number, entry in section.hidden.items()
            if entry.place is not Place.FREE and section.entries.get(number, _NOWHERE).place is not Place.FREE
        )

    def unexplained(self, after: int) -> bool:
        """Whether anything stands behind that revision that no later one accounts for."""
        later = self.revisions[after + 1 :]
        return not (
            all(revision.end >= 0 and self._is_tiled(revision) for revision in later)
            and only_space(self.data, self.latest.end, len(self.data))
        )

    def _is_tiled(self, revision: Revision) -> bool:
        known = self._tiled.get(revision.number)
        if known is None:
            known = self._tiled[revision.number] = self._find_tiled(revision)
        return known

    def _find_tiled(self, revision: Revision) -> bool:
        """Whether a revision consists of its objects, its cross-reference section and its end, and nothing else."""
        section = revision.sections[-1]
        entries = (*section.entries.values(), *section.hidden.values())
        places = [each.first for each in entries if each.place is Place.FILE and each.first >= revision.begin]
        pieces = [(place, self.at(place, revision).end) for place in places]
        pieces += [(section.start, section.end), (section.end, revision.end)]
        at = revision.begin
        for begin, end in sorted(set(pieces)):  # a cross-reference stream may be an object of its own table
            if not only_space(self.data, at, begin):
                return False
            at = max(at, end)
        return True

    def catalog(self, revision: Revision) -> dict[bytes, Value]:
        """The catalog of a revision."""
        return self.dictionary(revision.trailer[b"Root"], revision)

    def dictionary(self, value: Value, revision: Revision) -> dict[bytes, Value]:
        """A dictionary, or one that is referred to.

        Raises:
            Malformed: it is none.
        """
        found = self.resolve(value, revision)
        if not isinstance(found, dict):
            raise Malformed("the PDF is damaged: there is no dictionary where one should be")
        return found

    def resolve(self, value: Value, revision: Revision) -> Value:
        """What a reference refers to in a revision; anything else is itself.

        Raises:
            Malformed: references go in a circle, or to a damaged object.
        """
        for _ in range(_REFERENCES):
            if not isinstance(value, Reference):
                return value
            value = self._get(value, revision)
        raise Malformed("the PDF is damaged: references go in a circle")

    def entry(self, number: int, revision: Revision) -> Entry:
        """Where an object is in a revision."""
        for section in reversed(revision.sections):
            entry = section.entries.get(number, _NOWHERE)
            if entry.place is Place.FREE:
                entry = section.hidden.get(number, entry)
            if entry is not _NOWHERE:
                return entry
        return _NOWHERE

    def at(self, offset: int, revision: Revision) -> Object:
        """The object that begins there.

        Raises:
            Malformed: there is none.
        """
        known = self._objects.get(offset)
        if known is not None:
            return known
        found = object_at(self.data, offset, self.work, lambda reference: self._length(reference, revision))
        if not (isinstance(found.value, Stream) and isinstance(found.value.dictionary[b"Length"], Reference)):
            self._objects[offset] = found
        return found

    def unpacked(self, stream: Stream) -> bytes:
        """The bytes of a stream, each stream's once.

        Raises:
            Malformed: it cannot be unpacked.
        """
        if id(stream) not in self._unpacked:
            self._unpacked[id(stream)] = stream, unpack(stream, self.work)
        return self._unpacked[id(stream)][1]

    def _length(self, reference: Reference, revision: Revision) -> Value:
        entry = self.entry(reference.number, revision)
        if entry.place is not Place.FILE:
            return self._get(reference, revision)
        return object_at(self.data, entry.first, self.work).value

    def _get(self, reference: Reference, revision: Revision) -> Value:
        return self.placed(reference, self.entry(reference.number, revision), revision)

    def placed(self, reference: Reference, entry: Entry, revision: Revision) -> Value:
        """The object that an entry leads to; null if there is none (ISO 32000-1 §7.3.10).

        Raises:
            Malformed: another object is there.
        """
        if entry.place is Place.STREAM:
            return self._contained(reference.number, entry, revision) if reference.generation == 0 else None
        if entry.place is Place.FREE or entry.second != reference.generation:
            return None
        found = self.at(entry.first, revision)
        if (found.number, found.generation) != reference:
            raise Malformed("the PDF is damaged: another object is where one should be")
        return found.value

    def _contained(self, number: int, entry: Entry, revision: Revision) -> Value:
        """An object in an object stream (ISO 32000-1 §7.5.7)."""
        place = self.entry(entry.first, revision)
        if place.place is not Place.FILE:
            raise Malformed("the PDF is damaged: an object stream is not in the file")
        container = self._containers.get(place.first)
        if container is None:
            container = self._containers[place.first] = _container(self.at(place.first, revision).value, self.work)
        return container.get(number, entry.second, self.work)


def only_space(data: bytes, begin: int, end: int) -> bool:
    """Whether nothing but white space and comments stands there."""
    return _ONLY_SPACE.fullmatch(data, begin, end) is not None


_NOWHERE = Entry(Place.FREE, 0, 0)


class _Container(NamedTuple):
    """An object stream, unpacked: the numbers of its objects, and where each begins."""

    data: bytes
    numbers: list[int]
    places: list[int]

    def get(self, number: int, index: int, work: Work) -> Value:
        if index >= len(self.numbers) or self.numbers[index] != number:
            raise Malformed("the PDF is damaged: an object is not in the stream that should have it")
        value, end = parse_value(self.data, self.places[index])
        if isinstance(value, Reference):
            raise Malformed("the PDF is damaged: an object in a stream is a reference")
        work.spend((end - self.places[index]) * PARSING)
        return value


def _container(value: Value, work: Work) -> _Container:
    if not isinstance(value, Stream) or value.dictionary.get(b"Type") != b"ObjStm":
        raise Malformed("the PDF is damaged: an object stream is none")
    data = unpack(value, work)
    first = whole_number(value.dictionary.get(b"First"), min(len(data), _LONGEST_HEADER))
    count = whole_number(value.dictionary.get(b"N"), MOST_PACKED)
    numbers = data[:first].split()
    if len(numbers) < 2 * count or not all(map(_short_number, numbers)):
        raise Malformed("the PDF is damaged: an object stream does not say what is in it")
    pairs = [int(number) for number in numbers[: 2 * count]]
    return _Container(data, pairs[::2], [first + place for place in pairs[1::2]])


def _short_number(digits: bytes) -> bool:
    return digits.isdigit() and len(digits) <= 10


def _revisions(sections: tuple[Section, ...]) -> Iterator[Revision]:
    """Sections grouped to revisions: one each, but two for the first of a linearized file (annex F).

    Raises:
        Malformed: they do not follow each other in the file.
    """
    first = 2 if len(sections) > 1 and sections[1].start < sections[0].start else 1
    begin = 0
    for number in range(len(sections) - first + 1):
        so_far = sections[: number + first]
        ends = so_far[0] if number == 0 else so_far[-1]
        if ends.start < begin:
            raise Malformed("the PDF is damaged: its revisions do not follow each other")
        yield Revision(number, so_far, begin, ends.eof if ends.last == so_far[-1].declared else -1)
        begin = max(ends.end, ends.eof)
