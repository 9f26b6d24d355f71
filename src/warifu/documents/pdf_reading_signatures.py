"""Finding every signature dictionary of a PDF, also those that its form does not lead to (ISO 32000-1 §12.8.1)."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from warifu.documents.pdf_reading_file import PdfFile, Revision
from warifu.documents.pdf_reading_form import FormField, fields
from warifu.documents.pdf_reading_limits import MOST_CANDIDATES, MOST_SIGNATURES
from warifu.documents.pdf_reading_sections import Place
from warifu.documents.pdf_reading_syntax import Name, Reference, Value, parse_with_spans
from warifu.errors import Malformed

__all__ = ["SignatureDictionary", "signature_dictionaries"]

_FAILED = 2 * 1024 * 1024
"""What an object costs that cannot be read to its end, which is not known then."""

_NAMES = {letter: rb"(?:%c|#%02x|#%02X)" % (letter, letter, letter) for letter in b"ByteRange"}
_BYTE_RANGE = re.compile(rb"/" + b"".join(_NAMES[letter] for letter in b"ByteRange"))


@dataclass(frozen=True, slots=True)
class SignatureDictionary:
    """A signature dictionary: what it says, where it stands, and which field leads to it, if one does.

    `offset`, `begin` and `end` are the places of its object, of that object's value, and where it ended; -1 if it is
    not an object of its own. `contents` is the place of its ``/Contents``.
    """

    number: int
    offset: int
    dictionary: dict[bytes, Value] = field(repr=False)
    begin: int
    end: int
    contents: tuple[int, int] | None
    form_field: FormField | None = field(repr=False)

    @property
    def type(self) -> Value:
        """``/Type``; left out, it is a signature (table 252)."""
        return self.dictionary.get(b"Type", Name(b"Sig"))


def signature_dictionaries(file: PdfFile) -> tuple[SignatureDictionary, ...]:
    """All of them, as they stand in the file.

    Raises:
        Malformed: the form is damaged, or there are more than anybody would check.
    """
    found: dict[int, SignatureDictionary] = {}
    for number, each in enumerate(_of_the_form(file)):
        found.setdefault(each.begin if each.begin >= 0 else -1 - number, each)
    spans = [(each.begin, each.end) for each in found.values()]
    spare = _for_usage_rights(file)
    for place in _places(file, spans):
        for each in _elsewhere(file, *place):
            if each.number not in spare and not (each.offset < 0 and any(key < 0 for key in found)):
                found.setdefault(each.begin, each)
        if len(found) > MOST_SIGNATURES:
            break
    if len(found) > MOST_SIGNATURES:
        raise Malformed(f"the PDF has more than {MOST_SIGNATURES} signatures")
    return tuple(sorted(found.values(), key=lambda each: each.begin))


def _of_the_form(file: PdfFile) -> Iterator[SignatureDictionary]:
    for each in fields(file, file.latest):
        value = each.dictionary.get(b"V")
        if each.is_signature and file.resolve(value, file.latest) is not None:
            yield _of_field(file, value, each)


def _of_field(file: PdfFile, value: Value, form_field: FormField) -> SignatureDictionary:
    """What a signature field has as its value; whatever that is, it is told."""
    found = file.resolve(value, file.latest)
    dictionary = found if isinstance(found, dict) else {}
    if isinstance(value, Reference):
        entry = file.entry(value.number, file.latest)
        if entry.place is Place.FILE and isinstance(found, dict):
            return _at(file, entry.first, file.latest, form_field)
    number = value.number if isinstance(value, Reference) else 0
    return SignatureDictionary(number, -1, dictionary, -1, -1, None, form_field)


def _at(file: PdfFile, offset: int, revision: Revision, form_field: FormField | None) -> SignatureDictionary:
    found = file.at(offset, revision)
    assert isinstance(found.value, dict)
    parsed = parse_with_spans(file.data, found.begin)
    return SignatureDictionary(
        found.number, offset, found.value, found.begin, found.end, parsed.spans.get(b"Contents"), form_field
    )


def _places(file: PdfFile, known: list[tuple[int, int]]) -> Iterator[tuple[int, Revision]]:
    """Objects of any revision that have ``/ByteRange`` in them somewhere, apart from those that are known."""
    told, at = 0, 0
    begins: list[tuple[int, Revision]] = []
    while match := _BYTE_RANGE.search(file.data, at):
        at = next((end for begin, end in known if begin <= match.start() < end), 0)
        if at:
            continue
        begins = begins or _begins(file)
        after = bisect_right(begins, match.start(), key=lambda each: each[0])
        at = begins[after][0] if after < len(begins) else len(file.data)
        told += 1
        if told > MOST_CANDIDATES:
            raise Malformed(f"the PDF has more than {MOST_CANDIDATES} objects that look like signatures")
        if after:
            yield begins[after - 1]


def _begins(file: PdfFile) -> list[tuple[int, Revision]]:
    """Where all objects begin that any revision has, each with the first that has it."""
    begins: dict[int, Revision] = {}
    for revision in file.revisions:
        for section in revision.sections:
            for entry in (*section.entries.values(), *section.hidden.values()):
                if entry.place is Place.FILE:
                    begins.setdefault(entry.first, revision)
    return sorted(begins.items(), key=lambda each: each[0])


def _elsewhere(file: PdfFile, offset: int, revision: Revision) -> Iterator[SignatureDictionary]:
    """The signature dictionary that begins there, if it is one; what cannot be read is none."""
    try:
        found = file.at(offset, revision)
        if isinstance(found.value, dict) and b"ByteRange" in found.value:
            yield _at(file, offset, revision, None)
        elif _has_one(found.value):
            yield SignatureDictionary(found.number, -1, {}, found.begin, found.end, None, None)
    except Malformed:
        file.work.spend(_FAILED)


def _has_one(value: Value) -> bool:
    """Whether a signature dictionary stands inside of another object, where none may stand."""
    waiting = [value]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            if b"ByteRange" in here:
                return True
            waiting += here.values()
        elif isinstance(here, list):
            waiting += here
    return False


def _for_usage_rights(file: PdfFile) -> set[int]:
    """Numbers of the signatures by which Adobe allows its reader more; they say nothing about a person (§12.8.2.3)."""
    rights = file.resolve(file.catalog(file.latest).get(b"Perms"), file.latest)
    if not isinstance(rights, dict):
        return set()
    values = (rights.get(key) for key in (b"UR", b"UR3"))
    return {value.number for value in values if isinstance(value, Reference)}
