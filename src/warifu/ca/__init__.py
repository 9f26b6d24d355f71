"""The certification authorities (認証局): one for signing certificates, one for user authentication certificates.

In life both are run by J-LIS. An authority holds its own key; it knows which certificates it issued, through which
municipality, and what became of each. It sees a holder as an opaque identifier that its caller chose; the four basic
attributes pass through it into a signing certificate and are kept nowhere else. It never sees a holder's private key, a
PIN or an individual number, and never learns where a certificate is used beyond what a status question tells.
It talks to municipalities (applications, notifications) and to verifiers (revocation lists, status answers).

This room decides; serial numbers, list numbers, the record of certificates and the moment are given to it.
"""

from warifu.ca.application import CertificateApplication
from warifu.ca.authority import Authority, Issued
from warifu.ca.record import Entry, Medium, State
from warifu.ca.transitions import EDGES, Edge, Event, affected, follow

__all__ = [
    "EDGES",
    "Authority",
    "CertificateApplication",
    "Edge",
    "Entry",
    "Event",
    "Issued",
    "Medium",
    "State",
    "affected",
    "follow",
]
