from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from tests.pki import world
from tests.pki.world import AUTHENTICATION, KIYOSE, NOW
from warifu.errors import Malformed, WrongProfile
from warifu.pki import EndEntityCertificate, Reason, Revocation, RevocationList, build_crl

ISSUER = world.authority(AUTHENTICATION)
REVOKED = {world.SERIAL + reason: Revocation(NOW - timedelta(hours=reason), reason) for reason in Reason}


def crl(revoked: dict[int, Revocation] = REVOKED) -> bytes:
    return build_crl(ISSUER, municipality=KIYOSE, revoked=revoked, number=12, this_update=NOW)


@pytest.mark.parametrize("revoked", [{}, REVOKED], ids=["empty", "every reason"])
def test_a_list_is_read_as_it_was_written(revoked: dict[int, Revocation]) -> None:
    read = RevocationList.decode(crl(revoked))
    assert read.revoked == revoked
    assert (read.number, read.this_update, read.next_update) == (12, NOW, NOW + timedelta(hours=48))
    assert read.issuer == ISSUER.certificate.subject.public_bytes()
    assert read.issuer_key_id == ISSUER.key_id
    assert str(world.SERIAL) not in repr(read)


def test_a_list_names_the_distribution_point_of_its_certificates() -> None:
    certificate = EndEntityCertificate.decode(world.authentication_certificate())
    assert RevocationList.decode(crl()).distribution_point == certificate.distribution_point


def test_a_list_has_the_form_of_its_profile() -> None:
    """RFC 5280 §5: version 2, number, key identifier, critical scope; entries ascend, reason 0 is left out."""
    read = x509.load_der_x509_crl(crl())
    assert read.is_signature_valid(ISSUER.certificate.public_key())  # type: ignore[arg-type]
    assert [(extension.oid.dotted_string, extension.critical) for extension in read.extensions] == [
        ("2.5.29.35", False),
        ("2.5.29.20", False),
        ("2.5.29.28", True),
    ]
    assert [entry.serial_number for entry in read] == sorted(REVOKED)
    assert [len(list(entry.extensions)) for entry in read] == [0, 1, 1, 1, 1, 1, 1]


def test_a_list_ends_when_it_is_told_to() -> None:
    ends = NOW + timedelta(hours=3)
    read = build_crl(ISSUER, municipality=KIYOSE, revoked={}, number=1, this_update=NOW, next_update=ends)
    assert RevocationList.decode(read).next_update == ends


@pytest.mark.parametrize("data", [b"", b"\x30\x00", crl() + b"\0", crl()[:-1]])
def test_what_is_no_list_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        RevocationList.decode(data)


def test_a_country_of_one_letter_is_malformed() -> None:
    """X.520 wants two; cryptography warns, and where warnings are errors no other error than ours comes out."""
    country = bytes.fromhex("0603550406")
    head, found, tail = crl().rpartition(country + bytes.fromhex("1302"))
    assert found
    with pytest.raises(Malformed):
        RevocationList.decode(head + country + bytes.fromhex("1e02") + tail)


def signed(entries: list[x509.RevokedCertificate]) -> bytes:
    """The list with other entries, signed again."""
    old = x509.load_der_x509_crl(crl({}))
    assert old.next_update_utc is not None
    builder = x509.CertificateRevocationListBuilder(
        old.issuer, old.last_update_utc, old.next_update_utc, list(old.extensions), entries
    )
    return builder.sign(ISSUER.private_key, hashes.SHA256()).public_bytes(Encoding.DER)


def entry(*extensions: tuple[x509.ExtensionType, bool]) -> x509.RevokedCertificate:
    builder = x509.RevokedCertificateBuilder(world.SERIAL, NOW)
    for value, critical in extensions:
        builder = builder.add_extension(value, critical)
    return builder.build()


def test_a_serial_number_twice_is_malformed() -> None:
    """Whichever entry counted, somebody could be told the other."""
    held = entry((x509.CRLReason(x509.ReasonFlags.certificate_hold), False))
    assert len(RevocationList.decode(signed([held])).revoked) == 1
    with pytest.raises(Malformed):
        RevocationList.decode(signed([held, entry()]))


@pytest.mark.parametrize(
    "value",
    [
        x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\0"),
        x509.CertificateIssuer([x509.DirectoryName(ISSUER.certificate.subject)]),
    ],
    ids=["unknown", "another issuer"],
)
def test_an_entry_with_a_critical_extension_is_refused(value: x509.ExtensionType) -> None:
    """RFC 5280 §5.3: such a list must not be used; certificateIssuer belongs to indirect lists."""
    with pytest.raises(WrongProfile):
        RevocationList.decode(signed([entry((value, True))]))


def test_a_reason_that_jpki_does_not_use_is_malformed() -> None:
    with pytest.raises(Malformed):
        RevocationList.decode(signed([entry((x509.CRLReason(x509.ReasonFlags.remove_from_crl), False))]))
