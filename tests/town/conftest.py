"""A town for each test that wants to do something in one."""

from pathlib import Path

import pytest

from tests.journeys.running_town import standing_town
from warifu.town.town import Town


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a town nobody has done anything in; not to be changed."""
    return standing_town(tmp_path_factory.mktemp("town")).ground.directory


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """A town of one's own."""
    return standing_town(tmp_path / "town")
