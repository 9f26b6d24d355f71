"""The numbers that a register gives to a person: checked when made, shown only when asked by name."""

from dataclasses import dataclass
from typing import Self

from warifu.errors import Malformed, WrongCheckDigit
from warifu.person.check_digit import (
    check_digits_only,
    individual_number_check_digit,
    resident_record_code_check_digit,
)
from warifu.person.private import Private


@dataclass(frozen=True, slots=True, repr=False)
class IndividualNumber(Private):
    """An individual number (個人番号, マイナンバー): 11 digits and a check digit.

    Who may ask for it, and what for, is 番号法 第19条; most rooms never see one. Passing the check digit says nothing
    about whether the number was ever given to anybody.

    Source: 番号法 第2条第5項; 平成26年総務省令第85号 第5条.
    """

    LENGTH = 12

    _digits: str

    def __post_init__(self) -> None:
        check_digits_only(self._digits, self.LENGTH)
        if individual_number_check_digit(self._digits[:-1]) != self._digits[-1]:
            raise WrongCheckDigit

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read 12 ASCII digits, without separators.

        Raises:
            Malformed: not 12 digits.
            WrongCheckDigit: the last digit does not match.
        """
        return cls(text)

    @classmethod
    def of_body(cls, body: str) -> Self:
        """The number to issue for these 11 digits.

        Raises:
            Malformed: not 11 digits, or all of them zero: that one satisfies the check digit and looks like no number.
        """
        check_digit = individual_number_check_digit(body)
        _check_issuable(body)
        return cls(body + check_digit)

    def reveal(self) -> str:
        """The 12 digits. Whoever calls this answers for where they go."""
        return self._digits


@dataclass(frozen=True, slots=True, repr=False)
class ResidentRecordCode(Private):
    """A resident record code (住民票コード): 10 digits and a check digit.

    Source: 住民基本台帳法 第7条第13号; 住民基本台帳法施行規則 第1条. The check digit is modelled, see
    `resident_record_code_check_digit`.
    """

    LENGTH = 11

    _digits: str

    def __post_init__(self) -> None:
        check_digits_only(self._digits, self.LENGTH)
        if resident_record_code_check_digit(self._digits[:-1]) != self._digits[-1]:
            raise WrongCheckDigit

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read 11 ASCII digits, without separators.

        Raises:
            Malformed: not 11 digits.
            WrongCheckDigit: the last digit does not match.
        """
        return cls(text)

    @classmethod
    def of_body(cls, body: str) -> Self:
        """The code to issue for these 10 digits.

        Raises:
            Malformed: not 10 digits, or all of them zero.
        """
        check_digit = resident_record_code_check_digit(body)
        _check_issuable(body)
        return cls(body + check_digit)

    def reveal(self) -> str:
        """The 11 digits. Whoever calls this answers for where they go."""
        return self._digits


def _check_issuable(body: str) -> None:
    if not body.strip("0"):
        raise Malformed("a number of zeros only is never issued")
