"""OpenID Connect Core 1.0, with RFC 6750 where it refers to that."""

import base64
import json
from typing import Any

from tests.idp.world import CLIENT, OTHER_CLIENT, REDIRECT_URI
from tests.wire.provider_negative.must import COMPATIBLE, STRICT, Document, DoesNotApply, Must
from tests.wire.provider_negative.talk import FORM, Talk, hashed, told_by


def _id_token(given: dict[str, Any]) -> dict[str, Any]:
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(given["id_token"].split(".")[1] + "=="))
    return claims


def _header(talk: Talk) -> str:
    header = json.loads(base64.urlsafe_b64decode(talk.tokens()["id_token"].split(".")[0] + "=="))
    known = talk.http.get(talk.path(talk.provider.jwks_uri)).json()["keys"]
    return f"{header['alg']}, kid {'known' if header['kid'] in [each['kid'] for each in known] else 'unknown'}"


def _nonce(talk: Talk) -> str:
    odd = "n +/=&%20~"
    return "as it came" if _id_token(talk.tokens(nonce=odd))["nonce"] == odd else "changed"


def _claims(talk: Talk) -> str:
    claims = _id_token(talk.tokens())
    right = claims["iss"] == talk.provider.issuer and claims["aud"] == CLIENT.id and claims["exp"] > claims["iat"]
    return "iss, sub, aud, exp, iat" if right and claims["sub"] else str(claims)


def _at_hash(talk: Talk) -> str:
    given = talk.tokens()
    half = base64.urlsafe_b64decode(hashed(given["access_token"]) + "=")[:16]
    fits = _id_token(given)["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()
    return "of this token" if fits else "of another"


def _auth_time(talk: Talk) -> str:
    return "told" if _id_token(talk.tokens(max_age="10000"))["auth_time"] <= talk.now else "not told"


def _subject(talk: Talk) -> str:
    given = talk.tokens()
    response = talk.claims(given["access_token"])
    return "the same" if response.json()["sub"] == _id_token(given)["sub"] else "another"


def _pairwise(talk: Talk) -> str:
    subjects = {_subject_at(talk, client_id) for client_id in (CLIENT.id, OTHER_CLIENT.id)}
    return "another at another client" if len(subjects) == 2 else "the same everywhere"


def _subject_at(talk: Talk, client_id: str) -> str:
    own = {"iss": client_id, "sub": client_id}
    callback = talk.callback(client_id=client_id, client_assertion=talk.assertion(**own))
    form = talk.code_form(callback["code"], client_id=client_id, client_assertion=talk.assertion(**own))
    return str(_id_token(talk.ask(form).json())["sub"])


def _refreshed(talk: Talk) -> str:
    first = talk.tokens()
    fields = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"], **talk.credentials()}
    one, two = _id_token(first), _id_token(talk.ask(fields).json())
    same = all(one[name] == two[name] for name in ("iss", "sub", "aud", "auth_time"))
    return ("the same login" if same else "another login") + (", no nonce" if "nonce" not in two else ", nonce")


def _by_post(talk: Talk) -> str:
    token = talk.tokens()["access_token"]
    address = talk.provider.userinfo_endpoint
    headers = [("authorization", f"{'DPoP' if talk.strict else 'Bearer'} {token}")]
    headers += [("dpop", each) for each in talk.proofs(address, ath=hashed(token))]
    return told_by(talk.http.post(talk.path(address), headers=headers))


def _in_query(talk: Talk) -> str:
    token = talk.tokens()["access_token"]
    return told_by(talk.http.get(talk.path(talk.provider.userinfo_endpoint), params={"access_token": token}))


def _in_body(talk: Talk) -> str:
    token = talk.tokens()["access_token"]
    path, headers = talk.path(talk.provider.userinfo_endpoint), {"content-type": FORM}
    return told_by(talk.http.post(path, content=f"access_token={token}", headers=headers))


def _late(talk: Talk) -> str:
    token = talk.tokens()["access_token"]
    talk.stage.clock.go_on(talk.provider.profile.access_token_lifetime)
    return talk.show(token)


def _challenge(talk: Talk) -> str:
    response = talk.http.get(talk.path(talk.provider.userinfo_endpoint))
    told = response.headers["www-authenticate"]
    return f"{response.status_code}, {'no error' if 'error=' not in told else told}"


def _signing_alone(talk: Talk) -> str:
    form = {"grant_type": "client_credentials", **talk.credentials()}
    return told_by(talk.ask(form))


def _scopes(talk: Talk) -> str:
    return ", ".join(talk.claims(talk.tokens(scope="openid name")["access_token"]).json())


MUSTS = (
    Must("§2", "an ID token has iss, sub, aud, exp and iat", "a good login", "iss, sub, aud, exp, iat", _claims),
    Must("§2", "nonce is in it as it came", "an odd nonce", "as it came", _nonce),
    Must("§2, §10.1", "ID tokens are signed, by a key that is published", "a good login", "ES256, kid known", _header),
    Must("§3.1.2.1", "requests come by GET and POST", "POST", "login", lambda talk: talk.authorize(method="POST")),
    Must(
        "§3.1.2.1",
        "openid is among the scopes",
        "name alone",
        "callback invalid_scope",
        lambda talk: talk.authorize(scope="name"),
        COMPATIBLE,
    ),
    Must(
        "§3.1.2.1",
        "as before",
        "name alone, pushed",
        "400 invalid_scope",
        lambda talk: talk.pushed(scope="name"),
        STRICT,
    ),
    Must(
        "§3.1.2.1",
        "redirect_uri equals a registered one",
        "an address in other case",
        "page 400",
        lambda talk: talk.authorize(redirect_uri=REDIRECT_URI.upper()),
        COMPATIBLE,
    ),
    Must(
        "§3.1.2.1",
        "redirect_uri is required",
        "none",
        "page 400",
        lambda talk: talk.authorize(redirect_uri=None),
        COMPATIBLE,
    ),
    Must(
        "§3.1.2.1",
        "prompt=none shows nothing",
        "prompt=none",
        "callback login_required",
        lambda talk: talk.authorize(prompt="none"),
        COMPATIBLE,
    ),
    Must(
        "§3.1.2.1",
        "as before",
        "prompt=none, pushed",
        "400 login_required",
        lambda talk: talk.pushed(prompt="none"),
        STRICT,
    ),
    Must(
        "§3.1.2.1",
        "prompt=none stands alone",
        "prompt=none login",
        "callback login_required",
        lambda talk: talk.authorize(prompt="none login"),
        COMPATIBLE,
    ),
    Must(
        "§3.1.2.1, §3.1.2.2",
        "after an ID token as a hint nobody else's tokens are given; here nobody's",
        "id_token_hint",
        "callback invalid_request",
        lambda talk: talk.authorize(id_token_hint=talk.tokens()["id_token"]),
        COMPATIBLE,
    ),
    Must(
        "§3.1.2.1, §3.1.2.2",
        "as before",
        "id_token_hint, pushed",
        "400 invalid_request",
        lambda talk: talk.pushed(id_token_hint=talk.tokens()["id_token"]),
        STRICT,
    ),
    Must("§3.1.2.1", "after max_age, auth_time is told", "max_age", "told", _auth_time),
    Must(
        "§3.1.2.1",
        "what is documented as required is (`docs/provider.md`)",
        "no nonce",
        "callback invalid_request",
        lambda talk: talk.authorize(nonce=None),
        COMPATIBLE,
    ),
    Must(
        "§3.1.2.1",
        "as before",
        "no state",
        "callback invalid_request",
        lambda talk: talk.authorize(state=None),
        COMPATIBLE,
    ),
    Must(
        "§3",
        "flows that are not offered are refused",
        "id_token",
        "callback unsupported_response_type",
        lambda talk: talk.authorize(response_type="id_token"),
        COMPATIBLE,
    ),
    Must(
        "§3",
        "as before",
        "code id_token",
        "callback unsupported_response_type",
        lambda talk: talk.authorize(response_type="code id_token"),
        COMPATIBLE,
    ),
    Must("§3.1.3.6", "at_hash is of the access token", "a good login", "of this token", _at_hash),
    Must("§5.3.1; RFC 6750 §2.1", "UserInfo by POST as well", "POST", "accepted", _by_post),
    Must("§5.3.2", "sub is told, the ID token's", "a good login", "the same", _subject),
    Must("§5.4", "only what was granted is told", "openid and name", "sub, name", _scopes),
    Must("§5.3.3; RFC 6750 §3.1", "without a token no error is named", "no token", "401, no error", _challenge),
    Must("RFC 6750 §2.3", "a token does not travel in the query", "the query", "401", _in_query),
    Must("RFC 6750 §2.2", "each request carries it in one way, here the header", "the body", "401", _in_body),
    Must("RFC 6750 §3.1", "a token that has ended opens nothing", "after its time", "401 invalid_token", _late),
    Must(
        "RFC 6750 §3.1",
        "a token nobody gave opens nothing",
        "made-up",
        "401 invalid_token",
        lambda talk: talk.show("made-up"),
    ),
    Must(
        "RFC 6750 §2.1", "a token has its syntax", "a space in it", "400 invalid_request", lambda talk: talk.show("a b")
    ),
    Must(
        "§6.1",
        "request objects that are not understood are refused",
        "request",
        "callback request_not_supported",
        lambda talk: talk.authorize(request="eyJhbGciOiJub25lIn0.e30."),
        COMPATIBLE,
    ),
    Must(
        "§6.2",
        "as before, by reference: nothing is fetched",
        "request_uri",
        "callback request_uri_not_supported",
        lambda talk: talk.authorize(request_uri="https://evil.example/request"),
        COMPATIBLE,
    ),
    Must(
        "§6.2",
        "as before",
        "request_uri of another place",
        "page 400",
        lambda talk: talk.bring({"client_id": CLIENT.id, "request_uri": "https://evil.example/request"}),
        STRICT,
    ),
    Must(
        "§7.2.1",
        "registration on the way is refused",
        "registration",
        "callback registration_not_supported",
        lambda talk: talk.authorize(registration="{}"),
        COMPATIBLE,
    ),
    Must(
        "§8.1",
        "a subject at one client tells nothing at another",
        "two clients",
        "another at another client",
        _pairwise,
    ),
    Must(
        "§12.2",
        "a refreshed ID token is of the same login, without a nonce",
        "a refresh token",
        "the same login, no nonce",
        _refreshed,
    ),
    Must(
        "§15.1",
        "what every provider understands is no error",
        "display, prompt, ui_locales, claims_locales, login_hint",
        "login",
        lambda talk: talk.authorize(
            display="popup", prompt="login consent", ui_locales="ja", claims_locales="ja", login_hint="x"
        ),
    ),
    Must(
        "§16.18",
        "who may have nothing signed gets no token for it",
        "client_credentials of a client without an operator",
        "400 unauthorized_client",
        _signing_alone,
        COMPATIBLE,
    ),
    Must(
        "§16.18",
        "as before",
        "client_credentials where it is not offered",
        "400 unsupported_grant_type",
        _signing_alone,
        STRICT,
    ),
)

OTHERS = (
    DoesNotApply("§3.1.2.3", "prompt=login asks again", "every login asks for the card"),
    DoesNotApply("§3.1.2.4", "consent", "RFC 6749 §3.1 above: nothing goes on before the person has decided"),
    DoesNotApply("§3.2, §3.3", "the implicit and hybrid flows'", "not offered, above"),
    DoesNotApply(
        "§3.1.3.7, §3.1.2.7",
        "what a client checks",
        "`tests/services/test_id_token.py`, one test each; `warifu rp examine` asks clients",
    ),
    DoesNotApply("§4", "logins that others begin", "not offered"),
    DoesNotApply("§5.5", "the parameter `claims`", "not offered, and the metadata say so"),
    DoesNotApply("§5.6.2", "aggregated and distributed claims", "none"),
    DoesNotApply("§7", "self-issued providers", "none"),
    DoesNotApply("§10.2", "encrypted ID tokens", "not offered"),
    DoesNotApply("§11", "offline_access", "not a scope here: refresh tokens end with their login (`docs/provider.md`)"),
)

CORE = Document("OpenID Connect Core 1.0", MUSTS, OTHERS)
