import os
from datetime import timedelta
from pathlib import Path

import pytest

from tests.pki import world
from tests.pki.world import AUTHENTICATION
from tests.verifier import scene
from tests.verifier.scene import MOVED, NONCE, Scene, anchors, answer, ocsp
from warifu.errors import Expired, Malformed, Revoked, StatusUnknown, Tampered, UntrustedIssuer, WrongKeyUsage
from warifu.pki import CaCertificate, OcspRequest
from warifu.verifier import JLIS_FINGERPRINTS, Anchor, Anchors, Evidence, Memory, Policy, VerifierKind, needs


class RealAnchor(Anchor):
    """An anchor that passes for J-LIS's own: the real keys sign nothing for us."""

    real = True


def real_anchors() -> Anchors:
    return Anchors([RealAnchor(CaCertificate.decode(world.authority(AUTHENTICATION).certificate_der))])


def test_only_authorities_become_anchors() -> None:
    with pytest.raises(WrongKeyUsage):
        Anchors.load([world.authentication_certificate()])
    with pytest.raises(Malformed):
        Anchors.load([b"no certificate"])


def test_generations_of_one_name_are_told_apart_by_their_key() -> None:
    both = anchors(1, 2)
    assert len(both) == 4
    name = world.authority(AUTHENTICATION).certificate.subject.public_bytes()
    for generation in (1, 2):
        issuer = world.authority(AUTHENTICATION, generation)
        assert both.find(name, issuer.key_id).certificate.der == issuer.certificate_der
    with pytest.raises(UntrustedIssuer):
        both.find(name, world.authority(AUTHENTICATION, 3).key_id)
    with pytest.raises(UntrustedIssuer):
        both.find(name, None)


def test_an_anchor_of_ours_is_not_real() -> None:
    name = world.authority(AUTHENTICATION).certificate.subject.public_bytes()
    assert not anchors().find(name, world.authority(AUTHENTICATION).key_id).real
    assert len(JLIS_FINGERPRINTS) == 6


def test_a_real_certificate_is_neither_valid_nor_revoked_without_certification() -> None:
    """公的個人認証法 第17条, 第36条."""
    with pytest.raises(StatusUnknown, match="certification"):
        Scene().check(anchors=real_anchors())


def test_nobody_is_asked_about_a_real_certificate_without_certification() -> None:
    with pytest.raises(StatusUnknown, match="certification"):
        needs(world.authentication_certificate(), real_anchors())


def test_a_certified_verifier_confirms_a_real_certificate() -> None:
    certified = Policy(verifier=VerifierKind.CERTIFIED)
    Scene().check(anchors=real_anchors(), policy=certified)
    assert needs(world.authentication_certificate(), real_anchors(), policy=certified).ocsp_address


def test_the_real_authorities_are_accepted_and_known_as_real() -> None:
    """Where the operator has J-LIS's six CA certificates; they are not shipped."""
    folder = os.environ.get("WARIFU_JLIS_ROOTS")
    if folder is None:
        pytest.skip("WARIFU_JLIS_ROOTS names no folder with J-LIS's CA certificates (*.cer)")
    certificates = [CaCertificate.decode(file.read_bytes()) for file in sorted(Path(folder).glob("*.cer"))]
    assert {Anchor(certificate).fingerprint for certificate in certificates} == JLIS_FINGERPRINTS
    assert all(Anchor(certificate).real for certificate in certificates)
    assert len({(certificate.subject, certificate.key_id) for certificate in certificates}) == 6
    assert len({certificate.subject for certificate in certificates}) == 2
    assert sorted(certificate.kind.value for certificate in certificates) == ["authentication"] * 3 + ["signing"] * 3


# --- what to gather ---------------------------------------------------------------------------------------------------


def test_needs_tell_what_to_ask_and_where() -> None:
    needed = needs(world.authentication_certificate(), anchors())
    assert needed.issuer_key_id == world.authority(AUTHENTICATION).key_id
    assert needed.ocsp_address == world.ADDRESSES.ocsp
    request = OcspRequest.decode(needed.ocsp_request(NONCE))
    assert request.asks(world.authority(AUTHENTICATION))
    assert (request.serial_number, request.nonce) == (world.SERIAL, NONCE)
    assert b"Kiyose-shi CRLDP" in needed.distribution_point
    assert str(world.SERIAL) not in repr(needed)


def test_nothing_is_asked_about_a_certificate_that_no_anchor_issued() -> None:
    """Otherwise whoever writes a certificate could send us to any address."""
    with pytest.raises(UntrustedIssuer):
        needs(world.authentication_certificate(), anchors(2))
    forged = world.reissue(world.authentication_certificate(), world.authority(AUTHENTICATION, 2))
    with pytest.raises(Tampered):
        needs(forged, anchors())


# --- memory -----------------------------------------------------------------------------------------------------------


def test_a_certificate_is_remembered_once_it_was_trusted() -> None:
    memory = Memory()
    needs(world.authentication_certificate(), anchors(), memory=memory)
    assert len(memory) == 1
    first = Scene().check(memory=memory)
    assert Scene().check(memory=memory) == first
    assert len(memory) == 1


def test_a_certificate_that_was_refused_is_not_remembered() -> None:
    memory = Memory()
    with pytest.raises(UntrustedIssuer):
        Scene().check(anchors=anchors(2), memory=memory)
    assert len(memory) == 0


def test_a_remembered_certificate_is_checked_for_revocation_anew() -> None:
    memory = Memory()
    Scene().check(memory=memory)
    with pytest.raises(Revoked):
        Scene().check(memory=memory, evidence=Evidence(ocsp(MOVED), NONCE))


def test_a_remembered_certificate_is_checked_for_its_validity_anew() -> None:
    memory = Memory()
    Scene().check(memory=memory)
    later = world.ENDS + timedelta(seconds=1)
    with pytest.raises(Expired):
        Scene().check(memory=memory, now=later, expires_at=later)


def test_a_remembered_certificate_of_a_removed_anchor_is_refused() -> None:
    memory = Memory()
    Scene().check(memory=memory)
    with pytest.raises(UntrustedIssuer):
        Scene().check(memory=memory, anchors=anchors(2))


def test_memory_keeps_no_more_than_its_limit_and_forgets_the_oldest() -> None:
    memory = Memory(limit=2)
    certificates = [world.authentication_certificate(serial_number=n) for n in (1001, 1002, 1003)]
    for certificate in certificates:
        needs(certificate, anchors(), memory=memory)
    assert len(memory) == 2
    assert memory.find(certificates[0], anchors()) is None
    assert memory.find(certificates[2], anchors()) is not None
    assert "1001" not in repr(memory)


def test_a_certificate_that_differs_in_one_byte_is_not_the_remembered_one() -> None:
    memory = Memory()
    Scene().check(memory=memory)
    tampered = bytearray(world.authentication_certificate())
    tampered[-1] ^= 1
    with pytest.raises(Tampered):
        Scene().check(memory=memory, answer=answer(bytes(tampered)))


def test_an_anchor_is_found_by_its_key() -> None:
    anchors, issuer = scene.anchors(1, 2), world.authority(world.AUTHENTICATION, 2)
    assert anchors.of_key(issuer.key_id).certificate.der == issuer.certificate_der
    with pytest.raises(UntrustedIssuer):
        anchors.of_key(bytes(20))
