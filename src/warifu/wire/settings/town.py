"""The simulated town's settings."""

from dataclasses import dataclass

__all__ = ["TownSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TownSettings:
    """The simulated town (``[town]``)."""

    seed: int = 1
    """Chooses names, addresses and numbers of the residents."""
    port_base: int = 8700
    """The first of the ten ports that the town listens on."""
    stapling: bool = True
    """Whether the town's phone sends a status answer along with a login."""
    requests_a_minute: int = 3000
    """How many logins one address may begin at the town's provider in a minute, how often it may fail, how often a
    client may ask; beyond that the answer is 429. No test run meets it; 0 is without limit."""
    logout: bool = False
    """Logging out, revoking and introspecting tokens at the town's provider and sandbox: off, as the official service
    is not seen to have it."""
