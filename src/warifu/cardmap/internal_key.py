"""The text application's signed public key, with which a card proves that it is no copy."""

from dataclasses import dataclass, field
from typing import Self

from warifu.cardmap.cv import CvCertificate
from warifu.cardmap.image import read_object, read_parts
from warifu.cardmap.public_key import CardPublicKey, check_signature_length
from warifu.iso7816 import encode_tlv


@dataclass(frozen=True, slots=True)
class InternalKey:
    """The public half of the key for internal authentication (内部認証): text EF 0007.

    Wire: ``FF50 820213`` { ``DF51 820109`` public key, ``DF52 820100`` signature }, 536 bytes; the signature is
    RSASSA-PKCS1-v1_5 with SHA-256 over the whole DF51 object, by the key that EF 0004 certifies.
    Source: soltia48/myna-card `src/ap/text.rs` (SignedPublicKey).
    """

    TAG = 0xFF50
    KEY_TAG = 0xDF51
    SIGNATURE_TAG = 0xDF52

    public_key: CardPublicKey
    signature: bytes = field(repr=False)

    def __post_init__(self) -> None:
        check_signature_length(self.signature)

    @classmethod
    def part_to_sign(cls, public_key: CardPublicKey) -> bytes:
        """The DF51 object that the issuer of the card signs."""
        return encode_tlv(cls.KEY_TAG, public_key.encode())

    @property
    def signed(self) -> bytes:
        """The DF51 object that the signature covers."""
        return self.part_to_sign(self.public_key)

    def encode(self) -> bytes:
        """The whole object, 536 bytes."""
        return encode_tlv(self.TAG, self.signed + encode_tlv(self.SIGNATURE_TAG, self.signature))

    @classmethod
    def decode(cls, image: bytes) -> Self:
        """Read EF 0007, filler included.

        Raises:
            Malformed: other objects, or something other than filler behind them.
        """
        key, signature = read_parts(read_object(image, cls.TAG).value, cls.KEY_TAG, cls.SIGNATURE_TAG)
        return cls(CardPublicKey.decode(key), signature)

    def check_signed_by(self, certificate: CvCertificate) -> None:
        """Check that the certified issuer of the card signed this key.

        Raises:
            NotGenuine: the signature does not verify.
        """
        certificate.public_key.check_signature(self.signature, self.signed)
