"""RFC 9126, Pushed Authorization Requests, and RFC 9207, the issuer in the response."""

from typing import Any

import httpx2

from tests.idp.world import CLIENT, OTHER_CLIENT, REDIRECT_URI, query
from tests.services.test_pushing import STRICT as METADATA
from tests.services.world import NOW, PARTY, Counter, pending
from tests.wire.provider_negative.must import COMPATIBLE, STRICT, Ask, Document, DoesNotApply, Must
from tests.wire.provider_negative.talk import FORM, OTHER_KEY, Talk, told_by
from warifu.errors import WarifuError
from warifu.services import redeem


def _used_twice(talk: Talk) -> str:
    asked = talk.reference()
    assert talk.bring(asked) == "login"
    return talk.bring(asked)


def _late(talk: Talk) -> str:
    asked = talk.reference()
    talk.stage.clock.go_on(talk.provider.profile.pushed_request_lifetime)
    return talk.bring(asked)


def _guessed(talk: Talk) -> str:
    reference = talk.reference()["request_uri"].rpartition(":")[2]
    told = talk.bring({"client_id": CLIENT.id, "request_uri": "urn:ietf:params:oauth:request_uri:guess"})
    return f"{told}; a reference has {'at least 128' if len(reference) * 6 >= 128 else len(reference) * 6} bits"


def _changed_on_the_way(talk: Talk) -> str:
    asked = talk.reference()
    address = talk.http.get(
        talk.path(talk.provider.authorization_endpoint),
        params={**asked, "redirect_uri": "https://evil.example/", "scope": "nothing", "state": "evil"},
    ).headers["location"]
    return "login, as it was pushed" if address.startswith("/login/") else address


def _by_get(talk: Talk) -> str:
    return told_by(talk.http.get(talk.path(talk.provider.pushed_endpoint), params=talk.request()))


def _as_json(talk: Talk) -> str:
    body: dict[str, Any] = {**talk.credentials(), **talk.request()}
    return told_by(talk.http.post(talk.path(talk.provider.pushed_endpoint), json=body))


def _too_large(talk: Talk) -> str:
    content = str(httpx2.QueryParams({**talk.credentials(), **talk.request(), "more": "x" * 20_000}))
    headers = {"content-type": FORM}
    return told_by(talk.http.post(talk.path(talk.provider.pushed_endpoint), content=content, headers=headers))


def _absent(talk: Talk) -> str:
    return told_by(talk.http.post(talk.path(talk.provider.pushed_endpoint), data=talk.request()))


def _remembered_by_caches(talk: Talk) -> str:
    body = {**talk.credentials(), **talk.request()}
    response = talk.http.post(talk.path(talk.provider.pushed_endpoint), data=body)
    return str(response.headers["cache-control"])


PUSHED = (
    Must(
        "§2.1",
        "the client authenticates as at the token endpoint",
        "no assertion",
        "401 invalid_client",
        lambda talk: talk.pushed(client_assertion=None, client_assertion_type=None),
        STRICT,
    ),
    Must(
        "§2.1",
        "as before",
        "an assertion by another key",
        "401 invalid_client",
        lambda talk: talk.pushed(client_assertion=talk.assertion(OTHER_KEY)),
        STRICT,
    ),
    Must(
        "§2.1",
        "as before",
        "another client's request",
        "401 invalid_client",
        lambda talk: talk.pushed(client_id=OTHER_CLIENT.id),
        STRICT,
    ),
    Must(
        "§2.1",
        "a pushed request has no request_uri",
        "request_uri",
        "400 invalid_request",
        lambda talk: talk.pushed(request_uri="urn:ietf:params:oauth:request_uri:x"),
        STRICT,
    ),
    Must(
        "§2.1",
        "it is checked like any request",
        "no response type",
        "400 invalid_request",
        lambda talk: talk.pushed(response_type=None),
        STRICT,
    ),
    Must(
        "§2.1",
        "as before",
        "the implicit flow",
        "400 unsupported_response_type",
        lambda talk: talk.pushed(response_type="token"),
        STRICT,
    ),
    Must(
        "§2.1",
        "as before",
        "no redirect URI",
        "400 invalid_request",
        lambda talk: talk.pushed(redirect_uri=None),
        STRICT,
    ),
    Must(
        "§2.1",
        "as before",
        "a redirect URI that only begins like the registered one",
        "400 invalid_redirect_uri",
        lambda talk: talk.pushed(redirect_uri=f"{REDIRECT_URI}.evil"),
        STRICT,
    ),
    Must("§2.1", "it is a form", "JSON", "400 invalid_request", _as_json, STRICT),
    Must(
        "§2.2",
        "the reference cannot be guessed",
        "a guess",
        "page 400; a reference has at least 128 bits",
        _guessed,
        STRICT,
    ),
    Must(
        "§2.2",
        "the reference is the client's who pushed",
        "another client's reference",
        "page 400",
        lambda talk: talk.bring({**talk.reference(), "client_id": OTHER_CLIENT.id}),
        STRICT,
    ),
    Must("§2.2", "the answer is not kept by caches", "a good request", "no-store", _remembered_by_caches, STRICT),
    Must("§2.2", "the reference ends", "a reference after its time", "page 400", _late, STRICT),
    Must("§2.3", "another method than POST is 405", "GET", "405 method_not_allowed", _by_get, STRICT),
    Must("§2.3", "too much is refused", "20,000 characters", "413 invalid_request", _too_large, STRICT),
    Must(
        "§4",
        "the browser brings client_id",
        "the reference alone",
        "page 400",
        lambda talk: talk.bring({"request_uri": talk.reference()["request_uri"]}),
        STRICT,
    ),
    Must(
        "§4, §7.3",
        "a reference is for one use (FAPI 2.0 §5.3.2.2: required)",
        "a reference again",
        "page 400",
        _used_twice,
        STRICT,
    ),
    Must(
        "§4; RFC 9101 §6.3",
        "what was pushed counts, not what the browser adds",
        "another redirect URI, scope and state beside it",
        "login, as it was pushed",
        _changed_on_the_way,
        STRICT,
    ),
    Must(
        "§5",
        "where it is required, nothing else is taken",
        "a good request that was not pushed",
        "callback invalid_request",
        lambda talk: talk.bring(talk.request()),
        STRICT,
    ),
    Must(
        "§5",
        "what the metadata do not name is not there",
        "a request pushed anyway",
        "404 not_found",
        _absent,
        COMPATIBLE,
    ),
    Must(
        "§3; OpenID Connect Core §6.1",
        "a request object that is not understood is refused",
        "request",
        "400 request_not_supported",
        lambda talk: talk.pushed(request="eyJhbGciOiJub25lIn0.e30."),
        STRICT,
    ),
)

PUSHED_OTHERS = (
    DoesNotApply("§2.1.1", "a pushed request object is checked", "request objects are not offered, above"),
    DoesNotApply("§2.2", "expires_in is positive", "a constant of the profile; `tests/idp/test_pushed.py`"),
    DoesNotApply("§7.2", "open redirection", "redirect URIs are registered, above"),
)


def _issuer_of(talk: Talk, callback: dict[str, str]) -> str:
    return "names the issuer" if callback.get("iss") == talk.provider.issuer else f"iss {callback.get('iss')}"


def _error_callback(talk: Talk) -> dict[str, str]:
    asked = talk.request()
    return query(talk.http.get(talk.path(talk.provider.authorization_endpoint), params=asked).headers["location"])


def _client(**changes: str | None) -> Ask:
    """What our relying party makes of a callback that is wrong in this."""

    def ask(_talk: Talk) -> str:
        told = {"code": "c", "state": pending().state, "iss": METADATA.issuer, **changes}
        callback = {name: value for name, value in told.items() if value is not None}
        try:
            redeem(pending(), callback, PARTY, METADATA, NOW, Counter())
        except WarifuError as refusal:
            return type(refusal).__name__
        return "accepted"

    return ask


def _metadata(talk: Talk) -> str:
    told = talk.http.get(talk.path(talk.provider.issuer) + talk.provider.profile.discovery).json()
    said = told["authorization_response_iss_parameter_supported"]
    return "said so" if said is ("iss" in talk.callback()) else "not as it is"


NAMED = (
    Must(
        "§2",
        "a response names the issuer",
        "a good login",
        "names the issuer",
        lambda talk: _issuer_of(talk, talk.callback()),
        STRICT,
    ),
    Must(
        "§2",
        "an error response does, too",
        "a request that was not pushed",
        "names the issuer",
        lambda talk: _issuer_of(talk, _error_callback(talk)),
        STRICT,
    ),
    Must("§2.3", "the metadata say whether it does", "the metadata and a callback", "said so", _metadata),
    Must(
        "§2.4",
        "the client refuses another issuer's response",
        "another iss",
        "WrongIssuer",
        _client(iss="https://other.example"),
    ),
    Must(
        "§2.4",
        "the client refuses a response without iss where one is promised",
        "no iss",
        "WrongIssuer",
        _client(iss=None),
    ),
    Must(
        "§2.4", "issuers are compared as they stand", "a slash more", "WrongIssuer", _client(iss=METADATA.issuer + "/")
    ),
)

NAMED_OTHERS = (
    DoesNotApply("§2.4", "several providers have different issuers", "the client's: each profile here has its own"),
)

RFC9126 = Document("RFC 9126: Pushed Authorization Requests", PUSHED, PUSHED_OTHERS)
RFC9207 = Document("RFC 9207: the issuer in the response", NAMED, NAMED_OTHERS)
