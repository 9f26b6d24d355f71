"""The last requests of each client, in a folder: one small file each, the oldest go when there are too many.

::

    <folder>/<client id>/00000017.json     secrets in part only (`masking`)

What they were in full is kept in memory only, for whoever wants to send one again, and forgotten at the same bound.
"""

import json
import os
import re
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Any

from warifu.errors import NotFound
from warifu.wire.console.exchanges import Sent

__all__ = ["STRANGERS", "Ring"]

STRANGERS = "unknown"
"""Whose requests these are, nobody can tell: no client of that id, or no token of ours."""
_CLIENT = re.compile(r"[0-9A-Za-z]{1,255}")


class Ring:
    """The requests, at most `most` for each client."""

    def __init__(self, folder: Path, most: int = 200) -> None:
        self._folder, self._most = folder, most
        self._lock = threading.Lock()
        self._whole: OrderedDict[tuple[str, int], Sent] = OrderedDict()

    def add(self, client_id: str | None, told: dict[str, Any], whole: Sent) -> int:
        """Keep one; its number."""
        name = STRANGERS if client_id is None else client_id
        with self._lock:
            folder = self._of(name)
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            numbers = _numbers(folder)
            number = numbers[-1] + 1 if numbers else 1
            _write(folder / f"{number:08d}.json", {**told, "number": number})
            for old in numbers[: max(0, len(numbers) + 1 - self._most)]:
                (folder / f"{old:08d}.json").unlink(missing_ok=True)
                self._whole.pop((name, old), None)
            self._whole[name, number] = whole
            while len(self._whole) > 2 * self._most:
                self._whole.popitem(last=False)
        return number

    def read(self, client_id: str, number: int) -> dict[str, Any]:
        """One request as it is kept.

        Raises:
            NotFound: there is none of that number any more.
        """
        try:
            return _read(self._of(client_id) / f"{number:08d}.json")
        except (OSError, ValueError):
            raise NotFound("this request is not kept any more") from None

    def all(self, client_id: str) -> list[dict[str, Any]]:
        """Those of one client, the newest first."""
        folder, found = self._of(client_id), []
        for number in reversed(_numbers(folder)):
            try:
                found.append(_read(folder / f"{number:08d}.json"))
            except (OSError, ValueError):  # it has just gone, or the machine stopped while it was written
                continue
        return found

    def whole(self, client_id: str, number: int) -> Sent | None:
        """What was sent, in full, as long as this process remembers it."""
        with self._lock:
            return self._whole.get((client_id, number))

    def clear(self, client_id: str) -> None:
        """Forget a client's requests; numbers go on."""
        with self._lock:
            folder = self._of(client_id)
            for number in _numbers(folder)[:-1]:
                (folder / f"{number:08d}.json").unlink(missing_ok=True)
                self._whole.pop((client_id, number), None)

    def _of(self, client_id: str) -> Path:
        if _CLIENT.fullmatch(client_id) is None:
            raise NotFound("there is no such client")
        return self._folder / client_id


def _numbers(folder: Path) -> list[int]:
    return sorted(int(path.stem) for path in folder.glob("[0-9]*.json"))


def _read(path: Path) -> dict[str, Any]:
    members = json.loads(path.read_bytes())
    if not isinstance(members, dict):
        raise ValueError(path.name)
    return members


def _write(path: Path, members: dict[str, Any]) -> None:
    """At once under its name: a file that is there is whole."""
    successor = path.with_suffix(".new")
    handle = os.open(successor, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        # JSON that a client sent can spell half a surrogate pair, which no file can hold.
        file.write(json.dumps(members, ensure_ascii=False).encode(errors="replace"))
    successor.replace(path)
