"""The client's key: kept, handed over as a JWK Set, and put to work in assertions (RFC 7523 §3)."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from tests.services.world import CLIENT_KEY, NOW, Counter
from warifu.errors import Malformed
from warifu.services import ClientKey
from warifu.town import pool

AUDIENCE = "http://localhost:8700/token"
RSA_CLIENT_KEY = ClientKey(RSAKey.import_key(pool.private_key(121)))


@pytest.mark.parametrize(("key", "algorithm"), [(CLIENT_KEY, "ES256"), (RSA_CLIENT_KEY, "RS256")])
def test_the_assertion_verifies_under_the_published_key(key: ClientKey, algorithm: str) -> None:
    """RFC 7523 §3: issuer and subject are the client, one audience, an expiry, a jti."""
    published = KeySet.import_key_set(key.public_jwks())  # type: ignore[arg-type]
    token = jwt.decode(key.assertion("RP00000001", AUDIENCE, NOW, Counter()), published, algorithms=[algorithm])
    assert token.header == {"typ": "JWT", "alg": algorithm, "kid": key.kid}
    assert (token.claims["iss"], token.claims["sub"], token.claims["aud"]) == ("RP00000001", "RP00000001", AUDIENCE)
    assert token.claims["exp"] - token.claims["iat"] == 60
    assert token.claims["iat"] == int(NOW.timestamp())


def test_no_two_assertions_are_the_same() -> None:
    entropy = Counter()
    first, second = (CLIENT_KEY.assertion("RP00000001", AUDIENCE, NOW, entropy) for _ in range(2))
    public = KeySet.import_key_set(CLIENT_KEY.public_jwks())  # type: ignore[arg-type]
    assert jwt.decode(first, public).claims["jti"] != jwt.decode(second, public).claims["jti"]


@pytest.mark.parametrize("key", [CLIENT_KEY, RSA_CLIENT_KEY])
def test_a_key_survives_being_kept(key: ClientKey) -> None:
    assert ClientKey.load(key.private_bytes()).public_jwks() == key.public_jwks()


def test_nothing_private_is_published_or_printed() -> None:
    (published,) = CLIENT_KEY.public_jwks()["keys"]
    assert published.keys() == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    assert repr(CLIENT_KEY) == "ClientKey(ES256)"


def test_a_new_key_is_on_p256() -> None:
    (published,) = ClientKey.generate().public_jwks()["keys"]
    assert (published["crv"], published["alg"]) == ("P-256", "ES256")


def test_what_is_no_suitable_key_is_refused() -> None:
    other_curve = ec.derive_private_key(5, ec.SECP384R1())
    encoded = other_curve.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    for data in (b"", b"0", encoded):
        with pytest.raises(Malformed):
            ClientKey.load(data)
