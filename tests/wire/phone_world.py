"""A phone page with a software card in its wallet and a provider that plays by a script."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import httpx2
from starlette.testclient import TestClient

from warifu.errors import InUse, PinBlocked, WrongPin
from warifu.messages import LoginAnswer, LoginInvitation
from warifu.messages import json as messages_json
from warifu.ports import Connection
from warifu.reader import JpkiSession, Key, TextSession
from warifu.testing import SoftwareCard
from warifu.wire import phone
from warifu.wire.clock import SystemEntropy
from warifu.wire.stapling import Stapling

NOW = datetime(2026, 11, 22, 9, 0, 0, tzinfo=UTC)
ORIGIN = "http://phone.localhost:8701"
PROVIDER = phone.KnownProvider("http://localhost:8700", base="http://127.0.0.1:8700")
TRANSACTION = "T" * 43
ALL = ("openid", "name", "address", "birthdate", "gender")
SECRET, TOKEN = "S" * 43, "P" * 43
LINK = f"/?hand_over={SECRET}&provider=http%3A%2F%2Flocalhost%3A8700"


class SetClock:
    """A clock that stands still until told."""

    def __init__(self, moment: datetime = NOW) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


class OneCard:
    """A wallet with one card in it; `taken` says that another program holds it."""

    def __init__(self, card: SoftwareCard) -> None:
        self.card = card
        self.taken = False
        self.one_pin = False
        self.opened = 0

    def people(self) -> list[phone.WalletCard]:
        return [phone.WalletCard("hanako", "割符　花子", "ふつうの大人", "ordinary adult", self.one_pin)]

    @contextmanager
    def open(self, name: str) -> Iterator[Connection]:
        if self.taken:
            raise InUse
        self.opened += 1
        yield self.card.connection


class ScriptedProvider:
    """What a provider answers: an invitation, then consent, unless told to refuse or to be silent.

    The login begins on the same device, unless `digits` are to be typed on another one; `typed` says that they were.
    """

    def __init__(self, scopes: tuple[str, ...] = ALL, digits: str = "") -> None:
        self.digits, self.typed = digits, False
        self.digits_until = NOW + timedelta(minutes=1)
        self.invitation = LoginInvitation(
            PROVIDER.origin, "RP00000001", "山の銀行", TRANSACTION, bytes(32), scopes, NOW + timedelta(minutes=10)
        )
        self.answers: list[LoginAnswer] = []
        self.decisions: list[dict[str, str]] = []
        self.requests: list[httpx2.Request] = []
        self.refusal: tuple[int, str] | None = None
        self.silent = False

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        if self.silent:
            raise httpx2.ConnectError("nobody there", request=request)
        if self.refusal:
            status, error = self.refusal
            return httpx2.Response(status, json={"error": error, "description": "a public sentence"})
        if request.url.path == "/hand-over/digits" and self.typed:
            return httpx2.Response(403, json={"error": "not_allowed", "description": "no digits are waited for"})
        if request.url.path.startswith("/hand-over/"):
            return httpx2.Response(200, json=self._handed_over(request))
        assert request.headers["authorization"] == f"Bearer {TOKEN}"
        if request.url.path == f"/login/{TRANSACTION}/invitation":
            return httpx2.Response(200, content=self.invitation.encode())
        if request.url.path == f"/login/{TRANSACTION}/answer":
            return self._answered(LoginAnswer.decode(request.content))
        assert request.url.path == f"/login/{TRANSACTION}/decision"
        self.decisions.append(json.loads(request.content))
        if self.digits or self.decisions[-1]["decision"] == "deny":
            return httpx2.Response(204)
        return httpx2.Response(200, json={"finish": "a finish"})

    def _handed_over(self, request: httpx2.Request) -> dict[str, object]:
        way = "code" if self.digits else "same_device"
        shown = {"digits": self.digits, "digits_expire_at": int(self.digits_until.timestamp())} if self.digits else {}
        action = request.url.path.removeprefix("/hand-over/")
        if action in {"offer", "take"}:
            assert json.loads(request.content) == {"secret": SECRET}
        else:
            assert request.headers["authorization"] == f"Bearer {TOKEN}"
        ready = self.typed or not self.digits
        offer: dict[str, object] = {"client_name": "山の銀行", "scopes": list(self.invitation.scopes), "way": way}
        if self.invitation.signing is not None:
            offer["signing"] = messages_json.to_base64(self.invitation.signing.encode())
        answers: dict[str, dict[str, object]] = {
            "offer": offer,
            "take": {"token": TOKEN, "way": way, **shown},
            "state": {"transaction": TRANSACTION} if ready else {},
            "digits": shown,
        }
        return answers[action]

    def _answered(self, answer: LoginAnswer) -> httpx2.Response:
        self.answers.append(answer)
        shares = list(self.invitation.scopes) if answer.attributes else ["openid"]
        return httpx2.Response(200, json={"client_name": "山の銀行", "shares": shares, "decision_token": "a-token"})


class Visitor:
    """A person with a browser in front of the phone page."""

    def __init__(
        self, card: SoftwareCard, provider: ScriptedProvider | None = None, stapling: Stapling | None = None
    ) -> None:
        self.provider = provider or ScriptedProvider()
        self.wallet = OneCard(card)
        self.clock = SetClock()
        self.app = phone.application(
            self.wallet,
            [PROVIDER],
            origin=ORIGIN,
            clock=self.clock,
            entropy=SystemEntropy(),
            client=httpx2.AsyncClient(transport=httpx2.MockTransport(self.provider)),
            stapling=stapling,
        )
        self.browser = TestClient(
            self.app, base_url=ORIGIN, headers={"accept-language": "en"}, client=("127.0.0.1", 50000)
        )

    def post(self, path: str, origin: str | None = ORIGIN, **fields: str) -> httpx2.Response:
        """Send a form as a browser does and follow where it leads."""
        headers = {"content-type": "application/x-www-form-urlencoded"} | ({} if origin is None else {"origin": origin})
        return self.browser.post(path, content=urlencode(fields), headers=headers)

    def start(self) -> httpx2.Response:
        return self.post("/start", provider=PROVIDER.origin, hand_over=SECRET)

    def choose(self) -> httpx2.Response:
        self.start()
        return self.post("/visit/card", card="hanako")

    def enter(self, pin: str, step: str = "pin", **fields: str) -> httpx2.Response:
        return self.post("/visit/pin", pin=pin, step=step, **fields)

    def hold(self) -> httpx2.Response:
        return self.post("/visit/hold")

    def to_consent(self) -> httpx2.Response:
        self.choose()
        self.enter("1234")
        self.enter("5678", "text_pin")
        return self.hold()


def heading(page: httpx2.Response) -> str:
    """The page's h1."""
    found = re.search(r"<h1>(.*?)</h1>", page.text)
    assert found
    return found[1]


def spend(card: SoftwareCard, tries: int, *, text: bool = False) -> None:
    """Enter wrong PINs, as somebody did yesterday."""
    for _ in range(tries):
        try:
            if text:
                TextSession(card.connection).verify("0000", spend_last=True)
            else:
                JpkiSession(card.connection).verify(Key.AUTHENTICATION, "0000", spend_last=True)
        except (WrongPin, PinBlocked):
            continue


def tries_left(card: SoftwareCard) -> tuple[int, int]:
    """Of the authentication PIN and of the text PIN."""
    authentication = JpkiSession(card.connection).tries_left(Key.AUTHENTICATION)
    return authentication, TextSession(card.connection).tries_left()
