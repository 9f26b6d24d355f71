"""What `check_path` itself decides: uses, limits, moments, and which error tells which fault.

The rules of RFC 5280 §6 are tried by NIST's suite (tests/real/test_pkits.py).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.pki.world import NOW, signer
from warifu.errors import (
    Expired,
    Malformed,
    NotYetValid,
    Revoked,
    StatusUnknown,
    Suspended,
    Tampered,
    UntrustedIssuer,
    WarifuError,
    WeakAlgorithm,
    WrongKeyUsage,
    WrongProfile,
)
from warifu.pki import CertifiedKey
from warifu.pki.issuer import key_usage
from warifu.pki.path import Checking, Purpose, check_path
from warifu.pki.timestamps import build_timestamp_root, build_timestamp_unit

DAY = timedelta(days=1)
AUTHORITY = (x509.BasicConstraints(ca=True, path_length=None), True)


@dataclass(frozen=True)
class Party:
    """Somebody with a name and a key."""

    name: str
    key: Any

    @property
    def subject(self) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.name)])


@cache
def party(name: str) -> Party:
    return Party(name, ec.generate_private_key(ec.SECP256R1()))


ROOT, MIDDLE, LEAF = party("root"), party("middle"), party("leaf")


def certify(issuer: Party, subject: Party, *extensions: tuple[x509.ExtensionType, bool], **changes: Any) -> bytes:
    serial = changes.get("serial", sum(f"{issuer.name} {subject.name}".encode()))
    times = changes.get("times", (NOW - 100 * DAY, NOW + 100 * DAY))
    builder = x509.CertificateBuilder(issuer.subject, subject.subject, subject.key.public_key(), serial, *times)
    for extension in extensions:
        builder = builder.add_extension(*extension)
    signed = builder.sign(changes.get("key", issuer.key), changes.get("digest", hashes.SHA256()))
    return signed.public_bytes(Encoding.DER)


def crl_of(
    issuer: Party, *revoked: tuple[int, x509.ReasonFlags], at: datetime = NOW - DAY, made: datetime = NOW
) -> bytes:
    builder = x509.CertificateRevocationListBuilder(issuer.subject, made - timedelta(hours=1), made + DAY)
    for serial, reason in revoked:
        entry = x509.RevokedCertificateBuilder(serial, at.replace(microsecond=0))
        builder = builder.add_revoked_certificate(entry.add_extension(x509.CRLReason(reason), critical=False).build())
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.DER)


ROOT_CERTIFICATE = certify(ROOT, ROOT, AUTHORITY)
MIDDLE_CERTIFICATE = certify(ROOT, MIDDLE, AUTHORITY)
LEAF_CERTIFICATE = certify(MIDDLE, LEAF, serial=77)


def check(certificate: bytes = LEAF_CERTIFICATE, *others: bytes, at: datetime = NOW, **rest: Any) -> Any:
    return check_path(
        certificate, others or (MIDDLE_CERTIFICATE,), [ROOT_CERTIFICATE], at, **({"checking": Checking.NONE} | rest)
    )


def test_the_path_is_told_from_the_certificate_up_to_the_anchor() -> None:
    assert check().certificates == (LEAF_CERTIFICATE, MIDDLE_CERTIFICATE, ROOT_CERTIFICATE)


def test_an_anchor_is_a_path_of_its_own() -> None:
    assert check(ROOT_CERTIFICATE).certificates == (ROOT_CERTIFICATE,)


def test_a_path_to_nobody_trusted_is_refused() -> None:
    stranger = party("stranger")
    with pytest.raises(UntrustedIssuer):
        check(certify(stranger, LEAF), certify(stranger, stranger, AUTHORITY))


def test_a_self_signed_certificate_that_is_no_anchor_is_refused() -> None:
    with pytest.raises(UntrustedIssuer):
        check(certify(party("myself"), party("myself"), AUTHORITY))


def test_a_certificate_with_the_anchors_name_and_another_key_is_not_the_anchor() -> None:
    impostor = Party("root", party("impostor").key)
    with pytest.raises(WarifuError) as refused:
        check(certify(impostor, LEAF, serial=5), certify(impostor, impostor, AUTHORITY, serial=6))
    assert type(refused.value) is Tampered


def test_a_signature_by_another_key_is_tampering() -> None:
    with pytest.raises(Tampered):
        check(certify(MIDDLE, LEAF, key=party("other").key))


@pytest.mark.parametrize(
    ("at", "refusal"), [(NOW - 101 * DAY, NotYetValid), (NOW + 101 * DAY, Expired)], ids=["before", "after"]
)
def test_every_certificate_is_valid_at_the_moment(at: datetime, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        check(at=at)


def test_validity_ends_with_its_last_second() -> None:
    end = (NOW + 100 * DAY).replace(microsecond=0)
    check(at=end)
    with pytest.raises(Expired):
        check(at=end + timedelta(seconds=1))


def test_an_unknown_critical_extension_at_the_end_of_the_path_is_refused() -> None:
    """RFC 5280 §4.2; certvalidator is held to it for the last certificate too."""
    unknown = (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.392.9999.1"), b"\5\0"), True)
    with pytest.raises(WrongProfile):
        check(certify(MIDDLE, LEAF, unknown))


def test_a_hash_that_is_not_named_is_not_sound() -> None:
    with pytest.raises(WeakAlgorithm):
        check(certify(MIDDLE, LEAF, digest=hashes.SHA224()))


def test_a_hash_that_was_sound_then_may_be_named() -> None:
    leaf = certify(MIDDLE, LEAF, digest=hashes.SHA224())
    assert check(leaf, hashes=frozenset({"sha224", "sha256"}))


def test_rsa_of_less_than_2048_bits_is_not_sound() -> None:
    middle = Party("short middle", rsa.generate_private_key(65537, 1024))
    with pytest.raises(WeakAlgorithm):
        check(certify(middle, LEAF), certify(ROOT, middle, AUTHORITY))


@pytest.mark.parametrize("place", ["certificate", "other", "anchor", "crl", "ocsp"])
def test_what_is_not_der_is_malformed(place: str) -> None:
    """A byte behind the end is enough."""
    bad = {"certificate": LEAF_CERTIFICATE, "other": MIDDLE_CERTIFICATE, "anchor": ROOT_CERTIFICATE}
    data = bad.get(place, crl_of(ROOT)) + b"\0"
    with pytest.raises(Malformed):
        check_path(
            data if place == "certificate" else LEAF_CERTIFICATE,
            [data if place == "other" else MIDDLE_CERTIFICATE],
            [data if place == "anchor" else ROOT_CERTIFICATE],
            NOW,
            crls=[data] if place == "crl" else (),
            ocsps=[data] if place == "ocsp" else (),
        )


# --- revocation -------------------------------------------------------------------------------------------------------


def with_lists(*crls: bytes, **rest: Any) -> Any:
    return check(crls=crls, checking=Checking.EVERY, **rest)


def test_every_certificate_needs_revocation_data_unless_told_otherwise() -> None:
    with pytest.raises(StatusUnknown):
        with_lists(crl_of(MIDDLE))
    assert with_lists(crl_of(MIDDLE), crl_of(ROOT))


def test_what_declares_no_revocation_data_needs_none_if_told_so() -> None:
    assert check(checking=Checking.DECLARED)


def test_a_certificate_that_declares_a_list_needs_it() -> None:
    point = x509.DistributionPoint([x509.DirectoryName(MIDDLE.subject)], None, None, None)
    with pytest.raises(StatusUnknown):
        check(certify(MIDDLE, LEAF, (x509.CRLDistributionPoints([point]), False)), checking=Checking.DECLARED)


def test_a_revoked_certificate_is_refused_with_its_reason() -> None:
    with pytest.raises(Revoked) as refused:
        with_lists(crl_of(ROOT), crl_of(MIDDLE, (77, x509.ReasonFlags.key_compromise)))
    assert (refused.value.reason, refused.value.at) == (1, (NOW - DAY).replace(microsecond=0))


def test_a_certificate_on_hold_is_suspended() -> None:
    with pytest.raises(Suspended):
        with_lists(crl_of(ROOT), crl_of(MIDDLE, (77, x509.ReasonFlags.certificate_hold)))


def test_a_list_of_another_day_says_nothing_about_the_moment() -> None:
    with pytest.raises(StatusUnknown):
        with_lists(crl_of(ROOT, made=NOW + 10 * DAY), crl_of(MIDDLE, made=NOW + 10 * DAY))


def test_data_of_today_tells_about_the_past_if_asked() -> None:
    later = NOW + 10 * DAY
    lists = (crl_of(ROOT, made=later), crl_of(MIDDLE, made=later))
    assert with_lists(*lists, retroactive=True)


def test_what_was_revoked_later_was_not_revoked_then() -> None:
    later = NOW + 10 * DAY
    revoked = crl_of(MIDDLE, (77, x509.ReasonFlags.key_compromise), at=NOW + DAY, made=later)
    assert with_lists(crl_of(ROOT, made=later), revoked, retroactive=True)


def test_a_list_somebody_else_signed_is_none() -> None:
    forged = crl_of(Party("middle", party("forger").key))
    with pytest.raises(StatusUnknown):
        with_lists(crl_of(ROOT), forged)


# --- purposes ---------------------------------------------------------------------------------------------------------


def test_a_timestamp_unit_is_one() -> None:
    root_key, unit_key = signer(50), signer(51)
    begin, end = NOW - DAY, NOW + DAY
    root = build_timestamp_root(root_key, serial_number=1, not_before=begin, not_after=end)
    issuer = CertifiedKey(root, root_key)
    unit = build_timestamp_unit(issuer, unit_key, serial_number=2, not_before=begin, not_after=end)
    path = check_path(unit, [], [root], NOW, checking=Checking.DECLARED, purpose=Purpose.TIMESTAMPING)
    assert path.certificates == (unit, root)


EXTENDED = x509.ExtendedKeyUsage
STAMPING = ExtendedKeyUsageOID.TIME_STAMPING


@pytest.mark.parametrize(
    "extensions",
    [
        (),
        ((EXTENDED([STAMPING]), False),),
        ((EXTENDED([STAMPING, ExtendedKeyUsageOID.CLIENT_AUTH]), True),),
        ((EXTENDED([ExtendedKeyUsageOID.CLIENT_AUTH]), True),),
    ],
    ids=["without extended usage", "not critical", "for more than that", "for something else"],
)
def test_a_timestamp_authority_does_nothing_else(extensions: tuple[tuple[x509.ExtensionType, bool], ...]) -> None:
    """RFC 3161 §2.3."""
    with pytest.raises(WrongKeyUsage):
        check(certify(MIDDLE, LEAF, *extensions), purpose=Purpose.TIMESTAMPING)


def usage(*bits: str) -> tuple[x509.ExtensionType, bool]:
    return key_usage(*bits), True


@pytest.mark.parametrize("purpose", [Purpose.DOCUMENT_SIGNING, Purpose.TIMESTAMPING])
def test_a_key_for_encryption_signs_nothing(purpose: Purpose) -> None:
    """RFC 5280 §4.2.1.3."""
    leaf = certify(MIDDLE, LEAF, usage("key_encipherment"), (EXTENDED([STAMPING]), True))
    with pytest.raises(WrongKeyUsage):
        check(leaf, purpose=purpose)


def test_a_key_for_signatures_signs_documents() -> None:
    assert check(certify(MIDDLE, LEAF, usage("content_commitment")), purpose=Purpose.DOCUMENT_SIGNING)


# --- what strangers send ----------------------------------------------------------------------------------------------


def test_a_thicket_of_cross_certificates_ends_soon() -> None:
    """Each of eight authorities certifies each other: millions of ways, none to an anchor."""
    crowd = [party(f"crowd {number}") for number in range(8)]
    pairs = [(one, other) for one in crowd for other in crowd if one is not other]
    thicket = [certify(*pair, AUTHORITY, serial=number) for number, pair in enumerate(pairs, 1)]
    with pytest.raises(Malformed):
        check(certify(crowd[0], LEAF), *thicket)


def test_certificates_by_the_hundred_are_not_looked_at() -> None:
    with pytest.raises(Malformed):
        check(LEAF_CERTIFICATE, *[MIDDLE_CERTIFICATE] * 65)


def test_nothing_shown_names_anybody() -> None:
    assert "leaf" not in repr(check())
    with pytest.raises(UntrustedIssuer) as refused:
        check(certify(party("Hanako"), LEAF))
    assert "Hanako" not in str(refused.value)
    assert refused.value.__suppress_context__
