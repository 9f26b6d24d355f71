"""A provider, a client and moments for the provider's tests; all invented."""

import itertools
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from tests.pki import world as pki
from warifu.idp import (
    ASSERTION_TYPE,
    Answered,
    Client,
    IdTokenSigner,
    Login,
    Parameters,
    Provider,
    Secret,
    Status,
    begin,
    callback,
)
from warifu.pki import KeySigner
from warifu.town import pool

NOW = pki.NOW
SECOND = timedelta(seconds=1)
PROVIDER = Provider("http://localhost:8700")
SECRET = Secret(bytes(range(32)))
SIGNER = IdTokenSigner(KeySigner(ec.derive_private_key(20261122, ec.SECP256R1())))
REDIRECT_URI = "http://rp.localhost:8702/callback"
VERIFIER = "a-code-verifier-that-nobody-can-guess-0123456789"
CHALLENGE = "pyUHjIGgULPle3Gi4cd-E4T0rIXlsTGSTyO4WfV8R2A"

RSA = RSAKey.import_key(pool.private_key(100), {"kid": "rsa", "use": "sig"})
OTHER_RSA = RSAKey.import_key(pool.private_key(101), {"kid": "rsa", "use": "sig"})
EC = ECKey.import_key(ec.derive_private_key(7, ec.SECP256R1()), {"kid": "ec"})
CLIENT = Client(
    "RP00000001", "山の銀行", (REDIRECT_URI,), {"keys": [RSA.as_dict(private=False), EC.as_dict(private=False)]}
)
OTHER_CLIENT = replace(CLIENT, id="RP00000002", name="海の図書館")


class Counter:
    """Chance that never repeats and is the same in every run."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def bytes(self, n: int) -> bytes:
        return next(self._numbers).to_bytes(n, "big")


REQUEST: Mapping[str, str] = {
    "response_type": "code",
    "scope": "openid name address birthdate gender",
    "client_id": CLIENT.id,
    "redirect_uri": REDIRECT_URI,
    "state": "a state",
    "nonce": "a nonce",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
    "acr_values": "aal3 crl",
}


def parameters(**changes: str | None) -> Parameters:
    """The complete request with `changes`; None leaves a parameter out."""
    merged = {**REQUEST, **changes}
    return Parameters([(name, value) for name, value in merged.items() if value is not None])


def begun(entropy: Counter | None = None, /, **changes: str | None) -> tuple[Login, str]:
    """A login that has just begun, and its cookie."""
    return begin(parameters(**changes), CLIENT, PROVIDER, NOW, entropy or Counter())


def answered(login: Login, claims: dict[str, str] | None = None) -> Login:
    """The login after a good answer (for tests of what comes later)."""
    claims = {"name": "割符　花子"} if claims is None else claims
    by_card = PROVIDER.profile.by_card
    given = Answered(b"a" * 32, b"c" * 32, NOW, login.request.scopes, claims, by_card)
    return replace(login, status=Status.ANSWERED, answered=given)


def allowed(entropy: Counter | None = None) -> tuple[Login, str]:
    """An allowed login and its cookie."""
    login, cookie = begun(entropy)
    return replace(answered(login), status=Status.ALLOWED, subject="5f0c2a6e-0000-4000-8000-000000000001"), cookie


def with_code(entropy: Counter | None = None) -> tuple[Login, str]:
    """A login whose code is out, and the code."""
    login, cookie = allowed(entropy)
    done = callback(login, cookie, SECRET, PROVIDER, SIGNER, NOW)
    return done.login, query(done.url)["code"]


def query(url: str) -> dict[str, str]:
    """The query of a URL; every parameter once."""
    values = parse_qs(urlsplit(url).query, strict_parsing=True)
    assert all(len(value) == 1 for value in values.values())
    return {name: value[0] for name, value in values.items()}


def assertion(
    key: Any = RSA, algorithm: str = "RS256", header: Mapping[str, Any] | None = None, /, **changes: Any
) -> str:
    """A client assertion that is right but for `changes`; None leaves a claim out."""
    claims: dict[str, Any] = {
        "iss": CLIENT.id,
        "sub": CLIENT.id,
        "aud": PROVIDER.token_endpoint,
        "jti": "once",
        "iat": int(NOW.timestamp()),
        "exp": int((NOW + 60 * SECOND).timestamp()),
    }
    claims = {name: value for name, value in {**claims, **changes}.items() if value is not None}
    protected = {"alg": algorithm, **({"kid": key.kid} if header is None else header)}
    return jws.serialize_compact(protected, json.dumps(claims).encode(), key, [algorithm])


def form(**changes: str | None) -> Parameters:
    """A complete token request with `changes`; None leaves a parameter out."""
    fields: dict[str, str | None] = {
        "grant_type": "authorization_code",
        "code": "a-code",
        "redirect_uri": REDIRECT_URI,
        "code_verifier": VERIFIER,
        "client_id": CLIENT.id,
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": "an.assertion.here",
    }
    return Parameters([(name, value) for name, value in {**fields, **changes}.items() if value is not None])
