"""A pytest plugin: a software card for each test, and a town that runs as long as the tests do.

`my_number_clients` is there to be overridden: it says which relying parties the town registers.
"""

from collections.abc import Iterator, Sequence

import pytest

from warifu.testing.running_town import RunningTown, TownClient, running_town
from warifu.testing.software_card import SoftwareCard, software_card

__all__ = ["my_number_card", "my_number_clients", "my_number_town"]


@pytest.fixture
def my_number_card() -> SoftwareCard:
    """A new software card of an invented adult: PIN 1234, signing password ABC123, text PIN 5678."""
    return software_card()


@pytest.fixture(scope="session")
def my_number_clients() -> Sequence[TownClient]:
    """The relying parties that `my_number_town` knows; none unless overridden."""
    return ()


@pytest.fixture(scope="session")
def my_number_town(
    tmp_path_factory: pytest.TempPathFactory, my_number_clients: Sequence[TownClient]
) -> Iterator[RunningTown]:
    """A town that runs: a provider to log in at, a sandbox, people with cards. It needs ``warifu[server]``."""
    with running_town(tmp_path_factory.mktemp("warifu") / "town", my_number_clients) as town:
        yield town
