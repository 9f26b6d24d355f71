"""What a browser asks and tells about passkeys, on the login page and on the page after a login with the card."""

from collections.abc import Callable
from typing import Any, Literal
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from warifu.errors import ChallengeExpired, Malformed, NotAllowed, NotFound, WarifuError
from warifu.idp import Attestation, EnrolmentAnswer, Passkey, PasskeyAnswer
from warifu.messages import json as messages_json
from warifu.wire import pages
from warifu.wire.answers import error_name, read_body
from warifu.wire.provider.cookie import cookie_of
from warifu.wire.provider.passkey_store import name_of
from warifu.wire.provider.passkeys import Kept
from warifu.wire.provider.protocol import redirect
from warifu.wire.provider.service import ProviderService

__all__ = ["detour", "routes"]

_JSON = "application/json"
_SHOWN_EVENTS = 20
_NOT_KEPT = {"cache-control": "no-store"}


def routes(service: ProviderService) -> list[Route]:
    """The routes, where this provider has passkeys."""
    if not service.passkeys.offered:
        return []
    handlers, place = _Passkeys(service), "/login/{transaction}/passkey"
    return [
        Route(place, handlers.page, methods=["GET"]),
        Route(f"{place}/wanted", handlers.wanted, methods=["POST"]),
        Route(f"{place}/options", handlers.login_options, methods=["POST"]),
        Route(f"{place}/answer", handlers.answer, methods=["POST"]),
        Route(f"{place}/enrol/options", handlers.enrol_options, methods=["POST"]),
        Route(f"{place}/enrol", handlers.enrol, methods=["POST"]),
        Route(f"{place}/renew/options", handlers.renew_options, methods=["POST"]),
        Route(f"{place}/renew", handlers.renew, methods=["POST"]),
        Route(f"{place}/remove", handlers.remove, methods=["POST"]),
    ]


def detour(service: ProviderService, request: Request) -> str | None:
    """To the passkeys before the client, if this browser wanted that; once it has been there, or did not, None."""
    if request.query_params.get("passkeys") == "done":
        return None
    transaction, finish = _transaction(request), _finish(request)
    wanted = service.passkeys.wanted(transaction, cookie_of(request), finish)
    return _page(transaction, finish) if wanted else None


class _Passkeys:
    """The handlers, over one service."""

    def __init__(self, service: ProviderService) -> None:
        self._service = service
        self._passkeys = service.passkeys

    async def page(self, request: Request) -> Response:
        """The page after a login with the card."""
        transaction, cookie = _transaction(request), cookie_of(request)
        try:
            login, client, _ = await run_in_threadpool(self._service.watch, transaction, cookie)
            kept = await run_in_threadpool(self._passkeys.kept, transaction, cookie, _finish(request))
        except WarifuError as error:
            return _problem(request, error)
        back = urlsplit(login.request.redirect_uri)
        shown = pages.PasskeyPage(
            transaction,
            client.name,
            f"{back.scheme}://{back.netloc}",
            *_shown(kept),
            finish=_finish(request) or "",
            note=_note(request),
        )
        return pages.passkeys(request, shown)

    async def wanted(self, request: Request) -> Response:
        """Whether the browser wants to see that page after this login."""
        asked = messages_json.load(await self._body(request), {"wanted": bool})
        transaction, cookie = _transaction(request), cookie_of(request)
        await run_in_threadpool(lambda: self._passkeys.want(transaction, cookie, wanted=asked["wanted"]))
        return Response(status_code=204)

    async def login_options(self, request: Request) -> Response:
        """What to sign with."""
        await self._body(request)
        return await _answered(self._passkeys.login_options, _transaction(request), cookie_of(request))

    async def answer(self, request: Request) -> Response:
        """A signature, for a login that waits."""
        answer = PasskeyAnswer.decode(await self._body(request))
        transaction, cookie = _transaction(request), cookie_of(request)
        shared = await run_in_threadpool(self._service.answer_by_passkey, transaction, cookie, answer)
        content = {
            "client_name": shared.client_name,
            "shares": list(shared.scopes),
            "decision_token": shared.decision_token,
            "agreed": list(shared.agreed),
            "by": "passkey",
        }
        return JSONResponse(content, headers=_NOT_KEPT)

    async def enrol_options(self, request: Request) -> Response:
        """What to make."""
        await self._body(request)
        return await _answered(
            self._passkeys.enrol_options, _transaction(request), cookie_of(request), _finish(request)
        )

    async def enrol(self, request: Request) -> Response:
        """A new passkey."""
        answer = EnrolmentAnswer.decode(await self._body(request))
        return await _done(self._passkeys.enrol, _transaction(request), cookie_of(request), answer, _finish(request))

    async def renew_options(self, request: Request) -> Response:
        """What to sign with, now that the card was shown again."""
        await self._body(request)
        return await _answered(
            self._passkeys.renew_options, _transaction(request), cookie_of(request), _finish(request)
        )

    async def renew(self, request: Request) -> Response:
        """A signature, so that a passkey stands on the card that was just shown."""
        answer = PasskeyAnswer.decode(await self._body(request))
        return await _done(self._passkeys.renew, _transaction(request), cookie_of(request), answer, _finish(request))

    async def remove(self, request: Request) -> Response:
        """A form of the page: the card removes a passkey."""
        self._check_origin(request)
        form, finish = await pages.read_form(request), _finish(request)
        if form.keys() != {"passkey"}:
            raise Malformed("a form can only remove one")
        transaction, cookie = _transaction(request), cookie_of(request)
        try:
            await run_in_threadpool(self._passkeys.remove, transaction, cookie, form["passkey"], finish)
        except WarifuError as error:
            return _problem(request, error)
        return redirect(_page(transaction, finish, note="removed"))

    def _check_origin(self, request: Request) -> None:
        """Only the provider's own pages do anything here: there is no other program that speaks for a passkey."""
        if request.headers.get("origin") != self._service.provider.origin:
            raise NotAllowed("this request does not come from the provider's own page")

    async def _body(self, request: Request) -> bytes:
        self._check_origin(request)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _JSON:
            raise Malformed(f"the body must be {_JSON}")
        return await read_body(request, messages_json.MAX_BYTES)


async def _answered(act: Callable[..., dict[str, object]], *given: Any) -> Response:
    return JSONResponse(await run_in_threadpool(act, *given), headers=_NOT_KEPT)


async def _done(act: Callable[..., Passkey], *given: Any) -> Response:
    await run_in_threadpool(act, *given)
    return Response(status_code=204)


def _shown(kept: Kept) -> tuple[tuple[pages.PasskeyEntry, ...], tuple[pages.PasskeyEvent, ...]]:
    """What there is, and the latest of what happened, newest first."""
    events = [pages.PasskeyEvent(each.at, each.what.value) for each in kept.events[-_SHOWN_EVENTS:]]
    return tuple(_entry(each) for each in kept.passkeys), tuple(reversed(events))


def _entry(passkey: Passkey) -> pages.PasskeyEntry:
    kind: Literal["synced", "device", "attested"] = "synced" if passkey.synced else "device"
    if kind == "device" and passkey.attestation is Attestation.TRUSTED:
        kind = "attested"
    made, used = passkey.created_at, passkey.used_at
    if passkey.set_aside_at is not None:
        return pages.PasskeyEntry(name_of(passkey), made, used, kind, "set_aside", passkey.set_aside_at)
    if passkey.dropped is not None:
        return pages.PasskeyEntry(name_of(passkey), made, used, kind, "dropped", passkey.dropped.at)
    return pages.PasskeyEntry(name_of(passkey), made, used, kind, "good", None)


def _transaction(request: Request) -> str:
    transaction: str = request.path_params["transaction"]
    return transaction


def _finish(request: Request) -> str | None:
    return request.query_params.get("finish")


def _note(request: Request) -> Literal["", "made", "renewed", "removed"]:
    told = request.query_params.get("note", "")
    return told if told in ("made", "renewed", "removed") else ""  # type: ignore[return-value]


def _page(transaction: str, finish: str | None, note: str = "") -> str:
    given = {name: value for name, value in (("finish", finish), ("note", note)) if value}
    query = "?" + "&".join(f"{name}={value}" for name, value in given.items()) if given else ""
    return f"/login/{transaction}/passkey{query}"


def _problem(request: Request, error: WarifuError) -> Response:
    """A page for the person in front of the browser."""
    kinds: dict[type[WarifuError], str] = {
        NotFound: "not_found",
        NotAllowed: "no_session",
        ChallengeExpired: "expired",
    }
    return pages.problem(request, kinds.get(type(error), error_name(error)), error.http_status, str(error))
