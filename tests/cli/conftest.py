"""A town that nobody runs, for commands that work on its cards."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.journeys.running_town import standing_town
from warifu.town.town import Town


@pytest.fixture
def quiet_town() -> Iterator[Town]:
    """A town of one's own: tries that a test spends, or a PIN that it changes, are no other's."""
    with TemporaryDirectory(prefix="warifu-") as folder:
        yield standing_town(Path(folder) / "town")
