"""What an archive holds: the files of a folder, or those that a list names.

A signature that stands beside its document (``deed.p7s`` or ``deed.signature.xml`` beside ``deed``) is one entry with
it; so is evidence (``deed.pdf.evidence.zip`` beside ``deed.pdf``). Hidden files are not looked at.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from warifu.errors import Malformed, Unavailable

__all__ = ["Entry", "list_archive"]

_BESIDE = (".p7s", ".signature.xml")
_EVIDENCE = ".evidence.zip"


@dataclass(frozen=True, slots=True)
class Entry:
    """One document: its name in the archive, and where it is, what it signs if that is beside it, and its evidence."""

    name: str
    document: Path
    content: Path | None = None
    evidence: Path | None = None


def list_archive(target: Path) -> list[Entry]:
    """The entries of a folder, or of a text file with a path on each line, which begins where the file is.

    Raises:
        Malformed: a list that is no text, or names something outside.
        Unavailable: it cannot be read.
    """
    try:
        root, files = (target, set(_walk(target))) if target.is_dir() else (target.parent, set(_read(target)))
    except UnicodeDecodeError as error:
        raise Malformed(f"{target} is no list of files") from error
    except OSError as error:
        raise Unavailable(f"{target} cannot be read", detail=str(error)) from error
    contents = {content for file in files if (content := _content(root / file)) is not None}
    return [
        Entry(file, root / file, _content(root / file), _evidence(root / file))
        for file in sorted(files)
        if root / file not in contents and not file.endswith(_EVIDENCE)
    ]


def _walk(folder: Path) -> Iterator[str]:
    """Every file below the folder, by its way from there; no link leads out."""
    for place, folders, files in os.walk(folder, onerror=_raise):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        for file in files:
            if not file.startswith(".") and (Path(place) / file).is_file():
                yield (Path(place) / file).relative_to(folder).as_posix()


def _raise(error: OSError) -> None:
    raise error


def _read(target: Path) -> Iterator[str]:
    for line in target.read_text("utf-8").splitlines():
        if line.strip():
            yield Path(line.strip()).as_posix()


def _content(file: Path) -> Path | None:
    """What a detached signature is about, if it is one and that is there."""
    for suffix in _BESIDE:
        beside = file.with_name(file.name.removesuffix(suffix))
        if beside.name and beside != file and beside.is_file():
            return beside
    return None


def _evidence(file: Path) -> Path | None:
    beside = file.with_name(file.name + _EVIDENCE)
    return beside if beside.is_file() else None
