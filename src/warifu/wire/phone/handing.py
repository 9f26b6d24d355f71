"""What the phone's server asks of a provider until a login is with this phone, server to server."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from warifu.errors import Malformed
from warifu.messages import SigningData
from warifu.messages import json as messages_json
from warifu.wire.phone.provider import KnownProvider, ProviderLink

__all__ = ["SAME_DEVICE", "HandOverLink", "Offer", "Shown", "Taken"]

SAME_DEVICE: Final = "same_device"
_OFFER: dict[str, type | tuple[type, ...]] = {"client_name": str, "scopes": list, "way": str}
_TAKEN: dict[str, type | tuple[type, ...]] = {"token": str, "way": str}
_DIGITS: dict[str, type | tuple[type, ...]] = {"digits": str, "digits_expire_at": int}


@dataclass(frozen=True, slots=True)
class Offer:
    """Who asks for what, before this phone has taken anything over."""

    client_name: str
    scopes: tuple[str, ...]
    way: str
    signing: SigningData | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Shown:
    """Six digits to show, and until when they are good."""

    digits: str
    expires_at: datetime

    @property
    def spaced(self) -> str:
        """In two groups, as people read them out."""
        return f"{self.digits[:3]} {self.digits[3:]}"


@dataclass(frozen=True, slots=True, repr=False)
class Taken:
    """This phone has the login: the token that says so, and the digits to show if it read a code."""

    token: str
    way: str
    shown: Shown | None


class HandOverLink:
    """Conversations with providers about logins that are on their way to this phone."""

    def __init__(self, link: ProviderLink) -> None:
        self._link = link

    async def offer(self, provider: KnownProvider, secret: str) -> Offer:
        """Who asks for what with this code or link.

        Raises:
            PartyRefused: it is an old one, or the login is over.
            Unavailable, Malformed: no answer, or no readable one.
        """
        answer = await self._post(provider, "offer", secret)
        members = messages_json.load(answer, _OFFER, optional={"signing": str})
        if not all(isinstance(scope, str) for scope in members["scopes"]):
            raise Malformed("member scopes has the wrong type")
        signing = members.get("signing")
        data = None if signing is None else SigningData.decode(messages_json.from_base64(signing))
        return Offer(members["client_name"], tuple(members["scopes"]), members["way"], data)

    async def take(self, provider: KnownProvider, secret: str) -> Taken:
        """Take the login over.

        Raises:
            PartyRefused: another phone has it, or as `offer`.
            Unavailable, Malformed: no answer, or no readable one.
        """
        members = messages_json.load(await self._post(provider, "take", secret), _TAKEN, optional=_DIGITS)
        shown = None if members["way"] == SAME_DEVICE else _shown(members)
        return Taken(members["token"], members["way"], shown)

    async def transaction(self, provider: KnownProvider, token: str) -> str | None:
        """The transaction at which this phone goes on, once its digits have been typed.

        Raises:
            PartyRefused: the login is no longer with this phone.
            Unavailable, Malformed: no answer, or no readable one.
        """
        answer = await self._link.send("GET", provider.hand_over("state"), token=token)
        found: str | None = messages_json.load(answer, {}, optional={"transaction": str}).get("transaction")
        return found

    async def renew(self, provider: KnownProvider, token: str) -> Shown:
        """Other digits.

        Raises:
            PartyRefused: there are no more, or the login is no longer with this phone.
            Unavailable, Malformed: no answer, or no readable one.
        """
        answer = await self._link.send("POST", provider.hand_over("digits"), token=token)
        return _shown(messages_json.load(answer, _DIGITS))

    async def _post(self, provider: KnownProvider, action: str, secret: str) -> bytes:
        return await self._link.send("POST", provider.hand_over(action), messages_json.dump({"secret": secret}))


def _shown(members: dict[str, Any]) -> Shown:
    """The digits, which go into a page: nothing else may be in them."""
    digits = members.get("digits", "")
    if len(digits) != 6 or not (digits.isascii() and digits.isdigit()):
        raise Malformed("member digits is not six digits")
    try:
        return Shown(digits, datetime.fromtimestamp(members["digits_expire_at"], UTC))
    except (KeyError, OverflowError, OSError, ValueError) as error:
        raise Malformed("member digits_expire_at is out of range") from error
