"""Several servers in one loop: addresses, refusals, ends."""

import asyncio
import contextlib
import errno
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator
from ipaddress import ip_address

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tests.waiting import PATIENCE, until
from warifu.errors import InUse, Malformed, NotAllowed, Unavailable
from warifu.wire import serving
from warifu.wire.serving import Listening, reserve, serve_in_thread


def hello(text: str) -> Starlette:
    async def answer(_request: Request) -> Response:
        return PlainTextResponse(text)

    return Starlette(routes=[Route("/", answer)])


def get(url: str) -> httpx2.Response:
    with httpx2.Client(trust_env=False) as client:
        return client.get(url)


def test_several_applications_answer_on_their_own_ports() -> None:
    one, two = reserve(), reserve("phone.localhost")
    with serve_in_thread([(one, hello("one")), (two, hello("two"))]):
        assert get(one.origin).text == "one"
        assert get(f"http://127.0.0.1:{two.port}").text == "two"
    assert two.origin == f"http://phone.localhost:{two.port}"


def test_the_server_does_not_name_itself() -> None:
    with serve_in_thread([(at := reserve(), hello("x"))]):
        assert "server" not in get(at.origin).headers


def test_a_taken_port_is_named() -> None:
    taken = reserve()
    taken.bound.listen()
    with pytest.raises(InUse, match=rf"port {taken.port} .*choose another port"):
        reserve(port=taken.port)
    taken.close()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_a_host_others_can_reach_is_refused(host: str) -> None:
    with pytest.raises(NotAllowed, match="not loopback"):
        reserve(host)


def test_a_host_others_can_reach_is_served_when_asked_for() -> None:
    reserved = reserve("0.0.0.0", allow_remote=True)
    assert reserved.bound.getsockname()[0] == "0.0.0.0"
    reserved.close()


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_that_no_machine_has_is_malformed(port: int) -> None:
    with pytest.raises(Malformed):
        reserve(port=port)


def test_a_host_that_is_not_ours_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        reserve("192.0.2.1", allow_remote=True)


def own_address() -> str:
    """A loopback address of this process alone, so that a port given back is not taken by somebody else at once."""
    if sys.platform != "linux":
        return "127.0.0.1"  # elsewhere not all of 127.0.0.0/8 is the machine's own
    return str(ip_address("127.77.0.0") + os.getpid() % (1 << 16))


def test_stopping_gives_the_port_back() -> None:
    with serve_in_thread([(at := reserve(own_address()), hello("x"))]):
        pass
    reserve(own_address(), at.port).close()


def test_stopping_lets_a_running_request_finish(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "_PATIENCE", PATIENCE)
    entered = threading.Event()

    async def slow(_request: Request) -> Response:
        entered.set()
        await asyncio.sleep(0.3)
        return PlainTextResponse("done")

    answers: list[str] = []
    with serve_in_thread([(at := reserve(), Starlette(routes=[Route("/", slow)]))]):
        asking = threading.Thread(target=lambda: answers.append(get(at.origin).text))
        asking.start()
        assert entered.wait(PATIENCE)
    asking.join()
    assert answers == ["done"]


def test_an_application_that_cannot_start_is_reported_and_ends_the_others() -> None:
    @contextlib.asynccontextmanager
    async def broken(_app: Starlette) -> AsyncIterator[None]:
        raise RuntimeError("no")
        yield

    good, bad = reserve(own_address()), reserve()
    listening = Listening([(good, hello("x")), (bad, Starlette(lifespan=broken))])
    with pytest.raises(Unavailable, match="could not start"):
        listening.start()
    reserve(own_address(), good.port).close()


def test_lifespans_run_once_around_the_requests() -> None:
    seen: list[str] = []

    @contextlib.asynccontextmanager
    async def around(_app: Starlette) -> AsyncIterator[None]:
        seen.append("open")
        yield
        seen.append("closed")

    with serve_in_thread([(reserve(), Starlette(lifespan=around))]):
        assert seen == ["open"]
    assert seen == ["open", "closed"]


PROGRAM = """
import sys
from starlette.applications import Starlette
from warifu.wire import serving
from warifu.wire.serving import Listening, reserve
serving._PATIENCE = 600
at = reserve()
Listening([(at, Starlette())]).run(lambda: print(at.port, flush=True))
print("clean", flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_main_program_cleanly(number: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        port = int(program.stdout.readline())
        with socket.create_connection(("127.0.0.1", port)):
            start = time.monotonic()
            os.kill(program.pid, number)
            assert program.stdout.read() == "clean\n"
    assert program.returncode == 0
    assert time.monotonic() - start < PATIENCE, "it waited for a connection on which nothing was asked"


def is_refused(port: int) -> bool:
    """Whether nobody listens there any more."""
    with socket.socket() as another:
        return another.connect_ex(("127.0.0.1", port)) == errno.ECONNREFUSED


STUCK = """
import asyncio
from starlette.applications import Starlette
from starlette.routing import Route
from warifu.wire import serving
from warifu.wire.serving import Listening, reserve
serving._PATIENCE = 600

async def stuck(request):
    print("stuck", flush=True)
    await asyncio.sleep(600)

at = reserve()
Listening([(at, Starlette(routes=[Route("/", stuck)]))]).run(lambda: print(at.port, flush=True))
print("clean", flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_the_second_signal_does_not_wait_for_running_requests() -> None:
    with subprocess.Popen([sys.executable, "-c", STUCK], stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        port = int(program.stdout.readline())
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            assert program.stdout.readline() == "stuck\n"
            start = time.monotonic()
            os.kill(program.pid, signal.SIGINT)
            until(lambda: is_refused(port))  # two signals that come together are one
            os.kill(program.pid, signal.SIGINT)
            assert program.stdout.read() == "clean\n"
            assert time.monotonic() - start < PATIENCE
    assert program.returncode == 0
