"""An offer to speak another protocol is passed over, and the request is answered whole (RFC 9110 §7.8)."""

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tests.waiting import PATIENCE
from warifu.wire.serving import Reserved, reserve, serve_in_thread

OFFERS = {
    "h2c": b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAA\r\n",
    "websocket": b"Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n",
    "none": b"",
}
BODIES = {
    "counted": (b"Content-Length: 5\r\n", b"a=b&c"),
    "chunked": (b"Transfer-Encoding: chunked\r\n", b"5\r\na=b&c\r\n0\r\n\r\n"),
}


async def _echo(request: Request) -> Response:
    return PlainTextResponse(b"<" + await request.body() + b">")


@pytest.fixture(scope="module")
def address() -> Iterator[Reserved]:
    at = reserve()
    with serve_in_thread([(at, Starlette(routes=[Route("/", _echo, methods=["GET", "POST"])]))]):
        yield at


LAST = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"


def said(address: Reserved, *parts: bytes) -> bytes:
    """What the server says to these, until it says no more."""
    with closing(socket.create_connection(("127.0.0.1", address.port), PATIENCE)) as line:
        for part in parts:
            line.sendall(part)
        return b"".join(iter(lambda: line.recv(65536), b""))


@pytest.mark.parametrize("body", sorted(BODIES))
@pytest.mark.parametrize("offer", sorted(OFFERS))
@pytest.mark.parametrize("cut", [0, 1, 20, -1, -30])
def test_the_body_arrives_and_the_connection_goes_on(address: Reserved, offer: str, body: str, cut: int) -> None:
    """However the bytes are cut: the JDK's client sends head and body apart."""
    length, content = BODIES[body]
    request = b"POST / HTTP/1.1\r\nHost: x\r\n" + length + OFFERS[offer] + b"\r\n" + content
    parts = (request[:cut], request[cut:]) if cut else (request[: -len(content)], content)
    answers = said(address, *parts, LAST)
    assert answers.count(b"HTTP/1.1 200 OK") == 2
    assert b"<a=b&c>" in answers
    assert answers.endswith(b"<>")


def test_a_client_that_closes_is_left_to(address: Reserved) -> None:
    """The other words of `Connection` stay. In one piece: a line that closes on unread bytes may lose its answer."""
    leaving = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close, Upgrade\r\nUpgrade: h2c\r\n\r\n"
    answers = said(address, leaving + LAST)
    assert answers.count(b"HTTP/1.1") == 1


def test_many_offers_in_one_piece_are_many_requests(address: Reserved) -> None:
    """Nothing grows with them but the work."""
    one = b"GET / HTTP/1.1\r\nHost: x\r\n" + OFFERS["websocket"] + b"\r\n"
    assert said(address, one * 500, LAST).count(b"HTTP/1.1 200 OK") == 501


def test_a_tunnel_is_not_made(address: Reserved) -> None:
    """CONNECT is a method that nothing here answers."""
    with closing(socket.create_connection(("127.0.0.1", address.port), PATIENCE)) as line:
        line.sendall(b"CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert not line.recv(65536).startswith(b"HTTP/1.1 2")
