"""The form of a PDF: its fields, in a revision, with their full names (ISO 32000-1 §12.7)."""

from collections.abc import Iterator
from typing import NamedTuple

from warifu.documents.pdf_reading_file import PdfFile, Revision
from warifu.documents.pdf_reading_syntax import Reference, Stream, Text, Value
from warifu.errors import Malformed

__all__ = ["FormField", "changed_fields", "decode_text", "fields", "form"]

MOST_FIELDS = 20_000
_DEEPEST = 32
_MOST_LOOKED_AT = 5_000
_COST = 16
"""What looking at a field costs, in the bytes that `Work` counts."""


class FormField(NamedTuple):
    """A field: its full name, its type as inherited, its dictionary."""

    name: str
    type: Value
    dictionary: dict[bytes, Value]

    @property
    def is_signature(self) -> bool:
        """Whether it is one for a signature."""
        return self.type == b"Sig"


def form(file: PdfFile, revision: Revision) -> dict[bytes, Value]:
    """The form's dictionary; an empty one if there is no form."""
    found = file.resolve(file.catalog(revision).get(b"AcroForm"), revision)
    return found if isinstance(found, dict) else {}


def fields(file: PdfFile, revision: Revision) -> Iterator[FormField]:
    """All fields of the form; whoever has no name is the look of its parent and belongs to it.

    Raises:
        Malformed: more fields than anybody fills in, or a field that contains itself.
    """
    seen: set[Reference] = set()
    top = _list(file, form(file, revision).get(b"Fields"), revision)
    waiting: list[tuple[Value, str, Value, int]] = [(each, "", None, 0) for each in top]
    while waiting:
        value, above, inherited, depth = waiting.pop()
        if isinstance(value, Reference):
            if value in seen:
                raise Malformed("the PDF has a field that stands in the form twice")
            seen.add(value)
        if depth > _DEEPEST or len(seen) > MOST_FIELDS:
            raise Malformed(f"the PDF has more than {MOST_FIELDS} fields, or they are nested too deep")
        dictionary = file.resolve(value, revision)
        if not isinstance(dictionary, dict):
            continue
        file.work.spend(_COST)
        name = _name(file.resolve(dictionary.get(b"T"), revision), above)
        kind = file.resolve(dictionary.get(b"FT", inherited), revision)
        yield FormField(name, kind, dictionary)
        waiting += [(each, name, kind, depth + 1) for each in _list(file, dictionary.get(b"Kids"), revision)]


def changed_fields(file: PdfFile, base: Revision, revision: Revision) -> list[str]:
    """Names of the fields of `base`, not for signatures, that differ in `revision`, in themselves or in their look.

    What became of the rest of the document is not looked at here.
    """
    later = revision.sections[len(base.sections) :]
    touched = {number for section in later for number in (*section.entries, *section.hidden)}
    before, after = _by_name(file, base), _by_name(file, revision)
    return sorted(
        name
        for name, dictionaries in before.items()
        if after.get(name) != dictionaries or any(_leads_to(file, each, touched, base) for each in dictionaries)
    )


def _by_name(file: PdfFile, revision: Revision) -> dict[str, list[dict[bytes, Value]]]:
    found: dict[str, list[dict[bytes, Value]]] = {}
    for each in fields(file, revision):
        if not each.is_signature:
            found.setdefault(each.name, []).append(each.dictionary)
    return found


def _leads_to(file: PdfFile, field: dict[bytes, Value], numbers: set[int], revision: Revision) -> bool:
    """Whether one of the objects is part of a field; one with more parts than are looked at is taken to be so."""
    seen: set[Reference] = set()
    waiting: list[Value] = [value for key, value in field.items() if key not in (b"Parent", b"P", b"Kids")]
    for _ in range(_MOST_LOOKED_AT):
        if not waiting:
            return False
        value = waiting.pop()
        if isinstance(value, Reference):
            if value.number in numbers:
                return True
            if value in seen:
                continue
            seen.add(value)
            value = file.resolve(value, revision)
        inside = value.dictionary if isinstance(value, Stream) else value
        waiting += inside.values() if isinstance(inside, dict) else inside if isinstance(inside, list) else ()
    return True


def _list(file: PdfFile, value: Value, revision: Revision) -> list[Value]:
    found = file.resolve(value, revision)
    return found if isinstance(found, list) else []


def _name(value: Value, above: str) -> str:
    """The full name: partial names with full stops between (§12.7.3.2)."""
    if not isinstance(value, Text):
        return above
    return f"{above}.{decode_text(value)}" if above else decode_text(value)


def decode_text(value: bytes) -> str:
    """A text string: UTF-16 or UTF-8 if it says so, else taken as Latin (§7.9.2.2)."""
    if value.startswith(b"\xfe\xff"):
        return value[2:].decode("utf-16-be", "replace")
    if value.startswith(b"\xef\xbb\xbf"):
        return value[3:].decode("utf-8", "replace")
    return value.decode("latin-1")
