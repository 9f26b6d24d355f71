"""Every member of the metadata is what the provider does, in each configuration; and what it does is a member.

A member that nobody tries here fails the first test: whoever adds one says how it is seen to be true.
"""

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from joserfc import jws
from starlette.testclient import TestClient

from tests.idp import world
from tests.idp.test_proof import KEY
from tests.idp.world import CLIENT, EC, OTHER_CLIENT, RSA, query
from tests.wire.conftest import Place
from tests.wire.provider_world import Stage, answer
from tests.wire.test_provider_fapi import proof
from warifu import services
from warifu.errors import CallbackRefused, OAuthRefused
from warifu.idp import ASSERTION_TYPE, DA_COMPAT, FAPI2, Offer, Parameters, Presented, Profile, Provider, discovery
from warifu.wire.provider import ProviderService, application

PROFILES: dict[str, Profile] = {
    "da-compat": DA_COMPAT,
    "da-compat, logging out": replace(DA_COMPAT, ends_sessions=True),
    "da-compat, nothing beyond": replace(DA_COMPAT, signing=None, passkeys=None, refresh_token_lifetime=None),
    "fapi2": FAPI2,
    "fapi2, no logging out": replace(FAPI2, ends_sessions=False, passkeys=None),
    "fapi2, offered": replace(FAPI2, pushed_requests=Offer.OFFERED, response_modes=("query",), names_itself=False),
}
KEYS = {"RS256": RSA, "PS256": RSA, "ES256": EC}
NUMBERS = itertools.count()


class Tried:
    """One provider, its metadata, and ways to try it."""

    def __init__(self, service: ProviderService, http: TestClient) -> None:
        self.service, self.http = service, http
        self.provider, self.profile = service.provider, service.provider.profile
        self.said: dict[str, Any] = discovery(service.provider)

    def form(self, algorithm: str | None = None, client: str = CLIENT.id, **fields: str | None) -> Parameters:
        alg = algorithm or "ES256"
        audience = self.provider.issuer if self.profile.audience_is_issuer else self.provider.token_endpoint
        claims = {"aud": audience, "jti": f"said {next(NUMBERS)}", "iss": client, "sub": client}
        signed = world.assertion(KEYS[alg], alg, **claims)
        told = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": signed, **fields}
        return Parameters([(name, value) for name, value in told.items() if value is not None])

    def proofs(self, address: str, method: str = "POST", token: str | None = None) -> list[str]:
        return [] if self.profile.sender_constrained is Offer.NONE else [proof(address, method, token)]

    def begin(self, client: str = CLIENT.id, **changes: str | None) -> Any:
        """A login as this provider wants it begun."""
        asked = {**world.REQUEST, "client_id": client, **changes}
        if self.profile.pushed_requests is Offer.NONE:
            return self.service.begin(Parameters([(name, value) for name, value in asked.items() if value]))
        told = self.service.push(self.form(client=client, **asked), [])
        return self.service.begin(Parameters([("client_id", client), ("request_uri", str(told["request_uri"]))]))

    def error(self, **changes: str | None) -> str | None:
        """The error of an authorization request, None for a good one."""
        try:
            self.begin(CLIENT.id, **changes)
        except OAuthRefused as refusal:
            return refusal.error
        return None

    def callback(self, client: str = CLIENT.id, **changes: str | None) -> dict[str, str]:
        begun = self.begin(client, **changes)
        shared = self.service.answer(begun.transaction, answer(self.service.invitation(begun.transaction)))
        self.service.allow(begun.transaction, shared.decision_token)
        return query(self.service.go_back(begun.transaction, begun.cookie))

    def tokens(self, client: str = CLIENT.id) -> dict[str, Any]:
        fields = {"code": self.callback(client)["code"], "redirect_uri": world.REDIRECT_URI}
        sent = self.form(client=client, grant_type="authorization_code", code_verifier=world.VERIFIER, **fields)
        return self.service.token(sent, self.proofs(self.provider.token_endpoint))

    def grant_error(self, algorithm: str | None = None, **fields: str) -> str:
        with pytest.raises(OAuthRefused) as caught:
            self.service.token(self.form(algorithm, **fields), self.proofs(self.provider.token_endpoint))
        return caught.value.error

    def id_token(self, client: str = CLIENT.id) -> services.UnverifiedToken:
        return services.read_token(str(self.tokens(client)["id_token"]))

    def is_served(self, address: str) -> int:
        return int(self.http.request("POST", address.removeprefix(self.provider.origin)).status_code)


@contextmanager
def trying(place: Place, profile: Profile) -> Iterator[Tried]:
    stage = Stage(place.folder, place.of("provider"))
    with stage.service(Provider(world.PROVIDER.origin, profile)) as service:
        service.register(CLIENT)
        service.register(OTHER_CLIENT)
        with TestClient(application(service), base_url=world.PROVIDER.origin, follow_redirects=False) as http:
            yield Tried(service, http)


# --- one for each member ---


def issuer(tried: Tried) -> None:
    address = f"{tried.said['issuer']}/.well-known/openid-configuration".removeprefix(tried.provider.origin)
    assert tried.http.get(address).json() == tried.said
    assert (tried.id_token().claims or {})["iss"] == tried.said["issuer"]


def endpoint(name: str) -> Callable[[Tried], None]:
    def served(tried: Tried) -> None:
        assert tried.is_served(tried.said[name]) != 404, name

    return served


def jwks_uri(tried: Tried) -> None:
    jwks = tried.http.get(tried.said["jwks_uri"].removeprefix(tried.provider.origin)).json()
    assert services.check_token(str(tried.tokens()["id_token"]), jwks)


def scopes(tried: Tried) -> None:
    for scope in ("openid", "name", "address", "birthdate", "gender", "sign", "profile", "email"):
        refused = tried.error(scope=f"openid {scope}") == "invalid_scope"
        # Which scopes a client may ask for is its contract's matter; `sign` is in none of these.
        assert refused == (scope not in tried.said["scopes_supported"] or scope == "sign"), scope
    assert ("sign" in tried.said["scopes_supported"]) == (tried.profile.signing is not None)


def response_types(tried: Tried) -> None:
    for kind in ("code", "token", "id_token", "code id_token"):
        assert (tried.error(response_type=kind) is None) == (kind in tried.said["response_types_supported"])


def response_modes(tried: Tried) -> None:
    for mode in ("query", "jwt", "query.jwt", "fragment", "form_post"):
        assert (tried.error(response_mode=mode) is None) == (mode in tried.said["response_modes_supported"])


def grant_types(tried: Tried) -> None:
    fields = {"code": "x", "redirect_uri": "x", "code_verifier": "x" * 43, "refresh_token": "x"}
    for grant in ("authorization_code", "refresh_token", "client_credentials", "password", "urn:x"):
        unsupported = tried.grant_error(grant_type=grant, **fields) == "unsupported_grant_type"
        assert unsupported == (grant not in tried.said["grant_types_supported"]), grant
    assert ("refresh_token" in tried.tokens()) == ("refresh_token" in tried.said["grant_types_supported"])


def acr_values(tried: Tried) -> None:
    assert (tried.id_token().claims or {})["acr"] in tried.said["acr_values_supported"]
    assert ("aal2" in tried.said["acr_values_supported"]) == (tried.profile.passkeys is not None)


def subject_types(tried: Tried) -> None:
    assert tried.said["subject_types_supported"] == ["pairwise"]
    here, there = (tried.id_token(client).claims or {} for client in (CLIENT.id, OTHER_CLIENT.id))
    assert here["sub"] != there["sub"]


def id_token_algorithms(tried: Tried) -> None:
    assert [tried.id_token().header["alg"]] == tried.said["id_token_signing_alg_values_supported"]


def authentication_methods(tried: Tried) -> None:
    assert tried.said["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]
    path = tried.provider.token_endpoint.removeprefix(tried.provider.origin)
    secret = {"grant_type": "authorization_code", "client_id": CLIENT.id, "client_secret": "s"}
    assert tried.http.post(path, data=secret).json()["error"] == "invalid_client"


def authentication_algorithms(tried: Tried) -> None:
    for algorithm in KEYS:
        refused = tried.grant_error(algorithm, grant_type="urn:x") == "invalid_client"
        assert refused == (algorithm not in tried.said["token_endpoint_auth_signing_alg_values_supported"]), algorithm


def challenge_methods(tried: Tried) -> None:
    for method in ("S256", "plain"):
        good = tried.error(code_challenge_method=method) is None
        assert good == (method in tried.said["code_challenge_methods_supported"])


def claims_told(tried: Tried) -> None:
    assert tried.said["claim_types_supported"] == ["normal"]
    tokens = tried.tokens()
    token = str(tokens["access_token"])
    bound = tokens["token_type"] == "DPoP"
    shown = tried.proofs(tried.provider.userinfo_endpoint, "GET", token)
    userinfo = tried.service.userinfo(Presented(token, bound), shown)
    told = {*(services.read_token(str(tokens["id_token"])).claims or {}), *userinfo}
    # `proofed` is told of logins by passkey alone.
    assert told == set(tried.said["claims_supported"]) - {"proofed"}
    assert ("proofed" in tried.said["claims_supported"]) == (tried.profile.passkeys is not None)


def no_claims_parameter(tried: Tried) -> None:
    """Ignored, as every unknown parameter is: the claims are those of the scopes."""
    assert tried.said["claims_parameter_supported"] is False
    assert tried.error(claims=json.dumps({"userinfo": {"name": {"essential": True}}}), scope="openid") is None


def no_request_parameter(tried: Tried) -> None:
    assert tried.said["request_parameter_supported"] is False
    assert tried.error(request="a.b.c") == "request_not_supported"


def no_request_uri(tried: Tried) -> None:
    """A reference that was not given here is refused, wherever it comes."""
    assert tried.said["request_uri_parameter_supported"] is False
    asked = Parameters({**world.REQUEST, "request_uri": "https://shop.example/request"}.items())
    with pytest.raises(OAuthRefused):
        tried.service.begin(asked)


def names_itself(tried: Tried) -> None:
    told = tried.said["authorization_response_iss_parameter_supported"]
    assert (tried.callback().get("iss") == tried.provider.issuer) is told


def requires_pushing(tried: Tried) -> None:
    try:
        tried.service.begin(Parameters(world.REQUEST.items()))
        refused = False
    except CallbackRefused:
        refused = True
    assert refused is tried.said["require_pushed_authorization_requests"]


def proof_algorithms(tried: Tried) -> None:
    assert tried.said["dpop_signing_alg_values_supported"] == ["ES256", "PS256"]
    assert tried.tokens()["token_type"] == "DPoP"
    claims = json.dumps({"htm": "POST", "htu": tried.provider.token_endpoint, "jti": "j", "iat": 0}).encode()
    header = {"typ": "dpop+jwt", "alg": "RS256", "jwk": RSA.as_dict(private=False)}
    with pytest.raises(OAuthRefused, match="alg"):
        tried.service.token(tried.form(grant_type="x"), [jws.serialize_compact(header, claims, RSA, ["RS256"])])
    assert KEY.curve_name == "P-256"


def response_algorithms(tried: Tried) -> None:
    signed = services.read_token(tried.callback(response_mode="jwt")["response"])
    assert [signed.header["alg"]] == tried.said["authorization_signing_alg_values_supported"]


def logout_tokens(tried: Tried) -> None:
    """What they hold is tried in `test_provider_logout`; that the session is named in both tokens, here."""
    assert tried.said["backchannel_logout_supported"] is tried.said["backchannel_logout_session_supported"] is True
    assert "sid" in (tried.id_token().claims or {})


def no_front_channel(tried: Tried) -> None:
    assert tried.said["frontchannel_logout_supported"] is False


def same_methods(name: str) -> Callable[[Tried], None]:
    def same(tried: Tried) -> None:
        kind = name.partition("_endpoint_")[2]
        assert tried.said[name] == tried.said[f"token_endpoint_{kind}"]
        path = tried.said[name.partition("_endpoint_")[0] + "_endpoint"].removeprefix(tried.provider.origin)
        assert tried.http.post(path, data={"token": "t", "client_secret": "s"}).status_code == 401
        assert tried.http.post(path, data=dict(tried.form(token="t").pairs())).status_code == 200

    return same


TRIED: dict[str, Callable[[Tried], None]] = {
    "issuer": issuer,
    "jwks_uri": jwks_uri,
    "scopes_supported": scopes,
    "response_types_supported": response_types,
    "response_modes_supported": response_modes,
    "grant_types_supported": grant_types,
    "acr_values_supported": acr_values,
    "subject_types_supported": subject_types,
    "id_token_signing_alg_values_supported": id_token_algorithms,
    "token_endpoint_auth_methods_supported": authentication_methods,
    "token_endpoint_auth_signing_alg_values_supported": authentication_algorithms,
    "code_challenge_methods_supported": challenge_methods,
    "claim_types_supported": claims_told,
    "claims_supported": claims_told,
    "claims_parameter_supported": no_claims_parameter,
    "request_parameter_supported": no_request_parameter,
    "request_uri_parameter_supported": no_request_uri,
    "authorization_response_iss_parameter_supported": names_itself,
    "require_pushed_authorization_requests": requires_pushing,
    "dpop_signing_alg_values_supported": proof_algorithms,
    "authorization_signing_alg_values_supported": response_algorithms,
    "backchannel_logout_supported": logout_tokens,
    "backchannel_logout_session_supported": logout_tokens,
    "frontchannel_logout_supported": no_front_channel,
    **{
        f"{name}_endpoint_{kind}": same_methods(f"{name}_endpoint_{kind}")
        for name in ("revocation", "introspection")
        for kind in ("auth_methods_supported", "auth_signing_alg_values_supported")
    },
    **{
        f"{name}_endpoint": endpoint(f"{name}_endpoint")
        for name in (
            "authorization",
            "token",
            "userinfo",
            "sign_transactions",
            "pushed_authorization_request",
            "end_session",
            "revocation",
            "introspection",
        )
    },
}


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", PROFILES)
def test_what_is_said_is_done(place: Place, name: str) -> None:
    """OpenID Connect Discovery 1.0 §3, RFC 8414 §2: every member, tried."""
    with trying(place, PROFILES[name]) as tried:
        assert tried.said.keys() <= TRIED.keys()
        for check in dict.fromkeys(TRIED[member] for member in tried.said):
            check(tried)


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", PROFILES)
def test_what_is_not_said_is_not_there(place: Place, name: str) -> None:
    profile = PROFILES[name]
    paths = {
        "pushed_authorization_request_endpoint": profile.realm + profile.pushed,
        "end_session_endpoint": profile.realm + profile.end_session,
        "revocation_endpoint": profile.realm + profile.revocation,
        "introspection_endpoint": profile.realm + profile.introspection,
        "sign_transactions_endpoint": "/api/sign-transactions",
    }
    with trying(place, profile) as tried:
        for member, path in paths.items():
            assert (tried.is_served(path) != 404) == (member in tried.said), member
        if "authorization_signing_alg_values_supported" not in tried.said:
            assert tried.error(response_mode="jwt") == "invalid_request"
        if "dpop_signing_alg_values_supported" not in tried.said:
            assert tried.tokens()["token_type"] == "Bearer"
