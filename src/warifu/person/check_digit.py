"""Check digits (検査用数字) of the numbers that registers give to people and municipalities.

All three take the digits before the check digit, weigh them, and work modulo 11. None of them proves that a number was
ever given to anybody: one wrong digit in sixty passes unseen, because two remainders share the check digit 0.
"""

from operator import mul

from warifu.errors import Malformed

_INDIVIDUAL_NUMBER = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_RESIDENT_RECORD_CODE = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_MUNICIPALITY_CODE = (6, 5, 4, 3, 2)


def individual_number_check_digit(body: str) -> str:
    """The check digit of an individual number (個人番号) with these 11 digits before it.

    Raises:
        Malformed: not 11 ASCII digits.

    Source: 平成26年総務省令第85号 第5条: Q_n is n+1 for n up to 6, then n-5, counted from the least significant digit;
    11 minus the sum modulo 11, and 0 where the remainder is 0 or 1.
    """
    remainder = _weighted_sum(body, _INDIVIDUAL_NUMBER) % 11
    return "0" if remainder <= 1 else str(11 - remainder)


def resident_record_code_check_digit(body: str) -> str:
    """The check digit of a resident record code (住民票コード) with these 10 digits before it.

    Raises:
        Malformed: not 10 ASCII digits.

    Source: 住民基本台帳法施行規則 第1条 (ten digits and a check digit; the rule is in 平成14年総務省告示第436号).
    Modelled: the text of the notice is not at hand. The weights were recovered from three published specimen codes and
    are those of the individual number's last ten digits; that remainders 0 and 1 give 0 is assumed by analogy.
    """
    remainder = _weighted_sum(body, _RESIDENT_RECORD_CODE) % 11
    return "0" if remainder <= 1 else str(11 - remainder)


def municipality_code_check_digit(body: str) -> str:
    """The sixth digit of a municipality code (全国地方公共団体コード) with these 5 digits before it.

    Raises:
        Malformed: not 5 ASCII digits.

    Source: 総務省「全国地方公共団体コード」検査数字の算出方法 (the five digits are JIS X 0401 and JIS X 0402): 11 minus
    the remainder, of which the last digit counts.
    """
    return str((11 - _weighted_sum(body, _MUNICIPALITY_CODE) % 11) % 10)


def _weighted_sum(body: str, weights: tuple[int, ...]) -> int:
    check_digits_only(body, len(weights))
    return sum(map(mul, map(int, body), weights))


def check_digits_only(text: str, length: int) -> None:
    """Check that `text` is `length` ASCII digits (full-width digits are not).

    Raises:
        Malformed: it is not; the message does not repeat it.
    """
    if len(text) != length or not (text.isascii() and text.isdigit()):
        raise Malformed(f"not {length} digits")
