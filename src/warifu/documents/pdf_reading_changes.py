"""What came after a signature, by pyHanko's rules about changes and some of our own.

pyHanko's policy knows what belongs to a later signature, a timestamp, validation data, or a filled-in form, and refuses
everything else. It is asked about each later revision against the signed one. On top of it:

- A form is filled in with the signer's or the certifier's permission only (DocMDP, or FieldMDP that leaves the field
  open); without a word about it the form stays as it was signed. That is where shadow attacks by fields begin.
- What the signed document refers to and did not have is not put there later.
- Whatever a form draws its fields with may not change either (``/DR``, ``/DA``, ``/NeedAppearances``).
- A signature field that can be seen must hold a signature: an empty one, one that cannot be read, or a timestamp would
  be a patch on the page. And it does nothing by itself, and is no other annotation.

Source: ISO 32000-1 §12.8.2.2; ISO 32000-2 §12.8.2.2; pdf-insecurity.org (Shadow Attacks 2020, Certified 2021).
"""

from collections.abc import Iterator

from pyhanko.sign.diff_analysis import DEFAULT_DIFF_POLICY, ModificationLevel, SuspiciousModification
from pyhanko.sign.fields import MDPPerm

from warifu.documents.complaints import COMPLAINTS
from warifu.documents.found import Change, ChangeKind
from warifu.documents.pdf_reading_bridge import BridgedReader, TooMuch
from warifu.documents.pdf_reading_file import PdfFile, Revision
from warifu.documents.pdf_reading_form import FormField, changed_fields, fields, form
from warifu.documents.pdf_reading_parts import Part
from warifu.documents.pdf_reading_paths import changed_objects, undefined_objects
from warifu.documents.pdf_reading_permission import Permission, permission_of
from warifu.documents.pdf_reading_syntax import Value
from warifu.errors import Malformed

__all__ = ["Changes"]

_COMPLAINTS = (*COMPLAINTS, SuspiciousModification, TooMuch)
"""What pyHanko raises over what it refuses, and over files that are not what it expects."""

_DRAWING = (b"DR", b"DA", b"Q", b"NeedAppearances")
_LOOKS = {b"AP", b"MK"}
_ACTIONS = {b"A", b"AA"}
_CORNERS = 4
_NO_CHANGES, _FORMS = 1, 2
_LONGEST = 120


class Changes:
    """What came after the signatures of one file."""

    def __init__(self, file: PdfFile, parts: list[Part]) -> None:
        self._file = file
        self._parts = parts
        self._reader = BridgedReader.of(file)
        self._undefined: dict[int, frozenset[int]] = {}

    def after(self, part: Part) -> tuple[Change, ...]:
        """Everything that was added after what `part` covers, in the order of revisions."""
        assert part.range is not None
        base = part.range.revision
        try:
            permission = permission_of(self._file, part)
            later = self._file.revisions[base.number + 1 :]
            return tuple(change for revision in later for change in self._added(base, revision, permission))
        except Malformed as error:
            return (Change(base.number + 2, ChangeKind.OTHER, allowed=False, where=str(error)),)

    def _added(self, base: Revision, revision: Revision, permission: Permission) -> Iterator[Change]:
        """What one revision adds to the signed one."""
        number = revision.number + 1
        if not self._fits(base, revision, permission):
            where = changed_objects(self._file, base, revision) or "objects that no rule explains"
            yield Change(number, ChangeKind.OTHER, allowed=False, where=where)
            return
        told = [
            *self._signatures(base, revision, permission),
            *(_fill(number, name, permission) for name in changed_fields(self._file, base, revision)),
            *self._drawing(base, revision, permission),
            *self._patches(base, revision),
            *self._store(revision),
        ]
        yield from told or [Change(number, ChangeKind.METADATA, allowed=True)]

    def _fits(self, base: Revision, revision: Revision, permission: Permission) -> bool:
        """Whether pyHanko's policy finds a rule for everything that changed; which fields are locked is our matter."""
        if self._reader is None or self._fills_a_gap(base, revision):
            return False
        old, new = (self._reader.get_historical_resolver(len(each.sections) - 1) for each in (base, revision))
        own = MDPPerm(min(permission.level, _FORMS)) if permission.own and permission.level else None
        try:
            result = DEFAULT_DIFF_POLICY.apply(old, new, doc_mdp=own)
        except _COMPLAINTS:
            return False
        return permission.level != _NO_CHANGES or result.modification_level <= ModificationLevel.LTA_UPDATES

    def _fills_a_gap(self, base: Revision, revision: Revision) -> bool:
        """Whether something was put where the signed revision referred to nothing, which no rule of pyHanko's sees."""
        if base.number not in self._undefined:
            self._undefined[base.number] = undefined_objects(self._file, base)
        later = revision.sections[len(base.sections) :]
        numbers = {number for section in later for number in (*section.entries, *section.hidden)}
        return bool(numbers & self._undefined[base.number])

    def _signature_fields(self, revision: Revision) -> dict[str, FormField]:
        return {each.name: each for each in fields(self._file, revision) if each.is_signature}

    def _signatures(self, base: Revision, revision: Revision, permission: Permission) -> Iterator[Change]:
        """Later signatures and timestamps; one in a field that was there already must not be in a locked one."""
        there = self._signature_fields(base)
        for part in self._parts:
            if revision.begin <= part.told.begin < revision.end:
                stamp = part.told.type == b"DocTimeStamp"
                kind = ChangeKind.TIMESTAMP if stamp else ChangeKind.SIGNATURE
                name = part.told.form_field.name if part.told.form_field else ""
                fits = (stamp or permission.may_sign) and not (name in there and permission.locks(name))
                yield Change(revision.number + 1, kind, fits, part.signature.place)

    def _drawing(self, base: Revision, revision: Revision, permission: Permission) -> Iterator[Change]:
        """What the form draws its fields with, if there are any that it draws."""
        if all(each.is_signature for each in fields(self._file, base)):
            return
        before = self._file.revisions[revision.number - 1]
        if self._drawn(before) != self._drawn(revision):
            yield _fill(revision.number + 1, "", permission)

    def _drawn(self, revision: Revision) -> list[Value]:
        whole = form(self._file, revision)
        return [self._file.resolve(whole.get(key), revision) for key in _DRAWING]

    def _patches(self, base: Revision, revision: Revision) -> Iterator[Change]:
        """Signature fields that came later, can be seen, and that no readable signature of a person ever filled."""
        if revision is not self._file.latest:
            return
        before = self._signature_fields(base)
        signatures = [each for each in self._parts if not each.faults and each.told.type == b"Sig"]
        signed = {each.told.form_field.name for each in signatures if each.told.form_field}
        for name, each in self._signature_fields(revision).items():
            looks = [] if name in before else _looks(self._file, each, revision)
            patch = name not in signed and any(_can_be_seen(self._file, look, revision) for look in looks)
            if patch or any(map(_acts, looks)):
                yield Change(revision.number + 1, ChangeKind.ANNOTATION, allowed=False, where=name[:_LONGEST])

    def _store(self, revision: Revision) -> Iterator[Change]:
        before = self._file.revisions[revision.number - 1]
        if self._stored(before) != self._stored(revision):
            yield Change(revision.number + 1, ChangeKind.VALIDATION_DATA, allowed=True)

    def _stored(self, revision: Revision) -> list[Value]:
        store = self._file.resolve(self._file.catalog(revision).get(b"DSS"), revision)
        return [self._file.resolve(value, revision) for value in store.values()] if isinstance(store, dict) else []


def _looks(file: PdfFile, form_field: FormField, revision: Revision) -> list[dict[bytes, Value]]:
    """A field and what stands for it on pages."""
    kids = file.resolve(form_field.dictionary.get(b"Kids"), revision)
    found = [file.resolve(each, revision) for each in kids] if isinstance(kids, list) else []
    return [form_field.dictionary, *(each for each in found if isinstance(each, dict))]


def _acts(look: dict[bytes, Value]) -> bool:
    """Whether a field does something, or is another annotation besides (ISO 32000-1 §12.5.6, §12.6.3)."""
    return bool(look.keys() & _ACTIONS) or look.get(b"Subtype", b"Widget") != b"Widget"


def _can_be_seen(file: PdfFile, look: dict[bytes, Value], revision: Revision) -> bool:
    """Whether a field, or what stands for it on a page, has a look and a place larger than nothing."""
    return bool(look.keys() & _LOOKS) and _has_room(file, look, revision)


def _has_room(file: PdfFile, look: dict[bytes, Value], revision: Revision) -> bool:
    corners = file.resolve(look.get(b"Rect"), revision)
    if not isinstance(corners, list) or len(corners) != _CORNERS:
        return True
    left, low, right, high = (file.resolve(each, revision) for each in corners)
    return left != right and low != high


def _fill(number: int, name: str, permission: Permission) -> Change:
    where = name[:_LONGEST] or "how the form draws its fields"
    return Change(number, ChangeKind.FORM_FILLING, permission.may_fill(name), where)
