"""openid-client of npm logs people in at our provider and at the one that npm has; what differs is meant to."""

from pathlib import Path
from typing import Any

import pytest

from tests.real.npm_clients import WAYS, Way, look, ours, theirs
from tests.real.npm_differences import differences, expected, table

pytestmark = pytest.mark.real
PAGE = Path(__file__).parents[2] / "docs" / "conformance.md"


@pytest.fixture(scope="module", params=WAYS, ids=str)
def way(request: pytest.FixtureRequest) -> Way:
    chosen: Way = request.param
    return chosen


@pytest.fixture(scope="module")
def seen(way: Way, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the relying party saw at ours."""
    with ours(tmp_path_factory.mktemp("provider"), way) as place:
        return look(place, way)


def test_it_logs_people_in(way: Way, seen: dict[str, Any]) -> None:
    """Discovery, private_key_jwt, PKCE, state and nonce; PAR, DPoP, iss and JARM under FAPI; then the claims."""
    assert seen["userinfo"]["name"] == "割符　花子"
    assert seen["userinfo"]["sub"] == seen["id_token"]["sub"]
    assert seen["scope"] == "openid name address birthdate gender"
    assert seen["token_type"] == ("dpop" if way.profile == "fapi2" else "bearer")
    assert ("response" in seen["callback"]) == way.signed_response


def test_it_refreshes(way: Way, seen: dict[str, Any]) -> None:
    """RFC 6749 §6, RFC 9700 §4.14.2; FAPI 2.0 Security Profile §5.3.2.1 does not rotate."""
    rotated = way.profile == "da-compat"
    assert seen["refreshed"]["same_subject"]
    assert seen["refreshed"]["rotated"] is rotated
    assert seen["outcomes"]["a refresh token again"] == ("invalid_grant" if rotated else "accepted")


def test_what_differs_from_the_other_provider_is_meant_to(way: Way, seen: dict[str, Any], tmp_path: Path) -> None:
    with theirs(tmp_path, way) as place:
        other = look(place, way)
    assert differences(seen, other) == expected(way.profile, signed_response=way.signed_response)


def test_the_page_says_so() -> None:
    """`python -m tests.real.npm_differences` prints it anew."""
    assert table() in PAGE.read_text()
