"""Handing a login over to a phone: codes that expire, digits that are typed, and where it ends."""

import re
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.idp.world import CLIENT, NOW, PROVIDER, SECOND, SECRET, Counter, answered, begun
from warifu import idp
from warifu.errors import (
    AlreadyAnswered,
    DigitsAwaited,
    DigitsExpired,
    HandOverEnded,
    Malformed,
    NotAllowed,
    OtherBrowser,
    WrongDigits,
)
from warifu.idp import Answering, HandOver, HandOverStage, Login, Profile, Side, Status, Way

PROFILE = PROVIDER.profile
LOGIN, COOKIE = begun()
STRONG_PROFILE = replace(PROFILE, phishing_resistant=True)


def hand_over(profile: Profile = PROFILE) -> HandOver:
    return idp.begin_hand_over(LOGIN, COOKIE, CLIENT, profile, SECRET, NOW)


def code_of(made: HandOver) -> str:
    code = idp.code_secret(made, COOKIE, SECRET, NOW)
    assert code is not None
    return code


def scanned(made: HandOver | None = None) -> tuple[HandOver, str, str]:
    """A phone has read the code: the hand-over, the phone's token and the digits it shows."""
    made = made or hand_over()
    held, taken = idp.take(made, code_of(made), PROFILE, SECRET, Counter(), NOW)
    assert taken.drawn is not None
    return held, taken.token, taken.drawn.digits


def opened(made: HandOver | None = None) -> tuple[HandOver, str]:
    """The app on the same device has the login: the hand-over and the app's token."""
    link = idp.link_secret(LOGIN.transaction, COOKIE, SECRET)
    held, taken = idp.take(made or hand_over(), link, PROFILE, SECRET, Counter(), NOW)
    assert taken.drawn is None
    return held, taken.token


def typed(held: HandOver, digits: str, at: int = 0) -> HandOver:
    after, refusal = idp.type_digits(held, digits, PROFILE, SECRET, NOW + at * SECOND)
    if refusal is not None:
        raise refusal
    return after


def another(digits: str) -> str:
    return f"{(int(digits) + 1) % 1_000_000:06}"


# --- the code ---------------------------------------------------------------------------------------------------------


def test_neither_code_nor_link_has_the_transaction_in_it() -> None:
    """Who reads a code off a screen knows nothing to answer with."""
    code, link = code_of(hand_over()), idp.link_secret(LOGIN.transaction, COOKIE, SECRET)
    assert len({code, link, LOGIN.transaction}) == 3
    assert not any(secret.encode() in repr(hand_over()).encode() for secret in (code, link, LOGIN.transaction))


def test_a_page_drawn_again_shows_the_same_code_until_it_expires() -> None:
    made = hand_over()
    assert code_of(made) == code_of(made)
    ends = NOW + PROFILE.code_shown_lifetime
    assert made.stage_at(PROFILE, ends - SECOND) is HandOverStage.OPEN
    assert made.stage_at(PROFILE, ends) is HandOverStage.CODE_EXPIRED
    assert idp.code_secret(made, COOKIE, SECRET, ends) is None


def test_an_expired_code_is_not_taken() -> None:
    made = hand_over()
    with pytest.raises(HandOverEnded):
        idp.take(made, code_of(made), PROFILE, SECRET, Counter(), NOW + PROFILE.code_shown_lifetime)


def test_a_code_never_outlives_its_login() -> None:
    long_shown = replace(PROFILE, code_shown_lifetime=PROFILE.login_lifetime * 2)
    assert hand_over(long_shown).code_expires_at == LOGIN.expires_at


def test_a_new_code_kills_the_one_before() -> None:
    made = hand_over()
    renewed = idp.renew_code(made, COOKIE, PROFILE, SECRET, NOW)
    assert code_of(renewed) != code_of(made)
    with pytest.raises(HandOverEnded):
        idp.take(renewed, code_of(made), PROFILE, SECRET, Counter(), NOW)
    held, _, _ = scanned(renewed)
    assert held.stage_at(PROFILE, NOW) is HandOverStage.SCANNED


def test_a_new_code_takes_the_login_away_from_the_phone_that_had_read_the_old_one() -> None:
    held, token, digits = scanned()
    renewed = idp.renew_code(typed(held, digits), COOKIE, PROFILE, SECRET, NOW)
    with pytest.raises(HandOverEnded):
        renewed.check_phone(token)
    assert not renewed.ready


def test_a_code_is_good_for_one_phone() -> None:
    """Who photographs it over somebody's shoulder comes too late."""
    made = hand_over()
    held, token, _ = scanned(made)
    with pytest.raises(HandOverEnded):
        idp.take(held, code_of(made), PROFILE, SECRET, Counter(), NOW)
    held.check_phone(token)


def test_codes_are_not_renewed_for_ever() -> None:
    made = hand_over()
    for _ in range(PROFILE.codes - 1):
        made = idp.renew_code(made, COOKIE, PROFILE, SECRET, NOW)
    with pytest.raises(HandOverEnded):
        idp.renew_code(made, COOKIE, PROFILE, SECRET, NOW)


def test_after_a_phones_answer_there_is_no_other_code_and_no_other_phone() -> None:
    held, _ = opened()
    done = replace(held, answered=True)
    with pytest.raises(AlreadyAnswered):
        idp.renew_code(done, COOKIE, PROFILE, SECRET, NOW)
    with pytest.raises(AlreadyAnswered):
        opened(done)


def test_what_is_no_secret_of_this_login_is_an_old_code() -> None:
    for secret in ("", "guess", LOGIN.transaction, COOKIE):
        with pytest.raises(HandOverEnded):
            idp.take(hand_over(), secret, PROFILE, SECRET, Counter(), NOW)


# --- the digits -------------------------------------------------------------------------------------------------------


def test_the_right_digits_let_the_phone_go_on() -> None:
    held, token, digits = scanned()
    shown = Answering(token=token)
    with pytest.raises(DigitsAwaited):
        idp.answering_side(LOGIN, held, shown)
    assert idp.answering_side(LOGIN, typed(held, digits), shown) is Side.PHONE


def test_digits_are_kept_as_a_keyed_hash() -> None:
    """A plain hash of a million possibilities would be none."""
    held, _, digits = scanned()
    assert digits not in repr(held)
    assert held.digits is not None
    assert held.digits.hash == SECRET.derive("hand-over digits", LOGIN.transaction.encode(), digits.encode())


def test_each_wrong_try_counts_and_a_handful_ends_it() -> None:
    held, token, digits = scanned()
    for left in range(PROFILE.digits_tries - 1, 0, -1):
        held, refusal = idp.type_digits(held, another(digits), PROFILE, SECRET, NOW)
        assert isinstance(refusal, WrongDigits)
        assert refusal.tries_left == left
    held, refusal = idp.type_digits(held, another(digits), PROFILE, SECRET, NOW)
    assert isinstance(refusal, HandOverEnded)
    assert held.stage_at(PROFILE, NOW) is HandOverStage.OVER
    with pytest.raises(HandOverEnded):
        held.check_phone(token)
    with pytest.raises(HandOverEnded):
        typed(held, digits)
    with pytest.raises(HandOverEnded):
        idp.renew_code(held, COOKIE, PROFILE, SECRET, NOW)


def test_wrong_tries_are_counted_over_new_codes_and_new_digits() -> None:
    """Else a guesser would begin anew for ever."""
    held, token, digits = scanned()
    held, _ = idp.type_digits(held, another(digits), PROFILE, SECRET, NOW)
    held, _ = idp.renew_digits(held, token, PROFILE, SECRET, Counter(), NOW)
    assert held.wrong == 1
    assert idp.renew_code(held, COOKIE, PROFILE, SECRET, NOW).wrong == 1


def test_expired_digits_are_not_compared_and_count_as_no_try() -> None:
    held, _, digits = scanned()
    late = int(PROFILE.digits_lifetime.total_seconds())
    assert typed(held, digits, at=late - 1).ready
    for value in (digits, another(digits)):
        with pytest.raises(DigitsExpired):
            typed(held, value, at=late)


def test_new_digits_kill_those_before() -> None:
    held, token, old = scanned()
    chance = Counter()
    chance.bytes(1)
    chance.bytes(1)
    chance.bytes(1)
    held, drawn = idp.renew_digits(held, token, PROFILE, SECRET, chance, NOW)
    assert drawn.digits != old
    with pytest.raises(WrongDigits):
        typed(held, old)
    assert typed(held, drawn.digits).ready


def test_only_the_phone_that_has_the_login_gets_new_digits_and_not_for_ever() -> None:
    held, token, digits = scanned()
    with pytest.raises(HandOverEnded):
        idp.renew_digits(held, "another phone", PROFILE, SECRET, Counter(), NOW)
    with pytest.raises(NotAllowed):
        idp.renew_digits(typed(held, digits), token, PROFILE, SECRET, Counter(), NOW)
    for _ in range(PROFILE.digits_renewals - 1):
        held, _ = idp.renew_digits(held, token, PROFILE, SECRET, Counter(), NOW)
    with pytest.raises(HandOverEnded):
        idp.renew_digits(held, token, PROFILE, SECRET, Counter(), NOW)


def test_digits_that_nobody_was_shown_cannot_be_typed() -> None:
    with pytest.raises(NotAllowed):
        typed(hand_over(), "000000")
    with pytest.raises(NotAllowed):
        typed(opened()[0], "000000")


def test_typing_them_again_changes_nothing() -> None:
    held, _, digits = scanned()
    ready = typed(held, digits)
    assert typed(ready, digits, at=600) == ready
    with pytest.raises(NotAllowed):
        typed(ready, another(digits))


@pytest.mark.parametrize("text", ["123456", "１２３４５６", "123 456", " 123-456 ", "１２３　４５６"])
def test_digits_are_read_as_people_type_them(text: str) -> None:
    assert idp.read_digits(text) == "123456"


@pytest.mark.parametrize("text", ["", "12345", "1234567", "12345a", "١٢٣٤٥٦", "一二三四五六", "1" * 1000])
def test_what_is_no_six_digits_is_no_try(text: str) -> None:
    with pytest.raises(Malformed):
        idp.read_digits(text)


@given(st.text(max_size=40))
def test_whatever_is_typed_six_digits_are_read_or_none(text: str) -> None:
    with suppress(Malformed):
        assert re.fullmatch(r"[0-9]{6}", idp.read_digits(text))


@given(st.binary(min_size=16, max_size=16))
def test_digits_are_always_six(chance: bytes) -> None:
    """Leading zeros stay."""
    made, always = hand_over(), type("Always", (), {"bytes": lambda _self, n: (chance * 2)[:n]})()
    _, taken = idp.take(made, code_of(made), PROFILE, SECRET, always, NOW)
    assert taken.drawn is not None
    assert re.fullmatch(r"[0-9]{6}", taken.drawn.digits)


# --- the same device, and strong logins -------------------------------------------------------------------------------


def test_the_link_opens_the_app_on_the_same_device_without_digits() -> None:
    held, token = opened()
    assert (held.way, held.ready) == (Way.SAME_DEVICE, True)
    assert idp.answering_side(LOGIN, held, Answering(token=token)) is Side.PHONE


def test_the_link_may_be_opened_again_and_the_last_one_has_the_login() -> None:
    held, first = opened()
    chance = Counter()
    chance.bytes(1)
    link = idp.link_secret(LOGIN.transaction, COOKIE, SECRET)
    again, taken = idp.take(held, link, PROFILE, SECRET, chance, NOW)
    again.check_phone(taken.token)
    with pytest.raises(HandOverEnded):
        again.check_phone(first)


def allowed_there() -> tuple[Login, HandOver]:
    held, _ = opened()
    login = replace(answered(LOGIN), status=Status.ALLOWED, subject="5f0c2a6e-0000-4000-8000-000000000001")
    return login, replace(held, answered=True)


def end(login: Login, held: HandOver, cookie: str | None, token: str | None) -> None:
    idp.check_end(login, held, cookie, token, SECRET, NOW)


def test_a_login_on_the_same_device_ends_in_the_browser_that_began_with_what_the_app_gave_it() -> None:
    login, held = allowed_there()
    end(login, held, COOKIE, idp.finish_token(login, SECRET))


@pytest.mark.parametrize("token", [None, "", "guess"])
def test_the_browser_that_began_is_not_enough(token: str | None) -> None:
    """A look-alike site has a browser of its own with the cookie, and cannot see what the app gives to its device's."""
    login, held = allowed_there()
    with pytest.raises(NotAllowed):
        end(login, held, COOKIE, token)


@pytest.mark.parametrize("cookie", [None, "another browser's"])
def test_what_the_app_gave_is_not_enough_either_and_tells_of_a_relay(cookie: str | None) -> None:
    login, held = allowed_there()
    with pytest.raises(OtherBrowser):
        end(login, held, cookie, idp.finish_token(login, SECRET))
    with pytest.raises(NotAllowed) as refused:
        end(login, held, cookie, "guess")
    assert type(refused.value) is NotAllowed


def test_a_login_by_code_or_companion_needs_nothing_from_an_app() -> None:
    login, held = allowed_there()
    end(login, replace(held, way=Way.CODE), COOKIE, None)
    end(login, replace(held, answered=False), COOKIE, None)
    end(replace(login, status=Status.REFUSED), held, COOKIE, None)


def test_a_strong_login_has_no_code() -> None:
    made = hand_over(STRONG_PROFILE)
    assert made.strong
    assert idp.code_secret(made, COOKIE, SECRET, NOW) is None
    with pytest.raises(NotAllowed):
        idp.renew_code(made, COOKIE, STRONG_PROFILE, SECRET, NOW)
    with pytest.raises(HandOverEnded):
        idp.take(made, code_of(hand_over()), STRONG_PROFILE, SECRET, Counter(), NOW)


def test_provider_client_or_request_may_want_a_strong_login() -> None:
    strong_client = replace(CLIENT, phishing_resistant=True)
    assert not idp.resists_phishing(LOGIN.request, CLIENT, PROFILE)
    assert idp.resists_phishing(LOGIN.request, CLIENT, STRONG_PROFILE)
    assert idp.resists_phishing(LOGIN.request, strong_client, PROFILE)
    for value in ("phr", "phrh"):
        asking, _ = begun(None, acr_values=f"aal3 {value}")
        assert idp.resists_phishing(asking.request, CLIENT, PROFILE)


def test_a_strong_login_is_answered_by_its_browser_or_its_phone_only() -> None:
    made = hand_over(STRONG_PROFILE)
    assert idp.answering_side(LOGIN, made, Answering(cookie=COOKIE)) is Side.BROWSER
    held, token = opened(made)
    assert idp.answering_side(LOGIN, held, Answering(token=token)) is Side.PHONE
    for shown in (Answering(), Answering(cookie="another browser's")):
        with pytest.raises(NotAllowed):
            idp.answering_side(LOGIN, made, shown)
    with pytest.raises(HandOverEnded):
        idp.answering_side(LOGIN, held, Answering(cookie=COOKIE, token="guess"))


def test_a_login_of_an_earlier_version_is_answered_as_before() -> None:
    assert idp.answering_side(LOGIN, None, Answering()) is Side.BROWSER


def test_acr_says_that_it_resists_phishing_only_if_asked_and_true() -> None:
    asking, cookie = begun(None, acr_values="aal3 phr phrh")
    strong = idp.begin_hand_over(asking, cookie, CLIENT, PROFILE, SECRET, NOW)
    said = idp.assured(answered(asking), strong, PROFILE).answered
    assert said is not None
    assert said.assurance.acr == "phr"
    plain = answered(LOGIN)
    assert idp.assured(plain, hand_over(STRONG_PROFILE), PROFILE) == plain
    assert idp.assured(answered(asking), replace(strong, strong=False), PROFILE) == answered(asking)
