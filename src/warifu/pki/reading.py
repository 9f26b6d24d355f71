"""Turning complaints about bad input into the errors of this program."""

from collections.abc import Iterator
from contextlib import contextmanager

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.utils import CryptographyDeprecationWarning

from warifu.errors import Malformed, WrongProfile

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
    # Where warnings are errors: forms that it still reads and soon will not.
    CryptographyDeprecationWarning,
)


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Any complaint about the bytes of `what` becomes `Malformed`."""
    try:
        yield
    except _COMPLAINTS as error:
        raise Malformed(f"not a well-formed {what}") from error


@contextmanager
def of_profile(what: str) -> Iterator[None]:
    """DER that is not cut as the profile has it becomes `WrongProfile`."""
    try:
        yield
    except (Malformed, UnicodeDecodeError) as error:
        raise WrongProfile(f"{what} has another form than the profile") from error
