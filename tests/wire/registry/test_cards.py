"""Cards in the register's database: from the application to the end, with the authority's answers in between."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from tests.applying import applied
from tests.ca.town import key
from tests.wire.conftest import Place
from tests.wire.registry.world import AWAY, HOTLINE, JLIS, KIYOSE, SHIBUYA, World, living, name, person, window
from warifu.errors import AlreadyAnswered, LetterRefused, Malformed, NotAllowed, NotFound
from warifu.messages import (
    Attribute,
    AttributesRequest,
    CertificateIssued,
    CurrentAttributes,
    OrderedKind,
    OrderRefused,
)
from warifu.registry import (
    ABROAD,
    CardApplication,
    CardPin,
    CardState,
    CardStep,
    CertificateNote,
    Claims,
    Collector,
    Ground,
    Medium,
    PhoneState,
    Proof,
    Relationship,
    SignedByCard,
    pins_of,
)
from warifu.wire.post import Letter
from warifu.wire.registry import WindowStep

TODAY = date(2026, 11, 22)


@pytest.fixture
def world(place: Place) -> Iterator[World]:
    with living(place) as made:
        yield made


def test_a_card_from_the_application_to_its_holders_hands(world: World) -> None:
    holder = world.resident()
    card = world.card(holder)
    assert card.state is CardState.IN_FORCE
    assert {each.note for each in card.certificates} == {CertificateNote.ON_CARD}
    assert world.authority.causes() == ["move_in", "delivered"]
    assert [order.kind for order in world.authority.orders.values()] == [
        OrderedKind.AUTHENTICATION,
        OrderedKind.SIGNING,
    ]


def test_the_certificate_is_there_for_writing(world: World) -> None:
    card = world.made_card(world.resident())
    for each in card.certificates:
        issued = CertificateIssued.decode(world.registry.cards.certificate(JLIS, each.order))
        assert issued.order_id == each.order
    with pytest.raises(NotFound):
        world.registry.cards.certificate(JLIS, "f" * 32)


def test_a_certificate_is_for_the_cards_own_window(world: World) -> None:
    """It has the holder's attributes in it."""
    [each, *_] = world.made_card(world.resident()).certificates
    assert world.registry.cards.certificate(window(), each.order)
    for by in (window(SHIBUYA), HOTLINE):
        with pytest.raises(NotAllowed):
            world.registry.cards.certificate(by, each.order)


@pytest.mark.parametrize("step", [WindowStep.RETURN_NOT_NOTIFIED, WindowStep.OUTSIDE_THE_ACT])
def test_a_window_notes_that_the_law_has_ended_a_card(world: World, step: WindowStep) -> None:
    """番号法施行令 第14条第7号, 第12号: no event of the register tells."""
    card = world.card(world.resident())
    world.registry.cards.at_window(window(), card.id, step)
    world.settle()
    [after] = [each for each in world.cards(card.holder) if each.id == card.id]
    assert (after.state, after.ended_by) == (CardState.ENDED, CardStep(step.value))
    assert world.authority.causes()[-1] == "invalidated"


def test_an_authority_may_answer_later_by_a_letter_of_its_own(world: World) -> None:
    world.authority.later = True
    holder = world.resident()
    done = world.registry.cards.apply(JLIS, holder, CardApplication(kinds=frozenset({OrderedKind.AUTHENTICATION})))
    world.registry.cards.note_made(JLIS, done.cards[0], {OrderedKind.AUTHENTICATION: key(20).public_key_info})
    world.settle()
    [order] = world.authority.orders.values()
    with pytest.raises(NotFound, match="no answer yet"):
        world.registry.cards.certificate(JLIS, order.id)
    letter = Letter(
        id="9" * 32, sender="authority", to="registry", subject="certificate-issued", body=world.authority.answer(order)
    )
    for _ in range(2):
        assert world.registry.mailbox().take(letter) == b""
    assert world.cards(holder)[0].certificates[0].note is CertificateNote.ISSUED


def test_a_refused_order_is_noted(world: World) -> None:
    world.authority.refusing = True
    holder = world.resident()
    done = world.registry.cards.apply(JLIS, holder, CardApplication(kinds=frozenset({OrderedKind.AUTHENTICATION})))
    world.registry.cards.note_made(JLIS, done.cards[0], {OrderedKind.AUTHENTICATION: key(20).public_key_info})
    world.settle()
    [noted] = world.cards(holder)[0].certificates
    assert noted.note is CertificateNote.REFUSED
    assert OrderRefused.decode(world.registry.cards.certificate(JLIS, noted.order)).error == "not_allowed"


def test_an_answer_to_nothing_is_refused(world: World) -> None:
    body = OrderRefused("5" * 32, "not_allowed").encode()
    letter = Letter(id="9" * 32, sender="authority", to="registry", subject="order-refused", body=body)
    with pytest.raises(NotFound):
        world.registry.mailbox().take(letter)
    stranger = Letter(id="9" * 32, sender="numbering", to="registry", subject="order-refused", body=body)
    with pytest.raises(LetterRefused):
        world.registry.mailbox().take(stranger)


def test_what_is_no_certificate_is_not_noted_as_one(world: World) -> None:
    world.authority.later = True
    holder = world.resident()
    done = world.registry.cards.apply(JLIS, holder, CardApplication(kinds=frozenset({OrderedKind.AUTHENTICATION})))
    world.registry.cards.note_made(JLIS, done.cards[0], {OrderedKind.AUTHENTICATION: key(20).public_key_info})
    world.settle()
    [order] = world.authority.orders.values()
    body = CertificateIssued(order.id, b"nonsense", b"").encode()
    with pytest.raises(Malformed):
        world.registry.mailbox().take(
            Letter(id="9" * 32, sender="authority", to="registry", subject="certificate-issued", body=body)
        )


def test_the_card_follows_its_holder_and_is_shown_there(world: World) -> None:
    """番号法 第17条第6項; 施行令 第14条第3号."""
    holder = world.resident()
    card = world.card(holder)
    world.registry.people.move_out(window(), {holder}, TODAY + timedelta(days=3), SHIBUYA)
    world.registry.people.move_in(window(SHIBUYA), {holder: Relationship.HEAD}, AWAY, TODAY)
    moved = world.cards(holder)[0]
    assert moved.present_by == TODAY + timedelta(days=90)
    assert [each.kind for each in moved.certificates] == [OrderedKind.AUTHENTICATION]
    world.registry.cards.present(window(SHIBUYA), card.id, pin_verified=True)
    assert (world.cards(holder)[0].municipality, world.cards(holder)[0].present_by) == (SHIBUYA, None)
    world.registry.cards.order_certificate(window(SHIBUYA), card.id, OrderedKind.SIGNING, key(30).public_key_info)
    world.settle()
    world.registry.cards.note_written(window(SHIBUYA), card.id, OrderedKind.SIGNING)
    assert len(world.cards(holder)[0].certificates) == 2


def test_a_card_that_is_not_shown_ends_by_itself(world: World) -> None:
    holder = world.resident()
    world.card(holder)
    world.registry.people.move_out(window(), {holder}, TODAY + timedelta(days=3), SHIBUYA)
    world.registry.people.move_in(window(SHIBUYA), {holder: Relationship.HEAD}, AWAY, TODAY)
    world.clock.forward(days=90)
    assert world.registry.days.run_due().ended == 0
    world.clock.forward(days=1)
    assert [world.registry.days.run_due().ended for _ in range(2)] == [1, 0]
    assert world.cards(holder)[0].state is CardState.ENDED


def test_a_card_expires_by_itself_once(world: World) -> None:
    holder = world.resident()
    expires = world.card(holder).expires
    assert expires is not None
    world.clock.moment += timedelta(days=(expires - TODAY).days)
    assert world.registry.days.run_due().ended == 0
    world.clock.forward(days=1)
    assert [world.registry.days.run_due().ended for _ in range(2)] == [1, 0]
    world.settle()
    assert world.authority.causes()[-1] == "expired"


def test_a_card_nobody_collects_is_destroyed(world: World) -> None:
    holder = world.resident()
    world.made_card(holder)
    world.clock.forward(days=365)
    assert world.registry.days.run_due().destroyed == 0
    world.clock.forward(days=1)
    assert [world.registry.days.run_due().destroyed for _ in range(2)] == [1, 0]
    world.settle()
    assert world.authority.causes()[-1] == "discarded"


def test_the_turn_of_a_day_tells_how_far_it_is(world: World) -> None:
    holder = world.resident()
    world.registry.people.move_out(window(), {holder}, TODAY, SHIBUYA)
    seen: list[tuple[int, int]] = []
    world.registry.days.run_due(progress=lambda done, all_: seen.append((done, all_)))
    assert seen == [(0, 1), (1, 1)]


def test_a_card_shown_with_the_notice_lives_on_abroad(world: World) -> None:
    """番号法施行令 第14条第1号."""
    kept, gone = world.resident(), world.resident()
    card = world.card(kept)
    world.card(gone)
    for holder in (kept, gone):
        world.registry.people.move_out(window(), {holder}, TODAY, ABROAD)
    world.registry.cards.keep_abroad(window(), card.id)
    world.registry.days.run_due()
    assert [world.cards(holder)[0].state for holder in (kept, gone)] == [CardState.IN_FORCE, CardState.ENDED]


def test_death_ends_the_card_in_the_same_transaction(world: World) -> None:
    holder = world.resident()
    world.card(holder)
    world.registry.people.register_death(window(), holder, TODAY)
    assert world.cards(holder)[0].state is CardState.ENDED


@pytest.mark.parametrize(
    ("step", "state"),
    [
        (WindowStep.REPORT_LOST, CardState.LOST),
        (WindowStep.GIVE_BACK, CardState.ENDED),
        (WindowStep.ORDER_RETURN, CardState.ENDED),
        (WindowStep.UPDATE_FACE, CardState.IN_FORCE),
        (WindowStep.GIVE_UP_PINS, CardState.IN_FORCE),
    ],
)
def test_what_a_window_does_without_further_words(world: World, step: WindowStep, state: CardState) -> None:
    holder = world.resident()
    card = world.card(holder)
    world.registry.cards.at_window(window(), card.id, step)
    assert world.cards(holder)[0].state is state
    with pytest.raises(NotAllowed):
        world.registry.cards.at_window(window(SHIBUYA), card.id, WindowStep.NOTE_FOUND)


def test_an_applicant_may_change_the_mind(world: World) -> None:
    holder = world.resident()
    card = world.made_card(holder)
    world.registry.cards.at_window(window(), card.id, WindowStep.WITHDRAW)
    assert world.cards(holder)[0].ended_by is not None


def test_a_lost_card_is_replaced(world: World) -> None:
    holder = world.resident()
    old = world.card(holder)
    application = CardApplication(ground=Ground.LOST, proof_of_loss=True)
    done = world.registry.cards.apply(window(), holder, application)
    states = {card.id: card.state for card in world.cards(holder)}
    assert states == {old.id: CardState.ENDED, done.cards[0]: CardState.APPLIED}
    assert world.registry.cards.making_order(done.cards[0]).holder == holder


def test_pins_are_told_by_name_only(world: World) -> None:
    holder = world.resident()
    card = world.card(holder)
    world.registry.cards.reset_pins(window(), card.id, frozenset({CardPin.SIGNING}))
    world.registry.cards.at_window(window(), card.id, WindowStep.GIVE_UP_PINS)
    with pytest.raises(NotAllowed):
        world.registry.cards.reset_pins(window(), card.id, frozenset({CardPin.SIGNING}))
    world.registry.cards.take_up_pins(window(), card.id, frozenset(CardPin) - {CardPin.SIGNING})
    assert world.cards(holder)[0].pins


def test_a_password_is_reset_at_a_kiosk(world: World) -> None:
    holder = world.resident()
    card = world.card(holder)
    cards = world.registry.cards
    reset = cards.reserve_reset(JLIS, card.id, CardPin.SIGNING, verified=CardPin.AUTHENTICATION, face_matches=True)
    done = cards.reset_at_kiosk(JLIS, reset, verified=CardPin.AUTHENTICATION, act="a" * 32)
    again = cards.reset_at_kiosk(JLIS, reset, verified=CardPin.AUTHENTICATION, act="a" * 32)
    assert (done.repeated, again.repeated) == (False, True)


def test_a_certificate_is_given_up_at_the_window(world: World) -> None:
    holder = world.resident()
    card = world.card(holder)
    world.registry.cards.ask_revocation(window(), card.id, OrderedKind.SIGNING)
    world.settle()
    assert world.authority.causes()[-1] == "signing_revocation_asked"


def test_a_card_is_not_given_out_with_pins_unset(world: World) -> None:
    holder = world.resident()
    card = world.made_card(holder)
    handover = world.registry.cards.begin_delivery(window(), card.id, Collector.HOLDER, Proof.PHOTO_DOCUMENT)
    assert handover.pins == pins_of(card)
    with pytest.raises(NotAllowed, match="PINs are not set"):
        world.registry.cards.deliver(
            window(), card.id, Collector.HOLDER, Proof.PHOTO_DOCUMENT, frozenset({CardPin.TEXT})
        )


# --- phones -----------------------------------------------------------------------------------------------------------


def test_a_phone_stands_on_a_card_and_is_held_and_found(world: World) -> None:
    holder = world.resident()
    card = world.card(holder)
    keys = {kind: key(30 + index).public_key_info for index, kind in enumerate(OrderedKind)}
    signed = SignedByCard(card.id, applied(keys, world.clock.now()))
    phone = world.registry.cards.apply_for_phone(JLIS, signed).phones[-1]
    world.settle()
    with pytest.raises(AlreadyAnswered):  # somebody who kept the application hands it in again
        world.registry.cards.apply_for_phone(JLIS, signed)
    [on_file] = world.registry.looks.phones_of(JLIS, holder, "case 1")
    assert {each.note for each in on_file.certificates} == {CertificateNote.ON_CARD}
    call = world.registry.calls.take(HOTLINE, claims(world, holder)).act
    world.registry.calls.suspend(HOTLINE, call, frozenset({Medium.PHONE}))
    assert world.registry.looks.phones_of(JLIS, holder, "case 1")[0].state is PhoneState.HELD
    world.registry.cards.lift_phone_hold(JLIS, phone)
    again = SignedByCard(card.id, applied({OrderedKind.SIGNING: key(40).public_key_info}, world.clock.now()))
    world.registry.cards.apply_for_phone_signing_again(JLIS, phone, again)
    world.registry.cards.give_up_phone(JLIS, phone)
    world.settle()
    assert world.authority.causes()[-3:] == ["phone_held", "phone_hold_lifted", "phone_given_up"]


# --- the hotline ------------------------------------------------------------------------------------------------------


def claims(world: World, holder: str) -> Claims:
    record = world.record(holder)
    return Claims(record.name.shown.text, record.birth_date.digits, record.address.text)


def test_a_call_suspends_what_was_lost(world: World) -> None:
    holder = world.resident()
    card = world.card(holder)
    call = world.registry.calls.take(HOTLINE, claims(world, holder)).act
    assert world.registry.calls.on_file(HOTLINE, call).cards == {card.id: CardState.IN_FORCE}
    done = world.registry.calls.suspend(HOTLINE, call, frozenset({Medium.CARD}))
    world.settle()
    assert done.cards == (card.id,)
    assert world.cards(holder)[0].state is CardState.HELD
    assert world.authority.causes()[-1] == "held"


def test_a_caller_whom_nobody_knows_suspends_nothing_and_is_written_down(world: World) -> None:
    holder = world.resident()
    world.card(holder)
    stranger = Claims("割符　花子", "19900402", world.record(holder).address.text)
    call = world.registry.calls.take(HOTLINE, stranger)
    assert call.holders == ()
    with pytest.raises(NotAllowed, match="not known"):
        world.registry.calls.suspend(HOTLINE, call.act, frozenset({Medium.CARD}))
    assert world.cards(holder)[0].state is CardState.IN_FORCE
    before = world.registry.check_log()
    world.registry.calls.take(HOTLINE, Claims("x", "nonsense", "y"))
    assert world.registry.check_log() == before + 1


def test_twins_are_told_apart(world: World) -> None:
    twins = world.arrive(person(), person(Relationship.SIBLING, "割符　星子")).holders
    card = world.card(twins[0])
    call = world.registry.calls.take(HOTLINE, claims(world, twins[0])).act
    assert list(world.registry.calls.on_file(HOTLINE, call).cards) == [card.id]


def test_another_operators_call_is_not_found(world: World) -> None:
    holder = world.resident()
    call = world.registry.calls.take(HOTLINE, claims(world, holder)).act
    other = type(HOTLINE)("operator-2", HOTLINE.desk)
    with pytest.raises(NotFound, match="no such call"):
        world.registry.calls.suspend(other, call, frozenset({Medium.CARD}))


def test_only_the_hotline_takes_calls(world: World) -> None:
    with pytest.raises(NotAllowed):
        world.registry.calls.take(window(), Claims("x", "19900401", "y"))


# --- current attributes -----------------------------------------------------------------------------------------------


def ask(world: World, holder: str, letter: str = "9" * 32) -> bytes:
    request = AttributesRequest(holder, frozenset({Attribute.NAME, Attribute.ADDRESS}))
    lines = {"id": letter, "sender": "authority", "to": "registry", "subject": "attributes-request"}
    return world.registry.mailbox().take(Letter(**lines, body=request.encode()))


def test_an_authority_is_told_what_the_holder_agreed_to_and_that_is_written_down(world: World) -> None:
    holder = world.resident()
    told = CurrentAttributes.decode(ask(world, holder))
    assert (told.name, told.birth_date) == (world.record(holder).name.shown, None)
    assert world.registry.looks.entries(window(), holder)[0][1].purpose == "current attributes"


def test_nothing_is_current_of_the_dead(world: World) -> None:
    holder = world.resident()
    world.registry.people.register_death(window(), holder, TODAY)
    with pytest.raises(NotFound):
        ask(world, holder)


def test_of_who_is_abroad_the_annex_is_told(world: World) -> None:
    holder = world.resident()
    world.registry.people.move_out(window(), {holder}, TODAY, ABROAD)
    world.registry.days.run_due()
    told = CurrentAttributes.decode(ask(world, holder))
    assert told.address is not None
    assert told.address.text.startswith("国外転出")


def test_a_card_is_one_persons(world: World) -> None:
    card = world.card(world.resident())
    with pytest.raises(NotFound):
        world.registry.cards.at_window(window(), "f" * 32, WindowStep.REPORT_LOST)
    with pytest.raises((NotAllowed, AlreadyAnswered)):
        world.registry.cards.apply(JLIS, card.holder, CardApplication())
    assert world.record(card.holder).name == name()
    assert world.record(card.holder).municipality == KIYOSE
