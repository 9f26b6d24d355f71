"""From what a browser or a proxy wrote down (HAR 1.2) to a recording without secrets.

A browser sees the authorization request and the callback only; a proxy in front of the client's server sees token and
UserInfo requests, too. Several files of one login may be given together. Entries of other addresses are left out.

Source: HTTP Archive 1.2 (W3C Web Performance Working Group, draft); browsers write `log.entries` as there.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from warifu.errors import Malformed
from warifu.services.exchange import Recording, Step
from warifu.services.provider import read_object
from warifu.services.scrubbing import About, Labels

__all__ = ["Entry", "answer_of", "callback_of", "read_har", "record"]

_PATHS = {
    "discovery": "/.well-known/openid-configuration",
    "jwks": "/protocol/openid-connect/certs",
    "authorization": "/protocol/openid-connect/auth",
    "push": "/protocol/openid-connect/ext/par/request",
    "token": "/protocol/openid-connect/token",
    "userinfo": "/protocol/openid-connect/userinfo",
}
_METADATA = {
    "jwks": "jwks_uri",
    "authorization": "authorization_endpoint",
    "push": "pushed_authorization_request_endpoint",
    "token": "token_endpoint",
    "userinfo": "userinfo_endpoint",
}


@dataclass(frozen=True, slots=True, repr=False)
class Entry:
    """One request and its answer as they went over the line: full of secrets, and never kept."""

    method: str
    address: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    status: int = 0
    answer_headers: Mapping[str, str] = field(default_factory=dict)
    answer_body: str = ""

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """Of the query and of a form."""
        form = self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
        query = parse_qsl(urlsplit(self.address).query, keep_blank_values=True)
        return query + (parse_qsl(self.body, keep_blank_values=True) if form else [])

    @property
    def place(self) -> str:
        """The address without query and fragment."""
        return self.address.partition("#")[0].partition("?")[0]


def read_har(document: bytes) -> list[Entry]:
    """Read a HAR file.

    Raises:
        Malformed: it is none.
    """
    log = read_object(document, "the HAR file").get("log")
    entries = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(entries, list):
        raise Malformed("not a HAR file: it has no log.entries")
    try:
        return [_entry(each["request"], each["response"]) for each in entries]
    except (KeyError, TypeError, AttributeError) as error:
        raise Malformed("an entry of the HAR file lacks its request or response") from error


def record(entries: Sequence[Entry], issuer: str) -> Recording:
    """What these entries have to do with this provider, scrubbed.

    Raises:
        Malformed: nothing is for this provider.
    """
    issuer = issuer.rstrip("/")
    endpoints = _endpoints(entries, issuer)
    asked = [each for each in entries if endpoints.get(each.place) == "authorization"]
    told = dict(asked[0].parameters) if asked else {}
    redirect_uri = told.get("redirect_uri", "")
    labels = Labels(issuer, told.get("client_id", ""), redirect_uri)
    steps = list(_steps(entries, endpoints, labels, redirect_uri))
    if not steps:
        raise Malformed(f"nothing in it is for {issuer}")
    return Recording(issuer, steps)


def answer_of(entry: Entry, labels: Labels, step: str) -> dict[str, Any]:
    """An answer to a server: status, what its headers say, and its members."""
    told: dict[str, Any] = {"status": entry.status}
    media_type = entry.answer_headers.get("content-type", "").partition(";")[0].strip().lower()
    told["content_type"] = media_type
    if "no-store" in entry.answer_headers.get("cache-control", ""):
        told["cache_control"] = "no-store"
    challenge = entry.answer_headers.get("www-authenticate")
    if challenge is not None:
        told["challenge"] = _challenge(challenge)
    try:
        members = json.loads(entry.answer_body) if "json" in media_type else None
    except (ValueError, RecursionError):
        members = None
    if isinstance(members, dict):
        told["members"] = {name: labels.member(name, value, About.of(step)) for name, value in sorted(members.items())}
    return told


def callback_of(address: str, labels: Labels) -> dict[str, Any]:
    """What came back to the client through the browser."""
    parts = urlsplit(address)
    pairs = parse_qsl(parts.query, keep_blank_values=True) + parse_qsl(parts.fragment, keep_blank_values=True)
    return {name: labels.member(name, value) for name, value in sorted(pairs)}


def _steps(entries: Sequence[Entry], endpoints: Mapping[str, str], labels: Labels, redirect_uri: str) -> Iterator[Step]:
    for place, entry in enumerate(entries):
        step = endpoints.get(entry.place)
        if step is None or entry.method == "OPTIONS":
            continue
        pairs = tuple((name, labels.parameter(name, value)) for name, value in entry.parameters)
        if step == "authorization":
            back = _callback(entries[place:], redirect_uri)
            answer = {"status": entry.status} if back is None else {"callback": callback_of(back, labels)}
            yield Step(step, pairs, answer)
            continue
        assertion = dict(entry.parameters).get("client_assertion")
        read = {} if assertion is None else labels.token(assertion)
        scheme, _, shown = entry.headers.get("authorization", "").partition(" ")
        shown = f"{scheme} {labels.label('access_token', shown)}" if shown and scheme.lower() != "basic" else scheme
        answer = answer_of(entry, labels, step)
        yield Step(step, pairs, answer, shown, read if isinstance(read, dict) else {})


def _callback(entries: Iterable[Entry], redirect_uri: str) -> str | None:
    """Where the browser was sent back to the client, before it came with the next request."""
    for place, entry in enumerate(entries):
        told = dict(entry.parameters)
        if place and told.get("response_type"):
            return None
        location = entry.answer_headers.get("location", "")
        for address in (location, entry.address if place else ""):
            if redirect_uri and address.partition("?")[0].partition("#")[0] == redirect_uri:
                return address
    return None


def _endpoints(entries: Sequence[Entry], issuer: str) -> dict[str, str]:
    """Which address is which: as the metadata say, if they were asked for; else the paths of the official service."""
    found = {issuer + path: step for step, path in _PATHS.items()}
    for entry in entries:
        if entry.place != issuer + _PATHS["discovery"] or entry.status != 200:
            continue
        try:
            members = read_object(entry.answer_body.encode())
        except Malformed:
            continue
        found |= {str(members[name]): step for step, name in _METADATA.items() if isinstance(members.get(name), str)}
    return found


def _challenge(text: str) -> str:
    """The scheme, and the error if it names one (RFC 6750 §3)."""
    scheme, _, rest = text.partition(" ")
    error = rest.partition('error="')[2].partition('"')[0]
    return f"{scheme} {error}".strip()


def _entry(request: Mapping[str, Any], response: Mapping[str, Any]) -> Entry:
    posted = request.get("postData") or {}
    headers = _headers(request["headers"])
    if posted.get("mimeType"):
        headers.setdefault("content-type", posted["mimeType"])
    body = posted.get("text") or "&".join(f"{each['name']}={each['value']}" for each in posted.get("params") or ())
    answered = _headers(response["headers"])
    if response.get("redirectURL"):
        answered.setdefault("location", response["redirectURL"])
    content = (response.get("content") or {}).get("text") or ""
    status = response["status"]
    return Entry(request["method"], request["url"], headers, body, int(status), answered, content)


def _headers(told: Iterable[Mapping[str, str]]) -> dict[str, str]:
    return {each["name"].lower(): each["value"] for each in told}
