"""Giving out codes and numbers: by chance, none twice, and without knowing anything about anybody."""

import ast
import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.jp import in_

import warifu.registry.numbering
from warifu.errors import NotAllowed, NotFound, Unavailable
from warifu.messages import CodeBlockRequest, CodeChanged, NumberReason, NumberRequest
from warifu.person import IndividualNumber, ResidentRecordCode
from warifu.registry import Designation, allot, designate, follow_code

NOW = datetime(2026, 11, 22, 8, 50, tzinfo=UTC)
IDS = [f"{number:032x}" for number in range(10)]
CODE, OTHER, THIRD = (ResidentRecordCode.parse(code) for code in ("24727059608", "24846016224", "25208017643"))


class Chance:
    """Chance from a seed."""

    def __init__(self, seed: int = 0) -> None:
        self.seed, self.drawn = seed, 0

    def bytes(self, n: int) -> bytes:
        self.drawn += 1
        return hashlib.shake_256(f"{self.seed} {self.drawn}".encode()).digest(n)


class Repeating:
    """Chance that always says the same."""

    def __init__(self, *said: bytes) -> None:
        self.said = list(said)

    def bytes(self, n: int) -> bytes:
        return self.said.pop(0) if len(self.said) > 1 else self.said[0]


def first(
    code: ResidentRecordCode = CODE, taken: frozenset[IndividualNumber] = frozenset(), seed: int = 0
) -> Designation:
    change = designate(NumberRequest(IDS[0], code, NumberReason.FIRST), None, taken, Chance(seed), NOW)
    (designation,) = change.designations
    assert change.answer.number == designation.number
    return designation


def test_a_number_is_valid_for_a_library_that_is_not_ours() -> None:
    """番号法施行令 第8条; 平成26年総務省令第85号 第5条."""
    assert in_.is_valid(first().number.reveal())


def test_a_number_is_not_derived_from_the_code() -> None:
    """番号法 第8条第2項第3号: the same code gives another number under other chance."""
    assert first(seed=1).number != first(seed=2).number


def test_the_same_request_again_gets_the_same_number() -> None:
    current = first()
    again = designate(NumberRequest(IDS[0], CODE, NumberReason.FIRST), current, {current.number}, Chance(9), NOW)
    assert again.designations == ()
    assert again.answer.number == current.number


def test_a_code_that_has_a_number_gets_no_second_first_one() -> None:
    """番号法 第7条第1項: one number a person, whatever the id of the request."""
    current = first()
    again = designate(NumberRequest(IDS[1], CODE, NumberReason.FIRST), current, {current.number}, Chance(9), NOW)
    assert (again.designations, again.answer.number, again.answer.request_id) == ((), current.number, IDS[1])


def test_a_leaked_number_is_replaced_and_stays_taken_for_ever() -> None:
    """番号法 第7条第2項; 第8条第2項第1号: unlike every individual number, former ones included."""
    current, later = first(), NOW + timedelta(days=1)
    change = designate(NumberRequest(IDS[1], CODE, NumberReason.LEAKED), current, {current.number}, Chance(5), later)
    retired, new = change.designations
    assert (retired.number, retired.former_since) == (current.number, later)
    assert (new.code, new.former_since) == (CODE, None)
    assert new.number != current.number == retired.number


def test_a_leak_told_twice_changes_the_number_once() -> None:
    current = first()
    request = NumberRequest(IDS[1], CODE, NumberReason.LEAKED)
    _, new = designate(request, current, {current.number}, Chance(5), NOW).designations
    again = designate(request, new, {current.number, new.number}, Chance(6), NOW)
    assert (again.designations, again.answer.number) == ((), new.number)


def test_a_code_without_a_number_has_none_to_change() -> None:
    with pytest.raises(NotFound):
        designate(NumberRequest(IDS[1], CODE, NumberReason.LEAKED), None, frozenset(), Chance(), NOW)


def test_a_number_that_is_taken_is_drawn_again() -> None:
    """番号法 第8条第2項第1号."""
    one, two = (1).to_bytes(8, "big"), (2).to_bytes(8, "big")
    taken = IndividualNumber.of_body("90000000001")
    request = NumberRequest(IDS[0], CODE, NumberReason.FIRST)
    (designation,) = designate(request, None, {taken}, Repeating(one, two), NOW).designations
    assert designation.number == IndividualNumber.of_body("90000000002")


def test_when_no_number_is_left_nothing_is_promised() -> None:
    taken = IndividualNumber.of_body("90000000001")
    request = NumberRequest(IDS[0], CODE, NumberReason.FIRST)
    with pytest.raises(Unavailable):
        designate(request, None, {taken}, Repeating((1).to_bytes(8, "big")), NOW)


def test_no_body_is_likelier_than_another() -> None:
    """Eight bytes of ones lie in the incomplete round and are drawn again."""
    request = NumberRequest(IDS[0], CODE, NumberReason.FIRST)
    chance = Repeating(b"\xff" * 8, (7).to_bytes(8, "big"))
    (designation,) = designate(request, None, frozenset(), chance, NOW).designations
    assert designation.number == IndividualNumber.of_body("90000000007")


def test_a_number_follows_its_bearers_new_code() -> None:
    """住民基本台帳法 第30条の4: the code changes, the number does not."""
    current = first()
    (row,) = follow_code(CodeChanged(IDS[2], CODE, OTHER), current)
    assert (row.number, row.code) == (current.number, OTHER)
    assert follow_code(CodeChanged(IDS[2], CODE, OTHER), row) == ()


def test_a_code_that_changed_has_a_number() -> None:
    with pytest.raises(NotFound):
        follow_code(CodeChanged(IDS[2], CODE, OTHER), None)


def test_a_code_change_does_not_touch_somebody_elses_number() -> None:
    with pytest.raises(NotAllowed):
        follow_code(CodeChanged(IDS[2], CODE, OTHER), first(THIRD))


def test_a_block_has_codes_that_nobody_has() -> None:
    """住民基本台帳法 第30条の2."""
    request = CodeBlockRequest(IDS[0], "13221", 300)
    rows, block = allot(request, frozenset(), Chance(), NOW)
    assert tuple(row.code for row in rows) == block.codes
    assert len(set(block.codes)) == 300
    assert {row.municipality for row in rows} == {"13221"}
    _, again = allot(request, frozenset(block.codes), Chance(1), NOW)
    assert not set(again.codes) & set(block.codes)


def test_when_no_code_is_left_no_block_is_given() -> None:
    with pytest.raises(Unavailable):
        allot(CodeBlockRequest(IDS[0], "13221", 2), frozenset(), Repeating((1).to_bytes(8, "big")), NOW)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=60), st.integers(0, 1000))
def test_whatever_is_asked_no_number_is_ever_given_twice(asked: list[tuple[int, bool]], seed: int) -> None:
    """番号法 第8条第2項第1号, over any history: all numbers differ, and each code has one that is not former."""
    chance, rows = Chance(seed), dict[IndividualNumber, Designation]()
    codes = [ResidentRecordCode.of_body(f"900000000{digit}") for digit in range(6)]
    for step, (person, leaked) in enumerate(asked):
        current = next((row for row in rows.values() if row.code == codes[person] and row.former_since is None), None)
        reason = NumberReason.LEAKED if leaked and current else NumberReason.FIRST
        request = NumberRequest(f"{step:032x}", codes[person], reason)
        for row in designate(request, current, rows, chance, NOW).designations:
            assert row.number not in rows or rows[row.number].code == row.code
            rows[row.number] = row
    for code in {codes[person] for person, _ in asked}:
        assert sum(row.code == code and row.former_since is None for row in rows.values()) == 1


ALLOWED = ("warifu.errors", "warifu.messages", "warifu.ports", "warifu.registry.numbering")


def test_who_numbers_imports_no_attribute_of_anybody() -> None:
    """番号法 第8条: asked with a code, it answers with a number, and knows no room that knows more."""
    for path in Path(warifu.registry.numbering.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            assert not (isinstance(node, ast.Import) and any(each.name.startswith("warifu") for each in node.names))
            if isinstance(node, ast.ImportFrom) and node.module == "warifu.person":
                assert {alias.name for alias in node.names} <= {"IndividualNumber", "ResidentRecordCode"}
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("warifu"):
                assert (node.module or "").startswith(ALLOWED)


def test_requests_to_who_numbers_have_room_for_a_code_only() -> None:
    assert [set(kind.__slots__) for kind in (NumberRequest, CodeChanged, CodeBlockRequest)] == [
        {"id", "code", "reason"},
        {"id", "former", "code"},
        {"id", "municipality", "count"},
    ]
