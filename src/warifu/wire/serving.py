"""Several HTTP servers in one event loop: the parties of a town, or one of them alone.

An address is reserved first and served later (`reserve`, then `Listening`): so a port that is taken is known before
anything starts, and whoever builds an application can know its address, even when the system chose the port.
"""

import asyncio
import contextlib
import ipaddress
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, TypeAlias

import uvicorn
from starlette.types import ASGIApp

from warifu.errors import InUse, Malformed, NotAllowed, Unavailable
from warifu.wire.at_hand import protocol_for

__all__ = ["Application", "Listening", "Reserved", "reserve", "serve_in_thread"]

Application: TypeAlias = ASGIApp
"""What answers at an address."""

_LAST_PORT = 65535
_PATIENCE = 5
"""Seconds that running requests get to finish when we stop."""
_KEPT = 75
"""Seconds that a connection without a request is kept: longer than clients keep it, or one could send a request while
we close. nginx keeps 60 (keepalive_timeout of an upstream), httpx2 five, which are uvicorn's own as well.
"""


@dataclass(frozen=True, slots=True)
class Reserved:
    """An address that is ours: bound, not yet listening.

    `host` is the name as asked for (``phone.localhost``), `port` the real one.
    """

    host: str
    port: int
    bound: socket.socket = field(repr=False)

    @property
    def origin(self) -> str:
        """Scheme, host and port: ``http://phone.localhost:8701``."""
        return f"http://{_in_url(self.host)}:{self.port}"

    def close(self) -> None:
        """Give the address back."""
        self.bound.close()


def reserve(host: str = "127.0.0.1", port: int = 0, *, allow_remote: bool = False) -> Reserved:
    """Reserve an address; port 0 lets the system choose.

    ``localhost`` and every name under it are 127.0.0.1 (RFC 6761 §6.3), whatever the resolver thinks.

    Raises:
        Malformed: no port number.
        NotAllowed: the host is not loopback and `allow_remote` is not set.
        InUse: the port is taken.
        Unavailable: the host is no address of this machine.
    """
    if not 0 <= port <= _LAST_PORT:
        raise Malformed(f"a port is at most {_LAST_PORT}, not {port}")
    address = _address(host)
    if not address.is_loopback and not allow_remote:
        raise NotAllowed(f"{host} is not loopback: other machines could reach it; allow remote access explicitly")
    bound = socket.socket(socket.AF_INET6 if address.version == 6 else socket.AF_INET, socket.SOCK_STREAM)
    try:
        _own(bound)
        bound.bind((str(address), port))
    except OSError as error:
        bound.close()
        raise _not_bound(host, port, error) from error
    return Reserved(host, bound.getsockname()[1], bound)


class Listening:
    """Applications on their addresses, in one event loop.

    Either `run` in the main thread (ends on Ctrl-C, SIGTERM or `stop`), or `start` and `stop` from any thread.
    """

    def __init__(self, sites: Iterable[tuple[Reserved, ASGIApp]]) -> None:
        self._sites = list(sites)
        self._servers = [_Server(_configuration(app)) for _, app in self._sites]
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._thread: threading.Thread | None = None

    def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Serve until told to stop; `ready` is called once, when every address answers.

        Raises:
            Unavailable: an application could not start.
        """
        with _on_signals(self._stop_by_signal), asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(self._serve(ready))

    def start(self) -> None:
        """Serve in a thread of its own; returns when every address answers.

        Raises:
            Unavailable: an application could not start.
        """
        self._thread = threading.Thread(target=self._run_quietly, name="warifu-serving", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            self.stop()
            raise self._failure

    def stop(self) -> None:
        """Finish the running requests and close the addresses."""
        for server in self._servers:
            server.should_exit = True
        if self._thread is not None:
            self._thread.join()

    def _stop_by_signal(self, _number: int, _frame: FrameType | None) -> None:
        """The first Ctrl-C lets running requests finish, the second does not."""
        for server in self._servers:
            server.force_exit = server.should_exit
            server.should_exit = True

    def _run_quietly(self) -> None:
        try:
            with asyncio.Runner(loop_factory=_loop_factory()) as runner:
                runner.run(self._serve(lambda: None))
        except BaseException as error:  # noqa: BLE001 - handed to the thread that called start
            self._failure = error
        finally:
            self._ready.set()

    async def _serve(self, ready: Callable[[], None]) -> None:
        pairs = zip(self._servers, self._sites, strict=True)
        running = [asyncio.create_task(server.serve(sockets=[at.bound])) for server, (at, _) in pairs]
        try:
            await self._until_started(running)
            self._ready.set()
            ready()
            await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for server in self._servers:
                server.should_exit = True
            results = await asyncio.gather(*running, return_exceptions=True)
            for reserved, _ in self._sites:
                reserved.close()
        for result in results:
            if isinstance(result, BaseException):
                raise result

    async def _until_started(self, running: list[asyncio.Task[None]]) -> None:
        """Return when every server answers, or one has given up."""
        started = asyncio.gather(*(server.answers.wait() for server in self._servers))
        waiting: list[asyncio.Future[Any]] = [started, *running]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if not started.done():
            started.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await started
            raise Unavailable("an application could not start; the log says why")


@contextlib.contextmanager
def serve_in_thread(sites: Iterable[tuple[Reserved, ASGIApp]]) -> Iterator[Listening]:
    """Serve while the block runs: for tests and for programs with a main loop of their own."""
    listening = Listening(sites)
    listening.start()
    try:
        yield listening
    finally:
        listening.stop()


class _Server(uvicorn.Server):
    """A server that leaves signals to us and reports a failed start as an error instead of leaving the process."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.answers = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        except SystemExit as error:
            raise Unavailable("an application could not start; the log says why") from error
        self.answers.set()


def _configuration(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="on",
        http=protocol_for(app),
        ws="none",
        timeout_keep_alive=_KEPT,
        timeout_graceful_shutdown=_PATIENCE,
    )


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:  # Windows has none
        return None
    return uvloop.new_event_loop


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    if host == "localhost" or host.endswith(".localhost"):
        return ipaddress.IPv4Address("127.0.0.1")
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host.strip("[]"))
    try:
        return ipaddress.ip_address(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][4][0])
    except OSError as error:
        raise Unavailable(f"{host} is no address of this machine", detail=str(error)) from error


def _own(bound: socket.socket) -> None:
    """On POSIX, reuse an address whose old connections linger; on Windows the same option would let two share it."""
    if os.name == "nt":
        bound.setsockopt(socket.SOL_SOCKET, getattr(socket, "SO_EXCLUSIVEADDRUSE"), 1)  # noqa: B009 - absent elsewhere
    else:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)


def _not_bound(host: str, port: int, error: OSError) -> Unavailable:
    if isinstance(error, PermissionError):
        return Unavailable(f"port {port} needs privileges: choose a port above 1023", detail=str(error))
    if error.errno in {98, 48, 10048}:  # EADDRINUSE on Linux, macOS, Windows
        return InUse(f"port {port} on {host} is taken: stop the program that uses it, or choose another port")
    return Unavailable(f"{host} port {port} cannot be used", detail=str(error))


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


@contextlib.contextmanager
def _on_signals(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
