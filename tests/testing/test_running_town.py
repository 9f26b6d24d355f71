"""The pytest plugin's town, used as another project would: one login by the tests' own relying party."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from tests.services.world import CLIENT_KEY
from warifu import services
from warifu.errors import Malformed, NotFound
from warifu.services import PendingLogin, ProviderMetadata, RelyingParty
from warifu.testing import RunningTown, TownClient, running_town
from warifu.testing.plugin import my_number_town
from warifu.wire.clock import SystemClock, SystemEntropy

__all__ = ["my_number_town"]

CALLBACK = "http://localhost:3000/callback"
CLOCK, ENTROPY = SystemClock(), SystemEntropy()


@pytest.fixture(scope="session")
def my_number_clients() -> Sequence[TownClient]:
    return [TownClient("mine", (CALLBACK,), CLIENT_KEY.public_jwks()), *PAGE["my_number_clients"].__wrapped__()]


def _of_the_page() -> dict[str, Any]:
    """What the file in docs/ci.md defines."""
    text = (Path(__file__).parents[2] / "docs" / "ci.md").read_text("utf-8")
    [block] = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(block, "docs/ci.md", "exec"), names)
    return names


PAGE = _of_the_page()


@dataclass
class Mine:
    """The service under test."""

    party: RelyingParty
    provider: ProviderMetadata

    def begin(self) -> tuple[str, PendingLogin]:
        return services.begin(self.party, self.provider, ("openid", "name"), ENTROPY)


def mine_at(town: RunningTown) -> Mine:
    told = httpx2.get(services.discovery_address(town.issuer), trust_env=False).content
    party = RelyingParty(town.client_ids["mine"], CALLBACK, CLIENT_KEY)
    return Mine(party, ProviderMetadata.read(told, town.issuer))


def callback(url: str) -> dict[str, str]:
    assert url.startswith(CALLBACK)
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def test_a_client_of_ones_own_logs_somebody_in(my_number_town: RunningTown) -> None:
    mine = mine_at(my_number_town)
    address, pending = mine.begin()
    outcome = my_number_town.log_in(address)
    assert outcome.fault is None
    form = services.redeem(pending, callback(outcome.callback), mine.party, mine.provider, CLOCK.now(), ENTROPY)
    answer = httpx2.post(mine.provider.token_endpoint, data=form, trust_env=False)
    assert answer.status_code == 200
    assert "access_token" in answer.json()


@pytest.mark.parametrize(("persona", "said"), PAGE["test_who_logs_in"].pytestmark[0].args[1])
def test_the_file_of_the_page_logs_people_in(my_number_town: RunningTown, persona: str, said: str) -> None:
    application = PAGE["application"].__wrapped__(my_number_town)
    PAGE["test_who_logs_in"](application, my_number_town, persona, said)
    PAGE["test_pressing_cancel"](application, my_number_town)


def test_each_person_s_state_decides(my_number_town: RunningTown) -> None:
    mine = mine_at(my_number_town)
    told = callback(my_number_town.log_in(mine.begin()[0], "suspended").callback)
    assert (told["error"], told["error_description"]) == ("access_denied", "certificate_suspended")
    assert callback(my_number_town.cancel(mine.begin()[0]).callback)["error_description"] == "cancelled"


def test_nobody_is_not_found(my_number_town: RunningTown) -> None:
    with pytest.raises(NotFound):
        my_number_town.log_in(mine_at(my_number_town).begin()[0], "nobody")


def test_the_sandbox_is_reached_by_an_unmodified_client(my_number_town: RunningTown) -> None:
    """Without names under localhost, which not every resolver has."""
    address = services.discovery_address(my_number_town.sandbox_issuer)
    assert httpx2.get(address, trust_env=False).json()["issuer"] == my_number_town.sandbox_issuer


def test_a_client_that_breaks_the_rules_is_told(tmp_path: Path) -> None:
    client = TownClient("../mine", (CALLBACK,), CLIENT_KEY.public_jwks())
    with pytest.raises(Malformed), running_town(tmp_path / "town", [client]):
        pass
