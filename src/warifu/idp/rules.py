"""The rules that the provider keeps clients to: a name for each, and where it stands.

Nothing here decides. What a rule says is done by one function of the engine; `hearing` calls those functions, so that
a developer sees every rule that a request breaks, and the provider's own words for each.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["RULES", "Rule"]

_OFFICIAL = "developers.digital.go.jp/documents/auth-and-sign/authserver"
"""The official service's page for developers; its table of the authorization request is public."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `looks_at` names the parts of the request: parameters, ``client_assertion.aud``, or headers.

    `page` is the official service's own page, where that says it, too.
    """

    name: str
    clause: str
    looks_at: tuple[str, ...]
    page: str = ""


_AUTHORIZATION = (
    Rule("client_id", "RFC 6749 §2.2", ("client_id",), _OFFICIAL),
    Rule("request_uri", "RFC 9126 §4", ("request_uri",)),
    Rule("client_registered", "RFC 6749 §4.1.2.1", ("client_id",)),
    Rule("redirect_uri", "RFC 9700 §2.1; RFC 6749 §3.1.2.3", ("redirect_uri",), _OFFICIAL),
    Rule("push_offered", "RFC 9126 §5", ("request_uri",)),
    Rule("pushed", "RFC 9126 §5", ("request_uri",)),
    Rule("client_active", "RFC 6749 §4.1.2.1", ("client_id",)),
    Rule(
        "supported",
        "OpenID Connect Core 1.0 §3.1.2.6, §6",
        ("request", "request_uri", "registration", "id_token_hint", "prompt"),
    ),
    Rule("response_type", "RFC 6749 §4.1.1", ("response_type",), _OFFICIAL),
    Rule("state", "RFC 6749 §10.12", ("state",), _OFFICIAL),
    Rule("nonce", "OpenID Connect Core 1.0 §15.5.2", ("nonce",), _OFFICIAL),
    Rule("code_challenge", "RFC 7636 §4.2, §4.4.1", ("code_challenge",), _OFFICIAL),
    Rule("code_challenge_method", "RFC 7636 §4.3, §7.2", ("code_challenge_method",), _OFFICIAL),
    Rule("scope", "OpenID Connect Core 1.0 §3.1.2.1; RFC 6749 §3.3", ("scope",), _OFFICIAL),
    Rule("acr_values", "OpenID Connect Core 1.0 §3.1.2.1", ("acr_values",), _OFFICIAL),
    Rule("response_mode", "OAuth 2.0 Multiple Response Types §2.1; JARM §2.3", ("response_mode",)),
    Rule("dpop_jkt", "RFC 9449 §10", ("dpop_jkt",)),
    Rule("sign_transaction_id", "RFC 9562 §4", ("sign_transaction_id",), _OFFICIAL),
    Rule("signing", "official table: scope sign, sign_transaction_id", ("scope", "sign_transaction_id"), _OFFICIAL),
)
_CLIENT = (
    Rule("form", "RFC 6749 §3.2, appendix B", ("content-type",)),
    Rule("one_way", "RFC 6749 §2.3", ("authorization",)),
    Rule("grant_named", "RFC 6749 §4.1.3", ("grant_type",)),
    Rule("assertion_type", "RFC 7523 §2.2", ("client_assertion_type",)),
    Rule("assertion_given", "RFC 7523 §2.2", ("client_assertion",)),
    Rule("assertion_jwt", "RFC 7523 §3; RFC 7515 §4.1.11", ("client_assertion",)),
    Rule("assertion_issuer", "RFC 7523 §3 no. 1", ("client_assertion.iss",)),
    Rule("assertion_client", "RFC 7523 §3 no. 1", ("client_assertion.iss",)),
    Rule("assertion_algorithm", "RFC 8725 §3.1, §3.2", ("client_assertion.alg",)),
    Rule("assertion_signature", "RFC 7523 §3 no. 9", ("client_assertion.kid", "client_assertion")),
    Rule("assertion_parties", "RFC 7523 §3 no. 1, 2.B", ("client_assertion.iss", "client_assertion.sub")),
    Rule("assertion_audience", "RFC 7523 §3 no. 3", ("client_assertion.aud",)),
    Rule("assertion_expiry", "RFC 7523 §3 no. 4", ("client_assertion.exp",)),
    Rule("assertion_begun", "RFC 7523 §3 no. 5, 6", ("client_assertion.iat", "client_assertion.nbf")),
    Rule("assertion_jti", "RFC 7523 §3 no. 7", ("client_assertion.jti",)),
    Rule("assertion_once", "RFC 7523 §3 no. 7; OpenID Connect Core 1.0 §9", ("client_assertion.jti",)),
    Rule("same_client", "RFC 7521 §4.2", ("client_id", "client_assertion.iss")),
    Rule("proof", "RFC 9449 §4.3", ("dpop",)),
    Rule("proof_once", "RFC 9449 §11.1", ("dpop",)),
    Rule("proof_required", "RFC 9449 §5", ("dpop",)),
)
_TOKEN = (
    Rule("grant_type", "RFC 6749 §5.2", ("grant_type",)),
    Rule("verifier_form", "RFC 7636 §4.1", ("code_verifier",)),
    Rule("code_form", "RFC 6749 §4.1.3", ("code",)),
    Rule("redirect_uri_form", "RFC 6749 §4.1.3", ("redirect_uri",)),
    Rule("code_known", "RFC 6749 §5.2", ("code",)),
    Rule("code_once", "RFC 6749 §4.1.2", ("code",)),
    Rule("code_client", "RFC 6749 §4.1.3", ("code", "client_assertion.iss")),
    Rule("code_redirect_uri", "RFC 6749 §4.1.3", ("redirect_uri",)),
    Rule("code_verifier", "RFC 7636 §4.6", ("code_verifier",)),
    Rule("code_expiry", "RFC 6749 §4.1.2", ("code",)),
    Rule("code_key", "RFC 9449 §10", ("dpop",)),
    Rule("refresh_form", "RFC 6749 §6", ("refresh_token", "scope")),
    Rule("refresh_known", "RFC 6749 §5.2", ("refresh_token",)),
    Rule("refresh_once", "RFC 9700 §4.14.2", ("refresh_token",)),
    Rule("refresh_client", "RFC 6749 §6", ("refresh_token", "client_assertion.iss")),
    Rule("refresh_expiry", "RFC 6749 §6", ("refresh_token",)),
    Rule("refresh_scope", "RFC 6749 §6", ("scope",)),
    Rule("service_client", "RFC 6749 §5.2; official guideline: client_credentials for signing only", ("grant_type",)),
    Rule("service_scope", "RFC 6749 §3.3", ("scope",)),
)
_RESOURCE = (
    Rule("token_presented", "RFC 6750 §2.1", ("authorization",)),
    Rule("token_usable", "RFC 6750 §3.1", ("authorization",)),
    Rule("token_holder", "RFC 9449 §7", ("authorization", "dpop")),
    Rule("json_body", "RFC 9110 §8.3", ("content-type",)),
    Rule("service_token", "RFC 6750 §3.1", ("authorization",)),
    Rule("digest", "RFC 8017 §9.2; RFC 4648 §4", ("body",)),
    Rule("signing_login", "RFC 6750 §3.1", ("authorization",)),
    Rule("result", "RFC 9110 §15.5.11", ("id",)),
    Rule("own_transaction", "official guideline: the result is for the login that signed", ("id",)),
)

RULES: Mapping[str, Rule] = MappingProxyType(
    {rule.name: rule for rule in (*_AUTHORIZATION, *_CLIENT, *_TOKEN, *_RESOURCE)}
)
"""Each by its name."""
