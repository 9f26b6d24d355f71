"""The certification authorities (認証局): one for signing certificates, one for user authentication certificates.

In life both are run by J-LIS. An authority holds its own key; it knows which certificates it issued, through which
municipality, and what became of each. It sees a holder as an opaque identifier that its caller chose; the four basic
attributes pass through it into a signing certificate and are kept nowhere else. It never sees a holder's private key, a
PIN or an individual number, and never learns where a certificate is used beyond what a status question tells.
It talks to municipalities (applications, notifications) and to verifiers (revocation lists, status answers).

This room decides; serial numbers, list numbers, the record of certificates and the moment are given to it::

    application_of(order, municipality, live, now)      # an order of the register's: what is to be issued, until when
    room_for(application, live, now, renewal=)          # the certificate it takes the place of; refuses a second one
    authority.issue(application, serial_number, now, live)
    resident_changes(message, live, now)                # what an event of the register's does: Change(before, event,
    card_changes(message, live, now)                    #   after), to be recorded together; phones fall with cards
    changes(live, concerned, event, now)                # the same for an event that the authority learnt itself

    Generations(authorities, compromised).newest(now)   # .find(key_id), .answer(questions, found, now),
                                                        #   .compromise(key_id, live, now), .authority_list(...)

`live` are always all live certificates of one holder, of both kinds and on all media.
"""

from warifu.ca.admission import check_stands_on_card, room_for
from warifu.ca.application import CertificateApplication
from warifu.ca.authority import Authority, Issued
from warifu.ca.consequences import Change, card_changes, changes, resident_changes
from warifu.ca.generations import Generations
from warifu.ca.orders import application_of
from warifu.ca.profiles import PROFILES, CertificateProfile, profile_for
from warifu.ca.record import Entry, State
from warifu.ca.recorded import Outcome, Recorded, log_subject
from warifu.ca.transitions import EDGES, EXPIRY, Edge, Event, affected, follow
from warifu.pki import Medium

__all__ = [
    "EDGES",
    "EXPIRY",
    "PROFILES",
    "Authority",
    "CertificateApplication",
    "CertificateProfile",
    "Change",
    "Edge",
    "Entry",
    "Event",
    "Generations",
    "Issued",
    "Medium",
    "Outcome",
    "Recorded",
    "State",
    "affected",
    "application_of",
    "card_changes",
    "changes",
    "check_stands_on_card",
    "follow",
    "log_subject",
    "profile_for",
    "resident_changes",
    "room_for",
]
