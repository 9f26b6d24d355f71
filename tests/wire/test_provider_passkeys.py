"""Passkeys over a store: enrolled by the card, used without it, and what they say when the card is gone."""

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.idp import world
from tests.idp.authenticator import FLAG, Device, Maker
from tests.idp.world import CLIENT, OTHER_CLIENT, SECOND
from tests.pki import world as pki
from tests.verifier.scene import HELD, MOVED
from tests.wire.identity_world import Renewing
from tests.wire.passkey_world import (
    ORIGIN,
    ByCard,
    begin,
    by_card,
    enrol,
    enrolment,
    id_token,
    log_in,
    signed,
    tokens_of,
)
from tests.wire.provider_world import Stage
from warifu.errors import (
    AlreadyAnswered,
    CardNeeded,
    ChallengeExpired,
    NotAllowed,
    NotFound,
    PasskeyCopied,
    PasskeyExists,
    PasskeyLimit,
    PasskeyRefused,
    TooManyTries,
    UnknownPasskey,
    UserNotVerified,
    WarifuError,
    WrongNonce,
    WrongOrigin,
    WrongRelyingParty,
    WrongSignature,
)
from warifu.idp import EnrolmentAnswer, PasskeyAnswer, Presented, Status, Way, finish_token
from warifu.pki import Reason, Revocation, Standing
from warifu.wire.clock import SystemEntropy
from warifu.wire.database import writing
from warifu.wire.provider import ProviderService, hand_over_store
from warifu.wire.provider.passkey_store import Happening, name_of

LONG = 0x71A9_5C0E_D24B_8F63_0E97_B1C8_3A5D_F426
"""A serial number that no chance spells, as it may spell one of four bytes in the thousands that a store draws."""


@pytest.fixture
def stage(stage: Stage) -> Stage:
    stage.entropy = SystemEntropy()
    return stage


def test_a_passkey_logs_in_as_the_same_person_without_the_attributes(service: ProviderService) -> None:
    """The subject of the card's login, the level of the flags, and what was proofed; nothing freshly read."""
    device, card = Device(synced=True), by_card(service)
    enrol(service, device, card)
    by_hand = id_token(tokens_of(service, card.transaction, card.cookie))
    begun = begin(service)
    shared = service.answer_by_passkey(begun.transaction, begun.cookie, signed(service, begun, device))
    assert shared.scopes == ("openid",)
    service.allow(begun.transaction, shared.decision_token)
    tokens = tokens_of(service, begun.transaction, begun.cookie)
    told, now = id_token(tokens), int(world.NOW.timestamp())
    assert told["sub"] == by_hand["sub"]
    assert (told["acr"], told["amr"]) == ("aal2", ["mfa", "pop", "user"])
    assert told["proofed"] == {"ial": "ial3", "at": now, "checked_at": now}
    assert "proofed" not in by_hand, "a login with the card is the proof itself"
    assert service.userinfo(Presented(str(tokens["access_token"]), bound=False)) == {"sub": told["sub"]}


def test_another_client_gets_another_subject(service: ProviderService) -> None:
    device = Device()
    enrol(service, device)
    first = log_in(service, device)
    begun = begin(service, client_id=OTHER_CLIENT.id)
    shared = service.answer_by_passkey(begun.transaction, begun.cookie, signed(service, begun, device))
    service.allow(begun.transaction, shared.decision_token)
    login, _, _ = service.watch(begun.transaction, begun.cookie)
    assert login.subject not in (None, first["sub"])


# --- enrolment --------------------------------------------------------------------------------------------------------


def test_only_the_browser_of_a_fresh_login_by_card_enrols(service: ProviderService, stage: Stage) -> None:
    waiting, card = begin(service), by_card(service)
    with pytest.raises(NotAllowed):
        service.passkeys.enrol_options(waiting.transaction, waiting.cookie)
    with pytest.raises(NotAllowed):
        service.passkeys.enrol_options(card.transaction, waiting.cookie)
    with pytest.raises(NotAllowed):
        service.passkeys.enrol_options(card.transaction, None)
    with pytest.raises(NotFound):
        service.passkeys.enrol_options("nobody", card.cookie)
    device = Device()
    made = enrolment(service, card, device)
    stage.clock.go_on(timedelta(minutes=5))
    with pytest.raises(ChallengeExpired):
        service.passkeys.enrol(card.transaction, card.cookie, made)


def handed_over(service: ProviderService, card: ByCard, way: Way) -> None:
    """As if a phone had answered that had come this way."""
    with writing(service._engine) as connection:
        known = hand_over_store.find(connection, card.transaction)
        assert known is not None
        hand_over_store.save(connection, replace(known, way=way, answered=True))


def test_a_login_that_may_have_been_relayed_makes_none(service: ProviderService) -> None:
    """A look-alike that won one login by code and digits would otherwise keep a key to every later one."""
    card = by_card(service)
    handed_over(service, card, Way.CODE)
    for act in (service.passkeys.enrol_options, service.passkeys.renew_options, service.passkeys.kept):
        with pytest.raises(NotAllowed):
            act(card.transaction, card.cookie)
    assert not service.passkeys.wanted(card.transaction, card.cookie, None)


def test_a_login_by_the_app_makes_one_where_the_app_leads_to(service: ProviderService) -> None:
    """The browser that began is not enough: the app gives the last token to the browser of its own device."""
    card = by_card(service)
    handed_over(service, card, Way.SAME_DEVICE)
    finish = finish_token(service.watch(card.transaction, card.cookie)[0], world.SECRET)
    for other in (None, "", "guess"):
        with pytest.raises(NotAllowed):
            service.passkeys.enrol_options(card.transaction, card.cookie, other)
    with pytest.raises(NotAllowed):
        service.passkeys.enrol_options(card.transaction, "another browser", finish)
    assert service.passkeys.enrol_options(card.transaction, card.cookie, finish)["challenge"]


def test_a_login_by_passkey_makes_no_other(service: ProviderService) -> None:
    """Or one that was stolen once would have children."""
    device = Device()
    enrol(service, device)
    begun = begin(service)
    shared = service.answer_by_passkey(begun.transaction, begun.cookie, signed(service, begun, device))
    service.allow(begun.transaction, shared.decision_token)
    with pytest.raises(NotAllowed):
        service.passkeys.enrol_options(begun.transaction, begun.cookie)
    with pytest.raises(NotAllowed):
        service.passkeys.kept(begun.transaction, begun.cookie)


def test_an_enrolment_that_arrives_twice_is_one(service: ProviderService) -> None:
    card, device = by_card(service), Device()
    made = enrolment(service, card, device)
    first = service.passkeys.enrol(card.transaction, card.cookie, made)
    assert service.passkeys.enrol(card.transaction, card.cookie, made) == first
    kept = service.passkeys.kept(card.transaction, card.cookie)
    assert (kept.passkeys, [each.what for each in kept.events]) == ((first,), [Happening.BOUND])


def test_a_challenge_is_good_for_one_enrolment(service: ProviderService) -> None:
    card, device = by_card(service), Device()
    options = service.passkeys.enrol_options(card.transaction, card.cookie)
    first, second = (_enrolment(device, options) for _ in range(2))
    service.passkeys.enrol(card.transaction, card.cookie, first)
    with pytest.raises(WrongNonce):
        service.passkeys.enrol(card.transaction, card.cookie, second)


def _enrolment(device: Device, options: Any, **wrong: Any) -> EnrolmentAnswer:
    return EnrolmentAnswer.decode(device.create(options, ORIGIN, **wrong))


def test_a_refused_enrolment_spends_its_challenge(service: ProviderService) -> None:
    card, device = by_card(service), Device()
    options = service.passkeys.enrol_options(card.transaction, card.cookie)
    with pytest.raises(UserNotVerified):
        service.passkeys.enrol(card.transaction, card.cookie, _enrolment(device, options, fewer=FLAG.UV))
    with pytest.raises(WrongNonce):
        service.passkeys.enrol(card.transaction, card.cookie, _enrolment(device, options))


def test_somebody_elses_credential_is_not_taken_over(service: ProviderService, stage: Stage) -> None:
    """WebAuthn §7.1 step 26."""
    device, card = Device(), by_card(service)
    made = enrol(service, device, card)
    options = service.passkeys.enrol_options(card.transaction, card.cookie)
    again = _enrolment(device, options, credential_id=made.credential_id)
    with pytest.raises(PasskeyExists):
        service.passkeys.enrol(card.transaction, card.cookie, again)


def test_there_is_room_for_a_few(service: ProviderService, stage: Stage) -> None:
    profile = service.provider.profile.passkeys
    assert profile is not None
    for _ in range(profile.most):
        enrol(service, Device())
    with pytest.raises(PasskeyLimit):
        enrol(service, Device())


def test_there_is_no_more_room_for_several_at_once(service: ProviderService) -> None:
    profile = service.provider.profile.passkeys
    assert profile is not None
    cards = [by_card(service) for _ in range(profile.most + 2)]
    made = [(card, enrolment(service, card, Device())) for card in cards]
    refused, start = list[str](), threading.Barrier(len(made))

    def send(card: ByCard, answer: EnrolmentAnswer) -> None:
        start.wait()
        try:
            service.passkeys.enrol(card.transaction, card.cookie, answer)
        except PasskeyLimit as limit:
            refused.append(type(limit).__name__)

    threads = [threading.Thread(target=send, args=each) for each in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["PasskeyLimit"] * 2
    assert len(service.passkeys.kept(cards[0].transaction, cards[0].cookie).passkeys) == profile.most


def test_makers_whom_the_operator_trusts_raise_the_level(stage: Stage) -> None:
    maker = Maker()
    with stage.service(makers=(maker.root,)) as service:
        service.register(CLIENT)
        device = Device(maker=maker)
        enrol(service, device)
        told = log_in(service, device, acr_values="aal3 crl")
    assert (told["acr"], told["amr"]) == ("aal3", ["mfa", "hwk", "user"])


# --- login ------------------------------------------------------------------------------------------------------------

WRONG: list[tuple[type[WarifuError], dict[str, Any]]] = [
    (WrongNonce, {"challenge": bytes(32)}),
    (WrongRelyingParty, {"rp_id": "evil.example"}),
    (UserNotVerified, {"fewer": FLAG.UV}),
    (WrongSignature, {"signature": bytes(64)}),
    (UnknownPasskey, {"credential_id": b"nobody's"}),
    (UnknownPasskey, {"user_handle": bytes(32)}),
    (WrongOrigin, {"framed": True}),
]


def test_a_refused_answer_leaves_the_login_waiting_and_spends_the_challenge(service: ProviderService) -> None:
    """The card is still good, and so is another try; the person is not known by a failure."""
    device = Device(counts=False)
    enrol(service, device)
    begun = begin(service)
    for error, wrong in WRONG:
        options = service.passkeys.login_options(begun.transaction, begun.cookie)
        bad, good = (PasskeyAnswer.decode(device.get(options, ORIGIN, **each)) for each in (wrong, {}))
        with pytest.raises(error):
            service.answer_by_passkey(begun.transaction, begun.cookie, bad)
        with pytest.raises(WrongNonce):
            service.answer_by_passkey(begun.transaction, begun.cookie, good)
    assert service.watch(begun.transaction, begun.cookie)[2] is Status.WAITING
    service.answer_by_passkey(begun.transaction, begun.cookie, signed(service, begun, device))


def test_an_answer_that_arrives_twice_is_one_and_no_other_login_takes_it(service: ProviderService) -> None:
    """Replayed in the same login, in another one, by another browser."""
    device = Device()
    enrol(service, device)
    one, two = begin(service), begin(service, client_id=OTHER_CLIENT.id)
    answer = signed(service, one, device)
    service.passkeys.login_options(two.transaction, two.cookie)
    for cookie in (two.cookie, None):
        with pytest.raises(NotAllowed):
            service.answer_by_passkey(one.transaction, cookie, answer)
    with pytest.raises(WrongNonce):
        service.answer_by_passkey(two.transaction, two.cookie, answer)
    first = service.answer_by_passkey(one.transaction, one.cookie, answer)
    assert service.answer_by_passkey(one.transaction, one.cookie, answer).decision_token == first.decision_token
    with pytest.raises(AlreadyAnswered):
        service.passkeys.login_options(one.transaction, one.cookie)


def test_two_at_once_are_one_login(service: ProviderService) -> None:
    device = Device()
    enrol(service, device)
    begun = begin(service)
    answer, told = signed(service, begun, device), list[str]()

    def send() -> None:
        try:
            told.append(service.answer_by_passkey(begun.transaction, begun.cookie, answer).decision_token)
        except PasskeyRefused as refused:
            told.append(type(refused).__name__)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(told) - {"UnknownPasskey"}) == 1
    assert service.watch(begun.transaction, begun.cookie)[2] is Status.ANSWERED


def test_one_login_has_a_few_tries(service: ProviderService) -> None:
    profile, begun = service.provider.profile.passkeys, begin(service)
    assert profile is not None
    for _ in range(profile.most_tries):
        service.passkeys.login_options(begun.transaction, begun.cookie)
    with pytest.raises(TooManyTries):
        service.passkeys.login_options(begun.transaction, begun.cookie)


def test_a_copied_passkey_is_set_aside_until_the_card_removes_it(service: ProviderService) -> None:
    """WebAuthn §6.1.1: two devices have the key, and nobody knows which is the person's."""
    device = Device()
    made = enrol(service, device)
    log_in(service, device)
    for counter in (1, 1000):
        begun = begin(service)
        with pytest.raises(PasskeyCopied):
            service.answer_by_passkey(begun.transaction, begun.cookie, signed(service, begun, device, counter=counter))
    card = by_card(service)
    assert [each.what for each in service.passkeys.kept(card.transaction, card.cookie).events] == [
        Happening.BOUND,
        Happening.SET_ASIDE,
    ]
    service.passkeys.remove(card.transaction, card.cookie, name_of(made))
    enrol(service, Device(), card)


def test_a_client_that_asks_for_more_gets_the_card(service: ProviderService) -> None:
    """RFC 9470 §4; and a passkey never signs, whatever its level."""
    device = Device(synced=True)
    enrol(service, device)
    begun = begin(service, acr_values="aal3 crl")
    with pytest.raises(CardNeeded):
        service.passkeys.login_options(begun.transaction, begun.cookie)
    assert not service.passkeys.may_serve(service.watch(begun.transaction, begun.cookie)[0])
    login = service.watch(*_parts(begin(service)))[0]
    assert service.passkeys.may_serve(login)
    assert not service.passkeys.may_serve(
        replace(login, request=replace(login.request, scopes=("openid", "sign"), sign_transaction_id="x"))
    )


def _parts(begun: Any) -> tuple[str, str]:
    return begun.transaction, begun.cookie


# --- what the card backs ----------------------------------------------------------------------------------------------


def revoked(reason: Reason) -> Revocation:
    return Revocation(MOVED.at, reason)


def test_a_revocation_for_cause_takes_the_claim_and_not_the_login(service: ProviderService, stage: Stage) -> None:
    """The claim goes for good: an authority that says good afterwards is not believed."""
    device = Device(synced=True)
    enrol(service, device)
    before = log_in(service, device)
    stage.authority.status = revoked(Reason.CESSATION_OF_OPERATION)
    after = log_in(service, device)
    assert (after["sub"], "proofed" in before, "proofed" in after) == (before["sub"], True, False)
    stage.authority.status, asked = Standing.GOOD, stage.authority.asked
    assert "proofed" not in log_in(service, device)
    assert stage.authority.asked == asked, "nobody is asked about a certificate that is dead"


def test_a_hold_suspends_the_claim_and_a_resumption_restores_it(service: ProviderService, stage: Stage) -> None:
    """公的個人認証法: a phone's certificate resumes when the phone is found."""
    device = Device()
    enrol(service, device)
    told = []
    for status in (HELD, None, revoked(Reason.SUPERSEDED), Standing.UNKNOWN, Standing.GOOD):
        stage.authority.status = status
        told.append("proofed" in log_in(service, device))
    assert told == [False, False, False, False, True]


def test_the_card_shown_again_restores_what_was_dropped(service: ProviderService, stage: Stage) -> None:
    """Recovery by the card: the passkey stands on the new login, with its own question."""
    device = Device(synced=True)
    enrol(service, device)
    stage.authority.status = revoked(Reason.KEY_COMPROMISE)
    log_in(service, device)
    stage.authority.status = Standing.GOOD
    stage.clock.go_on(60 * SECOND)
    card = by_card(service)
    options = service.passkeys.renew_options(card.transaction, card.cookie)
    answer = PasskeyAnswer.decode(device.get(options, ORIGIN))
    renewed = service.passkeys.renew(card.transaction, card.cookie, answer)
    assert renewed.dropped is None
    assert log_in(service, device)["proofed"]["at"] == int(stage.clock.now().timestamp())
    with pytest.raises(WrongNonce):
        service.passkeys.renew(card.transaction, card.cookie, answer)
    what = [each.what for each in service.passkeys.kept(card.transaction, card.cookie).events]
    assert what == [Happening.BOUND, Happening.DROPPED, Happening.RENEWED]


def test_a_certificate_that_has_ended_backs_nothing_and_drops_nothing(service: ProviderService, stage: Stage) -> None:
    device = Device()
    made = enrol(service, device)
    stage.clock.go_on(pki.ENDS - world.NOW + timedelta(days=1))
    begun = begin(service)
    service.answer_by_passkey(begun.transaction, begun.cookie, signed(service, begun, device))
    answered = service.watch(begun.transaction, begun.cookie)[0].answered
    assert answered is not None
    assert (answered.person, answered.proofed) == (made.person, None)
    assert _person_kept(service, made.person)[0].dropped is None


def _person_kept(service: ProviderService, person: str) -> Any:
    return service.accounts.passkeys(person)


# --- for the person ---------------------------------------------------------------------------------------------------


def test_a_removed_passkey_is_gone(service: ProviderService) -> None:
    """Recovery by the card: the list, and its end."""
    device = Device()
    made, card = enrol(service, device), by_card(service)
    kept = service.passkeys.kept(card.transaction, card.cookie)
    assert [name_of(each) for each in kept.passkeys] == [name_of(made)]
    begun = begin(service)
    late = signed(service, begun, device)
    service.passkeys.remove(card.transaction, card.cookie, name_of(made))
    with pytest.raises(UnknownPasskey):
        service.answer_by_passkey(begun.transaction, begun.cookie, late)
    for name in (name_of(made), "00", "not hex"):
        with pytest.raises(NotFound):
            service.passkeys.remove(card.transaction, card.cookie, name)
    events = service.passkeys.kept(card.transaction, card.cookie).events
    assert [each.what for each in events] == [Happening.BOUND, Happening.REMOVED]


def test_another_page_lists_and_removes_by_person(service: ProviderService) -> None:
    """The door for the page where a person is logged in; nobody removes another's."""
    made = enrol(service, Device())
    with pytest.raises(NotFound):
        service.passkeys.remove_of("somebody else", name_of(made))
    assert service.accounts.passkeys(made.person) == (made,)
    service.passkeys.remove_of(made.person, name_of(made))
    assert service.accounts.passkeys(made.person) == ()


def test_the_browser_goes_by_its_passkeys_only_if_it_wants_to(service: ProviderService) -> None:
    begun = begin(service)
    with pytest.raises(NotAllowed):
        service.passkeys.want(begun.transaction, "another", wanted=True)
    service.passkeys.want(begun.transaction, begun.cookie, wanted=True)
    assert not service.passkeys.wanted(begun.transaction, begun.cookie, None), "not before the card"
    card = by_card(service, wanted=False)
    assert not service.passkeys.wanted(card.transaction, card.cookie, None)
    with pytest.raises(NotAllowed):
        service.passkeys.enrol_options(card.transaction, card.cookie)
    assert service.passkeys.kept(card.transaction, card.cookie).passkeys == (), "to look is allowed"
    card = by_card(service)
    assert service.passkeys.wanted(card.transaction, card.cookie, None)
    service.passkeys.want(card.transaction, card.cookie, wanted=False)
    assert not service.passkeys.wanted(card.transaction, card.cookie, None)
    service.passkeys.want(card.transaction, card.cookie, wanted=True)
    tokens_of(service, card.transaction, card.cookie)
    assert not service.passkeys.wanted(card.transaction, card.cookie, None), "back at the client"


def test_no_serial_number_is_in_the_store(tmp_path: Path) -> None:
    """公的個人認証法 第63条; and what a login knew of a certificate goes with it."""
    stage = Renewing(tmp_path, entropy=SystemEntropy())
    with stage.opened(None) as service:
        service.register(CLIENT)
        begun = begin(service)
        service.passkeys.want(begun.transaction, begun.cookie, wanted=True)
        stage.hold(service, begun, LONG)
        enrol(service, Device(), ByCard(begun.transaction, begun.cookie))
        stage.clock.go_on(timedelta(hours=2))
        service.forget()
        with writing(service._engine) as connection:
            assert connection.exec_driver_sql("select count(*) from passkey_ceremony").scalar() == 0
    everything = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    for spelling in (str(LONG), f"{LONG:x}", f"{LONG:X}"):
        assert spelling.encode() not in everything
    assert LONG.to_bytes(16, "big") not in everything
