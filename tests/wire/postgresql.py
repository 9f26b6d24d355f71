"""A PostgreSQL server of the tests' own, and a place for a party's database that is SQLite or PostgreSQL.

The server runs in a folder of its own behind a socket in it, without privileges, and ends with the tests even when they
are killed: its keeper reads from a pipe that only the tests hold. It does not wait for the disk; that a commit is on
stable storage is PostgreSQL's own business. Each database is a copy of one that was migrated once.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
from sqlalchemy import URL, make_url

from tests.waiting import PATIENCE, until
from warifu.wire.database import open_database

_ROOM = 1 << 30
_FOLDERS = Path("/usr/lib/postgresql")
_KEEPER = 'cd /; "$@" & server=$!; cat >/dev/null; kill -QUIT $server; wait $server; rm -rf "$0"'
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "60",
    "shared_buffers": "32MB",
}


def programs() -> Path | None:
    """Where initdb and postgres are, if PostgreSQL is installed: the newest one."""
    found = [path.parent for path in _FOLDERS.glob("*/bin/initdb")]
    on_path = shutil.which("initdb")
    if not found:
        return Path(on_path).parent if on_path else None
    return max(found, key=lambda path: int(path.parent.name))


@dataclass
class Server:
    """A running server; its superuser is ``postgres``, and nobody but us reaches its socket."""

    folder: Path
    _numbers: Iterator[int] = field(default_factory=count)
    _templates: set[str] = field(default_factory=set)

    def url(self, database: str) -> str:
        """The address of a database as SQLAlchemy takes it."""
        made = URL.create("postgresql+psycopg", "postgres", database=database, query={"host": str(self.folder)})
        return made.render_as_string(hide_password=False)

    def new_database(self, party: str) -> str:
        """The address of a new database of this party, up to date and empty."""
        template = f"template_{party}"
        if template not in self._templates:
            self.execute(f"create database {template}")
            open_database(self.url(template), party).dispose()
            until(lambda: self._is_left(template))
            self._templates.add(template)
        return self._create(party, template)

    def bare_database(self) -> str:
        """The address of a new database without any table."""
        return self._create("bare", "template0")

    def drop(self, url: str) -> None:
        """Drop a database; whoever is still connected is thrown out."""
        self.execute(f"drop database {make_url(url).database} with (force)")

    def execute(self, statement: str) -> None:
        with self._connected() as connection:
            connection.execute(statement.encode())

    def _is_left(self, database: str) -> bool:
        """What is closed here ends a moment later there; of a database that somebody uses no copy is made."""
        asked = f"select from pg_stat_activity where datname = '{database}'"
        with self._connected() as connection:
            return connection.execute(asked.encode()).fetchone() is None

    def _connected(self) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(f"host={self.folder} user=postgres dbname=postgres", autocommit=True)

    def _create(self, stem: str, template: str) -> str:
        name = f"{stem}_{next(self._numbers)}"
        self.execute(f"create database {name} template {template}")
        return self.url(name)


@contextmanager
def running_server(binaries: Path) -> Iterator[Server]:
    """A server while the block runs; about two seconds to start."""
    folder = Path(tempfile.mkdtemp(prefix="warifu-pg-", dir=scratch()))
    try:
        owner = _owner(folder)
        initdb: list[str | Path] = [
            binaries / "initdb",
            "-D",
            folder / "data",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "-U",
            "postgres",
        ]
        _run([*initdb, "--no-sync", "--locale=C.UTF-8"], folder, owner)
        options = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        command: list[str | Path] = [binaries / "postgres", "-D", folder / "data", "-k", folder, *options]
        with (folder / "log").open("wb") as log:
            keeper = subprocess.Popen(
                ["sh", "-c", _KEEPER, str(folder), *map(str, command)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=folder,
                user=owner,
                group=owner and pwd.getpwnam(owner).pw_gid,
                extra_groups=[] if owner else None,
            )
        with keeper:
            until(lambda: _answers(folder, keeper), (folder / "log").read_text)
            yield Server(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def scratch() -> str:
    """In memory if there is room; else where temporary files are. Either way a short path, for the socket's sake."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > _ROOM
    return str(memory) if roomy else "/tmp"


def _owner(folder: Path) -> str | None:
    """Whom the server runs as: it refuses root."""
    if os.geteuid() != 0:
        return None
    folder.chmod(0o711)
    shutil.chown(folder, "nobody")
    return "nobody"


def _run(command: list[str | Path], folder: Path, owner: str | None) -> None:
    group = owner and pwd.getpwnam(owner).pw_gid
    extra: list[int] | None = [] if owner else None
    done = subprocess.run(
        command,
        cwd=folder,
        user=owner,
        group=group,
        extra_groups=extra,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _answers(folder: Path, keeper: "subprocess.Popen[bytes]") -> bool:
    assert keeper.poll() is None, (folder / "log").read_text()
    with suppress(psycopg.OperationalError):
        psycopg.connect(f"host={folder} user=postgres dbname=postgres").close()
        return True
    return False
