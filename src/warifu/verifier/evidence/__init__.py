"""Evidence that a document was verified, to be checked by anybody, offline, after everything has expired.

`make_evidence` puts what a verification rested on into a `Bundle`: the report, certificates, revocation data, what each
signature was made over; signed by the verifier. A timestamp over all of it begins its evidence record
(`begin_record`), which others renew (`renew_record`, `rehash_record`) as timestamps and hash functions grow old.

`check_evidence` does not take the verifier's word: with the document it verifies every signature anew, from what is in
the bundle and as of the moment that the record proves; without it, it tells what the verifier said and how old that is.

Revocation data about real certificates stay with the verifier (公的個人認証法 第52条, 第53条): the bundle names them by
digest, and only who has them can verify anew.

A door of its own, because what it is written with takes a tenth of a second to load, and few who verify need it.
"""

from warifu.verifier.evidence.bundle import Bundle, Digests
from warifu.verifier.evidence.checking import EvidenceReport, check_evidence
from warifu.verifier.evidence.making import make_evidence
from warifu.verifier.evidence.recording import (
    begin_record,
    record_imprint,
    rehash_imprint,
    rehash_record,
    renew_record,
    renewal_imprint,
)

__all__ = [
    "Bundle",
    "Digests",
    "EvidenceReport",
    "begin_record",
    "check_evidence",
    "make_evidence",
    "record_imprint",
    "rehash_imprint",
    "rehash_record",
    "renew_record",
    "renewal_imprint",
]
