"""Answers that were signed beforehand and asked for a moment ago, at hand.

Everybody who meets a certificate asks the same question about it, and the answer may be kept for hours (RFC 5019 §6).
So it need not come from the record each time: what was answered within the last second is answered again, without
Starlette, thread or database, and by our server without this application being called (`wire.at_hand`). A certificate
that is revoked is so for whoever asks here a second later at the latest.
"""

import time
from collections.abc import Callable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Warm"]

_FOR: Final = 1.0
"""Seconds. Far less than the time for which everybody else may keep the answer."""
_MOST: Final = 4096
"""Answers, of about two thousand bytes each."""
_LONGEST: Final = 256
"""Characters of a question's address: one certificate, no signature; who signs a question is counted each time."""
_FOR_PAGES: Final = frozenset({b"content-security-policy", b"cross-origin-resource-policy", b"referrer-policy"})
"""Headers that tell a browser what to do with a page; what is asked here is no page, and each costs time."""
_SAYS_WHO: Final = frozenset({b"authorization", b"warifu-recipient"})


class Warm:
    """Gives answers again that say themselves that they may be kept; everything else goes through."""

    def __init__(self, app: ASGIApp, seconds: Callable[[], float] = time.monotonic, most: int = _MOST) -> None:
        self._app = app
        self._seconds = seconds
        self._most = most
        self._kept: dict[bytes, tuple[float, Message, Message]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or let the application answer and keep it."""
        question = self.question_of(scope)
        if question is None:
            await self._app(scope, receive, send)
            return
        found = self.at_hand(question)
        if found is not None:
            await send(found[0])
            await send(found[1])
            return
        sent: list[Message] = []

        async def keeping(message: Message) -> None:
            sent.append(message)
            await send(message)

        await self._app(scope, receive, keeping)
        self._keep(question, sent)

    def question_of(self, scope: Scope) -> bytes | None:
        """The address, if the answer to this request may be at hand: a short question, asked plainly."""
        question: bytes = scope.get("raw_path") or b""
        short = 0 < len(question) <= _LONGEST and question.startswith(b"/ocsp/")
        return question if short and _asks_plainly(scope) else None

    def at_hand(self, question: bytes) -> tuple[Message, Message] | None:
        """The answer given within the last second, if there is one."""
        found = self._kept.get(question)
        return None if found is None or found[0] <= self._seconds() else found[1:]

    def _keep(self, question: bytes, sent: list[Message]) -> None:
        """Keep an answer that came whole and may be kept; when there are too many, all others are forgotten."""
        if len(sent) != 2 or sent[0].get("status") != 200 or sent[1].get("more_body"):
            return
        if any(name == b"cache-control" and value.startswith(b"max-age=") for name, value in sent[0]["headers"]):
            if len(self._kept) >= self._most:
                self._kept.clear()
            told = [each for each in sent[0]["headers"] if each[0] not in _FOR_PAGES]
            self._kept[question] = (self._seconds() + _FOR, {**sent[0], "headers": told}, sent[1])


def _asks_plainly(scope: Scope) -> bool:
    """Whether somebody who does not say who it is asks by GET."""
    if scope["type"] != "http" or scope["method"] != "GET" or scope["query_string"]:
        return False
    return _SAYS_WHO.isdisjoint([name for name, _ in scope["headers"]])
