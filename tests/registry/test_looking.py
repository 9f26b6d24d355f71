"""Who may see what, that every look is written down first, and that a protected address stays hidden."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.registry.people import (
    ELSEWHERE,
    HOME,
    HOTLINE,
    JLIS,
    KIYOSE,
    SHIBUYA,
    TODAY,
    Chance,
    act,
    after,
    desk,
    family,
    foreigner,
    newcomer,
    records_of,
)
from warifu.errors import Malformed, NotAllowed, NotFound, RecordProtected
from warifu.messages import Attribute, AttributesRequest, CurrentAttributes
from warifu.person import Address, BirthDate
from warifu.registry import (
    SEES,
    ActKind,
    Arrival,
    Change,
    Clerk,
    Desk,
    Household,
    Office,
    Relationship,
    ResidentRecord,
    Section,
    Sight,
    delete_departed,
    end_protection,
    look,
    move_in,
    move_out,
    move_within,
    protect,
    register_birth,
    register_death,
    search,
    tell_attributes,
)

UNTIL = TODAY + timedelta(days=365)
TAX, WELFARE, SCHOOL = (desk(section=each) for each in (Section.TAX, Section.WELFARE, Section.EDUCATION))
DESKS = [Desk(office, KIYOSE if section else None, section) for office, section in SEES]


@pytest.mark.parametrize("at", DESKS, ids=lambda each: f"{each.office.value}-{each.section and each.section.value}")
@pytest.mark.parametrize("sight", Sight)
def test_a_desk_sees_what_the_table_says(at: Desk, sight: Sight) -> None:
    """住民基本台帳法 第30条の6, 第30条の37; 番号法 第9条."""
    decided = look(act(1, at), family().head, {sight}, "2026-1")
    if sight in SEES[at.office, at.section]:
        assert decided.open().holder == family().head.holder
        assert decided.entries[0].what is ActKind.LOOK
    else:
        assert decided.entries[0].what is ActKind.REFUSED_LOOK
        with pytest.raises(NotAllowed):
            decided.open()


def test_only_the_register_itself_sees_codes_beside_who_keeps_identity_data() -> None:
    """住民基本台帳法 第30条の37, 第30条の38: nobody else asks for a resident record code."""
    assert {key for key, sights in SEES.items() if Sight.RECORD_CODE in sights} == {
        (Office.MUNICIPALITY, Section.RESIDENTS),
        (Office.JLIS, None),
    }


def test_the_hotline_and_the_school_see_no_individual_number() -> None:
    """番号法 第9条: only affairs in the law use it."""
    for key in (
        (Office.HOTLINE, None),
        (Office.MUNICIPALITY, Section.EDUCATION),
        (Office.MUNICIPALITY, Section.ELECTIONS),
    ):
        assert Sight.INDIVIDUAL_NUMBER not in SEES[key]


def test_a_look_shows_what_was_asked_for_and_nothing_else() -> None:
    seen = look(act(1, TAX), family().head, {Sight.NAME, Sight.INDIVIDUAL_NUMBER}, "2026-1").open()
    assert seen.name == family().head.name
    assert seen.number == family().head.number
    others = (seen.birth_date, seen.sex, seen.whereabouts, seen.relationship, seen.belonging, seen.code)
    assert others == (None,) * 6


def test_who_asks_for_too_much_sees_nothing() -> None:
    decided = look(act(1, TAX), family().head, {Sight.NAME, Sight.RECORD_CODE}, "2026-1")
    assert decided.found() == ()
    with pytest.raises(NotAllowed):
        decided.open()


def test_an_entry_tells_who_looked_at_whom_for_what_and_nothing_of_it() -> None:
    head = family().head
    (entry,) = look(act(1, TAX), head, {Sight.NAME}, "2026-1").entries
    assert (entry.clerk.desk, list(entry.holders), entry.purpose) == (TAX, [head.holder], "2026-1")
    assert entry.seen == {Sight.NAME}
    for secret in (head.name.name.text, head.code.reveal(), head.address.text):
        assert secret not in entry.encode().decode()


def test_another_municipality_sees_nobody_here() -> None:
    with pytest.raises(NotAllowed):
        look(act(1, desk(SHIBUYA)), family().head, {Sight.NAME}, "2026-1").open()


def test_the_municipality_moved_to_sees_whom_it_expects_until_they_are_there() -> None:
    """住民基本台帳法 第24条の2第4項: what the notice says goes to where it says."""
    household = family()
    leaving = after(household, move_out(act(60), household, household.holders, TODAY, SHIBUYA))
    assert look(act(1, desk(SHIBUYA)), leaving.head, {Sight.NAME}, "2026-1").open().name is not None
    there = records_of(move_in(act(62, desk(SHIBUYA)), arriving(leaving), ELSEWHERE, TODAY, left=leaving))
    old = next(each for each in there if not each.is_live)
    for at, record in ((desk(SHIBUYA), old), (desk(SHIBUYA, Section.TAX), leaving.head), (desk("47201"), leaving.head)):
        with pytest.raises(NotAllowed):
            look(act(1, at), record, {Sight.NAME}, "2026-1").open()


@pytest.mark.parametrize("purpose", ["", "x" * 101, "line\nfeed"])
def test_a_look_has_a_purpose(purpose: str) -> None:
    with pytest.raises(Malformed):
        look(act(1), family().head, {Sight.NAME}, purpose)


def test_a_look_is_for_something() -> None:
    with pytest.raises(Malformed):
        look(act(1), family().head, set(), "2026-1")


def protected(named: frozenset[Desk] = frozenset()) -> Household:
    household = family()
    return after(household, protect(act(50), household, [], UNTIL, named))


def hidden_from(record: ResidentRecord, at: Desk) -> None:
    with pytest.raises(NotAllowed):
        look(act(1, at), record, {Sight.ADDRESS}, "2026-1").open()
    assert search(act(1, at), [record], {Sight.NAME, Sight.ADDRESS}, "2026-1").found() == ()


@pytest.mark.parametrize("at", [TAX, WELFARE, JLIS, HOTLINE], ids=["tax", "welfare", "jlis", "hotline"])
def test_a_protected_address_is_hidden_from_desks_that_are_not_named(at: Desk) -> None:
    """住民基本台帳事務処理要領 第5-10: also through those who live there."""
    for member in protected().members:
        hidden_from(member, at)
        assert look(act(1, at), family().head, {Sight.ADDRESS}, "2026-1").open().whereabouts is not None


def test_named_desks_and_the_desk_that_keeps_the_record_see_it() -> None:
    head = protected(frozenset({WELFARE})).head
    for at in (WELFARE, desk()):
        seen = look(act(1, at), head, {Sight.ADDRESS}, "2026-1").open()
        assert seen.whereabouts is not None
        assert seen.whereabouts.address == HOME
    hidden_from(head, TAX)


@pytest.mark.parametrize("at", [TAX, JLIS], ids=["tax", "jlis"])
def test_another_desk_opens_a_protected_record_for_a_stated_reason_only(at: Desk) -> None:
    """住民基本台帳事務処理要領 第5-10: the desk is warned, and what it states stands in the log."""
    head = protected().head
    warned = look(act(1, at), head, {Sight.NAME}, "2026-1")
    assert [each.what for each in warned.entries] == [ActKind.REFUSED_LOOK]
    with pytest.raises(RecordProtected):
        warned.open()
    opened = look(act(2, at), head, {Sight.NAME, Sight.INDIVIDUAL_NUMBER}, "2026-1", "arrears of the household")
    seen = opened.open()
    assert (seen.name, seen.protected_until) == (head.name, UNTIL)
    [entry] = opened.entries
    assert (entry.what, entry.purpose) == (ActKind.PROTECTED_LOOK, "2026-1: arrears of the household")


@pytest.mark.parametrize("at", [HOTLINE, SCHOOL, desk(SHIBUYA)], ids=["hotline", "school", "elsewhere"])
def test_desks_that_have_no_need_open_no_protected_record_and_are_told_nothing(at: Desk) -> None:
    head = protected().head
    for reason in ("", "arrears of the household"):
        decided = look(act(1, at), head, {Sight.NAME}, "2026-1", reason)
        with pytest.raises(NotAllowed) as caught:
            decided.open()
        assert not isinstance(caught.value, RecordProtected)
        assert decided.entries[0].what is ActKind.REFUSED_LOOK


def test_no_reason_opens_a_protected_address_or_what_the_desk_never_sees() -> None:
    head = protected().head
    for sight in (Sight.ADDRESS, Sight.RECORD_CODE):
        decided = look(act(1, TAX), head, {Sight.NAME, sight}, "2026-1", "arrears of the household")
        assert decided.entries[0].what is ActKind.REFUSED_LOOK
        with pytest.raises(NotAllowed):
            decided.open()


def test_the_desk_in_charge_sees_the_warning_and_states_no_reason() -> None:
    assert look(act(1), protected().head, {Sight.NAME}, "2026-1").open().protected_until == UNTIL
    assert look(act(1), family().head, {Sight.NAME}, "2026-1").open().protected_until is None


def test_a_reason_is_as_short_as_a_purpose() -> None:
    with pytest.raises(Malformed):
        look(act(1, TAX), protected().head, {Sight.NAME}, "2026-1", "x" * 101)


def test_a_refused_look_at_a_protected_person_says_no_more_than_any_other() -> None:
    def refusal(record: ResidentRecord, sight: Sight) -> str:
        with pytest.raises(NotAllowed) as caught:
            look(act(1, HOTLINE), record, {sight}, "2026-1").open()
        return str(caught.value)

    assert refusal(protected().head, Sight.ADDRESS) == refusal(family().head, Sight.INDIVIDUAL_NUMBER)


def test_protection_ends_by_its_date_or_on_request() -> None:
    """住民基本台帳事務処理要領 第5-10: for a year, unless prolonged."""
    household = protected()
    assert look(act(1, TAX, days=366), household.head, {Sight.ADDRESS}, "2026-1").open().whereabouts is not None
    with pytest.raises(NotAllowed):
        look(act(1, TAX, days=365), household.head, {Sight.ADDRESS}, "2026-1").open()
    change = end_protection(act(2), household, [])
    assert look(act(1, TAX), after(household, change).head, {Sight.ADDRESS}, "2026-1").open().whereabouts is not None
    assert end_protection(act(2), after(household, change), []).is_nothing
    with pytest.raises(NotAllowed):
        end_protection(act(3), after(household, change), [])


def test_protection_lasts_for_a_year_at_most() -> None:
    household = family()
    for until in (TODAY, TODAY + timedelta(days=400)):
        with pytest.raises(Malformed):
            protect(act(50), household, [], until)
    with pytest.raises(NotAllowed):
        protect(act(50, TAX), household, [], UNTIL)


def test_protecting_again_prolongs_and_repeating_does_nothing() -> None:
    household = protected()
    assert protect(act(50), household, [], UNTIL).is_nothing
    change = protect(act(51, days=300), household, [], UNTIL + timedelta(days=300))
    assert {each.protection.until for each in records_of(change) if each.protection} == {UNTIL + timedelta(days=300)}


def arriving(household: Household) -> list[Arrival]:
    return [Arrival(each, each.relationship) for each in household.members]


def moved(household: Household) -> Change[object]:
    household = after(household, move_out(act(60), household, household.holders, TODAY, SHIBUYA))
    left = records_of(delete_departed(act(61), household))
    arrivals = [Arrival(each, each.relationship) for each in left]
    return move_in(act(62, desk(SHIBUYA)), arrivals, ELSEWHERE, TODAY)


def test_protection_goes_along_with_a_move_without_those_who_were_named() -> None:
    records = records_of(moved(protected(frozenset({WELFARE, desk(SHIBUYA, Section.TAX)}))))
    new = next(each for each in records if each.is_live)
    hidden_from(new, desk(SHIBUYA, Section.TAX))
    hidden_from(new, JLIS)
    assert look(act(1, desk(SHIBUYA)), new, {Sight.ADDRESS}, "2026-1").open().whereabouts is not None


def test_an_older_record_does_not_tell_where_a_protected_person_went() -> None:
    records = records_of(moved(family()))
    there, old = Household.of(records), [each for each in records if not each.is_live]
    change = protect(act(70, desk(SHIBUYA)), there, old, UNTIL)
    for record in records_of(change):
        hidden_from(record, desk(record.municipality, Section.TAX))
    with pytest.raises(Malformed):
        protect(act(71, desk(SHIBUYA)), there, [family(newcomer(9, Relationship.HEAD)).head], UNTIL)


def test_who_joins_a_protected_household_does_not_give_it_away() -> None:
    household = protected()
    baby = newcomer(40, Relationship.CHILD, birth_date=BirthDate(TODAY))
    for record in records_of(register_birth(act(1), household, baby, Chance(5))):
        hidden_from(record, TAX)
    other = family(newcomer(9, Relationship.HEAD), address=Address("東京都清瀬市割符町９"))
    joining = {other.head.holder: Relationship.RELATIVE}
    for record in records_of(move_within(act(2), other, joining, HOME, TODAY, into=household)):
        hidden_from(record, TAX)


def test_a_search_leaves_out_whom_the_desk_may_not_see_and_notes_both() -> None:
    open_, shut = family(foreigner(30), address=ELSEWHERE).head, protected().head
    found = search(act(1, TAX), [shut, open_], {Sight.NAME, Sight.ADDRESS}, "2026-1")
    assert [each.holder for each in found.found()] == [open_.holder]
    assert [(entry.what, entry.holders) for entry in found.entries] == [
        (ActKind.LOOK, (open_.holder,)),
        (ActKind.REFUSED_LOOK, (shut.holder,)),
    ]
    assert len({entry.id for entry in found.entries}) == 2


def test_a_search_for_a_name_does_not_tell_in_which_municipality_a_protected_person_lives() -> None:
    """A search is in one municipality: to be found there tells it."""
    shut = protected(frozenset({WELFARE})).head
    assert search(act(1, TAX), [shut], {Sight.NAME}, "2026-1").found() == ()
    assert len(search(act(1, WELFARE), [shut], {Sight.NAME}, "2026-1").found()) == 1
    assert len(search(act(1), [shut], {Sight.NAME}, "2026-1").found()) == 1


def test_a_search_that_finds_nobody_is_an_entry_too() -> None:
    found = search(act(1, TAX), [], {Sight.NAME}, "2026-1")
    assert [(entry.what, entry.holders) for entry in found.entries] == [(ActKind.LOOK, ())]
    assert found.found() == ()


def test_the_authority_hears_the_items_that_were_agreed_to() -> None:
    """公的個人認証法 第18条第3項; 施行規則 第35条の2."""
    record = family().head
    request = AttributesRequest(record.holder, frozenset({Attribute.ADDRESS}))
    change = tell_attributes(act(1, JLIS), record, request)
    (answer,) = change.messages
    assert isinstance(answer, CurrentAttributes)
    assert (answer.address, answer.name) == (HOME, None)
    assert change.entries[0].seen == {Sight.ADDRESS}


def test_nobody_else_asks_for_current_attributes() -> None:
    household = family()
    request = AttributesRequest(household.head.holder, frozenset({Attribute.ADDRESS}))
    for at, record in ((desk(), household.head), (JLIS, household.members[1])):
        with pytest.raises(NotAllowed):
            tell_attributes(act(1, at), record, request)


def test_of_the_dead_nothing_is_current() -> None:
    household = family()
    (dead, *_) = records_of(register_death(act(1), household.head, household, TODAY))
    with pytest.raises(NotFound):
        tell_attributes(act(2, JLIS), dead, AttributesRequest(dead.holder, frozenset(Attribute)))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Desk(Office.MUNICIPALITY),
        lambda: Desk(Office.MUNICIPALITY, KIYOSE),
        lambda: Desk(Office.MUNICIPALITY, None, Section.TAX),
        lambda: Desk(Office.JLIS, KIYOSE),
        lambda: Desk(Office.HOTLINE, None, Section.TAX),
        lambda: Desk(Office.MUNICIPALITY, "132217", Section.TAX),
        lambda: Clerk("", JLIS),
        lambda: Clerk("x" * 65, JLIS),
        lambda: Clerk("見本", JLIS),
    ],
)
def test_a_desk_is_somewhere_and_a_clerk_somebody(wrong: Callable[[], object]) -> None:
    with pytest.raises(Malformed):
        wrong()
