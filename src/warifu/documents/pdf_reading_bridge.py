"""Our reading of a PDF in the form that pyHanko's rules about changes want it, within limits.

pyHanko reads byte by byte, decodes an object stream once for each object in it, and follows every path through a
document; a stranger's file can make each of these take for ever. So it is given the objects that our own reader read,
and every look at one is counted. That both read the same bytes as the same objects is a gain besides.
"""

from io import BytesIO
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader
from pyhanko.pdf_utils.xref import ObjStreamRef

from warifu.documents.complaints import COMPLAINTS
from warifu.documents.pdf_reading_file import PdfFile
from warifu.documents.pdf_reading_sections import Entry, Place, Section
from warifu.documents.pdf_reading_syntax import Name, Reference, Stream, Text, Value

__all__ = ["BridgedReader", "TooMuch"]

MOST_STEPS = 200_000
"""Objects that are looked at while changes are compared, each as often as it is; large ones count more than once."""

_VALUES_A_STEP = 16


class TooMuch(Exception):
    """Comparing takes more steps than are given."""


class BridgedReader(PdfFileReader):  # type: ignore[misc]  # pyHanko tells no types here
    """pyHanko's reader over our objects. Use `of`."""

    def __init__(self, file: PdfFile) -> None:
        self._file = file
        self._left = MOST_STEPS
        self._weights: dict[tuple[int, int], int] = {}
        super().__init__(BytesIO(file.data), strict=True)

    @classmethod
    def of(cls, file: PdfFile) -> "BridgedReader | None":
        """A reader for a file; None if pyHanko cannot read it, or sees other revisions in it than we do."""
        try:
            reader = cls(file)
        except COMPLAINTS:
            return None
        return reader if reader.agrees() else None

    def agrees(self) -> bool:
        """Whether pyHanko reads the same cross-reference sections as we do, and may go by what they say of their size.

        It takes rows that are predicted from the left (PNG's Sub) for others, and those that are not predicted for
        zeros: so an update could show it the old place of an object, and everybody else a new one. And it takes an
        object for a new one if its number is not below the old size, also if there was one.
        """
        if self.total_revisions != len(self._file.sections):
            return False
        return all(
            self.xrefs.get_startxref_for_revision(number) == section.declared
            and _agree(self.xrefs.get_xref_data(number), section.entries)
            and _hidden_agree(self.xrefs.get_xref_data(number).hybrid, section.hidden)
            and self._root_agrees(number)
            and _highest(section) < self.xrefs.get_xref_container_info(number).size
            for number, section in enumerate(self._file.sections)
        )

    def _root_agrees(self, number: int) -> bool:
        """Whether the newest trailer up to that section that names a catalog names the same."""
        told = (section.trailer.get(b"Root") for section in reversed(self._file.sections[: number + 1]))
        ours = next((each for each in told if each is not None), None)
        try:
            theirs = self.trailer.raw_get("/Root", revision=number)
        except KeyError:
            return ours is None
        return isinstance(ours, Reference) and (theirs.idnum, theirs.generation) == ours

    def spend(self, reference: Any) -> None:
        """Count a look at an object.

        Raises:
            TooMuch: there were too many.
        """
        self._left -= self._weights.get((reference.idnum, reference.generation), 1)
        if self._left < 0:
            raise TooMuch

    def get_historical_resolver(self, revision: int) -> Any:
        """The view of one revision."""
        known = self._historical_resolver_cache
        if revision not in known:
            known[revision] = _BridgedRevision(self, revision)
        return known[revision]

    def _read_object(self, ref: Any, marker: Any, **_how: bool) -> Any:
        """An object of ours; nothing where the file has none, as ISO 32000-1 §7.3.10 has it."""
        reference = Reference(ref.idnum, ref.generation)
        value = None if marker is None else self._file.placed(reference, _entry(reference, marker), self._file.latest)
        self._weights[reference] = weight = 1 + _weigh(value) // _VALUES_A_STEP
        self._left -= weight
        if self._left < 0:
            raise TooMuch
        return self._bridged(value, generic.Reference(ref.idnum, ref.generation, self))

    def _bridged(self, value: Value, container: Any) -> Any:
        found = self._translated(value, container)
        found.container_ref = container
        return found

    def _translated(self, value: Value, container: Any) -> Any:
        """One value in pyHanko's classes; names byte by byte, so that different ones stay different."""
        match value:
            case Stream():
                return generic.StreamObject(self._entries(value.dictionary, container), encoded_data=value.data)
            case dict():
                return generic.DictionaryObject(self._entries(value, container))
            case list():
                return generic.ArrayObject([self._bridged(each, container) for each in value])
            case Reference():
                return generic.IndirectObject(value.number, value.generation, self)
            case Name():
                return generic.NameObject("/" + value.decode("latin-1"))
            case Text():
                return generic.pdf_string(bytes(value))
            case bool():
                return generic.BooleanObject(value)
            case int():
                return generic.NumberObject(value)
            case float():
                return generic.FloatObject(repr(value))
        return generic.NullObject()

    def _entries(self, dictionary: dict[bytes, Value], container: Any) -> dict[Any, Any]:
        return {
            generic.NameObject("/" + key.decode("latin-1")): self._bridged(value, container)
            for key, value in dictionary.items()
        }


class _BridgedRevision(HistoricalResolver):  # type: ignore[misc]
    """The view of one revision; every look is counted. What no revision has is null (ISO 32000-1 §7.3.10)."""

    def get_object(self, ref: Any, **_how: bool) -> Any:
        self.reader.spend(ref)
        if self.reader.xrefs.get_historical_ref(ref, self.revision) is None:
            nothing = generic.NullObject()
            nothing.container_ref = ref
            return nothing
        return super().get_object(ref)


def _highest(section: Section) -> int:
    """The highest number that an object of the section has."""
    entries = (*section.entries.items(), *section.hidden.items())
    return max((number for number, entry in entries if entry.place is not Place.FREE), default=0)


def _hidden_agree(hybrid: Any, hidden: dict[int, Entry]) -> bool:
    return not hidden if hybrid is None else _agree(hybrid.xref_data, hidden)


def _agree(theirs: Any, ours: dict[int, Entry]) -> bool:
    """Whether a section says the same of all objects but number 0, which is none."""
    rest = {number: entry for number, entry in ours.items() if number}
    found = {number: Entry(Place.FILE, place, of) for number, (of, place) in theirs.standard_xrefs.items()}
    for number, each in theirs.xrefs_in_objstm.items():
        found[number] = Entry(Place.STREAM, each.obj_stream_id, each.ix_in_stream)
    for number, generation in theirs.freed.items():
        found[number] = Entry(Place.FREE, rest.get(number, _NOWHERE).first, generation)
    return found == rest


_NOWHERE = Entry(Place.FREE, 0, 0)


def _entry(reference: Reference, marker: Any) -> Entry:
    if isinstance(marker, ObjStreamRef):
        return Entry(Place.STREAM, marker.obj_stream_id, marker.ix_in_stream)
    return Entry(Place.FILE, marker, reference.generation)


def _weigh(value: Value) -> int:
    """How many values there are in one."""
    match value:
        case Stream():
            return _weigh(value.dictionary)
        case dict():
            return 1 + sum(map(_weigh, value.values()))
        case list():
            return 1 + sum(map(_weigh, value))
    return 1
