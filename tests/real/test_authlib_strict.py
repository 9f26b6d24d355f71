"""authlib at a provider of the profile `fapi2`: how far it gets alone, and with what it lacks beside it."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from authlib.integrations.base_client import OAuthError, UnsupportedTokenTypeError
from authlib.oauth2.rfc7523 import PrivateKeyJWT

from tests.idp.world import CLIENT, EC, REDIRECT_URI
from tests.real.authlib_strict import StrictClient
from tests.real.npm_clients import Way, ours

pytestmark = pytest.mark.real


@dataclass(frozen=True)
class Scene:
    """The client, what it knows of the provider, and a person with a card."""

    client: StrictClient
    metadata: dict[str, str]
    visit: Callable[[str], dict[str, str]]


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """The cards are of the tests' moment: so is the clock that authlib looks at."""
    with ours(tmp_path, Way("fapi2", "ES256")) as place:
        real, skew = time.time, place.skew
        monkeypatch.setattr(time, "time", lambda: real() + skew)
        metadata = httpx2.get(f"{place.issuer}/.well-known/openid-configuration", trust_env=False).json()
        yield Scene(StrictClient(metadata, CLIENT.id, EC, REDIRECT_URI), metadata, place.visit)


def test_with_what_it_lacks_it_logs_people_in(scene: Scene) -> None:
    """RFC 9126, RFC 7636, RFC 7523, RFC 9449, RFC 9207."""
    tokens = scene.client.redeem(scene.visit(scene.client.begin())["address"])
    assert tokens["token_type"].lower() == "dpop"
    assert scene.client.userinfo(tokens) == {"sub": scene.client.subject(tokens), "name": "割符　花子"}
    with scene.client.session() as session:
        session.token = tokens
        with pytest.raises(UnsupportedTokenTypeError):  # authlib sends bearer tokens only
            session.get(scene.metadata["userinfo_endpoint"])


def test_alone_it_is_told_what_it_lacks(scene: Scene) -> None:
    """Its request is not pushed; its assertion is for the token endpoint, and for an hour."""
    with scene.client.session() as session:
        address, _ = session.create_authorization_url(scene.metadata["authorization_endpoint"], nonce="n" * 22)
        refused = httpx2.get(address, trust_env=False).headers["location"]
        assert parse_qs(urlsplit(refused).query)["error"] == ["invalid_request"]
        session.token_endpoint_auth_method = PrivateKeyJWT(alg="ES256")
        with pytest.raises(OAuthError, match="invalid_client"):
            session.fetch_token(scene.metadata["token_endpoint"], code="x", code_verifier="v" * 43)
