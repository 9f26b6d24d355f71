"""What a PDF carries for a later verification: its document security store (ETSI EN 319 142-1 §5.4.2).

Everything in it is taken together: what a VRI dictionary says of one signature is a hint for writers, and whoever
verifies looks at all certificates, lists and answers anyway.
"""

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

from warifu.documents.pdf_reading_file import PdfFile, Revision
from warifu.documents.pdf_reading_syntax import Stream, Value
from warifu.errors import Malformed

__all__ = ["Values", "read_values"]

MOST_VALUES = 4096
_STORE_KEYS = (b"Certs", b"CRLs", b"OCSPs")
_VRI_KEYS = (b"Cert", b"CRL", b"OCSP")


class Values(NamedTuple):
    """Certificates, revocation lists and status answers, DER each, each once."""

    certificates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()

    @property
    def digests(self) -> frozenset[bytes]:
        """The SHA-256 of each."""
        return frozenset(hashlib.sha256(each).digest() for part in self for each in part)


def read_values(file: PdfFile, revision: Revision) -> Values:
    """All values that are in the store of a revision.

    Raises:
        Malformed: the store has another shape, or is too large.
    """
    store = file.resolve(file.catalog(revision).get(b"DSS"), revision)
    if not isinstance(store, dict):
        return Values()
    found: tuple[list[bytes], ...] = ([], [], [])
    for dictionary, keys in _dictionaries(file, store, revision):
        for part, key in zip(found, keys, strict=True):
            part += _streams(file, dictionary.get(key), revision)
        if sum(map(len, found)) > MOST_VALUES:
            raise Malformed(f"the PDF carries more than {MOST_VALUES} certificates, lists and answers")
    return Values(*(tuple(dict.fromkeys(part)) for part in found))


def _dictionaries(
    file: PdfFile, store: dict[bytes, Value], revision: Revision
) -> Iterator[tuple[dict[bytes, Value], tuple[bytes, ...]]]:
    yield store, _STORE_KEYS
    hints = file.resolve(store.get(b"VRI"), revision)
    for key, value in hints.items() if isinstance(hints, dict) else ():
        if key != b"Type":
            yield file.dictionary(value, revision), _VRI_KEYS


def _streams(file: PdfFile, value: Value, revision: Revision) -> Iterator[bytes]:
    found = file.resolve(value, revision)
    for each in found if isinstance(found, list) else ():
        stream = file.resolve(each, revision)
        if not isinstance(stream, Stream):
            raise Malformed("the PDF is damaged: validation data that are no stream")
        yield file.unpacked(stream)
