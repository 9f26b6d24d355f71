"""What a signature allows to be done to its document afterwards.

A certification signature says it in DocMDP: 1 nothing, 2 forms and signatures, 3 annotations too. Any signature may
lock fields by FieldMDP. Timestamps and validation data are always allowed.

Source: ISO 32000-1 §12.8.2.2, §12.8.2.4; ISO 32000-2 §12.8.2.2.2.
"""

from typing import NamedTuple

from warifu.documents.pdf_reading_file import PdfFile, Revision
from warifu.documents.pdf_reading_form import decode_text
from warifu.documents.pdf_reading_parts import Part
from warifu.documents.pdf_reading_syntax import Text, Value
from warifu.errors import Malformed

__all__ = ["Permission", "permission_of"]

_NO_CHANGES = 1
_DEFAULT = 2
_ACTIONS = (b"All", b"Include", b"Exclude")


class Permission(NamedTuple):
    """`level` is the number of DocMDP that applies, None without one; `own` if this signature itself says so.

    `lock` is the action of FieldMDP with its fields, None if the signature locks none.
    """

    level: int | None
    own: bool
    lock: tuple[str, tuple[str, ...]] | None

    @property
    def may_sign(self) -> bool:
        """Whether others may sign after it."""
        return self.level != _NO_CHANGES

    def may_fill(self, name: str) -> bool:
        """Whether that field may be filled in: somebody must have said so, and nobody locked it."""
        if self.level == _NO_CHANGES or (self.level is None and self.lock is None):
            return False
        return not self.locks(name)

    def locks(self, name: str) -> bool:
        """Whether the signature locks that field."""
        return self.lock is not None and _locks(self.lock, name)


def _locks(lock: tuple[str, tuple[str, ...]], name: str) -> bool:
    action, names = lock
    named = any(name == each or name.startswith(each + ".") for each in names)
    return {"Include": named, "Exclude": not named}.get(action, True)


def permission_of(file: PdfFile, part: Part) -> Permission:
    """What the signature `part` allows; what the document's certification allows, where it says nothing itself.

    Raises:
        Malformed: it says so in a way that is not known.
    """
    assert part.range is not None
    revision = part.range.revision
    own = _level(file, part.told.dictionary, part, revision)
    level = _certified(file, revision) if own is None else own
    return Permission(level, own is not None, _lock(file, part, revision))


def _level(file: PdfFile, dictionary: dict[bytes, Value], part: Part | None, revision: Revision) -> int | None:
    """DocMDP of a signature; or the lock of its field, which says the same with ``/P`` (ISO 32000-2 table 236)."""
    parameters = _parameters(file, dictionary, b"DocMDP", revision)
    if parameters is not None:
        return _checked(parameters.get(b"P", _DEFAULT))
    lock = _field_lock(file, part, revision) if part else {}
    return _checked(lock[b"P"]) if b"P" in lock else None


def _checked(value: Value) -> int:
    if value not in (1, 2, 3) or not isinstance(value, int):
        raise Malformed("the PDF allows changes by a level that does not exist (ISO 32000-1 table 254)")
    return value


def _certified(file: PdfFile, revision: Revision) -> int | None:
    """What the certification signature allows, to which the catalog leads (``/Perms``, §12.8.4)."""
    permissions = file.resolve(file.catalog(revision).get(b"Perms"), revision)
    value = file.resolve(permissions.get(b"DocMDP"), revision) if isinstance(permissions, dict) else None
    return _level(file, value, None, revision) if isinstance(value, dict) else None


def _lock(file: PdfFile, part: Part, revision: Revision) -> tuple[str, tuple[str, ...]] | None:
    found = _parameters(file, part.told.dictionary, b"FieldMDP", revision) or _field_lock(file, part, revision)
    if b"Action" not in found:
        return None
    if found[b"Action"] not in _ACTIONS:
        raise Malformed("the PDF locks fields in a way that does not exist (ISO 32000-1 table 256)")
    action, named = found[b"Action"], file.resolve(found.get(b"Fields"), revision)
    names = (file.resolve(each, revision) for each in named) if isinstance(named, list) else ()
    assert isinstance(action, bytes)
    return action.decode(), tuple(decode_text(name) for name in names if isinstance(name, Text))


def _field_lock(file: PdfFile, part: Part, revision: Revision) -> dict[bytes, Value]:
    form_field = part.told.form_field
    found = file.resolve(form_field.dictionary.get(b"Lock"), revision) if form_field else None
    return found if isinstance(found, dict) else {}


def _parameters(
    file: PdfFile, dictionary: dict[bytes, Value], method: bytes, revision: Revision
) -> dict[bytes, Value] | None:
    """The parameters of a transform method of a signature (§12.8.2)."""
    references = file.resolve(dictionary.get(b"Reference"), revision)
    for each in references if isinstance(references, list) else ():
        reference = file.resolve(each, revision)
        if isinstance(reference, dict) and reference.get(b"TransformMethod") == method:
            found = file.resolve(reference.get(b"TransformParams"), revision)
            return found if isinstance(found, dict) else {}
    return None
