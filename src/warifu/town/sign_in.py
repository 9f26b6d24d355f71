"""New links for the desks of a town that runs: for whoever may read its folder, without starting it again.

The town that runs leaves a key in its folder, another one each time; the front page's server gives links for it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from warifu.errors import Unavailable
from warifu.ports import Entropy
from warifu.town.desks import SignIn
from warifu.town.town import Town
from warifu.wire import town_page
from warifu.wire.key_files import write_private

__all__ = ["ask_for_links", "gate", "key_of"]

_FILE = "sign_in.key"


@contextmanager
def gate(folder: Path, entropy: Entropy) -> Iterator[str]:
    """The key to new links for the town in `folder`, in its file as long as the block runs."""
    path, key = folder / _FILE, entropy.bytes(32).hex()
    path.unlink(missing_ok=True)  # of a town that was killed
    write_private(path, key.encode())
    try:
        yield key
    finally:
        path.unlink(missing_ok=True)


def ask_for_links(town: Town) -> SignIn:
    """New links for everybody who works in a town that runs.

    Raises:
        Unavailable: it does not run, or cannot be asked.
    """
    return SignIn(**town_page.ask_for_links(town.addresses.town, key_of(town)))


def key_of(town: Town) -> str:
    """The key that a town which runs has left in its folder.

    Raises:
        Unavailable: it does not run.
    """
    try:
        return (town.folder / _FILE).read_text("ascii")
    except OSError as error:
        raise Unavailable("the town is not up") from error
