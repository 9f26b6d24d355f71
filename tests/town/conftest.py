"""A town founded once, and a copy of it for each test that wants to do something in it."""

import shutil
from pathlib import Path

import pytest

from warifu.town.town import Town


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a town nobody has done anything in; not to be changed."""
    directory = tmp_path_factory.mktemp("town")
    Town.create(directory)
    return directory


@pytest.fixture
def town(founded: Path, tmp_path: Path) -> Town:
    """A town of one's own."""
    return Town.open(shutil.copytree(founded, tmp_path / "town"))
