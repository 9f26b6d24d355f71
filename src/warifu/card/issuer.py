"""Who vouches for what stands on a card: an authority, and under it the key of a card issuer (a municipality)."""

from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from warifu.cardmap import (
    AttributesFile,
    CardPublicKey,
    CvAnchor,
    CvCertificate,
    IntegrityFile,
    InternalKey,
    KeyId,
    NumberFile,
)
from warifu.errors import Malformed, NotAllowed
from warifu.ports import Signer

_REAL_CARDS = "5"


def card_public_key(public_key_info: bytes) -> CardPublicKey:
    """The numbers of a key given as DER SubjectPublicKeyInfo.

    Raises:
        Malformed: not an RSA-2048 key.
    """
    try:
        key = load_der_public_key(public_key_info)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Malformed("not a public key") from error
    if not isinstance(key, RSAPublicKey):
        raise Malformed("card-verifiable certificates hold RSA keys only")
    numbers = key.public_numbers()
    return CardPublicKey(numbers.n, numbers.e)


def _check_own(key_id: KeyId) -> None:
    """Check that this is no name of the real cards' hierarchy.

    Raises:
        NotAllowed: it is.
    """
    if key_id.number.startswith(_REAL_CARDS):
        raise NotAllowed("key ids beginning with 5 belong to real cards")


@dataclass(frozen=True, slots=True, repr=False)
class CvAuthority:
    """An authority that certifies the keys of card issuers."""

    key_id: KeyId
    signer: Signer

    def __post_init__(self) -> None:
        _check_own(self.key_id)

    @property
    def anchor(self) -> CvAnchor:
        """What a verifier needs to know of the authority."""
        key = card_public_key(self.signer.public_key_info)
        return CvAnchor(self.key_id, key.modulus, key.exponent)

    def certify(self, subject_key_id: KeyId, public_key: CardPublicKey) -> CvCertificate:
        """Certify the key of a card issuer.

        Raises:
            NotAllowed: a key id of the real cards.
        """
        _check_own(subject_key_id)
        body = CvCertificate.body_to_sign(self.key_id, subject_key_id, public_key)
        return CvCertificate(self.key_id, subject_key_id, public_key, self.signer.sign(body))


@dataclass(frozen=True, slots=True, repr=False)
class CardIssuer:
    """The key with which a municipality signs the records of its cards, and its certificate."""

    certificate: CvCertificate
    signer: Signer

    def __post_init__(self) -> None:
        if card_public_key(self.signer.public_key_info) != self.certificate.public_key:
            raise Malformed("the card issuer's certificate is for another key")

    def sign_records(self, number: NumberFile, attributes: AttributesFile) -> IntegrityFile:
        """Vouch for the individual number and the four basic attributes."""
        digests = number.digest(), attributes.digest()
        return IntegrityFile(*digests, self.signer.sign(IntegrityFile.part_to_sign(*digests)))

    def sign_key(self, public_key: CardPublicKey) -> InternalKey:
        """Vouch for the key with which a card proves that it is no copy."""
        return InternalKey(public_key, self.signer.sign(InternalKey.part_to_sign(public_key)))
