"""The phone has read a code and shows six digits until they have been typed where the code was.

Until then it knows neither the transaction nor what is to be signed. The page asks this server, and this server the
provider, once a second; without JavaScript the page is drawn again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from warifu.errors import PartyRefused, WarifuError
from warifu.wire.phone.handing import HandOverLink, Offer, Shown
from warifu.wire.phone.provider import KnownProvider, ProviderLink
from warifu.wire.phone.visit import MAX_VISITS, Visit

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


class WaitingRoom:
    """All phones that show digits, by the secret in their cookie; the oldest make room."""

    def __init__(self, link: ProviderLink) -> None:
        self._link = link
        self._handing = HandOverLink(link)
        self._waiting: dict[str, Waiting] = {}

    def add(self, secret: str, waiting: Waiting) -> None:
        """Keep one more."""
        while len(self._waiting) >= MAX_VISITS:
            del self._waiting[next(iter(self._waiting))]
        self._waiting[secret] = waiting

    def find(self, secret: str, now: datetime) -> Waiting | None:
        """The phone with this cookie, unless it has been forgotten."""
        waiting = self._waiting.get(secret)
        if waiting is not None and now >= waiting.since + PATIENCE:
            self.drop(secret)
            return None
        return waiting

    def drop(self, secret: str) -> None:
        """Forget one."""
        self._waiting.pop(secret, None)

    def sweep(self, now: datetime) -> None:
        """Forget those for whom nobody comes by."""
        for secret in list(self._waiting):
            self.find(secret, now)

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
