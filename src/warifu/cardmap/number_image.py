"""The file with the picture of the individual number, from the back of the card."""

from dataclasses import dataclass, field
from typing import Self

from warifu.cardmap.cv import CvCertificate
from warifu.cardmap.image import read_object, read_parts
from warifu.cardmap.offsets import split_objects
from warifu.cardmap.pictures import check_png
from warifu.cardmap.public_key import CardPublicKey, check_signature_length
from warifu.iso7816 import encode_tlv


@dataclass(frozen=True, slots=True, repr=False)
class NumberImage:
    """The individual number as it is printed, signed by the issuer of the card: visual EF 0005.

    Wire: ``FF40`` { ``DF41`` PNG of 1 bit, 72×12 pixels on the card seen, ``DF42 820109`` the card's public key,
    ``DF43 820100`` signature }; the signature is RSASSA-PKCS1-v1_5 with SHA-256 over the two objects DF41 and DF42, by
    the key that EF 0004 certifies.
    Source: soltia48/myna-card `src/ap/surface.rs` (MyNumberImage).
    """

    TAG = 0xFF40
    PICTURE_TAG = 0xDF41
    KEY_TAG = 0xDF42
    SIGNATURE_TAG = 0xDF43

    picture: bytes
    public_key: CardPublicKey
    signature: bytes = field(repr=False)
    # Kept as read: a real file may write a length in another of its valid forms, and the signature covers that form.
    signed: bytes = field(default=b"", compare=False)

    def __post_init__(self) -> None:
        check_png(self.picture)
        check_signature_length(self.signature)
        if not self.signed:
            object.__setattr__(self, "signed", self.part_to_sign(self.picture, self.public_key))

    def __repr__(self) -> str:
        return "NumberImage(not shown)"

    @classmethod
    def part_to_sign(cls, picture: bytes, public_key: CardPublicKey) -> bytes:
        """The DF41 and DF42 objects that the issuer of the card signs."""
        return encode_tlv(cls.PICTURE_TAG, picture) + encode_tlv(cls.KEY_TAG, public_key.encode())

    def encode(self) -> bytes:
        """The object without filler, lengths in the forms that cards write."""
        objects = self.part_to_sign(self.picture, self.public_key) + encode_tlv(self.SIGNATURE_TAG, self.signature)
        return encode_tlv(self.TAG, objects)

    @classmethod
    def decode(cls, image: bytes) -> Self:
        """Read EF 0005, filler included.

        Raises:
            Malformed: other objects, a picture of another kind, or something other than filler behind them.
        """
        value = read_object(image, cls.TAG).value
        picture, key, signature = read_parts(value, cls.PICTURE_TAG, cls.KEY_TAG, cls.SIGNATURE_TAG)
        return cls(picture, CardPublicKey.decode(key), signature, b"".join(split_objects(value)[:2]))

    def check_signed_by(self, certificate: CvCertificate) -> None:
        """Check that the certified issuer of the card signed the picture and the key.

        Raises:
            NotIntact: the signature does not verify.
        """
        certificate.check_vouches(self.signature, self.signed)
