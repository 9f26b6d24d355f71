"""A person's name as the resident record has it: the name, how it is read, a former surname, an alias."""

from dataclasses import dataclass

from warifu.errors import Malformed
from warifu.person import Name


def _check_reading(text: str) -> None:
    if not all(character in " \u3000・ー" or "ァ" <= character <= "ヺ" for character in text):
        raise Malformed("a reading is written in katakana")


@dataclass(frozen=True, slots=True, repr=False)
class RecordedName:
    """The name (氏名) with its reading (振り仮名), and what may stand beside it.

    `former_surname` (旧氏) is of people with a Japanese surname, `alias` (通称) of foreign residents; nobody has both.
    The reading is katakana, family and given name separated like the name's; a name in Latin letters may have none.

    Source: 住民基本台帳法 第7条第1号, 第1号の2 (reading, since 2025-05-26); 住民基本台帳法施行令 第30条の13 (旧氏),
    第30条の16 (通称).
    """

    name: Name
    reading: Name | None = None
    former_surname: Name | None = None
    alias: Name | None = None

    def __post_init__(self) -> None:
        if self.reading is not None:
            _check_reading(self.reading.text)
        if self.former_surname is not None and self.alias is not None:
            raise Malformed("nobody has a former surname and an alias")
        if self.former_surname is not None and self.name.given is None:
            raise Malformed("a former surname stands beside a surname")

    def __repr__(self) -> str:
        return "RecordedName(not shown)"

    @property
    def shown(self) -> Name:
        """The name as card and certificate have it: with the former surname or the alias in it.

        Source: 公的個人認証法施行規則 第80条, 第81条 (both count as part of the name).
        Modelled: how they are joined. A former surname stands in square brackets behind the surname, an alias in round
        ones behind the name, both full-width.
        """
        if self.former_surname is not None and self.name.given is not None:
            return Name.of(f"{self.name.family}［{self.former_surname.text}］", self.name.given)
        if self.alias is not None:
            return Name(f"{self.name.text}（{self.alias.text}）")
        return self.name
