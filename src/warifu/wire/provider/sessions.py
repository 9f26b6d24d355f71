"""The endpoints around sessions: logging out, taking tokens back, asking what a token is worth; at Keycloak's paths."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from warifu.errors import Malformed, OAuthRefused
from warifu.idp import Parameters
from warifu.wire import pages
from warifu.wire.provider.protocol import answer_client, read_form, redirect
from warifu.wire.provider.service import ProviderService

__all__ = ["routes"]


def routes(service: ProviderService) -> list[Route]:
    """The routes; none where the profile does not have them."""
    profile, handlers = service.provider.profile, _Sessions(service)
    if not profile.ends_sessions:
        return []
    return [
        Route(profile.realm + profile.end_session, handlers.log_out, methods=["GET", "POST"]),
        Route(profile.realm + profile.revocation, handlers.revoke, methods=["POST"]),
        Route(profile.realm + profile.introspection, handlers.introspect, methods=["POST"]),
    ]


class _Sessions:
    """The handlers, over one service."""

    def __init__(self, service: ProviderService) -> None:
        self._service = service

    async def log_out(self, request: Request) -> Response:
        """The browser of somebody who logs out, by GET or POST (RP-Initiated Logout 1.0 §2)."""
        try:
            if request.method == "POST":
                parameters = await read_form(request)
            else:
                parameters = Parameters.decode(request.scope["query_string"])
            there = await run_in_threadpool(self._service.ending.log_out, parameters)
        except OAuthRefused as refusal:
            return pages.problem(request, "logout", 400, refusal.description)
        except Malformed as fault:
            return pages.problem(request, "logout", 400, str(fault))
        return pages.logged_out(request) if there is None else redirect(there)

    async def revoke(self, request: Request) -> Response:
        """RFC 7009: 200 whether or not the token was known."""
        return await answer_client(request, self._service.revoke)

    async def introspect(self, request: Request) -> Response:
        """RFC 7662."""
        return await answer_client(request, self._service.introspect)
