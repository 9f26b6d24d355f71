"""The provider over loopback HTTP: paths, status codes, headers, cookies, and what each endpoint refuses."""

import itertools
import json
import logging
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.idp import world
from tests.idp.world import CLIENT, PROVIDER, REQUEST, query
from tests.verifier.scene import MOVED
from tests.waiting import until
from tests.wire.provider_world import Stage, answer
from warifu.messages import LoginInvitation
from warifu.pki import Standing
from warifu.wire.logs import JsonLines
from warifu.wire.provider import application
from warifu.wire.serving import reserve, serve_in_thread

REALM = "/api/realms/main"
AUTH, TOKEN = f"{REALM}/protocol/openid-connect/auth", f"{REALM}/protocol/openid-connect/token"
USERINFO, CERTS = f"{REALM}/protocol/openid-connect/userinfo", f"{REALM}/protocol/openid-connect/certs"
JSON = {"content-type": "application/json"}
JTI = itertools.count()


@pytest.fixture(scope="module")
def whole_stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return Stage(tmp_path_factory.mktemp("provider"))


@pytest.fixture
def stage(whole_stage: Stage) -> Iterator[Stage]:
    """The authority says again afterwards that all is well."""
    yield whole_stage
    whole_stage.authority.status = Standing.GOOD


@pytest.fixture(scope="module")
def origin(whole_stage: Stage) -> Iterator[str]:
    """Where one provider answers all tests of this module."""
    with whole_stage.service() as service:
        service.register(CLIENT)
        at = reserve("localhost")
        with serve_in_thread([(at, application(service))]):
            yield at.origin


@pytest.fixture
def browser(origin: str) -> Iterator[httpx2.Client]:
    """A browser: keeps cookies, follows nothing by itself."""
    with httpx2.Client(base_url=origin, trust_env=False) as client:
        yield client


@pytest.fixture
def phone(origin: str) -> Iterator[httpx2.Client]:
    """The answering side: no cookies, no Origin."""
    with httpx2.Client(base_url=origin, trust_env=False) as client:
        yield client


def begin(browser: httpx2.Client, **changes: str) -> str:
    """Ask for authorization; the path of the login."""
    response = browser.get(AUTH, params={**REQUEST, **changes})
    assert response.status_code == 303, response.text
    return str(response.headers["location"])


def give_answer(phone: httpx2.Client, login: str) -> httpx2.Response:
    invitation = LoginInvitation.decode(phone.get(f"{login}/invitation").content)
    return phone.post(f"{login}/answer", content=answer(invitation).encode(), headers=JSON)


def decide(phone: httpx2.Client, login: str, **decision: str) -> httpx2.Response:
    return phone.post(f"{login}/decision", json=decision)


def log_in(browser: httpx2.Client, phone: httpx2.Client) -> dict[str, str]:
    """From the request to the callback's query."""
    login = begin(browser)
    shared = give_answer(phone, login).json()
    assert decide(phone, login, decision="allow", decision_token=shared["decision_token"]).status_code == 204
    return query(browser.get(f"{login}/continue").headers["location"])


def exchange(client: httpx2.Client, code: str, **changes: str | None) -> httpx2.Response:
    fields: dict[str, str | None] = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": world.REDIRECT_URI,
        "code_verifier": world.VERIFIER,
        "client_id": CLIENT.id,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": world.assertion(jti=str(next(JTI))),
        **changes,
    }
    return client.post(TOKEN, data={name: value for name, value in fields.items() if value is not None})


def test_a_login_over_http(browser: httpx2.Client, phone: httpx2.Client) -> None:
    """The whole conversation."""
    login = begin(browser)
    assert browser.get(f"{login}/state").json()["state"] == "waiting"
    given = give_answer(phone, login)
    assert given.json().keys() == {"client_name", "shares", "decision_token", "agreed"}
    assert given.json()["shares"] == ["openid", "name", "address", "birthdate", "gender"]
    assert browser.get(f"{login}/state").json()["state"] == "answered"
    decide(phone, login, decision="allow", decision_token=given.json()["decision_token"])
    assert browser.get(f"{login}/state").json()["state"] == "allowed"
    callback = query(browser.get(f"{login}/continue").headers["location"])
    tokens = exchange(phone, callback["code"])
    assert tokens.status_code == 200
    assert (tokens.headers["cache-control"], tokens.headers["pragma"]) == ("no-store", "no-cache")
    claims = phone.get(USERINFO, headers={"authorization": f"Bearer {tokens.json()['access_token']}"})
    assert claims.json()["name"] == "割符　花子"
    assert claims.headers["cache-control"] == "no-store"


def test_the_request_may_also_be_posted(browser: httpx2.Client) -> None:
    """OpenID Connect Core 1.0 §3.1.2.1: GET and POST."""
    response = browser.post(AUTH, data=dict(REQUEST))
    assert response.status_code == 303
    assert response.headers["location"].startswith("/login/")


def test_the_cookie_is_out_of_reach(browser: httpx2.Client) -> None:
    """HttpOnly, SameSite=Lax, for this login's pages only."""
    response = browser.get(AUTH, params=REQUEST)
    cookie = response.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert f"Path={response.headers['location']}" in cookie


def test_the_login_page_may_not_be_framed_and_is_not_kept(browser: httpx2.Client) -> None:
    """Clickjacking; a shared computer's cache."""
    response = browser.get(begin(browser))
    assert response.status_code == 200
    assert CLIENT.name in response.text
    assert "frame-ancestors 'none'" in response.headers["content-security-policy"]
    assert response.headers["x-frame-options"] == "DENY"
    assert response.headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in response.headers


def test_two_logins_in_one_browser_do_not_disturb_each_other(browser: httpx2.Client, phone: httpx2.Client) -> None:
    """A cookie each."""
    first, second = begin(browser), begin(browser)
    decide(phone, first, decision="deny", reason="cancelled")
    assert browser.get(f"{first}/state").json()["state"] == "refused"
    assert browser.get(f"{second}/state").json()["state"] == "waiting"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"client_id": "NOBODY"}, 400),
        ({"client_id": ""}, 400),
        ({"redirect_uri": "https://evil.example/"}, 400),
        ({"redirect_uri": ""}, 400),
    ],
)
def test_an_address_nobody_registered_gets_nothing(browser: httpx2.Client, change: dict[str, str], status: int) -> None:
    """RFC 6749 §4.1.2.1: tell the person, never redirect."""
    response = browser.get(AUTH, params={**REQUEST, **change})
    assert response.status_code == status
    assert response.headers["content-type"].startswith("text/html")
    assert "location" not in response.headers
    assert "set-cookie" not in response.headers or "login=" not in response.headers["set-cookie"]


def test_a_query_that_can_not_be_read_is_told_to_the_person(browser: httpx2.Client) -> None:
    """Nothing in it can be believed."""
    response = browser.get(f"{AUTH}?client_id=%FF")
    assert response.status_code == 400
    assert response.headers["content-type"].startswith("text/html")


def test_other_faults_go_back_to_the_client(browser: httpx2.Client) -> None:
    """RFC 6749 §4.1.2.1."""
    response = browser.get(AUTH, params={**REQUEST, "scope": "openid sign"})
    assert response.status_code == 303
    assert response.headers["location"].startswith(world.REDIRECT_URI)
    assert query(response.headers["location"]) == {
        "error": "invalid_scope",
        "error_description": "scope unknown or not permitted to this client",
        "state": "a state",
    }


def test_another_browser_gets_neither_page_nor_state_nor_code(browser: httpx2.Client, phone: httpx2.Client) -> None:
    """RFC 9700 §4.7."""
    login = begin(browser)
    assert phone.get(login).status_code == 403
    assert phone.get(f"{login}/state").json()["error"] == "not_allowed"
    assert phone.get(f"{login}/continue").status_code == 403
    assert "location" not in phone.get(f"{login}/continue").headers


def test_continue_waits_for_a_decision(browser: httpx2.Client) -> None:
    """Without a script the link 'continue' is what a person has."""
    login = begin(browser)
    assert browser.get(f"{login}/continue").headers["location"] == login


def test_the_page_of_an_ended_login_goes_on(browser: httpx2.Client, phone: httpx2.Client) -> None:
    """Reloading it is not a dead end."""
    login = begin(browser)
    decide(phone, login, decision="deny", reason="pin_blocked")
    assert browser.get(login).headers["location"] == f"{login}/continue"
    assert query(browser.get(f"{login}/continue").headers["location"])["error_description"] == "pin_blocked"


def test_a_finished_login_is_a_page(browser: httpx2.Client, phone: httpx2.Client) -> None:
    """A used code is not handed out again."""
    login = begin(browser)
    token = give_answer(phone, login).json()["decision_token"]
    decide(phone, login, decision="allow", decision_token=token)
    code = query(browser.get(f"{login}/continue").headers["location"])["code"]
    exchange(phone, code)
    response = browser.get(f"{login}/continue")
    assert response.status_code == 409
    assert "このログインは終わっています" in response.text


def test_an_unknown_login_is_not_found(browser: httpx2.Client, phone: httpx2.Client) -> None:
    """Pages say so as pages, the rest as JSON."""
    assert browser.get("/login/unknown").status_code == 404
    assert phone.get("/login/unknown/invitation").json() == {
        "error": "not_found",
        "description": "there is no such login",
    }
    assert decide(phone, "/login/unknown", decision="deny", reason="cancelled").status_code == 404


def test_a_revoked_certificate_is_refused_by_name(stage: Stage, browser: httpx2.Client, phone: httpx2.Client) -> None:
    """The phone is told at once, the client through the browser."""
    stage.authority.status = MOVED
    login = begin(browser)
    response = give_answer(phone, login)
    assert response.status_code == 403
    assert response.json() == {"error": "revoked", "description": "the certificate has been revoked"}
    assert browser.get(f"{login}/state").json() == {
        "state": "refused",
        "error": "access_denied",
        "description": "certificate_revoked",
        "hand_over": "open",
    }


def test_an_authority_that_does_not_answer_is_unavailable(
    stage: Stage, browser: httpx2.Client, phone: httpx2.Client
) -> None:
    """Trying again later may help."""
    stage.authority.status = None
    response = give_answer(phone, begin(browser))
    assert response.status_code == 503
    assert response.headers["retry-after"] == "5"


@pytest.mark.parametrize("path", ["answer", "decision"])
def test_another_site_can_not_post(browser: httpx2.Client, path: str) -> None:
    """Cross-site request forgery: the Origin header of RFC 6454 §7."""
    login = begin(browser)
    for origin in ("https://evil.example", "null", "http://localhost:8701"):
        response = browser.post(f"{login}/{path}", content=b"{}", headers={**JSON, "origin": origin})
        assert response.status_code == 403


def test_the_providers_own_page_may_post(browser: httpx2.Client) -> None:
    """The page's script sends its own origin."""
    login = begin(browser)
    headers = {**JSON, "origin": PROVIDER.origin}
    body = json.dumps({"decision": "deny", "reason": "cancelled"}).encode()
    assert browser.post(f"{login}/decision", content=body, headers=headers).status_code == 204


@pytest.mark.parametrize("path", ["answer", "decision"])
def test_only_json_is_read(browser: httpx2.Client, path: str) -> None:
    """A plain HTML form of another site can't make this media type."""
    response = browser.post(f"{begin(browser)}/{path}", content=b"{}", headers={"content-type": "text/plain"})
    assert (response.status_code, response.json()["error"]) == (400, "malformed")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"decision":"allow"}',
        b'{"decision":"allow","reason":"cancelled"}',
        b'{"decision":"deny","decision_token":"x"}',
        b'{"decision":"perhaps","reason":"cancelled"}',
        b'{"decision":"deny","reason":"because"}',
        b'{"decision":"deny","reason":"cancelled","more":1}',
    ],
)
def test_a_decision_nobody_understands_is_malformed(phone: httpx2.Client, browser: httpx2.Client, body: bytes) -> None:
    """Strict messages."""
    response = phone.post(f"{begin(browser)}/decision", content=body, headers=JSON)
    assert (response.status_code, response.json()["error"]) == (400, "malformed")


def test_a_decision_that_is_too_long_is_refused(phone: httpx2.Client, browser: httpx2.Client) -> None:
    response = phone.post(f"{begin(browser)}/decision", content=b"x" * 70_000, headers=JSON)
    assert (response.status_code, response.json()["error"]) == (413, "content_too_large")


def test_a_decision_by_who_did_not_answer_is_refused(browser: httpx2.Client, phone: httpx2.Client) -> None:
    """Knowing the QR code is not enough to consent."""
    login = begin(browser)
    give_answer(phone, login)
    response = decide(phone, login, decision="allow", decision_token="guess")
    assert (response.status_code, response.json()["error"]) == (403, "not_allowed")


def test_cancelling_without_a_script(browser: httpx2.Client) -> None:
    """A form of the provider's own page, with the cookie."""
    login = begin(browser)
    form = {"decision": "deny", "reason": "cancelled"}
    response = browser.post(f"{login}/decision", data=form, headers={"origin": PROVIDER.origin})
    assert (response.status_code, response.headers["location"]) == (303, f"{login}/continue")


@pytest.mark.parametrize("headers", [{}, {"origin": "https://evil.example"}, {"origin": "null"}])
def test_a_form_of_another_page_can_not_cancel(browser: httpx2.Client, headers: dict[str, str]) -> None:
    """Cross-site request forgery: here the Origin must be there."""
    login = begin(browser)
    response = browser.post(f"{login}/decision", data={"decision": "deny", "reason": "cancelled"}, headers=headers)
    assert response.status_code == 403
    assert browser.get(f"{login}/state").json()["state"] == "waiting"


@pytest.mark.parametrize(
    "form",
    [
        {"decision": "allow", "decision_token": "x"},
        {"decision": "deny"},
        {"reason": "cancelled"},
        {"decision": "deny", "reason": "cancelled", **{f"field{number}": "x" for number in range(60)}},
    ],
)
def test_a_form_can_only_deny(browser: httpx2.Client, form: dict[str, str]) -> None:
    """Consent needs the answering side."""
    response = browser.post(f"{begin(browser)}/decision", data=form, headers={"origin": PROVIDER.origin})
    assert (response.status_code, response.json()["error"]) == (400, "malformed")


def test_a_form_without_the_cookie_can_not_cancel(browser: httpx2.Client, phone: httpx2.Client) -> None:
    """It is not this browser's login."""
    form = {"decision": "deny", "reason": "cancelled"}
    response = phone.post(f"{begin(browser)}/decision", data=form, headers={"origin": PROVIDER.origin})
    assert response.status_code == 403


# --- the token endpoint -----------------------------------------------------------------------------------------------


def test_parameters_in_the_query_are_not_seen(browser: httpx2.Client) -> None:
    """What clients of the official service have stumbled over, in its own words."""
    response = browser.post(TOKEN, params={"grant_type": "authorization_code", "code": "c"})
    assert response.status_code == 400
    assert response.json() == {
        "error": "invalid_request",
        "error_description": "Missing form parameter: grant_type",
    }


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b'{"grant_type":"authorization_code"}', "application/json", 400),
        (b"grant_type=%FF", "application/x-www-form-urlencoded", 400),
        (b"grant_type=a&grant_type=b", "application/x-www-form-urlencoded", 400),
        (b"a=" + b"b" * 20_000, "application/x-www-form-urlencoded", 413),
    ],
)
def test_a_form_that_is_none_is_an_invalid_request(
    browser: httpx2.Client, body: bytes, media_type: str, status: int
) -> None:
    """RFC 6749 §5.2."""
    response = browser.post(TOKEN, content=body, headers={"content-type": media_type})
    assert response.status_code == status
    assert response.json()["error"] == "invalid_request"


def test_an_unknown_client_is_401(browser: httpx2.Client) -> None:
    """RFC 6749 §5.2."""
    response = exchange(browser, "code", client_assertion=world.assertion(iss="NOBODY", sub="NOBODY"))
    assert response.status_code == 401
    assert response.json()["error"] == "invalid_client"
    assert response.headers["cache-control"] == "no-store"


def test_a_code_used_twice_is_an_invalid_grant(browser: httpx2.Client, phone: httpx2.Client) -> None:
    """RFC 6749 §4.1.2: and what it gave is taken back."""
    code = log_in(browser, phone)["code"]
    token = exchange(phone, code).json()["access_token"]
    again = exchange(phone, code, client_assertion=world.assertion(jti="again"))
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    response = phone.get(USERINFO, headers={"authorization": f"Bearer {token}"})
    assert response.status_code == 401
    assert 'error="invalid_token"' in response.headers["www-authenticate"]


def test_userinfo_may_be_asked_for_by_post(browser: httpx2.Client, phone: httpx2.Client) -> None:
    """OpenID Connect Core 1.0 §5.3: GET and POST."""
    tokens = exchange(phone, log_in(browser, phone)["code"]).json()
    claims = phone.post(USERINFO, headers={"authorization": f"Bearer {tokens['access_token']}"})
    assert claims.json()["name"] == "割符　花子"


@pytest.mark.parametrize("path", [TOKEN, AUTH, USERINFO, CERTS])
def test_other_methods_are_not_offered(browser: httpx2.Client, path: str) -> None:
    """RFC 9110 §15.5.6."""
    assert browser.delete(path).status_code == 405


def test_the_token_endpoint_is_for_posts(browser: httpx2.Client) -> None:
    """RFC 6749 §3.2."""
    assert browser.get(TOKEN).status_code == 405


# --- UserInfo, keys, discovery ----------------------------------------------------------------------------------------


def test_userinfo_without_a_token_names_no_error(browser: httpx2.Client) -> None:
    """RFC 6750 §3.1."""
    response = browser.get(USERINFO)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == 'Bearer realm="main"'


@pytest.mark.parametrize(
    ("header", "status", "error"),
    [("Bearer unknown", 401, "invalid_token"), ("Bearer a b", 400, "invalid_request")],
)
def test_userinfo_challenges_what_it_refuses(browser: httpx2.Client, header: str, status: int, error: str) -> None:
    """RFC 6750 §3."""
    response = browser.get(USERINFO, headers={"authorization": header})
    assert response.status_code == status
    assert response.json()["error"] == error
    assert f'error="{error}"' in response.headers["www-authenticate"]


def test_a_token_in_the_query_is_not_seen(browser: httpx2.Client) -> None:
    """RFC 6750 §2.3: it would end up in logs."""
    assert browser.get(USERINFO, params={"access_token": "x"}).headers["www-authenticate"] == 'Bearer realm="main"'


def test_what_is_published_may_be_kept_for_minutes(browser: httpx2.Client) -> None:
    """Keys and metadata."""
    for path in (CERTS, f"{REALM}/.well-known/openid-configuration"):
        response = browser.get(path)
        assert response.status_code == 200
        assert response.headers["cache-control"] == "public, max-age=300"
    assert browser.get(CERTS).json() == {"keys": [world.SIGNER.jwk]}


def test_every_endpoint_of_the_metadata_is_served(browser: httpx2.Client) -> None:
    """OpenID Connect Discovery 1.0 §3."""
    metadata: dict[str, Any] = browser.get(f"{REALM}/.well-known/openid-configuration").json()
    endpoints = {value for name, value in metadata.items() if name.endswith(("_endpoint", "jwks_uri"))}
    paths = {str(value).removeprefix(PROVIDER.origin) for value in endpoints}
    assert paths == {AUTH, TOKEN, USERINFO, CERTS, "/api/sign-transactions"}
    assert {browser.request("OPTIONS", path).status_code for path in paths} == {405}


# --- logs -------------------------------------------------------------------------------------------------------------


def test_the_log_knows_paths_and_no_secrets(
    browser: httpx2.Client, phone: httpx2.Client, caplog: pytest.LogCaptureFixture
) -> None:
    """No transaction, cookie, code, token, assertion or attribute, whatever goes wrong."""
    caplog.handler.setFormatter(JsonLines())
    with caplog.at_level(logging.DEBUG, "warifu"):
        login = begin(browser)
        cookies = [cookie.value for cookie in browser.cookies.jar]
        token = give_answer(phone, login).json()["decision_token"]
        decide(phone, login, decision="allow", decision_token="guess")
        decide(phone, login, decision="allow", decision_token=token)
        code = query(browser.get(f"{login}/continue").headers["location"])["code"]
        access_token = exchange(phone, code).json()["access_token"]
        phone.get(USERINFO, headers={"authorization": f"Bearer {access_token}"})
        exchange(phone, code, client_assertion=world.assertion(iss="NOBODY", sub="NOBODY"))
        until(lambda: caplog.text.count(TOKEN) == 2)  # a request is logged when its answer is out
    lines = caplog.text
    assert '"/login/{transaction}/answer"' in lines
    secrets = [login.rpartition("/")[2], token, code, access_token, "花子", "a state", "eyJ", *filter(None, cookies)]
    assert [secret for secret in secrets if secret in lines] == []
