"""One person as a window sees one: gathered by looks, each of which is recorded with the case."""

from collections.abc import Sequence
from dataclasses import dataclass

from warifu.errors import NotAllowed, RecordProtected
from warifu.messages import Cause
from warifu.registry import Card, Clerk, Office, Outcome, Phone, Relationship, Section, Seen, Sight
from warifu.wire.registry import Life, Registry

__all__ = ["Subject", "gather", "serves"]

_PLAIN = frozenset({Sight.NAME, Sight.BIRTH_DATE, Sight.SEX})
_WHOLE = _PLAIN | {Sight.ADDRESS, Sight.RELATIONSHIP, Sight.NATIONALITY}


@dataclass(frozen=True, slots=True)
class Subject:
    """A person: what the desk may see of it; the household, the life, cards and phones for the window that serves it.

    Without `seen.whereabouts` the address is not for this desk; the page does not say why.
    """

    seen: Seen
    household: tuple[Seen, ...] = ()
    life: Life | None = None
    cards: Sequence[Card] = ()
    phones: Sequence[Phone] = ()

    @property
    def holder(self) -> str:
        """Who it is."""
        return self.seen.holder

    @property
    def is_here(self) -> bool:
        """Whether the person is a resident."""
        return self.life is not None and self.life.gone is None

    @property
    def leaves(self) -> bool:
        """Whether a notice of moving out was given and has not taken effect."""
        where = self.seen.whereabouts
        return where is not None and where.moving_out is not None and where.moving_out.outcome is Outcome.PENDING

    @property
    def may_still_die(self) -> bool:
        """Whether a death can be written: of a resident, or of somebody between two municipalities."""
        return self.is_here or (self.life is not None and self.life.gone is Cause.MOVE_OUT)


def serves(clerk: Clerk) -> bool:
    """Whether the clerk sits at a residents' window."""
    return clerk.desk.office is Office.MUNICIPALITY and clerk.desk.section is Section.RESIDENTS


def gather(registry: Registry, clerk: Clerk, holder: str, purpose: str, reason: str = "") -> Subject:
    """Look at a person, and write down every look; `reason` opens a protected person's record at another desk.

    Raises:
        RecordProtected: the person is protected, the desk is not in charge, and no reason was stated.
        NotAllowed: the person is not for this desk.
        NotFound: there is no such person.
    """
    seen = _see(registry, clerk, holder, purpose, reason)
    if not serves(clerk):
        return Subject(seen)
    looks = registry.looks
    return Subject(
        seen,
        _household(registry, clerk, seen, purpose),
        registry.lives.life(clerk, holder, purpose),
        sorted(looks.cards_of(clerk, holder, purpose), key=lambda card: card.applied_at, reverse=True),
        looks.phones_of(clerk, holder, purpose),
    )


def _see(registry: Registry, clerk: Clerk, holder: str, purpose: str, reason: str) -> Seen:
    """As much as the desk may see; with an address that is kept from it, what goes without one."""
    plain = _PLAIN & clerk.desk.sees
    if reason:
        return registry.looks.see(clerk, holder, plain, purpose, reason=reason)
    try:
        return registry.looks.see(clerk, holder, _WHOLE & clerk.desk.sees, purpose)
    except RecordProtected:
        raise
    except NotAllowed:
        return registry.looks.see(clerk, holder, plain, purpose)


def _household(registry: Registry, clerk: Clerk, seen: Seen, purpose: str) -> tuple[Seen, ...]:
    """Those who live with the person, the person included, the head first; nobody if the person lives nowhere here."""
    if seen.whereabouts is None:
        return ()
    wanted = _PLAIN | {Sight.RELATIONSHIP}
    found = registry.looks.search(clerk, wanted, purpose, household=seen.whereabouts.household, limit=200)
    return tuple(sorted(found.people, key=lambda each: each.relationship is not Relationship.HEAD))
