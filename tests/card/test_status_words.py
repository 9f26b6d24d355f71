"""Every status word that is known of the card: how our card comes to answer it, or why it never does.

Source: JICSAP IC cards with contacts v1.1 Table 25, as told in soltia48/myna-card `src/apdu.rs`, and what was measured.
"""

from collections.abc import Callable, Mapping

import pytest

from tests.card.people import DELIVERY, SeededEntropy, issuer, store, terminal_authority
from tests.card.talk import AUTHENTICATION_PIN, COMMON, JPKI, TEXT, Talk
from tests.card.terminal import set_session_key
from tests.card.test_messaging import WRONG, send
from tests.card.test_terminals import intermediate, present
from warifu.card import Card, MemoryStore, lock_application
from warifu.cardmap import Application
from warifu.iso7816 import StatusWord
from warifu.town import pool


class Worn(MemoryStore):
    """Memory that takes nothing more."""

    def write(self, changes: Mapping[str, bytes]) -> None:
        raise OSError("worn out")


def fresh(aid: str = JPKI) -> Talk:
    talk = Talk()
    talk.select(aid)
    return talk


def in_session() -> Talk:
    talk = fresh(TEXT)
    talk.verify(0x11, "5678")
    assert send(talk, set_session_key()) == "9000"
    return talk


def blocked() -> str:
    talk = fresh()
    for _ in range(3):
        talk.verify(AUTHENTICATION_PIN, "0000")
    return talk.verify(AUTHENTICATION_PIN, "1234")


def worn() -> str:
    talk = Talk(Card(Worn(store().read()), SeededEntropy()))
    talk.select(JPKI)
    return talk.verify(AUTHENTICATION_PIN, "1234")


def locked() -> str:
    kept = store()
    lock_application(kept, Application.JPKI)
    return Talk(Card(kept, SeededEntropy())).select(JPKI)


def wrong_structure() -> str:
    talk = fresh(TEXT)
    talk.verify(0x11, "5678")
    return send(talk, set_session_key(plain=b"no seed"))


def above_the_modulus() -> str:
    talk = fresh(TEXT)
    talk.verify(0x11, "5678")
    modulus = pool.private_key(DELIVERY).public_key().public_numbers().n
    return send(talk, set_session_key()[:-256] + modulus.to_bytes(256, "big"))


def forged_terminal() -> str:
    """The right issuer's name over somebody else's signature."""
    real = intermediate()
    forged = type(real)(real.issuer_key_id, real.subject_key_id, real.public_key, issuer().certificate.signature)
    return present(fresh(), forged)[-1]


def dead_session() -> str:
    talk = in_session()
    talk(WRONG["no data"])
    return talk(WRONG["no data"])


ANSWERED: dict[StatusWord, Callable[[], str]] = {
    StatusWord.OK: lambda: Talk().select(JPKI),
    StatusWord.FILE_DEACTIVATED: locked,
    StatusWord.NOT_MATCHING: forged_terminal,
    StatusWord.TRIES_LEFT: lambda: fresh(TEXT).tries(0x12),
    StatusWord.MEMORY_FAILURE: worn,
    StatusWord.WRONG_LENGTH: lambda: fresh()("00A4020C0100"),
    StatusWord.NO_SESSION_KEY: lambda: fresh(COMMON)("80AE0000"),
    StatusWord.NO_LOGICAL_CHANNEL: lambda: fresh()("01A4020C020006"),
    StatusWord.NO_SECURE_MESSAGING: lambda: fresh(TEXT)("08A4020C020001"),
    StatusWord.NOT_FOR_THIS_FILE: lambda: fresh().read(AUTHENTICATION_PIN),
    StatusWord.SECURITY_STATUS: lambda: fresh().read(0x01),
    StatusWord.BLOCKED: blocked,
    StatusWord.CONDITIONS_NOT_SATISFIED: lambda: fresh()("00840000000101"),
    StatusWord.NO_CURRENT_FILE: lambda: fresh()("00B0000000"),
    StatusWord.SECURE_MESSAGING_MISSING: lambda: fresh(TEXT)("0CB0000000"),
    StatusWord.SECURE_MESSAGING_WRONG: lambda: in_session()(WRONG["no data"]),
    StatusWord.SECURE_MESSAGING_DEAD: dead_session,
    StatusWord.WRONG_DATA: wrong_structure,
    StatusWord.NOT_SUPPORTED: lambda: fresh(COMMON)("00B2010D00"),
    StatusWord.NOT_FOUND: lambda: fresh().select_file(0x1D),
    StatusWord.NO_RECORD: lambda: fresh(COMMON)("00B2020C00"),
    StatusWord.WRONG_P1_P2: lambda: Talk()("00A40000"),
    StatusWord.NO_REFERENCED_DATA: lambda: Talk()("00CADF3005"),
    StatusWord.WRONG_OFFSET: lambda: fresh()("00B086FF01"),
    StatusWord.UNKNOWN_INSTRUCTION: lambda: fresh()("00000000"),
    StatusWord.UNKNOWN_CLASS: lambda: fresh()("10B0000000"),
    StatusWord.NO_DIAGNOSIS: above_the_modulus,
}
NEVER = {
    StatusWord.CORRUPT_DATA: "damaged storage is refused at power-on",
    StatusWord.LENGTH_AGAINST_P1_P2: "a wrong length is 6700",
    StatusWord.WRONG_LE: "Le is not corrected; a reader follows it",
}
"""Listed in docs/divergences.md."""


def test_every_status_word_is_answered_or_never() -> None:
    assert ANSWERED.keys() | NEVER.keys() == set(StatusWord)
    assert not ANSWERED.keys() & NEVER.keys()


@pytest.mark.parametrize("word", ANSWERED, ids=lambda word: f"{word:04X}")
def test_a_status_word_is_answered_when_its_condition_holds(word: StatusWord) -> None:
    assert ANSWERED[word]() == f"{word:04X}"


def test_the_terminals_authority_is_the_one_on_the_card() -> None:
    """Else 6300 above would be told for another reason."""
    assert intermediate().issuer_key_id == terminal_authority().key_id
