"""Somebody who logs in again and again, at our provider and at npm's, with as little client as there can be.

Both are asked over loopback on a connection that is kept, by the same code; what the client itself does (the card's
signature, its assertions) is not counted, for only the provider's processes are looked at.
"""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jws
from joserfc.jwk import ECKey
from tests.idp import world
from tests.wire import provider_world

from warifu.messages import LoginInvitation
from warifu.reader import answer_login

FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_TICK = os.sysconf("SC_CLK_TCK")
_card = provider_world.card()


class Visitor:
    """A browser, a phone and a client's server in one, at one provider."""

    def __init__(self, origin: str, authorize: str, token: str, userinfo: str, now: Callable[[], float]) -> None:
        self.origin, self._authorize, self._token, self._userinfo = origin, authorize, token, userinfo
        self._now = now
        self._connection: HTTPConnection | None = None
        self.address = origin

    def at(self, port: int) -> "Visitor":
        """The same visitor, who goes to one of several processes."""
        other = Visitor(self.origin, self._authorize, self._token, self._userinfo, self._now)
        other.address = f"http://127.0.0.1:{port}"
        return other

    def request(self) -> str:
        """The path and query with which a login begins."""
        return f"{urlsplit(self._authorize).path}?{urlencode(world.REQUEST)}"

    def log_in_with_card(self) -> None:
        """All that a browser, a phone and a client's server say to our provider in one login."""
        begun, cookie = self._visit(self.request())
        self._ok(self._ask("GET", begun, headers={"cookie": cookie}))
        self._ok(self._ask("GET", f"{begun}/state", headers={"cookie": cookie}))
        invitation = LoginInvitation.decode(self._ok(self._ask("GET", f"{begun}/invitation")))
        pins = provider_world.PIN, provider_world.TEXT_PIN
        answer = answer_login(_card, invitation.challenge(self.origin), *pins).encode()
        shared = json.loads(self._ok(self._ask("POST", f"{begun}/answer", answer, JSON)))
        decision = {"decision": "allow", "decision_token": shared["decision_token"]}
        self._ok(self._ask("POST", f"{begun}/decision", json.dumps(decision).encode(), JSON))
        back, _ = self._visit(f"{begun}/continue", cookie)
        self._redeem(back)

    def log_in_at_once(self) -> None:
        """The same at a provider that logs in whoever comes: from the request, over its own pages, to the claims."""
        address, cookies = self._visit(self.request())
        while not address.startswith(world.REDIRECT_URI):
            address, more = self._visit(urlsplit(address)._replace(scheme="", netloc="").geturl(), cookies)
            cookies = "; ".join(each for each in (cookies, more) if each)
        self._redeem(address)

    def _redeem(self, callback: str) -> None:
        fields = {
            "grant_type": "authorization_code",
            "code": dict(parse_qsl(urlsplit(callback).query))["code"],
            "redirect_uri": world.REDIRECT_URI,
            "code_verifier": world.VERIFIER,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self.assertion(),
        }
        given = self._ok(self._ask("POST", urlsplit(self._token).path, urlencode(fields).encode(), FORM))
        token = json.loads(given)["access_token"]
        self._ok(self._ask("GET", urlsplit(self._userinfo).path, headers={"authorization": f"Bearer {token}"}))

    def assertion(self) -> str:
        """The client's, by ES256."""
        now = int(self._now())
        claims = {"iss": world.CLIENT.id, "sub": world.CLIENT.id, "aud": self._token, "jti": os.urandom(9).hex()}
        payload = json.dumps(claims | {"iat": now, "exp": now + 60}).encode()
        key: ECKey = world.EC
        return jws.serialize_compact({"alg": "ES256", "kid": key.kid}, payload, key, ["ES256"])

    def _visit(self, path: str, cookies: str = "") -> tuple[str, str]:
        """Where the browser is sent, and the cookies it was given."""
        response = self._ask("GET", path, headers={"cookie": cookies} if cookies else {})
        response.read()
        where = response.getheader("location")
        if response.status not in (302, 303) or where is None:
            raise RuntimeError(f"not sent on from {path}: {response.status}")
        given = [each.partition(";")[0] for each in response.headers.get_all("set-cookie") or []]
        return where, "; ".join(given)

    def _ask(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> HTTPResponse:
        if self._connection is None:
            at = urlsplit(self.address)
            self._connection = HTTPConnection("127.0.0.1", at.port)
        host = urlsplit(self.origin).netloc
        self._connection.request(method, path, body, {"host": host, **(headers or {})})
        return self._connection.getresponse()

    def _ok(self, response: HTTPResponse) -> bytes:
        content = response.read()
        if response.status >= 300:
            raise RuntimeError(f"refused: {response.status} {content[:200]!r}")
        return content


def processor_seconds(process: int) -> float:
    """What a process and its threads have computed so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


@contextmanager
def computing(*processes: int) -> Iterator[list[float]]:
    """Afterwards: the seconds that these processes computed while the block ran, and the seconds that went by."""
    told: list[float] = []
    before, start = sum(map(processor_seconds, processes)), time.perf_counter()
    yield told
    told += [sum(map(processor_seconds, processes)) - before, time.perf_counter() - start]
