"""What timestamp authorities are asked and answer (RFC 3161), and the certificates behind it.

A door of its own, because what it is written with (asn1crypto) takes a tenth of a second to load, and few need it.

`TimestampRequest` is the question; `build_timestamp_response` and `build_timestamp_refusal` are the answers. A unit,
whose key stamps and does nothing else, is certified under a root: `build_timestamp_root`, `build_timestamp_unit`;
`build_timestamp_list` is the root's revocation list.
"""

from warifu.pki.timestamps.building import (
    TimestampFailure,
    TimestampTerms,
    build_timestamp_refusal,
    build_timestamp_response,
)
from warifu.pki.timestamps.certificates import (
    TimestampUnit,
    build_timestamp_list,
    build_timestamp_root,
    build_timestamp_unit,
)
from warifu.pki.timestamps.request import TIMESTAMP_HASHES, TimestampRequest

__all__ = [
    "TIMESTAMP_HASHES",
    "TimestampFailure",
    "TimestampRequest",
    "TimestampTerms",
    "TimestampUnit",
    "build_timestamp_list",
    "build_timestamp_refusal",
    "build_timestamp_response",
    "build_timestamp_root",
    "build_timestamp_unit",
]
