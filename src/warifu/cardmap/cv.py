"""Card-verifiable certificates (CV certificates): who vouches for the key that signed a card's records."""

from dataclasses import dataclass, field
from typing import Self

from warifu.cardmap.image import read_object, read_parts
from warifu.cardmap.key_id import KeyId
from warifu.cardmap.public_key import CardPublicKey, check_signature_length
from warifu.errors import Malformed, NotGenuine, NotIntact
from warifu.iso7816 import encode_tlv


@dataclass(frozen=True, slots=True)
class CvAnchor:
    """The key of an authority that certifies the keys of issuers of cards; it stands on no card."""

    key_id: KeyId
    modulus: int
    exponent: int = 65537

    @property
    def public_key(self) -> CardPublicKey:
        """The numbers as a key."""
        return CardPublicKey(self.modulus, self.exponent)


@dataclass(frozen=True, slots=True)
class CvCertificate:
    """A card-verifiable certificate: an authority names a key that signs the records of cards.

    Wire: ``7F21 820233`` { ``5F4E 820129`` body, ``5F37 820100`` signature }, 568 bytes; the body is the issuer's key
    id, the subject's key id and the public key, 297 bytes; the signature is RSASSA-PKCS1-v1_5 with SHA-256 over those
    297 bytes, without their header.
    Source: soltia48/myna-card `src/data.rs` (CardVerifiableCertificate).
    """

    TAG = 0x7F21
    BODY_TAG = 0x5F4E
    SIGNATURE_TAG = 0x5F37
    BODY_LENGTH = 297

    issuer_key_id: KeyId
    subject_key_id: KeyId
    public_key: CardPublicKey
    signature: bytes = field(repr=False)

    def __post_init__(self) -> None:
        check_signature_length(self.signature)

    @staticmethod
    def body_to_sign(issuer_key_id: KeyId, subject_key_id: KeyId, public_key: CardPublicKey) -> bytes:
        """The 297 bytes that an authority signs to certify `public_key`."""
        return issuer_key_id.encode() + subject_key_id.encode() + public_key.encode()

    @property
    def body(self) -> bytes:
        """The 297 bytes that the signature covers."""
        return self.body_to_sign(self.issuer_key_id, self.subject_key_id, self.public_key)

    def encode(self) -> bytes:
        """The whole object, 568 bytes."""
        return encode_tlv(self.TAG, self.encode_contents())

    def encode_contents(self) -> bytes:
        """Body and signature without the outer tag, 563 bytes: as the card manager's GET DATA answers."""
        return encode_tlv(self.BODY_TAG, self.body) + encode_tlv(self.SIGNATURE_TAG, self.signature)

    @classmethod
    def decode(cls, image: bytes) -> Self:
        """Read a certificate, or the file that holds one, filler included.

        Raises:
            Malformed: other objects, a body of another length, or something other than filler behind it.
        """
        return cls.decode_contents(read_object(image, cls.TAG).value)

    @classmethod
    def decode_contents(cls, contents: bytes) -> Self:
        """Read a certificate without its outer tag.

        Raises:
            Malformed: other objects, or a body of another length.
        """
        body, signature = read_parts(contents, cls.BODY_TAG, cls.SIGNATURE_TAG)
        if len(body) != cls.BODY_LENGTH:
            raise Malformed("the body of a CV certificate has 297 bytes")
        issuer, subject = KeyId.decode(body[:16]), KeyId.decode(body[16:32])
        return cls(issuer, subject, CardPublicKey.decode(body[32:]), signature)

    def check_vouches(self, signature: bytes, signed: bytes) -> None:
        """Check that the key certified here, a card issuer's, signed what a file says.

        Raises:
            NotIntact: the signature does not verify.
        """
        try:
            self.public_key.check_signature(signature, signed)
        except NotGenuine as error:
            raise NotIntact from error

    @property
    def anchor(self) -> CvAnchor:
        """The certified key as one that may certify others, once this certificate has been checked itself."""
        return CvAnchor(self.subject_key_id, self.public_key.modulus, self.public_key.exponent)

    def check_issued_by(self, anchor: CvAnchor) -> None:
        """Check that the authority `anchor` signed this certificate.

        Raises:
            NotGenuine: it names another issuer, or the signature does not verify.
        """
        if self.issuer_key_id != anchor.key_id:
            raise NotGenuine("the CV certificate names another issuer")
        anchor.public_key.check_signature(self.signature, self.body)
