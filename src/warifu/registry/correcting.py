"""Changes of what a record says of somebody: corrections, names, nationality, stay; also in the annex of who is abroad.

The authorities are told which basic attributes differ, and of a minor correction (軽微な修正) that it was one; what
does not show in the four attributes (a reading, a stay) they are not told. Minor is what 公的個人認証法施行規則 第20条
lists, so `minor` is checked against what really differs: characters may be exchanged for others of their kind,
districts, lots and buildings may get other names, and nobody's birth date or sex is ever a minor matter.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final, TypeVar

from warifu.errors import AlreadyAnswered, NotAllowed
from warifu.messages import Attribute, Cause, MinorCorrection
from warifu.person import Address, BirthDate, Sex
from warifu.registry.card_validity import Stay
from warifu.registry.change import Act, ActKind, Change, Message, entry_of
from warifu.registry.household import Household
from warifu.registry.names import RecordedName
from warifu.registry.record import Annex, ResidentRecord
from warifu.registry.rules import changed_between, check_may_write, check_past, tell, was_done

RecordT = TypeVar("RecordT", ResidentRecord, Annex)
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


def correct_annex(
    act: Act, annex: Annex, correction: Correction, minor: MinorCorrection | None = None
) -> Change[Annex]:
    """Correct the annex of a Japanese abroad, at the domicile's desk.

    A name that the family register changed is a correction here too.

    Raises:
        NotAllowed: another desk, nothing differs, an address, or more differs than a minor correction may touch.
        AlreadyAnswered: the annex is deleted.

    Source: 住民基本台帳法 第18条, 第19条; 公的個人認証法 第12条第1項第1号.
    """
    if was_done(act, annex):
        return Change()
    act.clerk.desk.check_keeps(annex.municipality)
    if annex.deleted is not None:
        raise AlreadyAnswered("the annex is deleted")
    if correction.address is not None:
        raise NotAllowed("who is abroad has no address here")
    if correction.name is not None:
        check_bears(correction.name, japanese=True)
    after = annex.after(act.id, **_corrections(correction))
    if minor is not None:
        check_minor(annex, after, minor)
    return _changed(act, ActKind.CORRECTION, Cause.CORRECTION, [(annex, after)], minor)


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


def check_minor(before: ResidentRecord | Annex, after: ResidentRecord | Annex, minor: MinorCorrection) -> None:
    """Check that a correction is a minor one of that sort.

    Raises:
        NotAllowed: it touches what such a correction may not, or is not about characters where it says so.
    """
    old, new = before.attributes, after.attributes
    if not changed_between(old, new) <= MINOR_TOUCHES[minor]:
        raise NotAllowed("a minor correction does not touch that")
    if minor in _OF_CHARACTERS:
        for was, now in ((old.name.text, new.name.text), (old.address.text, new.address.text)):
            if len(_without_selectors(was)) != len(_without_selectors(now)):
                raise NotAllowed("a character was exchanged for one character")


def _without_selectors(text: str) -> str:
    return "".join(each for each in text if not ("\ufe00" <= each <= "\ufe0f" or "\U000e0100" <= each <= "\U000e01ef"))


def _corrections(correction: Correction) -> dict[str, object]:
    named = ((name, getattr(correction, name)) for name in ("name", "address", "birth_date", "sex"))
    return {name: value for name, value in named if value is not None}


def _changed(
    act: Act,
    kind: ActKind,
    cause: Cause,
    pairs: list[tuple[RecordT, RecordT]],
    minor: MinorCorrection | None = None,
) -> Change[RecordT]:
    records, told = list[RecordT](), list[Message]()
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
