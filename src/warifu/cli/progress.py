"""A bar on stderr for what takes long; nothing where nobody looks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from warifu.cli.texts import Text, words

__all__ = ["progress"]


@contextmanager
def progress(what: Text) -> Iterator[Callable[[int, int], None]]:
    """Tell how far it is: what is done, of all."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        task = bars.add_task(words(what), total=None)
        yield lambda done, of_all: bars.update(task, completed=done, total=of_all)
