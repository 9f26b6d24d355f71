"""What the register tells the certification authorities: events of people and of their cards.

The register says what happened; which certificates end, and why, is the authority's to decide. A person is a `holder`
here: 32 random hexadecimal digits, the same for life, neither of the two numbers and derived from nothing. Every
message has an `id` of the same form, by which a message that arrives twice is recognised.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import ClassVar, Self

from warifu.errors import Malformed
from warifu.messages import json
from warifu.messages.fields import check_id, read_choice, read_choices, read_moment, whole_seconds, write_choices


class Attribute(Enum):
    """One of the four basic attributes (基本4情報)."""

    NAME = "name"
    ADDRESS = "address"
    BIRTH_DATE = "birth_date"
    SEX = "sex"


class Cause(Enum):
    """Why a resident record was written, corrected or deleted (異動事由)."""

    BIRTH = "birth"
    MOVE_IN = "move_in"
    """Moved in from another municipality or from abroad (転入)."""
    MOVE_OUT = "move_out"
    """The record of the municipality that was left is deleted (転出)."""
    MOVE_WITHIN = "move_within"
    """Moved inside of the municipality (転居)."""
    MOVE_NOT_COMPLETED = "move_not_completed"
    """Moved out and, 30 days after the planned date, in nowhere (公的個人認証法 第31条第1項第2号)."""
    CORRECTION = "correction"
    """The record was corrected (職権修正 and 申出); a minor one kills nothing (公的個人認証法施行規則 第20条)."""
    NAME_CHANGE = "name_change"
    """Another name, a former surname (旧氏) or an alias (通称) on record or off it."""
    NATURALISATION = "naturalisation"
    DEATH = "death"
    LEAVING_COUNTRY = "leaving_country"
    """Moved abroad (国外転出); who is Japanese lives on in the annex (戸籍の附票)."""
    ANNEX_DELETED = "annex_deleted"
    """The annex of somebody abroad was deleted (公的個人認証法 第12条第1項第3号, 第31条第1項第3号)."""
    DELETION = "deletion"
    """Deleted for another reason: found not to live there, or a foreign resident's stay ended (職権消除)."""
    RECORDING_ERROR = "recording_error"
    """What was recorded in a certificate was wrong (公的個人認証法 第13条, 第32条)."""


class MinorCorrection(Enum):
    """The seven minor corrections (軽微な修正), after which a certificate stays as it is.

    Source: 公的個人認証法施行規則 第20条.
    """

    PLAIN_CHARACTER = "plain_character"
    """An uncommon character became a common and plain one."""
    CHARACTER_IDENTIFIED = "character_identified"
    """A character was identified with one of the unified set (文字の同定)."""
    DISTRICT_RENAMED = "district_renamed"
    """An administrative district or a town was renamed."""
    LOT_NUMBER_CHANGED = "lot_number_changed"
    """The lot number (地番) changed."""
    RESIDENTIAL_INDICATION = "residential_indication"
    """Residential indication (住居表示) was introduced."""
    BUILDING_RENAMED = "building_renamed"
    """The building was renamed, or its landlord changed (方書)."""
    ACCEPTED_BY_MINISTER = "accepted_by_minister"
    """Another one that the minister accepts."""


class CardHappening(Enum):
    """What happened to a card, or at the window or the hotline for its sake."""

    DELIVERED = "delivered"
    DISCARDED = "discarded"
    """It never reached its holder."""
    RETURNED = "returned"
    """Given back (返納)."""
    LOST = "lost"
    """Lost, found unusable, or a key on it is no longer its holder's alone."""
    INVALIDATED = "invalidated"
    """Out of force before its time (失効; 番号法 第17条第10項)."""
    EXPIRED = "expired"
    HELD = "held"
    """Suspended by the hotline (一時停止)."""
    HOLD_LIFTED = "hold_lifted"
    """A hold is over, where it may be: a phone's authentication certificate only."""
    PHONE_HELD = "phone_held"
    PHONE_HOLD_LIFTED = "phone_hold_lifted"
    PHONE_GIVEN_UP = "phone_given_up"
    """The holder stops using the phone that has certificates (公的個人認証法 第16条の8第3項)."""
    SIGNING_REVOCATION_ASKED = "signing_revocation_asked"
    """The holder applied at the window for revocation of the card's signing certificate (公的個人認証法 第9条)."""
    AUTHENTICATION_REVOCATION_ASKED = "authentication_revocation_asked"
    """The same for the card's authentication certificate (公的個人認証法 第28条)."""


@dataclass(frozen=True, slots=True)
class ResidentEvent:
    """One event of a person.

    Wire: JSON object; `type` is ``resident_event``, `id` and `holder` 32 lower-case hexadecimal digits, `cause` and
    `minor` (or null) the values of the enums, `changed` a list of values in alphabetical order, `at` whole seconds
    since 1970 UTC (a fraction is dropped when the value is made).

    `changed` names the basic attributes that are no longer what they were; `minor` stands with a correction only.
    """

    TYPE: ClassVar[str] = "resident_event"

    id: str
    holder: str
    cause: Cause
    changed: frozenset[Attribute]
    minor: MinorCorrection | None
    at: datetime

    def __post_init__(self) -> None:
        check_id(self.id)
        check_id(self.holder)
        object.__setattr__(self, "at", whole_seconds(self.at))
        if self.minor is not None and (self.cause is not Cause.CORRECTION or not self.changed):
            raise Malformed("a minor correction is a correction of something")

    def encode(self) -> bytes:
        """The JSON form."""
        return json.dump(
            {
                "type": self.TYPE,
                "id": self.id,
                "holder": self.holder,
                "cause": self.cause.value,
                "changed": write_choices(self.changed),
                "minor": self.minor.value if self.minor else None,
                "at": int(self.at.timestamp()),
            }
        )

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read the JSON form.

        Raises:
            Malformed: anything else.
        """
        text = dict.fromkeys(("type", "id", "holder", "cause"), str)
        members = json.load(data, {**text, "changed": list, "minor": (str, type(None)), "at": int})
        json.check_type(members, cls.TYPE)
        return cls(
            members["id"],
            members["holder"],
            read_choice(Cause, members["cause"]),
            read_choices(Attribute, members["changed"]),
            None if members["minor"] is None else read_choice(MinorCorrection, members["minor"]),
            read_moment(members["at"]),
        )


@dataclass(frozen=True, slots=True)
class CardEvent:
    """One event of a card.

    Wire: JSON object; `type` is ``card_event``, `id`, `holder` and `card` 32 lower-case hexadecimal digits, `what` the
    value of a `CardHappening`, `at` whole seconds since 1970 UTC (a fraction is dropped when the value is made).
    """

    TYPE: ClassVar[str] = "card_event"

    id: str
    holder: str
    card: str
    what: CardHappening
    at: datetime

    def __post_init__(self) -> None:
        for each in (self.id, self.holder, self.card):
            check_id(each)
        object.__setattr__(self, "at", whole_seconds(self.at))

    def encode(self) -> bytes:
        """The JSON form."""
        members = {"type": self.TYPE, "id": self.id, "holder": self.holder, "card": self.card}
        return json.dump({**members, "what": self.what.value, "at": int(self.at.timestamp())})

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read the JSON form.

        Raises:
            Malformed: anything else.
        """
        members = json.load(data, {**dict.fromkeys(("type", "id", "holder", "card", "what"), str), "at": int})
        json.check_type(members, cls.TYPE)
        what = read_choice(CardHappening, members["what"])
        return cls(members["id"], members["holder"], members["card"], what, read_moment(members["at"]))
