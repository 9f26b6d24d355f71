"""One SQL database per party, brought up to date by migrations that ship inside the package.

SQLite by default, any SQLAlchemy URL otherwise. A party's migrations are the Alembic revisions in
``warifu/wire/migrations/<party>/versions``; the version a database is at stands in its table
``alembic_version_<party>``. All missing revisions run in one transaction, so a power cut leaves the old version whole.

Whoever writes is alone: two transactions that read and then write never interleave, so a rule that was checked still
holds when the change is written. Readers are in nobody's way and see one snapshot. SQLite transactions are begun by us,
before the driver would: ``BEGIN IMMEDIATE``, and ``BEGIN`` for who only reads (`reading`); a deferred transaction that
reads first and writes later fails at once when another writer came between, without waiting for the busy timeout. On
PostgreSQL writers take an advisory lock, to the same effect.

A writer that says so (``writing(engine, alone=False)``) is on PostgreSQL beside others that say so, for it takes that
lock shared; those who are alone wait for all of them, and they for those. It is at READ COMMITTED, where each statement
sees what was committed before it (§13.2.1), and answers itself for what it reads and then writes about (§13.4.2):

- it locks the row that the rule is about when it reads it (``FOR UPDATE``, §13.3.2: who waited gets the row as it is
  after the other's commit), one row of all that belongs together, and that one first;
- for what has no row yet it takes a name (`hold`) and reads afterwards;
- what may be there once only is a primary key, which the second one's insert waits for and fails at;
- what everybody appends to (a hash-chained log) it does at the very end (`lastly`), holding the name from there on.

Nobody waits in a circle, for all take locks in one order: rows, names, and the log's name last (§13.3.4). SERIALIZABLE
(§13.2.3) would not do: any two that append to one chain conflict, so all but one would begin anew; a lock taken in such
a transaction comes too late for its snapshot; and on small tables, read from end to end, strangers conflict as well.

Source: https://www.sqlite.org/wal.html, https://www.sqlite.org/lang_transaction.html; SQLAlchemy 2, dialect pysqlite,
"Serializable isolation / Savepoints / Transactional DDL"; PostgreSQL 15, §13.2, §13.3, §13.4.2, §20.11.
"""

import hashlib
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DataError, DBAPIError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from warifu.errors import DataTooNew, Malformed, Unavailable

__all__ = ["Engine", "hold", "lastly", "open_database", "reading", "writing"]

_BUSY_TIMEOUT = 10_000
"""Milliseconds a writer waits for another writer."""

_SQLITE = b"SQLite format 3\0"
"""What a database file begins with."""

_ALONE, _LASTLY = "warifu_alone", "warifu_lastly"

_WRITERS = int.from_bytes(b"warifu", "big")
"""The advisory lock of all writers of a PostgreSQL database."""

# The first statement of each transaction, by dialect. Not by SQLAlchemy's event "begin": where anybody listens to an
# engine's events, SQLAlchemy goes through all of them at each statement.
_TO_READ = {"sqlite": "BEGIN", "postgresql": "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"}
_TO_WRITE_ALONE = {"sqlite": "BEGIN IMMEDIATE", "postgresql": f"SELECT pg_advisory_xact_lock({_WRITERS})"}
_TO_WRITE = {"sqlite": "BEGIN IMMEDIATE", "postgresql": f"SELECT pg_advisory_xact_lock_shared({_WRITERS})"}

# Whose turn it is to write, for each SQLite database of this process.
_turns: WeakKeyDictionary[Engine, threading.Lock] = WeakKeyDictionary()

# A file is looked at and opened by one after another (`_is_open`).
_opening = threading.Lock()

# Alembic's `op` is one per process.
_migrating = threading.Lock()


def open_database(where: str | Path, party: str) -> Engine:
    """Open the database of `party`, a file or a URL, and bring it up to date.

    A file and its missing directories are made readable by their owner only.

    Raises:
        Malformed: a file that is no database, or no address of one.
        DataTooNew: a newer warifu wrote it.
        Unavailable: it cannot be opened.
    """
    with _opening:
        url = _url(where) if isinstance(where, str) and "://" in where else _sqlite_file(Path(where))
        engine = _engine(url)
    try:
        _migrate(engine, party)
    except DBAPIError as error:
        engine.dispose()
        _take_out_values(error)
        why = " ".join(str(error.orig).split())
        raise Unavailable(f"the database of {party} cannot be opened: {_place(url)}: {why}") from error
    except BaseException:
        engine.dispose()
        raise
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that only reads: one consistent snapshot, in nobody's way.

    Raises:
        Unavailable: the database does not answer, or another writer took too long.
    """
    with _answering(), engine.connect() as connection:
        _begin(connection, _TO_READ)
        yield connection


@contextmanager
def writing(engine: Engine, *, alone: bool = True) -> Iterator[Connection]:
    """One transaction: committed and on stable storage at the end, nothing of it after an exception.

    Not `alone`: beside others of that kind where the database can, who all keep to the rules above.

    Raises:
        Unavailable: the database does not answer, another writer took too long, or the disk is full.
    """
    acts: list[Callable[[], object]] = []
    with _in_turn(engine), _answering(), engine.connect() as connection:
        connection.execution_options(**{_ALONE: alone, _LASTLY: acts})
        with connection.begin():
            _begin(connection, _TO_WRITE_ALONE if alone else _TO_WRITE)
            yield connection
            for act in acts:
                act()


def hold(connection: Connection, name: str) -> None:
    """From here to the end of the transaction nobody else holds this name; whoever is alone holds them all."""
    if connection.dialect.name == "postgresql" and not connection.get_execution_options().get(_ALONE, True):
        key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({key})")


def lastly(connection: Connection, act: Callable[[], object]) -> None:
    """Do this at the end of the transaction, before it is committed, when nothing else is left to wait for."""
    connection.get_execution_options()[_LASTLY].append(act)


@contextmanager
def _in_turn(engine: Engine) -> Iterator[None]:
    """One writer of this process at a time to SQLite, which has those who wait sleep, ever longer, and try again.

    Raises:
        Unavailable: another writer took too long.
    """
    turn = _turns.get(engine)
    if turn is None:
        yield
        return
    if not turn.acquire(timeout=_BUSY_TIMEOUT / 1000):
        raise Unavailable("the database does not answer", detail="another writer of this process took too long")
    try:
        yield
    finally:
        turn.release()


@contextmanager
def _answering() -> Iterator[None]:
    """Tell a database that does not work (a busy, full or broken one) from a statement that it refuses."""
    try:
        yield
    except PoolTimeout as error:
        raise Unavailable("the database does not answer", detail="no connection was free in time") from error
    except DBAPIError as error:
        _take_out_values(error)
        if type(error) in {OperationalError, InternalError, DatabaseError}:
            raise Unavailable("the database does not answer", detail=str(error.orig)) from error
        raise


def _take_out_values(error: DBAPIError) -> None:
    """Take out of PostgreSQL's words, and whatever says them again, what repeats values, anybody's number.

    That is the DETAIL of any of them, and all that it says of a value that fits no type (class 22, data exception).
    What the driver says of a connection that it does not get, or loses, has none, and no code of PostgreSQL's.
    """
    diagnosis = getattr(error.orig, "diag", None)
    if diagnosis is not None and (diagnosis.sqlstate or not isinstance(error, OperationalError)):
        of_value = isinstance(error, DataError)
        error.orig = Exception(f"data exception {diagnosis.sqlstate}" if of_value else diagnosis.message_primary)
        error.args = (str(error.orig),)
        error.__cause__ = error.__context__ = None


def _sqlite_file(path: Path) -> URL:
    """Make the file before SQLite does, so that it is never readable by others, not even for a moment."""
    path = path.expanduser().absolute()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not (path.exists() and _is_open(path)):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            _check_database(path)
        path.chmod(0o600)
    except OSError as error:
        raise Unavailable.because(f"the database cannot be opened: {path}", error) from error
    return URL.create("sqlite", database=str(path))


def _is_open(path: Path) -> bool:
    """Whether this process has the database open: then its file is opened by SQLite alone.

    To close any descriptor of a file drops all locks that the process has on it; without them another process that is
    done takes the write-ahead log away from under us (POSIX fcntl; https://www.sqlite.org/howtocorrupt.html §2.2).
    """
    opened = [engine for each in _turns.keyrefs() if (engine := each()) is not None]
    return os.path.realpath(path) in {os.path.realpath(engine.url.database or "") for engine in opened}


def _check_database(path: Path) -> None:
    """Check that this is a database or a new file: a path may be mistyped, and the file there is somebody's.

    Source: https://www.sqlite.org/fileformat.html §1.3.
    """
    with path.open("rb") as file:
        if file.read(len(_SQLITE)) not in (b"", _SQLITE):
            raise Malformed(f"{path} is no database")


def _url(where: str) -> URL:
    try:
        return make_url(where)
    except ArgumentError as error:
        raise Malformed("this is no database address") from error


def _engine(url: URL) -> Engine:
    # hide_parameters: values never reach an exception text or a log.
    try:
        # On PostgreSQL named, for the server may have another one as its default, and the rules above need this one.
        level = {"isolation_level": "READ COMMITTED"} if url.get_backend_name() == "postgresql" else {}
        engine = create_engine(url, hide_parameters=True, **level)
    except (ArgumentError, ValueError) as error:
        like = "PostgreSQL's are like postgresql+psycopg://user@host/name"
        raise Malformed(f"this is no database address: {url.render_as_string(hide_password=True)} ({like})") from error
    except ImportError as error:
        advice = "PostgreSQL's: pip install 'warifu[postgresql]'"
        raise Unavailable(f"no driver for this database is installed: {error.name} ({advice})") from error
    if engine.dialect.name == "sqlite":
        _turns[engine] = threading.Lock()
        event.listen(engine, "connect", _prepare_sqlite)
    elif engine.dialect.name == "postgresql":
        event.listen(engine, "connect", _prepare_postgresql)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The busy timeout first: switching to WAL needs the file alone for a moment.
    connection.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def _prepare_postgresql(connection: Any, _record: Any) -> None:
    # Somebody who stopped in the middle of a transaction holds up no others for ever.
    connection.execute(f"SET lock_timeout = {_BUSY_TIMEOUT}")
    connection.commit()


def _begin(connection: Connection, first: Mapping[str, str]) -> None:
    statement = first.get(connection.dialect.name)
    if statement is not None:
        connection.exec_driver_sql(statement)


def _migrate(engine: Engine, party: str) -> None:
    folder = files("warifu.wire").joinpath("migrations", party)
    with as_file(folder) as place, _migrating:
        scripts = ScriptDirectory(place, version_locations=[place / "versions"])
        with engine.begin() as connection:
            _begin(connection, _TO_WRITE_ALONE)
            _upgrade(connection, scripts, party)


def _upgrade(connection: Connection, scripts: ScriptDirectory, party: str) -> None:
    context = MigrationContext.configure(
        connection,
        opts={
            "version_table": f"alembic_version_{party}",
            "fn": lambda version, _context: scripts._upgrade_revs("head", version),
        },
    )
    _refuse_newer(context, scripts, connection.engine.url, party)
    with Operations.context(context):
        context.run_migrations()


def _refuse_newer(context: MigrationContext, scripts: ScriptDirectory, url: URL, party: str) -> None:
    known = {script.revision for script in scripts.walk_revisions()}
    unknown = set(context.get_current_heads()) - known
    if unknown:
        version = ", ".join(sorted(unknown))
        raise DataTooNew(
            f"the data of {party} in {_place(url)} was written by a newer warifu (version {version}): "
            "update warifu, or use another data directory"
        )


def _place(url: URL) -> str:
    return url.database or "memory" if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)
