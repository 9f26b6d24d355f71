"""Strict reading against asn1crypto's: what both read they read alike, and no damage changes what is believed."""

import pytest
from asn1crypto import cms
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.documents.cms_world import PKCS9, Made, attribute, token
from tests.verifier.document_scene import Judgement, list_of
from warifu.documents import read_signatures, read_timestamp
from warifu.documents.cms_slices import cut_signed_data
from warifu.errors import Malformed
from warifu.verifier import Indication, Material

MADE = Made()
MADE.unsigned = [attribute(PKCS9 + "16.2.14", token(MADE.signature()))]
WHOLE = MADE.encode()
TOKEN = token(b"data")
MATERIAL = Material(crls=(list_of(),))

damage = st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(1, 255)), min_size=1, max_size=3)


def damaged(whole: bytes, changes: list[tuple[int, int]]) -> bytes:
    spoilt = bytearray(whole)
    for position, mask in changes:
        spoilt[position % len(whole)] ^= mask
    return bytes(spoilt)


def same_fields(data: bytes) -> None:
    """What we cut is what asn1crypto reads, field by field."""
    cut = cut_signed_data(data)
    told = cms.ContentInfo.load(data, strict=True)["content"]
    assert cut.content_type == told["encap_content_info"]["content_type"].dump()
    assert cut.content == told["encap_content_info"]["content"].contents
    assert len(cut.certificates) == len(told["certificates"])
    for ours, theirs in zip(cut.signers, told["signer_infos"], strict=True):
        assert ours.signature == theirs["signature"].native
        assert ours.digest_algorithm == theirs["digest_algorithm"].dump()
        assert ours.signature_algorithm == theirs["signature_algorithm"].dump()
        assert (ours.signed or b"") == theirs["signed_attrs"].dump()
        assert (ours.unsigned or b"") == theirs["unsigned_attrs"].dump()


def test_what_is_whole_is_read_alike() -> None:
    same_fields(WHOLE)
    same_fields(TOKEN)


@settings(max_examples=150, deadline=None)
@given(damage)
def test_what_both_read_they_read_alike(changes: list[tuple[int, int]]) -> None:
    """A damaged structure that we cut asn1crypto reads too, and with the same fields; or it does not read it at all."""
    data = damaged(WHOLE, changes)
    try:
        cut_signed_data(data)
    except Malformed:
        return
    try:
        same_fields(data)
    except (ValueError, KeyError, TypeError):
        return  # it looks into values that we only cut: names, object identifiers, certificates


@settings(max_examples=150, deadline=None)
@given(damage)
def test_no_damage_makes_another_content_or_signer_believed(changes: list[tuple[int, int]]) -> None:
    """It is refused, or the same content by the same signer is believed at no earlier time."""
    data = damaged(WHOLE, changes)
    try:
        found = read_signatures(data)
    except Malformed:
        return
    for one, report in zip(found, Judgement(found=found, material=MATERIAL).report().signatures, strict=True):
        if report.indication is Indication.TOTAL_PASSED:
            [whole] = read_signatures(WHOLE)
            assert (one.signed, one.certificate) == (whole.signed, whole.certificate)
            assert [each.actual for each in one.integrity] == [each.expected for each in whole.integrity]


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_noise_is_malformed(noise: bytes) -> None:
    for read in (read_signatures, read_timestamp):
        with pytest.raises(Malformed):
            read(noise)
        with pytest.raises(Malformed):
            read(b"\x30\x82\x00" + noise)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(TOKEN) - 1), st.integers(1, 255)), min_size=1, max_size=2))
def test_a_damaged_token_proves_no_other_time(changes: list[tuple[int, int]]) -> None:
    """Whatever is damaged: no other imprint and no other time stay under the authority's signature."""
    whole = read_timestamp(TOKEN)
    try:
        told = read_timestamp(damaged(TOKEN, changes))
    except Malformed:
        return
    if (told.imprint, told.at) != (whole.imprint, whole.at):
        expected = [each.expected for each in told.signature.integrity]
        actual = [each.actual for each in told.signature.integrity]
        assert expected != actual or told.signature.signed != whole.signature.signed
