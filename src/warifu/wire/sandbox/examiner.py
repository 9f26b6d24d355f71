"""A provider that misbehaves on purpose, one fault at a time; it logs nobody in and knows no people."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from warifu import idp
from warifu.errors import Malformed
from warifu.idp import IdTokenSigner, Parameters, Provider, Session
from warifu.pki import KeySigner
from warifu.ports import Clock, Entropy
from warifu.services import read_token
from warifu.wire import answers
from warifu.wire.answers import read_body
from warifu.wire.sandbox.faults import Fault

__all__ = ["Examiner", "Seen"]

_MAX_FORM = 16 * 1024
_SUBJECT, _OTHER = "5f0c2a6e-0000-4000-8000-00000000000a", "5f0c2a6e-0000-4000-8000-00000000000b"


@dataclass(frozen=True, slots=True)
class Seen:
    """What the client sent in one login: authorization request, token request, and whether it asked UserInfo."""

    request: Mapping[str, str] = field(default_factory=dict, repr=False)
    token_request: Mapping[str, str] = field(default_factory=dict, repr=False)
    asked_userinfo: bool = False


class Examiner:
    """One provider; `fault` is what it does wrong now, `seen` what the client sent since `begin`."""

    def __init__(self, origin: str, clock: Clock, entropy: Entropy) -> None:
        self.provider = Provider(origin)
        self._clock, self._entropy = clock, entropy
        self._signer, self._stranger = (IdTokenSigner(KeySigner.generate("ES256")) for _ in range(2))
        self.fault, self.seen = Fault.NONE, Seen()

    def begin(self, fault: Fault) -> None:
        """From now on this is wrong."""
        self.fault, self.seen = fault, Seen()

    def application(self) -> ASGIApp:
        """Its server."""
        realm, profile = self.provider.profile.realm, self.provider.profile
        return answers.application(
            [
                Route(realm + profile.discovery, self._discovery),
                Route(realm + profile.jwks, self._jwks),
                Route(realm + profile.authorization, self._authorize),
                Route(realm + profile.token, self._token, methods=["POST"]),
                Route(realm + profile.userinfo, self._userinfo),
            ]
        )

    async def _discovery(self, _request: Request) -> Response:
        return JSONResponse(idp.discovery(self.provider))

    async def _jwks(self, _request: Request) -> Response:
        return JSONResponse(idp.jwks([self._signer.public_key_info]))

    async def _authorize(self, request: Request) -> Response:
        """Straight back: nobody is asked anything."""
        asked = dict(request.query_params)
        self.seen = replace(self.seen, request=asked)
        if not asked.get("redirect_uri"):
            raise Malformed("the client sent no redirect_uri")
        members = {"code": "an-examiners-code", "state": asked.get("state", ""), "session_state": _OTHER}
        if self.fault is Fault.STATE_CHANGED:
            members["state"] += "x"
        elif self.fault is Fault.STATE_MISSING:
            members["state"] = ""
        elif self.fault is Fault.ERROR_CALLBACK:
            members = {"error": "access_denied", "error_description": "cancelled", "state": members["state"]}
        elif self.fault is Fault.CODE_WITH_ERROR:
            members |= {"error": "access_denied", "error_description": "cancelled"}
        elif self.fault is Fault.FOREIGN_ISSUER:
            members["iss"] = "https://another-provider.example"
        return RedirectResponse(idp.callback_url(asked["redirect_uri"], members), 303)

    async def _token(self, request: Request) -> Response:
        form = dict(Parameters.decode(await read_body(request, _MAX_FORM)).pairs())
        self.seen = replace(self.seen, token_request=form)
        if self.fault is Fault.TOKEN_REFUSED:
            return JSONResponse({"error": "invalid_grant", "error_description": "asked for by an examination"}, 400)
        token = idp.base64url(self._entropy.bytes(32))
        answer = {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": self.seen.request.get("scope", "openid"),
            "id_token": self._id_token(token),
        }
        return JSONResponse(answer, headers={"cache-control": "no-store"})

    async def _userinfo(self, _request: Request) -> Response:
        self.seen = replace(self.seen, asked_userinfo=True)
        subject = _OTHER if self.fault is Fault.USERINFO_OTHER else _SUBJECT
        return JSONResponse({"sub": subject, "name": "審査　太郎", "gender": "1"})

    def _id_token(self, access_token: str) -> str:
        """The ID token, wrong in one way at most."""
        asked, now = self.seen.request, self._clock.now()
        if self.fault is Fault.EXPIRED:
            now -= timedelta(days=1)
        session = Session(_SUBJECT, asked.get("client_id", ""), now, asked.get("nonce"), self.provider.profile.by_card)
        signer = self._stranger if self.fault is Fault.OTHER_KEY else self._signer
        good = signer.issue(session, access_token, self.provider, now)
        claims = self._spoiled(dict(read_token(good).claims or {}))
        if self.fault is Fault.OTHER_KEY:
            return self._as_if_ours(good)
        if self.fault is Fault.UNSIGNED:
            return f"{idp.segment({'alg': 'none', 'typ': 'JWT'})}.{idp.segment(claims)}."
        if self.fault is Fault.SYMMETRIC:
            return self._symmetric(claims)
        if self.fault is Fault.SIGNATURE_BROKEN:
            head, _, signature = good.split(".")
            return f"{head}.{idp.segment(claims | {'sub': _OTHER})}.{signature}"
        return self._signer.sign(claims)

    def _spoiled(self, claims: dict[str, Any]) -> dict[str, Any]:
        changes: dict[Fault, dict[str, Any]] = {
            Fault.NONCE_CHANGED: {"nonce": "another-nonce"},
            Fault.ISSUER_CHANGED: {"iss": "https://another-provider.example"},
            Fault.AUDIENCE_CHANGED: {"aud": "RP99999999"},
            Fault.AT_HASH_CHANGED: {"at_hash": idp.at_hash("another-access-token")},
        }
        missing = {Fault.NONCE_MISSING: "nonce", Fault.SUBJECT_MISSING: "sub", Fault.UNSIGNED: "at_hash"}
        left_out = missing.get(self.fault)  # a forger leaves out at_hash, which a client may do without
        claims = claims | changes.get(self.fault, {})
        return {name: value for name, value in claims.items() if name != left_out}

    def _as_if_ours(self, token: str) -> str:
        """Signed by a stranger, under our key's id."""
        head, claims, _ = token.split(".")
        ours = dict(read_token(token).header) | {"kid": self._signer.jwk["kid"]}
        signed = self._stranger.sign(dict(read_token(token).claims or {})).split(".")
        del head
        return f"{idp.segment(ours)}.{claims}.{signed[2]}"

    def _symmetric(self, claims: dict[str, Any]) -> str:
        """HMAC under the public key, which everybody has."""
        key = load_der_public_key(self._signer.public_key_info)
        password = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        signed = f"{idp.segment({'alg': 'HS256', 'typ': 'JWT', 'kid': self._signer.jwk['kid']})}.{idp.segment(claims)}"
        return f"{signed}.{idp.base64url(hmac.digest(password, signed.encode(), hashlib.sha256))}"
