"""What the register and the authorities tell each other; the wire forms are in the vectors."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from warifu.errors import Malformed
from warifu.messages import (
    Attribute,
    AttributesRequest,
    CardEvent,
    CardHappening,
    Cause,
    CertificateOrder,
    CurrentAttributes,
    MinorCorrection,
    OrderedKind,
    OrderedMedium,
    OrderRefused,
    PhoneApplication,
    ResidentEvent,
    SignedApplication,
    message_type,
)
from warifu.person import Address, BasicAttributes, BirthDate, Name, Sex

ID = "0123456789abcdef" * 2
NOW = datetime(2026, 11, 22, 8, 50, tzinfo=UTC)
ATTRIBUTES = BasicAttributes(
    Name("黒桐　幹也"), Address("東京都清瀬市見本町１"), BirthDate(date(1980, 2, 17)), Sex.MALE
)
EVENT = ResidentEvent(ID, ID, Cause.MOVE_WITHIN, frozenset({Attribute.ADDRESS}), None, NOW)
ORDER = CertificateOrder(
    ID,
    ID,
    OrderedKind.SIGNING,
    OrderedMedium.CARD,
    ID,
    "13221",
    b"0\0",
    ATTRIBUTES,
    ATTRIBUTES.birth_date,
    NOW + timedelta(days=3000),
    False,
    NOW,
)


def test_a_moment_is_kept_in_utc_and_in_whole_seconds() -> None:
    japan = timezone(timedelta(hours=9))
    event = replace(EVENT, at=datetime(2026, 11, 22, 17, 50, 0, 999, tzinfo=japan))
    assert event == EVENT
    assert ResidentEvent.decode(event.encode()) == event


def test_a_naive_moment_is_malformed() -> None:
    with pytest.raises(Malformed):
        CardEvent(ID, ID, ID, CardHappening.LOST, NOW.replace(tzinfo=None))


@pytest.mark.parametrize("cause", [cause for cause in Cause if cause is not Cause.CORRECTION])
def test_only_a_correction_can_be_minor(cause: Cause) -> None:
    """公的個人認証法施行規則 第20条."""
    with pytest.raises(Malformed):
        replace(EVENT, cause=cause, minor=MinorCorrection.DISTRICT_RENAMED)


def test_there_are_seven_minor_corrections() -> None:
    """公的個人認証法施行規則 第20条."""
    assert len(MinorCorrection) == 7


def test_attributes_go_into_a_signing_certificate_only() -> None:
    """公的個人認証法 第7条; 第26条 has none."""
    with pytest.raises(Malformed):
        replace(ORDER, kind=OrderedKind.AUTHENTICATION)
    with pytest.raises(Malformed):
        replace(ORDER, attributes=None)


def test_the_application_for_a_phone_is_signed_and_no_other_is() -> None:
    """公的個人認証法 第16条の2第2項, 第35条の2."""
    signed = SignedApplication(PhoneApplication(ID, OrderedKind.SIGNING, b"0\0", 7, NOW).encode(), b"signature")
    assert replace(ORDER, medium=OrderedMedium.PHONE, application=signed).application == signed
    with pytest.raises(Malformed):
        replace(ORDER, medium=OrderedMedium.PHONE)
    with pytest.raises(Malformed):
        replace(ORDER, application=signed)


def test_an_order_says_one_birth_date() -> None:
    with pytest.raises(Malformed):
        replace(ORDER, birth_date=BirthDate(date(1980, 2, 18)))


def test_an_answer_carries_what_was_asked_for_and_nothing_else() -> None:
    """公的個人認証法施行規則 第35条の2: consent is given item by item."""
    for each in Attribute:
        answer = CurrentAttributes.of(ID, ATTRIBUTES, frozenset({each}), NOW)
        told = {item for item in Attribute if getattr(answer, item.value) is not None}
        assert told == {each}
        assert getattr(answer, each.value) == getattr(ATTRIBUTES, each.value)


def test_a_request_asks_for_something() -> None:
    with pytest.raises(Malformed):
        AttributesRequest(ID, frozenset())


def test_names_stay_out_of_reprs() -> None:
    answer = CurrentAttributes.of(ID, ATTRIBUTES, frozenset(Attribute), NOW)
    for shown in (repr(ORDER), repr(answer)):
        for secret in ("黒桐", "清瀬", "1980", "MALE"):
            assert secret not in shown


@pytest.mark.parametrize("message", [EVENT, ORDER, OrderRefused(ID, "not_allowed")])
def test_a_message_tells_its_type_before_it_is_read(message: ResidentEvent | CertificateOrder | OrderRefused) -> None:
    assert message_type(message.encode()) == message.TYPE


@pytest.mark.parametrize("data", [b"[]", b"{}", b'{"type":1}', b"{", b"", b'{"type":"a","type":"b"}'])
def test_bytes_that_do_not_tell_their_type_are_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        message_type(data)
