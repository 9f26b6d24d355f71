"""The file with the card's face."""

import datetime as dt
import hashlib
from dataclasses import dataclass, field
from typing import Self

from warifu.cardmap.cv import CvCertificate
from warifu.cardmap.image import read_parts
from warifu.cardmap.offsets import decode_with_offsets, encode_with_offsets, split_objects
from warifu.cardmap.pictures import check_jp2, check_png
from warifu.cardmap.plain import decode_date, encode_date
from warifu.cardmap.public_key import CardPublicKey, check_signature_length
from warifu.errors import NotGenuine, NotIntact
from warifu.iso7816 import encode_tlv
from warifu.person import BirthDate, Sex


@dataclass(frozen=True, slots=True, repr=False)
class Face:
    """What the issuer of a card signs of its face: birth date, sex, the card's public key and three pictures.

    `name` and `address` are PNG of 1 bit, as printed; `portrait` is a grey JPEG 2000 (JP2).
    Modelled: a card without a portrait (holders under one year of age) has an empty one; how real cards write that is
    not public.
    """

    birth_date: BirthDate
    sex: Sex
    public_key: CardPublicKey
    name: bytes
    address: bytes
    portrait: bytes

    def __post_init__(self) -> None:
        check_png(self.name)
        check_png(self.address)
        if self.portrait:
            check_jp2(self.portrait)

    def __repr__(self) -> str:
        return "Face(not shown)"


@dataclass(frozen=True, slots=True, repr=False)
class FaceFile:
    """The card's face as visual EF 0002 holds it.

    Wire: ``FF20`` { ``DF21 12`` nine offsets (see `encode_with_offsets`), ``DF22 08`` birth date YYYYMMDD, ``DF23 01``
    sex, ``DF24 820109`` public key, ``DF25`` name, ``DF26`` address, ``DF27`` portrait, ``DF28 820100`` signature,
    ``DF29 08`` expiry YYYYMMDD, ``DF2A`` security code, PNG }.

    The signature is RSASSA-PKCS1-v1_5 by the key that EF 0004 certifies, over a DigestInfo that is none of RFC 8017:
    its OCTET STRING holds three SHA-256 values, of DF22 ‖ DF23 ‖ DF24, of DF25 ‖ DF26, and of DF27 (`signed`, 115
    bytes). So the birth date can be checked by someone who was given only the digests of the pictures. Nothing signs
    the expiry date and the security code.
    Source: soltia48/myna-card `src/ap/surface.rs` (CardFace, `verify`).
    """

    TAG = 0xFF20
    SIGNED_TAGS = (0xDF22, 0xDF23, 0xDF24, 0xDF25, 0xDF26, 0xDF27)
    UNSIGNED_TAGS = (0xDF28, 0xDF29, 0xDF2A)
    DIGEST_INFO = bytes.fromhex("3071300d060960864801650304020105000460")
    """SHA-256 AlgorithmIdentifier, then an OCTET STRING of 96 bytes where the standard has 32."""

    face: Face
    signature: bytes = field(repr=False)
    expiry: dt.date
    security_code: bytes
    # Kept as read: a real file may write a length in another of its valid forms, and the signature covers that form.
    signed: bytes = field(default=b"", compare=False)

    def __post_init__(self) -> None:
        check_signature_length(self.signature)
        check_png(self.security_code)
        if not self.signed:
            object.__setattr__(self, "signed", self.part_to_sign(self.face))

    def __repr__(self) -> str:
        return "FaceFile(not shown)"

    @classmethod
    def part_to_sign(cls, face: Face) -> bytes:
        """The DigestInfo that the issuer of the card signs as it is, without hashing it again; 115 bytes."""
        return cls._digest_info(cls._signed_objects(face))

    @classmethod
    def _digest_info(cls, objects: list[bytes]) -> bytes:
        groups = (objects[:3], objects[3:5], objects[5:])
        return cls.DIGEST_INFO + b"".join(hashlib.sha256(b"".join(group)).digest() for group in groups)

    @classmethod
    def _signed_objects(cls, face: Face) -> list[bytes]:
        birth_date, sex = face.birth_date.digits.encode(), face.sex.value.encode()
        values = (birth_date, sex, face.public_key.encode(), face.name, face.address, face.portrait)
        return [encode_tlv(tag, value) for tag, value in zip(cls.SIGNED_TAGS, values, strict=True)]

    def encode(self) -> bytes:
        """The object without filler, lengths in the forms that cards write.

        Raises:
            Malformed: the pictures are too long for one object.
        """
        values = (self.signature, encode_date(self.expiry), self.security_code)
        unsigned = [encode_tlv(tag, value) for tag, value in zip(self.UNSIGNED_TAGS, values, strict=True)]
        return encode_with_offsets(self.TAG, self._signed_objects(self.face) + unsigned)

    @classmethod
    def decode(cls, image: bytes) -> Self:
        """Read EF 0002, filler included.

        Raises:
            Malformed: other objects or another order, an offset that does not lead to its object, a picture of another
                kind, values that no card has, or something other than filler behind them.
        """
        content = decode_with_offsets(image, cls.TAG)
        birth_date, sex, key, *rest = read_parts(content, *cls.SIGNED_TAGS, *cls.UNSIGNED_TAGS)
        name, address, portrait, signature, expiry, security_code = rest
        born = BirthDate.decode(birth_date.decode("latin-1"))
        face = Face(born, Sex.decode(sex.decode("latin-1")), CardPublicKey.decode(key), name, address, portrait)
        signed = cls._digest_info(split_objects(content)[: len(cls.SIGNED_TAGS)])
        return cls(face, signature, decode_date(expiry), security_code, signed)

    def check_signed_by(self, certificate: CvCertificate) -> None:
        """Check that the certified issuer of the card signed the face. Expiry and security code are not covered.

        Raises:
            NotIntact: the signature does not verify.
        """
        try:
            certificate.public_key.check_digest_info(self.signature, self.signed)
        except NotGenuine as error:
            raise NotIntact from error
