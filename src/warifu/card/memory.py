"""A store that forgets: for tests and for cards that live no longer than the process."""

from collections.abc import Mapping


class MemoryStore:
    """Keeps a card's state in memory."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        self._contents = dict(contents)

    def read(self) -> Mapping[str, bytes]:
        """A copy of everything."""
        return dict(self._contents)

    def write(self, changes: Mapping[str, bytes]) -> None:
        """Take the changes over."""
        self._contents.update(changes)
