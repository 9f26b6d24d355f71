"""Who vouches for what: the authority for the issuer's key, the issuer for the card's key and for its data."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm

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
from warifu.errors import NotGenuine, NotIntact
from warifu.person import Address, BasicAttributes, BirthDate, IndividualNumber, Name, Sex
from warifu.town import pool

AUTHORITY, ISSUER, CARD, STRANGER = range(4)
AUTHORITY_ID, ISSUER_ID = KeyId("9000033"), KeyId("9132210")


def public_key(index: int) -> CardPublicKey:
    return CardPublicKey(pool.private_key(index).public_key().public_numbers().n)


def sign(index: int, data: bytes, algorithm: HashAlgorithm | None = None) -> bytes:
    return pool.private_key(index).sign(data, PKCS1v15(), algorithm or SHA256())


def certificate(signer: int = AUTHORITY) -> CvCertificate:
    key = public_key(ISSUER)
    return CvCertificate(
        AUTHORITY_ID, ISSUER_ID, key, sign(signer, CvCertificate.body_to_sign(AUTHORITY_ID, ISSUER_ID, key))
    )


def internal_key(signer: int = ISSUER) -> InternalKey:
    return InternalKey(public_key(CARD), sign(signer, InternalKey.part_to_sign(public_key(CARD))))


ANCHOR = CvAnchor(AUTHORITY_ID, public_key(AUTHORITY).modulus)
HOLDER = BasicAttributes(Name("割符　花子"), Address("東京都架空市１"), BirthDate.decode("19990101"), Sex.FEMALE)
NUMBER = NumberFile(IndividualNumber.of_body("12345678901"))


def integrity(signer: int = ISSUER) -> IntegrityFile:
    digests = (NUMBER.digest(), AttributesFile(HOLDER).digest())
    return IntegrityFile(*digests, sign(signer, IntegrityFile.part_to_sign(*digests)))


def test_a_whole_chain_is_believed() -> None:
    certificate().check_issued_by(ANCHOR)
    internal_key().check_signed_by(certificate())
    integrity().check_signed_by(certificate())
    integrity().check_covers(AttributesFile(HOLDER))


def test_the_chain_survives_being_written_and_read() -> None:
    read = CvCertificate.decode(certificate().encode())
    read.check_issued_by(ANCHOR)
    InternalKey.decode(internal_key().encode()).check_signed_by(read)
    IntegrityFile.decode(integrity().encode() + b"\xff").check_signed_by(read)


def test_a_certificate_signed_by_another_key_is_not_genuine() -> None:
    with pytest.raises(NotGenuine):
        certificate(STRANGER).check_issued_by(ANCHOR)


def test_a_certificate_that_names_another_issuer_is_not_genuine() -> None:
    """The signature would verify: the name decides which anchor may be tried."""
    with pytest.raises(NotGenuine):
        certificate().check_issued_by(replace(ANCHOR, key_id=KeyId("9000034")))


def test_padding_belongs_to_the_issuers_name() -> None:
    with pytest.raises(NotGenuine):
        certificate().check_issued_by(replace(ANCHOR, key_id=KeyId("9000033", padding=b"\0\0\0\xa8")))


@pytest.mark.parametrize(
    "change", [{"subject_key_id": KeyId("9132211")}, {"public_key": public_key(STRANGER)}, {"signature": b"\0" * 256}]
)
def test_a_changed_certificate_is_not_genuine(change: dict[str, object]) -> None:
    with pytest.raises(NotGenuine):
        replace(certificate(), **change).check_issued_by(ANCHOR)  # type: ignore[arg-type]


def test_a_signature_over_sha1_is_not_genuine() -> None:
    forged = replace(certificate(), signature=sign(AUTHORITY, certificate().body, SHA1()))
    with pytest.raises(NotGenuine):
        forged.check_issued_by(ANCHOR)


def test_a_card_key_signed_by_another_is_not_genuine() -> None:
    with pytest.raises(NotGenuine) as caught:
        internal_key(STRANGER).check_signed_by(certificate())
    assert type(caught.value) is NotGenuine


def test_a_card_key_exchanged_for_another_is_not_genuine() -> None:
    with pytest.raises(NotGenuine):
        replace(internal_key(), public_key=public_key(STRANGER)).check_signed_by(certificate())


def test_digests_signed_by_another_are_not_intact() -> None:
    with pytest.raises(NotIntact):
        integrity(STRANGER).check_signed_by(certificate())


def test_a_signature_over_the_key_does_not_do_for_the_digests() -> None:
    with pytest.raises(NotIntact):
        replace(integrity(), signature=internal_key().signature).check_signed_by(certificate())


@pytest.mark.parametrize(
    "change",
    [
        {"name": Name("割符　華子")},
        {"address": Address("東京都架空市２")},
        {"birth_date": BirthDate.decode("20090101")},
        {"sex": Sex.UNKNOWN},
    ],
)
def test_any_changed_attribute_is_not_intact(change: dict[str, object]) -> None:
    changed = replace(HOLDER, **change)  # type: ignore[arg-type]
    with pytest.raises(NotIntact):
        integrity().check_covers(AttributesFile(changed))


def test_digests_exchanged_among_cards_are_not_intact() -> None:
    """A signature of the same issuer over another holder's digests does not verify over these."""
    other = AttributesFile(replace(HOLDER, name=Name("別人　一郎")))
    with pytest.raises(NotIntact):
        replace(integrity(), attributes_digest=other.digest()).check_signed_by(certificate())
