"""The record of an earlier version is brought up to date with what is in it, and nothing of it escapes the log."""

from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, inspect, text

from tests.ca.town import AUTHENTICATION, ENDS, KIYOSE, Moment, application, authority, key
from tests.wire.authorities import FIRST, HOLDER_KEY
from tests.wire.authority.world import LOG_KEY
from tests.wire.conftest import Place
from tests.wire.migrating import empty_database, migrate_to
from warifu.ca import Event, State
from warifu.errors import Unavailable
from warifu.wire.authority import PARTY, Authorities, tables
from warifu.wire.authority.audit import Audit, audit
from warifu.wire.database import open_database, reading, writing

OLD = 1_500


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database as version 0001 left it: certificates, events, lists, a number taken in vain."""
    url = empty_database(request, tmp_path)
    engine = create_engine(url)
    with engine.begin() as connection:
        migrate_to(connection, PARTY, "authority_0001")
        fill(connection)
    engine.dispose()
    return url


def fill(connection: Connection) -> None:
    """Rows as version 0001 wrote them."""
    generation = authority(AUTHENTICATION, 1).generation
    place = {"code": KIYOSE.code, "a": KIYOSE.prefecture, "b": KIYOSE.name, "c": "Tokyo-to", "d": "Kiyose-shi"}
    connection.execute(text("INSERT INTO municipality VALUES (:code, :a, :b, :c, :d)"), place)
    connection.execute(text("INSERT INTO serial_counter VALUES ('authentication', :next)"), {"next": FIRST + OLD + 1})
    common = {"generation": generation, "code": KIYOSE.code, "since": 1_780_000_000, "ends": int(ENDS.timestamp())}
    rows = [
        {
            **common,
            "n": FIRST + n,
            "holder": n.to_bytes(32, "big"),
            "state": "valid",
            "live": True,
            "der": b"old %d" % n,
        }
        for n in range(OLD)
    ]
    rows.append({**common, "n": FIRST + OLD, "holder": bytes(32), "state": "reserved", "live": False, "der": None})
    insert = (
        "INSERT INTO certificate VALUES ('authentication', :n, :generation, 'card', :holder, :code, :since, :ends,"
        " :state, :live, NULL, NULL, :der)"
    )
    connection.execute(text(insert), rows)
    event = f"'authentication', {FIRST}, 'delivered', 1780000001"
    connection.execute(text(f"INSERT INTO happening (kind, serial_number, event, at) VALUES ({event})"))
    connection.execute(
        text("INSERT INTO revocation_list VALUES ('authentication', :generation, :code, 1, 1780000002, :der)"),
        {"generation": generation, "code": KIYOSE.code, "der": b"list"},
    )
    connection.execute(
        text("INSERT INTO list_counter VALUES ('authentication', :generation, :code, 2)"),
        {"generation": generation, "code": KIYOSE.code},
    )


def audited(url: str) -> Audit:
    engine = open_database(url, PARTY)
    found = audit(engine, key(LOG_KEY).public_key_info)
    engine.dispose()
    return found


def test_everything_that_was_there_is_in_the_log(old: str) -> None:
    found = audited(old)
    assert [str(finding) for finding in found.findings] == []
    assert (found.rows, found.leaves) == (OLD + 1 + 5, 7)


def test_an_edit_of_what_was_there_is_found(old: str) -> None:
    open_database(old, PARTY).dispose()
    engine = open_database(old, PARTY)
    with writing(engine) as connection:
        connection.execute(text(f"UPDATE certificate SET not_after = not_after + 1 WHERE serial_number = {FIRST + 7}"))
    engine.dispose()
    assert [str(finding) for finding in audited(old).findings] == [f"certificate authentication {FIRST + 7}: changed"]


def test_life_goes_on_with_the_old_record(old: str) -> None:
    engine = open_database(old, PARTY)
    authorities = Authorities(engine, [authority(AUTHENTICATION, 1)], Moment(), holder_key=HOLDER_KEY)
    assert authorities.record(AUTHENTICATION, FIRST + 1, Event.KEY_COMPROMISED).state is State.REVOKED
    assert authorities.issue(application()).entry.serial_number == FIRST + OLD + 1
    authorities.publish(AUTHENTICATION, KIYOSE.code)
    assert audit(engine, key(LOG_KEY).public_key_info).findings == []
    engine.dispose()


def test_a_migration_that_fails_leaves_the_old_version_whole(old: str) -> None:
    """One transaction: here its last table cannot be made; once it can, the next start does it all again."""
    engine = create_engine(old)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE status_answer (x INTEGER)"))
    with pytest.raises(Unavailable, match="cannot be opened"):
        open_database(old, PARTY)
    assert not inspect(engine).has_table("log_entry")
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE status_answer"))
    engine.dispose()
    assert audited(old).findings == []


def test_an_empty_database_and_a_migrated_one_have_the_same_tables(old: str, place: Place) -> None:
    """What a later version finds does not depend on where it came from."""
    shapes = []
    for where in (old, place.of(PARTY)):
        engine = open_database(where, PARTY)
        with reading(engine) as connection:
            found = inspect(connection)
            shapes.append(
                {name: {each["name"] for each in found.get_columns(name)} for name in found.get_table_names()}
            )
        engine.dispose()
    assert shapes[0] == shapes[1]


def test_the_migrations_tables_are_the_programs(place: Place) -> None:
    """Every column that `tables` names is there, in no other number."""
    engine = open_database(place.of(PARTY), PARTY)
    found = inspect(engine)
    for table in tables._metadata.tables.values():
        assert {each["name"] for each in found.get_columns(table.name)} == {each.name for each in table.columns}
    engine.dispose()
