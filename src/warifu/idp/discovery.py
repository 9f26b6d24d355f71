"""What the provider publishes about itself: exactly what is on, and nothing that is not."""

from collections.abc import Sequence

from warifu.idp.id_token import public_jwk
from warifu.idp.profile import Provider
from warifu.idp.tokens import GRANT_TYPE


def discovery(provider: Provider) -> dict[str, object]:
    """The provider's metadata (OpenID Connect Discovery 1.0 §3, RFC 8414 §2)."""
    profile = provider.profile
    return {
        "issuer": provider.issuer,
        "authorization_endpoint": provider.authorization_endpoint,
        "token_endpoint": provider.token_endpoint,
        "userinfo_endpoint": provider.userinfo_endpoint,
        "jwks_uri": provider.jwks_uri,
        "scopes_supported": list(profile.scopes),
        "response_types_supported": [profile.response_type],
        "response_modes_supported": ["query"],
        "grant_types_supported": [GRANT_TYPE],
        "acr_values_supported": [profile.acr],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": [profile.id_token_algorithm],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": list(profile.assertion_algorithms),
        "code_challenge_methods_supported": [profile.code_challenge_method],
        "claim_types_supported": ["normal"],
        "claims_supported": [
            *("iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash"),
            *(scope for scope in profile.scopes if scope != "openid"),
        ],
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "authorization_response_iss_parameter_supported": False,
    }


def jwks(public_keys: Sequence[bytes]) -> dict[str, list[dict[str, str]]]:
    """The JWK Set of the provider's signing keys, newest first (RFC 7517 §5); DER SubjectPublicKeyInfo in."""
    return {"keys": [public_jwk(key) for key in public_keys]}
