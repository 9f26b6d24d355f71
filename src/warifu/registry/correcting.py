"""Changes of somebody who stays: moving within, corrections, names, nationality, the head of the household.

The authorities are told which basic attributes differ, and of a minor correction (軽微な修正) that it was one; what
does not show in the four attributes (a reading, a stay) they are not told. Minor is what 公的個人認証法施行規則 第20条
lists, so `minor` is checked against what really differs: characters may be exchanged for others of their kind,
districts, lots and buildings may get other names, and nobody's birth date or sex is ever a minor matter.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from warifu.errors import Malformed, NotAllowed
from warifu.messages import Attribute, Cause, MinorCorrection
from warifu.person import Address, BirthDate, Sex
from warifu.registry.card_validity import Stay
from warifu.registry.change import Act, ActKind, Change, Message, entry_of
from warifu.registry.household import Household
from warifu.registry.names import RecordedName
from warifu.registry.protecting import housed_protection
from warifu.registry.record import ResidentRecord
from warifu.registry.relationship import Relationship
from warifu.registry.rules import changed_between, check_may_write, check_past, tell, was_done

_NAME_OR_ADDRESS: Final = frozenset({Attribute.NAME, Attribute.ADDRESS})
_ADDRESS: Final = frozenset({Attribute.ADDRESS})

MINOR_TOUCHES: Final[dict[MinorCorrection, frozenset[Attribute]]] = {
    MinorCorrection.PLAIN_CHARACTER: _NAME_OR_ADDRESS,
    MinorCorrection.CHARACTER_IDENTIFIED: _NAME_OR_ADDRESS,
    MinorCorrection.DISTRICT_RENAMED: _ADDRESS,
    MinorCorrection.LOT_NUMBER_CHANGED: _ADDRESS,
    MinorCorrection.RESIDENTIAL_INDICATION: _ADDRESS,
    MinorCorrection.BUILDING_RENAMED: _ADDRESS,
    MinorCorrection.ACCEPTED_BY_MINISTER: _NAME_OR_ADDRESS,
}
"""Which attributes a minor correction may touch: the seven of 公的個人認証法施行規則 第20条."""
_OF_CHARACTERS: Final = frozenset({MinorCorrection.PLAIN_CHARACTER, MinorCorrection.CHARACTER_IDENTIFIED})


@dataclass(frozen=True, slots=True)
class Correction:
    """What the record should have said; None is what it said rightly. The address is the whole household's."""

    name: RecordedName | None = None
    address: Address | None = None
    birth_date: BirthDate | None = None
    sex: Sex | None = None


def correct(
    act: Act, household: Household, holder: str, correction: Correction, minor: MinorCorrection | None = None
) -> Change[ResidentRecord]:
    """Correct one person's record, and with an address those of all who live there.

    Raises:
        NotAllowed: another desk, nothing differs, a future birth date, or more differs than a minor correction may
        touch. NotFound: not of that household.

    Source: 住民基本台帳法 第8条 (職権記載), 第14条; 公的個人認証法施行規則 第20条.
    """
    record = household.member(holder)
    if was_done(act, record):
        return Change()
    check_may_write(act, *household.members)
    corrected = [(record, record.after(act.id, **_corrections(correction)))]
    if correction.address is not None:
        others = (each for each in household.members if each.holder != holder)
        corrected += [(each, each.after(act.id, address=correction.address)) for each in others]
    if correction.birth_date is not None:
        check_past(act, correction.birth_date.date, date.min)
    if minor is not None:
        for before, after in corrected:
            check_minor(before, after, minor)
    return _changed(act, ActKind.CORRECTION, Cause.CORRECTION, corrected, minor)


def change_name(act: Act, record: ResidentRecord, name: RecordedName) -> Change[ResidentRecord]:
    """Write another name, or a former surname or an alias on or off the record.

    Raises:
        NotAllowed: another desk, nothing differs, a former surname of a foreign resident or an alias of a Japanese, or
        a
            former surname that is the surname.

    Source: 戸籍法 第107条, 第107条の2; 住民基本台帳法施行令 第30条の13 and 第30条の14 (旧氏), 第30条の16 (通称).
    """
    if was_done(act, record):
        return Change()
    check_may_write(act, record)
    check_bears(name, japanese=record.is_japanese)
    return _changed(act, ActKind.NAME_CHANGE, Cause.NAME_CHANGE, [(record, record.after(act.id, name=name))])


def check_bears(name: RecordedName, *, japanese: bool) -> None:
    """Check that somebody may have what stands beside the name.

    Raises:
        NotAllowed: a foreign resident's former surname, a Japanese person's alias, or a former surname that is the
        surname.
    """
    if name.former_surname is not None and (not japanese or name.former_surname.text == name.name.family):
        raise NotAllowed("a former surname is another one, of somebody in a family register")
    if name.alias is not None and japanese:
        raise NotAllowed("an alias is a foreign resident's")


def naturalise(act: Act, record: ResidentRecord, name: RecordedName, domicile: str) -> Change[ResidentRecord]:
    """Write that a foreign resident became Japanese: a name as in the family register, a domicile, no stay any more.

    Raises:
        NotAllowed: another desk, or Japanese already.

    Source: 国籍法 第4条; 住民基本台帳法 第8条. Modelled: in life a new record takes the place of the old one on the
    same day.
    """
    if was_done(act, record):
        return Change()
    check_may_write(act, record)
    if record.is_japanese:
        raise NotAllowed("somebody Japanese is not naturalised")
    check_bears(name, japanese=True)
    after = record.after(act.id, name=name, domicile=domicile, nationality=None, stay=None)
    return _changed(act, ActKind.NATURALISATION, Cause.NATURALISATION, [(record, after)])


def change_stay(act: Act, record: ResidentRecord, stay: Stay) -> Change[ResidentRecord]:
    """Write a foreign resident's new stay, as the immigration services notified; the authorities are not told.

    Raises:
        NotAllowed: another desk, a Japanese person, the same stay, or one that is over.

    Source: 住民基本台帳法 第30条の50.
    """
    if was_done(act, record):
        return Change()
    check_may_write(act, record)
    over = stay.until is not None and stay.until < act.today
    if record.is_japanese or stay == record.stay or over:
        raise NotAllowed("a stay is a foreign resident's, new, and not over")
    return Change((record.after(act.id, stay=stay),), (), (entry_of(act, ActKind.STAY_CHANGED, record.holder),))


def move_within(
    act: Act,
    household: Household,
    movers: Mapping[str, Relationship],
    address: Address,
    moved: date,
    *,
    into: Household | None = None,
    new_head: str | None = None,
) -> Change[ResidentRecord]:
    """Move some or all of a household inside of the municipality: as a household, or into another one.

    `movers` says what each is to the head there; of those who stay, `new_head` becomes the head if the head moves.

    Raises:
        NotAllowed: another desk, a day in the future, the same address, or no head or two.
        NotFound: somebody is not of that household.

    Source: 住民基本台帳法 第23条 (within 14 days).
    """
    moving = [household.member(holder) for holder in movers]
    if was_done(act, *moving):
        return Change()
    check_may_write(act, *household.members)
    _check_moves(household, list(movers.values()), address, into)
    for each in moving:
        check_past(act, moved, each.address_since)
    target = into.id if into else act.id_for("household")
    changes = {"address": address, "address_since": moved, "household": target}
    after = [
        each.after(
            act.id,
            **changes,
            relationship=movers[each.holder],
            protection=housed_protection(into) or each.protection,
        )
        for each in moving
    ]
    Household.of((*(into.members if into else ()), *after))
    told = tuple(tell(act, each.holder, Cause.MOVE_WITHIN, _ADDRESS) for each in after)
    staying = household.without(frozenset(movers), act.id, new_head)
    return Change((*after, *staying), told, (entry_of(act, ActKind.MOVE_WITHIN, *movers),))


def change_head(act: Act, household: Household, new_head: str) -> Change[ResidentRecord]:
    """Write that another member is the head of the household now (世帯主変更).

    Raises:
        NotAllowed: another desk, or the head already.
        NotFound: not of that household.

    Source: 住民基本台帳法 第25条.
    """
    if was_done(act, household.member(new_head)):
        return Change()
    check_may_write(act, *household.members)
    if household.head.holder == new_head:
        raise NotAllowed("that is the head already")
    records = household.headed_by(new_head, act.id)
    return Change(records, (), (entry_of(act, ActKind.HEAD_CHANGE, *(each.holder for each in records)),))


def check_minor(before: ResidentRecord, after: ResidentRecord, minor: MinorCorrection) -> None:
    """Check that a correction is a minor one of that sort.

    Raises:
        NotAllowed: it touches what such a correction may not, or is not about characters where it says so.
    """
    if not changed_between(before.attributes, after.attributes) <= MINOR_TOUCHES[minor]:
        raise NotAllowed("a minor correction does not touch that")
    if minor in _OF_CHARACTERS:
        for old, new in ((before.name.shown.text, after.name.shown.text), (before.address.text, after.address.text)):
            if len(_without_selectors(old)) != len(_without_selectors(new)):
                raise NotAllowed("a character was exchanged for one character")


def _without_selectors(text: str) -> str:
    return "".join(each for each in text if not ("\ufe00" <= each <= "\ufe0f" or "\U000e0100" <= each <= "\U000e01ef"))


def _corrections(correction: Correction) -> dict[str, object]:
    named = ((name, getattr(correction, name)) for name in ("name", "address", "birth_date", "sex"))
    return {name: value for name, value in named if value is not None}


def _check_moves(
    household: Household, relationships: list[Relationship], address: Address, into: Household | None
) -> None:
    if not relationships:
        raise Malformed("nobody moves")
    if address == household.address:
        raise NotAllowed("who moves has another address then")
    heads = relationships.count(Relationship.HEAD)
    if into is None and heads != 1:
        raise NotAllowed("a household has one head")
    joins = into is not None and (heads, into.municipality, into.address) == (0, household.municipality, address)
    if into is not None and not joins:
        raise NotAllowed("who joins a household lives at its address, under its head")


def _changed(
    act: Act,
    kind: ActKind,
    cause: Cause,
    pairs: list[tuple[ResidentRecord, ResidentRecord]],
    minor: MinorCorrection | None = None,
) -> Change[ResidentRecord]:
    records, told = list[ResidentRecord](), list[Message]()
    for before, after in pairs:
        if before.after(act.id) == after:
            continue
        records.append(after)
        changed = changed_between(before.attributes, after.attributes)
        # Naturalisation is told even of who keeps the name.
        if changed or cause is Cause.NATURALISATION:
            told.append(tell(act, after.holder, cause, changed, minor))
    if not records:
        raise NotAllowed("nothing differs")
    return Change(tuple(records), tuple(told), (entry_of(act, kind, *(each.holder for each in records)),))
