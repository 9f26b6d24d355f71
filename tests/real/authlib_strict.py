"""A client on authlib under FAPI 2.0. What authlib 1.9 has not stands here: pushing, proofs, `iss`, short assertions.

authlib gives PKCE, the request, `private_key_jwt`, the token request and its errors. Its session hands the headers to
the function that authenticates, so that a proof can go along; a token of type DPoP it does not send.
"""

import hashlib
import secrets
import time
from base64 import urlsafe_b64encode
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

_FORM = {"content-type": "application/x-www-form-urlencoded"}


class StrictClient:
    """One login at a time."""

    def __init__(self, metadata: dict[str, Any], client_id: str, key: ECKey, redirect_uri: str) -> None:
        self._at, self._id, self._key, self._redirect_uri = metadata, client_id, key, redirect_uri
        self._proofs = ECKey.generate_key("P-256")
        self._kept: dict[str, str] = {}

    def session(self, scope: str = "openid name") -> OAuth2Client:
        return OAuth2Client(
            self._id,
            self._key,
            token_endpoint_auth_method=self._authenticate,
            scope=scope,
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
            trust_env=False,
        )

    def begin(self) -> str:
        """Push what authlib would have put into the browser's address; where the browser goes instead."""
        self._kept = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "code_verifier")}
        with self.session() as session:
            asked, _ = session.create_authorization_url(self._at["authorization_endpoint"], **self._kept)
            pushed = session.post(
                self._at["pushed_authorization_request_endpoint"],
                content=urlsplit(asked).query,
                headers=_FORM,
                auth=session.client_auth(self._authenticate),
            ).json()
        told = httpx2.QueryParams({"client_id": self._id, "request_uri": pushed["request_uri"]})
        return f"{self._at['authorization_endpoint']}?{told}"

    def redeem(self, address: str) -> dict[str, Any]:
        """The tokens, when the callback is this provider's answer to this login."""
        callback = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert callback["iss"] == self._at["issuer"]  # RFC 9207 §2.4
        assert callback["state"] == self._kept["state"]
        with self.session() as session:
            verifier = self._kept["code_verifier"]
            tokens = session.fetch_token(self._at["token_endpoint"], code=callback["code"], code_verifier=verifier)
        return dict(tokens)

    def subject(self, tokens: dict[str, Any]) -> str:
        """Of the ID token, when it is for us, of this login, and of this access token."""
        keys = KeySet.import_key_set(httpx2.get(self._at["jwks_uri"], trust_env=False).json())
        token = jwt.decode(tokens["id_token"], keys, algorithms=["ES256"])
        wanted = {"iss": self._at["issuer"], "aud": self._id, "nonce": self._kept["nonce"]}
        wanted["at_hash"] = _base64url(hashlib.sha256(tokens["access_token"].encode()).digest()[:16])
        rules = {name: {"essential": True, "value": value} for name, value in wanted.items()}
        jwt.JWTClaimsRegistry(exp={"essential": True}, **rules).validate(token.claims)  # type: ignore[arg-type]
        return str(token.claims["sub"])

    def userinfo(self, tokens: dict[str, Any]) -> dict[str, Any]:
        """With a proof for the token (RFC 9449 §7)."""
        address, token = self._at["userinfo_endpoint"], tokens["access_token"]
        ath = _base64url(hashlib.sha256(token.encode()).digest())
        headers = {"authorization": f"DPoP {token}", "dpop": self._proof("GET", address, ath=ath)}
        told: dict[str, Any] = httpx2.get(address, headers=headers, trust_env=False).raise_for_status().json()
        return told

    def _authenticate(self, auth: Any, method: str, uri: str, headers: Any, body: Any) -> tuple[str, Any, Any]:
        """A new assertion each time: authlib keeps the `jti` among the claims that it is given."""
        headers["dpop"] = self._proof(method, uri)
        short = PrivateKeyJWT(self._at["issuer"], claims={"exp": int(time.time()) + 60}, alg="ES256")
        signed: tuple[str, Any, Any] = short(auth, method, uri, headers, body)
        return signed

    def _proof(self, method: str, address: str, **more: str) -> str:
        header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": self._proofs.as_dict(private=False)}
        claims = {"jti": secrets.token_urlsafe(), "htm": method, "htu": address, "iat": int(time.time())}
        return jwt.encode(header, claims | more, self._proofs)


def _base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
