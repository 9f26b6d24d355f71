"""A P-384 generation of an authority certifies the next generation of cards, for ten years."""

from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509

from tests.ca.town import NOW, YEAR, application, authority, key
from warifu.ca import Authority
from warifu.errors import NotAllowed
from warifu.pki import CertificateKind, Issuer, KeySigner, build_ca_certificate

TEN_YEARS = NOW + 10 * YEAR


@pytest.fixture(scope="module")
def next_authority() -> Authority:
    signer = KeySigner.generate("ES384")
    kind = CertificateKind.AUTHENTICATION
    root = build_ca_certificate(kind, signer, serial_number=9, not_before=NOW - YEAR, not_after=NOW + 20 * YEAR)
    return Authority(Issuer(root, signer, kind), authority().addresses)


def test_a_next_generation_certificate_lasts_ten_years(next_authority: Authority) -> None:
    asked = replace(application(), public_key_info=KeySigner.generate("ES384").public_key_info, not_after=TEN_YEARS)
    issued = x509.load_der_x509_certificate(next_authority.issue(asked, 1, NOW).certificate)
    issued.verify_directly_issued_by(next_authority.issuer.certificate)
    assert issued.not_valid_after_utc == TEN_YEARS


def test_ten_years_are_for_next_generation_keys_only() -> None:
    """公的個人認証法施行規則 第13条, 第49条."""
    with pytest.raises(NotAllowed, match="sixth birthday"):
        authority().issue(replace(application(), not_after=TEN_YEARS - 2 * YEAR), 1, NOW)


def test_a_next_generation_certificate_does_not_last_longer_than_planned(next_authority: Authority) -> None:
    info = KeySigner.generate("ES384").public_key_info
    late = replace(application(), public_key_info=info, not_after=NOW + timedelta(days=11 * 366 + 1))
    with pytest.raises(NotAllowed, match="tenth"):
        next_authority.issue(late, 1, NOW)


def test_an_rsa_key_gets_no_next_generation_certificate(next_authority: Authority) -> None:
    with pytest.raises(NotAllowed, match="own kind"):
        next_authority.issue(replace(application(), public_key_info=key(10).public_key_info), 1, NOW)
