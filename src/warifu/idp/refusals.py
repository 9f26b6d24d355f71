"""How a refusal is told to the client: one OAuth error code and one stable word for each cause.

The word travels in `error_description`. The official service's list is not published (modelled); these words let a
client tell causes apart. A refusal for the person's or the card's sake is `access_denied`; when nobody can know now
whether the certificate is good it is `temporarily_unavailable`, so that no client takes it for a verdict.
"""

from collections.abc import Mapping
from types import MappingProxyType

from warifu import errors
from warifu.errors import Malformed, WarifuError
from warifu.idp.login import Refusal

_DENIED: Mapping[type[WarifuError], str] = {
    errors.Revoked: "certificate_revoked",
    errors.Suspended: "certificate_suspended",
    errors.Expired: "certificate_expired",
    errors.WeakAlgorithm: "certificate_weak_algorithm",
    errors.NotYetValid: "certificate_not_yet_valid",
    errors.NeverIssued: "certificate_never_issued",
    errors.UntrustedIssuer: "certificate_untrusted",
    errors.Tampered: "certificate_tampered",
    errors.WrongPolicy: "certificate_wrong_policy",
    errors.WrongKeyUsage: "certificate_wrong_key_usage",
    errors.WrongProfile: "certificate_wrong_profile",
    errors.CertificateRefused: "certificate_refused",
    errors.WrongOrigin: "wrong_origin",
    errors.WrongClient: "wrong_client",
    errors.WrongTransaction: "wrong_transaction",
    errors.WrongNonce: "wrong_nonce",
    errors.ChallengeExpired: "login_expired",
    errors.ChallengeRefused: "challenge_refused",
    errors.WrongSignature: "wrong_signature",
    errors.NotIntact: "card_data_not_intact",
    errors.NotGenuine: "card_not_genuine",
    errors.PinBlocked: "pin_blocked",
    errors.WrongPin: "wrong_pin",
    errors.LastTry: "last_try",
    errors.NotOnCard: "not_on_card",
    errors.CardRefused: "card_refused",
    errors.Cancelled: "cancelled",
    errors.Refused: "refused",
}

_FAULTS_ELSEWHERE: Mapping[type[WarifuError], Refusal] = {
    # The authority's fault, not the person's: what it said can't be used.
    errors.RevocationDataRefused: Refusal("server_error", "revocation_data_refused"),
    errors.StatusUnknown: Refusal("temporarily_unavailable", "status_unknown"),
    errors.TooManyRequests: Refusal("temporarily_unavailable", "too_many_tries"),
    errors.Unavailable: Refusal("temporarily_unavailable", "unavailable"),
}

TABLE: Mapping[type[WarifuError], Refusal] = MappingProxyType(
    {cause: Refusal("access_denied", word) for cause, word in _DENIED.items()} | dict(_FAULTS_ELSEWHERE)
)

# What the phone or the companion may report when the card or the person ended it before any answer.
REASONS: Mapping[str, type[WarifuError]] = MappingProxyType(
    {
        "cancelled": errors.Cancelled,
        "pin_blocked": errors.PinBlocked,
        "wrong_pin": errors.WrongPin,
        "last_try": errors.LastTry,
        "not_on_card": errors.NotOnCard,
        "card_refused": errors.CardRefused,
        "no_card": errors.NoCard,
        "no_reader": errors.NoReader,
        "unavailable": errors.Unavailable,
        "attempt_failed": errors.Refused,
    }
)

EXPIRED = TABLE[errors.ChallengeExpired]


def refusal_for(cause: WarifuError) -> Refusal | None:
    """What the client is told about `cause`, or None if it does not end a login (a message that nobody could read)."""
    return _lookup(type(cause))


def refusal_of_reason(reason: str) -> Refusal:
    """What the client is told when the reading side gave `reason`.

    Raises:
        Malformed: a reason nobody knows.
    """
    cause = REASONS.get(reason)
    if cause is None:
        raise Malformed("unknown reason for denying a login")
    refusal = _lookup(cause)
    assert refusal is not None
    return refusal


def _lookup(cause: type[WarifuError]) -> Refusal | None:
    return next((TABLE[kind] for kind in cause.__mro__ if kind in TABLE), None)


def refusals() -> dict[str, Refusal]:
    """Every refusal that a client may be told, by its word."""
    return {refusal.description: refusal for refusal in TABLE.values()}
