"""A list written piece by piece is, byte for byte, the one that the library builds; and the authorities' own list."""

import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from tests.pki import world
from tests.pki.world import AUTHENTICATION, KIYOSE, NOW, SIGNING
from warifu.errors import Malformed, NotAllowed, WrongProfile
from warifu.pki import (
    Issuer,
    Reason,
    Revocation,
    RevocationList,
    UnverifiedCertificate,
    build_authority_list,
    build_crl,
    write_crl,
)
from warifu.ports import DigestSigner

ISSUER = world.authority(AUTHENTICATION)
NEXT_ISSUER = world.next_authority(SIGNING)
moments = st.datetimes(datetime(2016, 1, 1), datetime(2051, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0)
)
revocations = st.builds(Revocation, moments, st.sampled_from(Reason))
lists = st.dictionaries(st.integers(1, 2**159 - 1) | st.integers(1, 300), revocations, max_size=12)


def built(revoked: dict[int, Revocation], issuer: Issuer = ISSUER, number: int = 12) -> bytes:
    return build_crl(issuer, municipality=KIYOSE, revoked=revoked, number=number, this_update=NOW)


def written(revoked: dict[int, Revocation], issuer: Issuer = ISSUER, number: int = 12) -> bytes:
    data = bytearray()
    entries = sorted(revoked.items())
    write_crl(data.extend, issuer, municipality=KIYOSE, revoked=lambda: iter(entries), number=number, this_update=NOW)
    return bytes(data)


@given(lists, st.integers(0, 2**64))
def test_the_bytes_are_those_of_the_ordinary_builder(revoked: dict[int, Revocation], number: int) -> None:
    assert written(revoked, number=number) == built(revoked, number=number)


@given(lists)
def test_under_a_p384_key_all_but_the_signature_is_alike(revoked: dict[int, Revocation]) -> None:
    ours, theirs = (RevocationList.decode(make(revoked, NEXT_ISSUER)) for make in (written, built))
    assert ours.signed == theirs.signed
    read = x509.load_der_x509_crl(written(revoked, NEXT_ISSUER))
    key = NEXT_ISSUER.certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert read.is_signature_valid(key)


def test_a_list_longer_than_a_piece_is_written_whole() -> None:
    revoked = {number: Revocation(NOW, Reason.SUPERSEDED) for number in range(1, 5000)}
    assert written(revoked) == built(revoked)


def many(count: int) -> Iterator[tuple[int, Revocation]]:
    revocation = Revocation(NOW, Reason.KEY_COMPROMISE)
    return ((number, revocation) for number in range(1, count + 1))


def test_memory_does_not_grow_with_the_list() -> None:
    pieces: list[int] = []
    tracemalloc.start()
    try:
        write_crl(
            lambda piece: pieces.append(len(piece)),
            ISSUER,
            municipality=KIYOSE,
            revoked=lambda: many(60_000),
            number=1,
            this_update=NOW,
        )
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sum(pieces) > 2_000_000
    assert peak < 1_000_000  # it takes a fifth; what other threads of the process allocate meanwhile is counted too


@pytest.mark.parametrize("numbers", [(2, 1), (1, 1), (0,)])
def test_serial_numbers_ascend(numbers: tuple[int, ...]) -> None:
    entries = [(number, Revocation(NOW, Reason.SUPERSEDED)) for number in numbers]
    with pytest.raises(NotAllowed, match="ascend"):
        write_crl(bytearray().extend, ISSUER, municipality=KIYOSE, revoked=lambda: entries, number=1, this_update=NOW)


def test_a_record_that_changes_in_between_makes_no_list() -> None:
    walks = iter([many(2), many(3)])
    with pytest.raises(NotAllowed, match="changed while"):
        write_crl(
            bytearray().extend, ISSUER, municipality=KIYOSE, revoked=lambda: next(walks), number=1, this_update=NOW
        )


class WholeOnly:
    """A signer that wants all that it signs at once, as a token may."""

    algorithm = ISSUER.signer.algorithm
    public_key_info = ISSUER.signer.public_key_info

    def sign(self, data: bytes) -> bytes:
        return ISSUER.signer.sign(data)


def test_a_signer_that_signs_no_digests_is_refused_before_anything_is_written() -> None:
    issuer = Issuer(ISSUER.certificate_der, WholeOnly(), AUTHENTICATION)
    pieces: list[bytes] = []
    with pytest.raises(NotAllowed, match="cannot sign a list"):
        write_crl(pieces.append, issuer, municipality=KIYOSE, revoked=lambda: many(1), number=1, this_update=NOW)
    assert pieces == []


@pytest.mark.parametrize("issuer", [ISSUER, NEXT_ISSUER], ids=["rsa", "p384"])
def test_a_digest_has_the_length_of_the_algorithms_hash(issuer: Issuer) -> None:
    signer = issuer.signer
    assert isinstance(signer, DigestSigner)
    with pytest.raises(Malformed, match="another length"):
        signer.sign_digest(bytes(31))


# --- the authorities' own list ----------------------------------------------------------------------------------------


def authority_list() -> bytes:
    revoked = {2: Revocation(NOW - timedelta(days=1), Reason.CA_COMPROMISE)}
    return build_authority_list(ISSUER, revoked=revoked, number=5, this_update=NOW)


def test_the_authorities_list_is_complete_for_authorities_at_their_own_name() -> None:
    """RFC 5280 §5.2.5: onlyContainsCACerts; the point is the one that the authorities' certificates name."""
    read = x509.load_der_x509_crl(authority_list())
    scope = read.extensions.get_extension_for_class(x509.IssuingDistributionPoint)
    assert scope.critical
    assert (scope.value.only_contains_ca_certs, scope.value.only_contains_user_certs) == (True, False)
    points = ISSUER.certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert scope.value.full_name == points[0].full_name
    assert [(entry.serial_number, entry.revocation_date_utc) for entry in read] == [(2, NOW - timedelta(days=1))]


def test_the_authorities_list_is_read_as_such_and_not_for_a_municipalitys() -> None:
    read = RevocationList.decode_of_authorities(authority_list())
    assert (read.number, set(read.revoked)) == (5, {2})
    own_name = UnverifiedCertificate.decode(ISSUER.certificate_der).subject
    assert read.distribution_point.endswith(own_name)
    with pytest.raises(WrongProfile, match="not complete"):
        RevocationList.decode(authority_list())
    with pytest.raises(WrongProfile, match="not complete"):
        RevocationList.decode_of_authorities(built({}))
