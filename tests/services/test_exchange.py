"""Recordings: what is read, what is refused, what is taken out."""

import pytest

from warifu.errors import Malformed
from warifu.services import Entry, Labels, Recording, Step, compare, read_har, record
from warifu.services.scrubbing import shape

ISSUER = "https://provider.example"


@pytest.mark.parametrize(
    ("value", "pattern"),
    [("19870506", "99999999"), ("1987-05-06", "9999-99-99"), ("割符　花子", "字"), ("A. Person", "a. a"), ("", "")],
)
def test_what_is_somebodys_becomes_its_shape(value: str, pattern: str) -> None:
    assert shape(value) == pattern


def test_the_same_value_has_the_same_label_everywhere() -> None:
    labels = Labels(ISSUER)
    assert [labels.member("code", each) for each in ("a", "b", "a")] == ["{code 1}", "{code 2}", "{code 1}"]


def test_a_verifier_is_known_by_its_challenge() -> None:
    """RFC 7636 appendix B."""
    labels = Labels(ISSUER)
    challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert labels.parameter("code_challenge", challenge) == "{code_challenge 1}"
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert labels.parameter("code_verifier", verifier) == "{code_verifier 1}"
    assert labels.parameter("code_verifier", verifier + "x") == "{other code_verifier 1}"


def test_what_nobody_foresaw_is_not_kept_either() -> None:
    """Of a login only the protocol's own words are; of a person not even a number."""
    at, back = f"{ISSUER}/protocol/openid-connect", "https://client.example/callback"
    asked = (
        f"{at}/auth?redirect_uri=https%3A%2F%2Fclient.example%2Fcallback&scope=openid&login_hint=a.person%40example.jp"
    )
    answered = {"content-type": "application/json"}
    entries = [
        Entry("GET", asked, status=302, answer_headers={"location": f"{back}?response=e30.e30.c2lnbmVk&iss={ISSUER}"}),
        Entry(
            "POST", f"{at}/token", status=200, answer_headers=answered,
            answer_body='{"token_type": "Bearer", "expires_in": "300", "device_secret": "opens-something"}',
        ),
        Entry("GET", f"{at}/userinfo", status=200, answer_headers=answered, answer_body='{"birthdate": 19870506}'),
    ]  # fmt: skip
    recorded = record(entries, ISSUER)
    text = recorded.encode().decode()
    assert not any(secret in text for secret in ("person", "c2lnbmVk", "opens-something", "19870506"))
    login, token, userinfo = recorded.steps
    assert dict(login.parameters) == {
        "redirect_uri": "{redirect_uri}",
        "scope": "openid",
        "login_hint": "{login_hint 1}",
    }
    assert login.answer == {"callback": {"iss": "{issuer}", "response": "{response 1}"}}
    members = {"token_type": "Bearer", "expires_in": "300", "device_secret": "{device_secret 1}"}
    assert token.answer["members"] == members
    assert userinfo.answer["members"] == {"birthdate": "(integer)"}


@pytest.mark.parametrize("document", [b"{}", b"[]", b'{"log": {"entries": [{}]}}', b'{"log": {"entries": [1]}}'])
def test_what_is_no_har_is_malformed(document: bytes) -> None:
    with pytest.raises(Malformed):
        read_har(document)


@pytest.mark.parametrize(
    "document",
    [
        b"{}",
        b'{"format": "warifu-exchange-1", "issuer": "", "steps": [{"step": "logout", "answer": {}}]}',
        b'{"format": "warifu-exchange-1", "issuer": "", "steps": [{"step": "token"}]}',
        b'{"format": "warifu-exchange-1", "issuer": "", "steps": [{"step": "token", "parameters": [1], "answer": {}}]}',
        b'{"format": "warifu-exchange-2", "issuer": "", "steps": []}',
    ],
)
def test_what_is_no_recording_is_malformed(document: bytes) -> None:
    with pytest.raises(Malformed):
        Recording.decode(document)


def test_nothing_for_the_provider_is_told() -> None:
    with pytest.raises(Malformed):
        record([Entry("GET", "https://elsewhere.example/")], ISSUER)


def test_a_type_that_differs_is_a_difference() -> None:
    theirs, ours = ([Step("token", answer={"members": {"expires_in": each}})] for each in ("300", 300))
    found = list(compare(Recording(ISSUER, theirs), Recording(ISSUER, ours)))
    assert [(one.where, one.theirs, one.ours) for one in found] == [("members.expires_in", "300", "300")]
