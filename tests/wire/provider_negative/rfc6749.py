"""RFC 6749, The OAuth 2.0 Authorization Framework."""

import base64
from datetime import timedelta

from tests.idp.world import CLIENT, OTHER_CLIENT, REDIRECT_URI
from tests.wire.provider_negative.must import COMPATIBLE, Document, DoesNotApply, Must
from tests.wire.provider_negative.talk import Talk, told_by
from warifu.errors import Malformed, NotAllowed
from warifu.idp import Client, Parameters


def _unauthenticated(talk: Talk) -> str:
    return talk.exchange(client_assertion=None, client_assertion_type=None)


def _by_get(talk: Talk) -> str:
    fields = talk.code_form(talk.code())
    return told_by(talk.http.get(talk.path(talk.provider.token_endpoint), params=fields))


def _in_the_query(talk: Talk) -> str:
    fields = talk.code_form(talk.code())
    return told_by(talk.http.post(talk.path(talk.provider.token_endpoint), params=fields))


def _two_ways_at_once(talk: Talk) -> str:
    return talk.exchange(client_secret="a-secret")


def _by_header(talk: Talk) -> str:
    basic = base64.b64encode(f"{CLIENT.id}:secret".encode()).decode()
    fields = talk.code_form(talk.code(), client_assertion=None, client_assertion_type=None)
    response = talk.ask(fields, authorization=f"Basic {basic}")
    return f"{told_by(response)}, asks for {response.headers.get('www-authenticate', 'nothing').partition(' ')[0]}"


def _header_and_assertion(talk: Talk) -> str:
    basic = base64.b64encode(f"{CLIENT.id}:secret".encode()).decode()
    return told_by(talk.ask(talk.code_form(talk.code()), authorization=f"Basic {basic}"))


def _fragment(_talk: Talk) -> str:
    try:
        Client("RP1", "a shop", ("https://shop.example/callback#part",), CLIENT.jwks)
    except Malformed:
        return "not registered"
    return "registered"


def _unencrypted(_talk: Talk) -> str:
    try:
        Client("RP1", "a shop", ("http://shop.example/callback",), CLIENT.jwks)
    except Malformed:
        return "not registered"
    return "registered"


def _code_twice(talk: Talk) -> str:
    code = talk.code()
    first = talk.ask(talk.code_form(code)).json()["access_token"]
    return f"{talk.exchange(code=code)}, and its token: {talk.show(first)}"


def _late_code(talk: Talk) -> str:
    code = talk.code()
    talk.stage.clock.go_on(talk.provider.profile.code_lifetime)
    return talk.exchange(code=code)


def _other_clients(talk: Talk, fields: dict[str, str]) -> str:
    key = {"iss": OTHER_CLIENT.id, "sub": OTHER_CLIENT.id}
    return told_by(talk.ask({**fields, "client_id": OTHER_CLIENT.id, "client_assertion": talk.assertion(**key)}))


def _stolen_code(talk: Talk) -> str:
    return _other_clients(talk, talk.code_form(talk.code()))


def _stolen_refresh(talk: Talk) -> str:
    fields = {"grant_type": "refresh_token", "refresh_token": str(talk.tokens()["refresh_token"])}
    return _other_clients(talk, {**talk.credentials(), **fields})


def _refresh_twice(talk: Talk) -> str:
    token = talk.tokens()["refresh_token"]
    assert talk.refresh(token) == "accepted"
    return talk.refresh(token)


def _refresh_late(talk: Talk) -> str:
    token = talk.tokens()["refresh_token"]
    talk.stage.clock.go_on(talk.provider.profile.longest_token + timedelta(minutes=1))
    return talk.refresh(token)


def _refresh_wider(talk: Talk) -> str:
    return talk.refresh(talk.tokens(scope="openid name")["refresh_token"], scope="openid address")


def _kept_by_caches(talk: Talk) -> str:
    response = talk.ask(talk.code_form(talk.code()))
    return f"{response.headers['cache-control']}, {response.headers['pragma']}"


def _state_back(talk: Talk) -> str:
    address = talk.http.get(
        talk.path(talk.provider.authorization_endpoint), params=talk.request(scope="nothing", state="x y+&=")
    ).headers["location"]
    return "the same state" if "state=x+y%2B%26%3D" in address or "state=x%20y%2B%26%3D" in address else address


def _undecided(talk: Talk) -> str:
    asked = talk.reference() if talk.strict else talk.request()
    begun = talk.service.begin(Parameters(list(asked.items())))
    try:
        talk.service.go_back(begun.transaction, begun.cookie)
    except NotAllowed:
        return "NotAllowed"
    return "a code"


def _other_site(talk: Talk) -> str:
    asked = talk.reference() if talk.strict else talk.request()
    begun = talk.service.begin(Parameters(list(asked.items())))
    headers = {"origin": "https://evil.example", "content-type": "application/json"}
    body = b'{"decision":"deny","reason":"cancelled"}'
    response = talk.http.post(f"/login/{begun.transaction}/decision", content=body, headers=headers)
    return told_by(response)


def _framed(talk: Talk) -> str:
    asked = talk.reference() if talk.strict else talk.request()
    response = talk.http.get(talk.path(talk.provider.authorization_endpoint), params=asked, follow_redirects=True)
    policy = response.headers["content-security-policy"]
    return "may not be framed" if "frame-ancestors 'none'" in policy else policy


def _guessed(talk: Talk) -> str:
    bits = len(talk.code()) * 6
    return f"{talk.exchange(code='guess')}; a code has {'at least 128' if bits >= 128 else bits} bits"


def _suspended(talk: Talk) -> str:
    code = talk.code()
    talk.service.register(Client(CLIENT.id, CLIENT.name, CLIENT.redirect_uris, CLIENT.jwks, active=False))
    told = talk.exchange(code=code)
    talk.register_again()
    return told


MUSTS = (
    Must(
        "§2.3",
        "a client uses one way to authenticate in a request",
        "a secret beside the assertion",
        "400 invalid_request",
        _two_ways_at_once,
    ),
    Must("§2.3", "as before", "HTTP Basic beside the assertion", "400 invalid_request", _header_and_assertion),
    Must(
        "§2.3.1",
        "credentials are never in the URI",
        "the whole form in the query",
        "400 invalid_request",
        _in_the_query,
    ),
    Must(
        "§3.1",
        "a parameter comes once",
        "two scopes",
        "callback invalid_request",
        lambda talk: talk.authorize("&scope=openid"),
        COMPATIBLE,
    ),
    Must(
        "§3.1",
        "a parameter comes once",
        "two scopes, pushed",
        "400 invalid_request",
        lambda talk: talk.pushed("&scope=openid"),
        ("fapi2",),
    ),
    Must(
        "§3.1",
        "a parameter without a value was left out",
        "an empty response type",
        "callback invalid_request",
        lambda talk: talk.authorize(response_type=""),
        COMPATIBLE,
    ),
    Must(
        "§3.1",
        "unknown parameters are ignored",
        "a parameter nobody knows",
        "login",
        lambda talk: talk.authorize(something="else"),
    ),
    Must(
        "§3.1",
        "the person is authenticated before anything is given",
        "going on before a card has answered",
        "NotAllowed",
        _undecided,
    ),
    Must(
        "§3.1.1",
        "response_type is required and known",
        "no response type",
        "callback invalid_request",
        lambda talk: talk.authorize(response_type=None),
        COMPATIBLE,
    ),
    Must(
        "§3.1.2",
        "a redirect URI is absolute, without a fragment",
        "a client with a fragment",
        "not registered",
        _fragment,
    ),
    Must("§3.1.2.1", "codes travel encrypted", "a client elsewhere, without TLS", "not registered", _unencrypted),
    Must(
        "§3.1.2.3",
        "the redirect URI is one of those registered, compared as it stands",
        "a path more",
        "page 400",
        lambda talk: talk.authorize(redirect_uri=f"{REDIRECT_URI}/"),
        COMPATIBLE,
    ),
    Must(
        "§3.1.2.4",
        "nobody is sent to an address that was not registered",
        "another host",
        "page 400",
        lambda talk: talk.authorize(redirect_uri="https://evil.example/"),
        COMPATIBLE,
    ),
    Must(
        "§3.1.2.3",
        "as before, where requests are pushed",
        "another host, pushed",
        "400 invalid_redirect_uri",
        lambda talk: talk.pushed(redirect_uri="https://evil.example/"),
        ("fapi2",),
    ),
    Must("§3.2", "the token endpoint takes POST", "GET", "405 method_not_allowed", _by_get),
    Must(
        "§3.2",
        "a parameter comes once",
        "two codes",
        "400 invalid_request",
        lambda talk: talk.exchange("&code=another"),
    ),
    Must(
        "§3.2.1", "a client that has credentials authenticates", "a code alone", "401 invalid_client", _unauthenticated
    ),
    Must(
        "§3.3",
        "a scope that is not given is refused or told",
        "an unknown scope",
        "callback invalid_scope",
        lambda talk: talk.authorize(scope="openid email"),
        COMPATIBLE,
    ),
    Must(
        "§3.3",
        "as before",
        "an unknown scope, pushed",
        "400 invalid_scope",
        lambda talk: talk.pushed(scope="openid email"),
        ("fapi2",),
    ),
    Must(
        "§4.1.1", "client_id is required", "no client", "page 400", lambda talk: talk.bring({"response_type": "code"})
    ),
    Must("§4.1.2", "a code ends soon", "a code after its minute", "400 invalid_grant", _late_code),
    Must(
        "§4.1.2",
        "a code is used once; twice takes back its tokens",
        "a code again",
        "400 invalid_grant, and its token: 401 invalid_token",
        _code_twice,
    ),
    Must(
        "§4.1.2.1",
        "an error carries the request's state as it came",
        "an unknown scope and an odd state",
        "the same state",
        _state_back,
        COMPATIBLE,
    ),
    Must(
        "§4.1.2.1",
        "an unknown client gets no callback",
        "a client nobody registered",
        "page 400",
        lambda talk: talk.bring(talk.request(client_id="NOBODY")),
    ),
    Must("§4.1.3", "the code was given to this client", "another client's code", "400 invalid_grant", _stolen_code),
    Must(
        "§4.1.3",
        "the code is valid",
        "a code nobody gave",
        "400 invalid_grant",
        lambda talk: talk.exchange(code="made-up"),
    ),
    Must(
        "§4.1.3",
        "redirect_uri is that of the request",
        "another redirect URI",
        "400 invalid_grant",
        lambda talk: talk.exchange(redirect_uri=f"{REDIRECT_URI}/other"),
    ),
    Must(
        "§4.1.3",
        "redirect_uri is there, if the request had it",
        "no redirect URI",
        "400 invalid_request",
        lambda talk: talk.exchange(redirect_uri=None),
    ),
    Must(
        "§4.4",
        "only clients that authenticate get tokens of their own",
        "client_credentials without an assertion",
        "401 invalid_client",
        lambda talk: told_by(talk.ask({"grant_type": "client_credentials", "client_id": CLIENT.id})),
    ),
    Must(
        "§5.1", "answers with tokens are not kept by caches", "a good exchange", "no-store, no-cache", _kept_by_caches
    ),
    Must(
        "§5.2",
        "who tried a header is told 401 and which header",
        "HTTP Basic alone",
        "401 invalid_client, asks for Basic",
        _by_header,
    ),
    Must(
        "§5.2",
        "a grant type that is not offered is refused by that name",
        "grant_type=password",
        "400 unsupported_grant_type",
        lambda talk: talk.exchange(grant_type="password"),
    ),
    Must(
        "§5.2",
        "a client that may not is refused",
        "a client whose contract is suspended",
        "400 unauthorized_client",
        _suspended,
    ),
    Must(
        "§6",
        "a refresh token is the client's to whom it was given",
        "another client's refresh token",
        "400 invalid_grant",
        _stolen_refresh,
    ),
    Must("§6", "a refreshed scope is not wider than the first", "a scope more", "400 invalid_scope", _refresh_wider),
    Must(
        "§6", "the refresh token is valid", "one nobody gave", "400 invalid_grant", lambda talk: talk.refresh("made-up")
    ),
    Must("§6", "as before", "one that has ended", "400 invalid_grant", _refresh_late),
    Must(
        "§10.4",
        "a refresh token that two have shows",
        "a used refresh token",
        "400 invalid_grant",
        _refresh_twice,
        COMPATIBLE,
    ),
    Must(
        "§10.10",
        "what is given out cannot be guessed",
        "a guess",
        "400 invalid_grant; a code has at least 128 bits",
        _guessed,
    ),
    Must(
        "§10.12",
        "another site cannot act in the person's name",
        "a decision from another origin",
        "403 not_allowed",
        _other_site,
    ),
    Must("§10.13", "pages cannot be framed", "the login page", "may not be framed", _framed),
    Must(
        "§10.14",
        "what comes from outside is made harmless",
        "a line break in the state",
        "callback invalid_request",
        lambda talk: talk.authorize(state="a\r\nset-cookie: b"),
        COMPATIBLE,
    ),
)

OTHERS = (
    DoesNotApply("§1.6, §3.1, §3.2", "TLS", "the provider stands behind a server that ends TLS (`docs/operating.md`)"),
    DoesNotApply("§2.3.1", "secrets are protected against guessing", "there are no client secrets"),
    DoesNotApply("§4.2", "the implicit grant's", "not offered: `unsupported_response_type`, see OpenID Connect Core"),
    DoesNotApply("§4.3", "the password grant's", "not offered: `unsupported_grant_type`, above"),
    DoesNotApply("§8", "extensions", "none are defined here"),
    DoesNotApply(
        "§10.2 to §10.9", "the client's own care", "the client's; `warifu rp examine` asks clients (`docs/clients.md`)"
    ),
)

RFC6749 = Document("RFC 6749: The OAuth 2.0 Authorization Framework", MUSTS, OTHERS)
