"""What somebody asks a timestamp authority (RFC 3161 §2.4.1)."""

import hashlib
from dataclasses import dataclass, field
from typing import Any, Self

from asn1crypto import tsp

from warifu.errors import Malformed
from warifu.pki.reading import Reading

__all__ = ["TIMESTAMP_HASHES", "TimestampRequest"]

TIMESTAMP_HASHES = {"sha256": 32, "sha384": 48, "sha512": 64}
"""Hash functions whose digests are stamped, and the digests' lengths in bytes (CRYPTREC's list for governments)."""

_LONGEST_NONCE = 256
"""Bits; 64 are usual (RFC 3161 §2.4.1)."""


@dataclass(frozen=True, slots=True)
class TimestampRequest:
    """A digest that is to be stamped.

    `hash_name` is as `hashlib` has it, or an object identifier that we do not know, and then `digest` may have any
    length. `policy` is the object identifier of the policy that the asker insists on. `certificate` asks for the
    authority's certificate in the token. `extensions` says that there were any: none is known to us.

    Wire: TimeStampReq, DER, version 1.
    """

    hash_name: str
    digest: bytes = field(repr=False)
    policy: str | None = None
    nonce: int | None = field(default=None, repr=False)
    certificate: bool = True
    extensions: bool = False

    def __post_init__(self) -> None:
        length = TIMESTAMP_HASHES.get(self.hash_name)
        if length is not None and len(self.digest) != length:
            raise Malformed(f"a {self.hash_name} digest has {length} bytes")
        if self.nonce is not None and self.nonce.bit_length() > _LONGEST_NONCE:
            raise Malformed(f"a nonce has {_LONGEST_NONCE} bits at most")

    @classmethod
    def of(cls, data: bytes, nonce: int, hash_name: str = "sha256") -> Self:
        """A request about `data`."""
        return cls(hash_name, hashlib.new(hash_name, data).digest(), nonce=nonce)

    def encode(self) -> bytes:
        """The request, DER.

        Raises:
            Malformed: it was read with extensions, which are not kept.
        """
        if self.extensions:
            raise Malformed("the extensions of the request were not kept")
        imprint = {"hash_algorithm": {"algorithm": self.hash_name}, "hashed_message": self.digest}
        fields = {"version": "v1", "message_imprint": imprint, "req_policy": self.policy, "nonce": self.nonce}
        encoded: bytes = tsp.TimeStampReq({**fields, "cert_req": self.certificate}).dump()
        return encoded

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read a request.

        Raises:
            Malformed: not one, or not of version 1.
        """
        told = _read(data)
        if told["version"] != "v1":
            raise Malformed("a timestamp request has version 1")
        imprint = told["message_imprint"]
        return cls(
            imprint["hash_algorithm"]["algorithm"],
            imprint["hashed_message"],
            told["req_policy"],
            told["nonce"],
            told["cert_req"],
            told["extensions"] is not None,
        )


def _read(data: bytes) -> Any:
    try:
        with Reading("timestamp request"):
            return tsp.TimeStampReq.load(data, strict=True).native
    except (AttributeError, IndexError) as error:  # asn1crypto, over a tag that no field of the message has
        raise Malformed("not a well-formed timestamp request") from error
