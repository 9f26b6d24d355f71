"""Where a provider's store and secret are, as its settings say: for its processes and for who works beside them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from warifu.wire.database import Engine, open_database
from warifu.wire.settings import Settings

__all__ = ["provider_secret", "provider_store"]


@contextmanager
def provider_store(settings: Settings) -> Iterator[Engine]:
    """The provider's database, open as long as the block runs.

    Raises:
        Malformed, Unavailable: it cannot be opened.
    """
    engine = open_database(settings.database(settings.provider.database, "provider/logins.db"), "provider")
    try:
        yield engine
    finally:
        engine.dispose()


def provider_secret(settings: Settings) -> Path:
    """The file with its secret."""
    return settings.place(settings.provider.secret, "provider/secret")
