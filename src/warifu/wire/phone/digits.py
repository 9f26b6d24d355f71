"""The phone has read a code and shows six digits until they have been typed where the code was.

Until then it knows neither the transaction nor what is to be signed. The page asks this server, and this server the
provider, once a second; without JavaScript the page is drawn again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from warifu.errors import PartyRefused, WarifuError
from warifu.wire.phone.handing import HandOverLink, Offer, Shown
from warifu.wire.phone.kept import Kept
from warifu.wire.phone.provider import KnownProvider, ProviderLink
from warifu.wire.phone.visit import Visit

__all__ = ["Waiting", "WaitingRoom"]

PATIENCE: Final = timedelta(minutes=10)
"""How long digits stay here at most; every login is over before."""


@dataclass(slots=True, repr=False)
class Waiting:
    """One phone that shows digits; `closed` is the provider's word once it can get nowhere any more."""

    provider: KnownProvider
    offer: Offer
    token: str
    shown: Shown
    since: datetime
    notice: str = ""
    closed: str = ""

    def expired(self, now: datetime) -> bool:
        """Whether the digits are too old to be typed."""
        return now >= self.shown.expires_at

    def over(self, now: datetime) -> bool:
        """Whether the login itself has ended for certain."""
        return now >= self.since + PATIENCE


class WaitingRoom(Kept[Waiting]):
    """All phones that show digits."""

    def __init__(self, link: ProviderLink) -> None:
        super().__init__()
        self._link = link
        self._handing = HandOverLink(link)

    async def look(self, secret: str, waiting: Waiting) -> Visit | None:
        """The visit that begins if the digits have been typed."""
        if waiting.closed:
            return None
        try:
            transaction = await self._handing.transaction(waiting.provider, waiting.token)
            if transaction is None:
                waiting.notice = ""
                return None
            invitation = await self._link.invitation(waiting.provider, transaction, waiting.token)
        except PartyRefused as error:
            waiting.closed = error.error
            return None
        except WarifuError:
            waiting.notice = "no_answer"
            return None
        self.drop(secret)
        return Visit(waiting.provider, invitation, waiting.token, waiting.offer.way)

    async def renew(self, waiting: Waiting) -> None:
        """Show other digits."""
        try:
            waiting.shown, waiting.notice = await self._handing.renew(waiting.provider, waiting.token), ""
        except PartyRefused as error:
            # Typed a moment ago: the next look finds out.
            waiting.closed = "" if error.error == "not_allowed" else error.error
        except WarifuError:
            waiting.notice = "no_answer"
