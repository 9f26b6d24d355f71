"""Which certificates one took the place of (新旧シリアル番号の紐付け), told to who verifies that kind.

A holder is known over a renewal because the authority, which alone knows whose certificates are whose, tells the
numbers of those before. It goes back from one certificate to the one before it as long as nothing lay between: the
older one was in effect until the newer one was issued. Where the older one had lapsed or been revoked earlier, somebody
came back after a time without any certificate, and the chain ends there.

Modelled: the Act names links between media and kinds (第18条第4項, 第5項, 第37条第3項) and none between old and new.
That verifiers are told nevertheless follows from what platform operators offer (利用者の特定), and from relying parties
whose users stay known over a renewal, and sometimes not after a lapse (UTokyo, utelecon, 2025-09).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from warifu.ca.access import Recipient, Service, check_may_receive, grant_of
from warifu.ca.record import Entry, State
from warifu.errors import NotAllowed
from warifu.pki import CertificateKind, Medium

__all__ = ["LONGEST_GAP", "Predecessors", "predecessors"]

LONGEST_GAP = timedelta(days=1)
"""How long a holder may have been without a certificate for the next one to count as its successor.

Modelled: an old card is invalidated and the new one's certificates are issued at the same counter on the same day.
"""


@dataclass(frozen=True, slots=True)
class Predecessors:
    """The medium of the certificate asked about, and those that it took the place of, the newest first."""

    medium: Medium
    entries: tuple[Entry, ...] = field(repr=False)


def predecessors(
    asked: Entry, of_holder: Iterable[Entry], recipient: Recipient, purpose: str, now: datetime
) -> Predecessors:
    """What `asked` took the place of; `of_holder` are all that its holder has in the record.

    Raises:
        NotAllowed: of this kind nothing is told, the recipient may not ask, or declares another purpose.
    """
    if asked.kind is not CertificateKind.AUTHENTICATION:
        raise NotAllowed("of signing certificates, the newest attributes' service tells the new number")
    check_may_receive(recipient, Service.AUTHENTICATION_SUCCESSION, now)
    if purpose != grant_of(Service.AUTHENTICATION_SUCCESSION).purpose:
        raise NotAllowed("the numbers may be used for recognising their holder and for nothing else")
    alike = [
        entry
        for entry in of_holder
        if (entry.kind, entry.medium) == (asked.kind, asked.medium) and entry.state is not State.APPLIED
    ]
    return Predecessors(asked.medium, tuple(_chain(asked, alike)))


def _chain(asked: Entry, alike: list[Entry]) -> Iterable[Entry]:
    """From one to the one before it, until there was a time without any."""
    newer = asked
    for older in sorted((entry for entry in alike if _age(entry) < _age(asked)), key=_age, reverse=True):
        if newer.not_before - _ended(older) > LONGEST_GAP:
            return
        yield older
        newer = older


def _age(entry: Entry) -> tuple[datetime, int]:
    return entry.not_before, entry.serial_number


def _ended(entry: Entry) -> datetime:
    """When it was of use last: a hold that became a revocation counts from the hold (ITU-T X.509, certificateHold)."""
    return entry.not_after if entry.revocation is None else min(entry.revocation.at, entry.not_after)
