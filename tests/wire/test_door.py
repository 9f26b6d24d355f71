"""The way into pages that not everybody may see."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from tests.ca.town import Moment
from warifu.errors import TokenUnknown, WarifuError
from warifu.wire import answers, pages
from warifu.wire.clock import SystemEntropy

ORIGIN = "http://operator.localhost:8713"


class Site:
    """A page that says who is there, and a form that says that something was done."""

    def __init__(self, recognise: Callable[[str], str] | None = None) -> None:
        self.clock = Moment()
        self.door = pages.Door("operator", self.clock, SystemEntropy(), recognise)
        routes = [
            Route("/", self.door.page(self.show)),
            Route("/do", self.door.action(self.do), methods=["POST"]),
            *self.door.routes(),
        ]
        app = answers.application(routes, headers=pages.page_headers(), handlers={WarifuError: self.door.refused})
        self.app = pages.Guard(app, ORIGIN)
        self.client = self.browser()

    def browser(self) -> TestClient:
        return TestClient(self.app, base_url=ORIGIN, headers={"origin": ORIGIN}, client=("127.0.0.1", 50000))

    async def show(self, _request: Request, session: pages.Session[str]) -> Response:
        return PlainTextResponse(f"{session.who} {session.form_token}")

    async def do(self, _request: Request, session: pages.Session[str], form: dict[str, str]) -> Response:
        return PlainTextResponse(f"done by {session.who}: {form['what']}")

    def key(self) -> str:
        return self.door.invite(ORIGIN, "somebody").partition("key=")[2]

    def sign_in(self, client: TestClient | None = None, key: str | None = None) -> str:
        """Sign in; the token of this session's forms."""
        answer = (client or self.client).post("/sign-in", data={"key": key or self.key()})
        assert answer.status_code == 200, answer.text
        return answer.text.split()[-1]


@pytest.fixture
def site() -> Site:
    return Site()


def test_a_key_opens_a_session_of_this_browser_only(site: Site) -> None:
    site.sign_in()
    assert site.client.get("/").text.startswith("somebody")
    assert "サインイン" in site.browser().get("/").text


def test_the_cookie_is_for_this_page_and_no_script(site: Site) -> None:
    """RFC 6265bis §5.6: HttpOnly, SameSite."""
    answer = site.client.post("/sign-in", data={"key": site.key()}, follow_redirects=False)
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "domain" not in cookie


def test_a_key_opens_once(site: Site) -> None:
    key = site.key()
    site.sign_in(key=key)
    assert site.browser().post("/sign-in", data={"key": key}).status_code == 401


def test_looking_at_the_link_does_not_use_it_up(site: Site) -> None:
    key = site.key()
    assert site.client.get(f"/sign-in?key={key}").status_code == 200
    site.sign_in(key=key)


def test_a_key_is_over_after_an_hour(site: Site) -> None:
    key = site.key()
    site.clock.go_on(timedelta(hours=1))
    assert site.client.post("/sign-in", data={"key": key}).status_code == 401


def test_a_lasting_token_is_for_others_to_know() -> None:
    def recognise(token: str) -> str:
        if token != "lasting":
            raise TokenUnknown
        return "clerk-1"

    site = Site(recognise)
    site.sign_in(key="lasting")
    assert site.client.get("/").text.startswith("clerk-1")
    assert site.browser().post("/sign-in", data={"key": "other"}).status_code == 401


def test_a_session_ends_after_half_an_hour_of_nothing(site: Site) -> None:
    site.sign_in()
    site.clock.go_on(timedelta(minutes=29))
    site.client.get("/")
    site.clock.go_on(timedelta(minutes=29))
    assert site.client.get("/").text.startswith("somebody")
    site.clock.go_on(timedelta(minutes=30))
    assert "サインイン" in site.client.get("/").text


def test_a_page_that_asks_for_itself_keeps_no_session_alive(site: Site) -> None:
    site.sign_in()
    site.clock.go_on(timedelta(minutes=29))
    site.client.get("/", headers={"x-refreshing": "1"})
    site.clock.go_on(timedelta(minutes=1))
    assert "サインイン" in site.client.get("/").text


def test_a_session_ends_after_eight_hours_of_work(site: Site) -> None:
    site.sign_in()
    for _ in range(24):
        site.client.get("/")
        site.clock.go_on(timedelta(minutes=20))
    assert "サインイン" in site.client.get("/").text


def test_signing_out_ends_the_session_at_the_server(site: Site) -> None:
    token = site.sign_in()
    cookie = dict(site.client.cookies)
    site.client.post("/sign-out", data={"form_token": token})
    other = site.browser()
    other.cookies.update(cookie)
    assert "サインイン" in other.get("/").text


def test_a_form_has_its_sessions_token(site: Site) -> None:
    token = site.sign_in()
    other = site.sign_in(site.browser())
    assert site.client.post("/do", data={"form_token": token, "what": "it"}).text == "done by somebody: it"
    for wrong in ({"what": "it"}, {"what": "it", "form_token": other}, {"what": "it", "form_token": ""}):
        assert site.client.post("/do", data=wrong).status_code == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "evil.example"}, 421),
        ({"host": "localhost:8713"}, 421),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
    ],
)
def test_another_host_or_origin_is_refused(site: Site, headers: dict[str, str], status: int) -> None:
    token = site.sign_in()
    answer = site.client.post("/do", data={"form_token": token, "what": "it"}, headers=headers)
    assert answer.status_code == status


def test_secrets_are_not_shown_where_programs_show_things(site: Site) -> None:
    token = site.sign_in()
    shown = repr(next(iter(site.door._sessions.values())))
    assert token not in shown
    assert all(key not in repr(vars(site.door)) for key in (site.key(), token))
