"""Which key signs when: keys that follow each other without a moment in which anybody's token cannot be checked.

::

    announced ──────────▶ in use ──────────▶ over ──────────▶ gone
    published, signs      published,         published until     not published
    nothing yet           signs              its last token      (its public half is kept)
                                             has expired

Each key says from when it is used, and is over when the next one is: processes that share the schedule and their
clocks need not speak to each other. A key that somebody else may have is withdrawn: neither used nor published.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum

from warifu.errors import NotAllowed, NotFound, Unavailable
from warifu.idp.profile import Provider

__all__ = ["KeySchedule", "KeyState", "SigningKey", "longest_signed"]

LOGOUT_TOKEN_LIFETIME = timedelta(minutes=2)
"""Until when a logout token is good (OpenID Connect Back-Channel Logout 1.0 §2.4 recommends two minutes)."""


class KeyState(Enum):
    """Where a key stands. Wire: the value."""

    ANNOUNCED = "announced"
    IN_USE = "in use"
    OVER = "over"
    GONE = "gone"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key as the schedule has it: `kid` is its thumbprint (RFC 7638), `place` where the key is if not in a file."""

    kid: str
    public_key_info: bytes = field(repr=False)
    announced_at: datetime
    used_from: datetime
    withdrawn_at: datetime | None = None
    place: str = field(default="", repr=False)


def longest_signed(provider: Provider) -> timedelta:
    """How long anything that was signed can still be checked by somebody whose clock is late."""
    profile = provider.profile
    return max(profile.id_token_lifetime, profile.code_lifetime, LOGOUT_TOKEN_LIFETIME) + 2 * profile.clock_skew


class KeySchedule:
    """The keys of one provider, in the order of their use."""

    def __init__(self, keys: Iterable[SigningKey]) -> None:
        self._keys = tuple(sorted(keys, key=lambda key: (key.used_from, key.announced_at, key.kid)))

    def find(self, kid: str) -> SigningKey | None:
        """The key with this id, whatever became of it."""
        return next((key for key in self._keys if key.kid == kid), None)

    def in_use(self, now: datetime) -> SigningKey:
        """The key that signs now.

        Raises:
            Unavailable: there is none.
        """
        good = [key for key in self._keys if key.withdrawn_at is None and key.used_from <= now]
        if not good:
            raise Unavailable("the provider has no key to sign with")
        return good[-1]

    def published(self, now: datetime, kept: timedelta) -> tuple[SigningKey, ...]:
        """The keys of the JWK Set, newest first; `kept` is how long after its use a key is still there."""
        hidden = (KeyState.GONE, KeyState.WITHDRAWN)
        return tuple(key for key in reversed(self._keys) if self.state(key, now, kept) not in hidden)

    def trusted(self) -> tuple[SigningKey, ...]:
        """Every key but the withdrawn ones, to recognise by what was signed long ago."""
        return tuple(key for key in self._keys if key.withdrawn_at is None)

    def states(self, now: datetime, kept: timedelta) -> list[tuple[SigningKey, KeyState, datetime | None]]:
        """Each key, where it stands, and when it stops signing if that is known; oldest first."""
        return [(key, self.state(key, now, kept), self._over_at(key)) for key in self._keys]

    def state(self, key: SigningKey, now: datetime, kept: timedelta) -> KeyState:
        """Where a key stands."""
        if key.withdrawn_at is not None:
            return KeyState.WITHDRAWN
        if now < key.used_from:
            return KeyState.ANNOUNCED
        over_at = self._over_at(key)
        if over_at is None or now < over_at:
            return KeyState.IN_USE
        return KeyState.OVER if now < over_at + kept else KeyState.GONE

    def check_may_announce(self, key: SigningKey) -> None:
        """Check that a key may be added.

        Raises:
            NotAllowed: it is there already, or was withdrawn; or another comes into use later than it.
        """
        if self.find(key.kid) is not None:
            raise NotAllowed("this key is in the schedule already")
        later = [other for other in self._keys if other.withdrawn_at is None and other.used_from >= key.used_from]
        if later:
            raise NotAllowed("another key is announced for later; a new one comes after it")

    def withdraw(self, kid: str, now: datetime) -> tuple[SigningKey, ...]:
        """What changes when a key is taken out at once: itself and, if it is in use, its successor, used from now on.

        Raises:
            NotFound: no such key.
            NotAllowed: nothing could be signed any more.
        """
        key = self.find(kid)
        if key is None:
            raise NotFound("there is no key of this id")
        if key.withdrawn_at is not None:
            return ()
        left = [other for other in self._keys if other.withdrawn_at is None and other.kid != kid]
        if not left:
            raise NotAllowed("no other key could sign; add one first")
        gone = replace(key, withdrawn_at=now)
        if any(other.used_from <= now for other in left) and key is not self.in_use(now):
            return (gone,)
        # An older key is not taken up again: it may no longer be published. The next one is used from this moment.
        successors = [other for other in left if other.used_from > now]
        if key is self.in_use(now) and not successors:
            raise NotAllowed("no other key could sign; add one first")
        return (gone, replace(successors[0], used_from=now)) if successors else (gone,)

    def _over_at(self, key: SigningKey) -> datetime | None:
        """When the next key comes into use."""
        later = self._keys[self._keys.index(key) + 1 :]
        return next((other.used_from for other in later if other.withdrawn_at is None), None)
