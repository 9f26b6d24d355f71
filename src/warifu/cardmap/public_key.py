"""RSA public keys as the card's files and certificates carry them."""

from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256

from warifu.cardmap.image import read_parts
from warifu.errors import Malformed, NotGenuine
from warifu.iso7816 import encode_tlv

SIGNATURE_LENGTH = 256


def check_signature_length(signature: bytes) -> None:
    """Check that a signature is as long as the modulus.

    Raises:
        Malformed: not 256 bytes.
    """
    if len(signature) != SIGNATURE_LENGTH:
        raise Malformed("an RSA-2048 signature has 256 bytes")


@dataclass(frozen=True, slots=True)
class CardPublicKey:
    """An RSA-2048 public key as plain numbers.

    Wire: ``90 03`` exponent, ``91 820100`` modulus, big-endian; 265 bytes in all.
    Source: soltia48/myna-card `src/data.rs` (RsaPublicKey).
    Modelled: every card seen has the exponent 65537; smaller and even ones are refused here.
    """

    EXPONENT_TAG = 0x90
    MODULUS_TAG = 0x91
    MODULUS_LENGTH = 256
    EXPONENT_LENGTH = 3

    modulus: int
    exponent: int = 65537

    def __post_init__(self) -> None:
        if self.modulus.bit_length() != 8 * self.MODULUS_LENGTH or self.modulus % 2 == 0:
            raise Malformed("not the modulus of an RSA-2048 key")
        if not 65537 <= self.exponent < 1 << 8 * self.EXPONENT_LENGTH or self.exponent % 2 == 0:
            raise Malformed("not an exponent that a card's key has")

    def encode(self) -> bytes:
        """Both data objects, 265 bytes."""
        exponent = self.exponent.to_bytes(self.EXPONENT_LENGTH, "big")
        modulus = self.modulus.to_bytes(self.MODULUS_LENGTH, "big")
        return encode_tlv(self.EXPONENT_TAG, exponent) + encode_tlv(self.MODULUS_TAG, modulus)

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read both data objects and nothing else.

        Raises:
            Malformed: other objects, or numbers of another size.
        """
        exponent, modulus = read_parts(data, cls.EXPONENT_TAG, cls.MODULUS_TAG)
        if len(exponent) != cls.EXPONENT_LENGTH or len(modulus) != cls.MODULUS_LENGTH:
            raise Malformed("the numbers of the public key have another size")
        return cls(int.from_bytes(modulus, "big"), int.from_bytes(exponent, "big"))

    def check_signature(self, signature: bytes, signed: bytes) -> None:
        """Check an RSASSA-PKCS1-v1_5 signature with SHA-256.

        Raises:
            NotGenuine: this key's private half did not sign exactly that.
        """
        key = RSAPublicNumbers(self.exponent, self.modulus).public_key()
        try:
            key.verify(signature, signed, PKCS1v15(), SHA256())
        except InvalidSignature:
            raise NotGenuine("the signature does not verify") from None

    def check_digest_info(self, signature: bytes, digest_info: bytes) -> None:
        """Check an RSASSA-PKCS1-v1_5 signature over a DigestInfo that is not one of the standard's.

        Raises:
            NotGenuine: this key's private half did not sign exactly that.
        """
        key = RSAPublicNumbers(self.exponent, self.modulus).public_key()
        try:
            signed = key.recover_data_from_signature(signature, PKCS1v15(), None)
        except InvalidSignature:
            raise NotGenuine("the signature does not verify") from None
        # All of it is compared: who looks only at the beginning or the end can be deceived (small exponents).
        if signed != digest_info:
            raise NotGenuine("the signature does not verify")
