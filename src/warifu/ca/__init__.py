"""The certification authorities (認証局): one for signing certificates, one for user authentication certificates.

In life both are run by J-LIS. An authority holds its own key; it knows which certificates it issued, through which
municipality, and what became of each. It sees a holder as an opaque identifier that its caller chose; the four basic
attributes pass through it into a signing certificate and are kept nowhere else. It never sees a holder's private key, a
PIN or an individual number, and never learns where a certificate is used beyond what a status question tells.
It talks to municipalities (applications, notifications) and to verifiers (revocation lists, status answers).

This room decides; serial numbers, list numbers, the record of certificates and the moment are given to it::

    application_of(order, municipality, live, now)      # an order of the register's: what is to be issued, until when
    room_for(application, live, now, renewal=)          # the certificate it takes the place of; refuses a second one
    Generations(authorities, compromised)               # .issuing(application, now), .find(key_id), .revoked() keys
    authority.issue(application, serial_number, now, live)
    resident_changes(message, live, now)                # what an event of the register's does: Change(before, event,
    card_changes(message, live, now)                    #   after), to be recorded together; phones fall with cards
    changes(live, concerned, event, now)                # the same for an event that the authority learnt itself
    leak_changes(kind, key_id, live, now)               # the same for a leaked key
    deletions(records, now)                             # what has been kept long enough, and why

For those who rely on certificates (who may ask what is the table `GRANTS`)::

    check_asker(questions, recipients, kind, now)       # whose signed status questions; refusal_of(questions) if not
    authority.answer_all(questions, found, now)         # or authority.presigned(entries, now, lifetime) beforehand
    authority.revocation_list(municipality, entries, number=, now=)    # .write_revocation_list(...) for long ones
    check_may_receive(recipient, service, now)
    linked(asked, wanted, of_holder, recipient, purpose, now)          # card and phone, authentication and signing
    predecessors(asked, of_holder, recipient, purpose, now)            # what an authentication certificate replaced
    read_consent(signed, entry, certificate, now)       # then after_consent(consents, consent, now)
    items_to_share(recipient, asked, of_holder, consents, wanted, now) # the newest attributes
    yearly_report(counts, recipients, year)             # counted by Counted.of(recipient, service, way, now)

`live` are always all live certificates of one holder, of both kinds and on all media.
"""

from warifu.ca.access import (
    GRANTS,
    Grant,
    Recipient,
    RecipientKind,
    Service,
    check_asker,
    check_may_receive,
    grant_of,
    refusal_of,
)
from warifu.ca.admission import check_stands_on_card, room_for
from warifu.ca.answering import Presigned
from warifu.ca.application import CertificateApplication
from warifu.ca.authority import LIST_LIFETIME, Authority, Issued
from warifu.ca.consequences import Change, card_changes, changes, resident_changes
from warifu.ca.current import Consent, Shared, after_consent, items_to_share, read_consent
from warifu.ca.generations import Generations, leak_changes
from warifu.ca.linking import LINKS, LinkedNumber, linked
from warifu.ca.orders import application_of
from warifu.ca.profiles import PROFILES, CertificateProfile, profile_for
from warifu.ca.record import Entry, State
from warifu.ca.report import Counted, ReportRow, Way, displayed_since, yearly_report
from warifu.ca.retention import RULES, Deletion, KeepingRule, Kept, RecordKind, deletions, keep_until
from warifu.ca.succession import LONGEST_GAP, Predecessors, predecessors
from warifu.ca.transitions import EDGES, EXPIRY, Edge, Event, affected, follow
from warifu.pki import Medium

__all__ = [
    "EDGES",
    "EXPIRY",
    "GRANTS",
    "LINKS",
    "LIST_LIFETIME",
    "LONGEST_GAP",
    "PROFILES",
    "RULES",
    "Authority",
    "CertificateApplication",
    "CertificateProfile",
    "Change",
    "Consent",
    "Counted",
    "Deletion",
    "Edge",
    "Entry",
    "Event",
    "Generations",
    "Grant",
    "Issued",
    "KeepingRule",
    "Kept",
    "LinkedNumber",
    "Medium",
    "Predecessors",
    "Presigned",
    "Recipient",
    "RecipientKind",
    "RecordKind",
    "ReportRow",
    "Service",
    "Shared",
    "State",
    "Way",
    "affected",
    "after_consent",
    "application_of",
    "card_changes",
    "changes",
    "check_asker",
    "check_may_receive",
    "check_stands_on_card",
    "deletions",
    "displayed_since",
    "follow",
    "grant_of",
    "items_to_share",
    "keep_until",
    "leak_changes",
    "linked",
    "predecessors",
    "profile_for",
    "read_consent",
    "refusal_of",
    "resident_changes",
    "room_for",
    "yearly_report",
]
