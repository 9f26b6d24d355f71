"""A resource that wants to know how and when somebody logged in, and the client that has them log in better (RFC 9470).

::

    client ── token ──▶ resource ── introspection ──▶ provider: acr, auth_time
    client ◀── 401, WWW-Authenticate: insufficient_user_authentication, acr_values, max_age ── resource
    client ── authorization request with those ──▶ provider ── a new login ──▶ client ── new token ──▶ resource
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from warifu.errors import Malformed, NotLoggedInSo

__all__ = ["Demand", "check_login_is", "read_step_up", "step_up_challenge"]

_ERROR: Final = "insufficient_user_authentication"
_LEVELS: Final = ("aal1", "aal2", "aal3")
_VALUE: Final = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+")
_PARAMETER: Final = re.compile(r'([a-z_]+)=(?:"([^"\\]*)"|([0-9A-Za-z]+))')
_LONGEST: Final = 2048


@dataclass(frozen=True, slots=True)
class Demand:
    """What a resource asks of a login: one of these levels (or a higher one), and no longer ago than `max_age`."""

    acr_values: tuple[str, ...] = ()
    max_age: timedelta | None = None

    def __post_init__(self) -> None:
        """Refuse what could not be said in a header.

        Raises:
            Malformed: a value with a blank or a quote in it, or an age below nought.
        """
        if not all(_VALUE.fullmatch(value) for value in self.acr_values):
            raise Malformed("an acr value is visible ASCII without quotes")
        if self.max_age is not None and self.max_age < timedelta(0):
            raise Malformed("max_age is nought or more")

    def parameters(self) -> dict[str, str]:
        """The parameters of the authorization request that meets it (RFC 9470 §4)."""
        told = {"acr_values": " ".join(self.acr_values)} if self.acr_values else {}
        age = {} if self.max_age is None else {"max_age": str(int(self.max_age.total_seconds()))}
        return told | age


def check_login_is(told: Mapping[str, Any], demand: Demand, now: datetime, skew: timedelta = timedelta(0)) -> None:
    """Check what introspection (or a token) tells about a login; that the token is good was checked before.

    Raises:
        NotLoggedInSo: the login is of a lower level, too long ago, or nothing is told about it.
    """
    if demand.acr_values and not _reached(told.get("acr"), demand.acr_values):
        raise NotLoggedInSo("the login was not of the level that this needs")
    if demand.max_age is None:
        return
    at = told.get("auth_time")
    if (
        isinstance(at, bool)
        or not isinstance(at, int | float)
        or now.timestamp() > at + (demand.max_age + skew).total_seconds()
    ):
        raise NotLoggedInSo("the login was too long ago for this")


def step_up_challenge(demand: Demand, description: str, scheme: str = "Bearer") -> str:
    """The header ``WWW-Authenticate`` of the 401 that asks for a better login (RFC 9470 §3)."""
    told = {"error": _ERROR, "error_description": description, **demand.parameters()}
    return f"{scheme} " + ", ".join(f'{name}="{value}"' for name, value in told.items())


def read_step_up(header: str) -> Demand | None:
    """What a resource's challenge demands; None for a challenge that is about something else.

    Raises:
        Malformed: it asks for a better login and does not say in what way, or not in a way that can be read.
    """
    if len(header) > _LONGEST:
        raise Malformed("the challenge is too long")
    found = {name: quoted or plain for name, quoted, plain in _PARAMETER.findall(header)}
    if found.get("error") != _ERROR:
        return None
    values, age = tuple(found.get("acr_values", "").split()), found.get("max_age")
    if age is not None and not re.fullmatch(r"[0-9]{1,9}", age):
        raise Malformed("max_age in the challenge is not a number of seconds")
    if not values and age is None:
        raise Malformed("the challenge does not say what login it wants")
    return Demand(values, None if age is None else timedelta(seconds=int(age)))


def _reached(acr: object, asked: Sequence[str]) -> bool:
    """One of those asked, or a level above one of them."""
    if acr in asked:
        return True
    return acr in _LEVELS and any(
        value in _LEVELS and _LEVELS.index(str(acr)) > _LEVELS.index(value) for value in asked
    )
