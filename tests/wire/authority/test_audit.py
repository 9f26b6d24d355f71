"""`audit` finds whatever somebody with access to the database did to it."""

import base64
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.ca.town import AUTHENTICATION, KIYOSE, SIGNING, application, key
from tests.waiting import PATIENCE
from tests.wire.authorities import record_for
from tests.wire.authority.world import LOG_KEY, World, live, open_world, rename
from tests.wire.conftest import Place
from warifu.ca import Event
from warifu.errors import NotConsistent, RecordAltered
from warifu.ledger import SignedTreeHead, TreeHead, check_inclusion, check_tree_head, leaf_hash, sign_tree_head
from warifu.wire.authority import PARTY, tables
from warifu.wire.authority.audit import audit
from warifu.wire.authority.tables import IMAGED
from warifu.wire.database import open_database, writing
from warifu.wire.witness import HeadFile

LOG_TABLES = {
    "log_entry": ("position", "entry"),
    "log_node": ("level", "position", "hash"),
    "log_state": ("id", "frontier"),
    "log_head": ("moment", "size", "head"),
}
TABLES = {name: its.columns for name, its in IMAGED.items()} | LOG_TABLES


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lived")
    world = open_world(folder / "record.sqlite", folder)
    live(world)
    rename(world)
    world.close()
    return folder


@pytest.fixture
def copy(lived: Path, tmp_path: Path) -> Path:
    shutil.copytree(lived, tmp_path / "copy")
    return tmp_path / "copy"


@pytest.fixture
def world(place: Place, tmp_path: Path) -> Iterator[World]:
    opened = open_world(place.of(PARTY), tmp_path)
    live(opened)
    yield opened
    opened.close()


def edit(folder: Path, *statements: str) -> set[str]:
    """Do something to the database past the program; what the audit finds."""
    with sqlite3.connect(folder / "record.sqlite") as connection:
        for statement in statements:
            assert connection.execute(statement).rowcount > 0, "the statement changed nothing"
    connection.close()
    engine = open_database(folder / "record.sqlite", PARTY)
    found = audit(engine, key(LOG_KEY).public_key_info, HeadFile(folder / "heads", key(LOG_KEY).public_key_info))
    engine.dispose()
    return {str(finding) for finding in found.findings}


def test_a_record_that_nobody_edited_is_whole(world: World) -> None:
    found = world.audit()
    found.check()
    assert found.findings == []
    assert (found.heads, found.witnessed) == (6, found.leaves - 1)  # three heads, each here and at the witness
    assert found.rows > 15


@pytest.mark.parametrize(
    ("table", "column"), [(table, column) for table, columns in TABLES.items() for column in columns]
)
def test_an_edit_of_any_column_is_found(copy: Path, table: str, column: str) -> None:
    one = f"UPDATE {table} SET {column} = {_other(column)} WHERE rowid = (SELECT max(rowid) FROM {table})"
    assert edit(copy, one)


def _other(column: str) -> str:
    """Another value, of the type that is there, so that nothing but the log can notice."""
    return (
        f"CASE typeof({column}) WHEN 'integer' THEN {column} + 977 WHEN 'blob' THEN cast(substr({column}, 2) || x'00'"
        f" AS blob) WHEN 'text' THEN {column} || 'x' ELSE 1 END"
    )


@pytest.mark.parametrize("table", sorted(set(TABLES)))
@pytest.mark.parametrize("which", ["min", "max"])
def test_a_row_removed_is_found(copy: Path, table: str, which: str) -> None:
    assert edit(copy, f"DELETE FROM {table} WHERE rowid = (SELECT {which}(rowid) FROM {table})")


@pytest.mark.parametrize("table", sorted(set(TABLES) - {"log_head"}))
def test_a_row_added_is_found(copy: Path, table: str) -> None:
    columns = TABLES[table]
    key = IMAGED[table].key[-1] if table in IMAGED else columns[-2] if table == "log_node" else columns[0]
    new = {key: f"9||{key}||9", "live": "0"}  # a second live one of the same holder could not be added at all
    values = [new.get(each, each) for each in columns]
    assert edit(copy, f"INSERT INTO {table} SELECT {', '.join(values)} FROM {table} LIMIT 1")


def test_another_type_with_the_same_look_is_found(copy: Path) -> None:
    found = edit(copy, "UPDATE certificate SET der = cast(hex(der) AS text) WHERE kind = 'signing'")
    assert found == {f"certificate signing {0x01000001}: changed"}


def test_a_finding_names_row_and_fault(copy: Path) -> None:
    assert edit(copy, f"UPDATE municipality SET name = '架空市' WHERE code = '{KIYOSE.code}'") == {
        f"municipality {KIYOSE.code}: changed"
    }


def test_whoever_edits_row_and_log_and_all_its_nodes_is_found_by_the_signed_heads(copy: Path) -> None:
    """Everything that can be made again without a key is made again."""
    found = edit(copy, "DELETE FROM happening", "DELETE FROM log_entry", "DELETE FROM log_node")
    assert "log_state: not the edge of this tree" in found
    assert sum(fault.startswith("log_head") for fault in found) == 3
    assert sum(fault.startswith("witness") for fault in found) == 3


def test_whoever_stole_the_logs_key_too_is_found_by_the_witness(place: Place, tmp_path: Path) -> None:
    """A history made anew from nothing, with heads of its own: only another party can tell."""
    true = open_world(place.of(PARTY), tmp_path)
    live(true)
    (tmp_path / "thief").mkdir()
    forged = open_world(place.of(PARTY, "forged"), tmp_path / "thief")
    forged.authorities.issue(application(holder="thief"))
    live(forged)
    forged.heads.sign()
    found = audit(forged.engine, true.heads.public_key_info, true.witness)
    assert any(fault.table == "log_head" and "witness keeps" in fault.fault for fault in found.findings)
    with pytest.raises(RecordAltered):
        found.check()
    true.close()
    forged.close()


def test_a_log_that_was_cut_off_cannot_go_on_before_the_witness(world: World) -> None:
    world.heads.sign()
    with writing(world.engine) as connection:
        connection.execute(text("DELETE FROM log_node"))
        connection.execute(text("DELETE FROM log_entry"))
        connection.execute(text("DELETE FROM log_head"))
        connection.execute(text("UPDATE log_state SET frontier = :empty"), {"empty": bytes(8)})
    with pytest.raises(Exception, match=r"no tree of that size|not later|contradict") as caught:
        world.heads.sign()
    assert caught.type.__name__ in {"NotFound", "NotConsistent"}


def test_every_row_of_every_table_of_the_record_is_vouched_for() -> None:
    """A new table is either in the log or named here with the reason."""
    all_tables = set(tables._metadata.tables)
    # Answers signed beforehand are copies of what the record says; a wrong one is a lie of the responder's key.
    assert all_tables - set(IMAGED) == {"status_answer"}


@pytest.mark.usefixtures("patient_writers")
def test_an_audit_of_authorities_at_work_finds_nothing(world: World) -> None:
    """Heads that are signed while it reads are newer than what it reads, and no contradiction."""
    working, stop = threading.Event(), threading.Event()

    def work() -> None:
        while not stop.is_set():
            record_for(world.authorities, "nobody", Event.HELD)
            world.authorities.publish(SIGNING, KIYOSE.code)
            world.heads.sign()
            working.set()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        assert working.wait(PATIENCE)
        found = [world.audit().findings for _ in range(5)]
    finally:
        stop.set()
        thread.join()
    assert found == [[]] * 5


# --- heads and proofs -------------------------------------------------------------------------------------------------


def test_a_head_is_signed_once_for_a_log_that_did_not_grow(world: World) -> None:
    assert world.heads.sign() == world.heads.sign() == world.heads.newest()
    assert world.witness.newest() == world.heads.newest()


def test_anybody_can_check_that_an_entry_is_in_the_log(world: World) -> None:
    """RFC 9162 §2.1.3."""
    head = world.heads.sign()
    check_tree_head(head, world.heads.public_key_info)
    for position in range(head.tree_head.size):
        entry, proof = world.heads.inclusion(position, head.tree_head.size)
        check_inclusion(leaf_hash(entry), proof, head)


def test_heads_go_on_though_the_clock_was_set_back(world: World) -> None:
    """RFC 9162 §4.10: each head is later than the one before."""
    first = world.heads.sign()
    world.clock.go_on(-timedelta(days=3))
    record_for(world.authorities, "holder-1", Event.HELD)
    second = world.heads.sign()
    assert second.tree_head.moment > first.tree_head.moment
    assert world.witness.newest() == second


def test_a_witness_keeps_no_head_that_does_not_continue(tmp_path: Path) -> None:
    witness = HeadFile(tmp_path / "heads", key(LOG_KEY).public_key_info)
    world = open_world(tmp_path / "a.sqlite", tmp_path)
    live(world)
    kept = witness.newest()
    assert kept is not None
    other = TreeHead(kept.tree_head.moment.replace(year=2030), kept.tree_head.size, bytes(32))
    forged = sign_tree_head(other, key(LOG_KEY))
    proof = world.heads.consistency(kept.tree_head.size, kept.tree_head.size)
    with pytest.raises(NotConsistent):
        witness.keep(forged, proof)
    assert witness.newest() == kept
    world.close()


def test_a_head_torn_by_a_power_cut_was_never_kept(tmp_path: Path) -> None:
    world = open_world(tmp_path / "a.sqlite", tmp_path)
    first = world.heads.sign()
    live(world)
    lines = (tmp_path / "heads").read_text().splitlines(keepends=True)
    (tmp_path / "heads").write_text("".join(lines[:2]) + lines[2][:40])
    assert world.witness.heads() == [first]
    newest = world.heads.sign()
    assert [first, newest] == world.witness.heads()
    world.close()


def test_a_head_is_one_line_of_base64(tmp_path: Path) -> None:
    world = open_world(tmp_path / "a.sqlite", tmp_path)
    head = world.heads.sign()
    first, second = (tmp_path / "heads").read_text().splitlines()
    assert first.startswith("log ")
    assert SignedTreeHead.decode(base64.b64decode(second.removeprefix("head "))) == head
    assert SIGNING.value not in second
    world.close()


@pytest.mark.parametrize("forged", ["an older answer", "another's answer", "noise"])
def test_an_answer_signed_beforehand_that_the_record_does_not_give_is_found(tmp_path: Path, forged: str) -> None:
    """An answer that was true once is properly signed; whoever puts it back would have the revoked called good."""
    world = open_world(tmp_path / "a.sqlite", tmp_path)
    for holder in ("one", "two"):
        world.authorities.issue(application(AUTHENTICATION, holder=holder))
    assert world.authorities.status.presign(AUTHENTICATION) == 2
    assert world.audit().findings == []
    with writing(world.engine) as connection:
        kept = connection.execute(text("SELECT * FROM status_answer ORDER BY serial_number")).all()
    world.clock.go_on(timedelta(minutes=5))
    world.authorities.record(AUTHENTICATION, kept[0].serial_number, Event.REVOCATION_REQUESTED)
    assert world.audit().findings == []
    der = {"an older answer": kept[0].der, "another's answer": kept[1].der, "noise": b"0"}[forged]
    put = "INSERT INTO status_answer (kind, serial_number, this_update, next_update, der) VALUES (:k, :n, :t, :u, :d)"
    values = {"k": "authentication", "n": kept[0].serial_number, "t": kept[0].this_update, "u": kept[0].next_update}
    with writing(world.engine) as connection:
        connection.execute(text(put), values | {"d": der})
    [fault] = world.faults()
    assert fault.startswith(f"status_answer authentication {kept[0].serial_number}: ")
    world.close()
