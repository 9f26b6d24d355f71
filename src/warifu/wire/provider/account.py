"""The resident's page over HTTP: plain forms, no script, a cookie of its own that lasts minutes.

Whoever logs in does so like at any client, by card or in whatever other way the login page offers; the code comes back
to ``/account/callback`` and only the browser that began can use it. Forms are taken from the page itself alone.
"""

import json
from typing import Any, Protocol

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from warifu.errors import NotAllowed, NotFound
from warifu.idp import ACCOUNT_SESSION
from warifu.wire import pages
from warifu.wire.pages import AccountPart
from warifu.wire.provider.account_download import members_of
from warifu.wire.provider.accounts import AtClient
from warifu.wire.provider.cookie import set_cookie
from warifu.wire.provider.protocol import redirect
from warifu.wire.provider.service import ProviderService

__all__ = ["PartOfAccount", "routes"]

SESSION, VERIFIER = "account", "account_begun"
_PATH = "/account"
_MINUTES = int(ACCOUNT_SESSION.total_seconds()) // 60
_BEGUN_FOR = 15 * 60
"""Seconds within which a login to the page has to end."""
_DONE = frozenset({"revoked", "reset", "removed"})


class PartOfAccount(Protocol):
    """A door for what else belongs on the page: what another module keeps about a person."""

    def __call__(self, person: str, language: pages.Language) -> AccountPart | None:
        """What to show of it; None for nothing. It reads the store and is called in a worker thread."""
        ...

    def data(self, person: str) -> dict[str, Any]:
        """The same for the download, by member."""
        ...


def routes(service: ProviderService, parts: tuple[PartOfAccount, ...] = ()) -> list[Route]:
    """The page's routes."""
    handlers = _Account(service, parts)
    return [
        Route(_PATH, handlers.page, methods=["GET"]),
        Route(f"{_PATH}/login", handlers.login, methods=["POST"]),
        Route(f"{_PATH}/callback", handlers.callback, methods=["GET"]),
        Route(f"{_PATH}/logout", handlers.logout, methods=["POST"]),
        Route(f"{_PATH}/data.json", handlers.data, methods=["GET"]),
        Route(f"{_PATH}/clients/{{client_id}}/revoke", handlers.revoke, methods=["POST"]),
        Route(f"{_PATH}/clients/{{client_id}}/reset", handlers.reset, methods=["POST"]),
        Route(f"{_PATH}/passkeys/{{name}}/remove", handlers.remove_passkey, methods=["POST"]),
    ]


class _Account:
    """The handlers, over one service."""

    def __init__(self, service: ProviderService, parts: tuple[PartOfAccount, ...]) -> None:
        self._service = service
        self._parts = parts

    async def page(self, request: Request) -> Response:
        """The page, or the way in."""
        session, language = request.cookies.get(SESSION), pages.choose_language(request)
        try:
            overview = await run_in_threadpool(self._service.accounts.overview, session)
            parts = await run_in_threadpool(self._others, session, language)
        except NotAllowed:
            return _private(pages.account_welcome(request, _MINUTES, "over" if session else ""))
        clients = [_shown(one) for one in overview.clients]
        certificates = [(how.value, since) for how, since in overview.certificates]
        done = request.query_params.get("done", "")
        shown = pages.account(request, clients, certificates, parts, _MINUTES, done if done in _DONE else "")
        return _private(shown)

    async def login(self, request: Request) -> Response:
        """To the login page."""
        try:
            self._check_own(request)
        except NotAllowed:
            own = f"{self._service.provider.origin}{_PATH}"
            return pages.problem(request, "other_address", NotAllowed.http_status, f"this page is {own}")
        begun, verifier = await run_in_threadpool(self._service.begin_account)
        response = redirect(f"/login/{begun.transaction}")
        set_cookie(response, begun, self._service.provider)
        self._set(response, VERIFIER, verifier, _BEGUN_FOR)
        return response

    async def callback(self, request: Request) -> Response:
        """Back from the login."""
        code, verifier = request.query_params.get("code"), request.cookies.get(VERIFIER)
        try:
            if code is None:
                raise NotAllowed("the login ended without a code")
            token = await run_in_threadpool(self._service.accounts.open, code, verifier)
        except NotAllowed:
            return _private(pages.account_welcome(request, _MINUTES, "failed"))
        response = redirect(_PATH)
        self._set(response, SESSION, token, _MINUTES * 60)
        response.delete_cookie(VERIFIER, path=_PATH)
        return response

    async def revoke(self, request: Request) -> Response:
        """Take back what was agreed to at a client."""
        return await self._act(request, self._service.accounts.revoke, "client_id", "revoked")

    async def reset(self, request: Request) -> Response:
        """Another subject at a client."""
        return await self._act(request, self._service.accounts.reset, "client_id", "reset")

    async def remove_passkey(self, request: Request) -> Response:
        """No more logins by a passkey."""

        def remove(session: str | None, name: str) -> None:
            self._service.passkeys.remove_of(self._service.accounts.person(session), name)

        return await self._act(request, remove, "name", "removed")

    async def logout(self, request: Request) -> Response:
        """Leave the page."""
        self._check_own(request)
        session = request.cookies.get(SESSION)
        if session is not None:
            await run_in_threadpool(self._service.accounts.close, session)
        response = redirect(_PATH)
        response.delete_cookie(SESSION, path=_PATH)
        return response

    async def data(self, request: Request) -> Response:
        """Everything as a file."""
        session = request.cookies.get(SESSION)
        overview = await run_in_threadpool(self._service.accounts.overview, session)
        others = await run_in_threadpool(self._others_data, session)
        body = json.dumps(members_of(overview) | others, ensure_ascii=False, indent=2).encode()
        response = Response(body, media_type="application/json")
        response.headers["content-disposition"] = 'attachment; filename="warifu-account.json"'
        return _private(response)

    async def _act(self, request: Request, act: Any, about: str, done: str) -> Response:
        self._check_own(request)
        try:
            await run_in_threadpool(act, request.cookies.get(SESSION), request.path_params[about])
        except NotAllowed:
            return _private(pages.account_welcome(request, _MINUTES, "over"))
        except NotFound as error:
            return pages.problem(request, "not_found", error.http_status, str(error))
        return redirect(f"{_PATH}?done={done}")

    def _others(self, session: str | None, language: pages.Language) -> list[AccountPart]:
        if not self._parts:
            return []
        person = self._service.accounts.person(session)
        return [part for each in self._parts if (part := each(person, language)) is not None]

    def _others_data(self, session: str | None) -> dict[str, Any]:
        person = self._service.accounts.person(session)
        return {name: value for each in self._parts for name, value in each.data(person).items()}

    def _check_own(self, request: Request) -> None:
        """Forms come from the page itself: browsers say so with every POST (RFC 6454 §7.3).

        Raises:
            NotAllowed: from elsewhere, or it does not say.
        """
        if request.headers.getlist("origin") != [self._service.provider.origin]:
            raise NotAllowed("this form was not sent from the provider's own page")

    def _set(self, response: Response, name: str, value: str, seconds: int) -> None:
        """`Lax`: the way back from a phone's app is a navigation that another site may have caused."""
        secure = self._service.provider.origin.startswith("https:")
        response.set_cookie(name, value, max_age=seconds, path=_PATH, secure=secure, httponly=True, samesite="lax")


def _private(response: Response) -> Response:
    response.headers["cache-control"] = "no-store"
    return response


def _shown(one: AtClient) -> pages.AccountClient:
    return pages.AccountClient(
        one.client.id,
        one.client.name,
        one.subject,
        "live" if one.live else "agreed" if one.agreed else "revoked",
        one.last_used,
        tuple(pages.AccountItem(item.scope, item.agreed_at, item.received_at) for item in one.items),
        tuple(pages.AccountReceipt(receipt.at, receipt.how.value, receipt.scopes) for receipt in one.receipts),
        one.shares_with,
    )
