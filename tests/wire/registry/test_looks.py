"""Looking: recorded before it is shown, whole or not at all; protected people; who may see what; tokens."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.wire.conftest import Place
from tests.wire.registry.world import HOTLINE, JLIS, KIYOSE, SHIBUYA, World, living, person, section, window
from warifu.errors import AlreadyAnswered, Malformed, NotAllowed, NotFound, TokenUnknown
from warifu.person import BirthDate
from warifu.registry import ActKind, Desk, Office, Relationship, Section, Sight
from warifu.wire.database import reading, writing
from warifu.wire.registry import log

BASIC = (Sight.NAME, Sight.ADDRESS)
UNTIL = date(2027, 11, 21)


pytestmark = pytest.mark.parametrize("place", ["sqlite"], indirect=True)


@pytest.fixture
def world(place: Place) -> Iterator[World]:
    with living(place) as made:
        yield made


def kinds(world: World, holder: str) -> list[ActKind]:
    """What stands in the log of a person, the newest first; read as the operator does, which is no look."""
    with reading(world.engine) as connection:
        return [entry.what for _, entry in log.entries_about(connection, holder, 200)]


def test_a_look_is_written_down(world: World) -> None:
    holder = world.resident()
    seen = world.registry.looks.see(section(Section.TAX), holder, BASIC, "case 7")
    assert seen.name is not None
    assert seen.number is None
    entry = world.registry.looks.entries(window(), holder)[0][1]
    assert (entry.what, entry.seen, entry.purpose, entry.clerk) == (
        ActKind.LOOK,
        frozenset(BASIC),
        "case 7",
        section(Section.TAX),
    )


def test_a_refused_look_is_written_down_too(world: World) -> None:
    holder = world.resident()
    with pytest.raises(NotAllowed):
        world.registry.looks.see(section(Section.ELECTIONS), holder, [Sight.INDIVIDUAL_NUMBER], "case 7")
    assert kinds(world, holder)[0] is ActKind.REFUSED_LOOK


def test_a_look_without_a_purpose_is_none(world: World) -> None:
    holder = world.resident()
    before = world.registry.check_log()
    with pytest.raises(Malformed):
        world.registry.looks.see(window(), holder, BASIC, "")
    assert world.registry.check_log() == before


def test_numbers_are_seen_by_who_asks_for_them_and_may(world: World) -> None:
    holder = world.resident()
    seen = world.registry.looks.see(section(Section.WELFARE), holder, [Sight.INDIVIDUAL_NUMBER], "case 7")
    assert seen.number == world.record(holder).number


def test_a_protected_address_is_for_the_window_and_those_named(world: World) -> None:
    """住民基本台帳事務処理要領 第5-10."""
    holder = world.resident()
    welfare, tax = section(Section.WELFARE), section(Section.TAX)
    world.registry.people.protect(window(), holder, UNTIL, [welfare.desk])
    for by in (window(), welfare):
        assert world.registry.looks.see(by, holder, BASIC, "case 7").whereabouts is not None
    for by in (tax, JLIS):
        with pytest.raises(NotAllowed):
            world.registry.looks.see(by, holder, BASIC, "case 7")
    world.registry.people.end_protection(window(), holder)
    assert world.registry.looks.see(tax, holder, BASIC, "case 7").whereabouts is not None


def test_who_is_protected_is_not_found_by_a_search_for_addresses(world: World) -> None:
    hidden, plain = world.resident(), world.resident()
    world.registry.people.protect(window(), hidden, UNTIL)
    found = world.registry.looks.search(section(Section.TAX), BASIC, "case 7", name="割符")
    assert [seen.holder for seen in found.people] == [plain]
    assert kinds(world, hidden)[0] is ActKind.REFUSED_LOOK


def test_pages_of_a_search_do_not_tell_that_somebody_is_left_out(world: World) -> None:
    """Neither the length of a page nor where the next begins; nor a search by a household that was known before."""
    plain, hidden = {world.resident() for _ in range(4)}, {world.resident() for _ in range(4)}
    homes = {world.record(holder).household for holder in hidden}
    for holder in hidden:
        world.registry.people.protect(window(), holder, UNTIL)
    tax, after, sizes, found = section(Section.TAX), "", [], set[str]()
    while True:
        page = world.registry.looks.search(tax, [Sight.NAME], "case 7", name="割符", after=after, limit=2)
        sizes.append(len(page.people))
        found |= {seen.holder for seen in page.people}
        assert after == "" or after in {world.record(holder).id for holder in plain}
        if page.following is None:
            break
        after = page.following
    assert (sizes, found) == ([2, 2], plain)
    for home in homes:
        assert world.registry.looks.search(tax, [Sight.NAME], "case 7", household=home).people == ()


def test_of_a_protected_person_nobody_else_is_shown_cards_lives_or_log(world: World) -> None:
    """They name the municipality."""
    holder, looks = world.resident(), world.registry.looks
    world.card(holder)
    assert len(looks.cards_of(JLIS, holder, "case 7")) == 1
    world.registry.people.protect(window(), holder, UNTIL)
    for look in (looks.cards_of, looks.phones_of, looks.history):
        with pytest.raises(NotAllowed):
            look(JLIS, holder, "case 7")
        assert kinds(world, holder)[0] is ActKind.REFUSED_LOOK
    with pytest.raises(NotAllowed):
        looks.entries(JLIS, holder)
    assert kinds(world, holder)[0] is ActKind.REFUSED_LOOK


def test_reading_the_log_is_a_look(world: World) -> None:
    """Shown is what was there before; the next who reads it sees who read it."""
    holder = world.resident()
    world.registry.looks.entries(window(name="clerk-7"), holder)
    entry = world.registry.looks.entries(window(), holder)[0][1]
    assert (entry.what, entry.clerk.id, entry.purpose) == (ActKind.LOOK, "clerk-7", "access log")


def test_a_search_goes_by_name_reading_and_birth_date_page_by_page(world: World) -> None:
    born = BirthDate(date(2001, 2, 3))
    holders = {world.resident() for _ in range(5)} | {world.resident(text="見本　一郎", born=born)}
    looks, found, after = world.registry.looks, set[str](), ""
    while True:
        page = looks.search(window(), [Sight.NAME], "case 7", after=after, limit=2)
        found |= {seen.holder for seen in page.people}
        if page.following is None:
            break
        after = page.following
    assert found == holders
    for conditions in ({"name": "見本"}, {"birth_date": "20010203"}, {"name": "見本", "birth_date": "20010203"}):
        assert len(looks.search(window(), [Sight.NAME], "case 7", **conditions).people) == 1  # type: ignore[arg-type]
    assert len(looks.search(window(), [Sight.NAME], "case 7", name="ワリフ").people) == 6
    assert looks.search(window(), [Sight.NAME], "case 7", name="%").people == ()


def test_a_household_is_found_together(world: World) -> None:
    done = world.arrive(person(), person(Relationship.CHILD, "割符　芽"))
    world.resident()
    home = world.record(done.holders[0]).household
    page = world.registry.looks.search(window(), [Sight.NAME], "case 7", household=home)
    assert {seen.holder for seen in page.people} == set(done.holders)


def test_a_search_stays_in_the_municipality(world: World) -> None:
    world.resident()
    assert world.registry.looks.search(window(SHIBUYA), [Sight.NAME], "case 7").people == ()
    with pytest.raises(NotAllowed):
        world.registry.looks.search(JLIS, [Sight.NAME], "case 7")


@pytest.mark.parametrize("by", [window(SHIBUYA), section(Section.TAX), HOTLINE])
def test_cards_and_lives_are_for_the_window_that_serves_the_person(world: World, by) -> None:  # type: ignore[no-untyped-def]
    holder = world.resident()
    looks = world.registry.looks
    for look in (looks.cards_of, looks.phones_of, looks.history):
        with pytest.raises(NotAllowed):
            look(by, holder, "case 7")
    with pytest.raises(NotAllowed):
        looks.entries(by, holder)


def test_looking_at_cards_is_a_look(world: World) -> None:
    holder = world.resident()
    world.card(holder)
    assert len(world.registry.looks.cards_of(window(), holder, "case 7")) == 1
    assert kinds(world, holder)[0] is ActKind.LOOK


def test_the_log_is_read_page_by_page(world: World) -> None:
    holder = world.resident()
    for _ in range(3):
        world.registry.looks.see(window(), holder, BASIC, "case 7")
    newest = world.registry.looks.entries(window(), holder, limit=2)
    older = world.registry.looks.entries(window(), holder, limit=9, before=newest[-1][0])
    assert [position for position, _ in newest + older] == [4, 3, 2, 1, 0]


def test_whose_card_is_soon_over_is_told_to_the_window(world: World) -> None:
    holder = world.resident()
    expires = world.card(holder).expires
    assert expires is not None
    assert world.registry.looks.renewals(window()) == ()
    world.clock.moment += expires - world.clock.now().date() - timedelta(days=30)
    assert [notice.holder for notice in world.registry.looks.renewals(window())] == [holder]
    assert kinds(world, holder)[0] is ActKind.LOOK
    for by in (section(Section.TAX), JLIS):
        with pytest.raises(NotAllowed):
            world.registry.looks.renewals(by)


def test_nobody_is_nobody(world: World) -> None:
    with pytest.raises(NotFound):
        world.registry.looks.see(window(), "f" * 32, BASIC, "case 7")


# --- the ladder of numbers --------------------------------------------------------------------------------------------


def test_each_system_knows_a_person_by_a_number_of_its_own(world: World) -> None:
    holder, other = world.resident(), world.resident()
    tax, welfare = section(Section.TAX), section(Section.WELFARE)
    ladders = world.registry.ladders
    numbers = [ladders.number_of(by, each, "case 7") for by in (tax, welfare) for each in (holder, other)]
    assert len({number.digits for number in numbers}) == 4
    world.restart()
    assert world.registry.ladders.number_of(tax, holder, "case 7") == numbers[0]
    before = kinds(world, holder)
    assert world.registry.ladders.holder_of(tax, numbers[0]) == holder
    assert kinds(world, holder) == [ActKind.LOOK, *before]
    with pytest.raises(NotFound):
        world.registry.ladders.holder_of(welfare, numbers[0])


def test_asking_for_a_number_is_a_look(world: World) -> None:
    holder = world.resident()
    world.registry.ladders.number_of(section(Section.TAX), holder, "case 7")
    assert kinds(world, holder)[0] is ActKind.LOOK


@pytest.mark.parametrize("by", [JLIS, HOTLINE, section(Section.TAX, SHIBUYA)])
def test_the_numbers_of_a_municipalitys_systems_stay_in_it(world: World, by) -> None:  # type: ignore[no-untyped-def]
    holder = world.resident()
    with pytest.raises(NotAllowed):
        world.registry.ladders.number_of(by, holder, "case 7")


def test_two_have_never_one_number(world: World) -> None:
    """Even if chance said so: the database refuses it."""
    holder, other = world.resident(), world.resident()
    number = world.registry.ladders.number_of(section(Section.TAX), holder, "case 7")
    values = {"digits": number.digits, "holder": other}
    insert = text("insert into addressee_number values ('13221', 'tax', :digits, :holder, 0)")
    with pytest.raises(IntegrityError), writing(world.engine) as connection:
        connection.execute(insert, values)


# --- tokens -----------------------------------------------------------------------------------------------------------


def test_a_token_acts_at_its_desk(world: World) -> None:
    desk = Desk(Office.MUNICIPALITY, KIYOSE, Section.TAX)
    token = world.registry.tokens.make("clerk-9", desk, numbers=True)
    bearer = world.registry.tokens.bearer(token)
    assert (bearer.clerk.id, bearer.clerk.desk, bearer.numbers) == ("clerk-9", desk, True)


def test_only_the_hash_of_a_token_is_kept(world: World) -> None:
    token = world.registry.tokens.make("clerk-9", Desk(Office.HOTLINE))
    with reading(world.engine) as connection:
        rows = connection.execute(text("select * from token")).all()
    assert token not in str(rows)
    assert len(token) >= 43


@pytest.mark.parametrize("token", ["", "x", "A" * 43])
def test_an_unknown_token_is_nobodys(world: World, token: str) -> None:
    with pytest.raises(TokenUnknown):
        world.registry.tokens.bearer(token)


def test_a_token_ends_and_can_be_withdrawn(world: World) -> None:
    tokens = world.registry.tokens
    short = tokens.make("clerk-8", Desk(Office.HOTLINE), until=world.clock.now() + timedelta(hours=8))
    long = tokens.make("clerk-9", Desk(Office.HOTLINE))
    world.clock.forward(hours=8)
    with pytest.raises(TokenUnknown):
        tokens.bearer(short)
    tokens.withdraw("clerk-9")
    with pytest.raises(TokenUnknown):
        tokens.bearer(long)
    with pytest.raises(NotFound):
        tokens.withdraw("clerk-9")
    assert [(note.name, note.withdrawn_at is None) for note in tokens.all()] == [("clerk-8", True), ("clerk-9", False)]


def test_a_clerks_name_is_one_clerks_for_ever(world: World) -> None:
    world.registry.tokens.make("clerk-9", Desk(Office.HOTLINE))
    world.registry.tokens.withdraw("clerk-9")
    with pytest.raises(AlreadyAnswered):
        world.registry.tokens.make("clerk-9", Desk(Office.JLIS))


@pytest.mark.parametrize("column", ["birth_date", "household"])
def test_a_search_reads_whom_it_finds_and_not_everybody(world: World, column: str) -> None:
    """The page's order comes out of the same index, so nothing is sorted."""
    query = (
        f"select body from resident where current and live and municipality = '13221' and id > '' and {column} = 'x'"
    )
    with reading(world.engine) as connection:
        plan = connection.execute(text(f"explain query plan {query} order by id limit 51")).all()
    assert [f"INDEX resident_of_{column} (" in row.detail for row in plan] == [True]
