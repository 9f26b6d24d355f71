"""What a window does for cards in force, lost and found ones included; and the kiosk."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.registry.card_world import (
    AUTHENTICATION,
    HOTLINE,
    JLIS,
    OSAKA,
    RULES,
    SIGNING,
    START,
    TOKYO,
    act,
    after,
    delivered,
    events,
    hand_over,
    in_state,
    made,
    on,
    orders,
    person,
    window,
)
from warifu.errors import NotAllowed
from warifu.messages import CardHappening
from warifu.registry import (
    Card,
    CardHolder,
    CardPin,
    CardState,
    CardStep,
    CertificateNote,
    PinReset,
    PinsSet,
    Residence,
    Stay,
    end_of,
    give_back,
    give_up_pins,
    keep_abroad,
    note_found,
    order_certificate,
    order_return,
    pins_of,
    present_after_move,
    prolong_with_stay,
    report_lost,
    reserve_reset,
    reset_at_kiosk,
    reset_pins,
    take_up_pins,
    update_face,
)


def moved(card: Card, holder: CardHolder, by: date = date(2026, 6, 30)) -> tuple[Card, CardHolder]:
    """The move has ended the signing certificate."""
    left = card.certificates_without(SIGNING)
    return replace(card, present_by=by, certificates=left), replace(holder, municipality=OSAKA)


def test_a_card_is_shown_at_the_new_municipality_and_lives_on_without_its_signing_certificate() -> None:
    """番号法 第17条第6項・第7項; 公的個人認証法 第12条第1項第1号."""
    before = person()
    card, holder = moved(delivered(before), before)
    shown = after(present_after_move(act(window(OSAKA)), card, holder, pin_verified=True), card)
    assert (shown.state, shown.municipality, shown.present_by) == (CardState.IN_FORCE, OSAKA, None)
    assert (shown.certificate(SIGNING), shown.certificate(AUTHENTICATION)) == (None, card.certificate(AUTHENTICATION))
    assert len(orders(order_certificate(act(window(OSAKA)), shown, holder, SIGNING, b"k", RULES))) == 1


def test_no_certificate_is_ordered_before_the_card_is_shown() -> None:
    before = person()
    card, holder = moved(delivered(before), before)
    with pytest.raises(NotAllowed, match="first shown"):
        order_certificate(act(window()), card, holder, SIGNING, b"k", RULES)


def test_it_is_shown_within_ninety_days() -> None:
    """施行令 第14条第3号."""
    before = person()
    card, holder = moved(delivered(before), before, date(2026, 3, 31))
    with pytest.raises(NotAllowed, match="within ninety days"):
        present_after_move(act(window(OSAKA)), card, holder, pin_verified=True)


def test_it_is_shown_where_the_holder_lives_now() -> None:
    before = person()
    card, holder = moved(delivered(before), before)
    with pytest.raises(NotAllowed, match="this desk"):
        present_after_move(act(window()), card, holder, pin_verified=True)


def test_showing_it_takes_the_resident_register_pin() -> None:
    before = person()
    card, holder = moved(delivered(before), before)
    with pytest.raises(NotAllowed, match="register PIN"):
        present_after_move(act(window(OSAKA)), card, holder, pin_verified=False)
    faces = replace(card, pins=False)
    assert present_after_move(act(window(OSAKA)), faces, holder, pin_verified=False).records


def test_who_has_not_moved_shows_nothing() -> None:
    holder = person()
    with pytest.raises(NotAllowed, match="has not moved"):
        present_after_move(act(), delivered(holder), holder, pin_verified=True)


def test_a_suspended_card_is_not_shown() -> None:
    before = person()
    card, holder = moved(in_state(CardState.HELD, before), before)
    with pytest.raises(NotAllowed, match="cannot be presented"):
        present_after_move(act(window(OSAKA)), card, holder, pin_verified=True)


def test_a_japanese_takes_the_card_abroad() -> None:
    """施行令 第14条第1号."""
    holder = person(domicile=OSAKA)
    kept = keep_abroad(act(), delivered(holder), holder).records[0]
    assert (kept.state, kept.municipality, kept.abroad_under) == (CardState.IN_FORCE, TOKYO, OSAKA)


def test_a_foreign_resident_does_not() -> None:
    """施行令 第14条第1号: 戸籍の附票に記録されている者."""
    holder = person(stay=Stay(Residence.PERMANENT))
    with pytest.raises(NotAllowed, match="Japanese only"):
        keep_abroad(act(), delivered(holder), holder)


def test_a_change_is_written_on_the_face() -> None:
    """番号法 第17条第8項."""
    change = update_face(act(), delivered(person()))
    assert (change.records[0].state, change.messages) == (CardState.IN_FORCE, ())


def test_a_card_is_prolonged_with_the_stay_and_its_certificates_are_not() -> None:
    """カード命令 第27条第2項; municipalities' pages: 電子証明書の有効期限は変更できない."""
    holder = person(stay=Stay(Residence.PERIOD_OF_STAY, date(2028, 3, 31)))
    card = delivered(holder)
    longer = replace(holder, stay=Stay(Residence.PERIOD_OF_STAY, date(2031, 3, 31)))
    after_it = after(prolong_with_stay(act(), card, longer), card)
    assert (after_it.expires, after_it.certificates) == (date(2031, 3, 31), card.certificates)


def test_a_card_that_is_over_is_not_prolonged() -> None:
    holder = person(stay=Stay(Residence.PERIOD_OF_STAY, date(2028, 3, 31)))
    card = delivered(holder)
    longer = replace(holder, stay=Stay(Residence.PERIOD_OF_STAY, date(2031, 3, 31)))
    with pytest.raises(NotAllowed, match="expired"):
        prolong_with_stay(on(date(2028, 4, 1)), card, longer)


def test_what_was_never_made_is_not_prolonged() -> None:
    holder = person()
    with pytest.raises(NotAllowed, match="never made"):
        prolong_with_stay(act(), replace(delivered(holder), made=None), holder)


def test_forgotten_pins_are_set_anew_at_the_window() -> None:
    """カード命令 第33条第9項."""
    card = delivered(person())
    change = reset_pins(act(), card, PinsSet(card.id, frozenset({CardPin.TEXT, CardPin.SIGNING})))
    assert (change.records[0].certificates, change.messages) == (card.certificates, ())
    assert "signing, text" in change.entries[0].purpose


def test_only_pins_that_the_card_has_are_set() -> None:
    card = delivered(person(), kinds=frozenset({AUTHENTICATION}))
    for pins in (frozenset({CardPin.SIGNING}), frozenset[CardPin]()):
        with pytest.raises(NotAllowed, match="no such PIN"):
            reset_pins(act(), card, PinsSet(card.id, pins))


def test_a_card_becomes_a_face_verification_card_and_loses_its_signing_certificate() -> None:
    """カード命令 第33条第7項; municipalities' pages: 失効の手続きが必要."""
    card = delivered(person())
    change = give_up_pins(act(), card)
    faces = after(change, card)
    assert (faces.pins, set(faces.kinds), set(pins_of(faces))) == (False, {AUTHENTICATION}, set())
    assert faces.certificate(SIGNING) is None
    assert events(change) == [CardHappening.SIGNING_REVOCATION_ASKED]
    assert faces.version == card.version + 1


def test_at_the_counter_one_may_take_the_card_without_pins() -> None:
    """Municipalities' pages: 受け取りの際に申し出る."""
    holder = person()
    waiting = made(holder)
    change = give_up_pins(act(), waiting)
    assert events(change) == [CardHappening.SIGNING_REVOCATION_ASKED]
    taken = hand_over(after(change, waiting), holder)
    assert (taken.state, taken.pins, set(taken.kinds)) == (CardState.IN_FORCE, False, {AUTHENTICATION})
    with pytest.raises(NotAllowed, match="has an authentication"):
        give_up_pins(act(), made(holder, kinds=frozenset({SIGNING})))


def test_without_an_authentication_certificate_it_does_not() -> None:
    card = delivered(person())
    bare = replace(card, certificates=card.certificates_without(AUTHENTICATION))
    with pytest.raises(NotAllowed, match="has an authentication"):
        give_up_pins(act(), bare)


def test_who_has_no_signing_certificate_gives_none_up_with_the_pins() -> None:
    assert events(give_up_pins(act(), delivered(person(), kinds=frozenset({AUTHENTICATION})))) == []


def test_a_face_verification_card_gets_pins_back() -> None:
    card = delivered(person())
    faces = after(give_up_pins(act(), card), card)
    pins = frozenset({CardPin.AUTHENTICATION, CardPin.TEXT, CardPin.RESIDENT})
    back = after(take_up_pins(act(), faces, PinsSet(card.id, pins)), faces)
    assert (back.pins, pins_of(back)) == (True, pins)
    with pytest.raises(NotAllowed, match="not set"):
        take_up_pins(act(), faces, PinsSet(card.id, frozenset(CardPin)))


def test_pins_are_given_up_and_taken_up_once() -> None:
    card = delivered(person())
    with pytest.raises(NotAllowed, match="has PINs"):
        take_up_pins(act(), card, PinsSet(card.id, pins_of(card)))
    with pytest.raises(NotAllowed, match="has no PINs"):
        give_up_pins(act(), after(give_up_pins(act(), card), card))


def test_a_loss_is_reported_at_the_window_and_the_keys_with_it() -> None:
    """番号法 第17条第9項; 公的個人認証法 第10条, 第29条."""
    change = report_lost(act(), delivered(person()))
    assert (change.records[0].state, events(change)) == (CardState.LOST, [CardHappening.LOST])


@pytest.mark.parametrize("state", [CardState.HELD, CardState.LOST])
def test_a_card_found_is_in_force_and_its_certificates_are_new(state: CardState) -> None:
    """カード命令 第30条; jpki.go.jp, lost card."""
    holder = person()
    card = in_state(state, holder)
    change = note_found(act(), card)
    found = after(change, card)
    assert (found.state, found.certificates, events(change)) == (CardState.IN_FORCE, (), [CardHappening.HOLD_LIFTED])
    renewals = [orders(order_certificate(act(), found, holder, kind, b"k", RULES))[0].renewal for kind in card.kinds]
    assert renewals == [False, False]


def test_a_card_is_found_at_its_window_and_not_on_the_telephone() -> None:
    with pytest.raises(NotAllowed, match="residents' section"):
        note_found(act(HOTLINE), in_state(CardState.HELD))


def test_a_card_for_which_another_was_asked_does_not_come_back() -> None:
    """カード命令 第28条第4項, 第5項."""
    with pytest.raises(NotAllowed, match="cannot be found"):
        note_found(act(), in_state(CardState.ENDED))


def test_finding_what_was_not_lost_changes_nothing() -> None:
    assert note_found(act(), delivered(person())).is_nothing


@pytest.mark.parametrize("state", [CardState.IN_FORCE, CardState.HELD, CardState.LOST])
def test_a_card_is_given_back_at_any_time(state: CardState) -> None:
    """施行令 第15条第4項."""
    change = give_back(act(), in_state(state))
    assert (change.records[0].ended_by, events(change)) == (CardStep.RETURNED, [CardHappening.RETURNED])


def test_a_card_given_out_by_mistake_is_ordered_back() -> None:
    """施行令 第14条第14号, 第16条."""
    change = order_return(act(), delivered(person()))
    assert (change.records[0].ended_by, events(change)) == (CardStep.RETURN_ORDERED, [CardHappening.INVALIDATED])


def test_every_act_of_a_window_is_done_once() -> None:
    holder, doing = person(), act()
    card = delivered(holder)
    once = after(report_lost(doing, card), card)
    pins = PinsSet(card.id, pins_of(card))
    again = [
        report_lost(doing, once),
        note_found(doing, once),
        give_back(doing, once),
        update_face(doing, once),
        keep_abroad(doing, once, holder),
        prolong_with_stay(doing, once, holder),
        reset_pins(doing, once, pins),
        give_up_pins(doing, once),
        take_up_pins(doing, once, pins),
        present_after_move(doing, once, holder, pin_verified=True),
        order_certificate(doing, once, holder, SIGNING, b"k", RULES),
    ]
    assert all(change.is_nothing for change in again)


# --- the kiosk --------------------------------------------------------------------------------------------------------

MORNING = datetime(2026, 4, 1, 21, 30, tzinfo=UTC)
"""Half past six in the morning in Japan, on 2 April 2026."""


def reserved(card: Card, pin: CardPin = CardPin.SIGNING, verified: CardPin = CardPin.AUTHENTICATION) -> PinReset:
    return reserve_reset(act(JLIS), card, pin, verified=verified, face_matches=True)


@pytest.mark.parametrize(
    ("pin", "other"),
    [(CardPin.SIGNING, CardPin.AUTHENTICATION), (CardPin.AUTHENTICATION, CardPin.SIGNING)],
)
def test_at_a_kiosk_one_password_is_set_anew_with_the_other(pin: CardPin, other: CardPin) -> None:
    """J-LIS, JPKI暗証番号リセットサービス."""
    card = delivered(person())
    change = reset_at_kiosk(act(JLIS, MORNING), reserved(card, pin, other), card, verified=other)
    assert (change.records[0].certificates, change.messages) == (card.certificates, ())
    assert pin.value in change.entries[0].purpose


def test_a_kiosk_that_repeats_itself_resets_once() -> None:
    card, doing = delivered(person()), act(JLIS, MORNING)
    once = reset_at_kiosk(doing, reserved(card), card, verified=CardPin.AUTHENTICATION)
    assert reset_at_kiosk(doing, reserved(card), once.records[0], verified=CardPin.AUTHENTICATION).is_nothing


def test_who_does_not_know_the_other_one_goes_to_the_window() -> None:
    card = delivered(person())
    with pytest.raises(NotAllowed, match="knows the other"):
        reserved(card, verified=CardPin.TEXT)
    with pytest.raises(NotAllowed, match="knows the other"):
        reset_at_kiosk(act(JLIS, MORNING), reserved(card), card, verified=CardPin.SIGNING)


@pytest.mark.parametrize("pin", [CardPin.TEXT, CardPin.RESIDENT])
def test_other_pins_are_set_at_the_window_only(pin: CardPin) -> None:
    with pytest.raises(NotAllowed, match="window only"):
        reserved(delivered(person()), pin)


def test_the_face_is_the_one_on_the_card() -> None:
    card = delivered(person())
    with pytest.raises(NotAllowed, match="face"):
        reserve_reset(act(JLIS), card, CardPin.SIGNING, verified=CardPin.AUTHENTICATION, face_matches=False)


def test_a_reservation_is_good_for_a_day() -> None:
    card = delivered(person())
    reset = reserved(card)
    assert reset_at_kiosk(act(JLIS, START + timedelta(hours=24)), reset, card, verified=CardPin.AUTHENTICATION).records
    with pytest.raises(NotAllowed, match="twenty-four"):
        reset_at_kiosk(act(JLIS, START + timedelta(hours=24, seconds=1)), reset, card, verified=CardPin.AUTHENTICATION)


@pytest.mark.parametrize("moment", [MORNING - timedelta(seconds=1), datetime(2026, 4, 1, 14, 0, tzinfo=UTC)])
def test_kiosks_sleep_at_night(moment: datetime) -> None:
    card = delivered(person())
    with pytest.raises(NotAllowed, match="half past six"):
        reset_at_kiosk(act(JLIS, moment), reserved(card), card, verified=CardPin.AUTHENTICATION)


def test_a_reservation_is_for_one_card() -> None:
    with pytest.raises(NotAllowed, match="another card"):
        reset_at_kiosk(
            act(JLIS, MORNING), reserved(delivered(person())), delivered(person()), verified=CardPin.AUTHENTICATION
        )


@pytest.mark.parametrize("state", [state for state in CardState if state is not CardState.IN_FORCE])
def test_a_kiosk_serves_cards_in_force_only(state: CardState) -> None:
    with pytest.raises(NotAllowed, match="not in force"):
        reserved(in_state(state))


def test_suspended_between_app_and_kiosk_nothing_is_set() -> None:
    card = delivered(person())
    with pytest.raises(NotAllowed, match="not in force"):
        reset_at_kiosk(
            act(JLIS, MORNING),
            reserved(card),
            replace(card, state=CardState.HELD),
            verified=CardPin.AUTHENTICATION,
        )


def test_a_kiosk_serves_cards_with_both_certificates_alive() -> None:
    """J-LIS, FAQ: 署名用電子証明書 and 利用者証明用電子証明書 within their validity."""
    card = delivered(person())
    known = card.certificate(SIGNING)
    assert known is not None
    waiting = replace(known, note=CertificateNote.ISSUED)
    over = replace(known, not_after=end_of(date(2026, 3, 31)))
    with pytest.raises(NotAllowed, match="both"):
        reserved(replace(card, certificates=card.certificates_without(AUTHENTICATION)))
    with pytest.raises(NotAllowed, match="both"):
        reserved(replace(card, certificates=card.certificates_with(waiting)))
    with pytest.raises(NotAllowed, match="has expired"):
        reserved(replace(card, certificates=card.certificates_with(over)))


def test_a_face_verification_card_has_nothing_to_set() -> None:
    with pytest.raises(NotAllowed, match="no PINs"):
        reserved(replace(delivered(person()), pins=False))
