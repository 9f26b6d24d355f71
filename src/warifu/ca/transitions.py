"""The life of a certificate: which event leads from which state to which, why, and under which article.

A certificate is recorded as issued before anybody receives it. Delivery makes it valid; one that never reaches its
holder is discarded. From then on only bad things happen to it: it is held, or it is revoked, and both count from the
moment they are recorded (公的個人認証法 第15条, 第34条), never from an earlier one. A hold of a card's certificate is
never released, it can only end in revocation, and then the date of the hold stays the date of the revocation (ITU-T
X.509, reasonCode extension, certificateHold): a signature made in between must not become valid again. Only a phone's
authentication certificate comes back from a hold, when its holder found the phone.

Events repeat: notifications arrive twice, a hotline is called again. What already has the state an event leads to stays
as it is, with its first moment and reason, and so does a revoked certificate that is asked to be held or revoked again.
Whatever the table does not list is refused. After its end of validity nothing happens to a certificate any more.

Sources: the articles are those of 公的個人認証法 (平成14年法律第153号), signing certificate first, authentication
certificate second; the meaning of reasons is that of `pki.Reason`.
Modelled: which reason belongs to which event is public for some events only; those marked below are our reading.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from warifu.ca.record import Entry, Medium, State
from warifu.errors import NotAllowed
from warifu.pki import CertificateKind, Reason, Revocation

_SIGNING = frozenset({CertificateKind.SIGNING})
_AUTHENTICATION = frozenset({CertificateKind.AUTHENTICATION})
_BOTH = _SIGNING | _AUTHENTICATION
_CARD = frozenset({Medium.CARD})
_PHONE = frozenset({Medium.PHONE})
_ANY = _CARD | _PHONE
_LIVING = frozenset({State.ISSUED, State.VALID, State.HELD})


class Event(Enum):
    """What can happen to a certificate."""

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
    RECORD_DELETED = "record_deleted"
    """The resident record, or for those abroad its annex, was deleted: death and the like."""
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


_ISSUED = frozenset({State.ISSUED})
_USABLE = frozenset({State.ISSUED, State.VALID})

EDGES: tuple[Edge, ...] = (
    Edge(Event.DELIVERED, _ISSUED, State.VALID, None, _BOTH, _ANY, "第3条, 第22条"),
    Edge(Event.DISCARDED, _ISSUED, State.REVOKED, Reason.UNSPECIFIED, _BOTH, _ANY, "CPS §4.9.9"),
    _revocation(Event.REVOCATION_REQUESTED, Reason.CESSATION_OF_OPERATION, "第9条, 第28条"),
    _revocation(Event.KEY_COMPROMISED, Reason.KEY_COMPROMISE, "第10条, 第29条"),
    # Modelled reason: a card given back or out of force is no longer needed.
    _revocation(Event.CARD_INVALIDATED, Reason.CESSATION_OF_OPERATION, "施行規則 第17条, 第53条", _BOTH, _CARD),
    _revocation(Event.ATTRIBUTES_CHANGED, Reason.AFFILIATION_CHANGED, "第12条第1項第1号", _SIGNING),
    _revocation(Event.RECORD_DELETED, Reason.CESSATION_OF_OPERATION, "第12条第1項第2号, 第31条第1項第1号"),
    # Modelled reason.
    _revocation(Event.MOVE_NOT_COMPLETED, Reason.CESSATION_OF_OPERATION, "第31条第1項第2号", _AUTHENTICATION),
    # Modelled reason: of those in use, "contents changed" is nearest to "contents wrong".
    _revocation(Event.CONTENT_WRONG, Reason.AFFILIATION_CHANGED, "第13条, 第32条"),
    _revocation(Event.AUTHORITY_COMPROMISED, Reason.CA_COMPROMISE, "第14条, 第33条"),
    _revocation(Event.RENEWED, Reason.SUPERSEDED, "施行規則 第13条, 第49条"),
    Edge(Event.HELD, _USABLE, State.HELD, Reason.CERTIFICATE_HOLD, _BOTH, _ANY, "CPS §4.9.9"),
    Edge(
        Event.HOLD_LIFTED, frozenset({State.HELD}), State.VALID, None, _AUTHENTICATION, _PHONE, "jpki.go.jp, lost phone"
    ),
    # Modelled reason.
    _revocation(Event.CARD_CERTIFICATE_REVOKED, Reason.CESSATION_OF_OPERATION, "第16条の13, 第35条の13", _BOTH, _PHONE),
)

_BY_EVENT = {edge.event: edge for edge in EDGES}
_ENDING = frozenset({State.HELD, State.REVOKED})


def follow(entry: Entry, event: Event, now: datetime) -> Entry:
    """The entry after `event`, recorded at `now`; the same entry if the event repeats what is so already.

    Raises:
        NotAllowed: the table has no such edge, or the certificate has expired.
    """
    edge = _BY_EVENT[event]
    _check_applies(entry, edge, now)
    if entry.state is edge.after or (entry.state is State.REVOKED and edge.after in _ENDING):
        return entry
    if entry.state not in edge.before:
        raise NotAllowed(f"a certificate that is {entry.state.value} cannot be {event.value.replace('_', ' ')}")
    return replace(entry, state=edge.after, revocation=_revoked(entry, edge, now))


def affected(entries: Iterable[Entry], event: Event) -> list[Entry]:
    """Those of `entries` to whose kind and medium `event` can happen."""
    edge = _BY_EVENT[event]
    return [entry for entry in entries if entry.kind in edge.kinds and entry.medium in edge.media]


def _check_applies(entry: Entry, edge: Edge, now: datetime) -> None:
    if entry.has_expired(now):
        raise NotAllowed("the certificate has expired; nothing happens to it any more")
    if entry.kind not in edge.kinds or entry.medium not in edge.media:
        raise NotAllowed(f"this does not happen to a {entry.medium.value}'s {entry.kind.value} certificate")


def _revoked(entry: Entry, edge: Edge, now: datetime) -> Revocation | None:
    if edge.reason is None:
        return None
    since = entry.revocation.at if entry.revocation else now.replace(microsecond=0)
    return Revocation(since, edge.reason)
