"""BER-TLV; the fixed cases are in `tests/vectors/iso7816`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warifu.errors import Malformed
from warifu.iso7816 import StatusWord, Tlv, decode_all, decode_tlv, encode_tlv

one_byte_tags = st.integers(1, 255).filter(lambda tag: tag & 0x1F != 0x1F)
two_byte_tags = st.builds(lambda top, low: (top << 13 | 0x1F00) | low, st.integers(0, 7), st.integers(0, 127))
objects = st.builds(Tlv, one_byte_tags | two_byte_tags, st.binary(max_size=300))


@given(st.lists(objects, max_size=5))
def test_objects_in_a_row_are_read_one_by_one(many: list[Tlv]) -> None:
    assert decode_all(b"".join(each.encode() for each in many)) == tuple(many)


@given(objects, st.binary(max_size=20))
def test_what_follows_an_object_is_handed_back(first: Tlv, rest: bytes) -> None:
    assert decode_tlv(first.encode() + rest) == (first, rest)


@given(st.binary(max_size=400))
def test_any_bytes_are_objects_or_malformed(data: bytes) -> None:
    try:
        found = decode_all(data)
    except Malformed:
        return
    assert sum(len(each.value) for each in found) <= len(data)


def test_a_value_of_65535_bytes_is_the_longest() -> None:
    assert decode_tlv(encode_tlv(0x91, bytes(65535)))[0].value == bytes(65535)
    with pytest.raises(Malformed):
        encode_tlv(0x91, bytes(65536))


@pytest.mark.parametrize("tag", [0, 0x1F, 0xFF, 0x100, 0x1000, 0x5F81, 0x5F8124, -1])
def test_a_tag_has_one_byte_or_two(tag: int) -> None:
    """ISO/IEC 7816-4:2005 §5.2.2.1, without its tags of three bytes."""
    with pytest.raises(Malformed):
        Tlv(tag, b"")


def test_an_object_does_not_show_its_value() -> None:
    assert "secret" not in repr(Tlv(0xDF22, b"secret"))


def test_status_words_are_two_bytes_each() -> None:
    assert all(0x6100 <= word <= 0x9000 for word in StatusWord)
