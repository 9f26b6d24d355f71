"""The people of the town: the seed decides them, nothing else does, and each is what its plan says."""

from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from warifu.cardmap import AttributesFile
from warifu.errors import NotFound
from warifu.person import Sex
from warifu.pki import JST, not_after, substitute
from warifu.town.chance import Chance
from warifu.town.personas import PERSONAS, plan_of
from warifu.town.places import MUNICIPALITIES
from warifu.town.residents import Resident, resident

TODAY = date(2026, 11, 22)


def _all(seed: int = 1, today: date = TODAY) -> dict[str, Resident]:
    return {plan.name: resident(plan, seed, today) for plan in PERSONAS}


def _revealed(person: Resident) -> tuple[str, ...]:
    told = person.attributes
    birth, number = told.birth_date.digits, person.individual_number.reveal()
    return told.name.text, told.address.text, birth, told.sex.value, number


def test_the_same_seed_gives_the_same_people() -> None:
    assert [_revealed(person) for person in _all().values()] == [_revealed(person) for person in _all().values()]


def test_another_seed_gives_other_people() -> None:
    numbers = {_revealed(person)[4] for person in _all(1).values()}
    assert numbers.isdisjoint(_revealed(person)[4] for person in _all(2).values())


def test_a_known_person_stays_who_she_is() -> None:
    """Documentation and other people's tests name them: changing the seed's meaning would break both."""
    assert _revealed(_all()["ordinary"])[:4] == ("田中　蓮", "東京都清瀬市割符町３－５－７", "19770401", "1")


def test_chance_answers_a_question_alike_whatever_was_asked_before() -> None:
    first, second = Chance(1, "x"), Chance(1, "x")
    second.below("another", 10)
    assert first.digits("number", 10) == second.digits("number", 10)


def test_every_individual_number_begins_with_9_and_is_given_once() -> None:
    numbers = [_revealed(person)[4] for person in _all().values()]
    assert {number[0] for number in numbers} == {"9"}
    assert len(set(numbers)) == len(numbers)


def test_municipalities_have_their_published_codes_with_check_digits() -> None:
    """全国地方公共団体コード, six digits."""
    assert {place.code6: place.name for place in MUNICIPALITIES.values()} == {
        "132217": "清瀬市",
        "131130": "渋谷区",
        "011011": "札幌市中央区",
        "261041": "京都市中京区",
        "401331": "福岡市中央区",
        "472018": "那覇市",
    }


def test_everybody_lives_where_the_certificate_will_say() -> None:
    for person in _all().values():
        place = person.municipality
        assert person.attributes.address.text.startswith(place.prefecture + place.name)


def test_names_of_personas_and_cards_are_unique_and_fit_a_file_name() -> None:
    cards = [card.name for plan in PERSONAS for card in plan.cards]
    for names in ([plan.name for plan in PERSONAS], cards):
        assert len(set(names)) == len(names)
        assert all(name.replace("-", "").isalpha() and name.islower() and name.isascii() for name in names)


def test_there_is_no_persona_of_another_name() -> None:
    with pytest.raises(NotFound):
        plan_of("nobody")


# --- what the plans say -----------------------------------------------------------------------------------------------


def test_twins_share_birth_date_and_address_and_not_the_number() -> None:
    first, second = _all()["twin-first"], _all()["twin-second"]
    assert _revealed(first)[1:3] == _revealed(second)[1:3]
    assert first.attributes.name.family == second.attributes.name.family
    assert _revealed(first)[4] != _revealed(second)[4]


def test_who_moved_lives_elsewhere_than_before_in_the_same_municipality() -> None:
    person = _all()["moved"]
    assert person.attributes.address != person.former.address
    assert person.attributes.name == person.former.name


def test_who_was_renamed_kept_the_given_name() -> None:
    person = _all()["renamed"]
    assert person.attributes.name.family != person.former.name.family
    assert person.attributes.name.given == person.former.name.given


def test_rare_characters_are_marked_in_name_and_address() -> None:
    told = _all()["gaiji"].attributes
    assert substitute(told.name.text) == ("吉崎　高志", "11010")
    assert substitute(told.address.text)[1].count("1") == 2


def test_the_foreign_name_has_one_part_and_a_western_year() -> None:
    person = _all()["foreign"]
    assert person.attributes.name.given is None
    assert person.western_year


def test_the_long_address_is_near_the_limit_and_fits_the_card() -> None:
    address = _all()["long-address"].attributes
    assert 180 < len(address.address.text) <= 200
    assert len(AttributesFile(address).encode()) <= 1024


_DAYS = st.dates(date(2025, 1, 1), date(2040, 12, 31))


@settings(max_examples=50, deadline=None)
@given(_DAYS, st.integers(0, 10**6))
def test_ages_and_ends_of_validity_hold_on_any_day_under_any_seed(today: date, seed: int) -> None:
    """The child is under 15, and the certificates end when the plan says: tomorrow, or thirty days ago."""
    people = _all(seed, today)
    child = people["child"].attributes.birth_date.date
    assert (today.year - child.year - ((today.month, today.day) < (child.month, child.day))) == 10
    assert _days_left(people, "expiring", today) == 1
    assert _days_left(people, "expired", today) == -30
    assert all(_days_left(people, plan.name, today) > 60 for plan in PERSONAS if plan.holder.birthday_in_days is None)


def _days_left(people: dict[str, Resident], name: str, today: date) -> int:
    issued_days_ago = next((card.issued_days_ago for card in plan_of(name).cards), 0)
    noon = datetime(today.year, today.month, today.day, 12, tzinfo=JST)
    issued = datetime.fromtimestamp(noon.timestamp() - issued_days_ago * 86400, JST)
    end = not_after(people[name].attributes.birth_date.date, issued)
    return (end.astimezone(JST).date() - today).days


def test_sexes_of_fixed_names_are_fixed() -> None:
    assert {_all(seed)["gaiji"].attributes.sex for seed in range(8)} == {Sex.MALE}
