"""The provider hands logins over to phones, over loopback HTTP: the page's forms, the phone's messages, the store."""

import html
import json
import logging
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from tests.idp import world
from tests.idp.world import CLIENT, REQUEST, query
from tests.wire.postgresql import Server
from tests.wire.provider_world import Stage, answer
from warifu.errors import HandOverEnded, HandOverRefused, WrongDigits
from warifu.messages import LoginInvitation
from warifu.wire.client_files import add_client, read_clients
from warifu.wire.logs import JsonLines
from warifu.wire.provider import application
from warifu.wire.serving import reserve, serve_in_thread
from warifu.wire.settings import ProviderSettings, Settings
from warifu.wire.token_keys import provider_of

AUTH = "/api/realms/main/protocol/openid-connect/auth"
OTHER = replace(CLIENT, id="RP00000009", phishing_resistant=True)
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return Stage(tmp_path_factory.mktemp("provider"))


@pytest.fixture(scope="module")
def origin(stage: Stage) -> Iterator[str]:
    at = reserve("localhost")
    with stage.service(world.PROVIDER) as service:
        service.register(CLIENT)
        service.register(OTHER)
        with serve_in_thread([(at, application(service))]):
            yield at.origin


@pytest.fixture(params=["sqlite", "postgresql"])
def stored(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a provider of its own keeps things."""
    if request.param == "sqlite":
        return str(tmp_path / "provider.sqlite")
    server: Server = request.getfixturevalue("postgresql")
    return server.new_database("provider")


class Browser:
    """A browser that has begun a login, and a phone's server."""

    def __init__(self, origin: str, **changes: str) -> None:
        self.http = httpx2.Client(base_url=origin, trust_env=False)
        self.path = str(self.http.get(AUTH, params={**REQUEST, **changes}).headers["location"])

    def page(self, more: str = "") -> str:
        return self.http.get(self.path + more).text

    def code(self) -> str | None:
        found = re.search(r'data-code><a class="button" href="([^"]+)"', self.page())
        return None if found is None else parse_qs(urlsplit(html.unescape(found[1])).query)["hand_over"][0]

    def link(self) -> str:
        found = re.search(r'<a class="button plain" href="([^"]+)"', self.page())
        assert found
        return parse_qs(urlsplit(html.unescape(found[1])).query)["hand_over"][0]

    def send(self, form: str, origin: str | None = world.PROVIDER.origin, **fields: str) -> httpx2.Response:
        headers = {"content-type": "application/x-www-form-urlencoded"} | ({} if origin is None else {"origin": origin})
        content = "&".join(f"{name}={value}" for name, value in fields.items())
        return self.http.post(f"{self.path}/{form}", content=content, headers=headers)

    def told(self) -> str:
        return str(self.http.get(f"{self.path}/state").json()["hand_over"])


class Phone:
    """A phone's server: no cookies."""

    def __init__(self, origin: str) -> None:
        self.http = httpx2.Client(base_url=origin, trust_env=False)
        self.bearer: dict[str, str] = {}

    def offer(self, secret: str | None) -> httpx2.Response:
        return self.http.post("/hand-over/offer", json={"secret": secret})

    def take(self, secret: str | None) -> httpx2.Response:
        taken = self.http.post("/hand-over/take", json={"secret": secret})
        if taken.is_success:
            self.bearer = {"authorization": f"Bearer {taken.json()['token']}"}
        return taken

    def state(self) -> httpx2.Response:
        return self.http.get("/hand-over/state", headers=self.bearer)

    def renew(self) -> httpx2.Response:
        return self.http.post("/hand-over/digits", headers=self.bearer)

    def log_in(self, path: str) -> httpx2.Response:
        """Everything from the invitation to the consent."""
        invitation = LoginInvitation.decode(self.http.get(f"{path}/invitation", headers=self.bearer).content)
        headers = self.bearer | {"content-type": "application/json"}
        shared = self.http.post(f"{path}/answer", content=answer(invitation).encode(), headers=headers).json()
        decision = {"decision": "allow", "decision_token": shared["decision_token"]}
        return self.http.post(f"{path}/decision", json=decision, headers=self.bearer)


@pytest.fixture
def browser(origin: str) -> Iterator[Browser]:
    made = Browser(origin)
    yield made
    made.http.close()


@pytest.fixture
def phone(origin: str) -> Iterator[Phone]:
    made = Phone(origin)
    yield made
    made.http.close()


def refused(response: httpx2.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]


def note(response: httpx2.Response) -> str:
    assert response.status_code == 303
    return dict(parse_qs(urlsplit(response.headers["location"]).query)).get("note", [""])[0]


def test_a_login_by_code_and_digits(browser: Browser, phone: Phone) -> None:
    """The whole conversation: the phone learns the transaction only when its digits have been typed."""
    code = browser.code()
    offered = phone.offer(code).json()
    assert offered == {"client_name": CLIENT.name, "scopes": REQUEST["scope"].split(), "way": "code"}
    taken = phone.take(code).json()
    assert browser.told() == "scanned"
    assert phone.state().json() == {}
    assert refused(phone.http.get(f"{browser.path}/invitation", headers=phone.bearer)) == (409, "digits_awaited")
    assert note(browser.send("digits", digits=taken["digits"])) == ""
    assert browser.told() == "ready"
    assert phone.state().json() == {"transaction": browser.path.rpartition("/")[2]}
    assert phone.log_in(browser.path).status_code == 204
    assert "code" in query(browser.http.get(f"{browser.path}/continue").headers["location"])


def test_a_login_on_the_same_device(browser: Browser, phone: Phone) -> None:
    """No digits; the app is given what the browser needs, and the browser alone gets no further."""
    taken = phone.take(browser.link()).json()
    assert taken.keys() == {"token", "way"}
    finish = phone.log_in(browser.path).json()["finish"]
    assert browser.told() == "ends_elsewhere"
    assert browser.http.get(f"{browser.path}/continue").status_code == 403
    assert browser.http.get(f"{browser.path}/continue?finish=guess").status_code == 403
    assert phone.http.get(f"{browser.path}/continue?finish={finish}").status_code == 403
    back = browser.http.get(f"{browser.path}/continue?finish={finish}")
    assert "code" in query(back.headers["location"])
    assert browser.told() == "ended"


def test_giving_up_on_the_same_device_needs_nothing_to_end(browser: Browser, phone: Phone) -> None:
    phone.take(browser.link())
    decision = {"decision": "deny", "reason": "cancelled"}
    assert phone.http.post(f"{browser.path}/decision", json=decision, headers=phone.bearer).status_code == 204
    assert query(browser.http.get(f"{browser.path}/continue").headers["location"])["error"] == "access_denied"


def test_a_phones_browser_is_taken_to_the_app(origin: str) -> None:
    for headers, path in (
        ({"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Mobile/15E148 Safari/604.1"}, "/open"),
        ({"sec-ch-ua-mobile": "?1"}, "/open"),
        ({"sec-ch-ua-mobile": "?0", "user-agent": "Mozilla/5.0 (Linux; Android 16) Mobile"}, ""),
        ({"user-agent": "Mozilla/5.0 (X11; Linux x86_64)"}, ""),
    ):
        with httpx2.Client(base_url=origin, headers=headers, trust_env=False) as http:
            location = http.get(AUTH, params=REQUEST).headers["location"]
            assert location.endswith("/open") is (path == "/open")
            if path:
                page = http.get(location)
                assert 'http-equiv="refresh" content="0; url=http://phone.localhost:8701/?hand_over=' in page.text


# --- the page's forms -------------------------------------------------------------------------------------------------


def test_the_code_expires_and_is_renewed(stage: Stage, browser: Browser, phone: Phone) -> None:
    """The button 「二次元コードを更新」, which is a form: no script is needed."""
    old = browser.code()
    assert f'action="{browser.path}/code"' in browser.page()
    stage.clock.go_on(2 * MINUTE)
    assert (browser.code(), browser.told()) == (None, "code_expired")
    assert refused(phone.take(old)) == (410, "hand_over_ended")
    assert note(browser.send("code")) == ""
    fresh = browser.code()
    assert fresh != old
    assert refused(phone.take(old)) == (410, "hand_over_ended")
    assert phone.take(fresh).status_code == 200


def test_renewing_sends_away_the_phone_that_had_read_the_old_code(browser: Browser, phone: Phone) -> None:
    phone.take(browser.code())
    browser.send("code")
    assert browser.told() == "open"
    assert refused(phone.state()) == (410, "hand_over_ended")
    assert refused(phone.renew()) == (410, "hand_over_ended")


def test_codes_run_out(browser: Browser) -> None:
    notes = [note(browser.send("code")) for _ in range(world.PROVIDER.profile.codes)]
    assert notes == [""] * (world.PROVIDER.profile.codes - 1) + ["hand_over_ended"]
    assert "これ以上更新できません" in browser.page("?note=hand_over_ended")


def test_wrong_digits_are_told_and_counted_and_end_it(browser: Browser, phone: Phone) -> None:
    digits = phone.take(browser.code()).json()["digits"]
    wrong = f"{(int(digits) + 1) % 1_000_000:06}"
    for left in (4, 3, 2, 1):
        assert note(browser.send("digits", digits=wrong)) == "wrong_digits"
        page = browser.page("?note=wrong_digits")
        assert f"あと {left} 回" in page
        assert "<title>エラー: " in page
    assert note(browser.send("digits", digits=wrong)) == "hand_over_ended"
    assert browser.told() == "over"
    assert "もう二次元コードを使えません" in browser.page()
    assert note(browser.send("digits", digits=digits)) == "hand_over_ended"
    assert refused(phone.state()) == (410, "hand_over_ended")


@pytest.mark.parametrize("typed", ["", "12345", "abcdef"])
def test_what_is_no_six_digits_is_said_and_not_counted(browser: Browser, phone: Phone, typed: str) -> None:
    phone.take(browser.code())
    assert note(browser.send("digits", digits=typed)) == "six_digits"
    assert "6 桁の数字を入力してください。" in browser.page("?note=six_digits")
    assert note(browser.send("digits", digits="%EF%BC%91")) == "six_digits"


def test_expired_digits_are_renewed_on_the_phone(stage: Stage, browser: Browser, phone: Phone) -> None:
    old = phone.take(browser.code()).json()["digits"]
    stage.clock.go_on(MINUTE)
    assert note(browser.send("digits", digits=old)) == "digits_expired"
    fresh = phone.renew().json()
    assert fresh.keys() == {"digits", "digits_expire_at"}
    assert note(browser.send("digits", digits=fresh["digits"])) == ""
    assert browser.told() == "ready"
    assert refused(phone.renew()) == (403, "not_allowed")


def test_digits_before_any_phone_are_no_guess(browser: Browser) -> None:
    assert note(browser.send("digits", digits="123456")) == "not_scanned"
    assert browser.told() == "open"


@pytest.mark.parametrize("form", ["code", "digits"])
@pytest.mark.parametrize("origin_said", [None, "null", "https://evil.example"])
def test_another_sites_form_changes_nothing(browser: Browser, form: str, origin_said: str | None) -> None:
    """Cross-site request forgery (RFC 6454 §7)."""
    code = browser.code()
    assert browser.send(form, origin_said, digits="123456").status_code == 403
    assert browser.code() == code


def test_another_browser_changes_nothing_and_is_shown_nothing(browser: Browser, phone: Phone) -> None:
    """It needs the login's cookie."""
    code = browser.code()
    for form in ("code", "digits"):
        headers = {"origin": world.PROVIDER.origin}
        response = phone.http.post(f"{browser.path}/{form}", data={"digits": "123456"}, headers=headers)
        assert response.headers["location"] == f"{browser.path}?note=not_scanned"
    assert browser.code() == code
    assert phone.http.get(f"{browser.path}/open").headers["location"] == browser.path
    assert phone.http.get(browser.path).status_code == 403


# --- the phone's messages ---------------------------------------------------------------------------------------------


def test_a_code_is_good_for_one_phone(browser: Browser, phone: Phone, origin: str) -> None:
    code = browser.code()
    phone.take(code)
    with httpx2.Client(base_url=origin, trust_env=False) as second:
        assert refused(second.post("/hand-over/take", json={"secret": code})) == (410, "hand_over_ended")


def test_neither_the_transaction_nor_a_guess_is_a_secret(browser: Browser, phone: Phone) -> None:
    for secret in (browser.path.rpartition("/")[2], "guess", "", "\x00"):
        assert refused(phone.offer(secret)) == (410, "hand_over_ended")
        assert refused(phone.take(secret)) == (410, "hand_over_ended")


def test_without_a_token_there_is_no_state_and_no_digits(phone: Phone) -> None:
    assert refused(phone.state()) == (403, "not_allowed")
    assert refused(phone.renew()) == (403, "not_allowed")
    phone.bearer = {"authorization": "Bearer guess"}
    assert refused(phone.state()) == (410, "hand_over_ended")


@pytest.mark.parametrize("body", [b"", b"{}", b'{"secret":1}', b'{"secret":"x","more":1}'])
@pytest.mark.parametrize("path", ["offer", "take"])
def test_what_nobody_understands_is_malformed(phone: Phone, path: str, body: bytes) -> None:
    response = phone.http.post(f"/hand-over/{path}", content=body, headers={"content-type": "application/json"})
    assert refused(response) == (400, "malformed")


def test_too_long_a_body_is_refused(phone: Phone) -> None:
    headers = {"content-type": "application/json"}
    assert refused(phone.http.post("/hand-over/take", content=b"x" * 70_000, headers=headers))[0] == 413


def test_a_form_of_another_site_takes_nothing(browser: Browser, phone: Phone) -> None:
    """Only JSON is read, which a plain form cannot make."""
    response = phone.http.post("/hand-over/take", data={"secret": browser.code() or ""})
    assert refused(response) == (400, "malformed")


def test_when_the_login_is_over_so_is_its_hand_over(stage: Stage, browser: Browser, phone: Phone, origin: str) -> None:
    code, link = browser.code(), browser.link()
    decision = {"decision": "deny", "reason": "cancelled"}
    assert browser.http.post(f"{browser.path}/decision", json=decision).status_code == 204
    assert refused(phone.offer(code)) == (409, "already_answered")
    assert refused(phone.take(link)) == (409, "already_answered")
    late = Browser(origin)
    secret = late.link()
    stage.clock.go_on(5.5 * MINUTE)  # over; from six on it is forgotten whenever the server looks
    assert refused(phone.take(secret)) == (403, "challenge_expired")
    late.http.close()


# --- strong logins ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("changes", [{"client_id": OTHER.id}, {"acr_values": "aal3 phr"}])
def test_client_or_request_may_want_a_strong_login(origin: str, changes: dict[str, str]) -> None:
    strong = Browser(origin, **changes)
    assert strong.code() is None
    assert "別の端末で読み取る二次元コードを使いません" in strong.page()
    with httpx2.Client(base_url=origin, trust_env=False) as other:
        assert refused(other.get(f"{strong.path}/invitation")) == (403, "not_allowed")
    assert strong.http.get(f"{strong.path}/invitation").status_code == 200
    strong.http.close()


def test_acr_says_so_if_the_request_asked(stage: Stage, tmp_path: Path) -> None:
    with Stage(tmp_path).service(world.PROVIDER) as service:
        service.register(CLIENT)
        for asked, said in (("aal3 phrh", "phrh"), ("aal3 crl", "aal3")):
            begun = service.begin(world.parameters(acr_values=asked))
            shared = service.answer(begun.transaction, answer(service.invitation(begun.transaction)))
            service.allow(begun.transaction, shared.decision_token)
            login, _, _ = service.watch(begun.transaction, begun.cookie)
            assert login.answered is not None
            assert login.answered.assurance.acr == said


def test_settings_and_clients_files_may_want_strong_logins(tmp_path: Path) -> None:
    """`[provider] phishing_resistant`, and a member of a client's file, which registering the client again keeps."""
    assert provider_of(Settings(provider=ProviderSettings(phishing_resistant=True))).profile.phishing_resistant
    assert not provider_of(Settings()).profile.phishing_resistant
    add_client(tmp_path, "shop", ["http://localhost:3000/callback"], CLIENT.jwks)
    file = tmp_path / "shop.json"
    assert not next(read_clients(tmp_path)).phishing_resistant
    file.write_text(json.dumps(json.loads(file.read_text()) | {"phishing_resistant": True}))
    assert next(read_clients(tmp_path)).phishing_resistant
    assert add_client(tmp_path, "shop", ["http://localhost:3000/other"], CLIENT.jwks).phishing_resistant
    assert next(read_clients(tmp_path)).phishing_resistant


# --- what is kept -----------------------------------------------------------------------------------------------------


def test_no_secret_of_a_hand_over_is_in_the_log(
    browser: Browser, phone: Phone, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.setFormatter(JsonLines())
    with caplog.at_level(logging.DEBUG, "warifu"):
        code, link = browser.code(), browser.link()
        taken = phone.take(code).json()
        browser.send("digits", digits=taken["digits"])
        phone.log_in(browser.path)
    secrets = [code or "", link, taken["token"], browser.path.rpartition("/")[2]]
    assert [secret for secret in secrets if secret in caplog.text] == []
    assert '"/hand-over/take"' in caplog.text


def test_no_secret_of_a_hand_over_is_in_the_store(tmp_path: Path) -> None:
    """What opens something is kept as a hash only; digits as a keyed one."""
    stage = Stage(tmp_path)
    with stage.service() as service:
        service.register(CLIENT)
        begun = service.begin(world.parameters())
        shown = service.hand_overs.shown(begun.transaction, begun.cookie)
        assert shown.code is not None
        taken = service.hand_overs.take(shown.code)
        assert taken.drawn is not None
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.name.startswith("provider.sqlite"))
    assert begun.transaction.encode() in kept
    for secret in (shown.code, shown.link, taken.token, begun.cookie):
        assert secret.encode() not in kept


def test_hand_overs_are_forgotten_with_their_logins(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    with stage.service() as service:
        service.register(CLIENT)
        begun = service.begin(world.parameters())
        stage.clock.go_on(timedelta(minutes=4))
        service.forget()
        assert service.hand_overs.shown(begun.transaction, begun.cookie).link
        stage.clock.go_on(timedelta(hours=1))
        service.forget()
        kept = (tmp_path / "provider.sqlite").read_bytes()
        assert begun.transaction.encode() not in kept


def test_the_same_with_two_programs(tmp_path: Path, stored: str) -> None:
    """Each may serve half of one hand-over."""
    stage = Stage(tmp_path, stored)
    with stage.service() as one, stage.service() as other:
        one.register(CLIENT)
        begun = one.begin(world.parameters())
        shown = other.hand_overs.shown(begun.transaction, begun.cookie)
        assert shown.code is not None
        taken = one.hand_overs.take(shown.code)
        assert taken.drawn is not None
        other.hand_overs.type_digits(begun.transaction, begun.cookie, taken.drawn.digits)
        assert one.hand_overs.found(taken.token).ready
        renewed = one.hand_overs.shown(begun.transaction, begun.cookie)
        assert renewed.code is None


def test_of_many_phones_that_come_at_once_one_has_the_login(tmp_path: Path, stored: str) -> None:
    with Stage(tmp_path, stored).service() as service:
        service.register(CLIENT)
        begun = service.begin(world.parameters())
        code = service.hand_overs.shown(begun.transaction, begun.cookie).code
        assert code is not None
        outcomes = at_once(8, lambda: service.hand_overs.take(code))
        assert [type(outcome) for outcome in outcomes].count(HandOverEnded) == 7


def test_guesses_that_come_at_once_are_counted_one_by_one(tmp_path: Path, stored: str) -> None:
    """Else whoever guesses in parallel would have more than five."""
    with Stage(tmp_path, stored).service() as service:
        service.register(CLIENT)
        begun = service.begin(world.parameters())
        code = service.hand_overs.shown(begun.transaction, begun.cookie).code
        assert code is not None
        drawn = service.hand_overs.take(code).drawn
        assert drawn is not None
        wrong = f"{(int(drawn.digits) + 1) % 1_000_000:06}"
        outcomes = at_once(12, lambda: service.hand_overs.type_digits(begun.transaction, begun.cookie, wrong))
        kinds = [type(outcome) for outcome in outcomes]
        assert (kinds.count(WrongDigits), kinds.count(HandOverEnded)) == (4, 8)
        assert {outcome.tries_left for outcome in outcomes if isinstance(outcome, WrongDigits)} == {1, 2, 3, 4}


def at_once(times: int, act: Callable[[], object]) -> list[object]:
    """What came of doing it in as many threads."""

    def outcome(_number: int) -> object:
        try:
            return act()
        except HandOverRefused as refusal:
            return refusal

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(outcome, range(times)))
