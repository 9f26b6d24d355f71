"""Answers at hand go out as they would the ordinary way, byte for byte, whatever is sent and however it is cut."""

import asyncio
import socket
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn import Config
from uvicorn.server import ServerState

from warifu.wire.at_hand import AtHandProtocol
from warifu.wire.authority.warm import Warm
from warifu.wire.one_protocol import OneProtocol
from warifu.wire.serving import reserve, serve_in_thread

PATHS = (
    b"/ocsp/signing/abc",
    b"/ocsp/signing/abd",
    b"/ocsp/signing/abc?x=1",
    b"/crl/signing/13221.crl",
    b"*",
    b"/%6fcsp/",
)
HEADERS = (
    b"host: ca.example",
    b"user-agent: x",
    b"authorization: Bearer x",
    b"warifu-recipient: bank",
    b"connection: close",
    b"connection: keep-alive",
    b"content-length: 3",
    b"expect: 100-continue",
    b"transfer-encoding: chunked",
    b"connection: upgrade\r\nupgrade: websocket",
)
PLAIN = b"GET /ocsp/signing/abc HTTP/1.1\r\nhost: ca.example\r\n\r\n"


class Line:
    """A connection's other end, which keeps what was sent."""

    def __init__(self) -> None:
        self.sent, self.closed = b"", False

    def write(self, data: bytes) -> None:
        self.sent += data

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def get_extra_info(self, _name: str) -> None:
        return None

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


class Party:
    """Tells each question from the others, and that its answer may be kept; counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked += 1
        body = repr((scope["method"], scope["raw_path"], scope["query_string"])).encode()
        if scope["method"] == "POST":
            body += (await receive())["body"]
        kept = [(b"cache-control", b"max-age=60"), (b"X-Case", b"kept")]
        headers = [(b"content-length", str(len(body)).encode()), (b"content-type", b"text/plain"), *kept]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


class Talk:
    """One connection to a server with answers at hand, or without; all share one moment."""

    def __init__(self, protocol: type[OneProtocol]) -> None:
        self.party, self.seconds = Party(), 0.0
        self.warm = Warm(self.party, lambda: self.seconds)
        config = Config(self.warm, log_config=None, access_log=False, proxy_headers=False, ws="none", http=protocol)
        config.timeout_keep_alive = 3600  # else a connection could end while a busy machine thinks
        config.load()
        self.state = ServerState()
        self.state.default_headers = [(b"date", b"today")]
        self._make: Callable[[], Any] = lambda: protocol(config, self.state, {}, asyncio.get_running_loop())

    def connect(self) -> None:
        self.line, self.end = Line(), self._make()
        self.end.connection_made(self.line)

    async def hear(self, data: bytes) -> None:
        if not self.line.closed:
            self.end.data_received(data)
        await self.rest()

    async def rest(self) -> None:
        for _ in range(8):
            await asyncio.sleep(0)

    def hang_up(self) -> None:
        self.end.connection_lost(None)


def requests() -> st.SearchStrategy[bytes]:
    lines = st.lists(st.sampled_from(HEADERS), max_size=3).map(
        lambda lines: b"".join(b"%s\r\n" % each for each in lines)
    )
    methods = st.sampled_from((b"GET", b"GET", b"GET", b"HEAD", b"POST", b"OPTIONS"))
    whole = st.tuples(methods, st.sampled_from(PATHS), st.sampled_from((b"1.1", b"1.1", b"1.0")), lines)
    made = whole.map(lambda it: b"%s %s HTTP/%s\r\n%s\r\n" % it)
    return st.one_of(st.just(PLAIN), made, st.sampled_from((b"abc", b"\r\n", b"0\r\n\r\n", b"\0", PLAIN + PLAIN)))


def pieces() -> st.SearchStrategy[list[list[bytes]]]:
    """Connections, one after another, of pieces: whole requests, or cut anywhere."""
    cut = st.tuples(requests(), st.integers(0, 80)).map(lambda it: [it[0][: it[1]], it[0][it[1] :]])
    several = st.lists(requests().map(lambda it: [it]) | cut, min_size=1, max_size=5)
    return st.lists(several.map(lambda parts: [piece for part in parts for piece in part if piece]), max_size=3)


async def replies(protocol: type[OneProtocol], connections: Sequence[Sequence[bytes]]) -> list[Any]:
    talk, heard = Talk(protocol), []
    for number, connection in enumerate(connections):
        talk.connect()
        talk.seconds, talk.state.default_headers = 0.6 * number, [(b"date", b"%d" % number)]
        for piece in connection:
            await talk.hear(piece)
        heard.append((talk.line.sent, talk.line.closed, talk.state.total_requests))
        talk.hang_up()
    return [*heard, talk.party.asked]


@settings(max_examples=400, deadline=None)
@given(pieces())
@example([[PLAIN, PLAIN], [PLAIN, PLAIN], [PLAIN, PLAIN]])
@example([[PLAIN, PLAIN[:20], PLAIN[20:], PLAIN]])
@example([[PLAIN, PLAIN + PLAIN, PLAIN]])
@example([[b"POST /ocsp/signing/abc HTTP/1.1\r\ncontent-length: %d\r\n\r\n" % len(PLAIN), PLAIN, PLAIN], [PLAIN]])
def test_what_goes_out_is_what_goes_out_the_ordinary_way(connections: list[list[bytes]]) -> None:
    ordinary = asyncio.run(replies(OneProtocol, connections))
    assert asyncio.run(replies(AtHandProtocol, connections)) == ordinary


def test_the_same_bytes_again_are_answered_without_the_application(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> tuple[int, int, bytes]:
        talk = Talk(AtHandProtocol)
        talk.connect()
        await talk.hear(PLAIN)
        first = talk.line.sent
        called = 0
        ordinary = OneProtocol.data_received

        def counting(self: OneProtocol, data: bytes) -> None:
            nonlocal called
            called += 1
            ordinary(self, data)

        with monkeypatch.context() as patched:
            patched.setattr(OneProtocol, "data_received", counting)
            for _ in range(5):
                await talk.hear(PLAIN)
        assert talk.line.sent == first * 6
        talk.seconds = 1.0
        await talk.hear(PLAIN)
        talk.hang_up()
        return called, talk.party.asked, first

    called, asked, first = asyncio.run(story())
    assert (called, asked) == (0, 2), "and a second later it is asked for again"
    assert first.startswith(b"HTTP/1.1 200 OK\r\ndate: today\r\n")


class Skipping(asyncio.SelectorEventLoop):
    """A loop whose time can be moved on."""

    skipped = 0.0

    def time(self) -> float:
        return super().time() + self.skipped


def test_a_connection_that_is_silent_is_closed_and_one_that_asks_is_not() -> None:
    loop = Skipping()

    async def story() -> None:
        talk = Talk(AtHandProtocol)
        talk.connect()
        talk.end.timeout_keep_alive = 1000
        for _ in range(5):
            await talk.hear(PLAIN)
            loop.skipped += 600
        await talk.rest()
        assert not talk.line.closed
        loop.skipped += 600
        await talk.rest()
        assert talk.line.closed
        talk.hang_up()

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(story())


def test_an_answer_that_would_be_cut_or_end_the_connection_takes_the_ordinary_way() -> None:
    class Other:
        """Has an answer at hand that says how long the connection lasts."""

        def question_of(self, _scope: Scope) -> bytes:
            return b"x"

        def at_hand(self, _question: bytes) -> tuple[Message, Message]:
            start = {"type": "http.response.start", "status": 200, "headers": [(b"connection", b"close")]}
            return start, {"type": "http.response.body", "body": b"wrong"}

        async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
            headers = [(b"content-length", b"5")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b"right"})

    async def story() -> bytes:
        config = Config(Other(), log_config=None, access_log=False, proxy_headers=False, ws="none", http=AtHandProtocol)
        config.load()
        line, end = Line(), AtHandProtocol(config, ServerState(), {}, asyncio.get_running_loop())
        end.connection_made(line)  # type: ignore[arg-type] # as much of a transport as is asked for
        for _ in range(2):
            end.data_received(PLAIN)
            for _ in range(8):
                await asyncio.sleep(0)
        end.connection_lost(None)
        return line.sent

    assert asyncio.run(story()).count(b"right") == 2


def test_our_servers_give_answers_at_hand() -> None:
    """Over a socket, as `serve` configures it: what was asked once does not even reach the application."""
    at, called = reserve(), 0

    class Watched(Warm):
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            nonlocal called
            called += scope["type"] == "http"
            await super().__call__(scope, receive, send)

    with (
        serve_in_thread([(at, Watched(_without_lifespan(Party()), lambda: 0.0))]),
        socket.create_connection((at.host, at.port)) as line,
    ):
        answers = set()
        for _ in range(3):
            line.sendall(PLAIN)
            received = b""
            while not received.endswith(b"b'')"):
                received += line.recv(4096)
            answers.add(received.partition(b"date: ")[0] + received.partition(b"GMT")[2])
    assert (len(answers), called) == (1, 1)


def _without_lifespan(party: Party) -> ASGIApp:
    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        await party(scope, receive, send)

    return application
