"""What will soon be over: whom to write to, three months before the end of a card or of its certificates.

A card and its certificates end on birthdays, an adult's certificates after five and the card after ten. So in the fifth
year the certificates alone are ordered anew at the window (`order_certificate`), and in the tenth a new card is applied
for (`Ground.SOON_OVER`). Either way, renewed in the last three months, the new one lives until the sixth or the
eleventh birthday, because the one still running is given up (カード命令 第29条第3項, 公的個人認証法施行規則 第13条,
第49条; the authority counts for certificates). Nothing ends when a child comes of age: the card runs on until its own
last day, and from `CardRules.signing_age` on a signing certificate can be ordered for it.

J-LIS sends the notices (有効期限通知書); Modelled: on the first day of the last three months.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum

from warifu.registry.card_record import Card, CardState, CertificateNote
from warifu.registry.card_rules import is_soon_over
from warifu.registry.card_validity import day_of


class Renewable(Enum):
    """What a notice is about; the values of certificates are those of `OrderedKind`."""

    CARD = "card"
    SIGNING = "signing"
    AUTHENTICATION = "authentication"


@dataclass(frozen=True, slots=True)
class RenewalNotice:
    """A notice to a holder: what ends, and on which day it can be used last."""

    holder: str
    card: str
    what: Renewable
    last_day: date


def find_renewals(cards: Iterable[Card], today: date) -> list[RenewalNotice]:
    """The notices for those of `cards` that are in use. A card that is soon over takes its certificates with it."""
    living = [card for card in cards if card.state is CardState.IN_FORCE and not card.has_expired(today)]
    return [notice for card in living for notice in _notices(card, today)]


def _notices(card: Card, today: date) -> list[RenewalNotice]:
    if card.expires is not None and is_soon_over(card.expires, today):
        return [RenewalNotice(card.holder, card.id, Renewable.CARD, card.expires)]
    found = []
    for each in sorted(card.certificates, key=lambda each: each.kind.value):
        if each.note is CertificateNote.ON_CARD and each.not_after is not None:
            last = day_of(each.not_after)
            if last >= today and is_soon_over(last, today):
                found.append(RenewalNotice(card.holder, card.id, Renewable(each.kind.value), last))
    return found
