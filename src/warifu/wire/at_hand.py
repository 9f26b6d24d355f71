"""A server that gives answers at hand without asking the application: some ten times as many as through ASGI.

What costs time in a small answer is not the answer but its way: a parser's callbacks, a scope, a task, two messages. An
application that has answers at hand (`AtHand`) is asked the ordinary way first. Whoever then sends the very same bytes
again, as everybody does who asks about the same certificate, sends the same request: so what it asks is looked up by
its bytes, and whether there is still an answer at hand is the application's to say each time. Everything else takes the
ordinary way, and what goes out is the same, byte for byte.
"""

from typing import Any, Final, Protocol, runtime_checkable

from starlette.types import Message, Scope
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from warifu.wire.one_protocol import OneProtocol

__all__ = ["AtHand", "AtHandProtocol", "protocol_for"]

_MOST: Final = 4096
"""Requests whose question is known, and answers as sent."""
_LONGEST: Final = 1024
"""Bytes of one, head and all."""
_OTHER_WAYS: Final = frozenset({b"content-length", b"expect", b"transfer-encoding", b"upgrade"})
"""Headers with which a request goes on after its head, or in another protocol."""


@runtime_checkable
class AtHand(Protocol):
    """An application that can answer some questions from what it has at hand."""

    def question_of(self, scope: Scope) -> bytes | None:
        """What this request asks, if that can be at hand: the same for everybody who asks it."""
        ...

    def at_hand(self, question: bytes) -> tuple[Message, Message] | None:
        """The two messages of the answer that would be given now, if it is at hand."""
        ...


def protocol_for(application: object) -> type[OneProtocol]:
    """How a server speaks HTTP for this application, as uvicorn is told."""
    return AtHandProtocol if isinstance(application, AtHand) else OneProtocol


class AtHandProtocol(OneProtocol):
    """One connection to an application with answers at hand."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._answers: Any = self.app if isinstance(self.app, AtHand) and self._is_plain() else None
        self._known = _known_to(self.server_state)
        self._begun = self._ended = 0
        self._answered_at = 0.0

    def _is_plain(self) -> bool:
        """Whether the ordinary way does nothing at each request that this one would leave out."""
        return not self.config.access_log and self.limit_concurrency is None and not self.root_path

    def data_received(self, data: bytes) -> None:
        """Answer from what is at hand, or go the ordinary way and learn what these bytes ask."""
        if self._answers is None or not self._is_idle():
            super().data_received(data)
            return
        question = self._known.questions.get(data)
        if question is not None and (answer := self._answer(question)) is not None:
            self.transport.write(answer)
            self.server_state.total_requests += 1
            self._wait_for_more()
            return
        begun, ended = self._begun, self._ended
        super().data_received(data)
        if len(data) <= _LONGEST and self._begun == begun + 1 and self._ended == ended + 1:
            self._learn(data)

    def on_message_begin(self) -> None:
        """Count: of what is learnt, the bytes are one request, whole."""
        self._begun += 1
        super().on_message_begin()

    def on_message_complete(self) -> None:
        """Count as well."""
        self._ended += 1
        super().on_message_complete()

    def timeout_keep_alive_handler(self) -> None:
        """Close the connection, unless an answer at hand was given since the waiting began."""
        left = self._answered_at + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self.timeout_keep_alive_task = self.loop.call_later(left, self.timeout_keep_alive_handler)
        else:
            super().timeout_keep_alive_handler()

    def _is_idle(self) -> bool:
        """Whether the next byte begins a request, and nothing waits to be answered or sent."""
        cycle: Any = self.cycle  # None before the first request
        done = cycle is None or cycle.response_complete
        return done and self._begun == self._ended and not self.pipeline and not self.flow.write_paused

    def _wait_for_more(self) -> None:
        """One timer for many answers: it begins anew when it is over, where uvicorn has one for each."""
        self._answered_at = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def _answer(self, question: bytes) -> bytes | None:
        found = self._answers.at_hand(question)
        if found is None:
            return None
        # With the date, which is another list each second.
        default = self.server_state.default_headers
        rendered = self._known.answers.get(question)
        if rendered is None or rendered[0] is not found[0] or rendered[1] is not default:
            rendered = found[0], default, _render(default, *found)
            self._known.keep_answer(question, rendered)
        return rendered[2]

    def _learn(self, data: bytes) -> None:
        """Keep what these bytes ask: one request in HTTP/1.1, after which the connection stays."""
        scope = self.scope
        if scope["http_version"] != "1.1" or not self.cycle.keep_alive:
            return
        if not _OTHER_WAYS.isdisjoint([name for name, _ in scope["headers"]]) or self.transport.is_closing():
            return
        question = self._answers.question_of(scope)
        if question is not None:
            self._known.keep_question(data, question)


class _Known:
    """What all connections of one server have learnt."""

    def __init__(self) -> None:
        self.questions: dict[bytes, bytes] = {}
        self.answers: dict[bytes, tuple[Message, object, bytes | None]] = {}

    def keep_question(self, data: bytes, question: bytes) -> None:
        """Keep it; when there are too many, all others are forgotten."""
        if len(self.questions) >= _MOST:
            self.questions.clear()
        self.questions[bytes(data)] = question

    def keep_answer(self, question: bytes, rendered: tuple[Message, object, bytes | None]) -> None:
        """As `keep_question`."""
        if len(self.answers) >= _MOST:
            self.answers.clear()
        self.answers[question] = rendered


def _known_to(server_state: Any) -> _Known:
    known = getattr(server_state, "known_at_hand", None)
    if not isinstance(known, _Known):
        known = server_state.known_at_hand = _Known()
    return known


def _render(default: list[tuple[bytes, bytes]], start: Message, body: Message) -> bytes | None:
    """The answer as uvicorn sends it; None for one that it would send in chunks, or close the connection after."""
    headers = [*default, *start["headers"]]
    names = [name.lower() for name, _ in headers]
    if b"content-length" not in names or b"connection" in names or b"transfer-encoding" in names:
        return None
    lines = [part for name, value in headers for part in (name.lower(), b": ", value, b"\r\n")]
    return b"".join([STATUS_LINE[start["status"]], *lines, b"\r\n", body["body"]])
