"""Personalisation, the issuer's key, and the municipality's window."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from tests.card.people import (
    AUTHENTICATION,
    NUMBER,
    TEXT,
    PoolSigner,
    SeededEntropy,
    authority,
    issuer,
    others,
    person,
    private_bytes,
    shown,
    store,
)
from tests.card.talk import AUTHENTICATION_KEY, AUTHENTICATION_PIN, SIGNING_PASSWORD, Talk
from warifu.card import (
    Card,
    CardIssuer,
    CvAuthority,
    MemoryStore,
    Personalisation,
    Profile,
    block_pin,
    card_public_key,
    personalise,
    set_pin,
    tries_left,
    unblock_pin,
)
from warifu.cardmap import AUTHENTICATION_PIN as AUTHENTICATION_SPEC
from warifu.cardmap import SIGNING_PASSWORD as SIGNING_SPEC
from warifu.cardmap import KeyId
from warifu.errors import DataTooNew, Malformed, NotAllowed
from warifu.person import Address, BasicAttributes, BirthDate, Name, Sex


def issue(changed: Personalisation) -> Talk:
    talk = Talk(Card(MemoryStore(personalise(changed, issuer())), SeededEntropy()))
    talk.select_jpki()
    return talk


def test_nothing_of_a_holder_is_shown() -> None:
    told = shown(person(), issuer(), authority())
    assert "割符" not in told
    assert "1234" not in told
    assert NUMBER.reveal() not in told


@pytest.mark.parametrize(
    "changes",
    [
        {"authentication_pin": "12345"},
        {"authentication_pin": "12A4"},
        {"authentication_pin": "１２３４"},
        {"text_pin": ""},
        {"signing_password": "ABC12"},
        {"signing_password": "ABCDEF"},
        {"signing_password": "123456"},
        {"signing_password": "ABC-123"},
        {"signing_password": "A1" * 9},
        {"matching_number_b": "1234"},
    ],
)
def test_a_pin_that_is_none_of_its_kind_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed) as caught:
        personalise(replace(person(), **changes), issuer())
    assert not any(value and value in str(caught.value) for value in changes.values())


def test_a_signing_password_is_upper_cased() -> None:
    talk = issue(replace(person(), signing_password="abc123"))
    assert talk.verify(SIGNING_PASSWORD, "ABC123") == "9000"


@pytest.mark.parametrize(
    "changes",
    [
        {"signing_key": None},
        {"signing_certificate": None},
        {"signing_ca_certificate": None},
        {"profile": Profile.CHILD_WITHOUT_SIGNING},
        {"profile": Profile.FACE_VERIFICATION},
    ],
)
def test_a_profile_that_signs_has_all_that_signing_needs_and_no_other_has_any(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        replace(person(), **changes)


def without_signing() -> dict[str, Any]:
    return dict.fromkeys(("signing_password", "signing_key", "signing_certificate", "signing_ca_certificate"))


def test_a_face_verification_card_has_no_pin_that_matches() -> None:
    """暗証番号設定のない顔認証カード; that the PINs answer as blocked is modelled."""
    without_pins = replace(others(), resident_pin=None, common_pin=None)
    none: dict[str, Any] = {
        **without_signing(),
        "authentication_pin": None,
        "text_pin": None,
        "others": without_pins,
    }
    talk = issue(replace(person(), **none, profile=Profile.FACE_VERIFICATION))
    assert talk.tries(AUTHENTICATION_PIN) == talk.tries(SIGNING_PASSWORD) == "63C0"
    assert talk.verify(AUTHENTICATION_PIN, "1234") == "6984"
    assert talk.sign(AUTHENTICATION_KEY) == "6982"
    assert talk.read(0x0A) == "9000"


def test_a_face_verification_card_with_a_pin_is_refused() -> None:
    with pytest.raises(Malformed):
        replace(person(), **without_signing(), profile=Profile.FACE_VERIFICATION)


@pytest.mark.parametrize("key", [b"", b"not a key", private_bytes(AUTHENTICATION)[:-1]])
def test_a_key_that_is_none_is_refused_without_being_shown(key: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        personalise(replace(person(), authentication_key=key), issuer())
    assert caught.value.__cause__ is None


def test_a_key_of_another_kind_is_refused() -> None:
    key = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(Malformed):
        personalise(replace(person(), text_key=key), issuer())


def test_a_certificate_that_does_not_fit_its_file_is_refused() -> None:
    with pytest.raises(Malformed, match="jpki/000A"):
        personalise(replace(person(), authentication_certificate=bytes(2049)), issuer())


def test_the_longest_name_and_address_fit() -> None:
    longest = BasicAttributes(Name("𠮷" * 60), Address("髙" * 200), BirthDate(date(1912, 7, 30)), Sex.NOT_APPLICABLE)
    assert issue(replace(person(), attributes=longest)).tries(AUTHENTICATION_PIN) == "63C3"


def test_a_key_id_of_real_cards_is_not_used() -> None:
    """5000033 and the like name the keys of real cards (soltia48/myna-card `src/ca.rs`)."""
    with pytest.raises(NotAllowed):
        CvAuthority(KeyId("5000033"), PoolSigner(TEXT))
    with pytest.raises(NotAllowed):
        authority().certify(KeyId("5131016"), card_public_key(PoolSigner(TEXT).public_key_info))


def test_an_issuer_signs_with_the_key_that_was_certified() -> None:
    with pytest.raises(Malformed):
        CardIssuer(issuer().certificate, PoolSigner(TEXT))


@pytest.mark.parametrize("info", [b"", b"\x30\x00"])
def test_a_public_key_is_der(info: bytes) -> None:
    with pytest.raises(Malformed):
        card_public_key(info)


def test_a_certified_key_is_rsa() -> None:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    with pytest.raises(Malformed):
        card_public_key(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


# --- the store of a card ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["format", "profile", "jpki/0018", "jpki/000A", "text/0002"])
def test_a_store_that_lacks_something_is_no_card(missing: str) -> None:
    contents = {name: value for name, value in store().read().items() if name != missing}
    with pytest.raises(Malformed):
        Card(MemoryStore(contents), SeededEntropy())


def test_a_place_without_its_key_signs_nothing() -> None:
    contents = {name: value for name, value in store().read().items() if name != "text/0013"}
    talk = Talk(Card(MemoryStore(contents), SeededEntropy()))
    talk.select_text()
    assert talk.sign(0, "AA") == "6985"


def test_a_store_of_a_newer_version_is_refused() -> None:
    contents = {**store().read(), "format": b"\x03"}
    with pytest.raises(DataTooNew):
        Card(MemoryStore(contents), SeededEntropy())


# --- the municipality's window ----------------------------------------------------------------------------------------


def test_the_window_sets_a_forgotten_pin_and_all_its_tries() -> None:
    kept = store()
    talk = Talk(Card(kept, SeededEntropy()))
    talk.select_jpki()
    for _ in range(3):
        talk.verify(AUTHENTICATION_PIN, "0000")
    set_pin(kept, AUTHENTICATION_SPEC, "9876")
    talk.card.power_cycle()
    talk.select_jpki()
    assert talk.tries(AUTHENTICATION_PIN) == "63C3"
    assert talk.verify(AUTHENTICATION_PIN, "9876") == "9000"


def test_the_window_unblocks_without_a_new_pin() -> None:
    kept = store()
    block_pin(kept, SIGNING_SPEC)
    assert tries_left(kept, SIGNING_SPEC) == 0
    unblock_pin(kept, SIGNING_SPEC)
    assert tries_left(kept, SIGNING_SPEC) == 5
    talk = Talk(Card(kept, SeededEntropy()))
    talk.select_jpki()
    assert talk.verify(SIGNING_PASSWORD, "ABC123") == "9000"


def test_the_window_can_leave_some_tries() -> None:
    kept = store()
    block_pin(kept, AUTHENTICATION_SPEC, 1)
    talk = Talk(Card(kept, SeededEntropy()))
    talk.select_jpki()
    assert talk.verify(AUTHENTICATION_PIN, "0000") == "63C0"


def test_what_was_never_set_cannot_be_unblocked() -> None:
    contents = {**store().read(), "jpki/001B": b"\0"}
    with pytest.raises(NotAllowed):
        unblock_pin(MemoryStore(contents), SIGNING_SPEC)


@pytest.mark.parametrize("pin", ["12345", "ABCD", ""])
def test_the_window_sets_no_pin_of_another_kind(pin: str) -> None:
    with pytest.raises(Malformed):
        set_pin(store(), AUTHENTICATION_SPEC, pin)


def test_the_window_needs_a_card() -> None:
    with pytest.raises(Malformed):
        tries_left(MemoryStore({}), AUTHENTICATION_SPEC)
