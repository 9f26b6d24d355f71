"""What municipalities decide by handling rules rather than by law, as configuration; and who may have what.

Modelled: the numbers. The handling rules (事務処理要領) are not public; municipalities' own pages tell these.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from warifu.errors import NotAllowed
from warifu.messages import OrderedKind
from warifu.person import SIGNING_AGE
from warifu.registry.card_record import CardHolder
from warifu.registry.card_validity import age_on

MONTHS_BEFORE_END: Final = 3
"""Card and certificates are renewed when less than three months are left (カード命令 第29条第1項)."""
MONTHS_BEFORE_END_ABROAD: Final = 12
"""Abroad a card is renewed in its last year (the same article)."""


@dataclass(frozen=True, slots=True)
class CardRules:
    """Ages in years, and how long a card waits.

    `signing_age` and `ward_may_sign` decide who gets a signing certificate; for who is younger than
    `own_application_age` a guardian acts; a card of somebody younger than `photo_age` has no photo. A card that nobody
    collects is kept for `kept_for`, counted from the application.
    """

    signing_age: int = SIGNING_AGE
    ward_may_sign: bool = False
    own_application_age: int = 15
    photo_age: int = 1
    kept_for: timedelta = timedelta(days=365)


STANDARD_RULES: Final = CardRules()


def check_holder(holder: CardHolder) -> None:
    """Check that there is somebody who can have a card.

    Raises:
        NotAllowed: the person is dead, or in no resident record and no annex.
    """
    if not holder.alive:
        raise NotAllowed("the person is dead")
    if not holder.registered:
        raise NotAllowed("the person is in no resident record")


def check_kinds(
    holder: CardHolder, kinds: frozenset[OrderedKind], *, pins: bool, rules: CardRules, today: date
) -> None:
    """Check that the holder may have certificates of these kinds.

    Raises:
        NotAllowed: a signing certificate for somebody too young, for a ward or on a card without PINs; or a card
            without PINs that has no authentication certificate, for which alone it is.
    """
    if not pins and OrderedKind.AUTHENTICATION not in kinds:
        raise NotAllowed("a face-verification card has an authentication certificate")
    if OrderedKind.SIGNING not in kinds:
        return
    if not pins:
        raise NotAllowed("a face-verification card has no signing certificate")
    if age_on(holder.attributes.birth_date.date, today) < rules.signing_age:
        raise NotAllowed("the holder is too young for a signing certificate")
    if holder.ward and not rules.ward_may_sign:
        raise NotAllowed("a ward has no signing certificate")


def months_before(day: date, months: int) -> date:
    """The day so many months before; the last of the month where there is no such day (民法 第143条第2項)."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def is_soon_over(expires: date, today: date, months: int = MONTHS_BEFORE_END) -> bool:
    """Whether less than so many months are left until the end of that day."""
    return today > months_before(expires, months)
