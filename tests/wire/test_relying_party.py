"""The demonstration shop over HTTP: sessions, callbacks, and what it shows when a login fails."""

import base64
import hashlib
import json
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from starlette.testclient import TestClient

from tests.services import world
from tests.wire.phone_world import SetClock
from warifu.wire import relying_party
from warifu.wire.clock import SystemEntropy

ORIGIN = "http://rp.localhost:8702"
SUBJECT = "5f0c2a6e-0000-4000-8000-000000000001"


class ScriptedProvider:
    """The endpoints of a provider that logs everybody in, unless told otherwise."""

    def __init__(self) -> None:
        self.nonce = ""
        self.challenge = ""
        self.token_changes: dict[str, Any] = {}
        self.refusal: dict[str, str] | None = None
        self.userinfo: dict[str, str] = {"sub": SUBJECT, "name": "割符　<花子>", "birthdate": "19800217"}
        self.silent = False
        self.paths: list[str] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.paths.append(request.url.path)
        if self.silent:
            raise httpx2.ConnectError("nobody there", request=request)
        match str(request.url).rpartition("/")[2]:
            case "openid-configuration":
                return httpx2.Response(200, json={"issuer": world.ISSUER, **world.ENDPOINTS})
            case "certs":
                return httpx2.Response(200, json=world.JWKS)
            case "token":
                return self._token(dict(parse_qs(request.content.decode(), strict_parsing=True)))
            case _:
                assert request.headers["authorization"] == f"Bearer {world.ACCESS_TOKEN}"
                return httpx2.Response(200, json=self.userinfo)

    def _token(self, form: dict[str, list[str]]) -> httpx2.Response:
        verifier = form["code_verifier"][0].encode()
        assert base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).rstrip(b"=").decode() == self.challenge
        keys = KeySet.import_key_set(world.CLIENT_KEY.public_jwks())  # type: ignore[arg-type]
        assert jwt.decode(form["client_assertion"][0], keys, algorithms=["ES256"]).claims["iss"] == "RP00000001"
        if self.refusal:
            return httpx2.Response(400, json=self.refusal)
        return httpx2.Response(
            200, content=world.token_response(world.id_token(**{"nonce": self.nonce, **self.token_changes}))
        )


class Customer:
    """A person with a browser in front of the shop."""

    def __init__(self) -> None:
        self.provider = ScriptedProvider()
        self.clock = SetClock(world.NOW)
        settings = relying_party.ShopSettings(world.ISSUER, "RP00000001", ORIGIN, world.CLIENT_KEY)
        client = httpx2.AsyncClient(transport=httpx2.MockTransport(self.provider))
        app = relying_party.application(settings, self.clock, SystemEntropy(), client)
        headers = {"accept-language": "en"}
        self.browser = TestClient(app, base_url=ORIGIN, headers=headers, client=("127.0.0.1", 50000))

    def post(self, path: str, origin: str = ORIGIN, **fields: str) -> httpx2.Response:
        headers = {"origin": origin, "content-type": "application/x-www-form-urlencoded"}
        return self.browser.post(path, content=urlencode(fields), headers=headers, follow_redirects=False)

    def begin(self, ask: str = "all") -> dict[str, str]:
        """Press the button; the query with which the browser is sent away."""
        response = self.browser.get("/login", params={"ask": ask}, follow_redirects=False)
        assert response.status_code == 303
        query = {name: values[0] for name, values in parse_qs(urlsplit(response.headers["location"]).query).items()}
        self.provider.nonce, self.provider.challenge = query["nonce"], query["code_challenge"]
        return query

    def come_back(self, **callback: str) -> httpx2.Response:
        return self.browser.get("/callback", params=callback)

    def log_in(self) -> httpx2.Response:
        return self.come_back(code="a-code", state=self.begin()["state"], session_state="s")


@pytest.fixture
def customer() -> Customer:
    return Customer()


def test_the_customer_sees_what_the_shop_was_told(customer: Customer) -> None:
    page = customer.log_in()
    assert page.url.path == "/"
    assert "You are logged in" in page.text
    assert SUBJECT in page.text
    assert "割符　&lt;花子&gt;" in page.text
    assert "2026-11-22 09:05:00 UTC" in page.text
    assert world.ACCESS_TOKEN not in page.text


def test_the_shop_asks_for_what_was_chosen(customer: Customer) -> None:
    assert customer.begin("openid")["scope"] == "openid"
    assert customer.begin("all")["scope"] == "openid name address birthdate gender"


def test_the_buttons_page_lets_its_form_lead_to_the_provider(customer: Customer) -> None:
    """Chromium applies form-action to the redirects as well (Content Security Policy Level 3)."""
    policy = customer.browser.get("/").headers["content-security-policy"]
    assert "form-action 'self' http://localhost:8700;" in policy


def test_logging_out_forgets(customer: Customer) -> None:
    customer.log_in()
    assert customer.post("/logout").headers["location"] == "/?out"
    page = customer.browser.get("/?out")
    assert "You are logged out." in page.text
    assert SUBJECT not in page.text


def test_a_session_ends(customer: Customer) -> None:
    customer.log_in()
    customer.clock.moment += relying_party.SESSION
    assert SUBJECT not in customer.browser.get("/").text


def test_the_session_gets_a_new_secret_with_the_login(customer: Customer) -> None:
    """Against session fixation (OWASP, Session Management): what was planted before is worth nothing after."""
    state = customer.begin()["state"]
    before = customer.browser.cookies["shop"]
    customer.come_back(code="a-code", state=state)
    after = customer.browser.cookies["shop"]
    assert before != after
    customer.browser.cookies.clear()
    customer.browser.cookies.set("shop", before)
    assert SUBJECT not in customer.browser.get("/").text


@pytest.mark.parametrize(
    ("description", "sentence"),
    [
        ("cancelled", "You cancelled the login."),
        ("certificate_revoked", "has been revoked"),
        ("certificate_expired", "has expired"),
        ("pin_blocked", "PIN is blocked"),
        ("something_else", "The login server says that the login is not possible."),
    ],
)
def test_the_providers_error_is_shown_in_words_and_as_it_came(
    customer: Customer, description: str, sentence: str
) -> None:
    """Relying parties forget the error callback; this one is to be imitated (RFC 6749 §4.1.2.1)."""
    state = customer.begin()["state"]
    page = customer.come_back(error="access_denied", error_description=description, state=state)
    assert page.status_code == 400
    assert sentence in page.text
    assert "access_denied" in page.text
    assert description in page.text


def test_a_callback_of_another_login_is_not_accepted(customer: Customer) -> None:
    customer.begin()
    page = customer.come_back(code="a-code", state="another")
    assert (page.status_code, "does not continue a login begun in this browser" in page.text) == (403, True)
    assert not any(path.endswith("/token") for path in customer.provider.paths)


def test_a_callback_out_of_nowhere_is_not_accepted(customer: Customer) -> None:
    assert customer.come_back(code="a-code", state="x").status_code == 403


def test_a_callback_counts_once(customer: Customer) -> None:
    state = customer.begin()["state"]
    customer.come_back(code="a-code", state=state)
    assert customer.come_back(code="a-code", state=state).status_code == 403


def test_a_parameter_twice_is_not_accepted(customer: Customer) -> None:
    """RFC 6749 §3.1."""
    state = customer.begin()["state"]
    assert customer.browser.get(f"/callback?code=a&code=b&state={state}").status_code == 400


def test_a_forged_token_is_not_accepted(customer: Customer) -> None:
    customer.provider.token_changes = {"aud": "RP00000002"}
    page = customer.log_in()
    assert "could not be verified" in page.text
    assert "wrong_audience" in page.text


def test_userinfo_about_somebody_else_is_not_shown(customer: Customer) -> None:
    customer.provider.userinfo = {"sub": "somebody else", "name": "割符　太郎"}
    page = customer.log_in()
    assert page.status_code == 403
    assert "太郎" not in page.text


def test_the_token_endpoints_refusal_is_shown(customer: Customer) -> None:
    customer.provider.refusal = {"error": "invalid_grant", "error_description": "the code has been used"}
    page = customer.log_in()
    assert "invalid_grant" in page.text


def test_a_silent_provider_is_said_so(customer: Customer) -> None:
    customer.provider.silent = True
    assert customer.browser.get("/").status_code == 200
    page = customer.browser.get("/login")
    assert (page.status_code, "does not answer" in page.text) == (503, True)


def test_forms_of_other_sites_are_refused(customer: Customer) -> None:
    assert customer.post("/logout", origin="http://elsewhere.example").status_code == 403


def test_the_cookie_is_not_for_scripts(customer: Customer) -> None:
    cookie = customer.browser.get("/login", follow_redirects=False).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


def test_the_metadata_is_asked_for_anew_after_five_minutes(customer: Customer) -> None:
    customer.begin()
    customer.begin()
    asked = [path for path in customer.provider.paths if path.endswith("openid-configuration")]
    customer.clock.moment += relying_party.SESSION
    customer.begin()
    assert len(asked) == 1
    assert json.dumps(customer.provider.paths).count("openid-configuration") == 2
