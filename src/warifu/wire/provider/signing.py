"""The signing API over HTTP: a client brings what is to be signed, and later fetches what came of it."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from warifu.errors import Malformed, OAuthRefused
from warifu.idp import NoToken, SigningProfile, read_bearer
from warifu.wire.answers import read_body
from warifu.wire.provider.service import ProviderService

__all__ = ["check_json", "routes"]

_MAX_BODY = 4 * 1024
_JSON = "application/json"
_NOT_KEPT = {"cache-control": "no-store", "pragma": "no-cache"}
_STATUS = {"invalid_token": 401, "insufficient_scope": 403, "unauthorized_client": 403}


def routes(service: ProviderService) -> list[Route]:
    """The signing API's routes; none where it is not offered."""
    profile = service.provider.profile.signing
    if profile is None:
        return []
    handlers = _SigningApi(service, profile)
    return [
        Route(profile.transactions, handlers.begin, methods=["POST"]),
        Route(profile.transactions + "/{id}" + profile.result, handlers.result, methods=["GET"]),
    ]


class _SigningApi:
    """The handlers, over one service."""

    def __init__(self, service: ProviderService, profile: SigningProfile) -> None:
        self._service = service
        self._profile = profile

    async def begin(self, request: Request) -> Response:
        """What is to be signed comes in; the transaction's id goes out."""
        try:
            presented = read_bearer(request.headers.getlist("authorization")).token
            body = await _json_body(request)
            answer = await run_in_threadpool(self._service.begin_signing, presented, body)
        except OAuthRefused as refusal:
            return _refused(refusal)
        except Malformed as fault:
            return _refused(OAuthRefused("invalid_request", str(fault)))
        return JSONResponse(answer, 201, headers=_NOT_KEPT)

    async def result(self, request: Request) -> Response:
        """What came of it, for the token of the login in which it was signed."""
        try:
            presented = read_bearer(request.headers.getlist("authorization")).token
            name = str(request.path_params["id"]).lower()
            answer = await run_in_threadpool(self._service.signing_result, presented, name)
        except OAuthRefused as refusal:
            return _refused(refusal)
        return JSONResponse(answer, headers=_NOT_KEPT)


async def _json_body(request: Request) -> bytes:
    check_json(request.headers.get("content-type", ""))
    return await read_body(request, _MAX_BODY)


def check_json(content_type: str) -> None:
    """Check that what was submitted says to be JSON.

    Raises:
        Malformed: it says something else.
    """
    if content_type.partition(";")[0].strip().lower() != _JSON:
        raise Malformed(f"the body must be {_JSON}")


def _refused(refusal: OAuthRefused) -> Response:
    """RFC 6750 §3: the challenge says what was wrong; without any token it names no error."""
    if isinstance(refusal, NoToken):
        return Response(status_code=401, headers={"www-authenticate": 'Bearer realm="main"'})
    content = {"error": refusal.error, "error_description": refusal.description}
    status = _STATUS.get(refusal.error, 400)
    told = f'Bearer realm="main", error="{refusal.error}", error_description="{refusal.description}"'
    challenge = {"www-authenticate": told} if status in (401, 403) else {}
    return JSONResponse(content, status, {**_NOT_KEPT, **challenge})
