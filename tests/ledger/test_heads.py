"""Signed heads, the log's id, and what the party that keeps heads accepts."""

from dataclasses import replace
from datetime import timedelta

import pytest
from asn1crypto.core import ObjectIdentifier
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from tests.ledger.logs import NOW, Log, log_of
from warifu.errors import Malformed, NotConsistent, WrongLog, WrongSignature
from warifu.ledger import (
    SignedTreeHead,
    TreeHead,
    check_succession,
    check_tree_head,
    log_id,
    next_tree_head,
    prove_consistency,
    sign_tree_head,
)
from warifu.pki import KeySigner
from warifu.ports import SignatureAlgorithm
from warifu.town.pool import private_key

KEEPER = KeySigner.generate("ES256")
KEY = KEEPER.public_key_info
LATER = timedelta(minutes=5)
WHOLE = log_of(20)
ALGORITHMS: list[SignatureAlgorithm] = ["RS256", "ES256", "ES384"]


def signed(size: int, *, after: timedelta = timedelta(0), log: Log = WHOLE) -> SignedTreeHead:
    return sign_tree_head(next_tree_head(log.frontiers[size], NOW + after), KEEPER)


def succeed(kept: SignedTreeHead, offered: SignedTreeHead, log: Log = WHOLE) -> None:
    sizes = kept.tree_head.size, offered.tree_head.size
    check_succession(kept, offered, prove_consistency(log.nodes, log_id(KEY), *sizes), KEY)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_signed_head_verifies_with_every_algorithm(algorithm: SignatureAlgorithm) -> None:
    """RFC 9162 §4.10."""
    signer = KeySigner(private_key(0)) if algorithm == "RS256" else KeySigner.generate(algorithm)
    head = sign_tree_head(next_tree_head(WHOLE.frontiers[5], NOW), signer)
    check_tree_head(SignedTreeHead.decode(head.encode()), signer.public_key_info)


@given(bit=st.integers(0, 8 * len(signed(5).tree_head.encode()) - 1))
def test_a_head_with_any_bit_changed_does_not_verify(bit: int) -> None:
    head = signed(5)
    data = bytearray(head.tree_head.encode())
    data[bit // 8] ^= 1 << bit % 8
    with pytest.raises((Malformed, WrongSignature)):
        check_tree_head(replace(head, tree_head=TreeHead.decode(bytes(data))), KEY)


def test_a_changed_signature_does_not_verify() -> None:
    head = signed(5)
    with pytest.raises(WrongSignature):
        check_tree_head(replace(head, signature=head.signature[:-1] + b"\x00" + head.signature[-1:]), KEY)


def test_a_head_of_another_log_is_refused() -> None:
    """RFC 9162 §4.4: the id belongs to the key."""
    with pytest.raises(WrongLog):
        check_tree_head(signed(5), KeySigner.generate("ES256").public_key_info)


def test_the_id_of_another_log_does_not_help_a_key() -> None:
    other = KeySigner.generate("ES256")
    head = replace(sign_tree_head(signed(5).tree_head, other), log_id=log_id(KEY))
    with pytest.raises(WrongSignature):
        check_tree_head(head, KEY)


def test_a_log_signs_with_no_other_kind_of_key() -> None:
    info = ec.generate_private_key(ec.SECP521R1()).public_key()
    key = info.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    for each in (key, b"no key"):
        with pytest.raises(Malformed):
            check_tree_head(replace(signed(5), log_id=log_id(each)), each)


@given(key=st.binary(max_size=40))
def test_a_logs_id_is_an_object_identifier_below_2_25(key: bytes) -> None:
    """ITU-T X.667 §6.3, judged by asn1crypto."""
    octets = log_id(key)
    identifier = ObjectIdentifier.load(bytes([6, len(octets)]) + octets).dotted
    assert identifier.startswith("2.25.")
    number = int(identifier.removeprefix("2.25."))
    assert (number >> 76 & 0xF, number >> 62 & 0b11) == (8, 0b10)
    assert ObjectIdentifier(identifier).contents == octets


def test_a_head_that_grew_is_kept() -> None:
    for older in range(21):
        for newer in range(older, 21):
            succeed(signed(older), signed(newer, after=LATER))


def test_the_same_head_again_is_no_contradiction() -> None:
    succeed(signed(5), signed(5))


def test_a_head_that_is_not_later_is_refused() -> None:
    """RFC 9162 §4.10: each head is later than the one before."""
    with pytest.raises(NotConsistent):
        succeed(signed(5), signed(6))
    with pytest.raises(NotConsistent):
        succeed(signed(5, after=LATER), signed(6))


def test_a_head_of_a_rewritten_log_is_refused() -> None:
    fork = Log([b"entry 0", b"rewritten", *(f"entry {number}".encode() for number in range(2, 20))])
    with pytest.raises(NotConsistent):
        succeed(signed(5), signed(9, after=LATER, log=fork), fork)


def test_an_unsigned_head_is_refused_before_its_proof() -> None:
    with pytest.raises(WrongSignature):
        succeed(signed(5), replace(signed(9, after=LATER), signature=b"\x00"))


def test_heads_go_on_when_the_clock_steps_back() -> None:
    """RFC 9162 §4.10."""
    first = next_tree_head(WHOLE.frontiers[5], NOW)
    second = next_tree_head(WHOLE.frontiers[6], NOW - timedelta(hours=3), first)
    assert second.moment == NOW + timedelta(milliseconds=1)
    succeed(sign_tree_head(first, KEEPER), sign_tree_head(second, KEEPER))


def test_a_heads_moment_is_cut_to_milliseconds() -> None:
    moment = next_tree_head(WHOLE.frontiers[5], NOW + timedelta(microseconds=1999)).moment
    assert moment == NOW + timedelta(milliseconds=1)
