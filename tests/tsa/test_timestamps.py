"""Tokens and refusals of the timestamp authority (RFC 3161), as asn1crypto reads them."""

import contextlib
import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest
from asn1crypto import core, tsp
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from tests.pki.linting import lint_certificate
from tests.tsa.world import ALGORITHMS, NOW, POLICY, TERMS, YEAR, authority, root, signer, unit
from warifu.errors import Malformed, NotAllowed
from warifu.pki.timestamps import (
    TIMESTAMP_HASHES,
    TimestampFailure,
    TimestampRequest,
    TimestampTerms,
    TimestampUnit,
    build_timestamp_list,
    build_timestamp_response,
    build_timestamp_unit,
)
from warifu.ports import SignatureAlgorithm

DATA = b"a deed\n"
ASKED = TimestampRequest.of(DATA, nonce=0x1234567890ABCDEF)


class Refusal(core.Sequence):  # type: ignore[misc]  # asn1crypto tells no types
    """TimeStampResp without a token (RFC 3161 §2.4.2)."""

    _fields: ClassVar[list[tuple[str, type]]] = [("status", tsp.PKIStatusInfo)]


def answered(asked: TimestampRequest) -> Any:
    return tsp.TimeStampResp.load(authority().answer(asked.encode(), NOW, 7), strict=True)


def failure(asked: bytes, now: datetime = NOW) -> set[str]:
    answer = Refusal.load(authority().answer(asked, now, 7), strict=True)
    assert answer["status"]["status"].native == "rejection"
    told: set[str] = answer["status"]["fail_info"].native
    return told


def info(asked: TimestampRequest = ASKED) -> Any:
    answer = answered(asked)
    assert answer["status"]["status"].native == "granted"
    return answer["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed.native


def test_a_token_says_what_existed_when_and_under_which_terms() -> None:
    """RFC 3161 §2.4.2: the same imprint and nonce, whole seconds, the accuracy of the clock."""
    told = info()
    assert told["message_imprint"]["hashed_message"] == hashlib.sha256(DATA).digest()
    assert told["gen_time"] == NOW.replace(microsecond=0)
    assert (told["policy"], told["serial_number"], told["nonce"]) == (POLICY, 7, ASKED.nonce)
    assert told["accuracy"] == {"seconds": 1, "millis": 500, "micros": None}
    assert told["ordering"] is False


def test_without_a_nonce_the_token_has_none() -> None:
    """RFC 3161 §2.4.2: the nonce is there exactly if the request had it."""
    assert info(replace(ASKED, nonce=None))["nonce"] is None


@pytest.mark.parametrize("wanted", [True, False])
def test_the_units_certificate_travels_exactly_if_asked_for(wanted: bool) -> None:
    """RFC 3161 §2.4.1, certReq."""
    certificates = answered(replace(ASKED, certificate=wanted))["time_stamp_token"]["content"]["certificates"]
    found = [each.chosen.dump() for each in certificates] if certificates.native else []
    assert found == ([unit().certificate_der] if wanted else [])


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (b"", "bad_data_format"),
        (b"\x30\x00", "bad_data_format"),
        (ASKED.encode() + b"\0", "bad_data_format"),
        (TimestampRequest("sha1", bytes(20)).encode(), "bad_alg"),
        (TimestampRequest("md5", bytes(16)).encode(), "bad_alg"),
        (replace(ASKED, policy="1.2.3").encode(), "unaccepted_policy"),
    ],
    ids=["empty", "no fields", "trailing", "sha1", "md5", "policy"],
)
def test_a_request_that_cannot_be_met_is_told_why(asked: bytes, why: str) -> None:
    """RFC 3161 §2.4.2, PKIFailureInfo."""
    assert failure(asked) == {why}


def test_an_extension_that_nobody_knows_is_refused() -> None:
    """RFC 3161 §2.4.1: whether critical or not, it cannot be met."""
    request = tsp.TimeStampReq.load(ASKED.encode())
    request["extensions"] = [{"extn_id": "1.2.3", "critical": False, "extn_value": b"x"}]
    assert failure(request.dump(force=True)) == {"unaccepted_extensions"}


@pytest.mark.parametrize("now", [NOW - 2 * YEAR, NOW + 10 * YEAR])
def test_nothing_is_stamped_outside_the_validity_of_the_unit(now: datetime) -> None:
    assert failure(ASKED.encode(), now) == {TimestampFailure.TIME_NOT_AVAILABLE.value}


def test_the_policy_may_be_named() -> None:
    assert info(replace(ASKED, policy=POLICY))["policy"] == POLICY


@pytest.mark.parametrize(
    "broken",
    [
        lambda fields: fields.update(version="v2"),
        lambda fields: fields["message_imprint"].update(hashed_message=bytes(31)),
        lambda fields: fields.update(nonce=1 << 300),
    ],
    ids=["version", "digest length", "nonce"],
)
def test_a_malformed_request_is_malformed(broken: Callable[[Any], None]) -> None:
    """RFC 3161 §2.4.1."""
    imprint: dict[str, Any] = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": bytes(32)}
    fields: dict[str, Any] = {"version": "v1", "message_imprint": imprint, "nonce": 1}
    broken(fields)
    with pytest.raises(Malformed):
        TimestampRequest.decode(tsp.TimeStampReq(fields).dump())


@given(
    st.sampled_from(sorted(TIMESTAMP_HASHES)).flatmap(
        lambda name: st.builds(
            TimestampRequest,
            st.just(name),
            st.binary(min_size=TIMESTAMP_HASHES[name], max_size=TIMESTAMP_HASHES[name]),
            st.none() | st.just("1.2.392.200149.1"),
            st.none() | st.integers(0, (1 << 256) - 1),
            st.booleans(),
        )
    )
)
def test_a_request_survives_its_encoding(asked: TimestampRequest) -> None:
    assert TimestampRequest.decode(asked.encode()) == asked


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_malformed(data: bytes) -> None:
    with contextlib.suppress(Malformed):
        TimestampRequest.decode(data)


@given(st.integers(0, len(ASKED.encode()) - 1), st.integers(1, 255))
def test_a_damaged_request_never_breaks_the_authority(place: int, change: int) -> None:
    data = ASKED.encode()
    answer = authority().answer(data[:place] + bytes([data[place] ^ change]) + data[place + 1 :], NOW, 7)
    assert Refusal.load(answer)["status"]["status"].native in {"granted", "rejection"}


@pytest.mark.parametrize("number", [0, -1, 1 << 160])
def test_a_serial_number_is_positive_and_of_160_bits(number: int) -> None:
    """RFC 3161 §2.4.2."""
    with pytest.raises(Malformed):
        build_timestamp_response(unit(), TERMS, ASKED, serial_number=number, at=NOW)


@pytest.mark.parametrize("accuracy", [timedelta(0), timedelta(days=1)])
def test_an_accuracy_is_positive_and_short(accuracy: timedelta) -> None:
    with pytest.raises(Malformed):
        TimestampTerms(POLICY, accuracy)


def test_a_key_that_may_do_more_does_not_stamp() -> None:
    """RFC 3161 §2.3: the key is for timestamps exclusively."""
    with pytest.raises(NotAllowed):
        TimestampUnit(root().certificate_der, root().signer)


def test_a_unit_does_not_outlive_its_root() -> None:
    with pytest.raises(NotAllowed):
        build_timestamp_unit(root(), signer("RS256", 121), serial_number=3, not_before=NOW, not_after=NOW + 11 * YEAR)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_root_lists_units_whose_key_is_compromised(algorithm: SignatureAlgorithm) -> None:
    """RFC 5280 §5.1."""
    made = build_timestamp_list(root(algorithm), number=7, this_update=NOW, next_update=NOW + YEAR, revoked=(3, 2))
    listed = x509.load_der_x509_crl(made)
    assert listed.is_signature_valid(root(algorithm).certificate.public_key())  # type: ignore[arg-type]
    assert [entry.serial_number for entry in listed] == [2, 3]
    assert listed.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number == 7


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_pkilint_has_nothing_against_the_certificates(algorithm: SignatureAlgorithm) -> None:
    """RFC 5280 §4; it names the method of the key identifier, which is no fault."""
    told = {("INFO", "pkix.subject_key_identifier_method_1_identified")}
    assert lint_certificate(root(algorithm).certificate_der) == told
    assert lint_certificate(unit(algorithm).certificate_der) == told
