"""The reader with a card of the next generation: it finds out which it has, and signs with what that card has."""

import dataclasses
import hashlib
import json

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from tests.card.people import (
    ATTRIBUTES,
    AUTHENTICATION,
    MUNICIPALITY,
    SIGNING,
    authority,
    card,
    next_certificate,
    next_key,
    store,
)
from tests.reader.scripted import SELECT_JPKI, Script, select
from warifu.card import Card, Profile, tries_left
from warifu.cardmap import NEXT_PIN, NEXT_SIGNING_PASSWORD, Application, TokenInfo
from warifu.errors import LastTry, Malformed, NotOnCard, PinBlocked, PinRequired, WrongPin
from warifu.messages import LoginChallenge
from warifu.reader import (
    Credential,
    JpkiSession,
    Key,
    TextSession,
    Traced,
    all_tries_left,
    answer_login,
    applications_of,
    change_pin,
    check_attributes,
    open_text,
    probe,
)
from warifu.reader.expected import expected_files

CHALLENGE = LoginChallenge("http://localhost:8700", "bank", "tx-1", bytes(range(32)))
ECDSA_384 = ec.ECDSA(hashes.SHA384())
NEXT, FACE = Application.NEXT_AUTHENTICATION, Application.NEXT_FACE
SELECT_NEXT = ("00A4040C0A F0574152494655000001", "9000")
DIGEST = hashlib.sha384(b"tally").digest()


@pytest.fixture
def next_card() -> Card:
    return card(Profile.NEXT_GENERATION)


def test_a_session_finds_out_which_generation_the_card_is_of(next_card: Card) -> None:
    ours, todays = JpkiSession(next_card), JpkiSession(card())
    assert (ours.next_generation, ours.algorithm, ours.hash_name) == (True, "ES384", "sha384")
    assert (todays.next_generation, todays.algorithm, todays.hash_name) == (False, "RS256", "sha256")


def test_todays_card_is_asked_for_nothing_more() -> None:
    script = Script([SELECT_JPKI])
    JpkiSession(script)
    script.check_finished()


@pytest.mark.parametrize(
    ("key", "owner", "pin"), [(Key.AUTHENTICATION, AUTHENTICATION, "1234"), (Key.SIGNING, SIGNING, "abc123")]
)
def test_it_signs_and_everybodys_ecdsa_verifies(next_card: Card, key: Key, owner: int, pin: str) -> None:
    session = JpkiSession(next_card)
    session.verify(key, pin)
    signature = session.sign(key, DIGEST)
    next_key(owner).public_key().verify(signature, b"tally", ECDSA_384)
    assert session.certificate(key) == next_certificate(owner)


def test_certificates_are_read_as_today(next_card: Card) -> None:
    session = JpkiSession(next_card)
    assert session.token_info().label == TokenInfo.NEXT
    assert session.has_certificate(Key.SIGNING)
    assert session.certificate(Key.AUTHENTICATION) == next_certificate(AUTHENTICATION)
    assert session.ca_certificate(Key.AUTHENTICATION) == next_certificate(MUNICIPALITY)
    with pytest.raises(PinRequired):
        session.certificate(Key.SIGNING)


@pytest.mark.parametrize("length", [0, 32, 47, 49, 64])
def test_a_digest_of_another_length_is_not_sent(next_card: Card, length: int) -> None:
    session = JpkiSession(next_card)
    session.verify(Key.AUTHENTICATION, "1234")
    with pytest.raises(Malformed):
        session.sign(Key.AUTHENTICATION, bytes(length))


def test_a_sha384_value_is_not_sent_to_todays_card() -> None:
    session = JpkiSession(card())
    session.verify(Key.AUTHENTICATION, "1234")
    with pytest.raises(Malformed):
        session.sign(Key.AUTHENTICATION, DIGEST)


@pytest.mark.parametrize("answer", ["00" * 96, "01" * 95, "01" * 97, "FF" * 96, "3006020101020101"])
def test_what_is_no_pair_of_numbers_is_no_signature(answer: str) -> None:
    sign = (f"802A008030{DIGEST.hex()}00", f"{answer}9000")
    script = Script([(SELECT_JPKI[0], "6A82"), SELECT_NEXT, select("0017"), sign])
    with pytest.raises(Malformed):
        JpkiSession(script).sign(Key.AUTHENTICATION, DIGEST)
    script.check_finished()


def test_a_signature_wants_the_pin_first(next_card: Card) -> None:
    with pytest.raises(PinRequired):
        JpkiSession(next_card).sign(Key.AUTHENTICATION, DIGEST)


def test_a_wrong_pin_counts_and_the_last_try_is_kept() -> None:
    kept = store(Profile.NEXT_GENERATION)
    session = JpkiSession(card(Profile.NEXT_GENERATION))
    for left in (2, 1):
        with pytest.raises(WrongPin) as refused:
            session.verify(Key.AUTHENTICATION, "9999")
        assert refused.value.tries_left == left
    with pytest.raises(LastTry):
        session.verify(Key.AUTHENTICATION, "9999")
    with pytest.raises(PinBlocked):
        session.verify(Key.AUTHENTICATION, "9999", spend_last=True)
    assert tries_left(kept, NEXT_PIN) == 3


# --- a login ----------------------------------------------------------------------------------------------------------


def test_a_login_is_signed_over_the_sha384_of_the_challenge(next_card: Card) -> None:
    answer = answer_login(next_card, CHALLENGE, "1234")
    next_key(AUTHENTICATION).public_key().verify(answer.signature, CHALLENGE.encode(), ECDSA_384)
    assert (answer.unverified_certificate, answer.attributes) == (next_certificate(AUTHENTICATION), None)
    assert CHALLENGE.digest("sha384") == hashlib.sha384(CHALLENGE.encode()).digest()


def test_a_login_with_todays_card_is_signed_as_ever() -> None:
    """The generation changes nothing for the other."""
    answer = answer_login(card(), CHALLENGE, "1234", "5678")
    assert len(answer.signature) == 256
    assert answer.attributes is not None


@pytest.mark.parametrize("text_pin", ["1234", "5678"])
def test_one_pin_opens_the_attributes_too(next_card: Card, text_pin: str) -> None:
    """What is given as text PIN says that they are wanted, and is not presented."""
    answer = answer_login(next_card, CHALLENGE, "1234", text_pin)
    assert answer.attributes is not None
    proved = check_attributes(answer.attributes, CHALLENGE.card_nonce(), [authority().anchor])
    assert proved == ATTRIBUTES
    assert Credential.NEXT_PIN in all_tries_left(next_card)
    assert all_tries_left(next_card)[Credential.NEXT_PIN] == 3


def test_a_wrong_pin_costs_one_try_also_where_attributes_are_wanted(next_card: Card) -> None:
    with pytest.raises(WrongPin):
        answer_login(next_card, CHALLENGE, "9999", "9999")
    assert JpkiSession(next_card).tries_left(Key.AUTHENTICATION) == 2


def test_afterwards_the_card_has_forgotten_the_pin(next_card: Card) -> None:
    answer_login(next_card, CHALLENGE, "1234", "1234")
    with pytest.raises(PinRequired):
        JpkiSession(next_card).sign(Key.AUTHENTICATION, DIGEST)


def test_the_tries_for_the_attributes_are_those_of_the_one_pin(next_card: Card) -> None:
    assert (open_text(next_card).tries_left(), open_text(card()).tries_left()) == (3, 3)
    with pytest.raises(NotOnCard):
        open_text(card(Profile.ANDROID))


def test_a_phones_token_still_has_no_attributes() -> None:
    with pytest.raises(NotOnCard):
        answer_login(card(Profile.ANDROID), CHALLENGE, "1234", "5678")


def test_it_has_no_text_application(next_card: Card) -> None:
    with pytest.raises(NotOnCard):
        TextSession(next_card)


# --- what a survey finds ----------------------------------------------------------------------------------------------


def test_both_applications_and_their_tries_are_found(next_card: Card) -> None:
    assert applications_of(next_card) == [NEXT, FACE]
    assert {each: tries for each, tries in all_tries_left(next_card).items() if tries is not None} == {
        Credential.NEXT_PIN: 3,
        Credential.NEXT_SIGNING_PASSWORD: 5,
        Credential.NEXT_BIRTH_DATE: 10,
        Credential.NEXT_MATCHING_NUMBER_A: 10,
        Credential.NEXT_MATCHING_NUMBER_B: 10,
    }


@pytest.mark.parametrize(
    ("credential", "old", "new"),
    [(Credential.NEXT_PIN, "1234", "4321"), (Credential.NEXT_SIGNING_PASSWORD, "ABC123", "XYZ987")],
)
def test_its_pins_are_changed(next_card: Card, credential: Credential, old: str, new: str) -> None:
    change_pin(next_card, credential, old, new)
    session = JpkiSession(next_card)
    key = Key.AUTHENTICATION if credential is Credential.NEXT_PIN else Key.SIGNING
    session.verify(key, new)
    assert session.credential(key) is credential


def test_a_survey_finds_our_own_card_as_our_tables_say(next_card: Card) -> None:
    told = probe(next_card)
    assert told.differences == []
    for application in (NEXT, FACE):
        wanted = {f"{fid:04X}": kind.value for fid, kind in expected_files(application).items()}
        assert told.files[application.name.lower()] == wanted
    assert set(told.files) == {"next_authentication", "next_face"}


def test_a_survey_of_it_tells_nothing_of_its_holder(next_card: Card) -> None:
    told = json.dumps(dataclasses.asdict(probe(next_card)), ensure_ascii=False)
    assert ATTRIBUTES.name.text not in told
    assert next_certificate(AUTHENTICATION)[40:60].hex() not in told.lower()


def test_a_trace_names_its_applications_and_files(next_card: Card) -> None:
    lines: list[str] = []
    answer_login(Traced(next_card, lines.append), CHALLENGE, "1234", "1234")
    told = "\n".join(lines)
    assert "application NEXT_AUTHENTICATION" in told
    assert "0018 (PIN)" in told
    assert "31323334" not in told


def test_the_two_credentials_have_places_of_their_own() -> None:
    assert Credential.NEXT_PIN.pin.spec is NEXT_PIN
    assert Credential.NEXT_SIGNING_PASSWORD.pin.spec is NEXT_SIGNING_PASSWORD
    assert Credential.NEXT_PIN.application is NEXT


def test_the_proof_of_the_card_is_rsa_still(next_card: Card) -> None:
    """What issuers sign and the card proves has today's formats: none other is published."""
    answer = answer_login(next_card, CHALLENGE, "1234", "1234")
    assert answer.attributes is not None
    assert len(answer.attributes.nonce_signature) == 256
