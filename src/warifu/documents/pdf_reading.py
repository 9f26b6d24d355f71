"""Signatures in PDF files taken apart: every one, what it covers, and what came after it.

A PDF is signed by its own bytes, all but the signature's value; whoever adds something later appends it (a *revision*).
So a signature is as good as three answers: does its range cover a whole revision? Is what it covers what the CMS
message signs? And is what came after it of a kind that leaves the signed document as it was?

A document timestamp (``/DocTimeStamp``) is a timestamp of every signature that it covers; one that covers none stands
for itself. Files are read by our own strict reader within limits; pyHanko's rules about changes are asked only when
something follows a signature.

Source: ISO 32000-1 §12.8; ISO 32000-2 §12.8; ETSI EN 319 142-1 §5, §6.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from warifu.documents.algorithms import DIGEST_LENGTHS
from warifu.documents.cms_slices import cut_signed_data
from warifu.documents.found import (
    Coverage,
    Covered,
    Fault,
    FaultCode,
    Form,
    FoundSignature,
    FoundTimestamp,
    Integrity,
    TimestampKind,
)
from warifu.documents.pdf_reading_file import PdfFile
from warifu.documents.pdf_reading_parts import Part, read_part
from warifu.documents.pdf_reading_range import SignedRange
from warifu.documents.pdf_reading_signatures import signature_dictionaries
from warifu.documents.pdf_reading_values import Values, read_values
from warifu.errors import Malformed

if TYPE_CHECKING:
    from warifu.documents.pdf_reading_changes import Changes

__all__ = ["read_pdf"]

_EVERYTHING = frozenset(Covered)


def read_pdf(data: bytes) -> tuple[FoundSignature, ...]:
    """Every signature of a PDF in the order of signing, and every document timestamp that stands for itself.

    What is wrong with a signature is told with it. A document without any gives none.

    Raises:
        Malformed: no PDF, a damaged or encrypted one, or one beyond the limits of reading.
    """
    try:
        return _read(PdfFile(data))
    except RecursionError as error:
        raise Malformed("the PDF is nested too deep") from error


def _read(file: PdfFile) -> tuple[FoundSignature, ...]:
    parts = sorted((read_part(file, each) for each in signature_dictionaries(file)), key=lambda each: each.order)
    if not parts:
        return ()
    coverages = list(_coverages(file, parts))
    for part, coverage in zip(parts, coverages, strict=True):
        part.faults += _faults_of(file, part, coverage)
    stamps = [each for each in parts if each.token is not None and each.range is not None]
    signatures = [each for each in parts if each.signature.form is not Form.TIMESTAMP]
    values = read_values(file, file.latest)
    return tuple(
        _told(file, part, coverage, stamps, values)
        for part, coverage in zip(parts, coverages, strict=True)
        if part not in stamps or not any(part.covers(other) for other in signatures)
    )


def _told(file: PdfFile, part: Part, coverage: Coverage | None, stamps: list[Part], values: Values) -> FoundSignature:
    found = part.signature
    later = [_timestamp(file, each, found) for each in stamps if each is not part and each.covers(part)]
    return replace(
        found,
        integrity=(*found.integrity, *_imprint(part)),
        certificates=_once(found.certificates, values.certificates),
        timestamps=(*found.timestamps, *later),
        crls=_once(found.crls, values.crls),
        ocsps=_once(found.ocsps, values.ocsps),
        faults=tuple(part.faults),
        coverage=coverage,
        token=None if part.token is None else part.encoded,
    )


def _once(own: tuple[bytes, ...], stored: tuple[bytes, ...]) -> tuple[bytes, ...]:
    return tuple(dict.fromkeys((*own, *stored)))


def _imprint(part: Part) -> tuple[Integrity, ...]:
    """A document timestamp that stands for itself must be about this document."""
    if part.token is None:
        return ()
    actual = _digest(part.range, part.token.hash_name) if part.range else None
    return (Integrity("message imprint", part.token.hash_name, part.token.imprint, actual),)


def _digest(covered: SignedRange, hash_name: str) -> bytes | None:
    return covered.digest(hash_name) if hash_name in DIGEST_LENGTHS else None


def _timestamp(file: PdfFile, stamp: Part, found: FoundSignature) -> FoundTimestamp:
    """A document timestamp as one of a signature that it covers, with all values that were there by then."""
    covered = stamp.range
    assert covered is not None
    values = Values(found.certificates, found.crls, found.ocsps).digests | read_values(file, covered.revision).digests
    tokens = frozenset(digest for each in found.timestamps for digest in _inside(each.token))
    return FoundTimestamp(
        TimestampKind.DOCUMENT,
        stamp.encoded,
        lambda name: _digest(covered, name),
        _EVERYTHING,
        values | tokens,
        tuple(stamp.faults),
    )


def _inside(token: bytes) -> tuple[bytes, ...]:
    """The SHA-256 of a token, and of each certificate that came in it."""
    try:
        carried = cut_signed_data(token).certificates
    except Malformed:
        carried = ()
    return tuple(hashlib.sha256(each).digest() for each in (token, *carried))


def _coverages(file: PdfFile, parts: list[Part]) -> Iterator[Coverage | None]:
    """How much of the file each signature covers, and what came later; None if that cannot be told."""
    changes = None
    for part in parts:
        number, count = part.range.revision.number + 1 if part.range else 0, len(file.revisions)
        if part.range is None:
            yield None
        elif number == count:
            yield Coverage(part.range.whole, number, count)
        else:
            changes = changes or _changes(file, parts)
            yield Coverage(False, number, count, changes.after(part))


def _changes(file: PdfFile, parts: list[Part]) -> "Changes":
    from warifu.documents.pdf_reading_changes import Changes  # with pyHanko, which takes a second to load

    return Changes(file, parts)


def _faults_of(file: PdfFile, part: Part, coverage: Coverage | None) -> list[Fault]:
    """What is wrong with what came after a signature."""
    faults = []
    if file.ambiguous:
        faults.append(Fault(FaultCode.CROSS_REFERENCES))
    if file.unexplained(part.range.revision.number if part.range else file.latest.number):
        faults.append(Fault(FaultCode.NOT_ALL_SIGNED))
    refused = [change for change in coverage.changes if not change.allowed] if coverage else []
    return faults + [Fault(FaultCode.MODIFIED_AFTER, f"revision {each.revision}: {each.where}") for each in refused]
