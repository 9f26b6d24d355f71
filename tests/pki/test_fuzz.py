"""The strict slicer against cryptography: it never accepts what that refuses and never disagrees on a field."""

import hashlib
from datetime import datetime
from unittest.mock import patch

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import example, given
from hypothesis import strategies as st

from tests.pki import world
from tests.pki.world import AUTHENTICATION, KIYOSE, NOW, SIGNING
from warifu.errors import WarifuError
from warifu.pki import (
    CaCertificate,
    CertificateKind,
    EndEntityCertificate,
    OcspAnswer,
    OcspRequest,
    Reason,
    Revocation,
    RevocationList,
    Status,
    UnverifiedCertificate,
    build_crl,
    build_ocsp_response,
    issuer_hashes,
    personal,
    profile,
    slices,
)

HOLDERS = [
    world.authentication_certificate(),
    world.signing_certificate(),
    world.NEXT_ORDER.authentication(world.next_authority(AUTHENTICATION)),
    world.NEXT_ORDER.signing(world.next_authority(SIGNING)),
]
AUTHORITIES = [each(AUTHENTICATION).certificate_der for each in (world.authority, world.next_authority)]
HELD = Revocation(NOW, Reason.CERTIFICATE_HOLD)
LISTS = [
    build_crl(each(AUTHENTICATION), municipality=KIYOSE, revoked={5: HELD}, number=3, this_update=NOW)
    for each in (world.authority, world.next_authority)
]
REQUEST = OcspRequest("sha1", *issuer_hashes(world.authority(AUTHENTICATION).certificate), world.SERIAL, b"n" * 16)
ANSWERS = [
    build_ocsp_response(each, REQUEST, HELD, produced_at=NOW, this_update=NOW, next_update=None)
    for each in (world.responder(), world.next_responder())
]


@st.composite
def damaged(draw: st.DrawFn, sources: list[bytes]) -> bytes:
    """A few bytes replaced, put in or taken out."""
    data = draw(st.sampled_from(sources))
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(start + 3, len(data))))
        data = data[:start] + draw(st.binary(max_size=3)) + data[end:]
    return data


def check_agreement(certificate: UnverifiedCertificate, data: bytes) -> None:
    read = x509.load_der_x509_certificate(data)
    assert certificate.signed == read.tbs_certificate_bytes
    assert certificate.signature == read.signature
    assert certificate.serial_number == read.serial_number
    assert (certificate.not_before, certificate.not_after) == (read.not_valid_before_utc, read.not_valid_after_utc)
    assert certificate.der == read.public_bytes(Encoding.DER)


def check_names_and_extensions(certificate: UnverifiedCertificate, data: bytes) -> None:
    read = x509.load_der_x509_certificate(data)
    assert certificate.issuer == read.issuer.public_bytes()
    assert certificate.subject == read.subject.public_bytes()
    key = read.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert certificate.public_key_info == key
    values = [(extension.critical, extension.value.public_bytes()) for extension in read.extensions]
    assert [(extension.critical, extension.value) for extension in certificate.extensions.values()] == values
    identifier = read.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    assert identifier.digest == hashlib.sha1(_bits(key), usedforsecurity=False).digest()


def _bits(public_key_info: bytes) -> bytes:
    """The key's BIT STRING stands last: an RSA key of 2048 bits takes 270 bytes, a point of P-384 97."""
    return public_key_info[-270 if len(public_key_info) > 270 else -97 :]


@given(damaged(HOLDERS + AUTHORITIES))
@example(HOLDERS[0])
@example(HOLDERS[1])
@example(HOLDERS[2])
@example(HOLDERS[3])
def test_a_damaged_certificate_is_refused_or_cut_as_cryptography_reads_it(data: bytes) -> None:
    try:
        certificate = UnverifiedCertificate.decode(data)
    except WarifuError:
        return
    check_agreement(certificate, data)


@given(damaged(HOLDERS))
@example(HOLDERS[0])
@example(HOLDERS[1])
@example(HOLDERS[2])
@example(HOLDERS[3])
def test_a_certificate_that_has_the_profile_has_it_for_cryptography_too(data: bytes) -> None:
    try:
        certificate = EndEntityCertificate.decode(data)
    except WarifuError:
        return
    check_agreement(certificate.unverified, data)
    check_names_and_extensions(certificate.unverified, data)
    read = x509.load_der_x509_certificate(data)
    assert certificate.common_name == read.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value
    policies = read.extensions.get_extension_for_class(x509.CertificatePolicies)
    assert (policies.critical, [policy.policy_identifier.dotted_string for policy in policies.value]) == (
        True,
        [certificate.kind.policy],
    )
    identifier = read.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    assert identifier.key_identifier == certificate.issuer_key_id
    assert certificate.ocsp_address in (None, world.ADDRESSES.ocsp) or certificate.ocsp_address in access_of(read)


@given(damaged(HOLDERS))
@example(HOLDERS[0])
@example(HOLDERS[1])
@example(HOLDERS[3])
def test_a_certificate_that_shares_nothing_is_read_alike(data: bytes) -> None:
    """What is cut and checked once for many certificates, and the comparisons at once, decide nothing differently."""
    shared = told_of(data)
    with (
        patch.object(slices, "_cut_around_personal", lambda _block: None),
        patch.object(slices, "_shared_blocks", {}),
        patch.object(personal, "_six_short_names", lambda _names: None),
        patch.object(profile, "_COMMON_NAME_TEXT", bytes(9000)),
        patch.object(profile, "is_rsa_2048", lambda _info: False),
    ):
        assert told_of(data) == shared


def told_of(data: bytes) -> object:
    """Everything that reading a certificate tells, or how it is refused."""
    told: list[object] = []
    for kind in CertificateKind:
        try:
            read = EndEntityCertificate.check(UnverifiedCertificate.decode(data), kind)
        except WarifuError as error:
            told.append((type(error), str(error)))
        else:
            told.append((list(read.unverified.extensions.items()), read.personal_data, read.common_name, read.medium))
    return told


def access_of(certificate: x509.Certificate) -> list[str]:
    access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    return [description.access_location.value for description in access]


@given(damaged(AUTHORITIES))
def test_a_damaged_authority_is_refused(data: bytes) -> None:
    """It signs itself, so nothing can be changed."""
    try:
        CaCertificate.decode(data)
    except WarifuError:
        return
    assert data in AUTHORITIES


@given(damaged(LISTS))
@example(LISTS[0])
@example(LISTS[1])
def test_a_damaged_list_is_refused_or_read_as_cryptography_reads_it(data: bytes) -> None:
    try:
        ours = RevocationList.decode(data)
    except WarifuError:
        return
    read = x509.load_der_x509_crl(data)
    assert ours.signed == read.tbs_certlist_bytes
    assert ours.signature == read.signature
    assert ours.issuer == read.issuer.public_bytes()
    assert (ours.this_update, ours.next_update) == (read.last_update_utc, read.next_update_utc)
    assert ours.number == read.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    identifier = read.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    assert ours.issuer_key_id == identifier.key_identifier
    assert {(serial, *told(each)[1:]) for serial, each in ours.revoked.items()} == set(map(entry_told, read))


def entry_told(entry: x509.RevokedCertificate) -> tuple[int, datetime, x509.ReasonFlags | None]:
    flags = [each.value.reason for each in entry.extensions if isinstance(each.value, x509.CRLReason)]
    said = [flag for flag in flags if flag is not x509.ReasonFlags.unspecified]
    return entry.serial_number, entry.revocation_date_utc, said[0] if said else None


@given(damaged(ANSWERS))
@example(ANSWERS[0])
@example(ANSWERS[1])
def test_a_damaged_answer_is_refused_or_cut_as_cryptography_reads_it(data: bytes) -> None:
    try:
        ours = OcspAnswer.decode(data)
    except WarifuError:
        return
    read = x509.ocsp.load_der_ocsp_response(data)
    assert ours.signed == read.tbs_response_bytes
    assert ours.signature == read.signature
    assert ours.algorithm == data[data.index(ours.signed) + len(ours.signed) :][: len(ours.algorithm)]
    name = read.responder_name
    assert (ours.responder_key_id, ours.responder_name) == (
        read.responder_key_hash,
        None if name is None else name.public_bytes(),
    )
    asked = ours.about
    assert (asked.issuer_name_hash, asked.issuer_key_hash) == (read.issuer_name_hash, read.issuer_key_hash)
    assert (asked.hash_name, asked.serial_number) == (read.hash_algorithm.name, read.serial_number)
    times = (read.produced_at_utc, read.this_update_utc, read.next_update_utc)
    assert (ours.produced_at, ours.this_update, ours.next_update) == times
    reason = read.revocation_reason
    said = None if reason is x509.ReasonFlags.unspecified else reason
    assert told(ours.status) == (read.certificate_status.name, read.revocation_time_utc, said)
    assert ours.certificates == tuple(each.public_bytes(Encoding.DER) for each in read.certificates)


def told(status: Status) -> tuple[str, datetime | None, x509.ReasonFlags | None]:
    """A status as cryptography tells it; unspecified may be said or left out."""
    if isinstance(status, Revocation):
        reason = None if status.reason is Reason.UNSPECIFIED else status.reason.flag
        return "REVOKED", status.at, reason
    return status.name, None, None


@given(st.binary(max_size=2000))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Nothing but an error of ours comes out."""
    for reader in (UnverifiedCertificate, EndEntityCertificate, CaCertificate, RevocationList, OcspAnswer, OcspRequest):
        try:
            reader.decode(data)
        except WarifuError:
            continue
