"""The provider's endpoints for browsers coming from a client, and for the client's server, at the official paths."""

from collections.abc import Callable, Mapping

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from warifu.errors import CallbackRefused, ContentTooLarge, Malformed, OAuthRefused, TooManyRequests
from warifu.idp import NoToken, Offer, Parameters, Provider, check_one_way, discovery, read_presented
from warifu.wire import pages
from warifu.wire.answers import read_body
from warifu.wire.provider.cookie import set_cookie
from warifu.wire.provider.guard import too_many
from warifu.wire.provider.service import Begun, ProviderService

FORM = "application/x-www-form-urlencoded"
MAX_FORM = 16 * 1024
# For minutes: a client that keeps the key set that long sees a new key soon enough.
_PUBLISHED = {"cache-control": "public, max-age=300"}
_STATUS: Mapping[str, int] = {"invalid_client": 401, "invalid_token": 401, "insufficient_scope": 403}


def routes(service: ProviderService) -> list[Route]:
    """The protocol's routes."""
    profile, endpoints = service.provider.profile, _Endpoints(service)
    realm = profile.realm
    return [
        Route(realm + profile.authorization, endpoints.authorize, methods=["GET", "POST"]),
        Route(realm + profile.token, endpoints.token, methods=["POST"]),
        Route(realm + profile.userinfo, endpoints.userinfo, methods=["GET", "POST"]),
        Route(realm + profile.jwks, endpoints.jwks, methods=["GET"]),
        Route(realm + profile.discovery, _metadata(service.provider), methods=["GET"]),
        *(
            [Route(realm + profile.pushed, endpoints.push, methods=["POST"])]
            if profile.pushed_requests is not Offer.NONE
            else []
        ),
    ]


class _Endpoints:
    """The handlers, over one service."""

    def __init__(self, service: ProviderService) -> None:
        self._service = service

    async def authorize(self, request: Request) -> Response:
        """The authorization endpoint: to the login page, back to the client, or an error page."""
        begun = await begin_login(self._service, request)
        if isinstance(begun, Response):
            return begun
        response = redirect(f"/login/{begun.transaction}{'/open' if _on_phone(request) else ''}")
        set_cookie(response, begun, self._service.provider)
        return response

    async def push(self, request: Request) -> Response:
        """An authorization request before the browser comes: form in, JSON with its reference out (RFC 9126 §2.2)."""
        return await answer_client(request, lambda form: self._service.push(form, _proofs(request)), 201)

    async def token(self, request: Request) -> Response:
        """The token endpoint: form in, JSON out."""
        return await answer_client(request, lambda form: self._service.token(form, _proofs(request)))

    async def userinfo(self, request: Request) -> Response:
        """UserInfo: access token in, claims out."""
        try:
            presented = read_presented(request.headers.getlist("authorization"))
            proofs, method = _proofs(request), request.method
            return JSONResponse(await run_in_threadpool(self._service.userinfo, presented, proofs, method))
        except OAuthRefused as refusal:
            return self._token_error(refusal)

    async def jwks(self, _request: Request) -> Response:
        """The keys that ID tokens are checked with."""
        return JSONResponse(await run_in_threadpool(self._service.jwks), headers=_PUBLISHED)

    def _token_error(self, refusal: OAuthRefused) -> Response:
        """RFC 6750 §3, RFC 9449 §7.1: the challenge says what was wrong; without any token it names no error."""
        profile = self._service.provider.profile
        scheme, more = "Bearer", ""
        if profile.sender_constrained is not Offer.NONE:
            scheme, more = "DPoP", f', algs="{" ".join(profile.proof_algorithms)}"'
        if isinstance(refusal, NoToken):
            return Response(status_code=401, headers={"www-authenticate": f'{scheme} realm="main"{more}'})
        told = f'error="{refusal.error}", error_description="{refusal.description}"'
        response = _oauth_error(refusal)
        if refusal.error == "invalid_dpop_proof":
            response.status_code = 401
        response.headers["www-authenticate"] = f'{scheme} realm="main", {told}{more}'
        return response


def _metadata(provider: Provider) -> Response:
    """The provider's metadata, which stay as they are for as long as it runs: so does the answer."""
    return JSONResponse(discovery(provider), headers=_PUBLISHED)


def _proofs(request: Request) -> list[str]:
    """The proofs of possession that came along, of which there may be one."""
    return request.headers.getlist("dpop")


def _on_phone(request: Request) -> bool:
    """Whether the browser says that it runs on a phone, where the app can be opened at once.

    Modelled: how the official service tells is not public; with an odd zoom it takes a phone for a PC. The header is
    Chromium's (User-Agent Client Hints); others are told by the word that phones' browsers have in common.
    """
    hint = request.headers.get("sec-ch-ua-mobile")
    return hint == "?1" if hint in ("?0", "?1") else "Mobi" in request.headers.get("user-agent", "")


_NOT_KEPT = {"cache-control": "no-store", "pragma": "no-cache"}  # RFC 6749 §5.1


def redirect(url: str) -> Response:
    """303: whatever the method was, the browser goes on with GET (RFC 9700 §4.12)."""
    return RedirectResponse(URL(url), 303)


async def begin_login(service: ProviderService, request: Request) -> Begun | Response:
    """The login that an authorization request opens; else where the browser goes, or what it shows, without one."""
    try:
        return await run_in_threadpool(service.begin, await _authorization_parameters(request))
    except CallbackRefused as refusal:
        return redirect(await run_in_threadpool(service.sent_back, refusal))
    except OAuthRefused as refusal:
        return pages.problem(request, refusal.error, 400, refusal.description)
    except Malformed as fault:
        return pages.problem(request, "invalid_request", fault.http_status, str(fault))


async def _authorization_parameters(request: Request) -> Parameters:
    """From the query of a GET or the form of a POST (OpenID Connect Core 1.0 §3.1.2.1)."""
    if request.method == "POST":
        return await _form(request)
    return Parameters.decode(request.scope["query_string"])


async def read_form(request: Request) -> Parameters:
    """The form of a client's server, which authenticates in the form alone (RFC 6749 §2.3: in one way)."""
    form = await _form(request)
    check_one_way(form, request.headers.getlist("authorization"))
    return form


async def _form(request: Request) -> Parameters:
    """The form alone: a query is never looked at, so that a code or an assertion does not end up in logs."""
    return check_form(await read_body(request, MAX_FORM), request.headers.get("content-type", ""))


def check_form(body: bytes, content_type: str) -> Parameters:
    """The parameters of a body that is a form (RFC 6749 appendix B).

    Raises:
        ContentTooLarge: too long.
        Malformed: another media type, or not form-encoded.
    """
    if len(body) > MAX_FORM:
        raise ContentTooLarge(MAX_FORM)
    if body and content_type.partition(";")[0].strip().lower() != FORM:
        raise Malformed(f"the body must be {FORM}")
    return Parameters.decode(body)


async def answer_client(
    request: Request, ask: Callable[[Parameters], dict[str, object] | None], status: int = 200
) -> Response:
    """What a client's server gets for its form, or what was wrong with it (RFC 6749 §5.2, RFC 9126 §2.3)."""
    try:
        answer = await run_in_threadpool(ask, await read_form(request))
    except OAuthRefused as refusal:
        return _client_error(request, refusal)
    except Malformed as fault:
        return _oauth_error(OAuthRefused("invalid_request", str(fault)), fault.http_status)
    return Response(headers=_NOT_KEPT) if answer is None else JSONResponse(answer, status, _NOT_KEPT)


def _client_error(request: Request, refusal: OAuthRefused) -> Response:
    """Who tried the Authorization header is told which one it was (RFC 6749 §5.2); what it held is not repeated."""
    response = _oauth_error(refusal)
    scheme = request.headers.get("authorization", "").partition(" ")[0]
    if refusal.error == "invalid_client" and scheme.isascii() and scheme.isalnum():
        response.headers["www-authenticate"] = f'{scheme} realm="main"'
    return response


def _oauth_error(refusal: OAuthRefused, status: int = 400) -> Response:
    """RFC 6749 §5.2; `status` where the code has none of its own."""
    if isinstance(refusal, TooManyRequests):
        return too_many(refusal)
    content = {"error": refusal.error, "error_description": refusal.description}
    return JSONResponse(content, _STATUS.get(refusal.error, status), _NOT_KEPT)
