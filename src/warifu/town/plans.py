"""How a persona is written down: who it is, and what happened to each of its cards.

Days count back from the day the town is founded.
"""

from dataclasses import dataclass
from typing import Literal

from warifu.ca import Event
from warifu.card import Profile
from warifu.person import Sex
from warifu.pki import CertificateKind

__all__ = ["CardPlan", "Happening", "HolderPlan", "Persona"]

Former = Literal["name", "address", "number"]

_ALONE_FROM = 18


@dataclass(frozen=True, slots=True)
class Happening:
    """What the authority recorded about a card's certificates, `days_ago` days before the founding."""

    event: Event
    days_ago: int
    kinds: tuple[CertificateKind, ...] = (CertificateKind.AUTHENTICATION, CertificateKind.SIGNING)


@dataclass(frozen=True, slots=True)
class HolderPlan:
    """What of a person is fixed; the seed decides the rest.

    `age` is the age at the founding; `birthday_in_days` puts the birthday so many days after it. A twin has the family,
    the birth date and the address of the persona named.
    """

    name: str | None = None
    address: str | None = None
    sex: Sex | None = None
    municipality: str | None = None
    age: int | None = None
    birthday_in_days: int | None = None
    twin_of: str | None = None
    western_year: bool = False


@dataclass(frozen=True, slots=True)
class CardPlan:
    """One card: when it was issued, what kind it is, what happened, how many tries are left where not all are.

    `former` is what changed afterwards: the first signing certificate still has the old name or address, the chip has
    the new one; an old individual number stays on the chip, for the card ends with it. `signing_renewed` is how many
    days ago a new signing certificate was issued for a new key, `phone` how many days ago the holder signed with this
    card for certificates on a phone.
    """

    name: str
    issued_days_ago: int = 400
    profile: Profile = Profile.ADULT
    happenings: tuple[Happening, ...] = ()
    former: Former | None = None
    signing_renewed: int | None = None
    phone: int | None = None
    authentication_tries: int | None = None
    text_tries: int | None = None
    signing_tries: int | None = None


@dataclass(frozen=True, slots=True)
class Persona:
    """One inhabitant: what it shows, in Japanese and English, who it is, and its cards.

    `protected` is how many days ago the municipality began to keep the address from others (支援措置).
    """

    name: str
    japanese: str
    english: str
    holder: HolderPlan = HolderPlan()
    cards: tuple[CardPlan, ...] = ()
    protected: int | None = None

    @property
    def is_child(self) -> bool:
        """Whether somebody else is the head of the household that this person lives in, and not a twin."""
        return self.holder.age is not None and self.holder.age < _ALONE_FROM
