"""What a form asks for, and reading what was typed."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Literal, TypeVar

from warifu.errors import Malformed
from warifu.person import BirthDate, Name, Sex
from warifu.registry import RecordedName, Relationship, Residence, Stay
from warifu.wire.registry import Person

__all__ = ["Field", "Look", "Missing", "Values", "choice"]

E = TypeVar("E", bound=Enum)
Look = Literal["text", "code", "day", "choice", "check", "members", "relations", "member"]


class Missing(Malformed):
    """Something that the form needs was left out, or is not what it asks for."""

    def __init__(self, field: str) -> None:
        super().__init__(f"the field {field} is missing or not readable")
        self.field = field


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name, how it looks, whether it must be filled, and what can be chosen.

    `members` is a box for each person of the household, `relations` for each what the person becomes there, `member`
    one of them or nobody. `prefilled` names what of the person now stands in it at first.
    """

    name: str
    look: Look = "text"
    required: bool = True
    choices: tuple[str, ...] = ()
    prefilled: str = ""


def choice(name: str, kind: type[Enum], *, required: bool = True, prefilled: str = "") -> Field:
    """A field to choose one of an enumeration's values."""
    return Field(name, "choice", required, tuple(str(each.value) for each in kind), prefilled)


@dataclass(frozen=True, slots=True, repr=False)
class Values:
    """What was typed, by field. Where it is not what it should be, reading it raises `Missing`."""

    typed: Mapping[str, str]

    def maybe(self, name: str) -> str | None:
        """A text that may be left out."""
        return self.typed.get(name, "").strip() or None

    def text(self, name: str) -> str:
        """A text that must be there."""
        found = self.maybe(name)
        if found is None or any(unicodedata.category(each) == "Cc" for each in found):
            raise Missing(name)  # databases refuse some control characters altogether
        return found

    def checked(self, name: str) -> bool:
        """Whether a box is ticked."""
        return self.typed.get(name) == "yes"

    def day(self, name: str) -> date:
        """A day that must be there."""
        try:
            return date.fromisoformat(self.text(name))
        except ValueError:
            raise Missing(name) from None

    def maybe_day(self, name: str) -> date | None:
        """A day that may be left out."""
        return self.day(name) if self.maybe(name) else None

    def chosen(self, name: str, kind: type[E]) -> E:
        """One of an enumeration's values."""
        try:
            return kind(self.text(name))
        except ValueError:
            raise Missing(name) from None

    def maybe_chosen(self, name: str, kind: type[E]) -> E | None:
        """One of them, or none."""
        return self.chosen(name, kind) if self.maybe(name) else None

    def ticked(self, name: str) -> list[str]:
        """The people whose boxes are ticked, by holder."""
        return [key.partition(".")[2] for key, value in self.typed.items() if _of(name, key) and value == "yes"]

    def relations(self, name: str) -> dict[str, Relationship]:
        """What each of the people becomes who does not stay as before."""
        typed = {key.partition(".")[2]: value for key, value in self.typed.items() if _of(name, key) and value}
        try:
            return {holder: Relationship(value) for holder, value in typed.items()}
        except ValueError:
            raise Missing(name) from None

    def name(self) -> RecordedName:
        """A name with what stands beside it."""
        former, alias, reading = (self.maybe(each) for each in ("former_surname", "alias", "reading"))
        return RecordedName(
            Name(self.text("name")),
            Name(reading) if reading else None,
            Name(former) if former else None,
            Name(alias) if alias else None,
        )

    def stay(self) -> Stay:
        """A foreign resident's stay."""
        return Stay(self.chosen("residence", Residence), self.maybe_day("until"))

    def person(self, relationship: Relationship) -> Person:
        """Somebody who was never in a register."""
        domicile, born, sex = self.maybe("domicile"), BirthDate(self.day("born")), self.chosen("sex", Sex)
        if domicile is not None:
            return Person(self.name(), born, sex, relationship, domicile=domicile)
        return Person(self.name(), born, sex, relationship, nationality=self.text("nationality"), stay=self.stay())


def _of(name: str, key: str) -> bool:
    return key.startswith(f"{name}.")
