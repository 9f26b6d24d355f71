"""Terminals without a PIN: two published commands exactly, and what follows them as it is modelled."""

from dataclasses import replace

import pytest

from tests.card.people import (
    INTERMEDIATE,
    TERMINAL,
    TERMINALS,
    PoolSigner,
    SeededEntropy,
    issuer,
    others,
    person,
    terminal_authority,
)
from tests.card.talk import AUTHENTICATION_KEY, AUTHENTICATION_PIN, SIGNING_KEY, TEXT, Talk
from tests.card.test_access import card_of
from warifu.card import Card, CvAuthority, MemoryStore, card_public_key, personalise
from warifu.cardmap import CvCertificate, KeyId

ASCII_PADDING = b"0000"
"""As in the terminal certificates seen."""
INTERMEDIATE_ID, LEAF_ID = KeyId("9200073", padding=ASCII_PADDING), KeyId("9299774", padding=ASCII_PADDING)


def public(index: int) -> bytes:
    return PoolSigner(index).public_key_info


def intermediate() -> CvCertificate:
    return terminal_authority().certify(INTERMEDIATE_ID, card_public_key(public(INTERMEDIATE)))


def leaf(signer: int = INTERMEDIATE, issuer_id: KeyId = INTERMEDIATE_ID) -> CvCertificate:
    return CvAuthority(issuer_id, PoolSigner(signer)).certify(LEAF_ID, card_public_key(public(TERMINAL)))


def halves(certificate: CvCertificate) -> tuple[str, str]:
    """The two commands, byte for byte as published: 307 and 261 bytes of data."""
    body = "7F218202335F4E820129" + certificate.body.hex()
    signature = "5F37820100" + certificate.signature.hex()
    return f"80A206C1000133{body}", f"80A200C1000105{signature}0000"


def present(talk: Talk, *certificates: CvCertificate) -> list[str]:
    """The answers to both halves of each certificate."""
    talk.select_file(0x16)
    return [talk(half) for certificate in certificates for half in halves(certificate)]


def prove(talk: Talk, *, signer: int = TERMINAL, length: int = 8) -> str:
    challenge = talk.data(f"00840000{length:02X}")
    return talk(f"00820000000100{PoolSigner(signer).sign(challenge).hex()}")


@pytest.fixture
def certified(jpki: Talk) -> Talk:
    """A card that believes the terminal's certificate."""
    assert present(jpki, intermediate(), leaf()) == ["9000"] * 4
    return jpki


def test_a_terminal_that_proves_itself_signs_without_a_pin(certified: Talk) -> None:
    assert certified.sign(AUTHENTICATION_KEY) == "6982"
    assert prove(certified) == "9000"
    assert certified.sign(AUTHENTICATION_KEY) == "9000"


def test_it_opens_nothing_else(certified: Talk) -> None:
    """EF 0009 stays shut even then (soltia48/myna-card)."""
    assert prove(certified) == "9000"
    assert certified.sign(SIGNING_KEY) == certified.read(0x01) == certified.read(0x09) == "6982"
    assert certified.tries(AUTHENTICATION_PIN) == "63C3"
    assert certified.change(AUTHENTICATION_PIN, "4321") == "6982"


def test_a_face_verification_card_is_used_so() -> None:
    talk = card_of("face verification")
    talk.select_jpki()
    assert present(talk, intermediate(), leaf()) == ["9000"] * 4
    assert prove(talk) == "9000"
    assert talk.sign(AUTHENTICATION_KEY) == "9000"


def test_certificates_alone_open_nothing(certified: Talk) -> None:
    assert certified.sign(AUTHENTICATION_KEY) == "6982"


@pytest.mark.parametrize("signer", [TERMINALS, INTERMEDIATE])
def test_only_the_terminals_own_key_proves(certified: Talk, signer: int) -> None:
    assert prove(certified, signer=signer) == "6300"
    assert certified.sign(AUTHENTICATION_KEY) == "6982"


def test_an_intermediate_is_no_terminal(jpki: Talk) -> None:
    present(jpki, intermediate())
    assert prove(jpki, signer=INTERMEDIATE) == "6985"


def test_a_challenge_serves_once(certified: Talk) -> None:
    challenge = certified.data("0084000008")
    wrong, right = (PoolSigner(each).sign(challenge).hex() for each in (INTERMEDIATE, TERMINAL))
    assert certified(f"00820000000100{wrong}") == "6300"
    assert certified(f"00820000000100{right}") == "6985"


def test_a_challenge_has_eight_bytes_at_least(certified: Talk) -> None:
    assert prove(certified, length=7) == "6985"
    assert prove(certified, length=8) == "9000"


def test_a_proof_without_a_challenge_is_none(certified: Talk) -> None:
    assert certified(f"00820000000100{PoolSigner(TERMINAL).sign(b'').hex()}") == "6985"


@pytest.mark.parametrize(("command", "word"), [("00820000", "6700"), ("0082000001AA", "6700"), ("00820100", "6A86")])
def test_a_proof_is_one_signature(certified: Talk, command: str, word: str) -> None:
    assert certified(command) == word


def test_another_application_or_a_reset_forgets_the_terminal(certified: Talk) -> None:
    certified.select(TEXT)
    certified.select_jpki()
    assert prove(certified) == "6985"
    present(certified, intermediate(), leaf())
    certified.card.reset()
    certified.select_jpki()
    assert prove(certified) == "6985"


def test_what_a_terminal_opened_is_shut_by_another_application(certified: Talk) -> None:
    prove(certified)
    certified.select(TEXT)
    certified.select_jpki()
    assert certified.sign(AUTHENTICATION_KEY) == "6982"


# --- certificates that are not believed -------------------------------------------------------------------------------


def test_a_leaf_without_its_intermediate_is_unknown(jpki: Talk) -> None:
    assert present(jpki, leaf()) == ["9000", "6A88"]


def test_a_certificate_of_another_authority_is_refused(jpki: Talk) -> None:
    forged = CvAuthority(terminal_authority().key_id, PoolSigner(INTERMEDIATE))
    certificate = forged.certify(INTERMEDIATE_ID, card_public_key(public(INTERMEDIATE)))
    assert present(jpki, certificate) == ["9000", "6300"]
    assert present(jpki, leaf()) == ["9000", "6A88"]


def test_a_leaf_that_the_intermediate_did_not_sign_is_refused(jpki: Talk) -> None:
    assert present(jpki, intermediate(), leaf(signer=TERMINALS)) == ["9000", "9000", "9000", "6300"]


def test_the_key_ids_padding_counts(jpki: Talk) -> None:
    other = replace(INTERMEDIATE_ID, padding=bytes(4))
    assert present(jpki, intermediate(), leaf(issuer_id=other)) == ["9000", "9000", "9000", "6A88"]


def test_a_chain_ends_with_the_terminal(certified: Talk) -> None:
    third = CvAuthority(LEAF_ID, PoolSigner(TERMINAL)).certify(INTERMEDIATE_ID, card_public_key(public(INTERMEDIATE)))
    assert present(certified, third) == ["9000", "6985"]
    assert prove(certified) == "9000"


def test_a_signature_belongs_to_the_body_before_it(jpki: Talk) -> None:
    body, signature = halves(intermediate())
    jpki.select_file(0x16)
    assert jpki(signature) == "6985"
    assert [jpki(each) for each in (body, signature, signature)] == ["9000", "9000", "6985"]


def changed(command: str, at: int, by: str) -> str:
    return command[:at] + by + command[at + len(by) :]


BODY, SIGNATURE = halves(intermediate())


@pytest.mark.parametrize(
    ("command", "word"),
    [
        (changed(BODY, 4, "04C1"), "6A86"),
        (changed(BODY, 4, "06C0"), "6A86"),
        (changed(BODY, 14, "7F22"), "6A80"),
        (changed(BODY, 10, "0132")[:-2], "6A80"),
        ("80A206C1", "6A80"),
        ("80A200C1", "6A80"),
        (changed(SIGNATURE, 14, "5F38"), "6A80"),
    ],
)
def test_halves_of_another_shape_are_refused(jpki: Talk, command: str, word: str) -> None:
    jpki.select_file(0x16)
    assert jpki(BODY) == "9000"
    assert jpki(command) == word


def test_the_authoritys_file_is_current(jpki: Talk) -> None:
    assert jpki(BODY) == "6986"
    jpki.select_file(0x18)
    assert jpki(BODY) == "6981"


def test_a_card_without_an_authority_believes_nobody() -> None:
    alone = replace(person(), others=replace(others(), terminal_anchor=None))
    talk = Talk(Card(MemoryStore(personalise(alone, issuer())), SeededEntropy()))
    talk.select_jpki()
    assert present(talk, intermediate()) == ["6985", "6985"]
