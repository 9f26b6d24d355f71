"""Birth, numbers, corrections, names, nationality, death: what may be written, what the authorities hear."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from tests.registry.people import (
    HOME,
    KIYOSE,
    NAHA,
    NOON,
    SHIBUYA,
    TODAY,
    Chance,
    act,
    after,
    code,
    desk,
    family,
    foreigner,
    individual,
    named,
    newcomer,
    records_of,
)
from warifu.errors import AlreadyAnswered, Malformed, NotAllowed, NotFound
from warifu.messages import (
    Attribute,
    Cause,
    CodeBlock,
    CodeChanged,
    MinorCorrection,
    NumberAnswer,
    NumberReason,
    NumberRequest,
    ResidentEvent,
)
from warifu.person import Address, BirthDate, IndividualNumber, Name, Sex
from warifu.registry import (
    MINOR_TOUCHES,
    Act,
    Change,
    Clerk,
    Correction,
    Desk,
    Household,
    Office,
    PooledCode,
    RecordedName,
    Relationship,
    Residence,
    Section,
    Stay,
    accept_number,
    ask_number_change,
    change_code,
    change_head,
    change_name,
    change_stay,
    correct,
    delete_record,
    designate,
    naturalise,
    pooled,
    register_arrival,
    register_birth,
    register_death,
    report_recording_error,
)

HERE = desk(SHIBUYA)
BABY = newcomer(40, Relationship.CHILD, birth_date=BirthDate(TODAY - timedelta(days=3)))


def told(change: Change[Any]) -> list[tuple[Cause, set[Attribute], MinorCorrection | None]]:
    return [(each.cause, set(each.changed), each.minor) for each in change.messages if isinstance(each, ResidentEvent)]


def test_a_newborn_gets_a_holder_a_code_and_a_request_for_a_number() -> None:
    """住民基本台帳法 第30条の3第1項; 番号法 第7条第1項, 第8条第1項."""
    household = family()
    change = register_birth(act(1), household, BABY, Chance(7))
    (baby,) = records_of(change)
    assert (baby.household, baby.address, baby.number) == (household.id, HOME, None)
    assert baby.holder not in household.holders
    assert [each.code for each in change.messages if isinstance(each, NumberRequest)] == [BABY.code.code]
    assert [each.spent_by for each in change.records if isinstance(each, PooledCode)] == [act(1).id]
    assert told(change) == [(Cause.BIRTH, set(), None)]


def test_a_number_counts_from_its_arrival() -> None:
    """番号法施行令 第2条."""
    (baby,) = records_of(register_birth(act(1), family(), BABY, Chance(7)))
    change = accept_number(act(2), baby, NumberAnswer(act(2).id, baby.code, individual(40)))
    (numbered,) = records_of(change)
    assert numbered.number == individual(40)
    assert accept_number(act(3), numbered, NumberAnswer(act(2).id, baby.code, individual(40))).is_nothing
    with pytest.raises(NotAllowed):
        accept_number(act(4), baby, NumberAnswer(act(2).id, code(41).code, individual(41)))


def test_the_whole_way_from_a_block_of_codes_to_a_number() -> None:
    (spare,) = pooled(CodeBlock(act(1).id, (code(77).code,)), KIYOSE)
    change = register_birth(act(1), family(), replace(BABY, code=spare), Chance(7))
    (request,) = (each for each in change.messages if isinstance(each, NumberRequest))
    answer = designate(request, None, frozenset[IndividualNumber](), Chance(1), NOON).answer
    (numbered,) = records_of(accept_number(act(2), records_of(change)[0], answer))
    assert numbered.number == answer.number


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({"relationship": Relationship.HEAD}, desk()),
        ({"birth_date": BirthDate(TODAY + timedelta(days=1))}, desk()),
        ({"code": code(40, SHIBUYA)}, desk()),
        ({}, HERE),
        ({}, desk(section=Section.TAX)),
        ({}, Desk(Office.HOTLINE)),
    ],
)
def test_a_birth_that_is_not_written(change: dict[str, Any], at: Desk) -> None:
    """A newborn head, a birth tomorrow, another municipality's code, another desk."""
    with pytest.raises(NotAllowed):
        register_birth(act(1, at), family(), replace(BABY, **change), Chance(7))


def test_a_code_is_used_once() -> None:
    """住民基本台帳法 第30条の3第3項."""
    spent = BABY.code.spend(act(5), KIYOSE)
    with pytest.raises(AlreadyAnswered):
        register_birth(act(1), family(), replace(BABY, code=spent), Chance(7))
    assert register_birth(act(5), family(), replace(BABY, code=spent), Chance(7)).is_nothing


def test_a_foreign_newborn_may_stay_for_sixty_days_first() -> None:
    """住民基本台帳法 第30条の45 (出生による経過滞在者)."""
    stay = Stay.in_transition(TODAY)
    baby = foreigner(41, Relationship.CHILD, birth_date=BirthDate(TODAY), stay=stay)
    (record,) = records_of(register_birth(act(1), family(foreigner(1)), baby, Chance(7)))
    assert record.stay == stay


def test_a_family_arrives_from_abroad_once() -> None:
    """住民基本台帳法 第30条の46."""
    people = [foreigner(1), foreigner(2, Relationship.SPOUSE)]
    change = register_arrival(act(1), people, HOME, TODAY, Chance())
    assert len({each.household for each in records_of(change)}) == 1
    assert [each[0] for each in told(change)] == [Cause.MOVE_IN] * 2
    spent = [replace(each, code=each.code.spend(act(1), KIYOSE)) for each in people]
    assert register_arrival(act(1), spent, HOME, TODAY, Chance()).is_nothing
    with pytest.raises(AlreadyAnswered):
        register_arrival(act(2), spent, HOME, TODAY, Chance())
    with pytest.raises(NotAllowed):
        register_arrival(act(3), people, HOME, TODAY + timedelta(days=1), Chance())
    with pytest.raises(NotAllowed):
        register_arrival(act(3), [people[1]], HOME, TODAY, Chance())


def test_a_leaked_number_is_replaced_on_request() -> None:
    """番号法 第7条第2項."""
    record = family().head
    change = ask_number_change(act(1), record)
    (request,) = change.messages
    assert isinstance(request, NumberRequest)
    assert (request.code, request.reason) == (record.code, NumberReason.LEAKED)
    assert ask_number_change(act(1), record).messages == change.messages
    (after_it,) = records_of(accept_number(act(2), record, NumberAnswer(request.id, record.code, individual(99))))
    assert after_it.number == individual(99)
    with pytest.raises(NotAllowed):
        ask_number_change(act(3), replace(record, number=None))


def test_a_code_is_changed_without_a_reason() -> None:
    """住民基本台帳法 第30条の4; whoever numbers is told, the authorities are not."""
    record = family().head
    change = change_code(act(1), record, code(50))
    (new,) = records_of(change)
    assert (new.code, new.number) == (code(50).code, record.number)
    (message,) = change.messages
    assert isinstance(message, CodeChanged)
    assert (message.former, message.code) == (record.code, code(50).code)
    assert change_code(act(1), new, code(50).spend(act(1), KIYOSE)).is_nothing
    with pytest.raises(AlreadyAnswered):
        change_code(act(2), new, code(50).spend(act(1), KIYOSE))
    with pytest.raises(NotAllowed):
        change_code(act(2), new, code(51, SHIBUYA))


def test_a_correction_tells_which_attributes_differ() -> None:
    """公的個人認証法 第12条第1項第1号."""
    household = family()
    spouse = household.members[1]
    fixed = Correction(name=named("割符", "見元"), birth_date=BirthDate(date(1990, 2, 2)), sex=Sex.FEMALE)
    change = correct(act(1), household, spouse.holder, fixed)
    assert told(change) == [(Cause.CORRECTION, {Attribute.NAME, Attribute.BIRTH_DATE, Attribute.SEX}, None)]


def test_an_address_is_corrected_for_all_who_live_there() -> None:
    household = family()
    change = correct(act(1), household, household.head.holder, Correction(address=Address("東京都清瀬市見本町１－２")))
    assert told(change) == [(Cause.CORRECTION, {Attribute.ADDRESS}, None)] * 3
    assert after(household, change).address.text.endswith("１－２")


def test_a_corrected_reading_is_no_matter_of_certificates() -> None:
    """The reading is none of the four basic attributes of a certificate."""
    household = family()
    name = replace(household.head.name, reading=Name("ワリフ　ミモト"))
    assert correct(act(1), household, household.head.holder, Correction(name=name)).messages == ()


MINOR = {
    MinorCorrection.PLAIN_CHARACTER: Correction(name=named("割符", "見本１")),
    MinorCorrection.CHARACTER_IDENTIFIED: Correction(address=Address("東京都清瀬市見本町１－２－３\U000e0100")),
    MinorCorrection.DISTRICT_RENAMED: Correction(address=Address("東京都清瀬市新見本町１－２－３")),
    MinorCorrection.LOT_NUMBER_CHANGED: Correction(address=Address("東京都清瀬市見本町１－２－４０")),
    MinorCorrection.RESIDENTIAL_INDICATION: Correction(address=Address("東京都清瀬市見本町一丁目２番３号")),
    MinorCorrection.BUILDING_RENAMED: Correction(address=Address("東京都清瀬市見本町１－２－３割符荘")),
    MinorCorrection.ACCEPTED_BY_MINISTER: Correction(address=Address("東京都清瀬市見本町１－２－５")),
}


@pytest.mark.parametrize("minor", MinorCorrection)
def test_each_of_the_seven_minor_corrections_is_told_as_one(minor: MinorCorrection) -> None:
    """公的個人認証法施行規則 第20条."""
    household = family()
    change = correct(act(1), household, household.head.holder, MINOR[minor], minor)
    assert {each[2] for each in told(change)} == {minor}
    assert all(each[1] <= MINOR_TOUCHES[minor] for each in told(change))


@pytest.mark.parametrize("minor", MinorCorrection)
@pytest.mark.parametrize("wrong", [Correction(birth_date=BirthDate(date(1991, 1, 1))), Correction(sex=Sex.MALE)])
def test_a_birth_date_or_a_sex_is_no_minor_matter(minor: MinorCorrection, wrong: Correction) -> None:
    """公的個人認証法施行規則 第20条 has neither."""
    household = family()
    with pytest.raises(NotAllowed):
        correct(act(1), household, household.head.holder, wrong, minor)


@pytest.mark.parametrize("minor", [each for each in MinorCorrection if Attribute.NAME not in MINOR_TOUCHES[each]])
def test_a_renamed_district_does_not_change_a_name(minor: MinorCorrection) -> None:
    household = family()
    with pytest.raises(NotAllowed):
        correct(act(1), household, household.head.holder, Correction(name=named("割符", "別名")), minor)


def test_another_name_is_not_another_character() -> None:
    """公的個人認証法施行規則 第20条第1号, 第2号."""
    household = family()
    longer = Correction(name=named("割符野", "見本1"))
    for minor in (MinorCorrection.PLAIN_CHARACTER, MinorCorrection.CHARACTER_IDENTIFIED):
        with pytest.raises(NotAllowed):
            correct(act(1), household, household.head.holder, longer, minor)


def test_a_correction_corrects_something() -> None:
    household = family()
    for nothing in (Correction(), Correction(sex=household.head.sex), Correction(address=HOME)):
        with pytest.raises(NotAllowed):
            correct(act(1), household, household.head.holder, nothing)
    with pytest.raises(NotFound):
        correct(act(1), household, "0" * 32, Correction(sex=Sex.MALE))
    with pytest.raises(NotAllowed):
        correct(act(1, HERE), household, household.head.holder, Correction(sex=Sex.MALE))
    tomorrow = Correction(birth_date=BirthDate(TODAY + timedelta(days=1)))
    with pytest.raises(Malformed):
        correct(act(1), household, household.head.holder, tomorrow)


def test_a_former_surname_is_part_of_the_name() -> None:
    """公的個人認証法施行規則 第80条; 住民基本台帳法施行令 第30条の13."""
    record = family().head
    name = replace(record.name, former_surname=Name("佐藤"))
    change = change_name(act(1), record, name)
    assert told(change) == [(Cause.NAME_CHANGE, {Attribute.NAME}, None)]
    (new,) = records_of(change)
    assert new.attributes.name.text == "割符［佐藤］　見本1"
    off = change_name(act(2), new, record.name)
    assert records_of(off)[0].attributes.name == record.attributes.name
    assert change_name(act(1), new, name).is_nothing


def test_an_alias_is_part_of_a_foreign_residents_name() -> None:
    """公的個人認証法施行規則 第81条; 住民基本台帳法施行令 第30条の16."""
    record = family(foreigner(1)).head
    change = change_name(act(1), record, replace(record.name, alias=Name("須美譲")))
    assert records_of(change)[0].attributes.name.text == "SMITH JOHN（須美譲）"


def test_an_alias_is_for_foreigners_and_a_former_surname_for_japanese() -> None:
    """住民基本台帳法施行令 第30条の13, 第30条の16."""
    japanese, foreign = family().head, family(foreigner(1)).head
    with pytest.raises(NotAllowed):
        change_name(act(1), japanese, replace(japanese.name, alias=Name("須美譲")))
    with pytest.raises(NotAllowed):
        change_name(act(1), foreign, RecordedName(Name("金　見本"), former_surname=Name("李")))
    with pytest.raises(NotAllowed):
        change_name(act(1), japanese, replace(japanese.name, former_surname=Name("割符")))
    with pytest.raises(NotAllowed):
        change_name(act(1), japanese, japanese.name)


def test_nobody_has_a_former_surname_and_an_alias() -> None:
    with pytest.raises(Malformed):
        named("割符", "見本", former_surname=Name("佐藤"), alias=Name("須美譲"))
    with pytest.raises(Malformed):
        RecordedName(Name("SMITH JOHN"), former_surname=Name("佐藤"))
    with pytest.raises(Malformed):
        named("割符", "見本", reading=Name("わりふ　みほん"))


def test_naturalisation_gives_a_domicile_and_ends_the_stay() -> None:
    """国籍法 第4条."""
    record = family(foreigner(1)).head
    change = naturalise(act(1), record, named("須美", "譲", reading=Name("スミ　ジョウ")), NAHA)
    (new,) = records_of(change)
    assert (new.is_japanese, new.stay, new.nationality, new.code) == (True, None, None, record.code)
    assert told(change) == [(Cause.NATURALISATION, {Attribute.NAME}, None)]
    assert naturalise(act(1), new, new.name, NAHA).is_nothing
    with pytest.raises(NotAllowed):
        naturalise(act(2), new, named("別", "名"), NAHA)
    with pytest.raises(NotAllowed):
        naturalise(act(3), record, replace(record.name, alias=Name("須美譲")), NAHA)


def test_a_prolonged_stay_is_noted_and_told_to_nobody() -> None:
    """住民基本台帳法 第30条の50."""
    record = family(foreigner(1)).head
    stay = Stay(Residence.PERMANENT)
    change = change_stay(act(1), record, stay)
    assert (records_of(change)[0].stay, change.messages) == (stay, ())
    assert change_stay(act(1), records_of(change)[0], stay).is_nothing
    over = Stay(Residence.PERIOD_OF_STAY, TODAY - timedelta(days=1))
    for person, wrong in ((record, record.stay), (record, over), (family().head, stay)):
        assert wrong is not None
        with pytest.raises(NotAllowed):
            change_stay(act(2), person, wrong)


def test_a_household_goes_on_under_another_head_when_its_head_dies() -> None:
    """住民基本台帳法 第25条; 公的個人認証法 第12条第1項第2号, 第31条第1項第1号."""
    household = family()
    child = household.members[-1]
    change = register_death(act(1), household.head, household, TODAY)
    assert told(change) == [(Cause.DEATH, set(), None)]
    assert after(household, change).head.holder == household.members[1].holder
    by_wish = register_death(act(1), household.head, household, TODAY, new_head=child.holder)
    assert [each.relationship for each in after(household, by_wish).members] == [
        Relationship.HEAD,
        Relationship.PARENT,
    ]


def test_the_last_of_a_household_leaves_none_behind() -> None:
    household = family(newcomer(1, Relationship.HEAD))
    change = register_death(act(1), household.head, household, TODAY)
    assert [each.is_live for each in records_of(change)] == [False]
    with pytest.raises(Malformed):
        after(household, change)


def test_nothing_happens_after_death() -> None:
    household = family()
    record = household.head
    change = register_death(act(1), record, household, TODAY)
    dead, left = records_of(change)[0], after(household, change)
    assert register_death(act(1), dead, left, TODAY).is_nothing
    events: tuple[Callable[[], object], ...] = (
        lambda: register_death(act(2), dead, left, TODAY),
        lambda: delete_record(act(2), dead, left, TODAY),
        lambda: change_name(act(2), dead, named("別", "名")),
        lambda: change_code(act(2), dead, code(60)),
        lambda: ask_number_change(act(2), dead),
        lambda: change_stay(act(2), dead, Stay(Residence.PERMANENT)),
        lambda: naturalise(act(2), dead, named("別", "名"), NAHA),
        lambda: report_recording_error(act(2), dead),
    )
    for event in events:
        with pytest.raises(AlreadyAnswered):
            event()
    with pytest.raises(NotFound):
        correct(act(2), left, dead.holder, Correction(sex=Sex.MALE))


def test_a_death_is_refused_elsewhere_or_ahead_of_time() -> None:
    household = family()
    with pytest.raises(NotAllowed):
        register_death(act(1, HERE), household.head, household, TODAY)
    with pytest.raises(NotAllowed):
        register_death(act(1), household.head, household, TODAY + timedelta(days=1))
    with pytest.raises(NotFound):
        register_death(act(1), household.head, None, TODAY)
    with pytest.raises(NotAllowed):
        register_death(act(1), household.members[1], household, TODAY, new_head=household.members[2].holder)
    with pytest.raises(NotAllowed):
        register_death(act(1), household.head, household, TODAY, new_head=household.head.holder)


def test_who_is_not_found_living_there_is_deleted_ex_officio() -> None:
    """住民基本台帳法 第8条; 施行令 第12条."""
    household = family(foreigner(1))
    change = delete_record(act(1), household.head, household, TODAY)
    assert told(change) == [(Cause.DELETION, set(), None)]


def test_a_recording_error_is_told_and_changes_no_record() -> None:
    """公的個人認証法 第13条, 第32条."""
    change = report_recording_error(act(1), family().head)
    assert (change.records, told(change)) == ((), [(Cause.RECORDING_ERROR, set(), None)])


def test_another_head_makes_the_others_something_else_to_the_head() -> None:
    """住民基本台帳法 第25条."""
    household = family()
    spouse = household.members[1]
    change = change_head(act(1), household, spouse.holder)
    assert [each.relationship for each in after(household, change).members] == [
        Relationship.HEAD,
        Relationship.SPOUSE,
        Relationship.CHILD,
    ]
    assert change.messages == ()
    assert change_head(act(1), after(household, change), spouse.holder).is_nothing
    with pytest.raises(NotAllowed):
        change_head(act(2), household, household.head.holder)
    with pytest.raises(NotFound):
        change_head(act(2), household, "0" * 32)


@pytest.mark.parametrize(
    ("relationship", "sex", "head", "words"),
    [
        (Relationship.HEAD, Sex.FEMALE, Sex.FEMALE, "世帯主"),
        (Relationship.SPOUSE, Sex.FEMALE, Sex.MALE, "妻"),
        (Relationship.SPOUSE, Sex.MALE, Sex.FEMALE, "夫"),
        (Relationship.CHILD, Sex.MALE, Sex.FEMALE, "子"),
        (Relationship.PARENT, Sex.FEMALE, Sex.MALE, "母"),
        (Relationship.SPOUSES_PARENT, Sex.MALE, Sex.MALE, "妻の父"),
        (Relationship.CHILDS_SPOUSE, Sex.FEMALE, Sex.MALE, "子の妻"),
        (Relationship.SPOUSES_CHILD, Sex.MALE, Sex.FEMALE, "夫の子"),
        (Relationship.UNREGISTERED_SPOUSE, Sex.MALE, Sex.FEMALE, "夫（未届）"),
        (Relationship.PARENT, Sex.UNKNOWN, Sex.MALE, "親"),
        (Relationship.SPOUSES_PARENT, Sex.MALE, Sex.UNKNOWN, "配偶者の父"),
        (Relationship.COHABITANT, Sex.MALE, Sex.MALE, "同居人"),
    ],
)
def test_the_words_for_a_relationship(relationship: Relationship, sex: Sex, head: Sex, words: str) -> None:
    """住民基本台帳事務処理要領 第2-1-(2)-エ."""
    assert relationship.words(sex, head) == words


def test_a_household_of_strangers_stays_one() -> None:
    household = family(newcomer(1, Relationship.HEAD), newcomer(2, Relationship.COHABITANT))
    change = change_head(act(1), household, household.members[1].holder)
    assert {each.relationship for each in records_of(change)} == {Relationship.HEAD, Relationship.COHABITANT}


def test_a_record_is_of_a_japanese_or_of_a_foreigner() -> None:
    record = family().head
    for changes in ({"domicile": None}, {"stay": Stay(Residence.PERMANENT), "nationality": "イタリア"}):
        with pytest.raises(Malformed):
            replace(record, **changes)
    with pytest.raises(Malformed):
        replace(record, birth_date=BirthDate(TODAY))


def test_an_act_has_an_id_and_an_aware_moment() -> None:
    clerk = Clerk("r-0017", desk())
    for id_, at in (("1", NOON), ("A" * 32, NOON), ("a" * 32, NOON.replace(tzinfo=None))):
        with pytest.raises(Malformed):
            Act(id_, clerk, at)


def test_the_day_of_an_act_is_the_day_in_japan() -> None:
    assert Act("a" * 32, Clerk("r-0017", desk()), NOON.replace(hour=15)).today == TODAY + timedelta(days=1)


def test_numbers_and_names_stay_out_of_reprs() -> None:
    household = Household.of(family().members)
    for shown in (repr(household), repr(code(1)), repr(BABY), repr(change_code(act(1), household.head, code(50)))):
        for secret in ("割符", "清瀬", household.head.code.reveal(), individual(1).reveal(), code(50).code.reveal()):
            assert secret not in shown
