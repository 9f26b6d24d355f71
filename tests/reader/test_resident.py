"""The resident register application: what is free, what its PIN opens, and what a real card answers."""

import pytest

from tests.reader.scripted import Answer, Script, select
from warifu.cardmap import KeyId, ResidentRecord
from warifu.errors import Malformed, NotOnCard, PinBlocked, PinRequired, WarifuError, WrongCheckDigit, WrongPin
from warifu.person import ResidentRecordCode
from warifu.reader import CommonSession, ResidentSession
from warifu.testing import SoftwareCard

SELECT_RESIDENT = ("00A4040C0A D3921000310001010401", "9000")
CODE = ResidentRecordCode.of_body("1234567890")


def resident(*dialogue: tuple[str, Answer]) -> ResidentSession:
    return ResidentSession(Script([SELECT_RESIDENT, *dialogue]))


def test_the_pin_opens_the_code(my_number_card: SoftwareCard) -> None:
    session = ResidentSession(my_number_card.connection)
    session.verify(my_number_card.resident_pin)
    assert session.record_code() == my_number_card.resident_record_code


def test_without_the_pin_the_code_stays_shut(my_number_card: SoftwareCard) -> None:
    with pytest.raises(PinRequired):
        ResidentSession(my_number_card.connection).record_code()


def test_a_wrong_pin_is_counted_by_the_application_s_own_counter(my_number_card: SoftwareCard) -> None:
    session = ResidentSession(my_number_card.connection)
    with pytest.raises(WrongPin) as caught:
        session.verify("0000")
    assert (caught.value.tries_left, caught.value.pin_name, session.tries_left()) == (2, "resident PIN", 2)


def test_a_blocked_pin_is_not_presented() -> None:
    session = resident(select("001C"), ("00200080", "63C0"))
    with pytest.raises(PinBlocked):
        session.verify("2468")


def test_the_code_is_record_one_of_file_one() -> None:
    """Modelled: file and record."""
    session = resident(select("0001"), ("00B2010400", ResidentRecord(CODE).encode().hex() + "9000"))
    assert session.record_code() == CODE


def test_a_real_card_has_no_such_file() -> None:
    """soltia48/myna-card `src/ap/juki.rs`: none was found."""
    with pytest.raises(NotOnCard):
        resident(("00A4020C020001", "6A82")).record_code()


@pytest.mark.parametrize(
    ("record", "error"), [("010B" + b"12345678900".hex(), WrongCheckDigit), ("010A" + b"1234567890".hex(), Malformed)]
)
def test_a_code_that_is_none_is_not_handed_on(record: str, error: type[WarifuError]) -> None:
    with pytest.raises(error) as caught:
        resident(select("0001"), ("00B2010400", record + "9000")).record_code()
    assert "1234567890" not in str(caught.value)


def test_a_phone_has_no_such_application() -> None:
    with pytest.raises(NotOnCard):
        ResidentSession(Script([(SELECT_RESIDENT[0], "6A82")]))


def test_the_name_of_a_key_is_free_and_the_same_in_the_common_application(my_number_card: SoftwareCard) -> None:
    """EF 0002, byte-identical in both (soltia48/myna-card `src/ap/juki.rs`)."""
    here = ResidentSession(my_number_card.connection).key_reference()
    assert here == CommonSession(my_number_card.connection).key_reference() == KeyId("9131016", "000")
