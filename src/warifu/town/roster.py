"""What the town knows about itself, in one small file: seed, founding, addresses, people and their cards.

Wire: ``town.json``, UTF-8. ``format`` is ``warifu town``; ``version`` counts, and a newer one is refused. Version 1 had
three PINs a card and no matching number B. There are no individual numbers in it, nor anything else that is secret
outside a town of invented people. The file is replaced in one step, so that who reads it meanwhile finds the old one or
the new one.
"""

import json
import os
import tempfile
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from warifu.errors import DataTooNew, Malformed, NotFound

__all__ = ["CardRow", "PersonRow", "Roster"]

_NAME = "town.json"
_FORMAT = "warifu town"
_VERSION = 2


@dataclass(frozen=True, slots=True, repr=False)
class CardRow:
    """A card of the town. A PIN that was never set, or that goes with a certificate the card has not, is empty."""

    name: str
    authentication_pin: str
    text_pin: str
    signing_password: str
    resident_pin: str = ""
    common_pin: str = ""
    matching_number_b: str = ""
    """What is printed on the card: birth date YYMMDD, year of expiry, security code."""
    one_pin: bool = False
    """The authentication PIN is all of those with four digits."""

    @property
    def pins(self) -> str:
        """All three in one line: authentication, text, signing."""
        return " / ".join(pin or "–" for pin in (self.authentication_pin, self.text_pin, self.signing_password))


@dataclass(frozen=True, slots=True, repr=False)
class PersonRow:
    """A person of the town: what it shows, and what a list of people needs."""

    name: str
    japanese: str
    english: str
    holder: str
    birth_date: str
    """YYYY-MM-DD."""
    address: str
    cards: tuple[CardRow, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Roster:
    """The town's own description."""

    seed: int
    founded: datetime
    port_base: int
    fresh_keys: bool
    people: tuple[PersonRow, ...]

    def write(self, folder: Path) -> None:
        """Write the file."""
        text = {"format": _FORMAT, "version": _VERSION, **asdict(self), "founded": self.founded.isoformat()}
        _put_in_place(folder / _NAME, json.dumps(text, ensure_ascii=False, indent=1).encode())

    def with_pin(self, card: str, pin: str, value: str) -> Self:
        """The same town, in which that card has another PIN; `pin` is the name of a `CardRow`'s field."""
        changed: dict[str, Any] = {pin: value}
        people = tuple(
            replace(
                person,
                cards=tuple(replace(row, **changed) if row.name == card else row for row in person.cards),
            )
            for person in self.people
        )
        return replace(self, people=people)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the file.

        Raises:
            NotFound: there is no town.
            DataTooNew: a newer warifu founded it.
            Malformed: it is something else.
        """
        try:
            members = json.loads((folder / _NAME).read_text("utf-8"))
        except FileNotFoundError:
            raise NotFound(f"there is no town in {folder.parent}") from None
        except ValueError:
            raise Malformed(f"{folder / _NAME} is damaged: start over") from None
        _check_version(members, folder)
        try:
            return cls(
                seed=int(members["seed"]),
                founded=datetime.fromisoformat(members["founded"]),
                port_base=int(members["port_base"]),
                fresh_keys=bool(members["fresh_keys"]),
                people=tuple(_person(row) for row in members["people"]),
            )
        except (KeyError, TypeError, ValueError):
            raise Malformed(f"{folder / _NAME} is damaged: start over") from None

    def person(self, name: str) -> PersonRow:
        """The person of that name.

        Raises:
            NotFound: there is none.
        """
        for person in self.people:
            if person.name == name:
                return person
        raise NotFound(f"nobody in this town is called {name!r}")


def _put_in_place(path: Path, data: bytes) -> None:
    """Write the file beside its place, bring it to the disk, then give it its name."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # mode 0600
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path)


def _check_version(members: Any, folder: Path) -> None:
    if not isinstance(members, dict) or members.get("format") != _FORMAT:
        raise Malformed(f"{folder / _NAME} does not describe a town")
    version = members.get("version")
    if not isinstance(version, int) or version < 1:
        raise Malformed(f"{folder / _NAME} does not say its version")
    if version > _VERSION:
        raise DataTooNew(f"the town in {folder.parent} was founded by a newer warifu: update warifu, or start over")


def _person(row: dict[str, Any]) -> PersonRow:
    return PersonRow(**{**row, "cards": tuple(CardRow(**card) for card in row["cards"])})
