from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeGuard

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import given
from hypothesis import strategies as st

from tests.pki import world
from tests.pki.world import AUTHENTICATION, SIGNING
from warifu.errors import Malformed, NotAllowed, Tampered, WrongKeyUsage, WrongPolicy, WrongProfile
from warifu.person import Address, Name
from warifu.pki import (
    AuthorityName,
    CaCertificate,
    CertificateKind,
    EndEntityCertificate,
    Issuer,
    KeySigner,
    UnverifiedCertificate,
    der,
    slices,
)

KINDS = [AUTHENTICATION, SIGNING]
ARC = "1.2.392.200149.8.5.5."


def certificate_of(kind: CertificateKind) -> bytes:
    return world.authentication_certificate() if kind is AUTHENTICATION else world.signing_certificate()


def oids(certificate: bytes) -> list[tuple[str, bool]]:
    read = x509.load_der_x509_certificate(certificate)
    return [(extension.oid.dotted_string, extension.critical) for extension in read.extensions]


def test_authentication_certificate_has_the_extensions_of_its_profile_in_order() -> None:
    """Order and criticality of J-LIS's own: keyUsage, EKU, policies, IAN, CRLDP, AIA, AKI, SKI."""
    assert oids(world.authentication_certificate()) == [
        ("2.5.29.15", True),
        ("2.5.29.37", False),
        ("2.5.29.32", True),
        ("2.5.29.18", False),
        ("2.5.29.31", False),
        ("1.3.6.1.5.5.7.1.1", False),
        ("2.5.29.35", False),
        ("2.5.29.14", False),
    ]


def test_signing_certificate_has_the_extensions_of_its_profile_in_order() -> None:
    """keyUsage, SAN, policies, IAN, CRLDP, AKI, SKI; no extKeyUsage."""
    no_ocsp = replace(world.ADDRESSES, ocsp=None)
    assert oids(world.signing_certificate(addresses=no_ocsp)) == [
        ("2.5.29.15", True),
        ("2.5.29.17", False),
        ("2.5.29.32", True),
        ("2.5.29.18", False),
        ("2.5.29.31", False),
        ("2.5.29.35", False),
        ("2.5.29.14", False),
    ]


def test_authority_certificate_has_the_extensions_of_its_profile_in_order() -> None:
    """keyUsage, SAN, basicConstraints, CRLDP, SKI; no AKI, policies or AIA."""
    assert oids(world.authority(SIGNING).certificate_der) == [
        ("2.5.29.15", True),
        ("2.5.29.17", False),
        ("2.5.29.19", True),
        ("2.5.29.31", False),
        ("2.5.29.14", False),
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_certificate_names_its_holder_by_the_profiles_string_types(kind: CertificateKind) -> None:
    """C PrintableString, the rest UTF8String, one attribute in each relative distinguished name."""
    place = bytes.fromhex("0603550407") + b"\x0c\x08Tokyo-to"
    subject = UnverifiedCertificate.decode(certificate_of(kind)).subject
    assert subject[2:].startswith(bytes.fromhex("310b3009060355040613024a50"))
    assert (place in subject) is (kind is SIGNING)
    assert b"\x0c\x17" + world.ORDER.common_name.encode() in subject
    assert [len(rdn) for rdn in x509.load_der_x509_certificate(certificate_of(kind)).subject.rdns] == (
        [1, 1] if kind is AUTHENTICATION else [1, 1, 1, 1]
    )


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_certified_is_read_back(kind: CertificateKind) -> None:
    certificate = EndEntityCertificate.decode(certificate_of(kind))
    issuer = world.authority(kind)
    assert certificate.kind is kind
    assert certificate.serial_number == world.SERIAL
    assert certificate.common_name == world.ORDER.common_name
    assert (certificate.not_before, certificate.not_after) == (world.ISSUED, world.ENDS)
    assert certificate.ocsp_address == world.ADDRESSES.ocsp
    assert certificate.issuer_key_id == issuer.key_id
    assert certificate.issuer == issuer.certificate.subject.public_bytes()
    assert isinstance(certificate.public_key, rsa.RSAPublicKey)
    point = x509.DirectoryName(issuer.name.distribution_point(kind, world.KIYOSE))
    assert isinstance(point, x509.DirectoryName)
    assert certificate.distribution_point.endswith(point.value.public_bytes())


def test_signing_certificate_tells_the_four_attributes() -> None:
    """Six otherNames in the order 1, 4, 3, 5, 2, 6 (github.com/kjur/jsrsasign-oid-jpki; MynaWallet/monorepo)."""
    certificate = world.signing_certificate()
    names = x509.load_der_x509_certificate(certificate).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    others = [name for name in names.value if isinstance(name, x509.OtherName)]
    assert [other.type_id.dotted_string for other in others] == [
        f"1.2.392.200149.8.5.5.{n}" for n in (1, 4, 3, 5, 2, 6)
    ]
    assert others[1].value == b"\x0c\x09319800217"
    assert others[2].value == b"\x0c\x012"
    assert others[4].value == b"\x0c\x0500000"
    data = EndEntityCertificate.decode(certificate).personal_data
    assert data is not None
    assert data.attributes() == world.HANAKO
    assert "花子" not in repr(data)


def test_authentication_certificate_says_nothing_about_the_person() -> None:
    certificate = world.authentication_certificate()
    assert EndEntityCertificate.decode(certificate).personal_data is None
    assert "割符".encode() not in UnverifiedCertificate.decode(certificate).subject
    assert b"Kiyose" not in UnverifiedCertificate.decode(certificate).subject


@pytest.mark.parametrize("kind", KINDS)
def test_authority_certificate_is_read_back(kind: CertificateKind) -> None:
    read = CaCertificate.decode(world.authority(kind).certificate_der)
    assert (read.kind, read.key_id) == (kind, world.authority(kind).key_id)
    assert read.not_after == datetime(2033, 7, 15, 14, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize("organization", ["JPKI", "jpki ", "JPKI-TEST"])
def test_no_authority_of_ours_bears_the_real_name(organization: str) -> None:
    with pytest.raises(NotAllowed):
        AuthorityName(organization=organization)


def test_each_authority_issues_its_own_kind_only() -> None:
    with pytest.raises(NotAllowed):
        world.signing_certificate(issuer=world.authority(AUTHENTICATION))


def test_a_short_key_is_not_certified() -> None:
    """RSA of at least 2048 bits: 公的個人認証法施行規則 第2条, 第38条."""
    with pytest.raises(NotAllowed):
        KeySigner(rsa.generate_private_key(65537, 1024))


def test_an_issuer_holds_the_key_of_its_certificate() -> None:
    with pytest.raises(Malformed):
        Issuer(world.authority(AUTHENTICATION).certificate_der, world.signer(3), AUTHENTICATION)


def test_key_survives_its_file_with_and_without_password() -> None:
    signer = world.signer(5)
    assert KeySigner.load(signer.private_bytes()).public_key_info == signer.public_key_info
    sealed = signer.private_bytes(b"open sesame")
    assert KeySigner.load(sealed, b"open sesame").public_key_info == signer.public_key_info
    with pytest.raises(Malformed):
        KeySigner.load(sealed, b"another")
    with pytest.raises(Malformed):
        KeySigner.load(sealed)


# --- refusals ---------------------------------------------------------------------------------------------------------


def _policies(oid: str, *qualifiers: str) -> x509.CertificatePolicies:
    return x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier(oid), [*qualifiers] or None)])


USAGE = x509.KeyUsage(False, False, True, False, False, False, False, False, False)
CPS = world.ADDRESSES.cps
AUTH_POLICY, SIGN_POLICY = AUTHENTICATION.policy, SIGNING.policy
DIRECTORY = x509.DirectoryName(x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "JP")]))
URI = x509.UniformResourceIdentifier("http://127.0.0.1/crl")


def changed(kind: CertificateKind, value: x509.ExtensionType, critical: bool) -> bytes:
    return world.reissue(certificate_of(kind), world.authority(kind), put={type(value): (value, critical)})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "policies",
    [
        _policies("1.2.392.200149.8.5.1.0.20", CPS),
        x509.CertificatePolicies([*_policies(AUTH_POLICY, CPS), *_policies(SIGN_POLICY, CPS)]),
    ],
    ids=["another", "two"],
)
def test_another_policy_is_refused(kind: CertificateKind, policies: x509.CertificatePolicies) -> None:
    with pytest.raises(WrongPolicy):
        EndEntityCertificate.decode(changed(kind, policies, True))


@pytest.mark.parametrize("kind", KINDS)
def test_no_policy_is_refused(kind: CertificateKind) -> None:
    certificate = world.reissue(certificate_of(kind), world.authority(kind), put={x509.CertificatePolicies: None})
    with pytest.raises(WrongPolicy):
        EndEntityCertificate.decode(certificate)


@pytest.mark.parametrize("kind", KINDS)
def test_the_other_kinds_policy_with_this_kinds_key_usage_is_refused(kind: CertificateKind) -> None:
    other = SIGNING if kind is AUTHENTICATION else AUTHENTICATION
    with pytest.raises(WrongKeyUsage):
        EndEntityCertificate.decode(changed(kind, _policies(other.policy, CPS), True))


@pytest.mark.parametrize("kind", KINDS)
def test_another_key_usage_is_refused(kind: CertificateKind) -> None:
    with pytest.raises(WrongKeyUsage):
        EndEntityCertificate.decode(changed(kind, USAGE, True))


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_usage_that_is_not_critical_is_refused(kind: CertificateKind) -> None:
    read = x509.load_der_x509_certificate(certificate_of(kind))
    usage = read.extensions.get_extension_for_class(x509.KeyUsage).value
    with pytest.raises(WrongKeyUsage):
        EndEntityCertificate.decode(changed(kind, usage, False))


def test_another_signature_algorithm_is_refused() -> None:
    """The profile has sha256WithRSAEncryption, and ECDSA for the next card."""
    issuer = world.authority(AUTHENTICATION)
    certificate = world.reissue(world.authentication_certificate(), issuer, algorithm=hashes.SHA512())
    with pytest.raises(WrongProfile) as refused:
        EndEntityCertificate.decode(certificate)
    assert type(refused.value) is WrongProfile


def test_another_extended_key_usage_is_refused() -> None:
    with pytest.raises(WrongKeyUsage):
        EndEntityCertificate.decode(
            changed(AUTHENTICATION, x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False)
        )


PROFILE_FAULTS: dict[str, tuple[x509.ExtensionType, bool]] = {
    "policies not critical": (_policies(AUTH_POLICY, CPS), False),
    "policy without qualifier": (_policies(AUTH_POLICY), True),
    "policy with two qualifiers": (_policies(AUTH_POLICY, CPS, CPS), True),
    "key identifier of another key": (x509.SubjectKeyIdentifier(bytes(20)), False),
    "authority key identifier alone": (x509.AuthorityKeyIdentifier(bytes(20), None, None), False),
    "authority key identifier of another name": (x509.AuthorityKeyIdentifier(bytes(20), [DIRECTORY], 1), False),
    "distribution point is an address": (
        x509.CRLDistributionPoints([x509.DistributionPoint([URI], None, None, None)]),
        False,
    ),
    "distribution point critical": (
        x509.CRLDistributionPoints([x509.DistributionPoint([DIRECTORY], None, None, None)]),
        True,
    ),
    "issuer alternative name is an address": (x509.IssuerAlternativeName([URI]), False),
    "access to something else than OCSP": (
        x509.AuthorityInformationAccess(
            [x509.AccessDescription(x509.oid.AuthorityInformationAccessOID.CA_ISSUERS, URI)]
        ),
        False,
    ),
}


@pytest.mark.parametrize("fault", PROFILE_FAULTS)
def test_another_profile_is_refused(fault: str) -> None:
    with pytest.raises(WrongProfile) as refused:
        EndEntityCertificate.decode(changed(AUTHENTICATION, *PROFILE_FAULTS[fault]))
    assert type(refused.value) is WrongProfile


ADDED: dict[str, tuple[x509.ExtensionType, bool]] = {
    "basic constraints": (x509.BasicConstraints(ca=False, path_length=None), True),
    "subject alternative name": (x509.SubjectAlternativeName([URI]), False),
    "unknown and critical": (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\0"), True),
}


@pytest.mark.parametrize("addition", ADDED)
def test_an_extension_too_many_is_refused(addition: str) -> None:
    issuer = world.authority(AUTHENTICATION)
    certificate = world.reissue(world.authentication_certificate(), issuer, add=(ADDED[addition],))
    with pytest.raises(WrongProfile) as refused:
        EndEntityCertificate.decode(certificate)
    assert type(refused.value) is WrongProfile


def test_an_unknown_extension_that_is_not_critical_is_let_pass() -> None:
    """RFC 5280 §4.2; a later edition of the profile may add some."""
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\0")
    issuer = world.authority(AUTHENTICATION)
    certificate = world.reissue(world.authentication_certificate(), issuer, add=((unknown, False),))
    assert EndEntityCertificate.decode(certificate).kind is AUTHENTICATION


@pytest.mark.parametrize(
    "attributes",
    [
        [x509.NameAttribute(NameOID.COUNTRY_NAME, "JP")],
        [x509.NameAttribute(NameOID.COUNTRY_NAME, "US"), x509.NameAttribute(NameOID.COMMON_NAME, "x")],
        [x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"), x509.NameAttribute(NameOID.SURNAME, "x")],
    ],
    ids=["no common name", "another country", "another attribute"],
)
def test_another_form_of_subject_is_refused(attributes: list[x509.NameAttribute[str]]) -> None:
    issuer = world.authority(AUTHENTICATION)
    certificate = world.reissue(world.authentication_certificate(), issuer, subject=x509.Name(attributes))
    with pytest.raises(WrongProfile) as refused:
        EndEntityCertificate.decode(certificate)
    assert type(refused.value) is WrongProfile


def test_a_short_key_is_refused() -> None:
    issuer = world.authority(AUTHENTICATION)
    key = rsa.generate_private_key(65537, 1024).public_key()
    certificate = world.reissue(
        world.authentication_certificate(),
        issuer,
        public_key=key,
        put={x509.SubjectKeyIdentifier: (x509.SubjectKeyIdentifier.from_public_key(key), False)},
    )
    with pytest.raises(WrongProfile) as refused:
        EndEntityCertificate.decode(certificate)
    assert type(refused.value) is WrongProfile


PERSONAL_FAULTS = {
    "another order": (4, 1, 3, 5, 2, 6),
    "one missing": (1, 4, 3, 5, 2),
    "none": (),
}


@pytest.mark.parametrize("fault", PERSONAL_FAULTS)
def test_personal_data_of_another_form_are_refused(fault: str) -> None:
    certificate = world.signing_certificate()
    names = x509.load_der_x509_certificate(certificate).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    by_item = dict(zip((1, 4, 3, 5, 2, 6), names.value, strict=True))
    chosen = [by_item[item] for item in PERSONAL_FAULTS[fault]] or [URI]
    with pytest.raises(WrongProfile):
        EndEntityCertificate.decode(changed(SIGNING, x509.SubjectAlternativeName(chosen), False))


def test_personal_data_added_by_a_later_profile_are_let_pass() -> None:
    """Kana and former surnames are announced; their object identifiers are not published."""
    certificate = world.signing_certificate()
    names = x509.load_der_x509_certificate(certificate).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    kana = x509.OtherName(x509.ObjectIdentifier("1.2.392.200149.8.5.5.7"), b"\x0c\x03\xe3\x83\xaf")
    later = changed(SIGNING, x509.SubjectAlternativeName([*names.value, kana]), False)
    data = EndEntityCertificate.decode(later).personal_data
    assert data is not None
    assert data.attributes() == world.HANAKO


def test_personal_data_told_twice_are_refused() -> None:
    """Behind what a later profile added, a second name would otherwise take the place of the first."""
    certificate = world.signing_certificate()
    names = x509.load_der_x509_certificate(certificate).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    kana = x509.OtherName(x509.ObjectIdentifier("1.2.392.200149.8.5.5.7"), b"\x0c\x03\xe3\x83\xaf")
    other = x509.OtherName(x509.ObjectIdentifier("1.2.392.200149.8.5.5.1"), der.encode(der.UTF8_STRING, b"12345"))
    with pytest.raises(WrongProfile):
        EndEntityCertificate.decode(changed(SIGNING, x509.SubjectAlternativeName([*names.value, kana, other]), False))


@pytest.mark.parametrize("marks", [b"0000", b"00002", "０００００".encode(), b""])
def test_marks_that_do_not_fit_the_name_are_refused(marks: bytes) -> None:
    """One digit, 0 or 1, for each character."""
    certificate = world.signing_certificate()
    names = x509.load_der_x509_certificate(certificate).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    values = list(names.value)
    text = der.encode(der.UTF8_STRING, marks)
    values[4] = x509.OtherName(x509.ObjectIdentifier("1.2.392.200149.8.5.5.2"), text)
    with pytest.raises(WrongProfile):
        EndEntityCertificate.decode(changed(SIGNING, x509.SubjectAlternativeName(values), False))


def test_a_byte_too_many_is_malformed() -> None:
    with pytest.raises(Malformed):
        EndEntityCertificate.decode(world.authentication_certificate() + b"\0")


def test_a_byte_too_few_is_malformed() -> None:
    with pytest.raises(Malformed):
        EndEntityCertificate.decode(world.authentication_certificate()[:-1])


@pytest.mark.parametrize("data", [b"", b"\x30", b"\x30\x80", b"-----BEGIN CERTIFICATE-----"])
def test_what_is_no_certificate_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        EndEntityCertificate.decode(data)
    with pytest.raises(Malformed):
        CaCertificate.decode(data)


def test_two_different_signature_algorithms_are_malformed() -> None:
    """RFC 5280 §4.1.1.2: the one outside is the one that was signed."""
    certificate = world.authentication_certificate()
    sha256, sha512 = bytes.fromhex("2a864886f70d01010b"), bytes.fromhex("2a864886f70d01010d")
    before, _, signature = certificate.rpartition(sha256)
    with pytest.raises(Malformed):
        EndEntityCertificate.decode(before + sha512 + signature)


def test_a_signature_that_is_not_of_whole_bytes_is_malformed() -> None:
    even = next(
        certificate
        for certificate in map(numbered, range(1, 100))
        if not x509.load_der_x509_certificate(certificate).signature[-1] & 1
    )
    begin = len(even) - 257
    assert even[begin - 4 : begin + 1] == bytes.fromhex("0382010100")
    spoiled = even[:begin] + b"\1" + even[begin + 1 :]
    assert x509.load_der_x509_certificate(spoiled).serial_number, "cryptography lets it pass"
    with pytest.raises(Malformed):
        EndEntityCertificate.decode(spoiled)


def numbered(serial_number: int) -> bytes:
    return world.authentication_certificate(serial_number=serial_number)


def with_extensions(certificate: bytes, extensions: bytes) -> bytes:
    """The certificate with other bytes for its list of extensions, lengths made right, the signature kept."""
    outer = der.whole(certificate, der.SEQUENCE)
    begin, end = der.slice_element(outer, 0, der.SEQUENCE)
    start = outer.index(bytes.fromhex("a3 82"), begin)
    signed = der.encode(
        der.SEQUENCE, outer[begin:start], der.encode(der.explicit(3), der.encode(der.SEQUENCE, extensions))
    )
    return der.encode(der.SEQUENCE, signed, outer[end:])


def extensions_of(certificate: bytes) -> bytes:
    read = UnverifiedCertificate.decode(certificate)
    values = [(oid, b"\1\1\xff" if each.critical else b"", each.value) for oid, each in read.extensions.items()]
    return b"".join(
        der.encode(der.SEQUENCE, oid, critical, der.encode(der.OCTET_STRING, value)) for oid, critical, value in values
    )


def test_an_extension_twice_is_malformed() -> None:
    """RFC 5280 §4.2, the last one in its short cut too."""
    certificate = world.authentication_certificate()
    extensions = extensions_of(certificate)
    assert with_extensions(certificate, extensions) == certificate, "the helper spoils nothing by itself"
    for repeated in (extensions + extensions[-31:], extensions[:16] + extensions):
        with pytest.raises(Malformed):
            EndEntityCertificate.decode(with_extensions(certificate, repeated))


def test_a_key_identifier_elsewhere_than_last_is_found() -> None:
    """The order of extensions is fixed for issuing only."""
    certificate = world.authentication_certificate()
    extensions = extensions_of(certificate)
    turned = with_extensions(certificate, extensions[-31:] + extensions[:-31])
    assert EndEntityCertificate.decode(turned).key_id == EndEntityCertificate.decode(certificate).key_id


def ca_changed(value: x509.ExtensionType, critical: bool) -> bytes:
    issuer = world.authority(SIGNING)
    return world.reissue(issuer.certificate_der, issuer, put={type(value): (value, critical)})


def test_an_authority_with_a_path_length_is_refused() -> None:
    with pytest.raises(WrongProfile):
        CaCertificate.decode(ca_changed(x509.BasicConstraints(ca=True, path_length=0), True))


def test_an_authority_with_another_key_usage_is_refused() -> None:
    with pytest.raises(WrongKeyUsage):
        CaCertificate.decode(ca_changed(USAGE, True))


def test_an_authority_with_another_key_identifier_is_refused() -> None:
    with pytest.raises(WrongProfile):
        CaCertificate.decode(ca_changed(x509.SubjectKeyIdentifier(bytes(20)), False))


def test_an_authority_that_did_not_sign_itself_is_refused() -> None:
    issuer = world.authority(SIGNING)
    with pytest.raises(Tampered):
        CaCertificate.decode(world.reissue(issuer.certificate_der, world.authority(SIGNING, 2)))


def test_a_holders_certificate_is_no_authority() -> None:
    with pytest.raises(WrongKeyUsage):
        CaCertificate.decode(world.signing_certificate())


# --- our own encoding against cryptography's --------------------------------------------------------------------------

romaji = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-'", min_size=1, max_size=64)
moments = st.datetimes(datetime(1999, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(
    serial_number=st.integers(1, 2**159 - 1),
    common_name=st.text(min_size=1, max_size=64).filter(lambda text: len(text.encode()) <= 64),
    prefecture=romaji,
    municipality=romaji,
    not_before=moments,
    days=st.integers(0, 20000),
    key=st.integers(0, 9),
    ocsp=st.none() | st.just("http://127.0.0.1/o"),
)
def test_a_certificate_is_what_cryptography_builds(
    serial_number: int,
    common_name: str,
    prefecture: str,
    municipality: str,
    not_before: datetime,
    days: int,
    key: int,
    ocsp: str | None,
) -> None:
    """Byte for byte: the same fields and extensions put through its builder and signed by the same key."""
    changes: dict[str, Any] = {
        "serial_number": serial_number,
        "common_name": common_name,
        "municipality": replace(world.KIYOSE, prefecture_romaji=prefecture, name_romaji=municipality),
        "not_before": not_before,
        "not_after": not_before + timedelta(days=days),
        "public_key_info": world.signer(key).public_key_info,
        "addresses": replace(world.ADDRESSES, ocsp=ocsp),
    }
    authentication = world.authentication_certificate(**changes)
    assert world.reissue(authentication, world.authority(AUTHENTICATION)) == authentication
    signing = world.signing_certificate(**changes)
    assert world.reissue(signing, world.authority(SIGNING)) == signing


@pytest.mark.parametrize(
    "changes",
    [
        {"serial_number": 0},
        {"serial_number": -1},
        {"serial_number": 2**159},
        {"common_name": ""},
        {"common_name": "x" * 65},
        {"common_name": "あ" * 22},
        {"not_after": world.ISSUED - timedelta(seconds=1)},
    ],
)
def test_what_no_certificate_may_say_is_not_issued(changes: dict[str, Any]) -> None:
    with pytest.raises(NotAllowed):
        world.authentication_certificate(**changes)


def test_personal_data_are_what_cryptography_encodes() -> None:
    """otherName of RFC 5280 §4.2.1.6 around UTF8Strings; long texts take longer lengths."""
    long = replace(world.HANAKO, address=Address("東京都" * 60), name=Name("𠮷" * 100))
    for attributes in (world.HANAKO, long):
        certificate = x509.load_der_x509_certificate(world.signing_certificate(attributes=attributes))
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        again = [x509.OtherName(name.type_id, name.value) for name in extension.value if _is_other(name)]
        raw = UnverifiedCertificate.decode(world.signing_certificate(attributes=attributes))
        ours = raw.extensions[der.object_identifier("2.5.29.17")].value
        assert x509.SubjectAlternativeName(again).public_bytes() == ours
        assert [len(der.whole(name.value, der.UTF8_STRING).decode()) for name in again][3] == len(
            attributes.address.text
        )


def _is_other(name: x509.GeneralName) -> TypeGuard[x509.OtherName]:
    return isinstance(name, x509.OtherName)


def test_an_authority_with_an_unknown_critical_extension_is_refused() -> None:
    issuer = world.authority(SIGNING)
    unknown = (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\0"), True)
    with pytest.raises(WrongProfile):
        CaCertificate.decode(world.reissue(issuer.certificate_der, issuer, add=(unknown,)))


def test_an_authority_that_another_one_issued_is_refused() -> None:
    """Both of JPKI's are single-tier: there are no intermediate and no link certificates."""
    issuer = world.authority(SIGNING)
    other = world.authority(AUTHENTICATION).certificate.subject
    with pytest.raises(WrongProfile):
        CaCertificate.decode(world.reissue(issuer.certificate_der, issuer, subject=other))


def test_what_is_personal_is_never_kept() -> None:
    """Extensions that certificates share are kept; a name and an address are shared by nobody."""
    EndEntityCertificate.decode(world.signing_certificate())
    EndEntityCertificate.decode(world.authentication_certificate())
    name = world.HANAKO.name.text.encode()
    assert slices._shared_blocks
    assert slices._shared_around
    kept = b"".join((*slices._shared_blocks, *(part for around in slices._shared_around for part in around)))
    assert name not in kept
    told = [each.value for block in slices._shared_around.values() for each in block.slices.values()]
    assert not any(name in value for value in told)


def test_no_more_than_a_limit_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sends certificates of many invented municipalities fills no memory."""
    monkeypatch.setattr(slices, "_MOST_SHARED_BLOCKS", 3)
    for number in range(8):
        place = replace(world.KIYOSE, name_romaji=f"Place{number}-shi")
        certificate = EndEntityCertificate.decode(world.authentication_certificate(municipality=place))
        assert f"Place{number}-shi".encode() in certificate.distribution_point
        assert len(slices._shared_blocks) <= 3
    long = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), bytes(3000))
    issuer = world.authority(AUTHENTICATION)
    EndEntityCertificate.decode(world.reissue(world.authentication_certificate(), issuer, add=((long, False),)))
    assert all(len(block) < 3000 for block in slices._shared_blocks)


def test_no_more_signing_certificates_than_a_limit_leave_something(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an extension that nobody knows says may be personal, so nothing of such a certificate is kept."""
    monkeypatch.setattr(slices, "_MOST_SHARED_BLOCKS", 3)
    for number in range(8):
        place = replace(world.KIYOSE, name_romaji=f"Place{number}-shi")
        certificate = EndEntityCertificate.decode(world.signing_certificate(municipality=place))
        assert f"Place{number}-shi".encode() in certificate.distribution_point
        assert len(slices._shared_around) <= 3
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x0c\x05Tanuki")
    issuer, before = world.authority(SIGNING), dict(slices._shared_around)
    EndEntityCertificate.decode(world.reissue(world.signing_certificate(), issuer, add=((unknown, False),)))
    assert slices._shared_around == before


def test_personal_data_are_found_only_where_an_extension_begins() -> None:
    """The identifier of subjectAltName inside another extension is no subjectAltName."""
    inside = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), bytes.fromhex("30090603551d1104023000"))
    issuer = world.authority(SIGNING)
    certificate = world.reissue(world.signing_certificate(), issuer, add=((inside, False),))
    read = EndEntityCertificate.decode(certificate)
    assert read.personal_data is not None
    assert read.personal_data.attributes() == world.HANAKO
    without = world.reissue(certificate, issuer, put={x509.SubjectAlternativeName: None})
    with pytest.raises(WrongProfile):
        EndEntityCertificate.decode(without)
