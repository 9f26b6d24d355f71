"""The life of a certificate: which event leads from which state to which, why, and under which article.

A certificate is recorded as issued before anybody receives it. Delivery makes it valid; one that never reaches its
holder is discarded. From then on only bad things happen to it: it is held, or it is revoked, and both count from the
moment they are recorded (公的個人認証法 第15条, 第16条の14, 第34条, 第35条の14), never from an earlier one. A hold is
never released but for a phone's authentication certificate, whose holder found the phone. All other holds end in
revocation, and then the date of the hold stays the date of the revocation (ITU-T X.509, reasonCode extension,
certificateHold): a signature made in between must not become valid again.

Events repeat: notifications arrive twice, a hotline is called again. What already has the state an event leads to stays
as it is, with its first moment and reason, and so does a revoked certificate that is asked to be held or revoked again.
Whatever the table does not list is refused. A phone's certificate hears nothing of its holder's moves and of the
resident record: it falls with the card's certificate of the same kind. After its end of validity nothing happens to a
certificate any more.

Sources: the articles are those of 公的個人認証法 (平成14年法律第153号), signing certificate first, authentication
certificate second; the meaning of reasons is that of `pki.Reason`.
Modelled: which reason belongs to which event is public for some events only; those marked below are our reading.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from warifu.ca.record import Entry, State
from warifu.errors import NotAllowed
from warifu.pki import CertificateKind, Medium, Reason, Revocation

_SIGNING = frozenset({CertificateKind.SIGNING})
_AUTHENTICATION = frozenset({CertificateKind.AUTHENTICATION})
_BOTH = _SIGNING | _AUTHENTICATION
_CARD = frozenset({Medium.CARD})
_PHONE = frozenset({Medium.PHONE})
_ANY = _CARD | _PHONE
_LIVING = frozenset({State.ISSUED, State.VALID, State.HELD})


class Event(Enum):
    """What can happen to a certificate."""

    ISSUED = "issued"
    """It was signed under its serial number and recorded."""
    DELIVERED = "delivered"
    """The holder has it."""
    DISCARDED = "discarded"
    """It never reached the holder."""
    REVOCATION_REQUESTED = "revocation_requested"
    """The holder applied for revocation (失効申請)."""
    KEY_COMPROMISED = "key_compromised"
    """The holder reported that the private key leaked or was lost, or that its medium no longer works."""
    CARD_INVALIDATED = "card_invalidated"
    """The card lost its effect, which counts as such a report."""
    ATTRIBUTES_CHANGED = "attributes_changed"
    """Name, address, birth date or sex was corrected in the resident record, beyond a minor way (軽微な修正)."""
    MOVED_AWAY = "moved_away"
    """The resident record was deleted because the holder moved away (転出届)."""
    RECORD_DELETED = "record_deleted"
    """The resident record, or for those abroad its annex, was deleted for another reason: death and the like."""
    MOVE_NOT_COMPLETED = "move_not_completed"
    """Moved out and, 30 days after the planned date, moved in nowhere."""
    CONTENT_WRONG = "content_wrong"
    """What was recorded in the certificate was wrong."""
    AUTHORITY_COMPROMISED = "authority_compromised"
    """The authority's own key leaked."""
    RENEWED = "renewed"
    """A new certificate takes its place."""
    HELD = "held"
    """Suspended at the holder's call (一時保留)."""
    HOLD_LIFTED = "hold_lifted"
    """The holder found the phone and lifted the hold."""
    HOLD_ENDED = "hold_ended"
    """What was held has been found and is not taken back: the holder applies for a new certificate instead."""
    CARD_CERTIFICATE_REVOKED = "card_certificate_revoked"
    """The card's certificate of the same kind, on which the phone's stands, was revoked."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One row of the table."""

    event: Event
    before: frozenset[State]
    after: State
    reason: Reason | None
    kinds: frozenset[CertificateKind]
    media: frozenset[Medium]
    article: str


def _revocation(
    event: Event, reason: Reason, article: str, kinds: Iterable[CertificateKind] = _BOTH, media: Iterable[Medium] = _ANY
) -> Edge:
    return Edge(event, _LIVING, State.REVOKED, reason, frozenset(kinds), frozenset(media), article)


_APPLIED = frozenset({State.APPLIED})
_ISSUED = frozenset({State.ISSUED})
_HELD = frozenset({State.HELD})
_USABLE = frozenset({State.ISSUED, State.VALID})
_LOST = "www2.jpki.go.jp, procedure/lost"

EDGES: tuple[Edge, ...] = (
    Edge(Event.ISSUED, _APPLIED, State.ISSUED, None, _BOTH, _CARD, "第3条第6項, 第22条第6項"),
    Edge(Event.ISSUED, _APPLIED, State.ISSUED, None, _BOTH, _PHONE, "第16条の2第6項, 第35条の2"),
    Edge(Event.DELIVERED, _ISSUED, State.VALID, None, _BOTH, _CARD, "第3条第7項, 第22条第7項"),
    Edge(Event.DELIVERED, _ISSUED, State.VALID, None, _BOTH, _PHONE, "第16条の2第7項, 第35条の2"),
    Edge(Event.DISCARDED, _ISSUED, State.REVOKED, Reason.UNSPECIFIED, _BOTH, _ANY, "CPS §4.9.9"),
    _revocation(Event.REVOCATION_REQUESTED, Reason.CESSATION_OF_OPERATION, "第9条, 第28条", _BOTH, _CARD),
    _revocation(Event.REVOCATION_REQUESTED, Reason.CESSATION_OF_OPERATION, "第16条の8, 第35条の8", _BOTH, _PHONE),
    _revocation(Event.KEY_COMPROMISED, Reason.KEY_COMPROMISE, "第10条, 第29条", _BOTH, _CARD),
    _revocation(Event.KEY_COMPROMISED, Reason.KEY_COMPROMISE, "第16条の9, 第35条の9", _BOTH, _PHONE),
    # Modelled reason: a card given back or out of force is no longer needed.
    _revocation(Event.CARD_INVALIDATED, Reason.CESSATION_OF_OPERATION, "施行規則 第17条, 第53条", _BOTH, _CARD),
    _revocation(Event.ATTRIBUTES_CHANGED, Reason.AFFILIATION_CHANGED, "第12条第1号", _SIGNING, _CARD),
    # Modelled reason: the address in the certificate is no longer the holder's.
    _revocation(Event.MOVED_AWAY, Reason.AFFILIATION_CHANGED, "第12条第2号", _SIGNING, _CARD),
    _revocation(
        Event.RECORD_DELETED,
        Reason.CESSATION_OF_OPERATION,
        "第12条第2号, 第3号, 第31条第1項第1号, 第3号",
        _BOTH,
        _CARD,
    ),
    # Modelled reason.
    _revocation(Event.MOVE_NOT_COMPLETED, Reason.CESSATION_OF_OPERATION, "第31条第1項第2号", _AUTHENTICATION, _CARD),
    # Modelled reason: of those in use, "contents changed" is nearest to "contents wrong".
    _revocation(Event.CONTENT_WRONG, Reason.AFFILIATION_CHANGED, "第13条, 第32条", _BOTH, _CARD),
    _revocation(Event.CONTENT_WRONG, Reason.AFFILIATION_CHANGED, "第16条の11, 第35条の11", _BOTH, _PHONE),
    _revocation(Event.AUTHORITY_COMPROMISED, Reason.CA_COMPROMISE, "第14条, 第33条", _BOTH, _CARD),
    _revocation(Event.AUTHORITY_COMPROMISED, Reason.CA_COMPROMISE, "第16条の12, 第35条の12", _BOTH, _PHONE),
    _revocation(Event.RENEWED, Reason.SUPERSEDED, "第9条, 第28条, 施行規則 第13条, 第49条", _BOTH, _CARD),
    _revocation(Event.RENEWED, Reason.SUPERSEDED, "第16条の8, 第35条の8", _BOTH, _PHONE),
    Edge(Event.HELD, _USABLE, State.HELD, Reason.CERTIFICATE_HOLD, _BOTH, _ANY, "CPS §4.9.9"),
    Edge(Event.HOLD_LIFTED, _HELD, State.VALID, None, _AUTHENTICATION, _PHONE, _LOST),
    Edge(Event.HOLD_ENDED, _HELD, State.REVOKED, Reason.SUPERSEDED, _BOTH, _CARD, _LOST),
    Edge(Event.HOLD_ENDED, _HELD, State.REVOKED, Reason.SUPERSEDED, _SIGNING, _PHONE, _LOST),
    # Modelled reason.
    _revocation(Event.CARD_CERTIFICATE_REVOKED, Reason.CESSATION_OF_OPERATION, "第16条の13, 第35条の13", _BOTH, _PHONE),
)

EXPIRY = "第15条第1項第5号, 第16条の14第1項第5号, 第34条第1項第5号, 第35条の14第1項第5号"
"""The articles under which a certificate ends by itself; no event stands for it, and nothing is recorded."""

_BY_WHAT = {(edge.event, kind, medium): edge for edge in EDGES for kind in edge.kinds for medium in edge.media}
_ENDING = frozenset({State.HELD, State.REVOKED})


def follow(entry: Entry, event: Event, now: datetime) -> Entry:
    """The entry after `event`, recorded at `now`; the same entry if the event repeats what is so already.

    Raises:
        NotAllowed: the table has no such edge, or the certificate has expired.
    """
    if entry.has_expired(now):
        raise NotAllowed("the certificate has expired; nothing happens to it any more")
    edge = _BY_WHAT.get((event, entry.kind, entry.medium))
    if edge is None:
        raise NotAllowed(f"this does not happen to a {entry.medium.value}'s {entry.kind.value} certificate")
    if entry.state is edge.after or (entry.state is State.REVOKED and edge.after in _ENDING):
        return entry
    if entry.state not in edge.before:
        raise NotAllowed(f"a certificate that is {entry.state.value} cannot be {event.value.replace('_', ' ')}")
    return replace(entry, state=edge.after, revocation=_revoked(entry, edge, now))


def affected(entries: Iterable[Entry], event: Event) -> list[Entry]:
    """Those of `entries` to whose kind and medium `event` can happen."""
    return [entry for entry in entries if (event, entry.kind, entry.medium) in _BY_WHAT]


def _revoked(entry: Entry, edge: Edge, now: datetime) -> Revocation | None:
    if edge.reason is None:
        return None
    # A clock that was set back does not let a certificate end before it began.
    since = entry.revocation.at if entry.revocation else max(now.replace(microsecond=0), entry.not_before)
    return Revocation(since, edge.reason)
