"""Believing four attributes: one refusal for each thing that may be wrong with them."""

from dataclasses import replace

import pytest

from warifu.card import CvAuthority
from warifu.cardmap import CvCertificate, KeyId
from warifu.errors import Malformed, NotGenuine, NotIntact
from warifu.messages import AttributesAnswer
from warifu.person import Name
from warifu.pki import KeySigner
from warifu.reader import TextSession, check_attributes
from warifu.testing import ATTRIBUTES, SoftwareCard, software_card
from warifu.town import pool

NONCE = bytes(range(32))


def answer_of(card: SoftwareCard, nonce: bytes = NONCE) -> AttributesAnswer:
    session = TextSession(card.connection)
    session.verify(card.text_pin)
    return session.attributes_answer(nonce)


@pytest.fixture
def answer(my_number_card: SoftwareCard) -> AttributesAnswer:
    return answer_of(my_number_card)


def test_a_genuine_card_gives_its_holder_s_attributes(my_number_card: SoftwareCard, answer: AttributesAnswer) -> None:
    assert check_attributes(answer, NONCE, [my_number_card.cv_anchor]) == my_number_card.attributes


def test_filler_behind_the_files_does_not_matter(my_number_card: SoftwareCard, answer: AttributesAnswer) -> None:
    filled = replace(answer, attributes=answer.attributes + b"\xff" * 40, integrity=answer.integrity + b"\xff")
    assert check_attributes(filled, NONCE, [my_number_card.cv_anchor]) == my_number_card.attributes


def test_attributes_of_another_person_are_not_intact(my_number_card: SoftwareCard, answer: AttributesAnswer) -> None:
    other = software_card(attributes=replace(ATTRIBUTES, name=Name("割符　太郎")))
    forged = replace(answer, attributes=answer_of(other).attributes)
    with pytest.raises(NotIntact):
        check_attributes(forged, NONCE, [my_number_card.cv_anchor])


def test_a_changed_digest_is_not_intact(my_number_card: SoftwareCard, answer: AttributesAnswer) -> None:
    """DF33 covers both digests, of the number and of the attributes."""
    at = answer.integrity.index(bytes.fromhex("DF3120")) + 3
    changed = answer.integrity[:at] + bytes([answer.integrity[at] ^ 1]) + answer.integrity[at + 1 :]
    with pytest.raises(NotIntact):
        check_attributes(replace(answer, integrity=changed), NONCE, [my_number_card.cv_anchor])


def test_a_proof_over_another_nonce_is_not_genuine(my_number_card: SoftwareCard, answer: AttributesAnswer) -> None:
    with pytest.raises(NotGenuine) as caught:
        check_attributes(answer, bytes(32), [my_number_card.cv_anchor])
    assert type(caught.value) is NotGenuine


def test_a_recorded_proof_is_not_genuine_a_second_time(my_number_card: SoftwareCard, answer: AttributesAnswer) -> None:
    replayed = replace(answer_of(my_number_card, bytes(32)), nonce_signature=answer.nonce_signature)
    with pytest.raises(NotGenuine):
        check_attributes(replayed, bytes(32), [my_number_card.cv_anchor])


@pytest.mark.parametrize("signature", [b"", bytes(255), bytes(257)])
def test_a_proof_of_another_length_is_not_genuine(
    my_number_card: SoftwareCard, answer: AttributesAnswer, signature: bytes
) -> None:
    with pytest.raises(NotGenuine):
        check_attributes(replace(answer, nonce_signature=signature), NONCE, [my_number_card.cv_anchor])


def test_without_an_anchor_no_card_is_genuine(answer: AttributesAnswer) -> None:
    with pytest.raises(NotGenuine):
        check_attributes(answer, NONCE, [])


def test_an_anchor_of_another_name_does_not_count(my_number_card: SoftwareCard, answer: AttributesAnswer) -> None:
    with pytest.raises(NotGenuine):
        check_attributes(answer, NONCE, [replace(my_number_card.cv_anchor, key_id=KeyId("9000034"))])


def test_an_anchor_of_the_same_name_and_another_key_does_not_count(answer: AttributesAnswer) -> None:
    with pytest.raises(NotGenuine):
        check_attributes(answer, NONCE, [authority().anchor])


def test_a_key_certified_by_somebody_else_is_not_genuine(
    my_number_card: SoftwareCard, answer: AttributesAnswer
) -> None:
    """The whole chain from a forger who calls himself what the authority is called."""
    real = CvCertificate.decode(answer.certificate)
    forged = authority().certify(real.subject_key_id, real.public_key)
    with pytest.raises(NotGenuine):
        check_attributes(replace(answer, certificate=forged.encode()), NONCE, [my_number_card.cv_anchor])


def test_a_key_for_internal_authentication_that_nobody_signed_is_not_genuine(
    my_number_card: SoftwareCard, answer: AttributesAnswer
) -> None:
    changed = answer.key[:-1] + bytes([answer.key[-1] ^ 1])
    with pytest.raises(NotGenuine) as caught:
        check_attributes(replace(answer, key=changed), NONCE, [my_number_card.cv_anchor])
    assert type(caught.value) is NotGenuine


@pytest.mark.parametrize("member", ["attributes", "integrity", "certificate", "key"])
@pytest.mark.parametrize("content", [b"", b"\xff" * 8, b"\x30\x00", "shorter", "trailing"])
def test_a_file_that_is_not_what_its_place_requires_is_malformed(
    my_number_card: SoftwareCard, answer: AttributesAnswer, member: str, content: bytes | str
) -> None:
    real: bytes = getattr(answer, member)
    if isinstance(content, str):
        content = real[:-1] if content == "shorter" else real + b"\0"
    with pytest.raises(Malformed):
        check_attributes(replace(answer, **{member: content}), NONCE, [my_number_card.cv_anchor])


def authority() -> CvAuthority:
    """Somebody else, under the same name."""
    return CvAuthority(KeyId("9000033"), KeySigner(pool.private_key(20)))
