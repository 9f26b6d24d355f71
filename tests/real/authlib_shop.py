"""A relying party built on authlib's Starlette client, as its documentation shows; nothing of ours is in it."""

import secrets
from http.cookies import SimpleCookie
from typing import Any

from authlib.integrations.starlette_client import OAuth, OAuthError
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc.jwk import ECKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Sessions:
    """Server-side sessions: authlib wants ``request.session``."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._kept: dict[str, dict[str, Any]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        name = SimpleCookie(dict(scope["headers"]).get(b"cookie", b"").decode("latin-1")).get("session")
        key = name.value if name else secrets.token_urlsafe()
        scope["session"] = self._kept.setdefault(key, {})

        async def with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"].append((b"set-cookie", f"session={key}; HttpOnly".encode()))
            await send(message)

        await self._app(scope, receive, with_cookie)


def shop(issuer: str, client_id: str, key: RSAKey | ECKey, redirect_uri: str, scope: str) -> ASGIApp:
    """``/login`` begins, ``/callback`` ends with what the provider said, as JSON; ``/refresh`` asks for new tokens."""
    oauth = OAuth()
    algorithm = "RS256" if isinstance(key, RSAKey) else "ES256"
    oauth.register(
        "myna",
        client_id=client_id,
        client_secret=key,
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_auth_methods=[PrivateKeyJWT(alg=algorithm)],
        client_kwargs={
            "scope": scope,
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": "private_key_jwt",
        },
    )

    async def login(request: Request) -> Response:
        response: Response = await oauth.myna.authorize_redirect(request, redirect_uri, acr_values="aal3 crl")
        return response

    async def callback(request: Request) -> Response:
        try:
            token = await oauth.myna.authorize_access_token(request)
            claims = await oauth.myna.userinfo(token=token)
        except OAuthError as error:
            return _refused(error)
        request.session["refresh_token"] = token.get("refresh_token")
        told = {"id_token": token["userinfo"], "userinfo": claims, "scope": token["scope"]}
        return JSONResponse(told | {"id_token_itself": token["id_token"]})

    async def refresh(request: Request) -> Response:
        kept = request.session["refresh_token"]
        try:
            token = await oauth.myna.fetch_access_token(grant_type="refresh_token", refresh_token=kept)
            claims = await oauth.myna.userinfo(token=token)
        except OAuthError as error:
            return _refused(error)
        if "keep" not in request.query_params:
            request.session["refresh_token"] = token["refresh_token"]
        return JSONResponse({"userinfo": claims, "scope": token["scope"]})

    routes = [Route("/login", login), Route("/callback", callback), Route("/refresh", refresh)]
    return Sessions(Starlette(routes=routes))


def _refused(error: OAuthError) -> Response:
    return JSONResponse({"error": error.error, "description": error.description}, 400)
