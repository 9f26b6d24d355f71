"""Which credential opens which file, in every application and for every kind of card: the whole table, written by hand.

Expected values come from soltia48/myna-card `src/ap/*.rs` and jpki/myna `libmyna`, not from warifu's own table.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pytest

from tests.card.people import BIRTH_DATE_KEY, CODE_B, EXPIRY, NUMBER, SeededEntropy, child, issuer, others, person
from tests.card.talk import COMMON, JPKI, RESIDENT, TEXT, VISUAL, Talk
from warifu.card import Card, MemoryStore, Personalisation, Profile, matching_number_b, personalise

A = NUMBER.reveal()


@dataclass(frozen=True)
class Rules:
    """What stands in an application: transparent files, files of records, keys that sign, credentials."""

    aid: str
    files: set[int]
    records: set[int]
    keys: set[int]
    credentials: dict[int, str]
    opened: dict[int | None, set[int]]
    """By credential (None: none at all), what can be read or signed with."""


RULES = {
    "jpki": Rules(
        JPKI,
        {0x01, 0x02, 0x06, 0x08, 0x09, 0x0A, 0x0B},
        set(),
        {0x17, 0x1A},
        {0x18: "1234", 0x1B: "ABC123"},
        {
            None: {0x02, 0x06, 0x08, 0x0A, 0x0B},
            0x18: {0x02, 0x06, 0x08, 0x0A, 0x0B, 0x17},
            0x1B: {0x01, 0x02, 0x06, 0x08, 0x0A, 0x0B, 0x1A},
        },
    ),
    "text": Rules(
        TEXT,
        {1, 2, 3, 4, 5, 6, 7, 8},
        set(),
        {0x13},
        {0x11: "5678", 0x14: A, 0x15: CODE_B},
        {
            None: {4, 5, 0x13},
            0x11: {1, 2, 3, 4, 5, 6, 7, 0x13},
            0x14: {1, 3, 4, 5, 6, 7, 0x13},
            0x15: {2, 3, 4, 5, 6, 7, 0x13},
        },
    ),
    "visual": Rules(
        VISUAL,
        {1, 2, 3, 4, 5, 6},
        set(),
        {0x1A},
        {0x11: BIRTH_DATE_KEY, 0x12: CODE_B, 0x13: A},
        {
            None: {3, 4, 0x1A},
            0x11: {1, 3, 4, 0x1A},
            0x12: {2, 3, 4, 6, 0x1A},
            0x13: {2, 3, 4, 5, 6, 0x1A},
        },
    ),
    "resident": Rules(RESIDENT, set(), {1, 2}, set(), {0x1C: "2468"}, {None: {2}, 0x1C: {1, 2}}),
    "common": Rules(COMMON, set(), {1, 2}, set(), {0x1C: "3579"}, {None: {1, 2}, 0x1C: {1, 2}}),
}


def face_verification() -> Personalisation:
    none: dict[str, Any] = dict.fromkeys(
        (
            "authentication_pin",
            "text_pin",
            "signing_password",
            "signing_key",
            "signing_certificate",
            "signing_ca_certificate",
        )
    )
    without_pins = replace(others(), resident_pin=None, common_pin=None)
    return replace(person(), **none, others=without_pins, profile=Profile.FACE_VERIFICATION)


def foreign() -> Personalisation:
    """A foreign resident, whose face has the Western year."""
    number_b = matching_number_b(person().attributes.birth_date, EXPIRY.year, "2285", western_year=True)
    return replace(person(), matching_number_b=number_b, others=replace(others(), western_year=True))


PEOPLE: dict[str, Callable[[], Personalisation]] = {
    "adult": person,
    "foreign": foreign,
    "later generation": lambda: replace(person(), profile=Profile.ADULT.of_generation_b()),
    "child": child,
    "face verification": face_verification,
}
MISSING = {
    "child": {"jpki": {0x1B}},
    "face verification": {"jpki": {0x18, 0x1B}, "text": {0x11}, "resident": {0x1C}, "common": {0x1C}},
}
"""Credentials that open nothing on a card of that kind: they answer as blocked."""
OTHERWISE = {"foreign": {BIRTH_DATE_KEY: "800217", CODE_B: "80021720352285"}}
"""What is presented in place of what on a card of that kind."""


def secret_of(kind: str, secret: str) -> str:
    return OTHERWISE.get(kind, {}).get(secret, secret)


@cache
def contents(kind: str) -> dict[str, bytes]:
    return dict(personalise(PEOPLE[kind](), issuer()))


def card_of(kind: str) -> Talk:
    return Talk(Card(MemoryStore(contents(kind)), SeededEntropy()))


def opened(talk: Talk, rules: Rules) -> set[int]:
    """What can be read or signed with; everything else answers 6982, and a key that is not there 6985."""
    words = {fid: talk.read(fid) for fid in rules.files}
    words |= {fid: talk.word(f"00B201{fid << 3 | 4:02X}00") for fid in rules.records}
    words |= {fid: talk.sign(fid) for fid in rules.keys}
    assert set(words.values()) <= {"9000", "6982", "6985"}
    return {fid for fid, word in words.items() if word != "6982"}


CASES = [
    pytest.param(kind, application, credential, id=f"{kind}-{application}-{credential and hex(credential)}")
    for kind in PEOPLE
    for application, rules in RULES.items()
    for credential in (None, *rules.credentials)
]


@pytest.mark.parametrize(("kind", "application", "credential"), CASES)
def test_what_each_credential_opens(kind: str, application: str, credential: int | None) -> None:
    talk, rules = card_of(kind), RULES[application]
    talk.select(rules.aid)
    missing = MISSING.get(kind, {}).get(application, set())
    if credential in missing:
        assert talk.verify(credential, rules.credentials[credential]) == "6984"
        credential = None
    elif credential is not None:
        assert talk.verify(credential, secret_of(kind, rules.credentials[credential])) == "9000"
    assert opened(talk, rules) == rules.opened[credential]


@pytest.mark.parametrize("application", RULES)
@pytest.mark.parametrize("kind", PEOPLE)
def test_several_credentials_open_what_each_opens(kind: str, application: str) -> None:
    talk, rules = card_of(kind), RULES[application]
    talk.select(rules.aid)
    for credential, secret in rules.credentials.items():
        talk.verify(credential, secret_of(kind, secret))
    presented = rules.credentials.keys() - MISSING.get(kind, {}).get(application, set())
    assert opened(talk, rules) == rules.opened[None].union(*(rules.opened[each] for each in presented))


@pytest.mark.parametrize(("application", "credential"), [("visual", 0x11), ("visual", 0x12), ("text", 0x15)])
def test_the_other_reading_of_the_printed_year_opens_nothing(application: str, credential: int) -> None:
    """The year as on the face: of the era, or Western on a foreign resident's card (modelled)."""
    secret = RULES[application].credentials[credential]
    for kind, wrong in (("adult", secret_of("foreign", secret)), ("foreign", secret)):
        talk = card_of(kind)
        talk.select(RULES[application].aid)
        assert talk.verify(credential, wrong) == "63C9"
        assert opened(talk, RULES[application]) == RULES[application].opened[None]


@pytest.mark.parametrize("kind", PEOPLE)
@pytest.mark.parametrize(("here", "there"), [(a, b) for a in RULES for b in RULES if a != b])
def test_what_is_proved_in_one_application_opens_nothing_in_another(kind: str, here: str, there: str) -> None:
    """Whatever is equal in both: 001C is a PIN in two applications, 0011 in two others."""
    talk = card_of(kind)
    talk.select(RULES[here].aid)
    for credential, secret in RULES[here].credentials.items():
        talk.verify(credential, secret_of(kind, secret))
    talk.select(RULES[there].aid)
    assert opened(talk, RULES[there]) == RULES[there].opened[None]


@pytest.mark.parametrize(
    ("application", "fid", "tries"),
    [
        ("jpki", 0x18, 3),
        ("jpki", 0x1B, 5),
        ("text", 0x11, 3),
        ("text", 0x14, 10),
        ("text", 0x15, 10),
        ("visual", 0x11, 10),
        ("visual", 0x12, 10),
        ("visual", 0x13, 10),
        ("resident", 0x1C, 3),
        ("common", 0x1C, 3),
    ],
)
def test_each_credential_blocks_after_its_own_number_of_tries(application: str, fid: int, tries: int) -> None:
    talk, rules = card_of("adult"), RULES[application]
    talk.select(rules.aid)
    assert talk.tries(fid) == f"63C{tries:X}"
    assert [talk.verify(fid, "9999") for _ in range(tries)] == [f"63C{left:X}" for left in reversed(range(tries))]
    assert talk.verify(fid, rules.credentials[fid]) == "6984"
    assert talk.tries(fid) == "63C0"
    assert opened(talk, rules) == rules.opened[None]


def test_equal_numbers_in_two_applications_have_tries_of_their_own() -> None:
    talk = card_of("adult")
    talk.select(VISUAL)
    talk.verify(0x13, "000000000000")
    talk.select(TEXT)
    assert talk.tries(0x14) == "63CA"


@pytest.mark.parametrize(("application", "fid"), [("visual", 0x14), ("visual", 0x15), ("common", 0x1E)])
def test_internal_files_of_unknown_use_answer_as_blocked(application: str, fid: int) -> None:
    """They were seen to answer a query for tries; that nothing matches is modelled."""
    talk = card_of("adult")
    talk.select(RULES[application].aid)
    assert talk.tries(fid) == "63C0"
    assert talk.verify(fid, "1234") == "6984"


@pytest.mark.parametrize("fid", [0x11, 0x12, 0x13])
def test_what_is_no_choice_of_the_holders_is_not_changed(visual: Talk, fid: int) -> None:
    visual.verify(fid, RULES["visual"].credentials[fid])
    assert visual.change(fid, "9" * 6) == "6982"


@pytest.mark.parametrize("application", ["resident", "common"])
def test_the_pins_of_record_applications_are_changed_by_change_key(application: str) -> None:
    """soltia48/myna-card `src/card.rs`: 80 32 00 80 after VERIFY; CHANGE REFERENCE DATA is the others'."""
    talk = card_of("adult")
    talk.select(RULES[application].aid)
    talk.verify(0x1C, RULES[application].credentials[0x1C])
    assert talk.change(0x1C, "4321") == "6D00"
    assert talk("8032009C0434333231") == "9000"
    assert talk.verify(0x1C, "4321") == "9000"


@pytest.mark.parametrize("application", ["jpki", "text", "visual"])
def test_change_key_is_unknown_elsewhere(application: str) -> None:
    talk = card_of("adult")
    talk.select(RULES[application].aid)
    talk.verify(0x18, "1234")
    assert talk("803200980434333231") == "6D00"
