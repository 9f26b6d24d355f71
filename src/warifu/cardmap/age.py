"""The file that tells a birth date and nothing else, for whoever only needs an age."""

from dataclasses import dataclass, field
from typing import Self

from warifu.cardmap.cv import CvCertificate
from warifu.cardmap.image import read_object, read_parts
from warifu.cardmap.public_key import CardPublicKey, check_signature_length
from warifu.iso7816 import encode_tlv
from warifu.person import BirthDate


@dataclass(frozen=True, slots=True, repr=False)
class AgeRecord:
    """Birth date and the card's public key, signed by the issuer of the card: visual EF 0001.

    Wire: ``FF10 82021E`` { ``DF11 08`` birth date YYYYMMDD, ``DF12 820109`` public key, ``DF13 820100`` signature },
    547 bytes; the signature is RSASSA-PKCS1-v1_5 with SHA-256 over the two objects DF11 and DF12, by the key that
    EF 0004 certifies. The card proves that it is no copy with the key's private half (EF 001A).
    Source: soltia48/myna-card `src/ap/surface.rs` (AgeRecord).
    """

    TAG = 0xFF10
    BIRTH_DATE_TAG = 0xDF11
    KEY_TAG = 0xDF12
    SIGNATURE_TAG = 0xDF13

    birth_date: BirthDate
    public_key: CardPublicKey
    signature: bytes = field(repr=False)

    def __post_init__(self) -> None:
        check_signature_length(self.signature)

    def __repr__(self) -> str:
        return "AgeRecord(not shown)"

    @classmethod
    def part_to_sign(cls, birth_date: BirthDate, public_key: CardPublicKey) -> bytes:
        """The DF11 and DF12 objects that the issuer of the card signs."""
        birth = encode_tlv(cls.BIRTH_DATE_TAG, birth_date.digits.encode())
        return birth + encode_tlv(cls.KEY_TAG, public_key.encode())

    @property
    def signed(self) -> bytes:
        """The two objects that the signature covers. They can be written in one way only."""
        return self.part_to_sign(self.birth_date, self.public_key)

    def encode(self) -> bytes:
        """The whole object, 547 bytes."""
        return encode_tlv(self.TAG, self.signed + encode_tlv(self.SIGNATURE_TAG, self.signature))

    @classmethod
    def decode(cls, image: bytes) -> Self:
        """Read EF 0001, filler included.

        Raises:
            Malformed: other objects, no date that is known to the day, or something other than filler behind them.
        """
        value = read_object(image, cls.TAG).value
        birth_date, key, signature = read_parts(value, cls.BIRTH_DATE_TAG, cls.KEY_TAG, cls.SIGNATURE_TAG)
        return cls(BirthDate.decode(birth_date.decode("latin-1")), CardPublicKey.decode(key), signature)

    def check_signed_by(self, certificate: CvCertificate) -> None:
        """Check that the certified issuer of the card signed the birth date and the key.

        Raises:
            NotIntact: the signature does not verify.
        """
        certificate.check_vouches(self.signature, self.signed)
