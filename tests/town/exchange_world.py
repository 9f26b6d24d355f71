"""A client that goes through a login and writes it down as a browser's tools do, and a provider unlike ours."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx2
from joserfc import jwt
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.services.world import JWKS, KEY
from tests.waiting import PATIENCE
from warifu import services
from warifu.services import PendingLogin, ProviderMetadata, RelyingParty
from warifu.wire.clock import SystemClock, SystemEntropy
from warifu.wire.headless import Loopback
from warifu.wire.serving import reserve, serve_in_thread

CLOCK, ENTROPY = SystemClock(), SystemEntropy()
SECRETS = ("a-code-of-the-other-provider", "an-access-token-of-the-other", "変田　太郎", "東京都", "X-4711")


@dataclass
class Tools:
    """A browser's developer tools: every request, as HAR 1.2 has it."""

    issuer: str
    party: RelyingParty
    header: str = ""
    entries: list[dict[str, Any]] = field(default_factory=list)

    def send(self, method: str, address: str, form: dict[str, str] | None = None, token: str = "") -> httpx2.Response:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        if self.header:
            headers["warifu-test-response"] = self.header
        with httpx2.Client(transport=Loopback(), timeout=PATIENCE, trust_env=False) as http:
            response = http.request(method, address, data=form, headers=headers)
        posted = {} if form is None else {"postData": {"mimeType": _FORM, "text": urlencode(form)}}
        listed = [{"name": name, "value": value} for name, value in headers.items()]
        answered = [{"name": name, "value": value} for name, value in response.headers.items()]
        request = {"method": method, "url": address, "headers": listed, **posted}
        content = {"mimeType": response.headers.get("content-type", ""), "text": response.text}
        answer = {"status": response.status_code, "headers": answered, "content": content}
        self.entries.append({"request": request, "response": answer})
        return response

    def har(self) -> bytes:
        return json.dumps({"log": {"version": "1.2", "entries": self.entries}}).encode()

    def go(self) -> None:
        """A login, UserInfo with and without a token, the code a second time; a request without a nonce; a cancel."""
        told = self.send("GET", services.discovery_address(self.issuer)).content
        provider = ProviderMetadata.read(told, self.issuer)
        self.send("GET", provider.jwks_uri)
        pending, back = self._begin(provider)
        form = self._form(provider, pending, back)
        tokens = self.send("POST", provider.token_endpoint, form).json()
        self.send("GET", provider.userinfo_endpoint, token=tokens["access_token"])
        self.send("GET", provider.userinfo_endpoint)
        self.send("POST", provider.token_endpoint, self._form(provider, pending, back))
        self._begin(provider, without="nonce")
        self.header = self.header and "outcome=cancelled"
        self._begin(provider, scope="openid")

    def _begin(self, provider: ProviderMetadata, without: str = "", scope: str = "") -> tuple[PendingLogin, str]:
        address, pending = services.begin(self.party, provider, ("openid", "name", "address", "birthdate"), ENTROPY)
        base, _, query = address.partition("?")
        pairs = [(name, value) for name, value in parse_qsl(query) if name != without]
        pairs = [(name, scope if scope and name == "scope" else value) for name, value in pairs]
        return pending, self.send("GET", f"{base}?{urlencode(pairs)}").headers.get("location", "")

    def _form(self, provider: ProviderMetadata, pending: PendingLogin, back: str) -> dict[str, str]:
        callback = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
        return dict(services.redeem(pending, callback, self.party, provider, CLOCK.now(), ENTROPY))


_FORM = "application/x-www-form-urlencoded"


@contextmanager
def other_provider() -> Iterator[str]:
    """A provider that does many things otherwise; its issuer."""
    reserved = reserve("localhost")
    issuer, base = reserved.origin, f"{reserved.origin}/oidc"
    spent: set[str] = set()

    async def metadata(_request: Request) -> Response:
        places = {"authorization": "authorize", "token": "token", "userinfo": "me", "jwks": "keys"}
        told = {f"{name}_endpoint" if name != "jwks" else "jwks_uri": f"{base}/{at}" for name, at in places.items()}
        return JSONResponse({"issuer": issuer, **told, "scopes_supported": ["openid", "email"]})

    async def keys(_request: Request) -> Response:
        return JSONResponse(JWKS)

    async def authorize(request: Request) -> Response:
        asked = request.query_params
        if asked["scope"] == "openid":
            told = {"error": "user_cancelled_authorize", "state": asked["state"]}
        else:
            told = {"code": SECRETS[0], "state": asked["state"], "iss": issuer}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(told)}", 302)

    async def token(request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        if form["code"] in spent:
            return JSONResponse({"error": "invalid_request", "error_description": "again?"}, 400)
        spent.add(form["code"])
        now = int(CLOCK.now().timestamp())
        claims = {"iss": issuer, "sub": "x", "aud": form["client_id"], "iat": now, "exp": now + 3600, "email": "a@b.jp"}
        signed = jwt.encode({"alg": "ES256", "kid": "k"}, claims, KEY, algorithms=["ES256"])
        members = {"access_token": SECRETS[1], "token_type": "bearer", "expires_in": "3600", "id_token": signed}
        return JSONResponse(members)

    async def me(request: Request) -> Response:
        if "authorization" not in request.headers:
            return JSONResponse({"error": "invalid_request"}, 400)
        address = {"formatted": SECRETS[3], "country": "JP"}
        return JSONResponse(
            {"sub": "x", "name": SECRETS[2], "birthdate": "1987-05-06", "address": address, "staff": SECRETS[4]}
        )

    routes = [Route("/.well-known/openid-configuration", metadata), Route("/oidc/keys", keys)]
    routes += [
        Route("/oidc/authorize", authorize),
        Route("/oidc/token", token, methods=["POST"]),
        Route("/oidc/me", me),
    ]
    with serve_in_thread([(reserved, Starlette(routes=routes))]):
        yield issuer
