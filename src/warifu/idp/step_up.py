"""Asking for a better login than one had: what a request demands of it, and whether it was reached (RFC 9470).

A level in `acr_values` is reached by that level or a higher one; what is no level (`crl`, `phr`) is others' affair.
Where a profile holds clients' demands for essential, a login that reaches none of the levels gives no code. How old a
login may be (`max_age`) is always met: every login asks for the card or a passkey anew.

Source: RFC 9470 §4, §5; OpenID Connect Core Unmet Authentication Requirements 1.0.
"""

from warifu.idp.assurance import LEVELS, reaches
from warifu.idp.login import Login, Refusal
from warifu.idp.profile import Profile

__all__ = ["find_unmet"]

_DEMANDED = {value for value, (scale, _) in LEVELS.items() if scale == "aal"}

_UNMET = Refusal("unmet_authentication_requirements", "acr_not_reached")


def find_unmet(login: Login, profile: Profile) -> Refusal | None:
    """Why a login that somebody allowed is not what its client demanded; None if it is, or if nothing was demanded."""
    assert login.answered is not None
    acr, asked = login.answered.assurance.acr, login.request.acr_values
    levels = [value for value in asked if value in _DEMANDED]
    met = acr in asked or any(reaches(acr, value) for value in levels)
    return _UNMET if profile.essential_acr and levels and not met else None
