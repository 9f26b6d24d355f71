"""Turning what cryptography raises about bad input into `Malformed`."""

from collections.abc import Iterator
from contextlib import contextmanager

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from warifu.errors import Malformed

# What cryptography 50 raises while it reads DER or, later, one field of it.
_COMPLAINTS = (
    ValueError,
    TypeError,
    KeyError,
    OverflowError,
    NotImplementedError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Any complaint about the bytes of `what` becomes `Malformed`."""
    try:
        yield
    except _COMPLAINTS as error:
        raise Malformed(f"not a well-formed {what}") from error
