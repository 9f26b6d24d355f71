"""What a verifier keeps and whom it asks: its trust store, its revocation lists, the revocations it has seen.

`TrustStore` says whom to trust and where to ask (`TrustedAnchor`); `Gatherer` asks, for logins (`evidence`) and for
documents (`material`), and fetches the lists anew (`refresh`) into a `ListStore`. `KeptRevocations` is the verifier's
memory of revocations, `LoginStatus` is both for a provider, and a `VerificationPool` checks logins on several
processors. Nothing that a certificate names is ever asked. An `Office` puts these to use; `Premises` say where it is,
so that any process can open it.
A `Platform` is the operator that verifies what the signing API gave service providers.
"""

from warifu.wire.verification.addresses import Address, CheckedTransport
from warifu.wire.verification.fetching import Limits, fetch_list
from warifu.wire.verification.gathering import Gatherer, GathererForRun, Refreshed
from warifu.wire.verification.lists import KeptList, ListStore
from warifu.wire.verification.logins import LoginStatus
from warifu.wire.verification.office import Office, Premises, discreet, open_office
from warifu.wire.verification.platform import (
    OPERATOR_PATH,
    KnownUsers,
    Platform,
    Result,
    open_operator_key,
    platform_routes,
    tokens_of,
)
from warifu.wire.verification.seen import KeptRevocations
from warifu.wire.verification.trust import TrustStore, write_whole
from warifu.wire.verification.trusted import TrustedAnchor, TrustUse
from warifu.wire.verification.workers import Desk, VerificationPool

__all__ = [
    "OPERATOR_PATH",
    "Address",
    "CheckedTransport",
    "Desk",
    "Gatherer",
    "GathererForRun",
    "KeptList",
    "KeptRevocations",
    "KnownUsers",
    "Limits",
    "ListStore",
    "LoginStatus",
    "Office",
    "Platform",
    "Premises",
    "Refreshed",
    "Result",
    "TrustStore",
    "TrustUse",
    "TrustedAnchor",
    "VerificationPool",
    "discreet",
    "fetch_list",
    "open_office",
    "open_operator_key",
    "platform_routes",
    "tokens_of",
    "write_whole",
]
