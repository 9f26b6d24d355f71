"""Many in one request: what is wrong with one costs the others nothing."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any

from tests.waiting import PATIENCE
from tests.wire.verifier.work import slow_office
from warifu.wire.verifier import Processes, running
from warifu.wire.verifier.body import TooLong
from warifu.wire.verifier.streaming import answers


def line(document: bytes) -> bytes:
    return json.dumps({"document": base64.b64encode(document).decode()}).encode()


async def _coming(*some: list[bytes | TooLong]) -> AsyncIterator[list[bytes | TooLong]]:
    for lines in some:
        yield lines


class Patient(Processes[Any]):
    """With what is slow they lose their patience at once, else not on the busiest machine."""

    async def work(self, task: Any, piece: Any, *, patient: bool = False) -> Any:
        self.seconds = 1.0 if line(b"slow") in piece.lines else PATIENCE
        return await super().work(task, piece, patient=patient)


def told(*some: list[bytes | TooLong]) -> list[Any]:
    async def story() -> list[Any]:
        processes = Patient(slow_office, 1)
        async with running(processes):
            answered = b"".join([each async for each in answers(processes, _coming(*some), None, b"")])
        return [json.loads(each)["error"] for each in answered.splitlines()]

    return asyncio.run(story())


def test_a_slow_or_odd_document_is_told_of_alone() -> None:
    """Lines that came together are verified together, and each alone when that goes wrong."""
    some = [line(each) for each in (b"a", b"slow", b"b", b"odd")]
    expected = ["malformed", "unavailable", "malformed", "internal_error"]
    assert told([*some]) == expected


def test_a_line_that_is_too_long_is_told_of_in_its_place() -> None:
    assert told([line(b"a"), TooLong()], [TooLong()], [line(b"b")]) == ["malformed"] * 4


def test_nothing_is_answered_with_nothing() -> None:
    assert told() == []
    assert told([]) == []
