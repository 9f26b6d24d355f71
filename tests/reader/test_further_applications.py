"""The common and the visual application, and what matching numbers open in the text application."""

import datetime as dt

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from tests.cardmap.test_genuineness import CARD, certificate, public_key
from tests.cardmap.test_visual import BORN, FACE, PICTURE
from tests.reader.scripted import SELECT_JPKI, SELECT_TEXT, Answer, Script, select
from tests.reader.visual_chip import BIRTH_DATE, INFO, NUMBER_A, NUMBER_B, VisualCard
from warifu.cardmap import CardRecord
from warifu.errors import (
    CardRefused,
    Malformed,
    NotOnCard,
    PinRequired,
    WarifuError,
    WrongCheckDigit,
    WrongPin,
)
from warifu.reader import CommonSession, Credential, JpkiSession, Key, TextSession, VisualSession
from warifu.testing import SoftwareCard

SELECT_COMMON = ("00A4040C0A D3921000310001010100", "9000")
A, B = Credential.TEXT_MATCHING_NUMBER_A, Credential.TEXT_MATCHING_NUMBER_B
VISUAL_A, VISUAL_B = Credential.VISUAL_MATCHING_NUMBER_A, Credential.VISUAL_MATCHING_NUMBER_B


# --- text -------------------------------------------------------------------------------------------------------------


def test_the_text_pin_opens_attributes_and_number_to_their_holder(my_number_card: SoftwareCard) -> None:
    session = TextSession(my_number_card.connection)
    session.verify("5678")
    assert session.attributes() == my_number_card.attributes
    assert session.number().reveal() == NUMBER_A


def test_matching_number_a_opens_the_number_alone(my_number_card: SoftwareCard) -> None:
    session = TextSession(my_number_card.connection)
    session.verify(NUMBER_A, credential=A)
    assert session.number().reveal() == NUMBER_A
    with pytest.raises(PinRequired):
        session.attributes()


def test_matching_number_b_is_presented_to_its_own_file() -> None:
    presented = ("002000800E" + NUMBER_B.encode().hex(), "63C8")
    script = Script([SELECT_TEXT, select("0015"), ("00200080", "63C9"), presented])
    with pytest.raises(WrongPin) as caught:
        TextSession(script).verify(NUMBER_B, credential=B)
    assert (caught.value.tries_left, caught.value.pin_name) == (8, "matching number B")
    script.check_finished()


@pytest.mark.parametrize("read", [TextSession.attributes, TextSession.number])
def test_nothing_is_read_before_a_credential(my_number_card: SoftwareCard, read: object) -> None:
    assert callable(read)
    with pytest.raises(PinRequired):
        read(TextSession(my_number_card.connection))


@pytest.mark.parametrize(("number", "error"), [("123456789012", WrongCheckDigit), ("12345678901", Malformed)])
def test_a_number_that_nobody_can_have_spends_no_try(number: str, error: type[WarifuError]) -> None:
    script = Script([SELECT_TEXT])
    with pytest.raises(error) as caught:
        TextSession(script).verify(number, credential=A)
    assert number not in str(caught.value)
    script.check_finished()


def test_a_credential_of_another_application_is_not_presented() -> None:
    script = Script([SELECT_TEXT])
    with pytest.raises(Malformed):
        TextSession(script).verify("1234", credential=Credential.AUTHENTICATION_PIN)
    script.check_finished()


# --- JPKI -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "signing", "authentication"), [("8F8F00", True, True), ("008F00", False, True), ("8F0000", True, False)]
)
def test_a_card_says_which_certificates_it_holds(said: str, signing: bool, authentication: bool) -> None:
    """EF 0008 (soltia48/myna-card `src/ap/jpki.rs`)."""
    asked = [select("0008"), ("00B0000003", said + "9000")]
    session = JpkiSession(Script([SELECT_JPKI, *asked, *asked]))
    assert session.has_certificate(Key.SIGNING) is signing
    assert session.has_certificate(Key.AUTHENTICATION) is authentication


@pytest.mark.parametrize(("answer", "there"), [("9000", True), ("6A82", False)])
def test_a_card_that_does_not_say_is_asked_for_the_file(answer: str, there: bool) -> None:
    script = Script([SELECT_JPKI, ("00A4020C020008", "6A82"), ("00A4020C020001", answer)])
    assert JpkiSession(script).has_certificate(Key.SIGNING) is there
    script.check_finished()


# --- common -----------------------------------------------------------------------------------------------------------


def common(*dialogue: tuple[str, Answer]) -> CommonSession:
    return CommonSession(Script([SELECT_COMMON, *dialogue]))


def test_the_card_record_is_record_one_of_file_one() -> None:
    """READ RECORD with P2 = 04 (soltia48/myna-card `src/ap/common.rs`)."""
    record = CardRecord("123456789012345", "13101", dt.date(2035, 2, 17))
    session = common(select("0001"), ("00B2010400", record.encode().hex() + "9000"))
    assert session.card_record() == record


def test_a_record_that_is_not_there_is_an_error_with_the_status_word() -> None:
    with pytest.raises(CardRefused) as caught:
        common(select("0001"), ("00B2010400", "6A83")).card_record()
    assert caught.value.status_word == 0x6A83


def test_another_record_is_malformed() -> None:
    with pytest.raises(Malformed):
        common(select("0001"), ("00B2010400", "0202 3132 9000")).card_record()


def test_the_software_card_has_a_card_record(my_number_card: SoftwareCard) -> None:
    assert CommonSession(my_number_card.connection).card_record().municipality_code == "13101"


def test_the_common_key_signs_a_challenge_without_a_pin(my_number_card: SoftwareCard) -> None:
    """INTERNAL AUTHENTICATE ``00 88 00 99`` (soltia48/myna-card `src/ap/common.rs`)."""
    signature = CommonSession(my_number_card.connection).authenticate(b"challenge")
    my_number_card.common_public_key.verify(signature, b"challenge", PKCS1v15(), SHA256())


@pytest.mark.parametrize("challenge", [b"", bytes(256)])
def test_a_challenge_of_another_length_is_not_sent(challenge: bytes) -> None:
    with pytest.raises(Malformed):
        common().authenticate(challenge)


def test_an_answer_to_a_challenge_without_a_signature_is_malformed() -> None:
    with pytest.raises(Malformed):
        common(("0088009901 00 00", "9000")).authenticate(b"\0")


def test_matching_numbers_open_the_software_card_too(my_number_card: SoftwareCard) -> None:
    session = VisualSession(my_number_card.connection)
    session.verify(VISUAL_B, my_number_card.matching_number_b)
    assert session.face().face.birth_date == my_number_card.attributes.birth_date
    session.verify(Credential.BIRTH_DATE, my_number_card.birth_date_key)
    session.age_record().check_signed_by(session.certificate())
    text = TextSession(my_number_card.connection)
    text.verify(my_number_card.matching_number_b, credential=B)
    assert text.attributes() == my_number_card.attributes


@pytest.mark.parametrize("session", [CommonSession, VisualSession])
def test_a_phone_has_no_such_application(session: type[CommonSession | VisualSession]) -> None:
    aid = "D3921000310001010100" if session is CommonSession else "D3921000310001010402"
    with pytest.raises(NotOnCard):
        session(Script([(f"00A4040C0A {aid}", "6A82")]))


# --- visual -----------------------------------------------------------------------------------------------------------


def test_the_birth_date_opens_the_age_record() -> None:
    session = VisualSession(VisualCard())
    session.verify(Credential.BIRTH_DATE, BIRTH_DATE)
    record = session.age_record()
    assert record.birth_date == BORN
    record.check_signed_by(session.certificate())


@pytest.mark.parametrize(("credential", "value"), [(VISUAL_A, NUMBER_A), (VISUAL_B, NUMBER_B)])
def test_either_matching_number_opens_the_face(credential: Credential, value: str) -> None:
    session = VisualSession(VisualCard())
    session.verify(credential, value)
    file = session.face()
    assert file.face == FACE
    file.check_signed_by(session.certificate())


def test_the_number_s_picture_opens_with_the_number_and_nothing_else() -> None:
    session = VisualSession(VisualCard())
    session.verify(VISUAL_B, NUMBER_B)
    with pytest.raises(PinRequired):
        session.number_image()
    session.verify(VISUAL_A, NUMBER_A)
    assert session.number_image().picture == PICTURE


@pytest.mark.parametrize("read", [VisualSession.age_record, VisualSession.face, VisualSession.number_image])
def test_nothing_printed_is_read_before_a_credential(read: object) -> None:
    assert callable(read)
    with pytest.raises(PinRequired):
        read(VisualSession(VisualCard()))


def test_what_the_application_says_of_itself_and_its_certificate_are_free() -> None:
    session = VisualSession(VisualCard())
    assert session.info() == INFO
    assert session.certificate() == certificate()


def test_the_card_proves_itself_over_a_nonce_without_a_pin() -> None:
    public_key(CARD).check_signature(VisualSession(VisualCard()).prove(b"nonce"), b"nonce")


def test_tries_of_the_visual_application_are_its_own() -> None:
    card = VisualCard()
    session = VisualSession(card)
    with pytest.raises(WrongPin) as caught:
        session.verify(Credential.BIRTH_DATE, "550218")
    assert caught.value.pin_name == "birth date key"
    assert (session.tries_left(Credential.BIRTH_DATE), session.tries_left(VISUAL_B)) == (9, 10)


def test_a_number_with_a_wrong_check_digit_is_not_presented() -> None:
    session = VisualSession(VisualCard())
    with pytest.raises(WrongCheckDigit):
        session.verify(VISUAL_A, "123456789012")
    assert session.tries_left(VISUAL_A) == 10
