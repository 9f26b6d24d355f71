"""The P-384 profile: certificates, revocation lists and status answers, beside the RSA profile and never mixed with it.

Modelled: after the plans for the next card (P-384, SHA-384, ten years); no profile of its certificates is published.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.pki import world
from tests.pki.world import AUTHENTICATION, NEXT_ORDER, NOW, SIGNING
from warifu.errors import Malformed, NotAllowed, Tampered, WrongProfile, WrongSignature
from warifu.pki import (
    CaCertificate,
    CertificateKind,
    EndEntityCertificate,
    Issuer,
    KeySigner,
    OcspAnswer,
    OcspRequest,
    Reason,
    Revocation,
    RevocationList,
    Standing,
    UnverifiedCertificate,
    build_ca_certificate,
    build_crl,
    build_ocsp_response,
    build_responder_certificate,
    check_signature,
    check_signature_by,
    issuer_hashes,
    public_key_of,
)
from warifu.pki.keys import ALGORITHMS

KINDS = [AUTHENTICATION, SIGNING]
SHA384 = hashes.SHA384()
# The order of the curve's group (FIPS 186-5, SP 800-186 §3.2.1.4).
ORDER_OF_P384 = int(
    "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973", 16
)


def certificate_of(kind: CertificateKind, **changes: Any) -> bytes:
    issuer, order = world.next_authority(kind), replace(NEXT_ORDER, **changes)
    return order.authentication(issuer) if kind is AUTHENTICATION else order.signing(issuer)


@pytest.mark.parametrize("kind", KINDS)
def test_a_certificate_of_the_next_profile_is_read_back(kind: CertificateKind) -> None:
    certificate = EndEntityCertificate.decode(certificate_of(kind))
    assert certificate.kind is kind
    assert isinstance(certificate.public_key, ec.EllipticCurvePublicKey)
    assert certificate.unverified.algorithm == ALGORITHMS["ES384"]
    assert certificate.key_id == x509.SubjectKeyIdentifier.from_public_key(certificate.public_key).digest
    assert certificate.not_after - NOW > timedelta(days=9 * 365)


@pytest.mark.parametrize("kind", KINDS)
def test_cryptography_finds_the_next_profile_issued_by_its_authority(kind: CertificateKind) -> None:
    leaf = x509.load_der_x509_certificate(certificate_of(kind))
    leaf.verify_directly_issued_by(world.next_authority(kind).certificate)
    assert leaf.signature_algorithm_oid == x509.SignatureAlgorithmOID.ECDSA_WITH_SHA384


@pytest.mark.parametrize("kind", KINDS)
def test_generations_of_both_kinds_of_key_share_one_name(kind: CertificateKind) -> None:
    ours, todays = (
        CaCertificate.decode(each(kind).certificate_der) for each in (world.next_authority, world.authority)
    )
    assert (ours.subject, ours.kind) == (todays.subject, todays.kind)
    assert ours.key_id != todays.key_id


def test_a_revocation_list_of_the_next_profile_verifies_with_its_key_only() -> None:
    issuer = world.next_authority(AUTHENTICATION)
    revoked = {world.SERIAL: Revocation(NOW, Reason.KEY_COMPROMISE)}
    read = RevocationList.decode(
        build_crl(issuer, municipality=world.KIYOSE, revoked=revoked, number=1, this_update=NOW)
    )
    assert read.algorithm == ALGORITHMS["ES384"]
    check_signature(key_of(issuer), read.algorithm, read.signature, read.signed)
    with pytest.raises(WrongSignature):
        check_signature(key_of(world.authority(AUTHENTICATION)), read.algorithm, read.signature, read.signed)


@pytest.mark.parametrize("delegated", [False, True])
def test_a_status_answer_of_the_next_profile_verifies(delegated: bool) -> None:
    issuer = world.next_authority(AUTHENTICATION)
    signer = world.next_responder() if delegated else issuer
    request = OcspRequest("sha1", *issuer_hashes(issuer.certificate), world.SERIAL)
    answer = OcspAnswer.decode(
        build_ocsp_response(signer, request, Standing.GOOD, produced_at=NOW, this_update=NOW, next_update=None)
    )
    assert answer.algorithm == ALGORITHMS["ES384"]
    check_signature(signer.certificate.public_key(), answer.algorithm, answer.signature, answer.signed)  # type: ignore[arg-type]


# --- refusals ---------------------------------------------------------------------------------------------------------


def key_of(issuer: Issuer) -> Any:
    return issuer.certificate.public_key()


@pytest.mark.parametrize("kind", KINDS)
def test_an_rsa_key_is_not_certified_by_a_p384_authority(kind: CertificateKind) -> None:
    with pytest.raises(NotAllowed):
        certificate_of(kind, public_key_info=world.signer(0).public_key_info)


def test_a_p384_key_is_not_certified_by_an_rsa_authority() -> None:
    with pytest.raises(NotAllowed):
        world.authentication_certificate(public_key_info=world.next_signer(0).public_key_info)


def test_a_p256_key_is_not_certified_by_a_p384_authority() -> None:
    with pytest.raises(NotAllowed):
        certificate_of(AUTHENTICATION, public_key_info=KeySigner.generate("ES256").public_key_info)


def test_a_responder_with_another_kind_of_key_is_not_certified() -> None:
    with pytest.raises(NotAllowed):
        build_responder_certificate(
            world.next_authority(AUTHENTICATION),
            serial_number=7,
            common_name="OCSP",
            public_key_info=world.signer(90).public_key_info,
            not_before=NOW,
            not_after=NOW + timedelta(days=1),
        )


def refuse_reissued(key: Any, issuer: Issuer, algorithm: hashes.SHA256 | hashes.SHA384) -> None:
    identifier = (x509.SubjectKeyIdentifier.from_public_key(key), False)
    spoilt = world.reissue(
        certificate_of(AUTHENTICATION),
        issuer,
        public_key=key,
        algorithm=algorithm,
        put={x509.SubjectKeyIdentifier: identifier},
    )
    with pytest.raises(WrongProfile) as refused:
        EndEntityCertificate.decode(spoilt)
    assert type(refused.value) is WrongProfile


def test_a_holders_key_of_another_kind_than_the_signature_is_refused() -> None:
    """No downgrade: a P-384 signature never vouches for an RSA key, nor RSA for P-384."""
    refuse_reissued(world.signer(0)._key.public_key(), world.next_authority(AUTHENTICATION), SHA384)
    refuse_reissued(world.next_signer(0)._key.public_key(), world.authority(AUTHENTICATION), hashes.SHA256())


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP521R1(), ec.SECP256K1(), ec.BrainpoolP384R1()])
def test_a_holders_key_of_another_curve_is_refused(curve: ec.EllipticCurve) -> None:
    refuse_reissued(ec.derive_private_key(7, curve).public_key(), world.next_authority(AUTHENTICATION), SHA384)


@pytest.mark.parametrize("algorithm", [hashes.SHA256(), hashes.SHA512()])
def test_another_hash_than_sha384_is_refused(algorithm: hashes.SHA256 | hashes.SHA512) -> None:
    certificate = world.reissue(
        certificate_of(AUTHENTICATION), world.next_authority(AUTHENTICATION), algorithm=algorithm
    )
    with pytest.raises(WrongProfile):
        EndEntityCertificate.decode(certificate)


def test_a_compressed_point_is_refused() -> None:
    """One encoding of a key, so that its identifier is one: RFC 5480 §2.2 lets compressed points be refused."""
    public = world.next_signer(0)._key.public_key()
    long, short = (
        public.public_bytes(Encoding.X962, form)
        for form in (PublicFormat.UncompressedPoint, PublicFormat.CompressedPoint)
    )
    unverified = UnverifiedCertificate.decode(certificate_of(AUTHENTICATION))
    public_key_of(unverified)
    compressed = bytes.fromhex("3046301006072a8648ce3d020106052b81040022033200") + short
    unverified.public_key_info = compressed
    assert long[1:49] == short[1:]
    with pytest.raises(WrongProfile):
        public_key_of(unverified)


@pytest.mark.parametrize("algorithm", ["ES256"])
def test_an_authority_of_another_curve_is_refused(algorithm: str) -> None:
    signer = KeySigner.generate(algorithm)  # type: ignore[arg-type]
    root = build_ca_certificate(AUTHENTICATION, signer, serial_number=9, not_before=world.ISSUED, not_after=world.ENDS)
    with pytest.raises(WrongProfile):
        CaCertificate.decode(root)


def test_a_p384_authority_that_signs_itself_with_another_hash_is_refused() -> None:
    issuer = world.next_authority(AUTHENTICATION)
    with pytest.raises(Tampered):
        CaCertificate.decode(world.reissue(issuer.certificate_der, issuer, algorithm=hashes.SHA256()))


@pytest.mark.parametrize("name", ["RS256", "ES256"])
def test_a_name_of_another_algorithm_beside_a_p384_signature_is_refused(name: str) -> None:
    """The key decides, not what stands beside the signature."""
    signer = world.next_signer(0)
    signature = signer.sign(b"data")
    check_signature(signer._key.public_key(), ALGORITHMS["ES384"], signature, b"data")
    with pytest.raises(WrongSignature):
        check_signature(signer._key.public_key(), ALGORITHMS[name], signature, b"data")  # type: ignore[index]


def test_an_ecdsa_name_beside_an_rsa_signature_is_refused() -> None:
    signature = world.signer(0).sign(b"data")
    with pytest.raises(WrongSignature):
        check_signature(world.signer(0)._key.public_key(), ALGORITHMS["ES384"], signature, b"data")


def test_a_key_of_another_curve_verifies_nothing() -> None:
    other = KeySigner.generate("ES256")
    with pytest.raises(WrongSignature):
        check_signature_by(other._key.public_key(), other.sign(b"data"), b"data")


def integer(number: int) -> bytes:
    body = number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True)
    return bytes((2, len(body))) + body


def sequence(*parts: bytes) -> bytes:
    body = b"".join(parts)
    return bytes((0x30, len(body))) + body


SIGNATURE = world.next_signer(0).sign(b"data")
R, S = decode_dss_signature(SIGNATURE)
SPOILT = {
    "a byte behind": SIGNATURE + b"\0",
    "a byte short": SIGNATURE[:-1],
    "a long form of length": b"\x30\x81" + SIGNATURE[1:],
    "a length that never ends": b"\x30\x80" + SIGNATURE[2:] + b"\0\0",
    "a zero too many in front": sequence(b"\x02" + bytes((len(integer(R)) - 1,)) + b"\0" + integer(R)[2:], integer(S)),
    "a third number": sequence(integer(R), integer(S), integer(1)),
    "numbers side by side": R.to_bytes(48, "big") + S.to_bytes(48, "big"),
    "r = 0": encode_dss_signature(0, S),
    "s = 0": encode_dss_signature(R, 0),
    "r negative": sequence(integer(R - (1 << 384)), integer(S)),
    "s past the order": encode_dss_signature(R, S + ORDER_OF_P384),
    "r past the order": encode_dss_signature(R + ORDER_OF_P384, S),
    "r and s exchanged": encode_dss_signature(S, R),
    "zeroes": bytes(len(SIGNATURE)),
    "nothing": b"",
}


def test_the_signature_that_is_spoilt_below_is_good() -> None:
    check_signature_by(world.next_signer(0)._key.public_key(), SIGNATURE, b"data")
    check_signature_by(world.next_signer(0)._key.public_key(), sequence(integer(R), integer(S)), b"data")


@pytest.mark.parametrize("spoilt", SPOILT.values(), ids=SPOILT)
def test_another_encoding_or_range_of_an_ecdsa_signature_is_refused(spoilt: bytes) -> None:
    """RFC 3279 §2.2.3, X.690 §10: one encoding of r and s, each from 1 to the order less one (FIPS 186-5 §6.4.2)."""
    with pytest.raises(WrongSignature):
        check_signature_by(world.next_signer(0)._key.public_key(), spoilt, b"data")


def test_a_spoilt_certificate_is_malformed_or_refused() -> None:
    whole = certificate_of(AUTHENTICATION)
    for spoilt in (whole[:-1], whole + b"\0"):
        with pytest.raises(Malformed):
            EndEntityCertificate.decode(spoilt)
