"""Fetching from a server that means harm: it wastes seconds at most, and a bounded number of bytes."""

import gzip
import io
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from warifu.errors import Malformed, NotAllowed, Unavailable
from warifu.wire.verification import Address, Limits, fetch_list

PATIENT = Limits(size=10_000)
SHORT = Limits(size=10_000, patience=0.4, seconds=0.8)
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/pkix-crl\r\nconnection: close\r\n"
Behaviour = Callable[[socket.socket], None]


@contextmanager
def server(behave: Behaviour) -> Iterator[str]:
    """A server that does to each connection whatever it is told to."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    try:
                        connection.recv(4096)
                        behave(connection)
                    except OSError:
                        continue

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/list.crl"
        listening.shutdown(socket.SHUT_RDWR)


def fetch(address: str, limits: Limits = PATIENT) -> bytes:
    into = io.BytesIO()
    fetch_list(address, into, limits)
    return into.getvalue()


def saying(*parts: bytes) -> Behaviour:
    return lambda connection: connection.sendall(b"".join(parts))


def test_what_is_served_well_is_taken() -> None:
    with server(saying(HEAD, b"content-length: 4\r\n\r\n", b"list")) as address:
        assert fetch(address) == b"list"


def _endless(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"\r\n")
    while True:
        connection.sendall(bytes(1000))


def _drip(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"\r\n")
    for _ in range(600):
        connection.sendall(b"x")
        time.sleep(0.1)


def _dripping_headers(connection: socket.socket) -> None:
    connection.sendall(HEAD)
    for _ in range(600):
        connection.sendall(b"x: y\r\n")
        time.sleep(0.1)


def _silence(connection: socket.socket) -> None:
    connection.settimeout(60)
    assert not connection.recv(1)  # until the other leaves


def _redirect(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 302 Found\r\nlocation: /list.crl\r\ncontent-length: 0\r\n\r\n")


HARM: dict[str, Behaviour] = {
    "an endless body": _endless,
    "a body that drips": _drip,
    "headers that drip": _dripping_headers,
    "silence": _silence,
    "a redirect to itself": _redirect,
    "too long by what it says": saying(HEAD, b"content-length: 99999999\r\n\r\n", bytes(20_000)),
    "cut off": saying(HEAD, b"content-length: 400\r\n\r\n", b"half"),
    "a page": saying(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<html>"),
    "no type": saying(b"HTTP/1.1 200 OK\r\n\r\nlist"),
    "not found": saying(b"HTTP/1.1 404 Not Found\r\ncontent-type: application/pkix-crl\r\n\r\n"),
    "packed": saying(HEAD, b"content-encoding: gzip\r\n\r\n", gzip.compress(bytes(50_000_000))),
    "not http": saying(b"SSH-2.0-OpenSSH\r\n"),
    "nothing": saying(),
    "endless headers": saying(HEAD, b"x: " + b"y" * 500_000),
}


@pytest.mark.parametrize("behave", HARM.values(), ids=HARM)
def test_harm_is_unavailable_and_over_soon(behave: Behaviour) -> None:
    with server(behave) as address:
        start = time.monotonic()
        with pytest.raises(Unavailable):
            fetch(address, SHORT)
        assert time.monotonic() - start < 40


def test_a_time_that_is_up_before_anything_was_asked_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine that stands still meanwhile."""

    class AtOnce:
        def __init__(self, _seconds: float, act: Callable[[], None]) -> None:
            self.start, self.cancel = act, lambda: None

    monkeypatch.setattr(threading, "Timer", AtOnce)
    with server(saying()) as address, pytest.raises(Unavailable):
        fetch(address)


def test_nobody_there_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        fetch("http://127.0.0.1:1/list.crl")


def test_a_file_is_a_place_too(tmp_path: Path) -> None:
    (tmp_path / "one.crl").write_bytes(b"list")
    assert fetch(str(tmp_path / "one.crl")) == b"list"
    (tmp_path / "one.crl").write_bytes(bytes(10_001))
    for name in ("one.crl", "none.crl", ""):
        with pytest.raises(Unavailable):
            fetch(str(tmp_path / name))


# --- addresses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "ftp://example.jp/",
        "file:///etc/passwd",
        "http://",
        "http:///list.crl",
        "http://user:word@example.jp/",
        "http://example.jp/#part",
        "http://example.jp:99999/",
        "http://exa mple.jp/",
        "http://example.jp/\r\nx: y",
        "http://[::1/",
        "http://例.jp/",
        "http://example.jp/" + "a" * 2048,
    ],
)
def test_what_is_no_http_address_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        Address.read(text)


def resolving(monkeypatch: pytest.MonkeyPatch, *ips: str) -> None:
    """The name server answers this: the world outside, not our own code."""
    told = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 80)) for ip in ips]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_rest: told)


PRIVATE = ["127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "::1"]
PRIVATE += ["fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "2002:7f00:1::", "::"]


@pytest.mark.parametrize("ip", PRIVATE)
def test_a_name_that_leads_into_a_private_network_is_not_asked(ip: str, monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, ip)
    with pytest.raises(NotAllowed):
        fetch("http://crl.example.jp/list.crl")


def test_one_private_address_among_several_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, "203.0.113.1", "127.0.0.1")
    with pytest.raises(NotAllowed):
        Address.read("http://crl.example.jp/").resolve()


def test_a_name_of_the_world_leads_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, "8.8.8.8")
    assert Address.read("http://crl.example.jp/").resolve() == "8.8.8.8"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "ca.localhost", "10.0.0.5", "[::1]"])
def test_a_private_address_that_the_operator_wrote_is_asked(host: str) -> None:
    assert Address.read(f"http://{host}:8703/").written_as_own


def test_a_name_that_nobody_knows_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_asked: object, **_rest: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(Unavailable):
        Address.read("http://nobody.invalid/").resolve()


def test_a_file_without_an_end_is_too_long(tmp_path: Path) -> None:
    """Its size is not what it says: it may grow while it is read."""
    with (tmp_path / "list").open("wb") as file, pytest.raises(Unavailable):
        fetch_list("/dev/zero", file, Limits(size=3 << 20))
    assert (tmp_path / "list").stat().st_size <= 3 << 20
