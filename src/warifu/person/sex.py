"""The sex codes of the card and of the certificate, which differ."""

from enum import Enum
from typing import Self

from warifu.errors import Malformed


class Sex(Enum):
    """A person's sex (性別); the value is the code in the card's text application.

    Source: ISO/IEC 5218:2022 (JIS X 0303): 0 not known, 1 male, 2 female, 9 not applicable.
    """

    MALE = "1"
    FEMALE = "2"
    NOT_APPLICABLE = "9"
    UNKNOWN = "0"

    @classmethod
    def decode(cls, code: str) -> Self:
        """Read the card's code; a digit that means nothing is unknown.

        Raises:
            Malformed: not one ASCII digit.
        """
        _check_one_digit(code)
        return cls(code) if code in "129" else cls("0")

    @property
    def certificate_digit(self) -> str:
        """The digit in a signing certificate's subjectAltName: 1 male, 2 female, 3 neither or unknown."""
        return self.value if self.value in "12" else "3"

    @classmethod
    def decode_certificate(cls, digit: str) -> Self:
        """Read the certificate's digit: 3 is unknown, 9 not applicable, and a digit that means nothing is unknown.

        Raises:
            Malformed: not one ASCII digit.
        """
        return cls.decode(digit)


def _check_one_digit(code: str) -> None:
    if len(code) != 1 or not (code.isascii() and code.isdigit()):
        raise Malformed("a sex code is one digit")
