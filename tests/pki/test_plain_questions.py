"""The short way of reading a question says what the long way says, or nothing."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from warifu.errors import Malformed
from warifu.pki import OcspQuestions, OcspRequest, ocsp, ocsp_questions
from warifu.pki.ocsp import read_plain

HASHES = st.binary(min_size=20, max_size=20)
QUESTIONS = st.builds(
    OcspRequest,
    st.just("sha1"),
    HASHES,
    HASHES,
    st.integers(1, (1 << 159) - 1) | st.integers(1, 300),
    st.none() | st.binary(min_size=1, max_size=128),
)


def the_long_way(data: bytes) -> tuple[OcspRequest, OcspQuestions] | None:
    """Both readings, with the short way closed."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ocsp, "read_plain", lambda _data: None)
        patched.setattr(ocsp_questions, "read_plain", lambda _data: None)
        try:
            return OcspRequest.decode(data), OcspQuestions.decode(data)
        except Malformed:
            return None


@given(QUESTIONS)
@example(OcspRequest("sha1", bytes(20), bytes(20), 0x80, None))
@example(OcspRequest("sha1", bytes(20), bytes(20), (1 << 159) - 1, bytes(128)))
def test_a_plain_question_is_read_the_short_way(question: OcspRequest) -> None:
    data = question.encode()
    read = question.issuer_name_hash, question.issuer_key_hash, question.serial_number, question.nonce
    assert read_plain(data) == read
    assert the_long_way(data) == (OcspRequest.decode(data), OcspQuestions.decode(data))


@given(QUESTIONS, st.data())
def test_of_damaged_bytes_the_short_way_says_nothing_else(question: OcspRequest, data: st.DataObject) -> None:
    whole = question.encode()
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(start + 3, len(whole))))
    damaged = whole[:start] + data.draw(st.binary(max_size=3)) + whole[end:]
    if read_plain(damaged) is not None:
        assert the_long_way(damaged) == (OcspRequest.decode(damaged), OcspQuestions.decode(damaged))


@pytest.mark.parametrize("number", [b"\x00", b"\x00\x7f", b"\xff", b"\x80\x00"])
def test_a_number_that_is_nought_or_not_in_der_is_left_to_the_long_way(number: bytes) -> None:
    """ITU-T X.690 §8.3.2."""
    fitting = OcspRequest("sha1", bytes(20), bytes(20), 1 << 8 * len(number) - 2).encode()
    data = fitting[: -len(number)] + number
    if number != b"\x00":
        assert read_plain(data) is None
    else:
        assert the_long_way(data) == (OcspRequest.decode(data), OcspQuestions.decode(data))


@given(st.binary(max_size=320))
def test_nothing_makes_the_short_way_fail(data: bytes) -> None:
    if read_plain(data) is not None:
        assert the_long_way(data) is not None
