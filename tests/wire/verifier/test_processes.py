"""Processes that verify: what takes too long is ended, and nobody else waits for it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest

from tests.waiting import PATIENCE
from tests.wire.verifier.work import blunder, die, fill, sleep, wait_for, where
from warifu.errors import Malformed, Unavailable
from warifu.wire.verifier import BrokenWork, Processes, running


def test_what_takes_too_long_is_ended_and_the_others_work_on(tmp_path: Path) -> None:
    """A document made to be slow costs one process and its own answer."""

    async def story() -> None:
        processes = Processes(nullcontext, 2, seconds=PATIENCE)
        async with running(processes):
            slow = asyncio.ensure_future(processes.work(wait_for, tmp_path / "end"))
            await asyncio.sleep(0)
            before = await processes.work(where, None)
            assert not slow.done()
            processes.seconds = 0.3
            with pytest.raises(Unavailable, match="took too long"):
                await processes.work(sleep, 2 * PATIENCE)
            processes.seconds = PATIENCE
            assert await processes.work(where, None) != before
            assert not slow.done()
            (tmp_path / "end").touch()
            assert await slow

    asyncio.run(story())


def test_who_finds_nobody_free_is_told_so_in_time(tmp_path: Path) -> None:
    async def story() -> None:
        processes = Processes(nullcontext, 1, seconds=PATIENCE, patience=0.2)
        async with running(processes):
            slow = asyncio.ensure_future(processes.work(wait_for, tmp_path / "end"))
            await asyncio.sleep(0)
            with pytest.raises(Unavailable, match="busy"):
                await processes.work(where, None)
            waiting = asyncio.ensure_future(processes.work(where, None, patient=True))
            (tmp_path / "end").touch()
            assert await waiting
            assert await slow

    asyncio.run(story())


def test_a_process_that_dies_is_replaced() -> None:
    async def story() -> None:
        processes = Processes(nullcontext, 1, seconds=PATIENCE)
        async with running(processes):
            before = await processes.work(where, None)
            with pytest.raises(Unavailable, match="died"):
                await processes.work(die, None)
            assert await processes.work(where, None) != before
            with pytest.raises(Malformed, match="memory"):
                await processes.work(fill, 8 << 30)
            with pytest.raises(BrokenWork) as broken:
                await processes.work(blunder, "a name")
            assert "a name" not in str(broken.value)
            assert "blunder" in str(broken.value)

    asyncio.run(story())


def test_who_goes_away_leaves_the_process_to_finish() -> None:
    async def story() -> None:
        processes = Processes(nullcontext, 1, seconds=PATIENCE, patience=PATIENCE)
        async with running(processes):
            gone = asyncio.ensure_future(processes.work(sleep, 0.5))
            await asyncio.sleep(0.1)
            gone.cancel()
            assert await processes.work(sleep, 0.0) == 0.0

    asyncio.run(story())


@contextmanager
def _closed() -> Iterator[None]:
    raise Unavailable("the office is closed")
    yield


def test_processes_that_cannot_begin_say_why() -> None:
    async def story() -> None:
        async with running(Processes(_closed, 1)):
            pass

    with pytest.raises(Unavailable, match="the office is closed"):
        asyncio.run(story())
