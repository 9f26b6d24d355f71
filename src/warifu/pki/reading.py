"""Turning complaints about bad input into the errors of this program."""

from types import TracebackType

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from warifu.errors import Malformed, WrongProfile

COMPLAINTS = (
    ValueError,
    TypeError,
    KeyError,
    OverflowError,
    NotImplementedError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
    # Where warnings are errors: forms that it still reads and soon will not, and names of lengths that X.520 forbids.
    UserWarning,
)
"""What cryptography 50 raises while it reads DER or, later, one field of it."""


class Reading:
    """While the bytes of `what` are read, any complaint of cryptography's becomes `Malformed`.

    A class, because a generator as context manager costs a microsecond more, at every login.
    """

    __slots__ = ("_what",)

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, COMPLAINTS):
            raise Malformed(f"not a well-formed {self._what}") from error


class OfProfile(Reading):
    """While `what` is compared with its profile, DER that is not cut as the profile has it becomes `WrongProfile`."""

    __slots__ = ()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, Malformed | UnicodeDecodeError):
            raise WrongProfile(f"{self._what} has another form than the profile") from error
