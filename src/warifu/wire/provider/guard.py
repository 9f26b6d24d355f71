"""Stands before the provider's application and refuses who asks too often, before any work is done for them."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from warifu.errors import TooManyRequests, WarifuError
from warifu.idp import Profile, Provider
from warifu.wire import pages
from warifu.wire.answers import API_HEADERS, SecurityHeaders, on_error
from warifu.wire.provider.addresses import Proxies
from warifu.wire.provider.limiting import Limiter

__all__ = ["Guard", "too_many", "unavailable"]

_FAILED = (401, 403)
_ACCOUNT_LOGIN = "/account/login"
"""The resident's page begins logins, too."""


class Guard:
    """Counts by address: logins begun, and requests that failed to prove anything."""

    def __init__(self, app: ASGIApp, provider: Provider, limiter: Limiter, proxies: Proxies) -> None:
        self._app, self._limiter, self._proxies = app, limiter, proxies
        profile = provider.profile
        self._begins = {profile.realm + profile.authorization, _ACCOUNT_LOGIN}
        self._proving = {profile.realm + path for path in _paths_of_clients(profile)}
        self._signing = () if profile.signing is None else (profile.signing.transactions + "/",)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        path = scope.get("path", "")
        proves = self._proves(path)
        if scope["type"] != "http" or not (proves or path in self._begins):
            await self._app(scope, receive, send)
            return
        address = self._proxies.address(scope)
        try:
            await run_in_threadpool(self._limiter.check_failures if proves else self._limiter.login_begun, address)
        except WarifuError as refusal:
            answer = await _refused(refusal, Request(scope), proves=proves)
            await SecurityHeaders(answer, headers=API_HEADERS)(scope, receive, send)
            return
        await self._app(scope, receive, self._counting(address, send) if proves else send)

    def _proves(self, path: str) -> bool:
        """Whether who comes there has to prove something: a client itself or its token, a person their card."""
        by_card = path.startswith("/login/") and path.endswith("/answer")
        return by_card or path in self._proving or f"{path}/".startswith(self._signing)

    def _counting(self, address: str, send: Send) -> Send:
        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in _FAILED:
                await run_in_threadpool(self._limiter.failed, address)
            await send(message)

        return counted


def _paths_of_clients(profile: Profile) -> tuple[str, ...]:
    """Where clients' servers prove who they are, or that they have a token."""
    return profile.token, profile.pushed, profile.userinfo, profile.revocation, profile.introspection


def too_many(refusal: TooManyRequests) -> Response:
    """429 and when to come again (RFC 6585 §4; for pushed requests RFC 9126 §2.3), with the error as OAuth has it."""
    content = {"error": refusal.error, "error_description": refusal.description}
    headers = {"retry-after": str(refusal.retry_after), "cache-control": "no-store", "pragma": "no-cache"}
    return JSONResponse(content, 429, headers)


async def unavailable(request: Request, error: Exception) -> Response:
    """503: a page for a person in front of a browser, and otherwise what every party answers."""
    answer = await on_error(request, error)
    if "text/html" not in request.headers.get("accept", ""):
        return answer
    page = pages.problem(request, "unavailable", answer.status_code, str(error))
    page.headers["retry-after"] = answer.headers["retry-after"]
    return page


async def _refused(refusal: WarifuError, request: Request, *, proves: bool) -> Response:
    """What is answered here instead of by the application: too many, or that the store does not say how many."""
    if not isinstance(refusal, TooManyRequests):
        return await unavailable(request, refusal)
    if proves:
        return too_many(refusal)
    response = pages.problem(request, "too_many", 429, refusal.description)
    response.headers["retry-after"] = str(refusal.retry_after)
    return response
