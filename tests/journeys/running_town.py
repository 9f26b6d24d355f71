"""A town founded in a directory (`warifu.testing.founded`), served; the command line in it; one with a signed deed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from click.testing import CliRunner, Result

from tests.documents.world import small_pdf
from warifu.cli.root import root
from warifu.testing import founded
from warifu.town.parties import sites
from warifu.town.town import Town
from warifu.wire.serving import serve_in_thread

__all__ = ["command", "founded", "served_town", "signed_deed"]


@contextmanager
def served_town(directory: Path) -> Iterator[Town]:
    """A town that answers, founded in `directory`."""
    with founded(directory) as (town, reserved), sites(town, reserved) as served, serve_in_thread(served):
        yield town


def command(town: Town, *words: str, lang: str = "en") -> Result:
    """The command line, in the folder of this town."""
    arguments = ["--lang", lang, "--data-directory", str(town.ground.directory.parent), *words]
    return CliRunner().invoke(root, arguments, env={"WARIFU_CONFIG": ""})


@contextmanager
def signed_deed(folder: Path) -> Iterator[Town]:
    """A town that answers, founded in `folder`/town; one of its cards signed ``deed.pdf`` (``deed.signed.pdf``)."""
    with served_town(folder / "town") as town:
        (folder / "deed.pdf").write_bytes(small_pdf())
        (folder / "password").write_text("ABC123\n")
        words = ("sign", str(folder / "deed.pdf"), "--persona", "ordinary", "--pin-file", str(folder / "password"))
        signed = command(town, *words)
        assert signed.exit_code == 0, signed.stderr
        yield town
