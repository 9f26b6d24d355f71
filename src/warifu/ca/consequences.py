"""What becomes of a person's certificates when something happens to the person, to a card or to a phone.

The register tells what happened (`messages.ResidentEvent`, `messages.CardEvent`); which certificates end, and why, is
decided here:

=====================  ===================================================  =====================================
cause                  the card's signing certificate                       the card's authentication certificate
=====================  ===================================================  =====================================
correction, another    ends, if one of the four attributes changed and the  stays (第31条 has no such item)
name, a move inside    correction is not a minor one (第12条第1号)
or in, naturalisation
moved out              ends (第12条第2号)                                   stays (第31条第1項第1号 excepts it)
left the country       ends (第12条第2号), unless it was issued after that  stays (likewise)
                       was notified, and says so already
30 days, moved in      has ended before                                     ends (第31条第1項第2号)
nowhere
death, other deletion  ends (第12条第2号)                                   ends (第31条第1項第1号)
annex deleted          ends (第12条第3号)                                   ends (第31条第1項第3号)
recording error        ends (第13条)                                        ends (第32条)
=====================  ===================================================  =====================================

A phone's certificate falls with the card's certificate of the same kind, whatever ended that one but the end of its
validity (第16条の13, 第35条の13). So it is in one and the same step: all of a holder's live certificates go in, all
changes come out, and whoever keeps the record writes them together. An event that arrives twice changes nothing more.

A birth changes nothing, for nobody has a certificate yet; nor does a card's expiry, since no certificate on a card
outlives it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from warifu.ca.record import Entry, State
from warifu.ca.transitions import Event, affected, follow
from warifu.messages import CardEvent, CardHappening, Cause, ResidentEvent
from warifu.pki import CertificateKind, Medium

CLOCK_SET_BACK = timedelta(minutes=10)
"""What happened is told late, and ends no certificate made since, only if it is older than that by more than this.

The register's clock may have been set back in between: then what happened after the order seems to be older. Ending a
certificate that says what is so is a nuisance; keeping one that says what is no longer so, the law does not allow.
"""


@dataclass(frozen=True, slots=True)
class Change:
    """One certificate's step: what the record had, what happened, what it has afterwards."""

    before: Entry
    event: Event
    after: Entry


def changes(live: Iterable[Entry], concerned: Iterable[Entry], event: Event, now: datetime) -> tuple[Change, ...]:
    """What `event` does to those of `concerned` to which it can happen, and in consequence to others of `live`.

    `live` are all live certificates of one holder; `concerned` are some of them. What is so already is left out.

    Raises:
        NotAllowed: the event cannot happen to one of them in its present state.
    """
    direct = _follow_all(affected(concerned, event), event, now)
    fallen = {change.before.kind for change in direct if _ends_for_phones(change)}
    done = {(change.before.kind, change.before.serial_number) for change in direct}
    phones = [
        entry
        for entry in live
        if entry.medium is Medium.PHONE
        and entry.kind in fallen
        and entry.is_live(now)
        and (entry.kind, entry.serial_number) not in done
    ]
    return (*direct, *_follow_all(phones, Event.CARD_CERTIFICATE_REVOKED, now))


def resident_changes(message: ResidentEvent, live: Iterable[Entry], now: datetime) -> tuple[Change, ...]:
    """What an event of a person does to the person's live certificates; recorded at `now`, whenever it happened."""
    entries = _live(live, now)
    event = _event_of(message)
    if event is None:
        return ()
    concerned = [entry for entry in entries if not _said_so_already(message, event, entry)]
    return changes(entries, concerned, event, now)


def card_changes(message: CardEvent, live: Iterable[Entry], now: datetime) -> tuple[Change, ...]:
    """What an event of a card or of a phone does to its holder's live certificates, recorded at `now`.

    Certificates of another card are not touched; those of which no card is known are taken for this card's. What can no
    longer happen (a delivery told after a hold) is passed over, for the news are true nevertheless.
    """
    entries = _live(live, now)
    here = [entry for entry in entries if entry.card in (message.card, None)]
    result: list[Change] = []
    for medium, event, states in _CARD_EVENTS[message.what]:
        kinds = _KINDS_ASKED_FOR.get(message.what, frozenset(CertificateKind))
        concerned = [e for e in here if e.medium is medium and e.state in states and e.kind in kinds]
        result += changes(entries, concerned, event, now)
    return tuple(result)


def _live(entries: Iterable[Entry], now: datetime) -> list[Entry]:
    return [entry for entry in entries if entry.is_live(now)]


def _follow_all(entries: Iterable[Entry], event: Event, now: datetime) -> tuple[Change, ...]:
    followed = ((entry, follow(entry, event, now)) for entry in entries)
    return tuple(Change(before, event, after) for before, after in followed if after is not before)


def _ends_for_phones(change: Change) -> bool:
    return change.before.medium is Medium.CARD and change.after.state is State.REVOKED


# --- people -----------------------------------------------------------------------------------------------------------

_RESIDENT_EVENTS = MappingProxyType(
    {
        Cause.BIRTH: None,
        Cause.MOVE_IN: Event.ATTRIBUTES_CHANGED,
        Cause.MOVE_OUT: Event.MOVED_AWAY,
        Cause.MOVE_WITHIN: Event.ATTRIBUTES_CHANGED,
        Cause.MOVE_NOT_COMPLETED: Event.MOVE_NOT_COMPLETED,
        Cause.CORRECTION: Event.ATTRIBUTES_CHANGED,
        Cause.NAME_CHANGE: Event.ATTRIBUTES_CHANGED,
        # Modelled: as a change of what the certificate says; the deletion of the foreigner's record is not told apart.
        Cause.NATURALISATION: Event.ATTRIBUTES_CHANGED,
        Cause.DEATH: Event.RECORD_DELETED,
        Cause.LEAVING_COUNTRY: Event.MOVED_AWAY,
        Cause.ANNEX_DELETED: Event.RECORD_DELETED,
        Cause.DELETION: Event.RECORD_DELETED,
        Cause.RECORDING_ERROR: Event.CONTENT_WRONG,
    }
)


def _event_of(message: ResidentEvent) -> Event | None:
    event = _RESIDENT_EVENTS[message.cause]
    if event is Event.ATTRIBUTES_CHANGED and (message.minor is not None or not message.changed):
        return None
    return event


def _said_so_already(message: ResidentEvent, event: Event, entry: Entry) -> bool:
    """Whether a certificate was made for what has now come about, so that the news do not end it."""
    if entry.kind is not CertificateKind.SIGNING:
        return False
    if message.cause is Cause.LEAVING_COUNTRY:
        return entry.abroad
    return event is Event.ATTRIBUTES_CHANGED and entry.as_of is not None and entry.as_of > message.at + CLOCK_SET_BACK


# --- cards and phones -------------------------------------------------------------------------------------------------

_LIVING = frozenset({State.ISSUED, State.VALID, State.HELD})
_ISSUED = frozenset({State.ISSUED})
_DELIVERED = frozenset({State.VALID, State.HELD})
_USABLE = frozenset({State.ISSUED, State.VALID})
_HELD = frozenset({State.HELD})
_CARD, _PHONE = Medium.CARD, Medium.PHONE

_CARD_EVENTS = MappingProxyType(
    {
        CardHappening.DELIVERED: ((_CARD, Event.DELIVERED, _ISSUED),),
        # A card of which its holder had the certificates already cannot be discarded unseen; it is out of force then.
        CardHappening.DISCARDED: (
            (_CARD, Event.DISCARDED, _ISSUED),
            (_CARD, Event.CARD_INVALIDATED, _DELIVERED),
        ),
        CardHappening.RETURNED: ((_CARD, Event.CARD_INVALIDATED, _LIVING),),
        CardHappening.LOST: ((_CARD, Event.KEY_COMPROMISED, _LIVING),),
        CardHappening.INVALIDATED: ((_CARD, Event.CARD_INVALIDATED, _LIVING),),
        CardHappening.EXPIRED: (),
        CardHappening.HELD: ((_CARD, Event.HELD, _USABLE),),
        # A hold of a card's certificates is not released: they end, and the holder applies for new ones.
        CardHappening.HOLD_LIFTED: ((_CARD, Event.HOLD_ENDED, _HELD),),
        CardHappening.PHONE_HELD: ((_PHONE, Event.HELD, _USABLE),),
        CardHappening.PHONE_HOLD_LIFTED: ((_PHONE, Event.HOLD_LIFTED, _HELD), (_PHONE, Event.HOLD_ENDED, _HELD)),
        CardHappening.PHONE_GIVEN_UP: ((_PHONE, Event.REVOCATION_REQUESTED, _LIVING),),
        CardHappening.SIGNING_REVOCATION_ASKED: ((_CARD, Event.REVOCATION_REQUESTED, _LIVING),),
        CardHappening.AUTHENTICATION_REVOCATION_ASKED: ((_CARD, Event.REVOCATION_REQUESTED, _LIVING),),
    }
)

_KINDS_ASKED_FOR = MappingProxyType(
    {
        CardHappening.SIGNING_REVOCATION_ASKED: frozenset({CertificateKind.SIGNING}),
        CardHappening.AUTHENTICATION_REVOCATION_ASKED: frozenset({CertificateKind.AUTHENTICATION}),
    }
)
