"""One settings file moves a client between warifu and the official environments."""

from dataclasses import replace

import pytest

from tests.services.world import CLIENT_KEY, ISSUER, PROVIDER
from warifu.errors import Malformed, NotFound
from warifu.services import OFFICIAL, ClientKey, ClientSettings, Health, environment_at

HERE = environment_at(ISSUER, client_id="RP00000100", redirect_uri="http://localhost:3000/callback")
SETTINGS = ClientSettings("warifu", "openid name", "shop.key.pem", {"warifu": HERE, **OFFICIAL})


def ill(settings: ClientSettings, key: ClientKey = CLIENT_KEY) -> list[str]:
    return [one.name for one in settings.findings(key) if one.health is Health.ILL]


def filled(name: str, **changes: str) -> ClientSettings:
    told = {"client_id": "RP00000001", "redirect_uri": "https://shop.example/callback", "private_key": "real.pem"}
    there = replace(SETTINGS.find(name), **{**told, **changes})
    return replace(SETTINGS, environments={**SETTINGS.environments, name: there}).moved(name)


def test_the_file_is_read_as_it_was_written() -> None:
    assert ClientSettings.decode(SETTINGS.encode()) == SETTINGS
    moved = filled("test")
    assert ClientSettings.decode(moved.encode()) == moved
    assert (moved.key_file, SETTINGS.key_file) == ("real.pem", "shop.key.pem")


def test_the_official_addresses_are_those_that_public_clients_use() -> None:
    """INTER-Mediator, MynaVote; PocketSign's documentation for the test environment."""
    production, test = OFFICIAL["production"], OFFICIAL["test"]
    assert production.issuer == "https://auth-and-sign.go.jp/api/realms/main"
    assert production.token_endpoint == "https://auth-and-sign.go.jp/api/realms/main/protocol/openid-connect/token"
    assert test.jwks_uri == "https://sb-auth-and-sign.go.jp/api/realms/main/protocol/openid-connect/certs"


def test_an_environment_is_a_provider_for_the_services_client() -> None:
    assert HERE.metadata == PROVIDER
    assert SETTINGS.party(CLIENT_KEY).client_id == "RP00000100"


@pytest.mark.parametrize("name", ["test", "production"])
def test_only_the_settings_change_on_the_way(name: str) -> None:
    moved = filled(name)
    assert ill(moved) == []
    assert (moved.scope, moved.current.is_official) == (SETTINGS.scope, True)


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"client_id": ""}, ["client_id"]),
        ({"client_id": "RP-1"}, ["client_id"]),
        ({"redirect_uri": ""}, ["redirect_uri"]),
        ({"redirect_uri": "http://localhost:3000/callback"}, ["redirect_uri"]),
        ({"redirect_uri": "https://shop.example/#x"}, ["redirect_uri"]),
        ({"token_endpoint": "https://elsewhere.example/token"}, ["addresses"]),
    ],
)
def test_what_cannot_work_there_is_named(changes: dict[str, str], names: list[str]) -> None:
    assert ill(filled("production", **changes)) == names


def test_a_scope_that_the_official_service_has_not_is_named() -> None:
    assert ill(replace(SETTINGS, scope="openid email")) == ["scope"]
    assert ill(replace(SETTINGS, scope="name")) == ["scope"]


def test_a_key_for_tests_is_doubtful_in_production() -> None:
    moved = filled("production", private_key="shop.key.pem")
    doubtful = [one for one in moved.findings(CLIENT_KEY) if one.health is Health.DOUBTFUL]
    assert [(one.name, one.saw) for one in doubtful] == [("own key", "warifu, test")]


def test_there_is_no_environment_of_another_name() -> None:
    with pytest.raises(NotFound, match="only warifu, "):
        SETTINGS.moved("staging")


@pytest.mark.parametrize(
    "document", [b"[]", b"{}", b'{"environment": "a", "scope": "", "private_key": "", "environments": {"a": 1}}']
)
def test_a_file_that_lacks_something_is_malformed(document: bytes) -> None:
    with pytest.raises(Malformed):
        ClientSettings.decode(document)


def test_an_environment_in_use_that_is_not_there_is_told() -> None:
    with pytest.raises(Malformed):
        ClientSettings.decode(SETTINGS.encode().replace(b'"environment": "warifu"', b'"environment": "x"'))
