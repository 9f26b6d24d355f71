"""The form of a PDF: its fields, in a revision, with their full names (ISO 32000-1 §12.7)."""

from collections.abc import Iterator
from typing import NamedTuple

from warifu.documents.pdf_reading_file import PdfFile, Revision
from warifu.documents.pdf_reading_syntax import Reference, Text, Value
from warifu.errors import Malformed

__all__ = ["FormField", "fields", "form"]

MOST_FIELDS = 20_000
_DEEPEST = 32


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
        dictionary = file.resolve(value, revision)
        if not isinstance(dictionary, dict):
            continue
        if depth > _DEEPEST or len(seen) > MOST_FIELDS:
            raise Malformed(f"the PDF has more than {MOST_FIELDS} fields, or they are nested too deep")
        name = _name(file.resolve(dictionary.get(b"T"), revision), above)
        kind = file.resolve(dictionary.get(b"FT", inherited), revision)
        yield FormField(name, kind, dictionary)
        waiting += [(each, name, kind, depth + 1) for each in _list(file, dictionary.get(b"Kids"), revision)]


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
