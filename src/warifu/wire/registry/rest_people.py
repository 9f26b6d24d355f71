"""The residents' section over REST: what is written into resident records."""

from fastapi import APIRouter

from warifu.person import Address
from warifu.wire.registry.forms import (
    ArrivalForm,
    BirthForm,
    CorrectionForm,
    DayForm,
    DoneAnswer,
    EndForm,
    MoveInForm,
    MoveOutForm,
    MoveWithinForm,
    NameForm,
    NaturalisationForm,
    ProtectionForm,
    RegroupForm,
    StayForm,
    WhoForm,
)
from warifu.wire.registry.rest_asking import By, Id, Key, TheRegistry

router = APIRouter(prefix="/v1", tags=["people"])


@router.post("/births")
def register_birth(registry: TheRegistry, by: By, form: BirthForm, key: Key = None) -> DoneAnswer:
    """Write a newborn's record (出生; 住民基本台帳法 第8条)."""
    return DoneAnswer.of(registry.people.register_birth(by.clerk, form.parent, form.child.read(), act=key))


@router.post("/arrivals")
def register_arrival(registry: TheRegistry, by: By, form: ArrivalForm, key: Key = None) -> DoneAnswer:
    """Write the records of people who come from abroad for the first time (住民基本台帳法 第22条, 第30条の46)."""
    people = [newcomer.read() for newcomer in form.newcomers]
    address = Address(form.address)
    done = registry.people.register_arrival(by.clerk, people, address, form.arrived, into=form.into, act=key)
    return DoneAnswer.of(done)


@router.post("/moves-in")
def move_in(registry: TheRegistry, by: By, form: MoveInForm, key: Key = None) -> DoneAnswer:
    """Write the records of people who moved here or come back from abroad (転入; 住民基本台帳法 第22条, 第30条の46)."""
    done = registry.people.move_in(
        by.clerk,
        form.arrivals,
        Address(form.address),
        form.moved,
        into=form.into,
        stays=form.read_stays(),
        act=key,
    )
    return DoneAnswer.of(done)


@router.post("/moves-out")
def move_out(registry: TheRegistry, by: By, form: MoveOutForm, key: Key = None) -> DoneAnswer:
    """Take a notice of moving out (転出届; 住民基本台帳法 第24条)."""
    who = frozenset(form.who)
    return DoneAnswer.of(registry.people.move_out(by.clerk, who, form.planned, form.destination, act=key))


@router.post("/moves-out/cancellations")
def cancel_move_out(registry: TheRegistry, by: By, form: WhoForm, key: Key = None) -> DoneAnswer:
    """Take a notice of moving out back (転出取消)."""
    return DoneAnswer.of(registry.people.cancel_move_out(by.clerk, frozenset(form.who), act=key))


@router.post("/moves-within")
def move_within(registry: TheRegistry, by: By, form: MoveWithinForm, key: Key = None) -> DoneAnswer:
    """Move people inside of the municipality (転居; 住民基本台帳法 第23条)."""
    done = registry.people.move_within(
        by.clerk,
        form.movers,
        Address(form.address),
        form.moved,
        into=form.into,
        new_head=form.new_head,
        act=key,
    )
    return DoneAnswer.of(done)


@router.post("/households/changes")
def regroup(registry: TheRegistry, by: By, form: RegroupForm, key: Key = None) -> DoneAnswer:
    """Divide or join households, or write other relationships (世帯分離・世帯合併・続柄変更; 住民基本台帳法 第25条)."""
    done = registry.people.regroup(by.clerk, form.members, into=form.into, new_head=form.new_head, act=key)
    return DoneAnswer.of(done)


@router.post("/people/{holder}/annex-correction")
def correct_annex(registry: TheRegistry, by: By, holder: Id, form: CorrectionForm, key: Key = None) -> DoneAnswer:
    """Correct the annex of somebody abroad, at the domicile's desk (住民基本台帳法 第18条)."""
    return DoneAnswer.of(registry.people.correct_annex(by.clerk, holder, form.read(), form.minor, act=key))


@router.post("/people/{holder}/correction")
def correct(registry: TheRegistry, by: By, holder: Id, form: CorrectionForm, key: Key = None) -> DoneAnswer:
    """Correct a record (職権修正, 軽微な修正)."""
    return DoneAnswer.of(registry.people.correct(by.clerk, holder, form.read(), form.minor, act=key))


@router.post("/people/{holder}/name")
def change_name(registry: TheRegistry, by: By, holder: Id, form: NameForm, key: Key = None) -> DoneAnswer:
    """Write another name, or a former surname (旧氏) or an alias (通称) on or off."""
    return DoneAnswer.of(registry.people.change_name(by.clerk, holder, form.read(), act=key))


@router.post("/people/{holder}/naturalisation")
def naturalise(registry: TheRegistry, by: By, holder: Id, form: NaturalisationForm, key: Key = None) -> DoneAnswer:
    """Write that a foreign resident became Japanese (帰化)."""
    return DoneAnswer.of(registry.people.naturalise(by.clerk, holder, form.name.read(), form.domicile, act=key))


@router.post("/people/{holder}/stay")
def change_stay(registry: TheRegistry, by: By, holder: Id, form: StayForm, key: Key = None) -> DoneAnswer:
    """Write a foreign resident's new stay (住民基本台帳法 第30条の50)."""
    return DoneAnswer.of(registry.people.change_stay(by.clerk, holder, form.read(), act=key))


@router.post("/people/{holder}/head")
def change_head(registry: TheRegistry, by: By, holder: Id, key: Key = None) -> DoneAnswer:
    """Write that this person is the head of the household now (世帯主変更)."""
    return DoneAnswer.of(registry.people.change_head(by.clerk, holder, act=key))


@router.post("/people/{holder}/death")
def register_death(registry: TheRegistry, by: By, holder: Id, form: EndForm, key: Key = None) -> DoneAnswer:
    """Write a death (死亡)."""
    done = registry.people.register_death(by.clerk, holder, form.on, new_head=form.new_head, act=key)
    return DoneAnswer.of(done)


@router.post("/people/{holder}/deletion")
def delete_record(registry: TheRegistry, by: By, holder: Id, form: EndForm, key: Key = None) -> DoneAnswer:
    """Delete a record ex officio (職権消除)."""
    done = registry.people.delete_record(by.clerk, holder, form.on, new_head=form.new_head, act=key)
    return DoneAnswer.of(done)


@router.post("/people/{holder}/annex-deletion")
def delete_annex(registry: TheRegistry, by: By, holder: Id, form: DayForm, key: Key = None) -> DoneAnswer:
    """Delete the annex of somebody abroad (戸籍の附票の消除)."""
    return DoneAnswer.of(registry.people.delete_annex(by.clerk, holder, form.on, act=key))


@router.post("/people/{holder}/recording-error")
def report_recording_error(registry: TheRegistry, by: By, holder: Id, key: Key = None) -> DoneAnswer:
    """Tell the authorities that a certificate says what the record never said (記録誤り)."""
    return DoneAnswer.of(registry.people.report_recording_error(by.clerk, holder, act=key))


@router.post("/people/{holder}/number-change")
def ask_number_change(registry: TheRegistry, by: By, holder: Id, key: Key = None) -> DoneAnswer:
    """Ask for another individual number (番号法 第7条第2項). The answer shows no number."""
    return DoneAnswer.of(registry.people.ask_number_change(by.clerk, holder, act=key))


@router.post("/people/{holder}/code-change")
def change_code(registry: TheRegistry, by: By, holder: Id, key: Key = None) -> DoneAnswer:
    """Write another resident record code (住民基本台帳法 第30条の4)."""
    return DoneAnswer.of(registry.people.change_code(by.clerk, holder, act=key))


@router.put("/people/{holder}/protection")
def protect(registry: TheRegistry, by: By, holder: Id, form: ProtectionForm, key: Key = None) -> DoneAnswer:
    """Protect the person's household, or prolong it (支援措置)."""
    named = [desk.read() for desk in form.named]
    return DoneAnswer.of(registry.people.protect(by.clerk, holder, form.until, named, act=key))


@router.delete("/people/{holder}/protection")
def end_protection(registry: TheRegistry, by: By, holder: Id, key: Key = None) -> DoneAnswer:
    """End the protection of the person's household before its time."""
    return DoneAnswer.of(registry.people.end_protection(by.clerk, holder, act=key))
