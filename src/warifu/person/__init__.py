"""People as the registers write them: names, addresses, birth dates, sexes, and the numbers given to them.

A language, not a party: values that check themselves when they are made and keep themselves out of logs. Nothing here
knows where a value came from or whom it designates. Numbers are shown by `reveal()` only.
"""

from warifu.person.ages import SIGNING_AGE
from warifu.person.attributes import BasicAttributes
from warifu.person.birth_date import BirthDate, Era
from warifu.person.check_digit import (
    individual_number_check_digit,
    municipality_code_check_digit,
    resident_record_code_check_digit,
)
from warifu.person.municipality import Municipality
from warifu.person.name import Address, Name
from warifu.person.numbers import IndividualNumber, ResidentRecordCode
from warifu.person.sex import Sex

__all__ = [
    "SIGNING_AGE",
    "Address",
    "BasicAttributes",
    "BirthDate",
    "Era",
    "IndividualNumber",
    "Municipality",
    "Name",
    "ResidentRecordCode",
    "Sex",
    "individual_number_check_digit",
    "municipality_code_check_digit",
    "resident_record_code_check_digit",
]
