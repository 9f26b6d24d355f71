"""The keys of the hashes under which certificates are remembered, by generation: files beside the provider's secret.

::

    provider/secret                    from it the first generation is derived, as long as there is no other
    provider/secret.certificates/1     once there is a second one, the first stands here
    provider/secret.certificates/2     the newest is used for what is new; all are looked for

A new generation takes links over as people log in; then the old one may go, and with it whoever did not log in. Every
process reads the files when it starts: an older process finds what a newer one wrote, for each writes under every key
that it has. Which generations are gone is in the database, so that processes may run meanwhile: one that still has such
a key writes nothing under it, and one that has nothing newer answers that it has to be started again.
"""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from warifu.errors import Malformed, NotAllowed, NotFound, Unavailable
from warifu.idp import Secret
from warifu.ports import Entropy
from warifu.wire.database import reading, writing
from warifu.wire.key_files import write_private
from warifu.wire.provider import identity_store

__all__ = [
    "Generation",
    "add_certificate_key",
    "certificate_keys",
    "list_certificate_keys",
    "retire_certificate_key",
]


@dataclass(frozen=True, slots=True)
class Generation:
    """One of them: how many hashes there are of it, and how many people are known by nothing newer."""

    number: int
    hashes: int
    only_here: int


def certificate_keys(secret: Path) -> dict[int, bytes]:
    """The keys in the folder beside `secret`; empty while there is none.

    Raises:
        Malformed: a file that is no key.
        Unavailable: one cannot be read.
    """
    folder = _folder(secret)
    try:
        found = {int(path.name): path.read_bytes() for path in sorted(folder.glob("[0-9]*")) if path.name.isdecimal()}
    except OSError as error:
        raise Unavailable(f"cannot read the keys in {folder}", detail=str(error)) from error
    if any(len(key) != Secret.LENGTH for key in found.values()):
        raise Malformed(f"a key in {folder} has not {Secret.LENGTH} bytes")
    return found


def list_certificate_keys(secret: Path, engine: Engine) -> list[Generation]:
    """The generations in force, the oldest first."""
    numbers = sorted(certificate_keys(secret)) or [1]
    with reading(engine) as connection:
        counted = identity_store.count_links(connection)
        return [
            Generation(number, counted.get(number, 0), identity_store.count_known_only_until(connection, number))
            for number in numbers
        ]


def add_certificate_key(secret: Path, entropy: Entropy) -> int:
    """Make a new generation; its number. Processes that run use it from their next start.

    Raises:
        Malformed: the secret is none.
        Unavailable: it cannot be written, or the provider was never started.
    """
    folder, known = _folder(secret), certificate_keys(secret)
    try:
        if not known:
            known = dict(Secret(secret.read_bytes()).certificate_keys)
            folder.mkdir(mode=0o700, exist_ok=True)
            for number, key in known.items():
                write_private(folder / str(number), key)
        newest = max(known) + 1
        write_private(folder / str(newest), entropy.bytes(Secret.LENGTH))
    except OSError as error:
        raise Unavailable(f"cannot write the keys in {folder}", detail=str(error)) from error
    return newest


def retire_certificate_key(secret: Path, engine: Engine, number: int) -> int:
    """Delete a generation's key and its hashes; how many there were. Whoever is known by nothing newer becomes new.

    Raises:
        NotFound: there is no such generation.
        NotAllowed: it is the newest.
    """
    known = certificate_keys(secret)
    if number not in known:
        raise NotFound("there is no such generation")
    if number == max(known):
        raise NotAllowed("the newest generation is in use; add another one first")
    with writing(engine) as connection:
        gone = identity_store.retire_generation(connection, number)
    # Last: who is killed before finds the generation here, and retires it once more.
    (_folder(secret) / str(number)).unlink()
    return gone


def _folder(secret: Path) -> Path:
    return secret.with_name(secret.name + ".certificates")
