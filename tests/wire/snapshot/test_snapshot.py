"""Status snapshots: what the record said at one moment, in a file that is only read."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ca.town import AUTHENTICATION, ENDS, NOW, Moment, application
from tests.wire.authorities import open_authorities
from warifu.ca import Entry, Event, Medium, State
from warifu.errors import Malformed, NotFound, Unavailable
from warifu.pki import Reason, Revocation, Standing
from warifu.wire.authority import take_snapshot
from warifu.wire.snapshot import Heading, Snapshot, StatusRow, write_snapshot

GENERATIONS = (b"\x11" * 20, b"\x22" * 20)
END = int(ENDS.timestamp())
RECORDED = int(NOW.timestamp())


def heading(first: int, count: int, revoked: int = 0, odd: int = 0) -> Heading:
    return Heading(AUTHENTICATION, NOW, GENERATIONS, first, count, revoked, odd)


def written(path: Path, rows: list[StatusRow]) -> Path:
    first, last = rows[0].serial_number, rows[-1].serial_number
    revoked = sum(row.reason != -1 for row in rows)
    odd = sum(row.not_after % 86_400 != 53_999 or not 0 <= row.not_after < 65_535 * 86_400 for row in rows)
    write_snapshot(path, heading(first, last - first + 1, revoked, odd), rows)
    return path


def test_a_snapshot_says_what_the_rows_said(tmp_path: Path) -> None:
    """RFC 6960 §2.2: good, revoked since when and why, unknown."""
    rows = [StatusRow(100, 0, END), StatusRow(102, 1, END, RECORDED, 3), StatusRow(103, 0, END, RECORDED + 7, 6)]
    with Snapshot.open(written(tmp_path / "status", rows)) as snapshot:
        snapshot.check()
        assert snapshot.kind is AUTHENTICATION
        assert snapshot.status(GENERATIONS[0], 100, NOW) is Standing.GOOD
        assert snapshot.status(GENERATIONS[1], 102, NOW) == Revocation(NOW, Reason.AFFILIATION_CHANGED)
        held = snapshot.status(GENERATIONS[0], 103, NOW)
        assert held == Revocation(NOW + timedelta(seconds=7), Reason.CERTIFICATE_HOLD)


@pytest.mark.parametrize("serial_number", [0, 99, 101, 104, 1 << 40])
def test_what_was_never_issued_is_unknown(tmp_path: Path, serial_number: int) -> None:
    """RFC 6960 §2.2: unknown, not good; before, between and after the serial numbers issued."""
    rows = [StatusRow(100, 0, END), StatusRow(103, 0, END)]
    with Snapshot.open(written(tmp_path / "status", rows)) as snapshot:
        assert snapshot.status(GENERATIONS[0], serial_number, NOW) is Standing.UNKNOWN


def test_a_certificate_of_another_generation_is_unknown(tmp_path: Path) -> None:
    with Snapshot.open(written(tmp_path / "status", [StatusRow(100, 0, END)])) as snapshot:
        assert snapshot.status(GENERATIONS[1], 100, NOW) is Standing.UNKNOWN
        with pytest.raises(NotFound):
            snapshot.status(b"\x33" * 20, 100, NOW)


@pytest.mark.parametrize("not_after", [END, END + 1, END - 86_400 * 40_000, 1 << 33])
@pytest.mark.parametrize("after", [timedelta(0), timedelta(microseconds=999_999), timedelta(seconds=1)])
def test_nothing_is_good_after_its_last_second(tmp_path: Path, not_after: int, after: timedelta) -> None:
    """RFC 5280 §4.1.2.5: valid through notAfter; any end of validity, also one inside a day."""
    with Snapshot.open(written(tmp_path / "status", [StatusRow(1, 0, not_after)])) as snapshot:
        status = snapshot.status(GENERATIONS[0], 1, datetime(1970, 1, 1, tzinfo=UTC) + timedelta(0, not_after) + after)
        assert status is (Standing.GOOD if after < timedelta(seconds=1) else Standing.UNKNOWN)


ends = st.one_of(st.integers(0, 40_000).map(lambda day: day * 86_400 + 53_999), st.integers(-(1 << 34), 1 << 34))
revocations = st.one_of(st.just((-1, -1)), st.tuples(st.integers(0, (1 << 32) - 1), st.integers(0, 6)))
entries = st.lists(
    st.tuples(st.integers(0, 1), ends, revocations).map(lambda told: StatusRow(0, told[0], told[1], *told[2])),
    min_size=1,
    max_size=40,
)


@given(entries, st.lists(st.integers(1, 3), min_size=40, max_size=40), st.integers(0, 1 << 32))
def test_a_snapshot_answers_as_the_record_does(
    tmp_path_factory: pytest.TempPathFactory, rows: list[StatusRow], steps: list[int], at: int
) -> None:
    """Compared with `ca.Entry.status`, which answers from the record."""
    serial_numbers = [sum(steps[: place + 1]) for place in range(len(rows))]
    rows = [row._replace(serial_number=number) for row, number in zip(rows, serial_numbers, strict=True)]
    now = datetime.fromtimestamp(at, UTC)
    with Snapshot.open(written(tmp_path_factory.mktemp("status") / "status", rows)) as snapshot:
        for row in rows:
            answer = snapshot.status(GENERATIONS[row.generation], row.serial_number, now)
            assert answer == _entry(row).status(now)


def _entry(row: StatusRow) -> Entry:
    revocation = None
    if row.reason != -1:
        revocation = Revocation(datetime.fromtimestamp(row.revoked_at, UTC), Reason(row.reason))
    state = State.VALID if revocation is None else State.REVOKED
    ends = datetime.fromtimestamp(row.not_after, UTC)
    generation = GENERATIONS[row.generation]
    return Entry(AUTHENTICATION, row.serial_number, generation, Medium.CARD, "13221", NOW, ends, state, revocation)


@pytest.mark.parametrize(
    "rows",
    [
        [StatusRow(5, 0, END), StatusRow(5, 0, END)],
        [StatusRow(5, 0, END), StatusRow(4, 0, END)],
        [StatusRow(3, 0, END)],
        [StatusRow(7, 0, END)],
        [StatusRow(4, 2, END)],
        [StatusRow(4, -1, END)],
        [StatusRow(4, 0, END, RECORDED, 1)],
        [StatusRow(4, 0, END + 1)],
    ],
    ids=["twice", "descending", "before", "behind", "generation", "no generation", "revoked", "odd"],
)
def test_rows_that_are_not_what_the_heading_says_are_refused(tmp_path: Path, rows: list[StatusRow]) -> None:
    with pytest.raises(Malformed):
        write_snapshot(tmp_path / "status", heading(4, 3), rows)
    assert not list(tmp_path.iterdir()), "nothing half-written stays"


def test_fewer_revoked_than_the_heading_says_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Malformed):
        write_snapshot(tmp_path / "status", heading(4, 3, revoked=1), [StatusRow(4, 0, END)])


def test_a_refused_snapshot_leaves_the_one_before(tmp_path: Path) -> None:
    path = written(tmp_path / "status", [StatusRow(100, 0, END)])
    with pytest.raises(Malformed):
        write_snapshot(path, heading(4, 3), [StatusRow(9, 0, END)])
    with Snapshot.open(path) as snapshot:
        assert snapshot.status(GENERATIONS[0], 100, NOW) is Standing.GOOD


def test_a_reader_keeps_what_it_opened_while_a_new_one_is_written(tmp_path: Path) -> None:
    path = written(tmp_path / "status", [StatusRow(100, 0, END)])
    with Snapshot.open(path) as before:
        written(path, [StatusRow(100, 0, END, RECORDED, 1)])
        assert before.status(GENERATIONS[0], 100, NOW) is Standing.GOOD
    with Snapshot.open(path) as after:
        assert after.status(GENERATIONS[0], 100, NOW) == Revocation(NOW, Reason.KEY_COMPROMISE)


def test_every_damaged_byte_is_found(tmp_path: Path) -> None:
    """Opening reads the heading only; `check` reads everything."""
    path = written(tmp_path / "status", [StatusRow(1, 0, END), StatusRow(2, 0, END + 5, RECORDED, 2)])
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(Malformed), Snapshot.open(path) as snapshot:
            snapshot.check()


def test_a_cut_off_snapshot_is_refused_when_opened(tmp_path: Path) -> None:
    path = written(tmp_path / "status", [StatusRow(1, 0, END)])
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(Malformed):
            Snapshot.open(path)
    path.write_bytes(whole + b"\0")
    with pytest.raises(Malformed):
        Snapshot.open(path)


def test_no_snapshot_there_may_be_one_later(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        Snapshot.open(tmp_path / "none")


def test_a_snapshot_of_the_record_agrees_with_the_record(tmp_path: Path) -> None:
    clock = Moment()
    authorities = open_authorities(tmp_path, clock)
    issued = [authorities.issue(application(holder=f"holder-{n}")).entry for n in range(7)]
    for each in issued:
        authorities.record(AUTHENTICATION, each.serial_number, Event.DELIVERED)
    authorities.record(AUTHENTICATION, issued[2].serial_number, Event.KEY_COMPROMISED)
    authorities.record(AUTHENTICATION, issued[5].serial_number, Event.HELD)
    steps: list[tuple[int, int]] = []
    told = take_snapshot(
        authorities.engine, AUTHENTICATION, tmp_path / "status", clock.now(), lambda *done: steps.append(done)
    )
    assert (told.count, told.revoked, told.odd) == (7, 2, 0)
    assert steps == [(7, 7)]
    with Snapshot.open(tmp_path / "status") as snapshot:
        snapshot.check()
        for each in issued:
            kept = authorities.find(AUTHENTICATION, each.serial_number)
            assert kept is not None
            assert snapshot.status(kept.generation, kept.serial_number, NOW) == kept.status(NOW)
    authorities.close()


def test_there_is_no_snapshot_of_nothing(tmp_path: Path) -> None:
    authorities = open_authorities(tmp_path)
    with pytest.raises(NotFound):
        take_snapshot(authorities.engine, AUTHENTICATION, tmp_path / "status", NOW)
    authorities.close()
