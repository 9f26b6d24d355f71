"""The authorities over HTTP: status questions, revocation lists, their own certificates, the practice statement.

``GET /ocsp/KIND/BASE64`` and ``POST /ocsp/KIND`` (RFC 6960 appendix A), KIND ``signing`` or ``authentication``: the
address in the certificates. ``GET /crl/KIND/CODE.crl`` the newest revocation list of the municipality CODE, with
``-NUMBER`` after CODE under the spelling that it had before, counted from 1,
``GET /arl/KIND.crl`` that of the authority's own certificates, ``GET /ca/KIND.cer`` the authority's certificate; with
``/GENERATION`` (key identifier, hexadecimal) after KIND those of an older generation. ``GET /cps`` the practice
statement. Documents have an ETag and the moment they were made; who has them already is told so (RFC 9110 §13).

Modelled: in life none of this is public, and revocation lists have no address at all; only verifiers who filed with
J-LIS are answered, as here with `access` closed.
"""

import hashlib
import logging
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache
from importlib.resources import files

from cryptography import x509
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from warifu.ca import Service, Way, refusal_of
from warifu.errors import Malformed, NotAllowed, NotFound, TokenUnknown, Unavailable
from warifu.pki import CertificateKind, OcspError, OcspQuestions, build_ocsp_error, decode_ocsp_get
from warifu.wire.answers import application as answering
from warifu.wire.answers import read_body
from warifu.wire.authority.access import Access
from warifu.wire.authority.publishing import Published
from warifu.wire.authority.service import Authorities
from warifu.wire.authority.status import Reply
from warifu.wire.authority.warm import Warm

OCSP_REQUEST = "application/ocsp-request"
OCSP_RESPONSE = "application/ocsp-response"

MAX_QUESTION = 32 * 1024
"""Bytes of an OCSP request: up to a hundred questions, and the certificate of who signed it."""
MAX_PATH = 4096
"""Characters of one in a path: a question about one certificate."""

_CODE = re.compile(r"([0-9]{5})(?:-([1-9][0-9]{0,2}))?")
_log = logging.getLogger("warifu.authority")


def application(authorities: Authorities, access: Access | None = None, more: Sequence[BaseRoute] = ()) -> ASGIApp:
    """The application of both authorities; without `access` everybody is answered and nobody counted.

    `more` are routes beside these: the REST interface, the register's letters.
    """
    desk = _Desk(authorities, access)
    made = answering(
        [
            *more,
            Route("/ocsp/{kind}", desk.ask_by_post, methods=["POST"]),
            Route("/ocsp/{kind}/{question:path}", desk.ask_by_get),
            Route("/crl/{kind}/{municipality}.crl", desk.revocation_list),
            Route("/crl/{kind}/{generation}/{municipality}.crl", desk.revocation_list),
            Route("/arl/{kind}.crl", desk.list_of_authorities),
            Route("/arl/{kind}/{generation}.crl", desk.list_of_authorities),
            Route("/ca/{kind}.cer", desk.certificate),
            Route("/ca/{kind}/{generation}.cer", desk.certificate),
            Route("/cps", desk.practice_statement),
        ]
    )
    return Warm(made) if access is None or not access.closed else made


class _Desk:
    """Where requests arrive. Questions go to a worker thread: reading the record waits, signing lets others run."""

    def __init__(self, authorities: Authorities, access: Access | None) -> None:
        self._authorities = authorities
        self._access = access
        self._statement = files(__package__).joinpath("cps.html").read_text("utf-8")

    async def ask_by_post(self, request: Request) -> Response:
        kind = _kind(request)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != OCSP_REQUEST:
            raise Malformed(f"a question has the content type {OCSP_REQUEST}")
        try:
            question = await read_body(request, MAX_QUESTION)
        except Malformed:
            return _answer(Reply(build_ocsp_error(OcspError.MALFORMED_REQUEST)))
        return await self._ask(request, kind, question)

    async def ask_by_get(self, request: Request) -> Response:
        kind, path = _kind(request), request.path_params["question"]
        try:
            question = decode_ocsp_get(path) if len(path) <= MAX_PATH else b""
        except Malformed:
            question = b""
        return await self._ask(request, kind, question)

    async def _ask(self, request: Request, kind: CertificateKind, question: bytes) -> Response:
        try:
            reply = await run_in_threadpool(self._reply, request, kind, question)
        except Unavailable:
            _log.exception("no answer to a question")
            reply = Reply(build_ocsp_error(OcspError.TRY_LATER))
        return _answer(reply)

    def _reply(self, request: Request, kind: CertificateKind, data: bytes) -> Reply:
        if self._access is None:
            return self._authorities.status.reply(kind, data)
        try:
            questions = OcspQuestions.decode(data)
        except Malformed:
            return Reply(build_ocsp_error(OcspError.MALFORMED_REQUEST))
        try:
            asker = self._access.asker(request, questions, kind)
        except (NotAllowed, TokenUnknown):
            return Reply(build_ocsp_error(refusal_of(questions)))
        reply = self._authorities.status.answer(kind, questions)
        self._access.count(asker, Service.status_of(kind), Way.OCSP, len(questions.asked))
        # What only recipients are told is for no cache on the way to keep.
        return Reply(reply.der) if self._access.closed else reply

    async def revocation_list(self, request: Request) -> Response:
        kind, generation = _kind(request), _generation(request)
        municipality, spelling = _municipality(request)

        def find() -> Published:
            reader = None if self._access is None else self._access.reader(request, kind)
            found = self._newest(kind, municipality, spelling, generation)
            if self._access is not None:
                self._access.count(reader, Service.lists_of(kind), Way.LIST)
            return found

        return _unless_known(request, *_of_list(*await run_in_threadpool(find)))

    def _newest(
        self, kind: CertificateKind, municipality: str, spelling: int | None, generation: bytes | None
    ) -> Published:
        publisher = self._authorities.publisher
        if spelling is None:
            return publisher.newest(kind, municipality, generation)
        return publisher.newest_former(kind, municipality, spelling, generation)

    async def list_of_authorities(self, request: Request) -> Response:
        """Whom it concerns are the authorities: it is nobody's secret."""
        kind, generation = _kind(request), _generation(request)
        find = self._authorities.publisher.newest_of_authorities
        return _unless_known(request, *_of_list(*await run_in_threadpool(find, kind, generation)))

    async def certificate(self, request: Request) -> Response:
        issuer = self._authorities.authority(_kind(request), _generation(request)).issuer
        return _unless_known(request, *_of_certificate(issuer.certificate_der))

    async def practice_statement(self, _request: Request) -> Response:
        return HTMLResponse(self._statement)


def _kind(request: Request) -> CertificateKind:
    try:
        return CertificateKind(request.path_params["kind"])
    except ValueError:
        raise NotFound("no such authority") from None


def _municipality(request: Request) -> tuple[str, int | None]:
    """Its code, and the number of a former spelling."""
    found = _CODE.fullmatch(request.path_params["municipality"])
    if found is None:  # databases refuse some texts altogether
        raise NotFound("no municipality has this code")
    return found[1], None if found[2] is None else int(found[2])


def _generation(request: Request) -> bytes | None:
    try:
        text = request.path_params.get("generation")
        return None if text is None else bytes.fromhex(text)
    except ValueError:
        raise NotFound("no such authority") from None


def _answer(reply: Reply) -> Response:
    """Errors of the protocol are answers of HTTP 200 too (RFC 6960 appendix A.2).

    True now, so never cached, unless it was signed beforehand: then until its next update (RFC 5019 §6.2).
    """
    if reply.this_update is None or reply.next_update is None:
        return Response(reply.der, media_type=OCSP_RESPONSE)
    seconds = max(0, int((reply.next_update - datetime.now(UTC)).total_seconds()))
    headers = {
        "cache-control": f"max-age={seconds}, public, no-transform, must-revalidate",
        "last-modified": http_date(reply.this_update),
        "expires": http_date(reply.next_update),
        "etag": _tag(reply.der),
    }
    return Response(reply.der, media_type=OCSP_RESPONSE, headers=headers)


def http_date(moment: datetime) -> str:
    """A moment as HTTP writes it (RFC 9110 §5.6.7)."""
    return format_datetime(moment, usegmt=True)


def _tag(der: bytes) -> str:
    return f'"{hashlib.sha256(der).hexdigest()[:32]}"'


def _of_list(made: datetime, der: bytes) -> tuple[bytes, datetime, dict[str, str]]:
    return der, made, _headers("application/pkix-crl", der, made)


@lru_cache(maxsize=64)
def _of_certificate(der: bytes) -> tuple[bytes, datetime, dict[str, str]]:
    """Always the same, so it is worked out once."""
    made = x509.load_der_x509_certificate(der).not_valid_before_utc
    return der, made, _headers("application/pkix-cert", der, made)


def _headers(media_type: str, der: bytes, made: datetime) -> dict[str, str]:
    made_at = {"etag": _tag(der), "last-modified": http_date(made)}
    return {"content-type": media_type, **made_at, "cache-control": "no-cache"}


def _unless_known(request: Request, der: bytes, made: datetime, headers: dict[str, str]) -> Response:
    """The document, or 304 if the asker has it already (RFC 9110 §13.1.2, §13.1.3)."""
    if _knows(request, headers["etag"], made):
        return Response(status_code=304, headers=headers)
    return Response(der, headers=headers)


def _knows(request: Request, tag: str, made: datetime) -> bool:
    """If-None-Match decides where it is given; a date says less, so it counts only alone."""
    tags = request.headers.get("if-none-match")
    if tags is not None:
        return bool({each.strip().removeprefix("W/") for each in tags.split(",")} & {tag, "*"})
    since = request.headers.get("if-modified-since")
    try:
        return since is not None and made.replace(microsecond=0) <= parsedate_to_datetime(since)
    except (ValueError, TypeError):
        return False
