"""A client's conversation with a provider over HTTP, in which one thing at a time can be made wrong."""

import base64
import hashlib
import hmac
import itertools
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
from joserfc import jws
from joserfc.jwk import ECKey
from joserfc.util import to_bytes

from tests.idp import world
from tests.idp.test_proof import KEY
from tests.idp.world import CLIENT, EC, OTHER_CLIENT, query
from tests.wire.provider_world import Stage, answer
from warifu.idp import ASSERTION_TYPE, PROFILES, Offer, Parameters, Provider
from warifu.wire.clock import SystemEntropy
from warifu.wire.provider import ProviderService, application
from warifu.wire.serving import reserve, serve_in_thread

_COUNT = itertools.count()
SECOND = timedelta(seconds=1)
Fields = Mapping[str, str | None]


class Talk:
    """One client of one provider; what comes back is told in a few words."""

    def __init__(self, stage: Stage, service: ProviderService, http: httpx2.Client) -> None:
        self.stage = stage
        self.service = service
        self.http = http
        self.provider = service.provider
        self.strict = self.provider.profile.pushed_requests is Offer.REQUIRED
        self.audience = self.provider.issuer if self.strict else self.provider.token_endpoint

    def path(self, address: str) -> str:
        """An endpoint's path: the provider answers on another port than its name says."""
        return address.removeprefix(self.provider.origin)

    @property
    def now(self) -> int:
        return int(self.stage.clock.now().timestamp())

    # --- what a client signs ---

    def assertion(self, key: Any = EC, algorithm: str = "ES256", header: Any = None, /, **changes: Any) -> str:
        """Its proof of who it is; None leaves a claim out."""
        told = {"iss": CLIENT.id, "sub": CLIENT.id, "aud": self.audience, "jti": f"negative {next(_COUNT)}"}
        return signed(key, algorithm, {"kid": "ec"} | (header or {}), told | self._times() | changes)

    def _times(self) -> dict[str, int]:
        return {"iat": self.now, "exp": self.now + 60}

    def proof(
        self, address: str, key: Any = KEY, algorithm: str = "ES256", header: Any = None, /, **changes: Any
    ) -> str:
        """Its proof that it holds a key."""
        told = {"htm": "POST", "htu": address, "jti": f"proof {next(_COUNT)}", "iat": self.now}
        named = {"typ": "dpop+jwt", "jwk": key.as_dict(private=False)} | (header or {})
        return signed(key, algorithm, named, told | changes)

    def proofs(self, address: str, **changes: Any) -> list[str]:
        """The headers that belong to a request: one proof where tokens are bound, none elsewhere."""
        return [self.proof(address, **changes)] if self.strict else []

    # --- the authorization request ---

    def request(self, /, **changes: str | None) -> dict[str, str]:
        return _without_none({**world.REQUEST, **changes})

    def authorize(self, /, more: str = "", method: str = "GET", **changes: Any) -> str:
        """Bring a request by the browser, or push it first where that is asked for; how that ends."""
        fields = self.request(**changes)
        if self.strict:
            status, told = self.push(more, **changes)
            if status != 201:
                return f"{status} {told['error']}"
            fields = {"client_id": CLIENT.id, "request_uri": str(told["request_uri"])}
            more = ""
        return self.bring(fields, more, method)

    def bring(self, fields: Mapping[str, str], more: str = "", method: str = "GET") -> str:
        """Exactly these parameters, by the browser."""
        path, body = self.path(self.provider.authorization_endpoint), str(httpx2.QueryParams(fields)) + more
        if method == "GET":
            response = self.http.get(f"{path}?{body}")
        else:
            response = self.http.post(path, content=body, headers={"content-type": FORM})
        return ending(response)

    def push(
        self, more: str = "", /, proofs: list[str] | None = None, **changes: str | None
    ) -> tuple[int, dict[str, Any]]:
        """Leave a request with the provider."""
        fields = _without_none({**self.credentials(), **world.REQUEST, **changes})
        body = str(httpx2.QueryParams(fields)) + more
        address = self.provider.pushed_endpoint
        sent = [] if proofs is None else proofs
        headers = [("content-type", FORM), *(("dpop", each) for each in sent)]
        response = self.http.post(self.path(address), content=body, headers=headers)
        return response.status_code, response.json()

    def pushed(self, more: str = "", /, **changes: Any) -> str:
        """How leaving a request ends."""
        status, told = self.push(more, **changes)
        return "pushed" if status == 201 else f"{status} {told['error']}"

    def credentials(self, **changes: str | None) -> dict[str, str]:
        given = {"client_id": CLIENT.id, "client_assertion_type": ASSERTION_TYPE, "client_assertion": self.assertion()}
        return _without_none({**given, **changes})

    # --- codes and tokens ---

    def reference(self, **changes: Any) -> dict[str, str]:
        """What the browser brings of a pushed request."""
        status, told = self.push(**changes)
        assert status == 201, told
        return {"client_id": changes.get("client_id", CLIENT.id), "request_uri": str(told["request_uri"])}

    def callback(self, /, **changes: Any) -> dict[str, str]:
        """From a good request to the callback's parameters; the person has a card and agrees."""
        asked = self.reference(**changes) if self.strict else self.request(**changes)
        begun = self.service.begin(Parameters(list(asked.items())))
        given = self.service.answer(begun.transaction, answer(self.service.invitation(begun.transaction)))
        self.service.allow(begun.transaction, given.decision_token)
        return query(self.service.go_back(begun.transaction, begun.cookie))

    def code(self, /, **changes: Any) -> str:
        return self.callback(**changes)["code"]

    def code_form(self, code: str, /, **changes: str | None) -> dict[str, str]:
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": world.REDIRECT_URI,
            "code_verifier": world.VERIFIER,
        }
        return _without_none({**fields, **self.credentials(), **changes})

    def ask(
        self, fields: Mapping[str, str], more: str = "", proofs: list[str] | None = None, **headers: str
    ) -> httpx2.Response:
        """Post a form to the token endpoint."""
        address = self.provider.token_endpoint
        sent = self.proofs(address) if proofs is None else proofs
        told = [("content-type", FORM), *(("dpop", each) for each in sent), *headers.items()]
        return self.http.post(self.path(address), content=str(httpx2.QueryParams(fields)) + more, headers=told)

    def exchange(
        self, /, more: str = "", proofs: list[str] | None = None, code: str | None = None, **changes: Any
    ) -> str:
        """Exchange a fresh code with one thing wrong; how that ends."""
        fields = self.code_form(self.code() if code is None else code, **changes)
        return told_by(self.ask(fields, more, proofs))

    def tokens(self, /, **changes: Any) -> dict[str, Any]:
        response = self.ask(self.code_form(self.code(**changes)))
        assert response.status_code == 200, response.text
        given: dict[str, Any] = response.json()
        return given

    def refresh(self, token: object, /, **changes: str | None) -> str:
        fields = {"grant_type": "refresh_token", "refresh_token": str(token), **self.credentials(), **changes}
        return told_by(self.ask(_without_none(fields)))

    def show(self, token: object, proofs: list[str] | None = None, scheme: str | None = None, **also: Any) -> str:
        """Show an access token at UserInfo; how that ends."""
        return told_by(self.claims(token, proofs, scheme, **also))

    def claims(
        self, token: object, proofs: list[str] | None = None, scheme: str | None = None, **also: Any
    ) -> httpx2.Response:
        address = self.provider.userinfo_endpoint
        if proofs is None:
            proofs = self.proofs(address, htm="GET", ath=hashed(str(token)))
        headers = [("authorization", f"{scheme or ('DPoP' if self.strict else 'Bearer')} {token}")]
        return self.http.get(self.path(address), headers=headers + [("dpop", each) for each in proofs], **also)

    def register_again(self) -> None:
        """What a row changed about the client is undone."""
        self.service.register(CLIENT)


FORM = "application/x-www-form-urlencoded"


def ending(response: httpx2.Response) -> str:
    """How a browser's visit to the authorization endpoint ended."""
    if response.status_code >= 400:
        assert "location" not in response.headers
        return f"page {response.status_code}"
    address = response.headers["location"]
    if address.startswith("/login/"):
        return "login"
    assert address.startswith(world.REDIRECT_URI)
    return f"callback {query(address).get('error', 'code')}"


def told_by(response: httpx2.Response) -> str:
    """The status, and the error if there is one."""
    if response.is_success:
        return "accepted"
    try:
        error = response.json().get("error", "")
    except ValueError:
        error = ""
    return f"{response.status_code} {error}".strip()


def signed(key: Any, algorithm: str, header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
    """A JWT with these claims but those that are None; unsigned and MACed ones, too, which no library writes."""
    payload = json.dumps({name: value for name, value in claims.items() if value is not None}).encode()
    protected = {"alg": algorithm, **{name: value for name, value in header.items() if value is not None}}
    if algorithm in {"none", "HS256"}:
        head = ".".join(base64url(part) for part in (json.dumps(protected).encode(), payload))
        mac = hmac.digest(to_bytes(key.as_pem(private=False)), head.encode(), "sha256")
        return f"{head}.{'' if algorithm == 'none' else base64url(mac)}"
    registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    registry.max_header_length = 4096
    return jws.serialize_compact(protected, payload, key, [algorithm], registry=registry)


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def hashed(text: str) -> str:
    return base64url(hashlib.sha256(text.encode()).digest())


def spoiled(token: str) -> str:
    """The token with a bit of its signature turned over."""
    head, _, signature = token.rpartition(".")
    raw = bytearray(base64.urlsafe_b64decode(signature + "=="))
    raw[0] ^= 1
    return f"{head}.{base64url(bytes(raw))}"


def _without_none(fields: Fields) -> dict[str, str]:
    return {name: value for name, value in fields.items() if value is not None}


OTHER_KEY = ECKey.generate_key("P-256")


@contextmanager
def talking(folder: Path, profile: str) -> Iterator[Talk]:
    """A provider of this profile, listening, and its client."""
    stage = Stage(folder, entropy=SystemEntropy())
    at = reserve("localhost")
    with stage.service(Provider("http://localhost:8700", PROFILES[profile])) as service:
        service.register(CLIENT)
        service.register(OTHER_CLIENT)
        with serve_in_thread([(at, application(service))]), httpx2.Client(base_url=at.origin, trust_env=False) as http:
            yield Talk(stage, service, http)
