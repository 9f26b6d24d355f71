from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.pki import world
from tests.pki.world import AUTHENTICATION, NOW, SHIBUYA
from tests.verifier.scene import HELD, MOVED, NONCE, Scene, anchors, answer, crl, ocsp
from warifu.errors import (
    Expired,
    NeverIssued,
    RevocationDataRefused,
    Revoked,
    StatusUnknown,
    Suspended,
    WarifuError,
)
from warifu.pki import (
    Issuer,
    OcspAnswer,
    OcspError,
    OcspResponder,
    Reason,
    Revocation,
    Standing,
    build_ocsp_error,
    build_responder_certificate,
    der,
)
from warifu.verifier import Evidence, Source, check_crl


def refused_as(error: type[WarifuError], evidence: Evidence, **changes: object) -> WarifuError:
    with pytest.raises(error) as refused:
        Scene().check(evidence=evidence, **changes)
    assert type(refused.value) is error
    return refused.value


# --- what the authority says ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason is not Reason.CERTIFICATE_HOLD])
@pytest.mark.parametrize("by", ["ocsp", "crl"])
def test_a_revoked_certificate_is_refused(reason: Reason, by: str) -> None:
    at = NOW - timedelta(days=1)
    revocation = Revocation(at, reason)
    evidence = Evidence(ocsp(revocation), NONCE) if by == "ocsp" else Evidence(crl=crl({world.SERIAL: revocation}))
    refused = refused_as(Revoked, evidence)
    assert isinstance(refused, Revoked)
    assert (refused.at, refused.reason) == (at, reason)


@pytest.mark.parametrize("evidence", [Evidence(ocsp(HELD), NONCE), Evidence(crl=crl({world.SERIAL: HELD}))])
def test_a_suspended_certificate_is_refused(evidence: Evidence) -> None:
    refused = refused_as(Suspended, evidence)
    assert isinstance(refused, Suspended)
    assert refused.at == HELD.at


def test_a_certificate_that_was_never_issued_is_refused() -> None:
    """RFC 6960 §2.2: the authority answers unknown."""
    refused_as(NeverIssued, Evidence(ocsp(Standing.UNKNOWN), NONCE))


def test_a_list_that_names_others_does_not_refuse() -> None:
    Scene().check(evidence=Evidence(crl=crl({world.SERIAL + 1: MOVED})))


def test_ocsp_decides_before_the_list() -> None:
    """The list is yesterday's copy."""
    refused_as(Revoked, Evidence(ocsp(MOVED), NONCE, crl()))
    assert Scene().check(evidence=Evidence(ocsp(), NONCE, crl({world.SERIAL: HELD}))).status.source is Source.OCSP


def test_an_expired_certificate_is_expired_even_if_it_was_revoked() -> None:
    """Authorities forget a revocation when the certificate has ended anyway."""
    later = world.ENDS + timedelta(seconds=1)
    refused_as(Expired, Evidence(crl=crl({world.SERIAL: MOVED}, this_update=later)), now=later, expires_at=later)


# --- don't know -------------------------------------------------------------------------------------------------------


def test_without_revocation_data_the_status_is_unknown() -> None:
    refused_as(StatusUnknown, Evidence())


def test_a_stale_ocsp_answer_leaves_the_status_unknown() -> None:
    stale = ocsp(this_update=NOW - timedelta(hours=1), next_update=NOW - timedelta(seconds=61))
    refused_as(StatusUnknown, Evidence(stale, NONCE))


def test_a_stale_answer_that_says_revoked_leaves_the_status_unknown_too() -> None:
    stale = ocsp(HELD, this_update=NOW - timedelta(hours=1), next_update=NOW - timedelta(seconds=61))
    refused_as(StatusUnknown, Evidence(stale, NONCE))


def test_an_old_answer_that_names_no_end_leaves_the_status_unknown() -> None:
    Scene().check(evidence=Evidence(ocsp(this_update=NOW - timedelta(hours=1), next_update=None), NONCE))
    old = ocsp(this_update=NOW - timedelta(hours=1, seconds=61), next_update=None)
    refused_as(StatusUnknown, Evidence(old, NONCE))


def test_a_stale_list_leaves_the_status_unknown() -> None:
    refused_as(StatusUnknown, Evidence(crl=crl(this_update=NOW - timedelta(hours=48, seconds=61))))


def test_a_list_checked_before_goes_stale_too() -> None:
    checked = check_crl(crl(), anchors())
    Scene().check(evidence=Evidence(crl=checked))
    later = NOW + timedelta(hours=48)
    refused_as(StatusUnknown, Evidence(crl=checked), now=later, expires_at=later)


@pytest.mark.parametrize("error", OcspError)
def test_an_answer_without_content_leaves_the_status_unknown(error: OcspError) -> None:
    """RFC 6960 §2.3: such an answer is not signed."""
    refused_as(StatusUnknown, Evidence(build_ocsp_error(error), NONCE))


def test_a_fresh_list_helps_when_ocsp_is_stale_or_silent() -> None:
    stale = ocsp(this_update=NOW - timedelta(hours=1), next_update=NOW - timedelta(seconds=61))
    for silent in (stale, build_ocsp_error(OcspError.TRY_LATER)):
        assert Scene().check(evidence=Evidence(silent, NONCE, crl())).status.source is Source.CRL
        refused_as(Revoked, Evidence(silent, NONCE, crl({world.SERIAL: MOVED})))


def test_clocks_may_differ_by_a_minute() -> None:
    Scene().check(evidence=Evidence(ocsp(this_update=NOW + timedelta(seconds=60)), NONCE))
    Scene().check(evidence=Evidence(ocsp(next_update=NOW - timedelta(seconds=60)), NONCE))


# --- data that may not be relied on -----------------------------------------------------------------------------------


def refused_data(evidence: Evidence) -> None:
    refused_as(RevocationDataRefused, evidence)


def test_an_ocsp_answer_without_our_nonce_is_refused() -> None:
    """RFC 9654: yesterday's answer, played again."""
    refused_data(Evidence(ocsp(nonce=None), NONCE))


def test_an_ocsp_answer_with_another_nonce_is_refused() -> None:
    refused_data(Evidence(ocsp(nonce=b"m" * 32), NONCE))


def test_an_ocsp_answer_about_another_serial_number_is_refused() -> None:
    refused_data(Evidence(ocsp(serial_number=world.SERIAL + 1), NONCE))


def test_an_ocsp_answer_about_another_generations_certificate_is_refused() -> None:
    """The CertID's name is the same, its key is not."""
    refused_data(Evidence(ocsp(about=world.authority(AUTHENTICATION, 2)), NONCE))


def test_an_ocsp_answer_signed_by_another_generation_is_refused() -> None:
    refused_data(Evidence(ocsp(signed_by=world.authority(AUTHENTICATION, 2)), NONCE))


def test_an_ocsp_answer_from_the_future_is_refused() -> None:
    refused_data(Evidence(ocsp(this_update=NOW + timedelta(seconds=61)), NONCE))
    refused_data(Evidence(ocsp(produced_at=NOW + timedelta(seconds=61)), NONCE))


def test_a_tampered_ocsp_answer_is_refused() -> None:
    tampered = bytearray(ocsp())
    tampered[-1] ^= 1
    refused_data(Evidence(bytes(tampered), NONCE))


@pytest.mark.parametrize("data", [b"", b"\x30\x03\x0a\x01\x00", ocsp() + b"\0", ocsp()[:-1]])
def test_a_malformed_ocsp_answer_is_refused(data: bytes) -> None:
    refused_data(Evidence(data, NONCE))


def test_a_refused_ocsp_answer_is_not_made_good_by_a_list() -> None:
    """Somebody forged it; that is said aloud."""
    refused_data(Evidence(ocsp(nonce=None), NONCE, crl()))


@pytest.mark.parametrize("hash_name", ["sha1", "sha256", "sha384", "sha512"])
def test_a_certid_may_use_any_digest(hash_name: str) -> None:
    Scene().check(evidence=Evidence(ocsp(hash_name=hash_name), NONCE))


# --- delegated responders (RFC 6960 §4.2.2.2) -------------------------------------------------------------------------


def test_a_delegated_responder_is_believed() -> None:
    Scene().check(evidence=Evidence(ocsp(signed_by=world.responder()), NONCE))


def delegate(**put: object) -> OcspResponder:
    """The responder with one extension of its certificate changed."""
    old = world.responder()
    extensions = {getattr(x509, name): value for name, value in put.items()}
    certificate = world.reissue(old.certificate_der, world.authority(AUTHENTICATION), put=extensions)  # type: ignore[arg-type]
    return OcspResponder(certificate, old.signer)


def test_a_responder_whose_certificate_is_not_for_ocsp_is_refused() -> None:
    client = (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False)
    refused_data(Evidence(ocsp(signed_by=delegate(ExtendedKeyUsage=client)), NONCE))
    refused_data(Evidence(ocsp(signed_by=delegate(ExtendedKeyUsage=None)), NONCE))


def test_a_responder_whose_own_revocation_would_have_to_be_checked_is_refused() -> None:
    refused_data(Evidence(ocsp(signed_by=delegate(OCSPNoCheck=None)), NONCE))


def test_a_holder_of_a_card_is_no_responder() -> None:
    holder = OcspResponder(world.authentication_certificate(), world.signer(0))
    refused_data(Evidence(ocsp(signed_by=holder), NONCE))


def test_a_responder_of_another_generation_is_refused() -> None:
    refused_data(Evidence(ocsp(signed_by=world.responder(2)), NONCE))


def test_a_responder_certificate_that_the_authority_did_not_sign_is_refused() -> None:
    forged = world.reissue(world.responder().certificate_der, world.authority(AUTHENTICATION, 2))
    refused_data(Evidence(ocsp(signed_by=OcspResponder(forged, world.signer(90))), NONCE))


@pytest.mark.parametrize("start", [timedelta(days=-2), timedelta(days=1)], ids=["ended", "to come"])
def test_a_responder_whose_certificate_is_not_valid_now_is_refused(start: timedelta) -> None:
    certificate = build_responder_certificate(
        world.authority(AUTHENTICATION),
        serial_number=78,
        common_name="OCSP",
        public_key_info=world.signer(91).public_key_info,
        not_before=NOW + start,
        not_after=NOW + start + timedelta(days=1),
    )
    refused_data(Evidence(ocsp(signed_by=OcspResponder(certificate, world.signer(91))), NONCE))


def test_a_responder_that_sends_no_certificate_is_refused() -> None:
    """Nobody says who it is: the answer is signed by a key that is not the authority's."""
    alone = replace(world.authority(AUTHENTICATION, 3), name=world.authority(AUTHENTICATION).name)
    refused_data(Evidence(ocsp(signed_by=alone), NONCE))


def named(issuer: Issuer, certificates: bytes = b"", name: bytes | None = None) -> bytes:
    """A good answer whose responder is named by its name instead of its key, signed again."""
    old = OcspAnswer.decode(ocsp(signed_by=issuer))
    body = der.whole(old.signed, der.SEQUENCE)
    _, end = der.slice_element(body, 0, der.explicit(2))
    by_name = der.encode(der.explicit(1), name or issuer.certificate.subject.public_bytes())
    signed = der.encode(der.SEQUENCE, by_name, body[end:])
    basic = der.encode(der.SEQUENCE, signed, old.algorithm, der.bit_string(issuer.signer.sign(signed)), certificates)
    inner = der.encode(der.SEQUENCE, der.object_identifier("1.3.6.1.5.5.7.48.1.1"), der.encode(der.OCTET_STRING, basic))
    return der.encode(der.SEQUENCE, der.encode(der.ENUMERATED, b"\0"), der.encode(der.explicit(0), inner))


def test_a_responder_may_be_named_by_its_name() -> None:
    """RFC 6960 §4.2.2.3; the key that must have signed is the authority's all the same."""
    Scene().check(evidence=Evidence(named(world.authority(AUTHENTICATION)), NONCE))
    refused_data(Evidence(named(world.authority(AUTHENTICATION, 2)), NONCE))


def test_a_delegated_responder_may_be_named_by_its_name() -> None:
    responder = world.responder()
    certificates = der.encode(der.explicit(0), der.encode(der.SEQUENCE, responder.certificate_der))
    name = responder.certificate.subject.public_bytes()
    stand_in = replace(
        world.authority(AUTHENTICATION), certificate_der=responder.certificate_der, signer=responder.signer
    )
    Scene().check(evidence=Evidence(named(stand_in, certificates, name), NONCE))
    refused_data(Evidence(named(world.authority(AUTHENTICATION, 2), certificates, name), NONCE))


# --- lists ------------------------------------------------------------------------------------------------------------


def test_a_list_of_another_distribution_point_is_refused() -> None:
    refused_data(Evidence(crl=crl(municipality=SHIBUYA)))


def test_a_list_of_another_generation_is_refused() -> None:
    refused_data(Evidence(crl=crl(issuer=world.authority(AUTHENTICATION, 2))))


def test_a_list_checked_before_of_another_generation_is_refused() -> None:
    other = check_crl(crl(issuer=world.authority(AUTHENTICATION, 2)), anchors(2))
    refused_data(Evidence(crl=other))


def test_a_list_from_the_future_is_refused() -> None:
    refused_data(Evidence(crl=crl(this_update=NOW + timedelta(seconds=61))))


def test_a_tampered_list_is_refused() -> None:
    tampered = bytearray(crl())
    tampered[-1] ^= 1
    refused_data(Evidence(crl=bytes(tampered)))


def test_a_list_that_lost_an_entry_is_refused() -> None:
    """Cut out of the bytes, lengths made right, signature kept."""
    whole = x509.load_der_x509_crl(crl({world.SERIAL: MOVED}))
    spoiled = crl({world.SERIAL + 1: MOVED})[: -len(whole.signature)] + whole.signature
    refused_data(Evidence(crl=spoiled))


@pytest.mark.parametrize("data", [b"", b"\x30\x00", crl() + b"\0", crl()[:-1]])
def test_a_malformed_list_is_refused(data: bytes) -> None:
    refused_data(Evidence(crl=data))


def resigned(*changes: tuple[x509.ExtensionType, bool], drop: type[x509.ExtensionType] | None = None) -> bytes:
    """The list signed again by its authority, with extensions put or dropped."""
    old = x509.load_der_x509_crl(crl())
    extensions = {extension.oid: extension for extension in old.extensions if not _is(extension, drop)}
    extensions |= {value.oid: x509.Extension(value.oid, critical, value) for value, critical in changes}
    issuer = world.authority(AUTHENTICATION)
    builder = x509.CertificateRevocationListBuilder(
        old.issuer, old.last_update_utc, old.next_update_utc, list(extensions.values())
    )
    return builder.sign(issuer.private_key, hashes.SHA256()).public_bytes(Encoding.DER)


def _is(extension: x509.Extension[x509.ExtensionType], kind: type[x509.ExtensionType] | None) -> bool:
    return kind is not None and isinstance(extension.value, kind)


def test_a_delta_list_is_refused() -> None:
    """It does not name all that are revoked (RFC 5280 §5.2.4)."""
    refused_data(Evidence(crl=resigned((x509.DeltaCRLIndicator(6), True))))


def test_a_list_of_unknown_scope_is_refused() -> None:
    refused_data(Evidence(crl=resigned(drop=x509.IssuingDistributionPoint)))


@pytest.mark.parametrize("member", ["only_contains_ca_certs", "indirect_crl", "only_contains_attribute_certs", "some"])
def test_a_list_of_another_scope_is_refused(member: str) -> None:
    point = x509.load_der_x509_crl(crl()).extensions.get_extension_for_class(x509.IssuingDistributionPoint).value
    scope: dict[str, object] = {
        "full_name": point.full_name,
        "relative_name": None,
        "only_contains_user_certs": member == "some",
        "only_contains_ca_certs": False,
        "only_some_reasons": None,
        "indirect_crl": False,
        "only_contains_attribute_certs": False,
    }
    scope |= {"only_some_reasons": frozenset({x509.ReasonFlags.superseded})} if member == "some" else {member: True}
    refused_data(Evidence(crl=resigned((x509.IssuingDistributionPoint(**scope), True))))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [x509.AuthorityKeyIdentifier, x509.CRLNumber])
def test_a_list_without_an_extension_of_its_profile_is_refused(kind: type[x509.ExtensionType]) -> None:
    refused_data(Evidence(crl=resigned(drop=kind)))


def test_a_list_with_an_unknown_critical_extension_is_refused() -> None:
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\0")
    refused_data(Evidence(crl=resigned((unknown, True))))


def test_a_good_list_signed_again_is_believed() -> None:
    """The helper of the tests above spoils nothing by itself."""
    Scene().check(evidence=Evidence(crl=resigned()))


def test_every_serial_number_finds_its_own_entry() -> None:
    revoked = {world.SERIAL + n: Revocation(NOW - timedelta(days=n), Reason.SUPERSEDED) for n in range(1, 20)}
    evidence = Evidence(crl=check_crl(crl(revoked), anchors()))
    Scene().check(evidence=evidence)
    for serial_number, revocation in revoked.items():
        given = answer(world.authentication_certificate(serial_number=serial_number))
        refused = refused_as(Revoked, evidence, answer=given)
        assert isinstance(refused, Revoked)
        assert refused.at == revocation.at
