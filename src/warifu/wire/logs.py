"""Structured logs: one JSON object a line on stderr, without secrets.

Names that hold secrets or personal data are refused as fields whoever logs them; an exception is logged by its class
and its frames, and by its message only when it is one of ours (`WarifuError` messages are public by rule). The request
log knows the method, the path template, the status and the time taken: no query string, no body, no cookie, no address.
"""

import json
import logging
import sys
import time
import traceback
from datetime import UTC, datetime
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from warifu.errors import WarifuError

__all__ = ["JsonLines", "RequestLog", "WithoutSecrets", "log_to_stderr"]

WITHHELD = "(withheld)"

_SECRET_WORDS = frozenset({
    *("pin", "password", "secret", "token", "cookie", "authorization", "assertion", "code", "key", "verifier"),
    *("name", "address", "birth", "sex", "attributes", "subject", "serial", "number", "body", "query", "nonce"),
})  # fmt: skip
# What the standard library puts into every record; everything else came by `extra`.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}

_requests = logging.getLogger("warifu.requests")


class WithoutSecrets(logging.Filter):
    """Withholds every extra field whose name says that it is secret or personal."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let the record through, its secrets replaced."""
        for name in vars(record).keys() - _STANDARD:
            if _is_secret(name):
                setattr(record, name, WITHHELD)
        return True


class JsonLines(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message, extra fields, and for an exception its frames."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info and record.exc_info[1] is not None:
            line["exception"] = _causes(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


class RequestLog:
    """ASGI middleware that logs each request when it is answered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; log how it was answered."""
        if scope["type"] != "http" or not _requests.isEnabledFor(logging.INFO):
            await self._app(scope, receive, send)
            return
        status = 0
        start = time.perf_counter()

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            _log_request(scope, status, time.perf_counter() - start)


def log_to_stderr(level: int | str = logging.INFO) -> None:
    """Send the logs of the whole process to stderr as JSON lines; the servers' own only from warnings on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    handler.addFilter(WithoutSecrets())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in ("uvicorn", "uvicorn.error", "alembic", "httpx", "httpx2", "httpcore", "httpcore2"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _log_request(scope: Scope, status: int, seconds: float) -> None:
    """Log the path as the route spells it: the real one can hold identifiers."""
    route = getattr(scope.get("route"), "path", None)
    fields = {"method": scope["method"], "path": route or "(no route)", "status": status}
    _requests.info("request", extra={**fields, "milliseconds": round(seconds * 1000, 2)})


def _is_secret(name: str) -> bool:
    return not _SECRET_WORDS.isdisjoint(name.lower().split("_"))


def _causes(error: BaseException) -> list[dict[str, Any]]:
    """The exception and what caused it, outermost first: class, frames, and the message where it is public."""
    found: list[dict[str, Any]] = []
    current: BaseException | None = error
    while current is not None and len(found) < 8:
        found.append(_described(current))
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return found


def _described(error: BaseException) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)
    entry: dict[str, Any] = {
        "class": f"{type(error).__module__}.{type(error).__qualname__}",
        "frames": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
    if isinstance(error, WarifuError):
        entry |= {"message": str(error), "detail": error.detail}
    return entry
