"""Examining a client: log in once properly, then once with each fault, and see which of them it swallows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx2

from warifu.errors import Malformed, NotAllowed, Unavailable
from warifu.services import read_token
from warifu.wire.headless import Loopback, next_address
from warifu.wire.sandbox.examiner import Examiner, Seen
from warifu.wire.sandbox.faults import Fault

__all__ = ["Examined", "Verdict", "examine"]

_SECONDS = 20.0
_ENDS = (Fault.ERROR_CALLBACK, Fault.TOKEN_REFUSED)
"""What happens to honest people too: nobody can be logged in then, and a client that crashes keeps no rule."""
_MOST_STEPS = 20
_DIED = 500
_SHORTEST = 22
"""Characters of a value that nobody guesses: 128 bits in base64url (RFC 6749 §10.10)."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the client did with one fault, or how its own requests are: `kept` the rule, or not."""

    code: str
    kept: bool
    clause: str
    saw: str
    gain: str = ""
    gain_japanese: str = ""


@dataclass(frozen=True, slots=True)
class Examined:
    """Where the browser ended, and what the client had sent to the provider."""

    status: int
    place: str
    body: str
    seen: Seen
    dropped: bool = False

    @property
    def saw(self) -> str:
        """For people."""
        return f"{'no answer' if self.dropped else f'status {self.status}'} at {self.place}"

    def like(self, other: "Examined", marker: str | None) -> bool:
        """Whether it looks as that did: by the marker if there is one, else by status and place."""
        if marker is not None:
            return (marker in self.body) == (marker in other.body)
        return (self.status < 400, self.place) == (other.status < 400, other.place)


def examine(address: str, examiner: Examiner, *, marker: str | None = None) -> list[Verdict]:
    """Examine the client that begins a login at `address` and is configured for this provider.

    `marker` is a text that its page shows to whoever is logged in.

    Raises:
        Unavailable: the client does not begin a login here.
        NotAllowed: the proper login does not work, or a refused one may look the same: nothing could be told.
    """
    good, again = (_log_in(address, examiner, Fault.NONE) for _ in range(2))
    if not good.seen.request:
        raise Unavailable("the client does not begin a login at the examining provider")
    if good.status >= 400 or not good.seen.token_request or (marker is not None and marker not in good.body):
        raise NotAllowed(f"a proper login ends with {good.saw}: mend that first")
    left_out = {Fault.NONE} if good.seen.asked_userinfo else {Fault.NONE, Fault.USERINFO_OTHER}
    ended = {fault: _log_in(address, examiner, fault) for fault in Fault if fault not in left_out}
    if marker is None:
        _check_can_be_told(good, again, ended)
    return [*_requests(good.seen, again.seen), *_faults(good, ended, marker)]


def _check_can_be_told(good: Examined, again: Examined, ended: Mapping[Fault, Examined]) -> None:
    """Check that status and place tell who is logged in.

    They do not where a login that cannot be good has them, too, or a page that is always the same is another one.

    Raises:
        NotAllowed: only a text of the page could tell.
    """
    alike = [fault for fault, each in ended.items() if each.like(good, None)]
    if any(fault in _ENDS or (good.body == again.body != ended[fault].body) for fault in alike):
        raise NotAllowed("a refused login may look like a good one; name a text that only a logged-in page shows")


def _faults(good: Examined, ended: Mapping[Fault, Examined], marker: str | None) -> Iterator[Verdict]:
    for fault, each in ended.items():
        crashed = each.status >= 500 and fault in _ENDS
        kept = not crashed and not each.like(good, marker)
        yield Verdict(fault.code, kept, fault.clause, each.saw, fault.gain, fault.gain_japanese)


def _requests(first: Seen, second: Seen) -> Iterator[Verdict]:
    """How the client itself asks."""
    for name, clause in (("state", "RFC 6749 §10.12"), ("nonce", "OpenID Connect Core 1.0 §15.5.2")):
        told, again = first.request.get(name, ""), second.request.get(name, "")
        kept = len(told) >= _SHORTEST and told != again
        yield Verdict(
            f"request-{name}", kept, clause, f"{len(told)} characters, {'new' if told != again else 'the same'}"
        )
    method = first.request.get("code_challenge_method", "none")
    fresh = first.request.get("code_challenge") != second.request.get("code_challenge")
    yield Verdict("request-pkce", method == "S256" and fresh, "RFC 7636 §4.2, §7.1", f"{method}")
    kind = first.token_request.get("client_assertion_type", "none").rpartition(":")[2]
    yield Verdict("request-assertion", kind == "jwt-bearer", "RFC 7523 §2.2", kind)
    jtis = {_jti(seen.token_request.get("client_assertion", "")) for seen in (first, second)}
    yield Verdict(
        "request-assertion-once", len(jtis - {""}) == 2, "RFC 7523 §3 no. 7", f"{len(jtis - {''})} of 2 have a jti"
    )


def _jti(assertion: str) -> str:
    try:
        claims = read_token(assertion).claims
    except Malformed:
        return ""
    return str(claims.get("jti", "")) if claims else ""


def _log_in(address: str, examiner: Examiner, fault: Fault) -> Examined:
    """A browser of its own goes through one login."""
    examiner.begin(fault)
    with httpx2.Client(transport=Loopback(), timeout=_SECONDS, trust_env=False) as browser:
        for _ in range(_MOST_STEPS):
            try:
                response = browser.get(address)
            except (httpx2.HTTPError, httpx2.InvalidURL) as error:
                if examiner.seen.request:  # it had begun the login, and died of what came back: nobody is logged in
                    return Examined(_DIED, urlsplit(address).path, "", examiner.seen, dropped=True)
                raise Unavailable(f"{address} does not answer", detail=type(error).__name__) from error
            if not response.is_redirect:
                return Examined(response.status_code, urlsplit(address).path, response.text, examiner.seen)
            address = next_address(response)
    raise Malformed("too many redirects")
