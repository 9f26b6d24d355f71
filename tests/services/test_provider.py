"""Reading a provider's metadata (OpenID Connect Discovery 1.0 §3 and §4)."""

import json

import pytest

from tests.services.world import ENDPOINTS, ISSUER, PROVIDER
from warifu.errors import Malformed, WrongIssuer
from warifu.services import ProviderMetadata, discovery_address

DOCUMENT = {"issuer": ISSUER, **ENDPOINTS, "something_else": [1]}


def test_metadata_is_read_and_what_is_unknown_left_alone() -> None:
    assert ProviderMetadata.read(json.dumps(DOCUMENT).encode(), ISSUER) == PROVIDER
    assert PROVIDER.login_origin == "http://localhost:8700"


def test_the_metadata_is_where_discovery_says() -> None:
    """OpenID Connect Discovery 1.0 §4: a terminating slash is removed first."""
    assert discovery_address(ISSUER) == discovery_address(ISSUER + "/") == f"{ISSUER}/.well-known/openid-configuration"


@pytest.mark.parametrize("issuer", [ISSUER + "/", "http://elsewhere.example", None])
def test_metadata_of_another_issuer_is_refused(issuer: str | None) -> None:
    """OpenID Connect Discovery 1.0 §4.3."""
    with pytest.raises(WrongIssuer):
        ProviderMetadata.read(json.dumps({**DOCUMENT, "issuer": issuer}).encode(), ISSUER)


@pytest.mark.parametrize("endpoint", sorted(ENDPOINTS))
@pytest.mark.parametrize("value", [None, 1, "", "javascript:alert(1)", "http://", "http://[", "http://a:99999/"])
def test_metadata_without_a_usable_address_is_refused(endpoint: str, value: object) -> None:
    with pytest.raises(Malformed):
        ProviderMetadata.read(json.dumps({**DOCUMENT, endpoint: value}).encode(), ISSUER)
