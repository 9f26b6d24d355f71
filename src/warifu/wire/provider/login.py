"""The provider's login pages, and what the page, the phone and the companion ask and tell it."""

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from warifu.errors import (
    AlreadyAnswered,
    ChallengeExpired,
    Malformed,
    NotAllowed,
    NotFound,
    OtherBrowser,
    WarifuError,
)
from warifu.idp import Answering, Status
from warifu.messages import LoginAnswer
from warifu.messages import json as messages_json
from warifu.wire import pages
from warifu.wire.answers import error_name, read_body
from warifu.wire.provider import hand_over, passkey_pages
from warifu.wire.provider.cookie import cookie_of
from warifu.wire.provider.hand_over_service import Shown
from warifu.wire.provider.protocol import FORM, redirect
from warifu.wire.provider.service import ProviderService, Seen

MAX_BODY = messages_json.MAX_BYTES
JSON = "application/json"
_ENDED = (Status.ALLOWED, Status.REFUSED, Status.EXPIRED)
_ALLOW: dict[str, type | tuple[type, ...]] = {"decision": str, "decision_token": str}
_DENY: dict[str, type | tuple[type, ...]] = {"decision": str, "reason": str}


@dataclass(frozen=True, slots=True)
class Places:
    """Where the phone's pages are and where the companion listens; without a companion the page leaves it out."""

    phone: str = "http://phone.localhost:8701"
    companion: str | None = "http://localhost:8710"


def routes(service: ProviderService, places: Places) -> list[Route]:
    """The login's routes."""
    handlers = _Login(service, places)
    return [
        Route("/login/{transaction}", handlers.page, methods=["GET"]),
        Route("/login/{transaction}/continue", handlers.go_back, methods=["GET"]),
        Route("/login/{transaction}/state", handlers.state, methods=["GET"]),
        Route("/login/{transaction}/invitation", handlers.invitation, methods=["GET"]),
        Route("/login/{transaction}/answer", handlers.answer, methods=["POST"]),
        Route("/login/{transaction}/decision", handlers.decision, methods=["POST"]),
        *hand_over.routes(service, places.phone),
        *passkey_pages.routes(service),
    ]


class _Login:
    """The handlers, over one service."""

    def __init__(self, service: ProviderService, places: Places) -> None:
        self._service = service
        self._places = places

    async def page(self, request: Request) -> Response:
        """The page where the person chooses how to bring the card; once it is over, on to the client."""
        transaction = _transaction(request)
        try:
            seen = await run_in_threadpool(self._service.look, transaction, cookie_of(request))
        except WarifuError as error:
            return problem_page(request, error)
        if seen.status in _ENDED and not seen.shown.ends_elsewhere:
            return redirect(f"/login/{transaction}/continue")
        return pages.login(request, replace(self._contents(seen), note=request.query_params.get("note", "")))

    async def go_back(self, request: Request) -> Response:
        """Back to the client with a code or an error; back to the page when nothing is decided."""
        try:
            return redirect(await run_in_threadpool(self._way_back, request))
        except WarifuError as error:
            return problem_page(request, error)

    def _way_back(self, request: Request) -> str:
        """Where the browser goes; in a worker thread, as whatever asks the store."""
        transaction, cookie = _transaction(request), cookie_of(request)
        finish = request.query_params.get("finish")
        if finish is None and self._service.watch(transaction, cookie)[2] not in _ENDED:
            return f"/login/{transaction}"
        return passkey_pages.detour(self._service, request) or self._service.go_back(transaction, cookie, finish)

    async def state(self, request: Request) -> Response:
        """How far the login is, for the page that waits."""
        seen = await run_in_threadpool(self._service.look, _transaction(request), cookie_of(request))
        content = {"state": seen.status.value, "hand_over": _told(seen.shown)}
        refusal = seen.login.refusal
        if refusal is not None:
            content |= {"error": refusal.error, "description": refusal.description}
        return JSONResponse(content)

    async def invitation(self, request: Request) -> Response:
        """What is to be signed."""
        invitation = await run_in_threadpool(self._service.invitation, _transaction(request), _shown_by(request))
        return Response(invitation.encode(), media_type=JSON)

    async def answer(self, request: Request) -> Response:
        """The card's answer."""
        self._check_sender(request)
        answer = LoginAnswer.decode(await _json_body(request))
        shared = await run_in_threadpool(self._service.answer, _transaction(request), answer, _shown_by(request))
        content = {
            "client_name": shared.client_name,
            "shares": list(shared.scopes),
            "decision_token": shared.decision_token,
            "agreed": list(shared.agreed),
        }
        return JSONResponse(content)

    async def decision(self, request: Request) -> Response:
        """The person's or the card's last word."""
        self._check_sender(request)
        if _media_type(request) == FORM:
            return await self._deny_by_form(request)
        body = await _json_body(request)
        finish = await self._decide(_transaction(request), _read_decision(body), _shown_by(request))
        return Response(status_code=204) if finish is None else JSONResponse({"finish": finish})

    async def _decide(self, transaction: str, decision: dict[str, str], shown: Answering) -> str | None:
        """What the phone's app gives to its device's browser, where the login ends there."""
        if decision["decision"] == "allow" and "decision_token" in decision:
            return await run_in_threadpool(self._service.allow, transaction, decision["decision_token"], shown)
        if decision["decision"] == "deny" and "reason" in decision:
            await run_in_threadpool(self._service.deny, transaction, decision["reason"], shown)
            return None
        raise Malformed("a decision is allow or deny")

    async def _deny_by_form(self, request: Request) -> Response:
        """The page's button for who has no JavaScript: the browser's own origin and cookie are required."""
        transaction = _transaction(request)
        if request.headers.get("origin") != self._service.provider.origin:
            raise NotAllowed("this form was not sent from the provider's own page")
        await run_in_threadpool(self._service.watch, transaction, cookie_of(request))
        fields = await pages.read_form(request)
        if fields.keys() != {"decision", "reason"} or fields["decision"] != "deny":
            raise Malformed("a form can only deny")
        await run_in_threadpool(self._service.deny, transaction, fields["reason"])
        return redirect(f"/login/{transaction}/continue")

    def _check_sender(self, request: Request) -> None:
        """A browser may post from the provider's own pages only; servers and programs send no Origin at all.

        Source: RFC 6454 §7.3; OWASP, Cross-Site Request Forgery Prevention, "Verifying Origin".
        """
        if request.headers.get("origin", self._service.provider.origin) != self._service.provider.origin:
            raise NotAllowed("this request comes from another site")

    def _contents(self, seen: Seen) -> pages.Login:
        login, shown = seen.login, seen.shown
        phone, provider = self._places.phone, self._service.provider.origin
        back = urlsplit(login.request.redirect_uri)
        return pages.Login(
            client_name=seen.client.name,
            scopes=login.request.scopes,
            transaction=login.transaction,
            link_url=hand_over.phone_url(phone, provider, shown.link),
            code_url=None if shown.code is None else hand_over.phone_url(phone, provider, shown.code),
            code_expires_at=shown.code_expires_at,
            hand_over=_told(shown),
            strong=shown.strong,
            tries_left=shown.tries_left,
            companion_origin=self._places.companion,
            expires_at=login.expires_at,
            state="waiting" if seen.status is Status.WAITING else "answered",
            redirect_origin=f"{back.scheme}://{back.netloc}",
            signing=None if seen.signing is None else seen.signing.text,
            passkeys=self._service.passkeys.offered,
            passkey=self._service.passkeys.may_serve(login),
        )


def _transaction(request: Request) -> str:
    transaction: str = request.path_params["transaction"]
    return transaction


def _told(shown: Shown) -> str:
    """How far the phone is, in a word for the page."""
    if shown.ends_elsewhere:
        return "ended" if shown.ended else "ends_elsewhere"
    return shown.stage.value


def _shown_by(request: Request) -> Answering:
    """What whoever answers shows of themselves."""
    return Answering(cookie_of(request), hand_over.bearer_of(request))


def _read_decision(body: bytes) -> dict[str, str]:
    try:
        return messages_json.load(body, _ALLOW)
    except Malformed:
        return messages_json.load(body, _DENY)


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def _json_body(request: Request) -> bytes:
    """The body of a request that a plain HTML form cannot make: the media type has to be JSON."""
    if _media_type(request) != JSON:
        raise Malformed(f"the body must be {JSON}")
    return await read_body(request, MAX_BODY)


def problem_page(request: Request, error: WarifuError) -> Response:
    """What keeps a login's page from being shown, for the person in front of the browser."""
    kinds: dict[type[WarifuError], str] = {
        NotFound: "not_found",
        AlreadyAnswered: "finished",
        NotAllowed: "no_session",
        OtherBrowser: "other_browser",
        ChallengeExpired: "expired",
    }
    return pages.problem(request, kinds.get(type(error), error_name(error)), error.http_status, str(error))
