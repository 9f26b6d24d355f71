"""Whatever is damaged, no login is verified; whatever the bytes, only errors of ours come out."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pki import world
from tests.verifier.scene import HELD, NONCE, Scene, anchors, answer, crl, ocsp
from warifu.errors import Refused, StatusUnknown, WarifuError
from warifu.verifier import Evidence, Memory, needs

SCENE = Scene()
CERTIFICATE = SCENE.answer.unverified_certificate
OCSP = ocsp(signed_by=world.responder())
CRL = crl({1: HELD})


@st.composite
def flipped(draw: st.DrawFn, data: bytes) -> bytes:
    """One byte is another one."""
    position = draw(st.integers(0, len(data) - 1))
    return data[:position] + bytes([data[position] ^ draw(st.integers(1, 255))]) + data[position + 1 :]


@given(flipped(CERTIFICATE))
def test_a_certificate_with_one_byte_changed_is_never_relied_on(certificate: bytes) -> None:
    memory = Memory()
    with pytest.raises(WarifuError):
        SCENE.check(answer=replace(SCENE.answer, unverified_certificate=certificate), memory=memory)
    with pytest.raises(WarifuError):
        needs(certificate, SCENE.anchors, memory=memory)
    assert len(memory) == 0


@given(flipped(SCENE.answer.signature))
def test_a_signature_with_one_byte_changed_never_verifies(signature: bytes) -> None:
    with pytest.raises(Refused):
        SCENE.check(answer=replace(SCENE.answer, signature=signature))


@given(flipped(SCENE.answer.challenge.nonce), flipped(b"http://localhost:8700"))
def test_another_challenge_never_verifies(nonce: bytes, origin: bytes) -> None:
    with pytest.raises(Refused):
        SCENE.check(answer=replace(SCENE.answer, challenge=replace(SCENE.answer.challenge, nonce=nonce)))
    other = replace(SCENE.answer.challenge, origin=origin.decode("latin-1"))
    with pytest.raises(Refused):
        SCENE.check(answer=replace(SCENE.answer, challenge=other))


@given(flipped(OCSP))
def test_an_ocsp_answer_with_one_byte_changed_is_never_relied_on(data: bytes) -> None:
    """A changed status byte may turn it into an unsigned answer without content, which tells nothing."""
    with pytest.raises((Refused, StatusUnknown)):
        SCENE.check(evidence=Evidence(data, NONCE))


@given(flipped(CRL))
def test_a_list_with_one_byte_changed_is_never_relied_on(data: bytes) -> None:
    with pytest.raises(Refused):
        SCENE.check(evidence=Evidence(crl=data))


def test_every_byte_of_the_signed_part_counts() -> None:
    """Exhaustively, one bit each: nothing in certificate or answer may be changed."""
    for position in range(len(CERTIFICATE)):
        spoiled = bytearray(CERTIFICATE)
        spoiled[position] ^= 1
        with pytest.raises(WarifuError):
            needs(bytes(spoiled), SCENE.anchors)


@given(st.binary(max_size=600), st.binary(max_size=300), st.binary(max_size=300), st.binary(max_size=300))
def test_any_bytes_are_refused_with_an_error_of_ours(certificate: bytes, signature: bytes, a: bytes, b: bytes) -> None:
    given = replace(answer(), unverified_certificate=certificate, signature=signature)
    with pytest.raises(WarifuError):
        SCENE.check(answer=given)
    with pytest.raises(WarifuError):
        SCENE.check(evidence=Evidence(a, b[:32], b))
    with pytest.raises(WarifuError):
        needs(certificate, anchors())
