"""Archive timestamps of CMS signatures: over the document, the signature and all that proves it.

``archive-time-stamp-v3`` (ETSI EN 319 122-1 §5.5.3) stamps what is signed and the digests of everything else that the
file holds at that moment; the digests are listed in ``ats-hash-index-v3`` (§5.5.2), which stands in the token itself.
What is added to the file later is not covered by it, and does not break it.
"""

import hashlib
from typing import Any

from asn1crypto import algos, cms, core

__all__ = ["ARCHIVE_TIMESTAMP", "HASH_INDEX", "archive_imprint", "attribute", "hash_index"]

ARCHIVE_TIMESTAMP = "0.4.0.1733.2.4"
"""``id-aa-ets-archiveTimestampV3``."""
HASH_INDEX = "0.4.0.19122.1.5"
"""``id-aa-ATSHashIndex-v3``."""


class _Digests(core.SequenceOf):  # type: ignore[misc]  # asn1crypto tells no types
    _child_spec = core.OctetString


class _Algorithm(core.Sequence):  # type: ignore[misc]
    """Without parameters (RFC 5754 §2)."""

    _fields = [("algorithm", algos.DigestAlgorithmId)]  # noqa: RUF012


class _HashIndex(core.Sequence):  # type: ignore[misc]
    """ATSHashIndexV3 (ETSI EN 319 122-1 §5.5.2.2)."""

    _fields = [  # noqa: RUF012 - as asn1crypto wants it
        ("hash_algorithm", _Algorithm),
        ("certificates", _Digests),
        ("crls", _Digests),
        ("unsigned_values", _Digests),
    ]


class _Values(core.SetOf):  # type: ignore[misc]
    _child_spec = core.Any


class _Attribute(core.Sequence):  # type: ignore[misc]
    _fields = [("type", core.ObjectIdentifier), ("values", _Values)]  # noqa: RUF012


def attribute(kind: str, value: bytes) -> Any:
    """An attribute with one value, which is DER."""
    return cms.CMSAttribute.load(_Attribute({"type": kind, "values": [core.Any.load(value)]}).dump())


def hash_index(signed: Any, signer: Any, hash_name: str) -> bytes:
    """What is listed of a SignedData and one of its SignerInfos as they stand: ATSHashIndexV3, DER.

    Wire: digests of each certificate, of each list or status answer, and of each value of an unsigned attribute, where
    the attribute's type stands in front of the value; each list ascending.
    """

    def digests(parts: list[bytes]) -> list[bytes]:
        return sorted(hashlib.new(hash_name, part).digest() for part in parts)

    index = _HashIndex(
        {
            "hash_algorithm": {"algorithm": hash_name},
            "certificates": digests([each.dump() for each in signed["certificates"]]),
            "crls": digests([each.dump() for each in signed["crls"]]),
            "unsigned_values": digests(
                [each["type"].dump() + value.dump() for each in signer["unsigned_attrs"] for value in each["values"]]
            ),
        }
    )
    encoded: bytes = index.dump()
    return encoded


def archive_imprint(signed: Any, signer: Any, content: bytes, index: bytes, hash_name: str) -> bytes:
    """The digest that an archive timestamp names, of a signature over `content` and the index (§5.5.3.2)."""
    fields = ("version", "sid", "digest_algorithm", "signed_attrs", "signature_algorithm", "signature")
    parts = [
        signed["encap_content_info"]["content_type"].dump(),
        hashlib.new(hash_name, content).digest(),
        *(signer[field].dump() for field in fields),
        index,
    ]
    return hashlib.new(hash_name, b"".join(parts)).digest()
