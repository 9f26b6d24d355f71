"""Municipalities, as cards and certificates name them."""

from dataclasses import dataclass

from warifu.errors import Malformed
from warifu.person.check_digit import check_digits_only, municipality_code_check_digit
from warifu.person.name import check_text

_PREFECTURES = 47


@dataclass(frozen=True, slots=True)
class Municipality:
    """A city, ward, town or village (市区町村) with its prefecture, in Japanese and as certificates spell it.

    `code` is five digits: the prefecture's two (01..47, JIS X 0401), then three (JIS X 0402); wards of designated
    cities have codes of their own. The romaji forms are what a certificate's L and CRL distribution point say:
    ``Tokyo-to``, ``Shibuya-ku``.
    """

    LONGEST_NAME = 64

    code: str
    prefecture: str
    name: str
    prefecture_romaji: str
    name_romaji: str

    def __post_init__(self) -> None:
        check_digits_only(self.code, 5)
        if not 1 <= int(self.code[:2]) <= _PREFECTURES:
            raise Malformed("no such prefecture")
        for text in (self.prefecture, self.name, self.prefecture_romaji, self.name_romaji):
            check_text(text, self.LONGEST_NAME)
        if not (self.prefecture_romaji.isascii() and self.name_romaji.isascii()):
            raise Malformed("romaji is written in ASCII")

    @property
    def code6(self) -> str:
        """The five digits and their check digit."""
        return self.code + municipality_code_check_digit(self.code)
