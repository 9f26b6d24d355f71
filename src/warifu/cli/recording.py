"""Keeping what is said to a card in a file, for ``warifu card trace``."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from warifu.cli.texts import Text, tell
from warifu.ports import Connection

__all__ = ["recording"]

_WHOLE = Text(
    "やりとりを {path} に記録しました。暗証番号や氏名も入っています（架空のカードのもの）",
    "the conversation is in {path}, PINs and names (invented ones) included",
)
_MASKED = Text(
    "やりとりを {path} に記録しました。中身は伏せてあります", "the conversation is in {path}, with its contents masked"
)


@contextmanager
def recording(connection: Connection, path: Path | None, *, invented: bool) -> Iterator[Connection]:
    """A connection to the same card; what goes over it is in the file afterwards, however the block ends.

    Of a card that is not `invented` nothing is kept but places on the card, lengths and status words.

    Raises:
        FileExistsError, FileNotFoundError: there is a file already, or no folder; the card is not spoken to.
    """
    if path is None:
        yield connection
        return
    from warifu.testing import Recorder, masked, write_private_tape

    if path.exists():
        raise FileExistsError(17, "there is a file already", str(path))
    if not path.parent.is_dir():
        raise FileNotFoundError(2, "there is no such folder", str(path.parent))
    recorder = Recorder(connection)
    try:
        yield recorder
    finally:
        tape = recorder.tape()
        write_private_tape(tape if invented else masked(tape), path)
        tell(_WHOLE if invented else _MASKED, path=path)
