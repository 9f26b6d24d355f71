"""A verifier for others: signed documents, evidence and logins, verified over REST.

Who asks shows a bearer token (RFC 6750), made by ``warifu callers add``; its scopes open groups of operations. A
document is sent as it is, or as the part ``document`` of a form (``multipart/form-data``), with the part ``content``
where the signature is beside what it signs; 100 MB each. Answers are reports in the terms of ETSI EN 319 102-1. They
never tell a serial number: `pairwise_id` is the same for the same certificate, and another one for every caller
(公的個人認証法 第63条). Of real certificates nothing about the holder is told, and they are never more than
INDETERMINATE (第17条). Errors are as everywhere: ``{"error": NAME, "description": TEXT}``; 503 also where verifying
takes too long, or all who verify are busy.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Query, Request
from fastapi.security import HTTPBearer
from pydantic import AfterValidator, BaseModel, Field, ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Lifespan

from warifu.errors import Malformed, NotAllowed, TokenUnknown, Unavailable
from warifu.messages import LoginAnswer, LoginChallenge, json
from warifu.wire.answers import read_body
from warifu.wire.pages import choose_language
from warifu.wire.rest import Form, Moment, rest_application
from warifu.wire.verification import Office
from warifu.wire.verifier.body import lines_of, read_files
from warifu.wire.verifier.callers import Caller, Callers
from warifu.wire.verifier.operating import Operating, add_operator
from warifu.wire.verifier.processes import Processes
from warifu.wire.verifier.streaming import LINES, Streamed, answers
from warifu.wire.verifier.tasks import (
    DocumentWork,
    EvidenceCheck,
    EvidenceWork,
    LoginWork,
    Shape,
    check_evidence,
    check_login,
    make_evidence,
    verify_document,
)

__all__ = ["Stamping", "application"]

_ZIP, _ANY = "application/zip", "application/octet-stream"
_SHAPES: dict[str, Shape] = {"application/json": "json", "text/html": "html", "text/plain": "text"}
_PAGE = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"}
_MOST_LOGIN = 64 * 1024
_MOST_ACCEPT = 500
_HELD = 4
"""Bodies of documents held for each process."""
_bearer = HTTPBearer(auto_error=False, description="a token made by `warifu callers add`")
_AT = Query(description="verify as of this moment; that the document existed then is what the caller vouches for")


def _reckoned(at: datetime | None) -> datetime | None:
    """A moment that others can be reckoned from: not of the first years, nor of the last."""
    if at is not None and not 1950 <= at.year < 9000:
        raise ValueError("a moment from 1950 to 8999")
    return at


_At = Annotated[Moment | None, AfterValidator(_reckoned), _AT]


@dataclass(frozen=True, slots=True)
class Stamping:
    """What evidence is made with: where the verifier's key is, and a timestamp service."""

    key: Path
    timestamp: str


class Challenge(Form):
    """The challenge that was asked; `nonce` is base64 of 32 bytes."""

    origin: str = Field(max_length=255)
    client: str = Field(max_length=255)
    transaction: str = Field(max_length=255)
    nonce: str = Field(max_length=64)


class LoginQuestion(Form):
    """The challenge, until when it was good, and the answer as the phone or the companion sent it."""

    expected: Challenge
    expires_at: Moment
    answer: dict[str, Any]


class Login(BaseModel):
    """Somebody with the card of a good certificate, who knows its PIN, answered."""

    pairwise_id: str = Field(description="the same for the same certificate, another one for every caller")
    authority_key: str
    not_after: datetime
    checked_at: datetime
    source: str = Field(description="what told that the certificate is in effect")


class Report(BaseModel):
    """A report; `signatures` tell of each check what it saw, by which clause, and what that means."""

    model_config = {"extra": "allow"}

    schema_: int = Field(alias="schema")
    document: dict[str, str]
    at: datetime
    indication: str
    signatures: list[dict[str, Any]]


class EvidenceShown(BaseModel):
    """What evidence shows; `report` is there with the document only."""

    at: datetime
    indication: str
    sub_indication: str | None
    made_at: datetime
    existed_at: datetime | None
    verifier: str
    withheld: int
    recorded: str | None
    report: Report | None


def application(
    processes: Processes[Office],
    callers: Callers,
    stamping: Stamping | None = None,
    operating: Operating | None = None,
    *,
    lifespan: Lifespan[FastAPI] | None = None,
) -> FastAPI:
    """The application. Without `stamping` it makes no evidence, without `operating` it is no platform operator."""
    router = APIRouter()
    desk = _Desk(processes, callers)
    _add_documents(router, desk)
    _add_evidence(router, desk, stamping)
    _add_logins(router, desk)
    if operating is not None:
        add_operator(router, desk, operating)
    return rest_application("warifu verifier", __doc__ or "", [router], lifespan=lifespan, longest=None)


class _Desk:
    """Who asks, and who works."""

    def __init__(self, processes: Processes[Office], callers: Callers) -> None:
        self.processes, self._callers = processes, callers
        self._room = asyncio.Semaphore(processes.count * _HELD)

    def allowed(self, scope: str) -> Callable[..., Caller]:
        """A dependency: whoever shows a token for this scope. It is asked before a byte of the body is read."""

        def caller(request: Request, _shown: Annotated[object, Depends(_bearer)]) -> Caller:
            scheme, _, token = request.headers.get("authorization", "").partition(" ")
            if scheme.lower() != "bearer" or not token:
                raise TokenUnknown
            found = self._callers.find(token.strip())
            if scope not in found.scopes:
                raise NotAllowed("the token is for something else")
            return found

        return caller

    @asynccontextmanager
    async def room(self) -> AsyncIterator[None]:
        """Room for one more body: so many are held at once, whoever asks.

        Raises:
            Unavailable: there is none in time.
        """
        try:
            async with asyncio.timeout(self.processes.patience):
                await self._room.acquire()
        except TimeoutError:
            raise Unavailable("too many documents are being sent") from None
        try:
            yield
        finally:
            self._room.release()

    def secret(self, caller: Caller) -> bytes:
        """The key of the caller's ids."""
        return self._callers.secret_of(caller)


def _add_documents(made: APIRouter, desk: _Desk) -> None:
    caller_of = Depends(desk.allowed("documents"))

    @made.post(
        "/documents",
        tags=["documents"],
        summary="verify one document",
        openapi_extra=_files("document", "content"),
        response_class=Response,
        responses={
            200: {
                "description": "the report, in the shape that Accept names, in the language of Accept-Language",
                "content": {
                    "application/json": {"schema": Report.model_json_schema()},
                    **{kind: {"schema": {"type": "string"}} for kind in ("text/html", "text/plain")},
                },
            },
            406: {"description": "Accept names none of these", **_error()},
        },
    )
    async def verify(request: Request, caller: Annotated[Caller, caller_of], at: _At = None) -> Response:
        kind = _wanted(request)
        shape, language, secret = _SHAPES[kind], choose_language(request), desk.secret(caller)
        async with desk.room():
            files = await read_files(request, "document", "content")
            work = DocumentWork(files["document"], files.get("content"), at, secret, shape, language)
            told = await desk.processes.work(verify_document, work)
        return Response(told, media_type=kind, headers=_PAGE if kind == "text/html" else None)

    @made.post(
        "/documents/many",
        tags=["documents"],
        summary="verify many documents, line by line",
        openapi_extra=_body({LINES: {"schema": {"type": "string", "description": _LINES_ARE}}}),
        response_class=Response,
        responses={200: {"description": _ANSWERS_ARE, "content": {LINES: {"schema": {"type": "string"}}}}},
    )
    async def verify_many(request: Request, caller: Annotated[Caller, caller_of], at: _At = None) -> Response:
        return Streamed(answers(desk.processes, lines_of(request), at, desk.secret(caller)), LINES)


_LINES_ARE = "JSON objects, one a line: document (base64), and perhaps content (base64) and id (any text)"
_ANSWERS_ARE = (
    "JSON objects, one for each line, in order: id, and report, or error and description. They come while the request "
    "is still being sent, and must be read meanwhile."
)


def _add_evidence(made: APIRouter, desk: _Desk, stamping: Stamping | None) -> None:
    caller_of = Depends(desk.allowed("evidence"))

    @made.post(
        "/evidence",
        tags=["evidence"],
        summary="evidence that a document is good",
        description="A bundle that anybody checks offline after everything has expired. It carries the signers' "
        "certificates; about real ones none is made.",
        openapi_extra=_files("document", "content"),
        response_class=Response,
        responses={200: {"description": "the bundle", "content": {_ZIP: {"schema": _BINARY}}}},
    )
    async def make(request: Request, _caller: Annotated[Caller, caller_of]) -> Response:
        if stamping is None:
            raise Unavailable("this verifier has no timestamp service, so it makes no evidence")
        async with desk.room():
            files = await read_files(request, "document", "content")
            work = EvidenceWork(files["document"], files.get("content"), stamping.key, stamping.timestamp)
            return Response(await desk.processes.work(make_evidence, work), media_type=_ZIP)

    @made.post(
        "/evidence/check",
        tags=["evidence"],
        summary="what evidence shows",
        description="With the document every signature is verified anew; without it the answer is what was reported.",
        openapi_extra=_files("bundle", "document", "content"),
        response_model=EvidenceShown,
    )
    async def check(request: Request, _caller: Annotated[Caller, caller_of], at: _At = None) -> Response:
        async with desk.room():
            files = await read_files(request, "bundle", "document", "content")
            work = EvidenceCheck(files["bundle"], files.get("document"), files.get("content"), at)
            return Response(await desk.processes.work(check_evidence, work), media_type="application/json")


def _add_logins(made: APIRouter, desk: _Desk) -> None:
    question = {"application/json": {"schema": _inlined(LoginQuestion.model_json_schema())}}

    @made.post(
        "/logins",
        tags=["logins"],
        summary="who answered a login challenge",
        description="For whoever runs a login of their own. Each challenge may be answered once: that is for the "
        "caller to see to.",
        openapi_extra=_body(question),
    )
    async def login(request: Request, caller: Annotated[Caller, Depends(desk.allowed("logins"))]) -> Login:
        asked = _question(await read_body(request, _MOST_LOGIN))
        expected = asked.expected
        nonce = json.from_base64(expected.nonce)
        challenge = LoginChallenge(expected.origin, expected.client, expected.transaction, nonce)
        answer = LoginAnswer.decode(json.dump(asked.answer))
        work = LoginWork(answer, challenge, asked.expires_at, desk.secret(caller))
        return Login(**await desk.processes.work(check_login, work))


def _question(body: bytes) -> LoginQuestion:
    try:
        return LoginQuestion.model_validate_json(body)
    except ValidationError:
        raise Malformed("not as described") from None


def _wanted(request: Request) -> str:
    """The type that Accept likes best of ours (RFC 9110 §12.5.1); JSON for whoever takes anything."""
    accept = request.headers.get("accept", "*/*")[:_MOST_ACCEPT]
    best = max(_SHAPES, key=lambda kind: _liking(accept, kind))
    if _liking(accept, best) <= 0:
        raise HTTPException(406, "not acceptable")
    return best


def _liking(accept: str, kind: str) -> float:
    """How much a type is liked: by the most exact of the ranges that it is in."""
    ranges = (kind, kind.partition("/")[0] + "/*", "*/*")
    liked: dict[str, float] = {}
    for entry in accept.lower().split(","):
        name, _, parameters = entry.strip().partition(";")
        liked[name.strip()] = _quality(parameters.split(";"))
    return next((liked[each] for each in ranges if each in liked), 0.0)


def _quality(parameters: Sequence[str]) -> float:
    told = [each.strip().removeprefix("q=") for each in parameters if each.strip().startswith("q=")]
    try:
        return min(float(told[0]), 1.0) if told else 1.0
    except ValueError:
        return 0.0


_BINARY = {"type": "string", "format": "binary"}


def _body(content: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": content}}


def _files(first: str, *others: str) -> dict[str, Any]:
    """A body that is one file, or a form of several."""
    form = {
        "type": "object",
        "properties": dict.fromkeys((first, *others), _BINARY),
        "required": [first],
        "additionalProperties": False,
    }
    return _body({_ANY: {"schema": _BINARY}, "multipart/form-data": {"schema": form}})


def _error() -> dict[str, Any]:
    return {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorAnswer"}}}}


def _inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema whose parts stand where they are used: a description has its own place for parts."""
    parts = schema.pop("$defs", {})
    for name, member in schema["properties"].items():
        if "$ref" in member:
            schema["properties"][name] = parts[member["$ref"].rpartition("/")[2]]
    return schema
