"""What the provider publishes about itself: exactly what is on, and nothing that is not."""

from collections.abc import Sequence

from warifu.idp.id_token import public_jwk
from warifu.idp.passkey_ceremony import rp_id
from warifu.idp.profile import Offer, Provider
from warifu.idp.tokens import grant_types


def discovery(provider: Provider) -> dict[str, object]:
    """The provider's metadata (OpenID Connect Discovery 1.0 §3, RFC 8414 §2)."""
    profile = provider.profile
    return {
        "issuer": provider.issuer,
        "authorization_endpoint": provider.authorization_endpoint,
        "token_endpoint": provider.token_endpoint,
        "userinfo_endpoint": provider.userinfo_endpoint,
        "jwks_uri": provider.jwks_uri,
        "scopes_supported": list(profile.offered_scopes),
        "response_types_supported": [profile.response_type],
        "response_modes_supported": list(profile.response_modes),
        "grant_types_supported": list(grant_types(provider)),
        "acr_values_supported": sorted(_levels(provider)),
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": [profile.id_token_algorithm],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": list(profile.assertion_algorithms),
        "code_challenge_methods_supported": [profile.code_challenge_method],
        "claim_types_supported": ["normal"],
        "claims_supported": [
            *("iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash"),
            *(("sid",) if profile.ends_sessions else ()),
            *(("proofed",) if profile.passkeys is not None and rp_id(provider) is not None else ()),
            *(scope for scope in profile.scopes if scope != "openid"),
        ],
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "authorization_response_iss_parameter_supported": profile.names_itself,
        **_beyond(provider),
    }


def _levels(provider: Provider) -> set[str]:
    """Every `acr` that some login can reach."""
    profile = provider.profile
    told = {profile.by_card.acr, profile.by_phone.acr, *profile.phishing_resistant_acr}
    if profile.passkeys is not None and rp_id(provider) is not None:
        told |= {profile.passkeys.synced.acr, profile.passkeys.device_bound.acr}
    return told


def _beyond(provider: Provider) -> dict[str, object]:
    """What only some profiles have (RFC 9126 §5, RFC 9449 §5.1, JARM §3)."""
    profile, told = provider.profile, dict[str, object]()
    if profile.signing is not None:
        # No standard has a name for it.
        told["sign_transactions_endpoint"] = provider.origin + profile.signing.transactions
    if profile.ends_sessions:
        told |= _ending(provider)
    if profile.pushed_requests is not Offer.NONE:
        told["pushed_authorization_request_endpoint"] = provider.pushed_endpoint
        told["require_pushed_authorization_requests"] = profile.pushed_requests is Offer.REQUIRED
    if profile.sender_constrained is not Offer.NONE:
        told["dpop_signing_alg_values_supported"] = list(profile.proof_algorithms)
    if "jwt" in profile.response_modes:
        told["authorization_signing_alg_values_supported"] = [profile.id_token_algorithm]
    return told


def _ending(provider: Provider) -> dict[str, object]:
    """Logging out, and what a client may ask about its tokens (RP-Initiated Logout 1.0 §2.1, RFC 8414 §2)."""
    profile, algorithms = provider.profile, list(provider.profile.assertion_algorithms)
    return {
        "end_session_endpoint": provider.issuer + profile.end_session,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "frontchannel_logout_supported": False,
        "revocation_endpoint": provider.issuer + profile.revocation,
        "revocation_endpoint_auth_methods_supported": ["private_key_jwt"],
        "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
        "introspection_endpoint": provider.issuer + profile.introspection,
        "introspection_endpoint_auth_methods_supported": ["private_key_jwt"],
        "introspection_endpoint_auth_signing_alg_values_supported": algorithms,
    }


def jwks(public_keys: Sequence[bytes]) -> dict[str, list[dict[str, str]]]:
    """The JWK Set of the provider's signing keys, newest first (RFC 7517 §5); DER SubjectPublicKeyInfo in."""
    return {"keys": [public_jwk(key) for key in public_keys]}
