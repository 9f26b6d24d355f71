"""What every event of the register checks first, and how it tells the authorities."""

from collections.abc import Iterable
from datetime import date

from warifu.errors import AlreadyAnswered, NotAllowed
from warifu.messages import Attribute, Cause, MinorCorrection, ResidentEvent
from warifu.person import BasicAttributes
from warifu.registry.change import Act
from warifu.registry.record import Annex, ResidentRecord


def check_may_write(act: Act, *records: ResidentRecord) -> None:
    """Check that the act is at the desk that keeps these records, and that they are live.

    Raises:
        NotAllowed: another desk.
        AlreadyAnswered: a record is deleted: the person died, moved or left.
    """
    for record in records:
        act.clerk.desk.check_keeps(record.municipality)
        if not record.is_live:
            raise AlreadyAnswered("the record is deleted")


def check_past(act: Act, day: date, earliest: date) -> None:
    """Check that what is notified has happened: not before `earliest`, and not after today.

    Raises:
        NotAllowed: it has not.
    """
    if not earliest <= day <= act.today:
        raise NotAllowed("that day is in the future, or before the record begins")


def was_done(act: Act, *records: ResidentRecord | Annex) -> bool:
    """Whether this act made the versions at hand: it is sent again, and there is nothing to do."""
    return bool(records) and all(record.last_act == act.id for record in records)


def changed_between(before: BasicAttributes, after: BasicAttributes) -> frozenset[Attribute]:
    """Which of the four basic attributes differ."""
    return frozenset(each for each in Attribute if getattr(before, each.value) != getattr(after, each.value))


def tell(
    act: Act,
    holder: str,
    cause: Cause,
    changed: Iterable[Attribute] = (),
    minor: MinorCorrection | None = None,
) -> ResidentEvent:
    """What the authorities are told; sent again, it has the same id."""
    id_ = act.id_for(f"event {holder} {cause.value}")
    return ResidentEvent(id_, holder, cause, frozenset(changed), minor, act.at)
