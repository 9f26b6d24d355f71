"""Running pyHanko's coroutines to their end.

pyHanko's interface is asynchronous even where nothing waits for a network; ours is not. Whoever serves many people at
once calls us in a thread.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

__all__ = ["run"]

Result = TypeVar("Result")


def run(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """What the coroutine returns. No event loop may be running in this thread."""
    results: list[Result] = []
    asyncio.run(_keep(coroutine, results))
    return results[0]


async def _keep(coroutine: Coroutine[Any, Any, Result], results: list[Result]) -> None:
    """Keep the result out of the task's hands.

    When a loop ends, `asyncio.run` has Python look up its signal handler, and that writes out the task with its result;
    asn1crypto takes minutes to write out a nested message.
    """
    results.append(await coroutine)
