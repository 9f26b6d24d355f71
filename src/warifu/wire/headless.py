"""A login without a browser and without a person: for continuous integration, and for whoever wants the callback only.

Plays both ends that a person would: the browser, which follows the client's redirect to the provider and keeps its
cookies, and the companion beside it, which has a card sign what the provider asks. It signs for the origin at which it
arrived itself, never for one that it was told, and only for origins it was allowed to meet.

Modelled: nothing; the provider sees the same messages as from a browser with a companion.
"""

import base64
import json
import re
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qsl, urlsplit

import httpx2

from warifu.errors import (
    AnswerLost,
    CardRefused,
    LastTry,
    Malformed,
    NoCard,
    NoReader,
    NotAllowed,
    NotOnCard,
    OAuthRefused,
    PartyRefused,
    PinBlocked,
    Unavailable,
    WarifuError,
    WrongOrigin,
    WrongPin,
    WrongTransaction,
)
from warifu.messages import LoginAnswer, LoginInvitation
from warifu.messages import json as messages_json
from warifu.ports import Connection
from warifu.reader import Key, answer_login, answer_signing, check_can_sign
from warifu.wire.replies import authorities_of_the_web

if TYPE_CHECKING:
    from warifu.wire.stapling import Stapling  # loads the authorities' side

__all__ = ["CardInHand", "Headless", "Loopback", "Outcome", "answer_with", "next_address", "reason_of"]

_LOGIN_PATH = re.compile(r"/login/([A-Za-z0-9_-]{1,255})")
_MAX_REDIRECTS = 10
_SECONDS = 20.0
_SHARES: dict[str, type | tuple[type, ...]] = {"client_name": str, "shares": list, "decision_token": str}

# What the provider is told when the card ended it; the first class that fits counts.
_REASONS: tuple[tuple[type[WarifuError], str], ...] = (
    (PinBlocked, "pin_blocked"),
    (WrongPin, "wrong_pin"),
    (LastTry, "last_try"),
    (NotOnCard, "not_on_card"),
    (CardRefused, "card_refused"),
    (NoCard, "no_card"),
    (NoReader, "no_reader"),
    (AnswerLost, "unavailable"),
    (Unavailable, "unavailable"),
)


def reason_of(fault: WarifuError) -> str:
    """What the provider is told when this ended a login before any answer."""
    return next((word for kind, word in _REASONS if isinstance(fault, kind)), "attempt_failed")


@dataclass(frozen=True, slots=True, repr=False)
class CardInHand:
    """A card that can be held to the phone, and what its holder types. Without a text PIN no attributes are shared.

    The signing password is used only where the client wants something signed.
    """

    open: Callable[[], AbstractContextManager[Connection]]
    authentication_pin: str
    text_pin: str | None = None
    spend_last: bool = False
    signing_password: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a login ended: where the browser is sent, what is shared, and the fault that ended it, if one did."""

    callback: str
    shares: tuple[str, ...] = ()
    fault: WarifuError | None = None


class Headless:
    """A browser and a companion in one; a context manager, for it holds connections."""

    def __init__(self, allowed_origins: Collection[str], stapling: "Stapling | None" = None) -> None:
        """A phone that signs for these origins only, and sends status answers along if `stapling` has them."""
        self._stapling = stapling
        self._allowed = frozenset(allowed_origins)
        self.browser = httpx2.Client(transport=Loopback(), timeout=_SECONDS, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.browser.close()

    def log_in(self, address: str, card: CardInHand) -> Outcome:
        """From an authorization request (or a page that redirects to one) to the callback, which is not visited.

        Raises:
            NotAllowed: the provider's origin is not among those allowed.
            OAuthRefused: the provider shows an error page instead of redirecting.
            Unavailable, Malformed: no answer, or no readable one.
        """
        page = self._arrive(address)
        if _LOGIN_PATH.fullmatch(urlsplit(page).path) is None:
            return Outcome(page, fault=_fault_of(page))
        try:
            shares, token = self._hold_card(page, card)
        except WarifuError as fault:
            self._deny(page, fault)
            return Outcome(self._go_on(page), fault=fault)
        self._post(f"{page}/decision", messages_json.dump({"decision": "allow", "decision_token": token}))
        return Outcome(self._go_on(page), shares)

    def cancel(self, address: str) -> Outcome:
        """Go to the provider and say no.

        Raises:
            NotAllowed, OAuthRefused, Unavailable, Malformed: as `log_in`.
        """
        page = self._arrive(address)
        if _LOGIN_PATH.fullmatch(urlsplit(page).path) is None:
            return Outcome(page, fault=_fault_of(page))
        self._post(f"{page}/decision", messages_json.dump({"decision": "deny", "reason": "cancelled"}))
        return Outcome(self._go_on(page))

    def follow(self, outcome: Outcome) -> int:
        """Let the browser visit the callback and whatever follows; the last page's status."""
        return self._send(self.browser, "GET", outcome.callback, follow_redirects=True).status_code

    # --- the browser ---

    def _arrive(self, address: str) -> str:
        """Follow redirects until the provider's login page, or until they leave an allowed origin with an error."""
        _check_address(address)
        for _ in range(_MAX_REDIRECTS):
            if _error_of(address) is not None and _origin(address) not in self._allowed:
                return address
            response = self._send(self.browser, "GET", address)
            if not response.is_redirect:
                return self._check_arrived(address, response)
            address = next_address(response)
        raise Malformed("too many redirects on the way to the provider")

    def _check_arrived(self, address: str, response: httpx2.Response) -> str:
        if _origin(address) not in self._allowed:
            raise NotAllowed(f"{_origin(address)} is not a provider that may be answered")
        if not response.is_success or _LOGIN_PATH.fullmatch(urlsplit(address).path) is None:
            raise OAuthRefused("invalid_request", f"the provider shows an error page (status {response.status_code})")
        return address.partition("?")[0]

    def _go_on(self, page: str) -> str:
        response = self._send(self.browser, "GET", f"{page}/continue")
        if not response.is_redirect:
            raise Unavailable("the provider does not send the browser back", detail=f"status {response.status_code}")
        return next_address(response)

    # --- the companion ---

    def _hold_card(self, page: str, card: CardInHand) -> tuple[tuple[str, ...], str]:
        invitation = LoginInvitation.decode(self._get(f"{page}/invitation"))
        if invitation.origin != _origin(page):
            raise WrongOrigin
        if invitation.transaction != urlsplit(page).path.rpartition("/")[2]:
            raise WrongTransaction
        with card.open() as connection:
            answer = answer_with(connection, card, invitation, _origin(page))
            issuer = None if self._stapling is None else self._stapling.issuer_on(connection, answer)
        if self._stapling is not None:
            answer = self._stapling.attach(answer, issuer)
        return self._answer(page, answer)

    def _answer(self, page: str, answer: LoginAnswer) -> tuple[tuple[str, ...], str]:
        members = messages_json.load(self._post(f"{page}/answer", answer.encode()), _SHARES, {"agreed": list})
        return tuple(members["shares"]), members["decision_token"]

    def _deny(self, page: str, fault: WarifuError) -> None:
        """Tell the provider; one that has ended the login itself keeps its own reason."""
        try:
            self._post(f"{page}/decision", messages_json.dump({"decision": "deny", "reason": reason_of(fault)}))
        except PartyRefused:
            return

    def _get(self, address: str) -> bytes:
        return _content(self._send(self.browser, "GET", address))

    def _post(self, address: str, body: bytes) -> bytes:
        return _content(self._send(self.browser, "POST", address, content=body))

    def _send(
        self,
        client: httpx2.Client,
        method: str,
        address: str,
        *,
        content: bytes | None = None,
        follow_redirects: bool = False,
    ) -> httpx2.Response:
        headers = {} if content is None else {"content-type": "application/json"}
        try:
            return client.request(method, address, content=content, headers=headers, follow_redirects=follow_redirects)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise Unavailable(f"{_origin(address)} does not answer", detail=type(error).__name__) from error


def answer_with(connection: Connection, card: CardInHand, invitation: LoginInvitation, origin: str) -> LoginAnswer:
    """What the card answers to an invitation met at `origin`, with the signature that was asked for.

    Raises:
        NotOnCard, PinBlocked, WrongPin, LastTry, Unavailable, CardRefused: as `warifu.reader` says.
    """
    if not card.authentication_pin:
        # A face-verification card; its PIN files answer as blocked ones.
        raise PinBlocked(pin_name=Key.AUTHENTICATION.pin.name)
    challenge, text_pin = invitation.challenge(origin), card.text_pin if invitation.attributes else None
    if invitation.signing is None:
        return answer_login(connection, challenge, card.authentication_pin, text_pin, spend_last=card.spend_last)
    check_can_sign(connection)
    if not card.signing_password:
        raise PinBlocked(pin_name=Key.SIGNING.pin.name)
    pins = (card.authentication_pin, invitation.signing, card.signing_password, text_pin)
    return answer_signing(connection, challenge, *pins, spend_last=card.spend_last)


class Loopback(httpx2.HTTPTransport):
    """Connects every name under ``localhost`` to this machine, whatever the resolver thinks (RFC 6761 §6.3)."""

    def __init__(self) -> None:
        super().__init__(verify=authorities_of_the_web())

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send the request, with the name it was made for still in its Host header."""
        if not request.url.host.endswith(".localhost"):
            return super().handle_request(request)
        there = httpx2.Request(
            request.method,
            request.url.copy_with(host="127.0.0.1"),
            headers=request.headers,
            stream=request.stream,
            extensions=request.extensions,
        )
        return super().handle_request(there)


def _content(response: httpx2.Response) -> bytes:
    """The body of a success; what a party refuses is raised as it says.

    Raises:
        PartyRefused: with the party's own words.
        Unavailable: it does not know now, or speaks another language.
    """
    if response.is_success:
        return response.content
    try:
        members = response.json()
        refusal = PartyRefused(str(members["error"]), str(members["description"]))
    except (ValueError, KeyError, TypeError) as error:
        raise Unavailable("the provider does not answer", detail=f"status {response.status_code}") from error
    raise Unavailable(refusal.description) if response.status_code == 503 else refusal


def next_address(response: httpx2.Response) -> str:
    """Where a redirect leads.

    Raises:
        Malformed: to no address.
    """
    try:
        address = str(response.url.join(response.headers["location"]))
    except httpx2.InvalidURL as error:
        raise Malformed("a redirect leads to no address") from error
    _check_address(address)
    return address


def _check_address(address: str) -> None:
    """Check that this is an address that a browser can visit.

    Raises:
        Malformed: it is not.
    """
    try:
        parts = urlsplit(str(httpx2.URL(address)))
        good = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except (httpx2.InvalidURL, ValueError) as error:
        raise Malformed("not an address to visit") from error
    if not good:
        raise Malformed("not an address to visit")


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _error_of(address: str) -> str | None:
    return _told(address).get("error")


def _fault_of(callback: str) -> OAuthRefused:
    members = _told(callback)
    return OAuthRefused(members.get("error", ""), members.get("error_description", ""))


def _told(address: str) -> dict[str, str]:
    """What a callback says, of a signed response (JARM §2.1) as well: to check the signature is the client's matter."""
    members = dict(parse_qsl(urlsplit(address).query))
    payload = members.get("response", "").partition(".")[2].partition(".")[0]
    try:
        signed = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, RecursionError):
        return members
    return members | {name: str(value) for name, value in signed.items()} if isinstance(signed, dict) else members
