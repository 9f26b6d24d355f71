"""A hearing finds all that is wrong with a request, and says what the engine says first."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.idp.world import (
    CLIENT,
    NOW,
    OTHER_CLIENT,
    OTHER_RSA,
    PROVIDER,
    REDIRECT_URI,
    REQUEST,
    SECOND,
    SIGNER,
    VERIFIER,
    Counter,
    assertion,
    form,
    parameters,
    with_code,
)
from warifu import idp
from warifu.errors import OAuthRefused
from warifu.idp import (
    FAPI2,
    RULES,
    Client,
    Denial,
    Finding,
    Known,
    Parameters,
    Presence,
    Provider,
    Standing,
    Submission,
)
from warifu.idp.refresh import first_refresh_token

STRICT = Provider("http://localhost:8700", FAPI2)
SUSPENDED = replace(CLIENT, active=False)
_VALUES = {
    "response_type": (None, "token", "é"),
    "scope": (None, "name", "openid email", "openid sign", "é"),
    "client_id": (None, "RP-1", "x" * 300),
    "redirect_uri": (None, f"{REDIRECT_URI}/", "with blank"),
    "state": (None, "é", "s" * 300),
    "nonce": (None, "é", "n" * 300),
    "code_challenge": (None, "with blank", "c" * 200),
    "code_challenge_method": (None, "plain"),
    "acr_values": (None, "é"),
    "response_mode": ("fragment", "jwt"),
    "request": ("a.b.c",),
    "request_uri": ("urn:ietf:params:oauth:request_uri:x", "https://somewhere.example"),
    "prompt": ("none",),
    "sign_transaction_id": ("x" * 40, "5f0c2a6e-0000-4000-8000-000000000001"),
    "dpop_jkt": ("?",),
}
CHANGES = st.lists(
    st.sampled_from([(name, value) for name, values in _VALUES.items() for value in values]), max_size=4
).map(dict)


def broken(findings: Sequence[Finding]) -> list[str]:
    return [finding.rule.name for finding in findings if finding.standing is Standing.BROKEN]


def first(findings: Sequence[Finding]) -> tuple[str, str] | None:
    """What the first broken rule is told with."""
    told = (finding for finding in findings if finding.standing is Standing.BROKEN)
    return next(((finding.error, finding.description) for finding in told), None)


def begun(asked: Parameters, client: Client | None, provider: Provider) -> tuple[str, str] | None:
    """What the engine says, as the service asks it."""
    try:
        name = idp.client_id(asked, provider.profile)
        reference = idp.pushed_reference(asked, provider.profile)
        if reference is not None:
            asked = idp.take_pushed(None, name, NOW)
        idp.begin(asked, client, provider, NOW, Counter(), pushed=reference is not None)
    except OAuthRefused as refusal:
        return refusal.error, refusal.description
    return None


@settings(max_examples=300, deadline=None)
@given(CHANGES, st.sampled_from([CLIENT, SUSPENDED, None]), st.sampled_from([PROVIDER, STRICT]))
def test_the_first_that_is_broken_is_what_the_engine_answers(
    changes: dict[str, str | None], client: Client | None, provider: Provider
) -> None:
    asked = parameters(**changes)
    found = idp.hear_authorization(asked, client, provider, NOW)
    assert first(found) == begun(asked, client, provider)


def test_a_good_request_keeps_every_rule() -> None:
    found = idp.hear_authorization(parameters(), CLIENT, PROVIDER, NOW)
    assert {finding.standing for finding in found} == {Standing.KEPT}


def test_everything_that_is_wrong_is_found_at_once() -> None:
    """RFC 6749 §4.1.2.1 lets the engine name one error only."""
    asked = parameters(state=None, nonce=None, code_challenge_method="plain", scope="name", prompt="none")
    found = idp.hear_authorization(asked, CLIENT, PROVIDER, NOW)
    assert broken(found) == ["supported", "state", "nonce", "code_challenge_method", "scope"]


def test_a_parameter_given_twice_breaks_its_rule() -> None:
    """RFC 6749 §3.1."""
    asked = Parameters([*REQUEST.items(), ("state", "again")])
    assert broken(idp.hear_authorization(asked, CLIENT, PROVIDER, NOW)) == ["state"]


def test_an_unknown_client_leaves_open_what_depends_on_it() -> None:
    found = idp.hear_authorization(parameters(state=None), None, PROVIDER, NOW)
    unseen = {finding.rule.name for finding in found if finding.standing is Standing.UNSEEN}
    assert broken(found) == ["client_registered", "state"]
    assert unseen == {"redirect_uri", "client_active", "scope", "signing"}


# --- the token endpoint ---

LOGIN, CODE = with_code()
_CLAIMS = {
    "iss": (None, "RP00000009"),
    "sub": (None, "RP00000009"),
    "aud": (None, "http://localhost:8700", 5),
    "exp": (None, 0, int(NOW.timestamp()) + 10**6, "soon", 1e300),
    "iat": (int(NOW.timestamp()) + 600,),
    "nbf": (int(NOW.timestamp()) + 600, True),
    "jti": (None, "", "j" * 300),
}
_FORM = {
    "grant_type": (None, "password"),
    "code": (None, "with blank", "unknown"),
    "redirect_uri": (None, "http://localhost:3000/callback"),
    "code_verifier": (None, "short", "another-code-verifier-of-enough-length-0123456789"),
    "client_id": (None, "RP00000009"),
    "client_assertion_type": (None, "urn:something"),
    "client_assertion": (None, "not.a.jwt", "x" * 9000),
}
CLAIMS = st.lists(st.sampled_from([(n, v) for n, values in _CLAIMS.items() for v in values]), max_size=3).map(dict)
FORM = st.lists(st.sampled_from([(n, v) for n, values in _FORM.items() for v in values]), max_size=3).map(dict)


def sent(changes: dict[str, str | None], claims: dict[str, object], *, forged: bool = False) -> Parameters:
    signed = assertion(OTHER_RSA, **claims) if forged else assertion(**claims)
    fields: dict[str, str | None] = {"code": CODE, "code_verifier": VERIFIER, "client_assertion": signed}
    return form(**{**fields, **changes})


def redeemed(asked: Parameters, client: Client | None, spent: bool, code_spent: bool) -> tuple[str, str] | None:
    """What the engine says, as the service asks it."""
    try:
        text = idp.client_assertion(asked)
        idp.unverified_issuer(text)
        idp.check_assertion(text, client, PROVIDER, NOW)
        if spent:
            raise idp.replayed()
        assert client is not None
        idp.check_client(asked, client)
        assert idp.asks_for_service(asked, PROVIDER) is None
        request = idp.read_token_request(asked, PROVIDER)
        assert isinstance(request, idp.TokenRequest)
        outcome = idp.redeem(request, client, kept(asked, code_spent), PROVIDER, SIGNER, NOW, Counter())
    except OAuthRefused as refusal:
        return refusal.error, refusal.description
    return (outcome.refusal.error, outcome.refusal.description) if isinstance(outcome, Denial) else None


def kept(asked: Parameters, code_spent: bool) -> idp.Login | None:
    if asked.find("code") != CODE:
        return None
    assert LOGIN.code is not None
    return replace(LOGIN, code=replace(LOGIN.code, spent=code_spent))


@settings(max_examples=300, deadline=None)
@given(
    FORM, CLAIMS, st.booleans(), st.booleans(), st.booleans(), st.sampled_from([CLIENT, SUSPENDED, OTHER_CLIENT, None])
)
def test_the_first_that_is_broken_is_what_the_token_endpoint_answers(
    changes: dict[str, str | None],
    claims: dict[str, object],
    forged: bool,
    spent: bool,
    code_spent: bool,
    client: Client | None,
) -> None:
    asked = sent(changes, claims, forged=forged)
    presence, known = Presence(client, assertion_spent=spent), Known(login=kept(asked, code_spent))
    found = idp.hear_token(asked, presence, known, PROVIDER, NOW)
    assert first(found) == redeemed(asked, client, spent, code_spent)


def test_a_good_token_request_keeps_every_rule() -> None:
    found = idp.hear_token(sent({}, {}), Presence(CLIENT), Known(login=LOGIN), PROVIDER, NOW)
    assert {finding.standing for finding in found} == {Standing.KEPT}


def test_all_that_is_wrong_with_an_assertion_is_found_at_once() -> None:
    """RFC 7523 §3; a wrong signature does not hide wrong claims."""
    asked = sent({"code_verifier": "short"}, {"aud": "https://example.jp", "exp": 0, "jti": None}, forged=True)
    found = idp.hear_token(asked, Presence(CLIENT), Known(login=LOGIN), PROVIDER, NOW)
    names = ["assertion_signature", "assertion_audience", "assertion_expiry", "assertion_jti", "verifier_form"]
    assert broken(found) == names


def test_a_spent_code_and_another_verifier_are_both_found() -> None:
    """RFC 6749 §4.1.2, RFC 7636 §4.6."""
    asked = sent({"code_verifier": "another-code-verifier-of-enough-length-0123456789"}, {})
    found = idp.hear_token(asked, Presence(CLIENT), Known(login=kept(asked, True)), PROVIDER, NOW)
    assert broken(found) == ["code_once", "code_verifier"]


def refreshing(**changes: str | None) -> Parameters:
    left: dict[str, str | None] = {"code": None, "code_verifier": None, "redirect_uri": None}
    told: dict[str, str | None] = {"grant_type": "refresh_token", "refresh_token": "a-token"}
    return form(**{**left, **told, "client_assertion": assertion(), **changes})


@pytest.mark.parametrize(
    ("changes", "known", "names"),
    [
        ({}, {}, []),
        ({"refresh_token": None}, {}, ["refresh_form"]),
        ({}, None, ["refresh_known"]),
        ({}, {"spent": True, "client_id": OTHER_CLIENT.id}, ["refresh_once", "refresh_client"]),
        ({"scope": "openid gender"}, {"expires_at": NOW - SECOND}, ["refresh_expiry", "refresh_scope"]),
    ],
)
def test_the_rules_of_a_refresh_token(
    changes: dict[str, str | None], known: dict[str, object] | None, names: list[str]
) -> None:
    """RFC 6749 §6."""
    first_one = first_refresh_token(LOGIN, PROVIDER, NOW, Counter())
    assert first_one is not None
    token = replace(first_one[1], scopes=("openid", "name"))
    refresh = None if known is None else replace(token, **known)  # type: ignore[arg-type]
    found = idp.hear_token(refreshing(**changes), Presence(CLIENT), Known(refresh=refresh), PROVIDER, NOW)
    assert broken(found) == names


def test_a_client_that_may_not_sign_is_told_so() -> None:
    """RFC 6749 §5.2."""
    asked = refreshing(grant_type="client_credentials", refresh_token=None, scope="openid")
    found = idp.hear_token(asked, Presence(CLIENT), Known(), PROVIDER, NOW)
    assert broken(found) == ["service_client", "service_scope"]


# --- what shows a token ---


@pytest.mark.parametrize(
    ("header", "names"),
    [([], ["token_presented"]), (["Bearer"], ["token_presented"]), (["Bearer abc"], ["token_usable"])],
)
def test_userinfo_without_a_good_token(header: list[str], names: list[str]) -> None:
    """RFC 6750 §3.1."""
    assert broken(idp.hear_userinfo(header, None, Presence(None), PROVIDER, NOW)) == names


def test_what_is_submitted_without_a_token_is_looked_at_all_the_same() -> None:
    found = idp.hear_submission(["Bearer abc"], b'{"digest": "short"}', Submission(None, None), PROVIDER, NOW)
    assert broken(found) == ["service_token", "digest"]


def test_a_result_is_for_a_token() -> None:
    assert broken(idp.hear_result([], None, None, NOW)) == ["token_presented"]


def test_every_rule_stands_somewhere() -> None:
    assert all(rule.clause and rule.looks_at and name == rule.name for name, rule in RULES.items())
