"""What a command is given as files: read whole, up to a size."""

from pathlib import Path

from warifu.errors import Malformed, Unavailable

__all__ = ["LARGEST_DOCUMENT", "read_input"]

LARGEST_DOCUMENT = 100 * 1024 * 1024
"""Bytes of a document; no reader of signatures takes more."""


def read_input(path: Path, largest: int) -> bytes:
    """The file's bytes.

    Raises:
        Malformed: it has more than `largest`.
        Unavailable: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            data = file.read(largest + 1)
    except OSError as error:
        raise Unavailable(f"{path} cannot be read", detail=str(error)) from error
    if len(data) > largest:
        raise Malformed(f"{path} is larger than {largest} bytes")
    return data
