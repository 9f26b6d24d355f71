"""The four basic attributes, together."""

from dataclasses import dataclass

from warifu.person.birth_date import BirthDate
from warifu.person.name import Address, Name
from warifu.person.private import Private
from warifu.person.sex import Sex


@dataclass(frozen=True, slots=True, repr=False)
class BasicAttributes(Private):
    """The four basic attributes (基本4情報): name, address, birth date, sex.

    Source: 公的個人認証法 第7条 (what a signing certificate tells about its holder).
    """

    name: Name
    address: Address
    birth_date: BirthDate
    sex: Sex
