"""What every store relies on, on SQLite and on PostgreSQL alike."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from traceback import format_exception
from typing import Any

import pytest
from sqlalchemy import Engine, Inspector, inspect, text
from sqlalchemy.engine.interfaces import ReflectedIndex
from sqlalchemy.exc import DataError, IntegrityError

from tests.wire.conftest import Place
from tests.wire.postgresql import Server
from warifu.errors import DataTooNew, Unavailable
from warifu.wire import database
from warifu.wire.database import hold, lastly, open_database, reading, writing

PARTY = "authority"
INSERT = text("insert into serial_counter values (:kind, :next)")
NEXT = text("select next from serial_counter")


@pytest.fixture
def engine(place: Place) -> Iterator[Engine]:
    opened = open_database(place.of(PARTY), PARTY)
    yield opened
    opened.dispose()


def put(engine: Engine, kind: str, following: int = 0) -> None:
    with writing(engine) as connection:
        connection.execute(INSERT, {"kind": kind, "next": following})


def kinds(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.scalars(text("select kind from serial_counter order by kind")))


def parties() -> list[str]:
    folder = Path(__file__).parents[2] / "src" / "warifu" / "wire" / "migrations"
    return sorted(path.parent.name for path in folder.glob("*/versions"))


def test_what_fits_no_type_is_not_repeated(place: Place) -> None:
    """PostgreSQL says such a value in its first sentence already; it may be anybody's number."""
    value, engine = str(10**11 + 23), open_database(place.of(PARTY), PARTY)
    with pytest.raises((DataError, OverflowError)) as caught, writing(engine) as connection:  # noqa: PT012
        connection.execute(text("select cast(:value as integer)"), {"value": f"{value}x"})
        raise OverflowError("SQLite reads what it can of it")
    engine.dispose()
    assert value not in "".join(format_exception(caught.value))


@pytest.mark.parametrize("party", parties())
def test_every_party_has_the_same_tables_on_both(party: str, tmp_path: Path, postgresql: Server) -> None:
    """Each from nothing: table by table, column by column, index by index."""
    shapes = []
    for where in (str(tmp_path / "new.sqlite"), postgresql.bare_database()):
        engine = open_database(where, party)
        shapes.append(shape(engine))
        open_database(where, party).dispose()
        assert shape(engine) == shapes[-1]
        engine.dispose()
    assert shapes[0] == shapes[1]
    assert len(shapes[0]) > 1


def shape(engine: Engine) -> dict[str, object]:
    """A database's tables: columns with whether they may be null, primary keys, the columns of indexes."""
    seen = inspect(engine)
    return {
        table: (
            [(column["name"], column["nullable"]) for column in seen.get_columns(table)],
            seen.get_pk_constraint(table)["constrained_columns"],
            sorted(
                (str(index["name"]), index["column_names"], bool(index["unique"])) for index in indexes(seen, table)
            ),
        )
        for table in seen.get_table_names()
    }


def indexes(seen: Inspector, table: str) -> list[ReflectedIndex]:
    """Those made by us: what a database makes for a unique constraint has its own name there."""
    return [index for index in seen.get_indexes(table) if not index.get("duplicates_constraint")]


def test_a_transaction_is_whole_or_nothing(engine: Engine) -> None:
    put(engine, "a")
    with pytest.raises(IntegrityError) as caught, writing(engine) as connection:  # noqa: PT012
        connection.execute(INSERT, {"kind": "b", "next": 1})
        connection.execute(INSERT, {"kind": "a", "next": 77_001})
    assert "77001" not in str(caught.value)
    assert "(a)" not in f"{caught.value} {caught.value.orig} {caught.value.__cause__} {caught.value.__context__}"
    assert kinds(engine) == ["a"]


@pytest.mark.usefixtures("patient_writers")
@pytest.mark.parametrize("kinds", [(True, True), (True, False), (False, False)])
def test_writers_wait_for_each_other(engine: Engine, kinds: tuple[bool, bool]) -> None:
    """What was read is still so when it is written: nobody came between, alone or by the name they hold."""
    put(engine, "a")

    def count(alone: bool) -> None:
        for _ in range(20):
            with writing(engine, alone=alone) as connection:
                hold(connection, "the counter")
                value = connection.scalar(NEXT)
                connection.execute(text("update serial_counter set next = :next"), {"next": value + 1})

    threads = [threading.Thread(target=count, args=(alone,)) for alone in kinds * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(engine) as connection:
        assert connection.scalar(NEXT) == 80


def test_what_is_done_lastly_comes_after_all_else_and_goes_with_it(engine: Engine) -> None:
    with writing(engine) as connection:
        lastly(connection, lambda: connection.execute(INSERT, {"kind": connection.scalar(NEXT), "next": 2}))
        connection.execute(INSERT, {"kind": "a", "next": 1})
    assert kinds(engine) == ["1", "a"]
    with pytest.raises(IntegrityError), writing(engine) as connection:  # noqa: PT012
        lastly(connection, lambda: connection.execute(INSERT, {"kind": "a", "next": 3}))
        connection.execute(INSERT, {"kind": "b", "next": 3})
    assert kinds(engine) == ["1", "a"]


def test_a_reader_keeps_its_snapshot_and_stops_no_writer(engine: Engine) -> None:
    with reading(engine) as reader:
        assert reader.scalar(text("select count(*) from serial_counter")) == 0
        put(engine, "a")
        assert reader.scalar(text("select count(*) from serial_counter")) == 0
    assert kinds(engine) == ["a"]


@pytest.mark.usefixtures("patient_writers")
def test_several_may_open_a_new_database_at_once(place: Place, tmp_path: Path) -> None:
    where = str(tmp_path / "new.sqlite") if place.server is None else place.server.bare_database()
    engines: list[Engine] = []
    threads = [threading.Thread(target=lambda: engines.append(open_database(where, PARTY))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [kinds(engine) for engine in engines] == [[]] * 4
    for engine in engines:
        engine.dispose()


def test_data_of_a_newer_version_is_refused(engine: Engine, place: Place) -> None:
    with writing(engine) as connection:
        connection.execute(text("update alembic_version_authority set version_num = 'authority_9999'"))
    with pytest.raises(DataTooNew, match="authority_9999"):
        open_database(place.of(PARTY), PARTY)


def test_a_server_that_is_not_there_is_unavailable() -> None:
    """Whoever starts a party is told why, in one line."""
    with pytest.raises(Unavailable, match=r"cannot be opened: .*: .*Connection refused"):
        open_database("postgresql+psycopg://postgres@127.0.0.1:1/x", PARTY)


@pytest.mark.parametrize("work", [reading, writing])
def test_a_server_that_went_away_is_unavailable(postgresql: Server, work: Callable[..., Any]) -> None:
    url = postgresql.new_database(PARTY)
    engine = open_database(url, PARTY)
    engine.dispose()
    postgresql.drop(url)
    with pytest.raises(Unavailable, match="does not answer") as gone, work(engine):
        pass
    assert "does not exist" in str(gone.value.detail)


def test_whoever_gets_no_connection_in_time_is_told(engine: Engine) -> None:
    """All that there may be are in use, for longer than anybody waits."""
    engine.pool._timeout = 0.01  # type: ignore[attr-defined]
    with ExitStack() as held:
        for _ in range(15):
            held.enter_context(reading(engine))
        with pytest.raises(Unavailable, match="does not answer"), writing(engine):
            pass


def test_a_writer_waits_for_another_only_so_long(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_BUSY_TIMEOUT", 100)
    one, other = open_database(place.of(PARTY), PARTY), open_database(place.of(PARTY), PARTY)
    try:
        with writing(one), pytest.raises(Unavailable, match="does not answer"), writing(other):
            pass
        put(other, "a")
    finally:
        one.dispose()
        other.dispose()


def test_who_only_reads_cannot_write_on_postgresql(postgresql: Server) -> None:
    """On SQLite nothing keeps them; there the file's lock does."""
    engine = open_database(postgresql.new_database(PARTY), PARTY)
    with pytest.raises(Unavailable, match="does not answer"), reading(engine) as connection:
        connection.execute(INSERT, {"kind": "a", "next": 1})
    assert kinds(engine) == []
    engine.dispose()
