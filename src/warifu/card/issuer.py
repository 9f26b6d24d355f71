"""Who vouches for what stands on a card: an authority, and under it the key of a card issuer (a municipality)."""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from warifu.cardmap import (
    AgeRecord,
    AttributesFile,
    CardPublicKey,
    CvAnchor,
    CvCertificate,
    Face,
    FaceFile,
    IntegrityFile,
    InternalKey,
    KeyId,
    NumberFile,
    NumberImage,
)
from warifu.errors import Malformed, NotAllowed
from warifu.person import BirthDate
from warifu.ports import Signer

_REAL_CARDS = "5"


class RecordSigner(Signer, Protocol):
    """A signer that also signs what is a DigestInfo already: the face has one that no standard knows."""

    def sign_verbatim(self, data: bytes) -> bytes:
        """Sign `data` as it is, with PKCS #1 v1.5 padding (CKM_RSA_PKCS)."""
        ...


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
    """The key with which a municipality signs the records of its cards, and its certificates.

    `certificate` stands in the text application. The visual application and the card manager have certificates of
    their own, by other authorities; where none is given, `certificate` stands there as well.
    """

    certificate: CvCertificate
    signer: RecordSigner
    visual_certificate: CvCertificate | None = None
    manager_certificate: CvCertificate | None = None

    def __post_init__(self) -> None:
        key = card_public_key(self.signer.public_key_info)
        given = (self.certificate, self.visual_certificate, self.manager_certificate)
        if any(each is not None and each.public_key != key for each in given):
            raise Malformed("the card issuer's certificate is for another key")

    @property
    def for_visual(self) -> CvCertificate:
        """What stands in the visual application."""
        return self.visual_certificate or self.certificate

    @property
    def for_manager(self) -> CvCertificate:
        """What the card manager tells."""
        return self.manager_certificate or self.certificate

    def sign_records(self, number: NumberFile, attributes: AttributesFile) -> IntegrityFile:
        """Vouch for the individual number and the four basic attributes."""
        digests = number.digest(), attributes.digest()
        return IntegrityFile(*digests, self.signer.sign(IntegrityFile.part_to_sign(*digests)))

    def sign_key(self, public_key: CardPublicKey) -> InternalKey:
        """Vouch for the key with which a card proves that it is no copy."""
        return InternalKey(public_key, self.signer.sign(InternalKey.part_to_sign(public_key)))

    def sign_age(self, birth_date: BirthDate, public_key: CardPublicKey) -> AgeRecord:
        """Vouch for the birth date alone."""
        return AgeRecord(birth_date, public_key, self.signer.sign(AgeRecord.part_to_sign(birth_date, public_key)))

    def sign_face(self, face: Face, expiry: dt.date, security_code: bytes) -> FaceFile:
        """Vouch for the face; expiry and the picture of the security code stand beside it unsigned."""
        signed = FaceFile.part_to_sign(face)
        return FaceFile(face, self.signer.sign_verbatim(signed), expiry, security_code, signed)

    def sign_number_image(self, picture: bytes, public_key: CardPublicKey) -> NumberImage:
        """Vouch for the picture of the individual number."""
        signed = NumberImage.part_to_sign(picture, public_key)
        return NumberImage(picture, public_key, self.signer.sign(signed), signed)

    def certify(self, subject_key_id: KeyId, public_key: CardPublicKey) -> CvCertificate:
        """Certify the key of a card, for the card manager's chain.

        Raises:
            NotAllowed: a key id of the real cards.
        """
        return CvAuthority(self.for_manager.subject_key_id, self.signer).certify(subject_key_id, public_key)


@dataclass(frozen=True, slots=True, repr=False)
class CvAuthorities:
    """The authorities above a card issuer: one for the text application, the visual one and the card manager each.

    In life their key ids are 5000033, 5000023 and 5000020 (soltia48/myna-card `src/ca.rs`).
    Modelled: that all three certify the same key of the municipality, under one number.
    """

    MANAGER_PADDING = b"\0\0\0\xa8"
    """How key ids at the card manager end (soltia48/myna-card `src/mf.rs`)."""

    text: CvAuthority
    visual: CvAuthority
    manager: CvAuthority

    @property
    def anchors(self) -> tuple[CvAnchor, ...]:
        """What a verifier needs to know of them."""
        return self.text.anchor, self.visual.anchor, self.manager.anchor

    def issuer(self, subject_key_id: KeyId, signer: RecordSigner) -> CardIssuer:
        """A card issuer whose key all three certify.

        Raises:
            NotAllowed: a key id of the real cards.
        """
        key = card_public_key(signer.public_key_info)
        at_manager = replace(subject_key_id, padding=self.MANAGER_PADDING)
        return CardIssuer(
            self.text.certify(subject_key_id, key),
            signer,
            self.visual.certify(subject_key_id, key),
            self.manager.certify(at_manager, key),
        )
