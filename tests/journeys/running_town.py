"""A town founded in a directory, on free ports in a row that are held until the block ends."""

import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from click.testing import CliRunner, Result

from tests.documents.world import small_pdf
from warifu.cli.root import root
from warifu.errors import InUse
from warifu.town.parties import Reservations, reserve_all, sites
from warifu.town.town import Town
from warifu.wire.serving import serve_in_thread

_ATTEMPTS = 20


@contextmanager
def founded(directory: Path) -> Iterator[tuple[Town, Reservations]]:
    """Found it; ready to be served with `warifu.town.parties.sites`."""
    for _ in range(_ATTEMPTS):
        with ExitStack() as stack:
            try:
                town = Town.create(directory, port_base=random.randrange(20_000, 30_000, 10))
                reserved = stack.enter_context(reserve_all(town.addresses))
            except InUse:
                continue
            yield town, reserved
            return
    raise AssertionError("no free ports in a row")


def command(town: Town, *words: str, lang: str = "en") -> Result:
    """The command line, in the folder of this town."""
    arguments = ["--lang", lang, "--data-directory", str(town.ground.directory.parent), *words]
    return CliRunner().invoke(root, arguments, env={"WARIFU_CONFIG": ""})


@contextmanager
def signed_deed(folder: Path) -> Iterator[Town]:
    """A town that answers, founded in `folder`/town; one of its cards signed ``deed.pdf`` (``deed.signed.pdf``)."""
    with founded(folder / "town") as (town, reserved), sites(town, reserved) as served, serve_in_thread(served):
        (folder / "deed.pdf").write_bytes(small_pdf())
        (folder / "password").write_text("ABC123\n")
        words = ("sign", str(folder / "deed.pdf"), "--persona", "ordinary", "--pin-file", str(folder / "password"))
        signed = command(town, *words)
        assert signed.exit_code == 0, signed.stderr
        yield town
