"""Whatever is damaged of a login with a P-384 card, it is not verified."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pki import world
from tests.verifier.scene import HELD, NONCE, crl
from tests.verifier.test_fuzz import flipped
from tests.verifier.test_next_generation import AUTHORITY, NextScene, next_evidence
from warifu.errors import Refused, StatusUnknown, WarifuError
from warifu.verifier import Evidence, Memory, needs

SCENE = NextScene()
CERTIFICATE = SCENE.answer.unverified_certificate
OCSP = next_evidence(signed_by=world.next_responder()).ocsp or b""
CRL = crl({1: HELD}, issuer=AUTHORITY)


@given(flipped(CERTIFICATE))
def test_a_certificate_with_one_byte_changed_is_never_relied_on(certificate: bytes) -> None:
    memory = Memory()
    with pytest.raises(WarifuError):
        SCENE.check(answer=replace(SCENE.answer, unverified_certificate=certificate), memory=memory)
    assert len(memory) == 0


def test_every_byte_of_the_certificate_counts() -> None:
    """Exhaustively, one bit each."""
    for position in range(len(CERTIFICATE)):
        spoiled = bytearray(CERTIFICATE)
        spoiled[position] ^= 1
        with pytest.raises(WarifuError):
            needs(bytes(spoiled), SCENE.anchors)


@given(flipped(SCENE.answer.signature))
def test_a_signature_with_one_byte_changed_never_verifies(signature: bytes) -> None:
    with pytest.raises(Refused):
        SCENE.check(answer=replace(SCENE.answer, signature=signature))


@given(st.binary(max_size=120))
def test_any_bytes_are_no_signature(signature: bytes) -> None:
    with pytest.raises(Refused):
        SCENE.check(answer=replace(SCENE.answer, signature=signature))


@given(flipped(OCSP))
def test_an_ocsp_answer_with_one_byte_changed_is_never_relied_on(data: bytes) -> None:
    with pytest.raises((Refused, StatusUnknown)):
        SCENE.check(evidence=Evidence(data, NONCE))


@given(flipped(CRL))
def test_a_list_with_one_byte_changed_is_never_relied_on(data: bytes) -> None:
    with pytest.raises(Refused):
        SCENE.check(evidence=Evidence(crl=data))
