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
    return asyncio.run(coroutine)
