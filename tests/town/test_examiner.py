"""The examiner: our own shop keeps every rule, authlib's keeps most, and one that checks nothing keeps none."""

import json
from collections.abc import Iterator
from urllib.parse import urlencode

import httpx2
import pytest
from click.testing import CliRunner
from joserfc.jwk import ECKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.real.authlib_shop import shop as authlib_shop
from tests.town.ports import free_ports
from warifu.cli.root import root
from warifu.errors import Malformed, NotAllowed, Unavailable
from warifu.services import ClientKey, read_token
from warifu.town.examiner import Verdict, examine_client, issuer_at
from warifu.wire import relying_party
from warifu.wire.clock import SystemClock, SystemEntropy
from warifu.wire.sandbox import Fault
from warifu.wire.serving import Application, Reserved, reserve, serve_in_thread

CLOCK, ENTROPY = SystemClock(), SystemEntropy()
CLIENT = "RP00000100"


@pytest.fixture
def places() -> Iterator[tuple[Reserved, Reserved]]:
    """Where the examiner listens, and where the client does; the first is given back and taken again by commands."""
    both = reserve("localhost", free_ports(1)), reserve("localhost")
    yield both
    for place in both:
        place.close()


def naive(
    issuer: str,
    redirect_uri: str,
    *,
    status: int = 200,
    dies: bool = False,
    polite: bool = False,
    tokens: list[str] | None = None,
) -> Application:
    """A client that believes everything; `status` is what it shows, unless it `dies` of what it does not know.

    A `polite` one looks at `state`, and shows every fault on a page like any other. It keeps its ID tokens in `tokens`.
    """
    base = f"{issuer}/protocol/openid-connect"

    async def login(_request: Request) -> Response:
        asked = {"response_type": "code", "client_id": CLIENT, "redirect_uri": redirect_uri, "state": "s"}
        return RedirectResponse(f"{base}/auth?{urlencode(asked)}")

    async def callback(request: Request) -> Response:
        if dies and "error" in request.query_params:
            return Response(headers={"content-length": "1"})  # the server closes the connection in the midst
        if polite and request.query_params.get("state") != "s":
            return JSONResponse({"sorry": "try again"})
        async with httpx2.AsyncClient() as http:
            told = await http.post(f"{base}/token", data={"grant_type": "authorization_code", "code": "x"})
        token = told.json().get("id_token", "")
        if tokens is not None:
            tokens.append(token)
        return JSONResponse({"welcome": token[:1]}, status)

    return Starlette(routes=[Route("/login", login), Route("/callback", callback)])


def examined(places: tuple[Reserved, Reserved], client: Application, marker: str | None = None) -> dict[str, Verdict]:
    at, own = places
    with serve_in_thread([(own, client)]):
        examiner = issuer_at(at, CLOCK, ENTROPY)
        found = examine_client(f"{own.origin}/login", examiner, at, marker=marker)
    return {verdict.code: verdict for verdict in found}


def test_our_own_shop_keeps_every_rule(places: tuple[Reserved, Reserved]) -> None:
    at, own = places
    issuer = issuer_at(at, CLOCK, ENTROPY).provider.issuer
    settings = relying_party.ShopSettings(issuer, CLIENT, own.origin, ClientKey.generate())
    found = examined(places, relying_party.application(settings, CLOCK, ENTROPY))
    assert {code for code, verdict in found.items() if not verdict.kept} == set()
    assert {fault.code for fault in Fault} - {"none"} <= found.keys()


def test_authlib_keeps_what_decides_who_somebody_is(places: tuple[Reserved, Reserved]) -> None:
    at, own = places
    issuer = issuer_at(at, CLOCK, ENTROPY).provider.issuer
    client = authlib_shop(issuer, CLIENT, ECKey.generate_key("P-256"), f"{own.origin}/callback", "openid name")
    found = examined(places, client)
    kept = {code for code, verdict in found.items() if verdict.kept}
    assert kept >= {
        *("state-changed", "state-missing", "error-callback", "nonce-changed", "issuer-changed", "audience-changed"),
        *("expired", "alg-none", "alg-hs256", "other-key", "signature-broken", "token-refused"),
    }
    # It leaves these to whoever uses it, and our test shop does nothing about them.
    assert "userinfo-other" not in kept


def test_a_client_that_checks_nothing_swallows_everything(places: tuple[Reserved, Reserved]) -> None:
    at, own = places
    issuer = issuer_at(at, CLOCK, ENTROPY).provider.issuer
    found = examined(places, naive(issuer, f"{own.origin}/callback"), marker="e")
    broken = {code for code, verdict in found.items() if not verdict.kept}
    about_tokens = {fault.code for fault in Fault} - {"none", "token-refused", "userinfo-other"}
    assert broken >= {*about_tokens, "request-state", "request-nonce", "request-pkce", "request-assertion"}


def test_an_unsigned_token_has_nothing_that_is_refused_by_accident(places: tuple[Reserved, Reserved]) -> None:
    """A library computes `at_hash` with what `alg` names (OpenID Connect Core 1.0 §3.1.3.6): none is an error there."""
    at, own = places
    tokens: list[str] = []
    issuer = issuer_at(at, CLOCK, ENTROPY).provider.issuer
    examined(places, naive(issuer, f"{own.origin}/callback", tokens=tokens), marker="e")
    read = [read_token(each) for each in tokens if each]
    assert {("at_hash" in (each.claims or {})) for each in read if each.header["alg"] == "none"} == {False}
    assert {("at_hash" in (each.claims or {})) for each in read if each.header["alg"] == "ES256"} == {True}


def test_where_nothing_can_be_told_it_says_so(places: tuple[Reserved, Reserved]) -> None:
    """The naive client shows the same page whatever happens."""
    at, own = places
    issuer = issuer_at(at, CLOCK, ENTROPY).provider.issuer
    with pytest.raises(NotAllowed, match="look like a good one"):
        examined(places, naive(issuer, f"{own.origin}/callback"))


def test_a_client_that_shows_faults_like_any_other_page_is_not_accused(places: tuple[Reserved, Reserved]) -> None:
    """Neither status nor place tell its error page from a good one."""
    at, own = places
    client = naive(issuer_at(at, CLOCK, ENTROPY).provider.issuer, f"{own.origin}/callback", polite=True)
    with pytest.raises(NotAllowed, match="look like a good one"):
        examined(places, client)


def test_a_client_of_another_provider_is_not_praised(places: tuple[Reserved, Reserved]) -> None:
    """Whoever never came here has refused nothing."""
    _, own = places
    with pytest.raises(Unavailable, match="does not begin a login at the examining provider"):
        examined(places, naive(own.origin, f"{own.origin}/callback"))


def test_a_client_that_redirects_to_no_address_is_malformed(places: tuple[Reserved, Reserved]) -> None:
    _, own = places
    with pytest.raises(Malformed, match="not an address"):
        examined(places, naive("http://localhost:99999", f"{own.origin}/callback"))


def test_a_client_whose_proper_login_fails_is_not_examined(places: tuple[Reserved, Reserved]) -> None:
    at, own = places
    issuer = issuer_at(at, CLOCK, ENTROPY).provider.issuer
    with pytest.raises(NotAllowed, match="mend that first"):
        examined(places, naive(issuer, f"{own.origin}/callback", status=500))


def test_a_client_that_dies_of_an_error_callback_is_told_of_it(places: tuple[Reserved, Reserved]) -> None:
    """RFC 6749 §4.1.2.1: people press cancel. The examination goes on with the other faults."""
    at, own = places
    issuer = issuer_at(at, CLOCK, ENTROPY).provider.issuer
    found = examined(places, naive(issuer, f"{own.origin}/callback", dies=True), marker="e")
    assert (found["error-callback"].kept, found["error-callback"].saw) == (False, "no answer at /callback")
    assert not found["alg-none"].kept


def test_the_command_tells_what_was_swallowed(places: tuple[Reserved, Reserved]) -> None:
    at, own = places
    issuer = issuer_at(at, CLOCK, ENTROPY).provider.issuer
    port = at.origin.rpartition(":")[2]
    at.close()
    with serve_in_thread([(own, naive(issuer, f"{own.origin}/callback"))]):
        words = ["rp", "examine", f"{own.origin}/login", "--port", port, "--logged-in", "e", "--json"]
        ended = CliRunner().invoke(root, words, env={"LC_ALL": "C", "WARIFU_CONFIG": ""})
    assert ended.exit_code == 1, ended.stderr
    told = {one["name"]: one for one in json.loads(ended.stdout)}
    assert (told["alg-none"]["kept"], told["alg-none"]["rule"]) == (False, "RFC 8725 §3.1; RFC 7518 §3.6")


def test_where_nobody_answers_it_says_so(places: tuple[Reserved, Reserved]) -> None:
    at, own = places
    at.close()
    own.close()
    words = ["rp", "examine", "http://127.0.0.1:9/login", "--port", at.origin.rpartition(":")[2]]
    ended = CliRunner().invoke(root, words, env={"LC_ALL": "C", "WARIFU_CONFIG": ""})
    assert (ended.exit_code, ended.stdout) == (3, "")
