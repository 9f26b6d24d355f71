"""The file that vouches for the individual number and the four basic attributes."""

import hmac
from dataclasses import dataclass, field
from typing import Self

from warifu.cardmap.attributes import AttributesFile
from warifu.cardmap.cv import CvCertificate
from warifu.cardmap.image import read_object, read_parts
from warifu.cardmap.public_key import check_signature_length
from warifu.errors import Malformed, NotIntact
from warifu.iso7816 import encode_tlv


@dataclass(frozen=True, slots=True, repr=False)
class IntegrityFile:
    """Digests of the number and the attributes, signed by the issuer of the card: text EF 0003.

    Wire: ``FF30 82014B`` { ``DF31 20`` SHA-256 of the whole EF 0001 with its filler, ``DF32 20`` SHA-256 of EF 0002
    from DF22 to the end of its object, ``DF33 820100`` signature }, 336 bytes; the signature is RSASSA-PKCS1-v1_5 with
    SHA-256 over the two objects DF31 and DF32, by the key that EF 0004 certifies. The individual number can be found
    from its digest by trying all: never log or keep it.
    Source: soltia48/myna-card `src/ap/text.rs` (IntegrityRecord).
    """

    TAG = 0xFF30
    NUMBER_TAG = 0xDF31
    ATTRIBUTES_TAG = 0xDF32
    SIGNATURE_TAG = 0xDF33
    DIGEST_LENGTH = 32

    number_digest: bytes
    attributes_digest: bytes
    signature: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not len(self.number_digest) == len(self.attributes_digest) == self.DIGEST_LENGTH:
            raise Malformed("a SHA-256 value has 32 bytes")
        check_signature_length(self.signature)

    def __repr__(self) -> str:
        return "IntegrityFile(not shown)"

    @classmethod
    def part_to_sign(cls, number_digest: bytes, attributes_digest: bytes) -> bytes:
        """The DF31 and DF32 objects that the issuer of the card signs."""
        return encode_tlv(cls.NUMBER_TAG, number_digest) + encode_tlv(cls.ATTRIBUTES_TAG, attributes_digest)

    @property
    def signed(self) -> bytes:
        """The two objects that the signature covers."""
        return self.part_to_sign(self.number_digest, self.attributes_digest)

    def encode(self) -> bytes:
        """The whole object, 336 bytes."""
        return encode_tlv(self.TAG, self.signed + encode_tlv(self.SIGNATURE_TAG, self.signature))

    @classmethod
    def decode(cls, image: bytes) -> Self:
        """Read EF 0003, filler included.

        Raises:
            Malformed: other objects, values of another length, or something other than filler behind them.
        """
        value = read_object(image, cls.TAG).value
        return cls(*read_parts(value, cls.NUMBER_TAG, cls.ATTRIBUTES_TAG, cls.SIGNATURE_TAG))

    def check_covers(self, attributes: AttributesFile) -> None:
        """Check that these are the attributes that were signed.

        Raises:
            NotIntact: they are others.
        """
        if not hmac.compare_digest(attributes.digest(), self.attributes_digest):
            raise NotIntact

    def check_signed_by(self, certificate: CvCertificate) -> None:
        """Check that the certified issuer of the card signed the digests.

        Raises:
            NotIntact: the signature does not verify.
        """
        certificate.check_vouches(self.signature, self.signed)
