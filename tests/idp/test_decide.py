"""Consent, refusal and the way back to the client."""

from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from tests.idp.world import (
    NOW,
    PROVIDER,
    REDIRECT_URI,
    SECOND,
    SECRET,
    SIGNER,
    Counter,
    allowed,
    answered,
    begun,
    query,
)
from warifu import errors
from warifu.errors import AlreadyAnswered, ChallengeExpired, Malformed, NotAllowed, StatusUnknown, WarifuError
from warifu.idp import (
    Login,
    Refusal,
    Secret,
    Status,
    allow,
    callback,
    callback_url,
    check_allowed,
    decision_token,
    deny,
    new_subject,
    refusal_for,
    refuse,
)

SUBJECT = "5f0c2a6e-0000-4000-8000-000000000001"
LATE = NOW + PROVIDER.profile.login_lifetime


def sent_back(login: Login, cookie: str) -> dict[str, str]:
    return query(callback(login, cookie, SECRET, PROVIDER, SIGNER, NOW).url)


def test_the_client_gets_code_state_and_session_state() -> None:
    """RFC 6749 §4.1.2; session_state as public clients expect it."""
    login, cookie = allowed()
    done = callback(login, cookie, SECRET, PROVIDER, SIGNER, NOW)
    parts = urlsplit(done.url)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == REDIRECT_URI
    assert query(done.url).keys() == {"code", "state", "session_state"}
    assert query(done.url)["state"] == "a state"
    assert query(done.url)["code"] not in repr(done)


def test_a_browser_that_lost_the_answer_gets_the_same_code_again() -> None:
    """After a crash everybody may try again."""
    login, cookie = allowed()
    first = callback(login, cookie, SECRET, PROVIDER, SIGNER, NOW)
    again = callback(first.login, cookie, SECRET, PROVIDER, SIGNER, NOW + 30 * SECOND)
    assert again == first


def test_a_spent_or_old_code_is_not_handed_out_again() -> None:
    """RFC 6749 §4.1.2: a code is used once."""
    login, cookie = allowed()
    out = callback(login, cookie, SECRET, PROVIDER, SIGNER, NOW).login
    assert out.code is not None
    with pytest.raises(AlreadyAnswered):
        callback(replace(out, code=replace(out.code, spent=True)), cookie, SECRET, PROVIDER, SIGNER, NOW)
    with pytest.raises(AlreadyAnswered):
        callback(out, cookie, SECRET, PROVIDER, SIGNER, out.code.expires_at)


def test_codes_of_two_logins_differ() -> None:
    """RFC 6749 §10.10."""
    entropy = Counter()
    (first, cookie), (second, other) = allowed(entropy), allowed(entropy)
    assert sent_back(first, cookie)["code"] != sent_back(second, other)["code"]


def test_the_code_depends_on_the_providers_secret() -> None:
    """Who has the cookie alone can't compute the code."""
    login, cookie = allowed()
    other = callback(login, cookie, Secret(b"o" * 32), PROVIDER, SIGNER, NOW)
    assert query(other.url)["code"] != sent_back(login, cookie)["code"]


@pytest.mark.parametrize("cookie", [None, "", "another-browser"])
def test_another_browser_gets_nothing(cookie: str | None) -> None:
    """RFC 9700 §4.7: the code goes to the browser that began."""
    login, _ = allowed()
    with pytest.raises(NotAllowed):
        callback(login, cookie, SECRET, PROVIDER, SIGNER, NOW)


@pytest.mark.parametrize("change", [lambda login: login, answered])
def test_nothing_is_sent_back_before_a_decision(change: object) -> None:
    """The code follows consent."""
    login, cookie = begun()
    with pytest.raises(NotAllowed, match="not decided"):
        sent_back(change(login), cookie)  # type: ignore[operator]


def test_a_login_that_took_too_long_is_sent_back_as_expired() -> None:
    """RFC 6749 §4.1.2.1."""
    login, cookie = begun()
    url = callback(login, cookie, SECRET, PROVIDER, SIGNER, LATE).url
    assert query(url) == {"error": "access_denied", "error_description": "login_expired", "state": "a state"}


def test_only_who_answered_may_allow() -> None:
    """The QR code shows the transaction; it does not show the decision token."""
    login = answered(begun()[0])
    check_allowed(login, decision_token(login, SECRET), SECRET, NOW)
    for token in ("", "guess", "割符", decision_token(login, Secret(b"o" * 32))):
        with pytest.raises(NotAllowed):
            check_allowed(login, token, SECRET, NOW)


def test_an_unanswered_login_can_not_be_allowed() -> None:
    """No answer, no consent."""
    with pytest.raises(NotAllowed):
        check_allowed(begun()[0], "token", SECRET, NOW)


def test_consent_comes_in_time_or_not_at_all() -> None:
    """A login's time is over at expires_at."""
    login = answered(begun()[0])
    token = decision_token(login, SECRET)
    check_allowed(login, token, SECRET, LATE - SECOND)
    with pytest.raises(ChallengeExpired):
        check_allowed(login, token, SECRET, LATE)


def test_a_refused_login_can_not_be_allowed() -> None:
    """No state is left backwards."""
    login = answered(begun()[0])
    token = decision_token(login, SECRET)
    with pytest.raises(AlreadyAnswered):
        check_allowed(deny(login, "cancelled", NOW), token, SECRET, NOW)


def test_allowing_twice_keeps_the_first_subject() -> None:
    """Repeating the message changes nothing."""
    login = allow(answered(begun()[0]), SUBJECT)
    assert login.status is Status.ALLOWED
    assert allow(login, "another") == login


def test_denying_twice_keeps_the_first_reason() -> None:
    """Repeating the message changes nothing."""
    login = deny(begun()[0], "cancelled", NOW)
    assert login.status is Status.REFUSED
    assert deny(login, "pin_blocked", NOW) == login


def test_an_allowed_login_can_not_be_denied() -> None:
    """No state is left backwards."""
    with pytest.raises(AlreadyAnswered):
        deny(allowed()[0], "cancelled", NOW)


def test_an_expired_login_can_not_be_denied() -> None:
    """It has ended already."""
    with pytest.raises(ChallengeExpired):
        deny(begun()[0], "cancelled", LATE)


def test_a_denied_login_forgets_what_was_answered() -> None:
    """Nothing was shared, so nothing is kept."""
    assert deny(answered(begun()[0]), "cancelled", NOW).answered is None


@pytest.mark.parametrize(
    ("reason", "error", "description"),
    [
        ("cancelled", "access_denied", "cancelled"),
        ("pin_blocked", "access_denied", "pin_blocked"),
        ("wrong_pin", "access_denied", "wrong_pin"),
        ("last_try", "access_denied", "last_try"),
        ("not_on_card", "access_denied", "not_on_card"),
        ("card_refused", "access_denied", "card_refused"),
        ("attempt_failed", "access_denied", "refused"),
        ("no_card", "temporarily_unavailable", "unavailable"),
        ("no_reader", "temporarily_unavailable", "unavailable"),
        ("unavailable", "temporarily_unavailable", "unavailable"),
    ],
)
def test_the_client_is_told_the_reason(reason: str, error: str, description: str) -> None:
    """RFC 6749 §4.1.2.1; cancelling is access_denied."""
    login, cookie = begun()
    told = sent_back(deny(login, reason, NOW), cookie)
    assert told == {"error": error, "error_description": description, "state": "a state"}


@pytest.mark.parametrize("reason", ["", "because", "certificate_revoked"])
def test_an_unknown_reason_is_malformed(reason: str) -> None:
    """The reading side may not invent what the client is told."""
    with pytest.raises(Malformed):
        deny(begun()[0], reason, NOW)


REFUSALS = [
    (errors.Revoked(NOW, 1), "access_denied", "certificate_revoked"),
    (errors.Suspended(NOW), "access_denied", "certificate_suspended"),
    (errors.Expired(), "access_denied", "certificate_expired"),
    (errors.NotYetValid(), "access_denied", "certificate_not_yet_valid"),
    (errors.NeverIssued(), "access_denied", "certificate_never_issued"),
    (errors.UntrustedIssuer(), "access_denied", "certificate_untrusted"),
    (errors.Tampered(), "access_denied", "certificate_tampered"),
    (errors.WrongProfile(), "access_denied", "certificate_wrong_profile"),
    (errors.WrongPolicy(), "access_denied", "certificate_wrong_policy"),
    (errors.WrongKeyUsage(), "access_denied", "certificate_wrong_key_usage"),
    (errors.WrongOrigin(), "access_denied", "wrong_origin"),
    (errors.WrongClient(), "access_denied", "wrong_client"),
    (errors.WrongTransaction(), "access_denied", "wrong_transaction"),
    (errors.WrongNonce(), "access_denied", "wrong_nonce"),
    (errors.WrongSignature(), "access_denied", "wrong_signature"),
    (errors.NotGenuine(), "access_denied", "card_not_genuine"),
    (errors.NotIntact(), "access_denied", "card_data_not_intact"),
    (errors.RevocationDataRefused(), "server_error", "revocation_data_refused"),
    (StatusUnknown(), "temporarily_unavailable", "status_unknown"),
]


@pytest.mark.parametrize(("cause", "error", "description"), REFUSALS)
def test_every_refusal_has_its_own_description(cause: WarifuError, error: str, description: str) -> None:
    """RFC 6749 §4.1.2.1; don't know is neither valid nor revoked."""
    assert refusal_for(cause) == Refusal(error, description)


def test_no_two_refusals_share_a_description() -> None:
    """A client must be able to tell causes apart."""
    assert len({description for _, _, description in REFUSALS}) == len(REFUSALS)


def test_a_message_nobody_can_read_ends_nothing() -> None:
    """Nothing was answered."""
    login, _ = begun()
    assert refuse(login, Malformed("not JSON")) == login


def test_a_refusal_ends_a_login_once() -> None:
    """The first cause stands."""
    login = refuse(begun()[0], errors.Expired())
    assert login.refusal == Refusal("access_denied", "certificate_expired")
    assert refuse(login, errors.WrongSignature()) == login
    assert refuse(allowed()[0], errors.Expired()).status is Status.ALLOWED


def test_the_redirect_uris_own_query_is_kept() -> None:
    """RFC 6749 §3.1.2."""
    assert callback_url("https://a.example/cb?x=1", {"code": "c d", "state": ""}) == "https://a.example/cb?x=1&code=c+d"


def test_subjects_are_random() -> None:
    """OpenID Connect Core 1.0 §8.1: pairwise, and nothing can be computed from them."""
    entropy = Counter()
    assert new_subject(entropy) != new_subject(entropy)


def test_a_secret_is_not_shown_and_has_256_bits() -> None:
    """It would let its holder recognise certificates."""
    assert "00" not in repr(SECRET)
    with pytest.raises(Malformed):
        Secret(b"short")


def test_derived_values_of_different_fields_differ() -> None:
    """Length prefixes keep fields apart."""
    assert SECRET.derive("a", b"bc") != SECRET.derive("a", b"b", b"c")
    assert SECRET.derive("a", b"b") != SECRET.derive("ab")
