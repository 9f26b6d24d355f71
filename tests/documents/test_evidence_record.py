"""Evidence records (RFC 4998): begun, renewed, hashed anew, read back, and about other data."""

import hashlib
from functools import cache

import pytest
from asn1crypto import core, tsp
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tsa.world import NOW, YEAR, authority
from warifu.documents.evidence_record import EvidenceRecord, group_imprint
from warifu.errors import Malformed, Tampered
from warifu.pki.timestamps import TimestampRequest

OBJECTS = (b"a deed", b"its certificate", b"what the authority said")


def stamped(imprint: bytes, hash_name: str = "sha256", years: int = 0) -> bytes:
    """A token about an imprint, given some years from now."""
    request = TimestampRequest(hash_name, imprint, nonce=7)
    response = tsp.TimeStampResp.load(authority().answer(request.encode(), NOW + years * YEAR, 7 + years))
    return bytes(response["time_stamp_token"].dump())


@cache
def record() -> EvidenceRecord:
    """Begun, renewed once, hashed anew with SHA-512, renewed again."""
    begun = EvidenceRecord.begin(OBJECTS, "sha256", stamped(group_imprint(OBJECTS, "sha256")))
    renewed = begun.renewed(stamped(begun.renewal_imprint(), years=2))
    rehashed = renewed.rehashed(OBJECTS, "sha512", stamped(renewed.rehash_imprint(OBJECTS, "sha512"), "sha512", 4))
    return rehashed.renewed(stamped(rehashed.renewal_imprint(), "sha512", 6))


def told(token: bytes) -> tuple[str, bytes]:
    content = tsp.ContentInfo.load(token)["content"]["encap_content_info"]["content"].parsed["message_imprint"]
    return content["hash_algorithm"]["algorithm"].native, content["hashed_message"].native


def test_each_timestamp_is_about_what_the_step_says() -> None:
    """RFC 4998 §4.3, §5.2, §5.3."""
    steps = record().steps(OBJECTS)
    assert [told(step.token) for step in steps] == [(step.hash_name, step.imprint) for step in steps]
    assert [step.hash_name for step in steps] == ["sha256", "sha256", "sha512", "sha512"]


def test_the_first_imprint_is_the_hash_of_the_sorted_hashes() -> None:
    """RFC 4998 §4.2: concatenated in binary ascending order."""
    hashes = sorted(hashlib.sha256(one).digest() for one in OBJECTS)
    assert group_imprint(OBJECTS, "sha256") == hashlib.sha256(b"".join(hashes)).digest()


def test_a_single_object_is_its_own_group() -> None:
    assert group_imprint([b"a deed"], "sha256") == hashlib.sha256(b"a deed").digest()


def test_hashing_anew_binds_each_object_to_all_timestamps_so_far() -> None:
    """RFC 4998 §5.3: h' = H(h(i) + H(the chains so far))."""
    begun = EvidenceRecord.begin(OBJECTS, "sha256", stamped(group_imprint(OBJECTS, "sha256")))
    chains = core.Sequence.load(begun.encode())[2].dump()
    so_far = hashlib.sha512(chains).digest()
    hashes = sorted(hashlib.sha512(hashlib.sha512(one).digest() + so_far).digest() for one in OBJECTS)
    assert begun.rehash_imprint(OBJECTS, "sha512") == hashlib.sha512(b"".join(hashes)).digest()


def test_what_was_written_is_read_back() -> None:
    written = record()
    assert EvidenceRecord.decode(written.encode()) == written


@pytest.mark.parametrize(
    "objects",
    [OBJECTS[:2], (*OBJECTS, b"more"), (b"another deed", *OBJECTS[1:])],
    ids=["one missing", "one more", "another"],
)
def test_other_data_is_told(objects: tuple[bytes, ...]) -> None:
    """RFC 4998 §4.3: the list holds the hashes of the group's objects and no others."""
    with pytest.raises(Tampered):
        record().steps(objects)


def test_the_order_of_the_objects_does_not_matter() -> None:
    assert record().steps(OBJECTS) == record().steps(OBJECTS[::-1])


@pytest.mark.parametrize("objects", [(), (b"twice", b"twice")])
def test_a_group_has_objects_and_none_twice(objects: tuple[bytes, ...]) -> None:
    with pytest.raises(Malformed):
        group_imprint(objects, "sha256")


@pytest.mark.parametrize("name", ["sha1", "md5", "sha224"])
def test_weak_hashes_are_refused(name: str) -> None:
    with pytest.raises(Malformed):
        group_imprint(OBJECTS, name)


@pytest.mark.parametrize("broken", [b"", b"\x30\x00", record().encode() + b"\x00", b"\x00" * (8 * 1024 * 1024 + 1)])
def test_anything_else_is_malformed(broken: bytes) -> None:
    with pytest.raises(Malformed):
        EvidenceRecord.decode(broken)


@settings(max_examples=300)
@given(place=st.integers(min_value=0), bit=st.integers(0, 7))
def test_a_flipped_bit_is_malformed_or_tells_another_step(place: int, bit: int) -> None:
    """Whatever still reads either is refused or differs in a token, which its signature protects."""
    whole = record()
    data = bytearray(whole.encode())
    data[place % len(data)] ^= 1 << bit
    try:
        steps = EvidenceRecord.decode(bytes(data)).steps(OBJECTS)
    except (Malformed, Tampered):
        return
    assert [step.token for step in steps] != [step.token for step in whole.steps(OBJECTS)]
