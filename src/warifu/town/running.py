"""The town that runs, as other processes see it: whether it does, whose process it is, and where everything is.

Whoever runs a town holds its lock and leaves ``running.json`` beside it when every address answers. So the file counts
as long as the lock is held, whatever a process that was killed left behind.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from warifu.errors import InUse, Malformed
from warifu.messages import json as messages_json
from warifu.town import clients
from warifu.town.ground import Ground
from warifu.town.town import Town

__all__ = [
    "Running",
    "addresses_of",
    "find_running",
    "forget_running",
    "is_held",
    "read_running",
    "told_running",
]

_FILE = "running.json"


@dataclass(frozen=True, slots=True)
class Running:
    """A town that is up: its process, and what a program needs to use it."""

    process_id: int
    told: dict[str, Any]


@contextmanager
def told_running(town: Town) -> Iterator[None]:
    """Tell others that the town is up, as long as the block runs; the lock is held."""
    path = town.ground.directory / _FILE
    successor = path.with_suffix(".new")
    handle = os.open(successor, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(json.dumps({"process_id": os.getpid(), "told": addresses_of(town)}).encode())
    successor.replace(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def find_running(ground: Ground) -> Running | None:
    """The town that is up; None where none is, or it is not ready yet."""
    return read_running(ground) if is_held(ground) else None


def read_running(ground: Ground) -> Running | None:
    """What was left beside the lock, without a look at the lock: a look is a touch, and whoever starts needs it."""
    with suppress(OSError, Malformed):
        members = messages_json.load((ground.directory / _FILE).read_bytes(), {"process_id": int, "told": dict})
        return Running(members["process_id"], members["told"])
    return None


def forget_running(ground: Ground) -> None:
    """Take away what a process left that was killed; the lock was looked at before."""
    (ground.directory / _FILE).unlink(missing_ok=True)


def is_held(ground: Ground) -> bool:
    """Whether a process runs or founds a town here."""
    if not ground.directory.exists():
        return False
    try:
        with ground.alone():
            return False
    except InUse:
        return True


def addresses_of(town: Town) -> dict[str, Any]:
    """Where everything is, with stable keys, and the client to try with."""
    at = town.addresses
    realm = town.issuer.removeprefix(at.provider)
    return {
        "directory": str(town.ground.directory),
        "issuer": town.issuer,
        "sandbox_issuer": at.sandbox + realm,
        "sandbox": at.sandbox,
        "town": at.town,
        "console": f"{at.town}/console",
        "shop": at.relying_party,
        "phone": at.phone,
        "platform": f"{at.platform}/platform/verify",
        "timestamps": f"{at.timestamps}/tsa",
        "client_id": clients.TRIAL,
        "private_key": str(clients.trial_key_file(town.folder)),
        "redirect_uri": clients.TRIAL_REDIRECT_URIS[0],
    }
