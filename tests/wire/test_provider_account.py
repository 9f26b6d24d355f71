"""The resident's page: who gets in, what it shows, and that what it takes back is gone at once."""

import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from html import unescape
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from tests.idp import world
from tests.idp.world import CLIENT, OTHER_CLIENT, PROVIDER, query
from tests.verifier.scene import MOVED
from tests.wire.conftest import Place
from tests.wire.identity_world import NEW, OLD, Follows, Renewing, answer
from warifu.errors import NotAllowed, OAuthRefused, Revoked
from warifu.idp import ACCOUNT_SESSION, FAPI2, Attestation, CardEvent, How, Parameters, Passkey, Presented, Provider
from warifu.wire.database import open_database, writing
from warifu.wire.provider import Begun, ProviderService, application, passkey_store

JTI = itertools.count()
OWN = {"origin": PROVIDER.origin}


@dataclass
class Page:
    """The page in one browser."""

    stage: Renewing
    service: ProviderService
    browser: TestClient

    def get(self, path: str = "/account") -> httpx2.Response:
        return self.browser.get(path, follow_redirects=False)

    def post(self, path: str, **headers: str) -> httpx2.Response:
        return self.browser.post(f"/account{path}", headers=headers or OWN, follow_redirects=False)

    def begin(self) -> str:
        """The path of the login that begins."""
        return str(self.post("/login").headers["location"])

    def come_back(self, login: str, serial_number: int = OLD) -> str:
        """The card is held; where the browser is sent."""
        self.stage.hold(self.service, Begun(login.removeprefix("/login/"), ""), serial_number)
        back = str(self.get(f"{login}/continue").headers["location"])
        assert back.startswith(f"{PROVIDER.origin}/account/callback?")
        return back.removeprefix(PROVIDER.origin)

    def log_in(self, serial_number: int = OLD) -> None:
        assert self.get(self.come_back(self.begin(), serial_number)).headers["location"] == "/account"

    def shown(self) -> str:
        return unescape(re.sub(r"<[^>]+>", " ", self.get("/account?lang=en").text))

    def data(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.get("/account/data.json").content)
        return told


@pytest.fixture
def stage(place: Place) -> Renewing:
    return Renewing(place.folder, place.of("provider"))


def opened(stage: Renewing, provider: Provider = PROVIDER) -> Iterator[Page]:
    with stage.opened(Follows({NEW: ((OLD, How.SUCCESSION),)}), provider) as service:
        service.register(CLIENT)
        service.register(OTHER_CLIENT)
        with TestClient(application(service), base_url=PROVIDER.origin) as browser:
            yield Page(stage, service, browser)


@pytest.fixture
def page(stage: Renewing) -> Iterator[Page]:
    yield from opened(stage)


def tokens(page: Page, serial_number: int = OLD, client: str = CLIENT.id) -> dict[str, object]:
    """A client's tokens from a login with a certificate."""
    code = page.stage.code(page.service, serial_number, client_id=client)
    return redeem(page, client, code=code)


def redeem(page: Page, client: str = CLIENT.id, **form: str) -> dict[str, object]:
    asserted = world.assertion(jti=str(next(JTI)), iss=client, sub=client)
    return page.service.token(world.form(client_id=client, client_assertion=asserted, **form))


def refresh(page: Page, token: object, client: str = CLIENT.id) -> dict[str, object]:
    asserted = world.assertion(jti=str(next(JTI)), iss=client, sub=client)
    form = {"grant_type": "refresh_token", "refresh_token": str(token), "client_assertion": asserted}
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    return page.service.token(Parameters([*form.items(), ("client_assertion_type", kind)]))


def userinfo(page: Page, token: object) -> dict[str, str]:
    return page.service.userinfo(Presented(str(token), bound=False))


# --- who gets in ------------------------------------------------------------------------------------------------------


def test_whoever_is_not_logged_in_sees_the_way_in_and_nothing_else(page: Page) -> None:
    tokens(page)
    assert CLIENT.name not in page.get().text
    assert 'action="/account/login"' in page.get().text
    assert page.get("/account/data.json").status_code == 403


def test_a_login_by_card_opens_it_for_minutes(page: Page) -> None:
    tokens(page)
    page.log_in()
    assert CLIENT.name in page.shown()
    assert page.get().headers["cache-control"] == "no-store"
    page.stage.clock.go_on(ACCOUNT_SESSION)
    assert CLIENT.name not in page.shown()
    assert "The login is over" in page.shown()


def test_the_cookies_are_out_of_reach_of_scripts_and_other_pages(page: Page) -> None:
    login = page.begin()
    begun = page.browser.cookies.jar
    assert {(cookie.name, cookie.path) for cookie in begun} == {("login", login), ("account_begun", "/account")}
    response = page.get(page.come_back(login))
    session = next(line for line in response.headers.get_list("set-cookie") if line.startswith("account="))
    assert "HttpOnly" in session
    assert "Path=/account" in session
    assert "SameSite=lax" in session


def test_no_cookie_travels_in_the_clear_where_there_is_tls(stage: Renewing) -> None:
    """Neither the page's nor the login's (RFC 6265 §4.1.2.5)."""
    provider = Provider("https://id.example")
    with stage.opened(None, provider) as service, TestClient(application(service), base_url=provider.origin) as browser:
        begun = browser.post("/account/login", headers={"origin": provider.origin}, follow_redirects=False)
    assert ["Secure" in line for line in begun.headers.get_list("set-cookie")] == [True, True]


def test_another_browser_does_not_get_in_with_the_address(page: Page) -> None:
    """A code that was lured out of somebody opens nothing, nor does one that somebody planted (RFC 9700 §4.7)."""
    back = page.come_back(page.begin())
    with TestClient(application(page.service), base_url=PROVIDER.origin) as other:
        answer = other.get(back, follow_redirects=False)
        assert "account=" not in answer.headers.get("set-cookie", "")
        assert "ログインできませんでした" in answer.text
    assert page.get(back).headers["location"] == "/account"
    again = page.get(back)  # and the code is good once
    assert "account=" not in again.headers.get("set-cookie", "")


def test_a_login_to_the_page_cannot_be_relayed(page: Page) -> None:
    """There is no code for another device, and whoever only knows the transaction answers nothing."""
    transaction = page.begin().removeprefix("/login/")
    cookie = page.browser.cookies.get("login")
    shown = page.service.hand_overs.shown(transaction, cookie)
    assert (shown.strong, shown.code) == (True, None)
    with pytest.raises(NotAllowed):
        page.service.hand_overs.renew_code(transaction, cookie)
    with TestClient(application(page.service), base_url=PROVIDER.origin) as other:
        assert other.get(f"/login/{transaction}/invitation").status_code == 403


def test_a_login_that_was_cancelled_leads_back_to_the_way_in(page: Page) -> None:
    login = page.begin()
    page.service.deny(login.removeprefix("/login/"), "cancelled")
    back = str(page.get(f"{login}/continue").headers["location"]).removeprefix(PROVIDER.origin)
    assert "The login did not work" in page.get(back + "&lang=en").text


def test_nobody_gets_tokens_for_a_login_to_the_page(page: Page) -> None:
    code = re.search("code=([^&]+)", page.come_back(page.begin()))
    assert code is not None
    with pytest.raises(OAuthRefused) as caught:
        redeem(page, "account", code=code[1], redirect_uri=f"{PROVIDER.origin}/account/callback")
    assert caught.value.error == "invalid_client"


def test_nobody_else_begins_a_login_to_the_page(page: Page) -> None:
    """To whoever names it in an address of their own it is a client that nobody registered, also once it was used."""
    page.log_in()
    asked = {**world.REQUEST, "client_id": "account", "redirect_uri": f"{PROVIDER.origin}/account/callback"}
    address = PROVIDER.issuer + PROVIDER.profile.authorization
    refused = page.browser.get(address, params={**asked, "lang": "en"}, follow_redirects=False)
    assert (refused.status_code, "This service is not registered" in refused.text) == (400, True)


def test_whoever_opened_the_page_at_another_address_is_told_the_right_one(page: Page) -> None:
    """127.0.0.1 and localhost are two origins (RFC 6454 §4)."""
    told = page.post("/login", origin="http://127.0.0.1:8700")
    assert (told.status_code, f"this page is {PROVIDER.origin}/account" in told.text) == (403, True)


def test_forms_of_other_sites_change_nothing(page: Page) -> None:
    """OWASP, Cross-Site Request Forgery Prevention, "Verifying Origin": no Origin is another one, too."""
    kept = tokens(page)
    page.log_in()
    for path in (f"/clients/{CLIENT.id}/revoke", f"/clients/{CLIENT.id}/reset", "/logout", "/login"):
        for origin in ("https://evil.example", "null", "http://localhost:8701"):
            assert page.post(path, origin=origin).status_code == 403
        assert page.browser.post(f"/account{path}", follow_redirects=False).status_code == 403
        assert page.browser.get(f"/account{path}", follow_redirects=False).status_code == 405
    assert userinfo(page, kept["access_token"])["sub"]
    assert CLIENT.name in page.shown()


def test_logging_out_ends_the_session_itself(page: Page) -> None:
    page.log_in()
    cookie = page.browser.cookies.get("account")
    assert page.post("/logout").headers["location"] == "/account"
    assert page.browser.cookies.get("account") is None
    stolen = page.browser.get("/account/data.json", headers={"cookie": f"account={cookie}"})
    assert stolen.status_code == 403


def test_the_page_is_there_under_the_strict_profile_too(stage: Renewing) -> None:
    """FAPI 2.0: clients push their requests; the page's own needs no pushing, for it never was elsewhere."""
    for page in opened(stage, replace(PROVIDER, profile=FAPI2)):
        page.log_in()
        assert "not logged in to any service" in page.shown()


# --- what it shows ----------------------------------------------------------------------------------------------------


def test_it_tells_who_received_what_and_when(page: Page) -> None:
    given = tokens(page)
    page.stage.clock.go_on(timedelta(seconds=20))
    userinfo(page, given["access_token"])
    page.stage.clock.go_on(timedelta(seconds=20))
    refresh(page, given["refresh_token"])
    page.log_in(NEW)
    [one] = page.data()["clients"]
    assert (one["client_id"], one["holds_tokens"]) == (CLIENT.id, True)
    begun = world.NOW.strftime("%Y-%m-%dT%H:%M")
    assert [each["how"] for each in one["received"]] == ["refreshed", "read", "granted"]
    assert one["received"][-1]["at"].startswith(begun)
    assert one["received"][0]["scopes"] == ["openid"]
    assert {item["scope"]: bool(item["agreed_at"]) for item in one["items"]} == dict.fromkeys(
        ("openid", "name", "address", "birthdate", "gender"), True
    )
    shown = page.shown()
    for text in (
        CLIENT.name,
        "Address",
        "you logged in and allowed it",
        "received by the service",
        "connection prolonged",
        one["subject"],
    ):
        assert text in shown


def test_it_tells_how_certificates_came_to_be_known_and_no_number(page: Page) -> None:
    tokens(page)
    page.log_in(NEW)
    assert [each["how"] for each in page.data()["certificates"]] == ["first_login", "succession"]
    for text in (page.shown(), json.dumps(page.data())):
        assert str(OLD) not in text
        assert str(NEW) not in text


def test_the_download_has_no_attributes_and_is_a_file(page: Page) -> None:
    tokens(page)
    page.log_in()
    response = page.get("/account/data.json")
    assert response.headers["content-disposition"] == 'attachment; filename="warifu-account.json"'
    assert response.headers["content-type"].startswith("application/json")
    claims = userinfo(page, tokens(page)["access_token"])
    for name in ("name", "address", "birthdate"):
        assert claims[name] not in response.text


def test_somebody_else_sees_their_own(page: Page) -> None:
    mine, other = tokens(page), tokens(page, 9001, OTHER_CLIENT.id)
    page.log_in(9001)
    assert [one["client_id"] for one in page.data()["clients"]] == [OTHER_CLIENT.id]
    page.post(f"/clients/{CLIENT.id}/revoke")
    assert userinfo(page, mine["access_token"])["sub"] != userinfo(page, other["access_token"])["sub"]


# --- consent ----------------------------------------------------------------------------------------------------------


def agreed_before(page: Page, **changes: str) -> tuple[str, ...]:
    return page.stage.hold(page.service, page.service.begin(world.parameters(**changes)), OLD)


def test_what_was_agreed_to_is_known_at_the_next_login_and_what_is_new_is_not(page: Page) -> None:
    assert agreed_before(page, scope="openid name") == ()
    assert agreed_before(page, scope="openid name address") == ("openid", "name")
    assert agreed_before(page, scope="openid name address") == ("openid", "name", "address")


def test_a_renewed_card_is_not_asked_anew(page: Page) -> None:
    agreed_before(page, scope="openid name")
    begun = page.service.begin(world.parameters(scope="openid name"))
    assert page.stage.hold(page.service, begun, NEW) == ("openid", "name")


def test_a_client_under_another_name_is_agreed_to_anew(page: Page) -> None:
    """People agreed to what they read."""
    agreed_before(page)
    page.service.register(replace(CLIENT, name="海の銀行"))
    assert agreed_before(page) == ()


def test_revoking_ends_tokens_at_once_and_asks_again(page: Page) -> None:
    given, other = tokens(page), tokens(page, client=OTHER_CLIENT.id)
    page.log_in()
    assert page.post(f"/clients/{CLIENT.id}/revoke").headers["location"] == "/account?done=revoked"
    with pytest.raises(OAuthRefused) as caught:
        userinfo(page, given["access_token"])
    assert caught.value.error == "invalid_token"
    with pytest.raises(OAuthRefused) as caught:
        refresh(page, given["refresh_token"])
    assert caught.value.error == "invalid_grant"
    assert userinfo(page, other["access_token"])["sub"]
    one = next(each for each in page.data()["clients"] if each["client_id"] == CLIENT.id)
    assert one["holds_tokens"] is False
    assert {item["agreed_at"] for item in one["items"]} == {None}
    decisions = [each["decision"] for each in page.data()["consents"] if each["client_id"] == CLIENT.id]
    assert decisions == ["agreed"] * 5 + ["revoked"] * 5  # the record only grows
    assert agreed_before(page) == ()


def test_revoking_keeps_the_identifier(page: Page) -> None:
    first = userinfo(page, tokens(page)["access_token"])["sub"]
    page.log_in()
    page.post(f"/clients/{CLIENT.id}/revoke")
    assert userinfo(page, tokens(page)["access_token"])["sub"] == first


def test_a_code_that_is_out_is_good_for_nothing_after_revoking(page: Page) -> None:
    code = page.stage.code(page.service, OLD)
    begun = page.service.begin(world.parameters())
    page.stage.hold(page.service, begun, OLD)  # allowed, and the browser has not gone back yet
    page.log_in()
    page.post(f"/clients/{CLIENT.id}/revoke")
    with pytest.raises(OAuthRefused) as caught:
        redeem(page, code=code)
    assert caught.value.error == "invalid_grant"
    assert "access_denied" in page.service.go_back(begun.transaction, begun.cookie)


def test_saying_yes_again_to_a_login_agrees_to_nothing_anew(page: Page) -> None:
    """Who has lost the answer sends the same again; in between the person may have taken it back."""
    begun = page.service.begin(world.parameters())
    shared = page.service.answer(begun.transaction, answer(page.service.invitation(begun.transaction), OLD))
    page.service.allow(begun.transaction, shared.decision_token)
    redeem(page, code=query(page.service.go_back(begun.transaction, begun.cookie))["code"])
    page.log_in()
    page.post(f"/clients/{CLIENT.id}/revoke")
    page.service.allow(begun.transaction, shared.decision_token)
    assert agreed_before(page) == ()


def test_no_client_no_page(page: Page) -> None:
    page.log_in()
    for name in ("RP99999999", "account", "..", "%00"):
        assert page.post(f"/clients/{name}/revoke").status_code in (404, 405)


# --- identifiers ------------------------------------------------------------------------------------------------------


def test_a_reset_makes_somebody_new_at_one_client_alone(page: Page) -> None:
    mine, other = tokens(page), tokens(page, client=OTHER_CLIENT.id)
    before, elsewhere = userinfo(page, mine["access_token"])["sub"], userinfo(page, other["access_token"])["sub"]
    page.log_in()
    assert page.post(f"/clients/{CLIENT.id}/reset").headers["location"] == "/account?done=reset"
    with pytest.raises(OAuthRefused):
        userinfo(page, mine["access_token"])
    after = userinfo(page, tokens(page)["access_token"])["sub"]
    assert after != before
    assert userinfo(page, tokens(page, NEW)["access_token"])["sub"] == after
    assert userinfo(page, tokens(page, client=OTHER_CLIENT.id)["access_token"])["sub"] == elsewhere
    [one] = [each for each in page.data()["clients"] if each["client_id"] == CLIENT.id]
    assert one["subject"] == after
    assert len(one["received"]) > 3  # what it received before is still told


def test_a_reset_counts_for_the_whole_sector_and_the_page_says_so(page: Page) -> None:
    for client in (CLIENT, OTHER_CLIENT):
        page.service.register(replace(client, sector="bank.example.jp", sector_before=client.id))
    mine, other = tokens(page), tokens(page, client=OTHER_CLIENT.id)
    before = userinfo(page, mine["access_token"])["sub"]
    page.log_in()
    assert f"reset at these services, too: {OTHER_CLIENT.name}" in page.shown()
    page.post(f"/clients/{CLIENT.id}/reset")
    with pytest.raises(OAuthRefused):
        userinfo(page, other["access_token"])
    after = userinfo(page, tokens(page, client=OTHER_CLIENT.id)["access_token"])["sub"]
    assert before != after == userinfo(page, tokens(page)["access_token"])["sub"]


@pytest.mark.parametrize("act", ["revoke", "reset"])
def test_a_client_that_changed_its_sector_keeps_no_token_from_before(page: Page, act: str) -> None:
    """Its tokens are of the subject that the person had in the sector it left."""
    given = tokens(page)
    page.service.register(replace(CLIENT, sector="bank.example.jp", sector_before=CLIENT.id))
    page.log_in()
    page.post(f"/clients/{CLIENT.id}/{act}")
    with pytest.raises(OAuthRefused) as caught:
        userinfo(page, given["access_token"])
    assert caught.value.error == "invalid_token"
    with pytest.raises(OAuthRefused) as caught:
        refresh(page, given["refresh_token"])
    assert caught.value.error == "invalid_grant"


def test_a_certificate_that_turns_out_to_be_revoked_closes_the_page(page: Page) -> None:
    tokens(page)
    page.log_in()
    assert CLIENT.name in page.shown()
    page.stage.every.status = MOVED
    with pytest.raises(Revoked):
        page.stage.code(page.service, OLD)
    assert CLIENT.name not in page.shown()


def test_receipts_go_after_their_time(page: Page) -> None:
    """個人情報の保護に関する法律施行規則 第21条."""
    tokens(page)
    page.stage.clock.go_on(timedelta(days=3 * 365 - 1))
    page.service.forget()
    page.log_in()
    assert page.data()["clients"][0]["received"]


# --- passkeys ---------------------------------------------------------------------------------------------------------

SYNCED = Passkey(
    credential_id=b"c" * 16,
    person="",
    handle_hash=b"h" * 32,
    public_key=b"k",
    aaguid=bytes(16),
    transports=("internal",),
    flags=0b11101,  # user present and verified, may be backed up and is (Web Authentication Level 3 §6.1)
    attestation=Attestation.NONE,
    counter=0,
    enrolment_hash=b"e" * 32,
    created_at=world.NOW,
    card=CardEvent(b"a" * 32, b"c" * 32, PROVIDER.profile.by_card, world.NOW),
    question=b"q",
    backed_up=True,
)


def test_passkeys_are_listed_without_what_names_one(page: Page) -> None:
    page.log_in()
    assert page.data()["passkeys"] == []
    assert "choose to make or review passkeys" in page.shown()
    person = page.service.accounts.person(page.browser.cookies.get("account"))
    engine = open_database(page.stage.database, "provider")
    with writing(engine) as connection:
        passkey_store.add(connection, replace(SYNCED, person=person))
    engine.dispose()
    told = {"made_at": "2026-11-22T03:04:05Z", "used_at": None, "kind": "synced", "dropped": False, "stopped": False}
    assert page.data()["passkeys"] == [told]
    shown = page.shown()
    assert "Shared with other devices of yours" in shown
    assert SYNCED.credential_id.hex() not in json.dumps(page.data()) + shown


def test_a_passkey_is_removed_by_whose_it_is(page: Page) -> None:
    page.log_in()
    person = page.service.accounts.person(page.browser.cookies.get("account"))
    engine = open_database(page.stage.database, "provider")
    other = replace(SYNCED, credential_id=b"o" * 16, person="somebody else", handle_hash=b"o" * 32)
    with writing(engine) as connection:
        for each in (replace(SYNCED, person=person), other):
            passkey_store.add(connection, each)
    engine.dispose()
    assert page.post(f"/passkeys/{passkey_store.name_of(other)}/remove").status_code == 404
    [form] = re.findall(r'action="/account(/passkeys/\w+/remove)"', page.get().text)
    assert page.post(form, origin="http://evil.example").status_code == 403
    assert page.data()["passkeys"] != []
    removed = page.post(form)
    assert (removed.status_code, removed.headers["location"]) == (303, "/account?done=removed")
    assert "opens nothing" in page.browser.get("/account?done=removed&lang=en").text
    assert page.data()["passkeys"] == []
    assert page.service.accounts.passkeys("somebody else") == (other,)
    page.post("/logout")
    assert "/account/login" in page.post(f"/passkeys/{passkey_store.name_of(other)}/remove").text
