"""Software cards by what they are: one name for each kind that a program may meet."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from warifu.card import Profile
from warifu.person import Address, BasicAttributes, BirthDate, Name, Sex
from warifu.testing.software_card import ATTRIBUTES, SoftwareCard, software_card

__all__ = ["CARD_KINDS", "CardKind"]

_CHILD = BasicAttributes(Name("割符　一葉"), ATTRIBUTES.address, BirthDate(date(2018, 5, 5)), Sex.FEMALE)
_FOREIGNER = BasicAttributes(
    Name("SMITH　JOHN　WARIFU（割符　ジョン）"),
    Address("大阪府大阪市北区架空町四丁目５番６号"),
    BirthDate(date(1990, 11, 3)),
    Sex.MALE,
)


@dataclass(frozen=True, slots=True, repr=False)
class CardKind:
    """A kind of card: its profile, and an invented holder."""

    profile: Profile
    attributes: BasicAttributes = ATTRIBUTES
    western_year: bool = False

    def make(self) -> SoftwareCard:
        """A new card of this kind, with the PINs of `software_card`."""
        return software_card(attributes=self.attributes, profile=self.profile, western_year=self.western_year)


CARD_KINDS: Mapping[str, CardKind] = MappingProxyType(
    {
        "a": CardKind(Profile.ADULT),
        "b": CardKind(Profile.ADULT.of_generation_b()),
        "child": CardKind(Profile.CHILD_WITHOUT_SIGNING, _CHILD),
        "foreign": CardKind(Profile.ADULT, _FOREIGNER, western_year=True),
        "face-verification": CardKind(Profile.FACE_VERIFICATION),
        "android": CardKind(Profile.ANDROID),
        "iphone": CardKind(Profile.IPHONE),
        "next-generation": CardKind(Profile.NEXT_GENERATION),
    }
)
"""The kinds by name: plastic of the two generations seen (a, b), a child's without signing certificate, a foreign
resident's with a Western year, the face-verification card without PINs, what two sorts of phone hold, and the card of
the next generation (modelled)."""
