"""What nobody may choose as a PIN."""

from warifu.errors import NotAllowed
from warifu.person import BirthDate

_CODE_AT = 10


def check_choice(pin: str, birth_date: BirthDate, matching_number_b: str | None) -> None:
    """Check that a four-digit PIN is not what stands on the card's face anyway.

    Refused are the birth year, month and day, year and month (two digits of the Western year, or of the era's), and the
    security code. Several PINs may be equal (暗証番号の統一).
    Source: what municipalities tell those who choose PINs (nothing easily guessed, such as the birth date). Modelled:
    which forms of the birth date are refused, and the security code with them.

    Raises:
        NotAllowed: it is. The message does not say which.
    """
    year, month_and_day = birth_date.digits[:4], birth_date.digits[4:]
    known = {year, month_and_day} | {short + month_and_day[:2] for short in (year[2:], birth_date.era_year)}
    if matching_number_b is not None:
        known.add(matching_number_b[_CODE_AT:])
    if pin in known:
        raise NotAllowed("a PIN is neither the birth date nor the security code")
