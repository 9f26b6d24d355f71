"""Records are kept as long as the law says; what is deleted after that is on record, and the audit knows."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.ca.town import AUTHENTICATION, ENDS, NOW
from tests.wire.authorities import FIRST
from tests.wire.authority.world import World, live, open_world
from tests.wire.conftest import Place
from warifu.errors import NotFound
from warifu.pki import JST
from warifu.wire.authority import PARTY, delete_over, find_over
from warifu.wire.database import writing


@pytest.fixture
def world(place: Place, tmp_path: Path) -> Iterator[World]:
    opened = open_world(place.of(PARTY), tmp_path)
    live(opened)
    yield opened
    opened.close()


def test_nothing_is_over_before_its_time(world: World) -> None:
    """施行令 第2条, 第18条: ten years after the certificate's end; 第7条: lists ten years."""
    ten_years = ENDS.replace(year=ENDS.year + 10)
    assert not [each for each in find_over(world.engine, ten_years) if each.table.name == "certificate"]
    over = {each.table.name for each in find_over(world.engine, ten_years + timedelta(seconds=1))}
    assert {"certificate", "revocation_list"} <= over
    lists = [each for each in find_over(world.engine, NOW.replace(year=NOW.year + 9)) if "list" in each.table.name]
    assert lists == []


def test_what_is_over_goes_with_what_hangs_on_it_and_the_audit_knows(world: World) -> None:
    later = ENDS.replace(year=ENDS.year + 11)
    over = find_over(world.engine, later)
    told: list[tuple[int, int]] = []
    assert delete_over(world.engine, over, later, lambda done, of_all: told.append((done, of_all))) == len(over)
    assert told[-1] == (len(over), len(over))
    assert find_over(world.engine, later) == []
    with pytest.raises(NotFound):
        world.authorities.certificate(AUTHENTICATION, FIRST)
    assert world.audit().findings == []


def test_what_somebody_else_removed_is_still_found(world: World) -> None:
    """A deletion is one only when the log says so."""
    with writing(world.engine) as connection:
        connection.execute(text("DELETE FROM revocation_list WHERE number = 1"))
    [fault] = world.faults()
    assert fault.startswith("revocation_list")
    assert fault.endswith("removed")


def test_each_deletion_says_by_which_article(world: World) -> None:
    over = find_over(world.engine, ENDS.replace(year=ENDS.year + 20))
    reasons = {each.deletion.why for each in over if each.table.name == "certificate"}
    assert reasons == {"kept 10 years after the certificate's end of validity (施行令 第2条, 第18条)"}


def test_what_the_yearly_report_counts_is_kept_while_it_is_on_display(world: World) -> None:
    """施行規則 第72条: five years; the report of 2026 is on display from the first day of 2027 on."""

    def counts(now: datetime) -> list[str]:
        found = [each for each in find_over(world.engine, now) if each.table.name == "recipient_count"]
        return [each.deletion.why for each in found]

    last = datetime(2032, 1, 1, tzinfo=JST)
    assert counts(last) == []
    assert counts(last + timedelta(seconds=1)) == ["kept 5 years after the first day on display (施行規則 第72条)"]
    over = [each for each in find_over(world.engine, ENDS.replace(year=2034)) if each.table.name == "recipient_count"]
    assert delete_over(world.engine, over, ENDS.replace(year=2034)) == 1
    assert world.audit().findings == []


def test_a_number_taken_in_vain_is_kept(world: World) -> None:
    """It is no record of anybody, and shows why there is a gap."""
    with writing(world.engine) as connection:
        reserved = connection.scalar(text("SELECT count(*) FROM certificate WHERE state = 'reserved'"))
    later = ENDS.replace(year=ENDS.year + 11)
    delete_over(world.engine, find_over(world.engine, later), later)
    with writing(world.engine) as connection:
        assert connection.scalar(text("SELECT count(*) FROM certificate WHERE state = 'reserved'")) == reserved
