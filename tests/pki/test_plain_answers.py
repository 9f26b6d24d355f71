"""The short way of reading an answer says what the long way says, or nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.pki import world
from tests.pki.world import AUTHENTICATION, NOW
from warifu.errors import WarifuError
from warifu.pki import (
    Issuer,
    OcspAnswer,
    OcspRequest,
    OcspResponder,
    Reason,
    Revocation,
    Standing,
    build_ocsp_response,
    ocsp_answer,
)
from warifu.pki.ocsp_plain import read_plain_answer

ISSUER = world.authority(AUTHENTICATION)
HASHES = st.binary(min_size=20, max_size=20)
QUESTIONS = st.builds(
    OcspRequest,
    st.just("sha1"),
    HASHES,
    HASHES,
    st.integers(0, 300) | st.integers(0, (1 << 159) - 1),
    st.none() | st.binary(min_size=1, max_size=64),
)
MOMENTS = st.datetimes(datetime(1950, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0)
)
ENDS = st.none() | MOMENTS


def answered(question: OcspRequest, at: datetime, until: datetime | None) -> bytes:
    return build_ocsp_response(ISSUER, question, Standing.GOOD, produced_at=at, this_update=at, next_update=until)


PLAIN = [
    answered(OcspRequest("sha1", bytes(20), bytes(20), number, nonce), NOW, until)
    for number in (0, 0x80, world.SERIAL, (1 << 159) - 1)
    for nonce in (None, b"n", bytes(32), bytes(64))
    for until in (None, NOW + timedelta(hours=1))
]


def the_long_way(data: bytes) -> OcspAnswer | None:
    """Reading with the short way closed."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ocsp_answer, "read_plain_answer", lambda _data: None)
        try:
            return OcspAnswer.decode(data)
        except WarifuError:
            return None


@pytest.mark.parametrize("data", PLAIN)
def test_a_plain_answer_is_read_the_short_way(data: bytes) -> None:
    assert read_plain_answer(data) is not None
    assert OcspAnswer.decode(data) == the_long_way(data)


@settings(max_examples=50)
@given(QUESTIONS, MOMENTS, ENDS)
def test_every_plain_answer_says_the_same_both_ways(
    question: OcspRequest, at: datetime, until: datetime | None
) -> None:
    data = answered(question, at, until)
    assert read_plain_answer(data) is not None
    read = OcspAnswer.decode(data)
    assert read == the_long_way(data)
    assert (read.about, read.status, read.produced_at, read.next_update) == (question, Standing.GOOD, at, until)


@settings(max_examples=1000)
@given(st.sampled_from(PLAIN), st.data())
@example(PLAIN[0], None)
def test_of_damaged_bytes_the_short_way_says_nothing_else(whole: bytes, data: st.DataObject | None) -> None:
    """Damage before the signature, where everything that is read stands."""
    if data is None:
        return
    start = data.draw(st.integers(0, len(whole) - 250))
    end = data.draw(st.integers(start, min(start + 3, len(whole))))
    damaged = whole[:start] + data.draw(st.binary(max_size=3)) + whole[end:]
    if read_plain_answer(damaged) is not None:
        assert the_long_way(damaged) == OcspAnswer.decode(damaged)


@pytest.mark.parametrize("whole", PLAIN[:1] + PLAIN[-1:])
def test_every_byte_changed_says_the_same_both_ways_or_nothing(whole: bytes) -> None:
    """Each byte before the signature's value, to its neighbours and to what a digit, a sign or a length could be."""
    for place in range(len(whole) - 256):
        for byte in {whole[place] ^ 1, whole[place] ^ 0x80, 0x30, 0x39, 0x2D, 0, 0xFF} - {whole[place]}:
            damaged = whole[:place] + bytes((byte,)) + whole[place + 1 :]
            if read_plain_answer(damaged) is not None:
                assert the_long_way(damaged) == OcspAnswer.decode(damaged), (place, byte)


@pytest.mark.parametrize(
    "time",
    [
        b"20261301000000Z",
        b"20260230000000Z",
        b"20261122240000Z",
        b"20261122006000Z",
        b"20261122000060Z",
        b"2026W477T00000Z",
        b"20261122T00000Z",
        b"2026112200000+Z",
        b"18991231235959Z",
        b"20261122000000z",
    ],
)
def test_what_is_no_moment_is_left_to_the_long_way(time: bytes) -> None:
    """RFC 5280 §4.1.2.5.2; and what `datetime.fromisoformat` would read besides."""
    whole = PLAIN[0]
    place = whole.index(NOW.strftime("%Y%m%d%H%M%SZ").encode())
    assert read_plain_answer(whole[:place] + time + whole[place + 15 :]) is None


@pytest.mark.parametrize("number", [b"\xff", b"\x80\x00", b"\x00\x7f"])
def test_a_number_that_is_negative_or_not_in_der_is_left_to_the_long_way(number: bytes) -> None:
    """ITU-T X.690 §8.3.2."""
    fitting = 1 << 8 * len(number) - 2
    data = answered(OcspRequest("sha1", bytes(20), bytes(20), fitting), NOW, None)
    there = fitting.to_bytes(len(number), "big") + b"\x80\x00\x18"
    assert read_plain_answer(data) is not None
    assert read_plain_answer(data.replace(there, number + there[len(number) :])) is None


@pytest.mark.parametrize(
    "status", [Standing.UNKNOWN, Revocation(NOW, Reason.UNSPECIFIED), Revocation(NOW, Reason.CERTIFICATE_HOLD)]
)
def test_anything_but_good_is_left_to_the_long_way(status: Standing | Revocation) -> None:
    question = OcspRequest("sha1", bytes(20), bytes(20), 5)
    data = build_ocsp_response(ISSUER, question, status, produced_at=NOW, this_update=NOW, next_update=None)
    assert read_plain_answer(data) is None
    assert OcspAnswer.decode(data).status == status


@pytest.mark.parametrize("kind", ["delegated", "next generation", "SHA-256", "long nonce"])
def test_other_answers_are_left_to_the_long_way(kind: str) -> None:
    responders: dict[str, Issuer | OcspResponder] = {
        "delegated": world.responder(),
        "next generation": world.next_authority(AUTHENTICATION),
    }
    size, name = (32, "sha256") if kind == "SHA-256" else (20, "sha1")
    question = OcspRequest(name, bytes(size), bytes(size), 5, bytes(65) if kind == "long nonce" else None)
    responder = responders.get(kind, ISSUER)
    data = build_ocsp_response(responder, question, Standing.GOOD, produced_at=NOW, this_update=NOW, next_update=None)
    assert read_plain_answer(data) is None
    assert OcspAnswer.decode(data).about == question


@given(st.binary(max_size=600))
def test_nothing_makes_the_short_way_fail(data: bytes) -> None:
    assert read_plain_answer(data) is None or the_long_way(data) is not None
    for cut in range(0, len(PLAIN[0]), 7):
        assert read_plain_answer(PLAIN[0][:cut]) is None
