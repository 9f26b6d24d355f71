"""The JPKI application in a phone: the same file numbers, another name, the certificate behind its PIN."""

from dataclasses import replace

import pytest

from tests.card.people import SeededEntropy, issuer, person
from tests.card.talk import AUTHENTICATION_PIN, COMMON, RESIDENT, SIGNING_PASSWORD, TEXT, VISUAL, Talk
from warifu.card import Card, MemoryStore, Profile, personalise

PHONES = {"android": Profile.ANDROID, "iphone": Profile.IPHONE}


def token(kind: str) -> Talk:
    talk = Talk(Card(MemoryStore(personalise(replace(person(), profile=PHONES[kind]), issuer())), SeededEntropy()))
    talk.select_jpki()
    return talk


@pytest.mark.parametrize(("kind", "label"), [("android", "JPKIAPGPSETOKEN"), ("iphone", "JPKIAPIOSTOKEN")])
def test_a_phone_tells_what_it_is(kind: str, label: str) -> None:
    """jpki/myna `libmyna`; soltia48/myna-card `src/ap/jpki.rs`."""
    assert token(kind).data("00B0860020") == label.ljust(32).encode()


@pytest.mark.parametrize("kind", PHONES)
@pytest.mark.parametrize(
    ("credential", "secret", "opened"),
    [
        (None, "", {0x02, 0x06, 0x08, 0x0B}),
        (AUTHENTICATION_PIN, "1234", {0x02, 0x06, 0x08, 0x0A, 0x0B, 0x17}),
        (SIGNING_PASSWORD, "ABC123", {0x01, 0x02, 0x06, 0x08, 0x0B, 0x1A}),
    ],
    ids=["nothing", "PIN", "password"],
)
def test_what_each_credential_opens_on_a_phone(
    kind: str, credential: int | None, secret: str, opened: set[int]
) -> None:
    """jpki/myna issue 6: 000A needs VERIFY 0018 first."""
    talk = token(kind)
    if credential is not None:
        assert talk.verify(credential, secret) == "9000"
    words = {fid: talk.read(fid) for fid in (0x01, 0x02, 0x06, 0x08, 0x09, 0x0A, 0x0B)}
    words |= {fid: talk.sign(fid) for fid in (0x17, 0x1A)}
    assert {fid for fid, word in words.items() if word == "9000"} == opened
    assert set(words.values()) == {"9000", "6982"}


@pytest.mark.parametrize("kind", PHONES)
@pytest.mark.parametrize("aid", [TEXT, VISUAL, RESIDENT, COMMON])
def test_a_phone_has_the_jpki_application_only(kind: str, aid: str) -> None:
    assert token(kind).select(aid) == "6A82"


@pytest.mark.parametrize("kind", PHONES)
def test_nothing_of_the_rest_is_in_a_phone(kind: str) -> None:
    stored = personalise(replace(person(), profile=PHONES[kind]), issuer())
    assert {place.partition("/")[0] for place in stored} == {"format", "profile", "jpki"}


def test_only_an_iphone_knows_the_last_command_indicator() -> None:
    """soltia48/myna-card `src/card.rs`; that it answers 9000 is modelled."""
    assert token("iphone")("80FC0000") == "9000"
    assert token("android")("80FC0000") == "6700"
    assert token("iphone")("80FC000001AA") == "6700"
