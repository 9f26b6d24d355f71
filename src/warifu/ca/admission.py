"""Whether somebody may have one more certificate: nobody has two of a kind on one medium, and a phone's needs a card's.

Both decide from all live certificates of the holder, which whoever keeps the record has gathered.
"""

from collections.abc import Iterable
from datetime import datetime

from warifu.ca.application import CertificateApplication
from warifu.ca.record import Entry
from warifu.errors import NotAllowed
from warifu.pki import CertificateKind, Medium


def room_for(
    application: CertificateApplication, live: Iterable[Entry], now: datetime, *, renewal: bool
) -> Entry | None:
    """The certificate that the new one takes the place of, if there is one; it is recorded as renewed in the same step.

    Raises:
        NotAllowed: the holder has one of this kind on this medium, and it is not to be renewed (公的個人認証法 第6条,
            第16条の5, 第25条, 第35条の5). One that is held is in the way too.
    """
    for entry in live:
        if entry.is_live(now) and (entry.kind, entry.medium) == (application.kind, application.medium):
            if not renewal:
                raise NotAllowed("the holder has a certificate of this kind that is still in effect")
            return entry
    return None


def card_certificate(kind: CertificateKind, live: Iterable[Entry], now: datetime) -> Entry | None:
    """The holder's certificate of this kind on a card, if it may be used now."""
    usable = (entry for entry in live if entry.kind is kind and entry.medium is Medium.CARD)
    return next((entry for entry in usable if entry.may_be_used(now)), None)


def check_stands_on_card(application: CertificateApplication, live: Iterable[Entry], now: datetime) -> None:
    """Check that a phone's certificate stands on good certificates of the holder's card.

    Both kinds need the card's signing certificate, whose key signed the application; each needs the card's certificate
    of its own kind, with which it ends.

    Raises:
        NotAllowed: one of them is not there or may not be used now, another one signed the application, or the new
            certificate would end at another time than the card's.

    Source: 公的個人認証法 第16条の2, 第16条の4, 第35条の2, 第35条の4; 施行令 第7条の2; 施行規則 第24条の9, 第59条の9.
    """
    entries = list(live)
    signing = card_certificate(CertificateKind.SIGNING, entries, now)
    if signing is None:
        raise NotAllowed("a phone's certificate needs a signing certificate on the card that may be used")
    if application.signed_with != signing.serial_number:
        raise NotAllowed("the application was not signed with the card's signing certificate")
    below = card_certificate(application.kind, entries, now)
    if below is None:
        raise NotAllowed("a phone's certificate needs the card's certificate of the same kind")
    if application.not_after != below.not_after:
        raise NotAllowed("a phone's certificate ends with the card's")
