"""The party that numbers over its own database: nothing twice, nothing forgotten, nobody known."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from tests.wire.conftest import Place
from tests.wire.post.world import Moment
from warifu.errors import LetterRefused, Malformed, NotFound
from warifu.messages import CodeBlock, CodeBlockRequest, CodeChanged, NumberAnswer, NumberReason, NumberRequest
from warifu.person import IndividualNumber, ResidentRecordCode
from warifu.wire.clock import SystemEntropy
from warifu.wire.database import open_database, reading, writing
from warifu.wire.numbering import PARTY, Numbering
from warifu.wire.post import Letter

KIYOSE = "13221"


@pytest.fixture
def engine(place: Place) -> Iterator[Engine]:
    opened = open_database(place.of(PARTY), PARTY)
    yield opened
    opened.dispose()


def ask(
    engine: Engine, message: CodeBlockRequest | NumberRequest | CodeChanged, letter: int | None = None, **changes: str
) -> bytes:
    """Send a message; another `letter` carries the same message a second time."""
    subject = message.TYPE.replace("_", "-")
    name = message.id if letter is None else f"{letter:032x}"
    lines = {"id": name, "sender": "registry", "to": PARTY, "subject": subject, **changes}
    return Numbering(engine, Moment(), SystemEntropy()).mailbox().take(Letter(**lines, body=message.encode()))


def block(engine: Engine, count: int = 3, request: int = 1) -> tuple[ResidentRecordCode, ...]:
    return CodeBlock.decode(ask(engine, CodeBlockRequest(f"{request:032x}", KIYOSE, count))).codes


def number(engine: Engine, code: ResidentRecordCode, request: int, *, leaked: bool = False) -> IndividualNumber:
    reason = NumberReason.LEAKED if leaked else NumberReason.FIRST
    return NumberAnswer.decode(ask(engine, NumberRequest(f"{request:032x}", code, reason))).number


def test_blocks_never_overlap(engine: Engine) -> None:
    """住民基本台帳法 第30条の2第3項."""
    codes = block(engine, 100, 1) + block(engine, 100, 2)
    assert len(set(codes)) == 200


def test_a_request_for_a_block_that_comes_twice_gets_the_same_block(engine: Engine) -> None:
    request = CodeBlockRequest("1" * 32, KIYOSE, 5)
    answers = [ask(engine, request), ask(engine, request), ask(engine, request, letter=99)]
    assert len(set(answers)) == 1


def test_a_code_has_one_number_whatever_is_asked_again(engine: Engine) -> None:
    code = block(engine)[0]
    assert number(engine, code, 10) == number(engine, code, 11)


def test_a_leaked_number_is_changed_and_never_given_again(engine: Engine) -> None:
    """番号法 第7条第2項, 第8条第2項."""
    code = block(engine)[0]
    first = number(engine, code, 10)
    second = number(engine, code, 11, leaked=True)
    assert first != second
    assert number(engine, code, 12) == second
    with reading(engine) as connection:
        kept = list(connection.execute(text("select number, former_since from designation where current")))
    assert {row.number for row in kept} == {first.reveal(), second.reveal()}
    assert [row.former_since is None for row in kept if row.number == second.reveal()] == [True]


def test_every_version_of_a_designation_stays(engine: Engine) -> None:
    code, other, _ = block(engine)
    first = number(engine, code, 10)
    ask(engine, CodeChanged("a" * 32, code, other))
    with reading(engine) as connection:
        rows = connection.execute(text("select version, code, current from designation order by version")).all()
    assert [tuple(row) for row in rows] == [(1, code.reveal(), False), (2, other.reveal(), True)]
    assert number(engine, other, 12) == first


def test_a_change_of_code_that_comes_twice_changes_once(engine: Engine) -> None:
    code, other, _ = block(engine)
    number(engine, code, 10)
    change = CodeChanged("a" * 32, code, other)
    assert [ask(engine, change), ask(engine, change), ask(engine, change, letter=5)] == [b"", b"", b""]


def test_a_number_for_a_code_that_nobody_got_is_refused(engine: Engine) -> None:
    with pytest.raises(NotFound, match="never given out"):
        number(engine, ResidentRecordCode.of_body("9000000001"), 10)


def test_a_change_to_a_code_that_nobody_got_is_refused(engine: Engine) -> None:
    code = block(engine)[0]
    number(engine, code, 10)
    with pytest.raises(NotFound, match="never given out"):
        ask(engine, CodeChanged("a" * 32, code, ResidentRecordCode.of_body("9000000001")))


def test_a_leaked_number_that_never_was_is_not_found(engine: Engine) -> None:
    with pytest.raises(NotFound):
        number(engine, block(engine)[0], 10, leaked=True)


def test_two_codes_cannot_have_one_number_nor_one_code_two(engine: Engine) -> None:
    """Even if a program were wrong, the database refuses it."""
    code, other, _ = block(engine)
    mine = number(engine, code, 10)
    insert = text("insert into designation values (:number, :version, true, :code, 'x', 0, null, 0)")
    for values in ({"number": mine.reveal(), "version": 2, "code": other.reveal()},
                   {"number": "000000000060", "version": 1, "code": code.reveal()}):  # fmt: skip
        with pytest.raises(IntegrityError), writing(engine) as connection:
            connection.execute(insert, values)


def test_only_a_register_is_answered(engine: Engine) -> None:
    with pytest.raises(LetterRefused):
        ask(engine, CodeBlockRequest("1" * 32, KIYOSE, 5), sender="kiosk")


def test_what_is_no_request_is_malformed(engine: Engine) -> None:
    letter = Letter(id="1" * 32, sender="registry", to=PARTY, subject="number-request", body=b"{}")
    with pytest.raises(Malformed):
        Numbering(engine, Moment(), SystemEntropy()).mailbox().take(letter)


def test_it_starts_where_it_stopped(place: Place) -> None:
    with closing(Numbering(open_database(place.of(PARTY), PARTY), Moment(), SystemEntropy())):
        pass
    engine = open_database(place.of(PARTY), PARTY)
    code = block(engine)[0]
    mine = number(engine, code, 10)
    engine.dispose()
    again = open_database(place.of(PARTY), PARTY)
    assert number(again, code, 11) == mine
    again.dispose()


def test_its_tables_have_no_room_for_a_person(engine: Engine) -> None:
    with reading(engine) as connection:
        names = set()
        for table in ("code", "designation"):
            names |= set(connection.execute(text(f"select * from {table}")).keys())
    assert names == {
        *("code", "municipality", "request_id", "place", "at"),
        *("number", "version", "current", "since", "former_since", "written_at"),
    }
