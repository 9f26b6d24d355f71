"""Asking for a better login than one had: what a request demands of it, and whether it was reached (RFC 9470).

A level in `acr_values` is reached by that level or a higher one; what is no level (`crl`, `phr`) is others' affair.
Where a profile holds clients' demands for essential, a login that reaches none of the levels gives no code. How old a
login may be (`max_age`) is always met: every login asks for the card or a passkey anew.

Source: RFC 9470 §4, §5; OpenID Connect Core Unmet Authentication Requirements 1.0.
"""

from warifu.idp.login import Login, Refusal
from warifu.idp.profile import Profile

__all__ = ["LEVELS", "UNMET", "find_unmet"]

LEVELS = ("aal1", "aal2", "aal3")
"""From the lowest to the highest."""

UNMET = Refusal("unmet_authentication_requirements", "acr_not_reached")


def find_unmet(login: Login, profile: Profile) -> Refusal | None:
    """Why a login that somebody allowed is not what its client demanded; None if it is, or if nothing was demanded."""
    assert login.answered is not None
    acr, asked = login.answered.assurance.acr, login.request.acr_values
    levels = [value for value in asked if value in LEVELS]
    met = acr in asked or (acr in LEVELS and any(LEVELS.index(acr) >= LEVELS.index(value) for value in levels))
    return UNMET if profile.essential_acr and levels and not met else None
