"""Names and addresses as a register writes them."""

import unicodedata
from dataclasses import dataclass
from typing import Self

from warifu.errors import Malformed
from warifu.person.private import Private

# Control characters, directional and other invisible marks, halves of surrogate pairs, line and paragraph separators:
# none is a letter, and some make a page show another name than the one that was signed. Variation selectors (IVS, kept
# in names to tell one shape of a 漢字 from another) are category Mn and pass.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def check_text(text: str, longest: int) -> None:
    """Check that `text` can stand in a register.

    Raises:
        Malformed: empty, over `longest` characters, a space at either end, or an invisible character.
    """
    if not 0 < len(text) <= longest:
        raise Malformed(f"the text does not have 1 to {longest} characters")
    if text != text.strip():
        raise Malformed("the text begins or ends with a space")
    # Printable text has none of these, and asking so costs little; U+3000 is a space and counts as not printable.
    if text.replace("\u3000", "").isprintable():
        return
    if any(unicodedata.category(character) in _INVISIBLE for character in text):
        raise Malformed("the text has an invisible character")


@dataclass(frozen=True, slots=True, repr=False)
class Name(Private):
    """A person's name (氏名): 1..100 characters, U+3000 between family and given name.

    Names of foreign residents may stand in Latin letters with ordinary spaces, and then have one part only. Characters
    outside the Basic Multilingual Plane and variation sequences are ordinary here (外字: 𠮷, 髙, 﨑, 葛󠄀).
    """

    LONGEST = 100
    SEPARATOR = "\u3000"

    text: str

    def __post_init__(self) -> None:
        check_text(self.text, self.LONGEST)

    @classmethod
    def of(cls, family: str, given: str) -> Self:
        """The name of a family and a given name.

        Raises:
            Malformed: a part is empty or the separator is in the family name.
        """
        check_text(family, cls.LONGEST)
        check_text(given, cls.LONGEST)
        if cls.SEPARATOR in family:
            raise Malformed("the separator is in the family name")
        return cls(family + cls.SEPARATOR + given)

    @property
    def family(self) -> str:
        """What stands before the first separator, or the whole name."""
        return self.text.partition(self.SEPARATOR)[0]

    @property
    def given(self) -> str | None:
        """What stands behind the first separator; None in a name of one part."""
        return self.text.partition(self.SEPARATOR)[2] or None


@dataclass(frozen=True, slots=True, repr=False)
class Address(Private):
    """An address (住所): 1..200 characters, from the prefecture on, usually full-width, no postal code."""

    LONGEST = 200

    text: str

    def __post_init__(self) -> None:
        check_text(self.text, self.LONGEST)
