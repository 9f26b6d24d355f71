"""The card's answer through the whole engine, with the real verifier: who may log in and who may not."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.idp.world import NOW, PROVIDER, SECRET, Counter, begun
from tests.pki import world
from tests.pki.test_phone import build
from tests.pki.world import AUTHENTICATION, HANAKO
from tests.verifier.scene import HELD, MOVED, anchors, ocsp
from warifu.errors import (
    AlreadyAnswered,
    ChallengeExpired,
    Expired,
    Revoked,
    StatusUnknown,
    Suspended,
    UntrustedIssuer,
    WarifuError,
    WrongClient,
    WrongNonce,
    WrongOrigin,
    WrongSignature,
    WrongTransaction,
)
from warifu.idp import (
    Assurance,
    Login,
    Secret,
    Status,
    check_answer,
    complete,
    decision_token,
    deny,
    expected_challenge,
    find_decision_token,
    refuse,
)
from warifu.messages import LoginAnswer, LoginChallenge
from warifu.person import BasicAttributes
from warifu.pki import Medium, Standing
from warifu.verifier import Evidence, Memory

LATE = NOW + PROVIDER.profile.login_lifetime


def signed(challenge: LoginChallenge, key: int = 0, certificate: bytes | None = None) -> LoginAnswer:
    """What a card answers."""
    return LoginAnswer(
        challenge,
        certificate or world.authentication_certificate(),
        world.signer(key).sign(challenge.encode()),
    )


def completed(
    login: Login,
    answer: LoginAnswer | None = None,
    attributes: BasicAttributes | None = HANAKO,
    **changes: Any,
) -> tuple[Login, str]:
    """Let the engine check an answer; with one thing changed."""
    given: dict[str, Any] = {"provider": PROVIDER, "now": NOW, **changes}
    secret = given.pop("secret", SECRET)
    memory, evidence = given.pop("memory", None), given.pop("evidence", Evidence(ocsp(nonce=None)))
    answer = answer or signed(expected_challenge(login, PROVIDER))
    checked = check_answer(login, answer, given.pop("anchors", anchors()), memory=memory, **given)
    return complete(login, checked, attributes, evidence, secret=secret, **given)


def test_a_good_answer_is_remembered_without_serial_number_and_certificate() -> None:
    """公的個人認証法 第63条."""
    login, token = completed(begun()[0])
    assert login.status is Status.ANSWERED
    assert login.answered is not None
    assert login.answered.certificate_hash is not None
    assert len(login.answered.certificate_hash) == 32
    assert login.answered.person is None, "nobody who was known before"
    assert login.answered.at == NOW.replace(microsecond=0)
    assert token == decision_token(login, SECRET)
    assert world.SERIAL.to_bytes(4, "big") not in repr(login).encode()


def test_a_cards_login_says_card_and_pin_and_a_phones_says_neither() -> None:
    """RFC 8176 §2: the phone does not tell whether a PIN opened its key or a finger did."""
    on_phone = build(AUTHENTICATION, Medium.PHONE, holder=world.signer(0).public_key_info)
    told = {}
    for medium, certificate in ((Medium.CARD, None), (Medium.PHONE, on_phone)):
        begun_now = begun()[0]
        answer = signed(expected_challenge(begun_now, PROVIDER), certificate=certificate)
        login, _ = completed(begun_now, answer)
        assert login.answered is not None
        told[medium] = login.answered.assurance
    assert told == {
        Medium.CARD: Assurance("aal3", ("mfa", "sc", "pin")),
        Medium.PHONE: Assurance("aal3", ("mfa", "hwk")),
    }


def test_what_the_client_asked_for_is_taken_and_nothing_else() -> None:
    """Each scope asks for one of the four."""
    login, _ = completed(begun(scope="openid birthdate")[0])
    assert login.answered is not None
    assert login.answered.claims == {"birthdate": "19800217"}
    assert "19800217" not in repr(login)


def test_without_attributes_openid_alone_is_shared() -> None:
    """The authentication certificate holds none of the four."""
    login, _ = completed(begun()[0], attributes=None)
    assert login.answered is not None
    assert login.answered.scopes == ("openid",)
    assert login.answered.claims == {}


def test_one_certificate_gives_one_hash_and_another_provider_another() -> None:
    """Keyed: two providers can't compare."""
    entropy = Counter()
    hashes = {
        completed(begun(entropy)[0], secret=secret, memory=memory)[0].answered.certificate_hash  # type: ignore[union-attr]
        for secret in (SECRET, Secret(b"o" * 32))
        for memory in (None, Memory())
    }
    assert len(hashes) == 2


SPOILT = [
    (WrongOrigin, {"origin": "https://evil.example"}),
    (WrongClient, {"client": "RP00000002"}),
    (WrongTransaction, {"transaction": "another"}),
    (WrongNonce, {"nonce": bytes(32)}),
]


@pytest.mark.parametrize(("error", "change"), SPOILT)
def test_a_signature_over_another_challenge_is_refused(error: type[WarifuError], change: dict[str, Any]) -> None:
    """What the card signed must be what this provider asked, for this client, now."""
    login, _ = begun()
    with pytest.raises(error):
        completed(login, signed(replace(expected_challenge(login, PROVIDER), **change)))


@pytest.mark.parametrize("change", [change for _, change in SPOILT])
def test_saying_the_right_challenge_over_another_signature_is_refused(change: dict[str, Any]) -> None:
    """RFC 8017 §8.2.2: verified over our own challenge."""
    login, _ = begun()
    right = expected_challenge(login, PROVIDER)
    relayed = replace(signed(replace(right, **change)), challenge=right)
    with pytest.raises(WrongSignature):
        completed(login, relayed)


def test_a_signature_by_another_key_is_refused() -> None:
    """The key must be the certified one."""
    login, _ = begun()
    with pytest.raises(WrongSignature):
        completed(login, signed(expected_challenge(login, PROVIDER), key=1))


def test_an_answer_to_another_login_is_refused() -> None:
    """A replay from an earlier login."""
    entropy = Counter()
    first, second = begun(entropy)[0], begun(entropy)[0]
    with pytest.raises(WrongTransaction):
        completed(second, signed(expected_challenge(first, PROVIDER)))


def test_a_certificate_of_another_generation_is_refused() -> None:
    """Same name, another key: not an anchor."""
    login, _ = begun()
    other = world.authentication_certificate(world.authority(AUTHENTICATION, 2))
    with pytest.raises(UntrustedIssuer):
        completed(login, signed(expected_challenge(login, PROVIDER), certificate=other))


def test_an_expired_certificate_is_refused() -> None:
    """RFC 5280 §6.1.3."""
    login, _ = begun()
    old = world.authentication_certificate(not_after=NOW - timedelta(seconds=1))
    with pytest.raises(Expired):
        completed(login, signed(expected_challenge(login, PROVIDER), certificate=old))


@pytest.mark.parametrize(("error", "status"), [(Revoked, MOVED), (Suspended, HELD)])
def test_a_certificate_that_lost_its_effect_is_refused(error: type[WarifuError], status: Any) -> None:
    """公的個人認証法 第37条."""
    with pytest.raises(error):
        completed(begun()[0], evidence=Evidence(ocsp(status, nonce=None)))


def test_without_an_answer_about_the_certificate_nobody_logs_in() -> None:
    """Don't know is never valid, and never revoked."""
    with pytest.raises(StatusUnknown):
        completed(begun()[0], evidence=Evidence())


def test_an_answer_too_late_is_refused() -> None:
    """The login's time is over at expires_at."""
    login, _ = begun()
    evidence = Evidence(ocsp(Standing.GOOD, nonce=None, this_update=LATE, next_update=None))
    with pytest.raises(ChallengeExpired):
        completed(login, now=LATE, evidence=evidence)
    assert completed(login, now=LATE - timedelta(seconds=1), evidence=evidence)[0].status is Status.ANSWERED


def test_a_login_is_answered_once() -> None:
    """The first good answer counts."""
    login, _ = completed(begun()[0])
    with pytest.raises(AlreadyAnswered):
        completed(login)


def test_the_same_answer_again_gets_the_same_token() -> None:
    """A lost response does no harm."""
    login, _ = begun()
    answer = signed(expected_challenge(login, PROVIDER))
    assert find_decision_token(login, answer, SECRET, NOW) is None
    after, token = completed(login, answer)
    assert find_decision_token(after, answer, SECRET, NOW) == token


def test_another_answer_after_the_first_is_refused() -> None:
    """Nobody can slip in a second card."""
    login, _ = begun()
    challenge = expected_challenge(login, PROVIDER)
    after, _ = completed(login, signed(challenge))
    with pytest.raises(AlreadyAnswered):
        find_decision_token(after, signed(challenge, key=1), SECRET, NOW)
    with pytest.raises(AlreadyAnswered):
        find_decision_token(deny(login, "cancelled", NOW), signed(challenge), SECRET, NOW)


def test_a_refused_answer_ends_the_login() -> None:
    """One try each; the client begins anew."""
    login, _ = begun()
    ended = refuse(login, Revoked(NOW, 1))
    with pytest.raises(AlreadyAnswered):
        completed(ended)


def test_the_invitation_is_for_waiting_logins_only() -> None:
    """Nothing is left to sign afterwards."""
    login, _ = begun()
    invitation = login.invitation(PROVIDER.origin, "山の銀行", NOW)
    assert invitation.challenge(PROVIDER.origin) == expected_challenge(login, PROVIDER)
    with pytest.raises(AlreadyAnswered):
        completed(login)[0].invitation(PROVIDER.origin, "山の銀行", NOW)
    with pytest.raises(ChallengeExpired):
        login.invitation(PROVIDER.origin, "山の銀行", LATE)
