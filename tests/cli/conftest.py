"""A town that nobody runs, for commands that work on its cards."""

import pytest

from tests.journeys.running_town import standing_town
from warifu.town.town import Town


@pytest.fixture(scope="session")
def quiet_town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Its cards change as they are used: a test takes a persona of its own where it spends tries or changes a PIN."""
    return standing_town(tmp_path_factory.mktemp("quiet") / "town")
