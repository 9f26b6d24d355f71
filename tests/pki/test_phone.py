"""Certificates on phones: the card's profile under policies of their own."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.pki import world
from tests.pki.world import ADDRESSES, AUTHENTICATION, HANAKO, KIYOSE, NOW, SIGNING
from tests.real.conftest import cannot
from warifu.errors import WrongPolicy
from warifu.pki import (
    CertificateKind,
    EndEntityCertificate,
    Issuer,
    Medium,
    ServiceAddresses,
    build_authentication_certificate,
    build_signing_certificate,
)


def build(
    kind: CertificateKind,
    medium: Medium,
    addresses: ServiceAddresses = ADDRESSES,
    issuer: Issuer | None = None,
    holder: bytes | None = None,
) -> bytes:
    shared = {
        "serial_number": world.SERIAL,
        "common_name": "000007EABM0XIT13221003A",
        "public_key_info": holder or world.signer(1).public_key_info,
        "municipality": KIYOSE,
        "not_before": world.ISSUED,
        "not_after": world.ENDS,
        "addresses": addresses,
        "medium": medium,
    }
    authority = issuer or world.authority(kind)
    if kind is SIGNING:
        return build_signing_certificate(authority, attributes=HANAKO, **shared)  # type: ignore[arg-type]
    return build_authentication_certificate(authority, **shared)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", CertificateKind)
def test_a_certificate_tells_its_medium_by_its_policy(kind: CertificateKind) -> None:
    for medium in Medium:
        read = EndEntityCertificate.decode(build(kind, medium))
        assert (read.kind, read.medium) == (kind, medium)


@pytest.mark.parametrize("kind", CertificateKind)
def test_a_phones_certificate_differs_from_a_cards_in_the_policy_only(kind: CertificateKind) -> None:
    card, phone = (x509.load_der_x509_certificate(build(kind, medium)) for medium in Medium)
    policies = {}
    for certificate in (card, phone):
        extensions = {each.oid: (each.critical, each.value.public_bytes()) for each in certificate.extensions}
        policies[certificate] = extensions.pop(x509.CertificatePolicies.oid)
        assert extensions == {
            each.oid: (each.critical, each.value.public_bytes())
            for each in card.extensions
            if each.oid != x509.CertificatePolicies.oid
        }
    assert policies[card] != policies[phone]
    assert policies[phone][0], "critical"
    assert (card.subject, card.not_valid_after_utc) == (phone.subject, phone.not_valid_after_utc)


@pytest.mark.parametrize("kind", CertificateKind)
def test_a_phone_of_the_next_generation_has_the_same_policies(kind: CertificateKind) -> None:
    der = build(kind, Medium.PHONE, issuer=world.next_authority(kind), holder=world.next_signer(1).public_key_info)
    read = EndEntityCertificate.decode(der)
    assert (read.kind, read.medium) == (kind, Medium.PHONE)


def test_an_operator_may_choose_the_phones_policies_and_no_reader_takes_them_for_others() -> None:
    """They are modelled, so a reader knows those of the profile only."""
    chosen = replace(ADDRESSES, phone_policies=((AUTHENTICATION, "1.3.6.1.4.1.99999.1"),))
    with pytest.raises(WrongPolicy):
        EndEntityCertificate.decode(build(AUTHENTICATION, Medium.PHONE, chosen))
    assert EndEntityCertificate.decode(build(AUTHENTICATION, Medium.CARD, chosen)).medium is Medium.CARD
    assert EndEntityCertificate.decode(build(SIGNING, Medium.PHONE, chosen)).medium is Medium.PHONE


@pytest.mark.real
@pytest.mark.parametrize("kind", CertificateKind)
def test_openssl_verifies_a_phones_certificate_under_its_policy_only(kind: CertificateKind, tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        cannot("not installed: openssl")
    for name, der in (("ca", world.authority(kind).certificate_der), ("it", build(kind, Medium.PHONE))):
        (tmp_path / f"{name}.pem").write_bytes(x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM))
    moment = ["-attime", str(int(NOW.timestamp()))]
    for policy, verdict in ((kind.policy_on(Medium.PHONE), 0), (kind.policy, 2)):
        policies = ["-policy", policy, "-explicit_policy", "-x509_strict"]
        command = ["openssl", "verify", "-CAfile", "ca.pem", *moment, *policies, "it.pem"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
        assert done.returncode == verdict
