"""Names and addresses as registers write them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warifu.errors import Malformed
from warifu.person import Address, BasicAttributes, BirthDate, Name, Sex

from . import people

TEXTS: list[tuple[Any, int]] = [(Name, 100), (Address, 200)]
each_text = pytest.mark.parametrize(("kind", "longest"), TEXTS)


def test_family_and_given_name_stand_on_either_side_of_an_ideographic_space() -> None:
    name = Name("黒桐　幹也")
    assert (name.family, name.given, name.text) == ("黒桐", "幹也", "黒桐　幹也")
    assert Name.of("黒桐", "幹也") == name


def test_a_foreign_name_in_latin_letters_has_one_part() -> None:
    name = Name("SMITH ANNA MARIE")
    assert (name.family, name.given) == ("SMITH ANNA MARIE", None)


def test_a_given_name_may_have_several_parts() -> None:
    name = Name("スミス　アンナ　マリー")
    assert (name.family, name.given) == ("スミス", "アンナ　マリー")
    assert Name.of("スミス", "アンナ　マリー") == name


@pytest.mark.parametrize("text", ["𠮷田　太郎", "髙﨑　花子", "葛\U000e0100城　翼", "渡邉󠄂　舞", "ｱﾘ", "O’Neill-Müller"])
def test_unusual_characters_are_ordinary(text: str) -> None:
    """外字 in and outside the BMP, variation sequences (UTS #37), half-width kana."""
    assert Name(text).text == text


@each_text
def test_a_text_may_be_as_long_as_its_limit_and_no_longer(kind: Any, longest: int) -> None:
    assert len(kind("𠮷" * longest).text) == longest
    with pytest.raises(Malformed):
        kind("𠮷" * (longest + 1))


@each_text
@pytest.mark.parametrize("text", ["", " ", "　", "　山田", "山田　", " 山田", "山田 ", "山田\u00a0"])
def test_an_empty_text_or_a_space_at_either_end_is_malformed(kind: Any, longest: int, text: str) -> None:
    with pytest.raises(Malformed):
        kind(text)


@each_text
@pytest.mark.parametrize("character", ["\n", "\t", "\0", "\x7f", "\u202e", "\u200b", "\u2028", "\ufeff", "\ud842"])
def test_an_invisible_character_is_malformed(kind: Any, longest: int, character: str) -> None:
    """Direction marks let a page show another name than the one that was signed."""
    with pytest.raises(Malformed) as caught:
        kind(f"山{character}田")
    assert "山" not in str(caught.value)


@pytest.mark.parametrize(("family", "given"), [("", "幹也"), ("黒桐", ""), ("黒　桐", "幹也"), ("黒桐 ", "幹也")])
def test_a_name_is_made_of_two_parts_without_the_separator_in_the_first(family: str, given: str) -> None:
    with pytest.raises(Malformed):
        Name.of(family, given)


def test_two_parts_together_may_be_too_long() -> None:
    with pytest.raises(Malformed):
        Name.of("山" * 50, "田" * 50)


def test_nothing_of_a_person_is_shown() -> None:
    person = BasicAttributes(Name("黒桐　幹也"), Address("東京都清瀬市"), BirthDate.decode("19800217"), Sex.MALE)
    shown = "".join(f"{each}{each!r}" for each in (person, person.name, person.address, person.birth_date))
    assert not any(secret in shown for secret in ("黒桐", "清瀬", "1980", "MALE"))


@given(people.words, people.words)
def test_a_name_comes_apart_as_it_was_put_together(family: str, given: str) -> None:
    name = Name.of(family, given)
    assert (name.family, name.given) == (family, given)


@given(st.text())
def test_any_text_is_kept_as_it_is_or_malformed(text: str) -> None:
    for kind in (Name, Address):
        try:
            kept = kind(text).text
        except Malformed:
            continue
        assert kept == text
        assert kept.encode().decode() == text
