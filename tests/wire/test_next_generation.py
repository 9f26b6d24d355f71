"""The companion and the phone with a card of the next generation: one PIN, P-384. Modelled."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from tests.card.people import ATTRIBUTES, AUTHENTICATION, SeededEntropy, authority, next_key, store
from tests.wire.phone_world import Visitor, heading
from tests.wire.test_companion import INVITATION, ORIGIN, WITH_ATTRIBUTES, FixedClock, Holder
from warifu.card import Card, MemoryStore, Profile, block_pin, tries_left
from warifu.cardmap import NEXT_PIN
from warifu.errors import LastTry, PinBlocked, WrongPin
from warifu.messages import LoginAnswer, LoginInvitation
from warifu.ports import Connection
from warifu.reader import check_attributes
from warifu.testing import software_card
from warifu.wire.companion import answer_invitation
from warifu.wire.phone.holding import answer_with_card
from warifu.wire.phone.visit import Entry

ECDSA_384 = ec.ECDSA(hashes.SHA384())


@pytest.fixture
def kept() -> MemoryStore:
    return MemoryStore(store(Profile.NEXT_GENERATION).read())


def at_the_companion(kept: MemoryStore, holder: Holder, invitation: LoginInvitation = WITH_ATTRIBUTES) -> LoginAnswer:
    @contextmanager
    def open_card(_waiting: object) -> Iterator[Connection]:
        yield Card(kept, SeededEntropy())

    return answer_invitation(invitation, ORIGIN, holder, open_card, FixedClock())


def check(answer: LoginAnswer, *, attributes: bool) -> None:
    next_key(AUTHENTICATION).public_key().verify(answer.signature, answer.challenge.encode(), ECDSA_384)
    assert (answer.attributes is not None) is attributes
    if answer.attributes is not None:
        anchors = [authority().anchor]
        assert check_attributes(answer.attributes, answer.challenge.card_nonce(), anchors) == ATTRIBUTES


def test_the_companion_has_it_sign(kept: MemoryStore) -> None:
    holder = Holder()
    check(at_the_companion(kept, holder, INVITATION), attributes=False)
    assert holder.heard[1:] == [("authentication", 3)]


def test_the_companion_shares_attributes_when_the_person_says_so(kept: MemoryStore) -> None:
    """It has no text PIN to ask for."""
    holder = Holder()
    check(at_the_companion(kept, holder), attributes=True)
    assert holder.heard[1:] == [("authentication", 3), "share?"]
    check(at_the_companion(kept, Holder(text_pins=[None])), attributes=False)


def test_a_wrong_pin_costs_one_try_at_the_companion(kept: MemoryStore) -> None:
    """Although it opens two things; and what was said about sharing holds for the second try."""
    holder = Holder(pins=["9999", "1234"])
    check(at_the_companion(kept, holder), attributes=True)
    assert holder.heard[1:] == [
        ("authentication", 3),
        "share?",
        ("wrong", "authentication PIN", 2),
        ("authentication", 2),
    ]
    assert tries_left(kept, NEXT_PIN) == 3


def test_the_phone_has_it_sign(kept: MemoryStore) -> None:
    challenge = WITH_ATTRIBUTES.challenge(ORIGIN)
    for text in ("1234", None):
        answer = answer_with_card(Card(kept, SeededEntropy()), challenge, Entry(pin="1234"), Entry(pin=text))
        check(answer, attributes=text is not None)


def test_the_phone_spends_no_last_try_unasked(kept: MemoryStore) -> None:
    block_pin(kept, NEXT_PIN, 1)
    challenge = INVITATION.challenge(ORIGIN)
    with pytest.raises(LastTry):
        answer_with_card(Card(kept, SeededEntropy()), challenge, Entry(pin="1234"), Entry())
    assert tries_left(kept, NEXT_PIN) == 1
    answer_with_card(Card(kept, SeededEntropy()), challenge, Entry(pin="1234", confirmed=True), Entry())


def test_a_last_try_that_was_agreed_to_serves_for_the_attributes_as_well(kept: MemoryStore) -> None:
    """There is no text PIN whose last try could be asked about."""
    block_pin(kept, NEXT_PIN, 1)
    challenge = WITH_ATTRIBUTES.challenge(ORIGIN)
    entered = Entry(pin="1234", confirmed=True), Entry(pin="1234")
    check(answer_with_card(Card(kept, SeededEntropy()), challenge, *entered), attributes=True)


def test_the_phone_asks_for_one_pin() -> None:
    visitor = Visitor(software_card(profile=Profile.NEXT_GENERATION))
    visitor.wallet.one_pin = True
    visitor.choose()
    asked = visitor.enter("1234")
    assert heading(asked) == "Share your name etc.?"
    assert 'type="password"' not in asked.text
    assert heading(visitor.post("/visit/pin", step="text_pin", same="yes")) == "Hold the card"
    visitor.hold()
    assert visitor.provider.answers[0].attributes is not None


def test_the_phone_tells_a_wrong_and_a_blocked_pin(kept: MemoryStore) -> None:
    challenge = INVITATION.challenge(ORIGIN)
    with pytest.raises(WrongPin) as refused:
        answer_with_card(Card(kept, SeededEntropy()), challenge, Entry(pin="9999"), Entry(pin="9999"))
    assert (refused.value.tries_left, refused.value.pin_name) == (2, "authentication PIN")
    block_pin(kept, NEXT_PIN)
    with pytest.raises(PinBlocked):
        answer_with_card(Card(kept, SeededEntropy()), challenge, Entry(pin="1234"), Entry())
