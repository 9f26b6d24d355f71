"""Workers on Dask: what they do is done, whoever dies over it."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dask
import pytest

from tests.waiting import PATIENCE
from tests.wire.batch.offices import die, die_once, in_folder, locked, refuse, square
from tests.wire.batch.scheduler import address_in
from warifu.errors import NotFound, Unavailable
from warifu.wire.batch import Crew, crew


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("crew")


@pytest.fixture(scope="module")
def two(folder: Path) -> Iterator[Crew[Path]]:
    with crew(in_folder(folder), workers=2) as workers:
        yield workers


def test_every_piece_is_done_and_told_of(two: Crew[Path]) -> None:
    assert dict(two.work(square, range(20))) == {number: number * number for number in range(20)}


def test_a_worker_opens_its_office_once(tmp_path: Path) -> None:
    with crew(in_folder(tmp_path), workers=2) as workers:
        for _ in range(2):
            list(workers.work(square, range(20)))
    assert len(list(tmp_path.glob("open-*"))) == 2


def test_what_a_task_refuses_reaches_whoever_asked(two: Crew[Path]) -> None:
    with pytest.raises(NotFound, match="there is no 1"):
        list(two.work(refuse, [1]))


def test_the_pieces_of_a_worker_that_dies_are_done_by_another(two: Crew[Path], folder: Path) -> None:
    assert dict(two.work(die_once, range(8))) == {number: number * number for number in range(8)}
    assert (folder / "died").exists()


def test_a_piece_over_which_workers_keep_dying_is_given_up(folder: Path) -> None:
    with crew(in_folder(folder), workers=1) as workers, pytest.raises(Unavailable, match="died over the same piece"):
        list(workers.work(die, [1]))


def test_a_worker_that_takes_anothers_place_has_time_to_begin(tmp_path: Path) -> None:
    """On a busy machine Dask would dismiss it before it has begun, and the piece would wait for ever."""
    hasty = dask.config.set({"distributed.deploy.lost-worker-timeout": "10ms"})
    with hasty, crew(in_folder(tmp_path), workers=1) as workers:
        assert dict(workers.work(die_once, [3])) == {3: 9}


def test_a_crew_that_cannot_open_its_office_does_not_begin() -> None:
    with pytest.raises(Unavailable, match="the key's holder does not answer"), crew(locked(), workers=1):
        pass


def test_a_scheduler_that_is_not_there_may_be_there_later() -> None:
    nowhere = crew(locked(), scheduler="tcp://127.0.0.1:9", seconds=1)
    with pytest.raises(Unavailable, match="no scheduler answers"), nowhere:
        pass


def test_the_same_work_runs_behind_the_address_of_a_scheduler(tmp_path: Path) -> None:
    """The scheduler and its worker are processes that somebody else started."""
    file = tmp_path / "scheduler.json"
    started = [
        [sys.executable, "-m", "distributed.cli.dask_scheduler", "--port", "0", "--no-dashboard", "--no-jupyter"],
        [sys.executable, "-m", "distributed.cli.dask_worker", "--no-dashboard", "--nthreads", "1"],
    ]
    common = ["--host", "127.0.0.1", "--scheduler-file", str(file)]
    running = [
        subprocess.Popen([*command, *common], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for command in started
    ]
    try:
        with crew(in_folder(tmp_path), scheduler=address_in(file), seconds=PATIENCE) as workers:
            assert dict(workers.work(square, range(5))) == {number: number * number for number in range(5)}
    finally:
        for process in reversed(running):
            process.terminate()
            process.wait(PATIENCE)
