"""Workers for batch work: processes of this machine, or whatever stands behind the address of a Dask scheduler.

Dask does the distributing: it hands out pieces, notices a worker that died and gives its pieces to another. What we add
is an office: what every worker opens once before its first piece (the record, the keys) and closes at its end.

A local crew talks over TLS with certificates that live as long as it does, because whoever reaches a Dask scheduler can
run anything in its workers. A scheduler elsewhere is reached as its own configuration says (`distributed.comm.tls`).

Source: Dask, "Workers", "Plugins", "TLS/SSL"; docs.dask.org.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any, Generic, TypeVar

import dask
from distributed import Client, LocalCluster, WorkerPlugin, as_completed, get_worker
from distributed.scheduler import KilledWorker

from warifu.errors import Unavailable

__all__ = ["Crew", "Opening", "crew"]

Office = TypeVar("Office")
Piece = TypeVar("Piece")
Result = TypeVar("Result")

Opening = Callable[[], AbstractContextManager[Office]]
"""Opens what a worker works with. Workers are other processes, so it can be pickled."""

_OFFICE = "warifu-office"
_RETURNING = "1 day"
"""How long whoever takes a dead worker's place may take to begin.

Dask dismisses it after 15 seconds unless told otherwise. A busy machine needs more to load it, and then nobody is left
to whom the pieces could be given: they would wait for ever.
"""


class _Open(WorkerPlugin):  # type: ignore[misc]  # distributed tells no types
    """Opens the office when a worker begins, also one that begins later in place of another."""

    name = _OFFICE

    def __init__(self, opening: Opening[Any]) -> None:
        self._opening = opening

    def setup(self, worker: Any) -> None:
        """Open."""
        del worker
        self._stack = ExitStack()
        self.office = self._stack.enter_context(self._opening())

    def teardown(self, worker: Any) -> None:
        """Close."""
        del worker
        self._stack.close()


class Crew(Generic[Office]):
    """Workers that have the office open."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def work(self, task: Callable[[Office, Piece], Result], pieces: Iterable[Piece]) -> Iterator[tuple[Piece, Result]]:
        """Have `task` done with each piece, and tell of each when it is done, in no order.

        A piece may be done twice, when a worker dies: it must not matter.

        Raises:
            Unavailable: workers died again and again over one piece.
            WarifuError: what the task raised; nothing more is begun then.
        """
        futures = {self._client.submit(_at_office, task, piece, pure=False): piece for piece in pieces}
        try:
            for future, result in as_completed(
                list(futures), loop=self._client.loop, with_results=True, raise_errors=True
            ):
                yield futures[future], result
        except KilledWorker as error:
            raise Unavailable("workers died over the same piece of work", detail=str(error)) from error
        finally:
            self._client.cancel(list(futures))


def _at_office(task: Callable[[Any, Piece], Result], piece: Piece) -> Result:
    return task(get_worker().plugins[_OFFICE].office, piece)


@contextmanager
def crew(
    opening: Opening[Office], *, workers: int = 2, scheduler: str = "", seconds: float = 10.0
) -> Iterator[Crew[Office]]:
    """A crew of `workers` local processes, or those behind a scheduler's address, each with the office open.

    A scheduler has `seconds` to answer.

    Raises:
        Unavailable: nobody answers at the scheduler's address, or no worker could open the office.
    """
    with ExitStack() as stack:
        client = stack.enter_context(_client(scheduler, seconds) if scheduler else _local(workers))
        try:
            client.register_plugin(_Open(opening))
        except OSError as error:
            raise Unavailable("the workers cannot begin", detail=str(error)) from error
        yield Crew(client)


@contextmanager
def _local(workers: int) -> Iterator[Client]:
    with (
        dask.config.set({"distributed.deploy.lost-worker-timeout": _RETURNING}),
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            worker_dashboard_address="127.0.0.1:0",
            security=True,
            silence_logs=logging.CRITICAL,
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


@contextmanager
def _client(scheduler: str, seconds: float) -> Iterator[Client]:
    try:
        client = Client(scheduler, timeout=seconds, set_as_default=False)
    except (OSError, ValueError) as error:
        raise Unavailable(f"no scheduler answers at {scheduler}", detail=str(error)) from error
    with client:
        yield client
