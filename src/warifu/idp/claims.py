"""The four basic attributes as claims, one per scope, in the profile's spelling."""

from collections.abc import Iterable

from warifu.idp.profile import GenderFormat, Profile
from warifu.person import BasicAttributes, Sex

ATTRIBUTE_SCOPES = ("name", "address", "birthdate", "gender")

_WORDS = {Sex.MALE: "male", Sex.FEMALE: "female"}


def claims_for(scopes: Iterable[str], attributes: BasicAttributes | None, profile: Profile) -> dict[str, str]:
    """The claims that `scopes` ask for and nothing else; without attributes there are none.

    Source: the authorization request's table (developers.digital.go.jp, authserver): each scope asks for one of the
    four. Modelled: the spelling of birthdate and gender.
    """
    if attributes is None:
        return {}
    every = {
        "name": attributes.name.text,
        "address": attributes.address.text,
        "birthdate": attributes.birth_date.date.strftime(profile.birth_date_format.value),
        "gender": _gender(attributes.sex, profile),
    }
    return {scope: every[scope] for scope in scopes if scope in every}


def _gender(sex: Sex, profile: Profile) -> str:
    if profile.gender_format is GenderFormat.CARD_CODE:
        return sex.value
    return _WORDS.get(sex, "other")
