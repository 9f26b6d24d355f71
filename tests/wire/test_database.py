"""Databases: created for their owner only, brought up to date, never older than their data."""

import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import IntegrityError

from warifu.errors import DataTooNew, Malformed, Unavailable
from warifu.wire.authority import PARTY
from warifu.wire.database import open_database, reading, writing

INSERT = text("insert into serial_counter values (:kind, :next)")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "town" / "authority.sqlite"


def kinds(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.scalars(text("select kind from serial_counter order by kind")))


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_files_are_their_owners_only(path: Path) -> None:
    engine = open_database(path, PARTY)
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    engine.dispose()


def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path) -> None:
    """A path that was mistyped: neither contents nor permissions of somebody's file change."""
    file = tmp_path / "letters.txt"
    file.write_text("somebody's letters, much longer than any header", "utf-8")
    file.chmod(0o644)
    with pytest.raises(Malformed, match=r"letters\.txt is no database"):
        open_database(file, PARTY)
    assert file.read_text("utf-8").startswith("somebody's letters")
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o644


@pytest.mark.parametrize("where", ["://", "nonsense://x", "sqlite:///x?timeout=soon"])
def test_an_address_that_names_no_database_is_malformed(where: str) -> None:
    with pytest.raises(Malformed):
        open_database(where, PARTY)


def test_sqlite_is_set_up_to_survive_a_power_cut(path: Path) -> None:
    """https://www.sqlite.org/pragma.html: synchronous 2 is FULL."""
    engine = open_database(path, PARTY)
    with reading(engine) as connection:
        pragmas = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    assert pragmas == ["wal", 2, 1, 10_000]
    engine.dispose()


def test_a_transaction_is_whole_or_nothing(path: Path) -> None:
    engine = open_database(path, PARTY)
    with writing(engine) as connection:
        connection.execute(INSERT, {"kind": "a", "next": 1})
    with pytest.raises(IntegrityError) as caught, writing(engine) as connection:  # noqa: PT012
        connection.execute(INSERT, {"kind": "b", "next": 1})
        connection.execute(INSERT, {"kind": "a", "next": 77_001})
    assert "77001" not in str(caught.value)
    assert kinds(engine) == ["a"]
    engine.dispose()


def test_opening_again_keeps_what_is_there(path: Path) -> None:
    for kind in "ab":
        engine = open_database(path, PARTY)
        with writing(engine) as connection:
            connection.execute(INSERT, {"kind": kind, "next": 1})
        engine.dispose()
    engine = open_database(f"sqlite:///{path}", PARTY)
    assert kinds(engine) == ["a", "b"]
    engine.dispose()


def test_opening_once_more_leaves_the_locks_of_the_first(path: Path) -> None:
    """Closing any descriptor of a file drops all of a process's locks on it (POSIX, fcntl); then the next process that
    is done would take the write-ahead log away (https://www.sqlite.org/howtocorrupt.html §2.2)."""
    first = open_database(path, PARTY)
    open_database(path, PARTY).dispose()
    look = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('SELECT * FROM sqlite_master').fetchall()"
    subprocess.run([sys.executable, "-c", look, str(path)], check=True)
    with writing(first) as connection:
        connection.execute(text("CREATE TABLE kept (value INTEGER)"))
    assert path.with_name(f"{path.name}-wal").exists()
    first.dispose()


def test_writers_of_one_process_take_turns_before_sqlite_makes_them_sleep(path: Path) -> None:
    """Whoever finds SQLite busy sleeps, ever longer, and tries again: here nobody finds it so, and none may sleep."""
    engine = open_database(path, PARTY)
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout=0"))
    engine.dispose()
    begun = threading.Event()

    def write() -> None:
        begun.set()
        with writing(engine) as connection:
            connection.execute(INSERT, {"kind": "b", "next": 1})

    second = threading.Thread(target=write)
    with writing(engine) as connection:
        second.start()
        begun.wait()
        connection.execute(INSERT, {"kind": "a", "next": 1})
    second.join()
    assert sorted(kinds(engine)) == ["a", "b"]
    engine.dispose()


def test_a_reader_keeps_its_snapshot_and_stops_no_writer(path: Path) -> None:
    engine = open_database(path, PARTY)
    with reading(engine) as reader:
        assert reader.scalar(text("select count(*) from serial_counter")) == 0
        with writing(engine) as writer:
            writer.execute(INSERT, {"kind": "a", "next": 1})
        assert reader.scalar(text("select count(*) from serial_counter")) == 0
    assert kinds(engine) == ["a"]
    engine.dispose()


def test_a_writer_that_waits_too_long_gives_up(path: Path) -> None:
    engine, impatient = open_database(path, PARTY), open_database(path, PARTY)
    event.listen(impatient, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout=50"))
    impatient.dispose()
    with writing(engine), pytest.raises(Unavailable, match="does not answer"), writing(impatient):
        raise AssertionError("two writers at once")
    with writing(impatient) as connection:
        connection.execute(INSERT, {"kind": "a", "next": 1})
    assert kinds(engine) == ["a"]
    engine.dispose()
    impatient.dispose()


def test_a_statement_that_the_database_refuses_is_our_own_mistake(path: Path) -> None:
    engine = open_database(path, PARTY)
    with pytest.raises(IntegrityError), writing(engine) as connection:
        connection.execute(INSERT, {"kind": None, "next": 1})
    engine.dispose()


def test_data_of_a_newer_warifu_is_refused_with_what_to_do(path: Path) -> None:
    open_database(path, PARTY).dispose()
    with sqlite3.connect(path) as connection:
        connection.execute("update alembic_version_authority set version_num = 'authority_9999'")
    connection.close()
    with pytest.raises(DataTooNew, match=r"newer warifu \(version authority_9999\): update warifu"):
        open_database(path, PARTY)


def test_a_missing_driver_is_named() -> None:
    with pytest.raises(Unavailable, match="no driver for this database is installed: pymssql"):
        open_database("mssql+pymssql://someone:secret@localhost/x", PARTY)
