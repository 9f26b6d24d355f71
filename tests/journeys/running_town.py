"""A town founded in a directory, served; the command line in it; one with a signed deed."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from click.testing import CliRunner, Result

from tests.documents.world import small_pdf
from warifu.cli.root import root
from warifu.testing import held_ports
from warifu.town.addresses import Addresses
from warifu.town.parties import sites
from warifu.town.town import Town
from warifu.wire.serving import Reserved, serve_in_thread

__all__ = ["command", "founded", "served_town", "signed_deed", "standing_town"]


@cache
def _first_town(port_base: int) -> TemporaryDirectory[str]:
    """Founded once for all tests: it takes as long as a hundred copies."""
    folder = TemporaryDirectory(prefix="warifu-")
    Town.create(Path(folder.name), port_base=port_base)
    return folder


def standing_town(directory: Path, port_base: int = Addresses().base) -> Town:
    """A town that is founded in `directory`, and nobody has done anything in it."""
    return Town.open(shutil.copytree(_first_town(port_base).name, directory, dirs_exist_ok=True))


@contextmanager
def founded(directory: Path) -> Iterator[tuple[Town, dict[str, Reserved]]]:
    """A town in `directory`, on ports that are held until the block ends; not yet served."""
    with held_ports() as (base, reserved):
        yield standing_town(directory, base), reserved


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
