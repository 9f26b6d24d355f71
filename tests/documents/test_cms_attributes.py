"""The short way of reading signed attributes says what the long way says, or nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.documents import world
from warifu.documents import cms_attributes, sign_cms
from warifu.documents.cms_attributes import SignedAttributes, read_signed_attributes
from warifu.documents.cms_slices import SignerSlice, cut_signed_data
from warifu.errors import Malformed

NOW = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)


def signer_of(content: bytes, at: datetime) -> SignerSlice:
    return cut_signed_data(sign_cms(content, world.rsa().witness, at, attached=True)).signers[0]


SIGNER = signer_of(b"a deed", NOW)
assert SIGNER.signed is not None
SIGNED = SIGNER.signed


def told(attributes: SignedAttributes | None) -> list[object] | None:
    return None if attributes is None else [getattr(attributes, name) for name in SignedAttributes.__slots__]


def the_long_way(signed: bytes) -> list[object] | None:
    """Reading with the short way closed."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(cms_attributes, "_read_plain", lambda _signed: None)
        try:
            return told(read_signed_attributes(replace(SIGNER, signed=signed)))
        except Malformed:
            return None


def the_short_way(signed: bytes) -> list[object] | None:
    return told(cms_attributes._read_plain(signed))


def check_agreement(signed: bytes) -> None:
    short = the_short_way(signed)
    assert short is None or short == the_long_way(signed)


@pytest.mark.parametrize("days", [0, 365 * 23, -365 * 70])
def test_attributes_of_ours_are_read_the_short_way(days: int) -> None:
    """Up to 2049, and back to the last century."""
    signer = signer_of(b"another deed", NOW + timedelta(days=days))
    assert signer.signed is not None
    short = the_short_way(signer.signed)
    assert short is not None
    assert short == the_long_way(signer.signed)


def test_every_byte_changed_says_the_same_both_ways_or_nothing() -> None:
    for place, byte in enumerate(SIGNED):
        for other in {byte ^ 1, byte ^ 0x80, 0x30, 0x39, 0x04, 0x02, 0, 0xFF} - {byte}:
            check_agreement(SIGNED[:place] + bytes((other,)) + SIGNED[place + 1 :])


@settings(max_examples=500)
@given(st.data())
def test_of_damaged_bytes_the_short_way_says_nothing_else(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(SIGNED)))
    end = data.draw(st.integers(start, min(start + 3, len(SIGNED))))
    check_agreement(SIGNED[:start] + data.draw(st.binary(max_size=3)) + SIGNED[end:])


@pytest.mark.parametrize("time", [b"261301000000", b"260230000000", b"261122240000", b"261122006000", b"261122000060"])
def test_what_is_no_moment_is_left_to_the_long_way(time: bytes) -> None:
    """RFC 5652 §11.3."""
    damaged = SIGNED.replace(NOW.strftime("%y%m%d%H%M%S").encode(), time)
    assert damaged != SIGNED
    assert the_short_way(damaged) is None
    long = the_long_way(damaged)
    assert long is not None
    assert long[SignedAttributes.__slots__.index("faults")]


@given(st.binary(max_size=400))
def test_nothing_makes_the_short_way_fail(signed: bytes) -> None:
    check_agreement(signed)
    assert the_short_way(SIGNED[: len(signed)]) is None or len(signed) >= len(SIGNED)
