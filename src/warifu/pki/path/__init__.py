"""Certification paths of any shape, checked at a moment from what was gathered (RFC 5280 §6).

For certificates that JPKI's authorities did not issue directly: those of timestamp authorities, bridges, cross
certificates. A side door of the room, because pyhanko-certvalidator behind it takes half a second to load, and few need
it. It passes NIST's path validation suite (PKITS); nothing is ever fetched. ::

    path = check_path(certificate, others, anchors, at, crls=, ocsps=, purpose=Purpose.TIMESTAMPING)
    path.certificates                                              # from the certificate up to the anchor's

`tell_status` says what each piece of revocation data tells about one certificate of a path, for whoever decides by when
each of them existed.
"""

from warifu.pki.path.checking import ANY_POLICY, Checking, Path, PolicyInputs, check_path
from warifu.pki.path.purpose import Purpose, check_purpose
from warifu.pki.path.signers import genuine
from warifu.pki.path.status import ToldStatus, tell_status

__all__ = [
    "ANY_POLICY",
    "Checking",
    "Path",
    "PolicyInputs",
    "Purpose",
    "ToldStatus",
    "check_path",
    "check_purpose",
    "genuine",
    "tell_status",
]
