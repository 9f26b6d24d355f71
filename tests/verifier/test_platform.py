"""The platform operator: opens results, tells the two forms of a signature apart, judges the signing certificate."""

from datetime import timedelta
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import NoDigestInfo
from joserfc import jwe
from joserfc.jwk import ECKey

from tests.idp import signing
from tests.pki import world as pki
from tests.verifier.scene import anchors, ocsp
from warifu.errors import (
    Expired,
    Malformed,
    Revoked,
    StatusUnknown,
    Suspended,
    Tampered,
    UntrustedIssuer,
    WrongPolicy,
    WrongSignature,
)
from warifu.messages import SigningAnswer, SigningData, SigningForm
from warifu.pki import Reason, Revocation, Status
from warifu.town import pool
from warifu.verifier import (
    Evidence,
    OperatorKey,
    VerifiedSigning,
    check_signing,
    open_result,
    signed_form,
    signing_needs,
    write_result,
)

ISSUER = pki.authority(pki.SIGNING)


def evidence(*status: Status) -> Evidence:
    return Evidence(ocsp(*status, nonce=None, about=ISSUER, signed_by=ISSUER))


def check(answer: SigningAnswer, data: SigningData = signing.DATA, **changes: Any) -> VerifiedSigning:
    told = {"evidence": evidence(), "anchors": anchors(), "now": pki.NOW, **changes}
    return check_signing(answer, data, **told)


def sealed(plain: bytes, key: OperatorKey = signing.OPERATOR, enc: str = "A256GCM") -> str:
    header = {"alg": "ECDH-ES+A256KW", "enc": enc}
    return jwe.encrypt_compact(header, plain, key.key, algorithms=list(header.values()))


@pytest.mark.parametrize("data", [signing.DATA, signing.BARE])
def test_both_forms_verify_and_are_named(data: SigningData) -> None:
    """A card pads what it is given: a DigestInfo, or the bare 32 bytes."""
    assert check(signing.signed(data), data).form is data.form


def test_what_was_submitted_bare_may_be_signed_with_its_digest_info() -> None:
    """Which of the two it was, the signature says, not who submitted it."""
    assert check(signing.signed(signing.DATA), signing.BARE).form is SigningForm.DIGEST_INFO


def test_an_ordinary_verifier_agrees_about_the_digest_info_only() -> None:
    """The trap: RSASSA-PKCS1-v1_5 as everybody knows it refuses the bare form."""
    public = pool.private_key(signing.KEY).public_key()
    document = "売買契約書（見本）".encode()
    public.verify(signing.signed(signing.DATA).signature, document, PKCS1v15(), hashes.SHA256())
    with pytest.raises(InvalidSignature):
        public.verify(signing.signed(signing.BARE).signature, document, PKCS1v15(), hashes.SHA256())


@pytest.mark.parametrize(
    "inside",
    [
        signing.DATA.encode() + b"\x00",
        b"\x00" + signing.BARE.encode(),
        signing.DATA.encode()[:-1] + b"\x00",
        bytes.fromhex("302f300b06096086480165030402010420") + signing.DIGEST,
        b"",
    ],
)
def test_anything_else_inside_the_padding_is_refused(inside: bytes) -> None:
    """RFC 8017 §8.2.2: nothing behind, before or between."""
    signature = pool.private_key(signing.KEY).sign(inside, PKCS1v15(), NoDigestInfo())
    with pytest.raises(WrongSignature):
        check(SigningAnswer(signing.certificate(), signature))


@pytest.mark.parametrize("signature", [b"", b"\x00" * 256, b"\xff" * 256, b"\x01" * 255])
def test_bytes_that_are_no_signature_are_refused(signature: bytes) -> None:
    with pytest.raises(WrongSignature):
        check(SigningAnswer(signing.certificate(), signature))


def test_another_key_is_refused() -> None:
    with pytest.raises(WrongSignature):
        check(signing.signed(key=2))


def test_an_authentication_certificate_is_refused() -> None:
    with pytest.raises(WrongPolicy):
        signed_form(SigningAnswer(pki.authentication_certificate(), signing.signed().signature), signing.DATA)


def test_another_authority_is_refused() -> None:
    stranger = signing.certificate(issuer=pki.authority(pki.SIGNING, 2))
    with pytest.raises(UntrustedIssuer):
        check(SigningAnswer(stranger, signing.signed().signature))


def test_a_damaged_certificate_is_refused() -> None:
    damaged = signing.certificate()[:-1] + bytes((signing.certificate()[-1] ^ 1,))
    with pytest.raises(Tampered):
        signing_needs(damaged, anchors())


def test_an_expired_certificate_is_refused() -> None:
    with pytest.raises(Expired):
        check(signing.signed(), now=pki.ENDS + timedelta(seconds=1))


def test_who_has_moved_is_revoked() -> None:
    """公的個人認証法 第12条第1項第1号: the signing certificate dies with a change of the four attributes."""
    moved = Revocation(pki.NOW - timedelta(days=1), Reason.AFFILIATION_CHANGED)
    with pytest.raises(Revoked):
        check(signing.signed(), evidence=evidence(moved))


def test_a_hold_is_a_suspension() -> None:
    held = Revocation(pki.NOW - timedelta(hours=1), Reason.CERTIFICATE_HOLD)
    with pytest.raises(Suspended):
        check(signing.signed(), evidence=evidence(held))


def test_without_evidence_nothing_is_known() -> None:
    with pytest.raises(StatusUnknown):
        check(signing.signed(), evidence=Evidence())


def test_a_result_opens_for_the_operator_only() -> None:
    answer, other = signing.signed(), OperatorKey(ECKey.import_key(ec.derive_private_key(78, ec.SECP256R1())))
    result = sealed(write_result(answer))
    assert open_result(result, [other, signing.OPERATOR]) == answer
    with pytest.raises(Malformed):
        open_result(result, [other])


def test_a_result_with_another_algorithm_is_refused() -> None:
    """The key says which, the header never (RFC 8725 §3.1)."""
    with pytest.raises(Malformed):
        open_result(sealed(write_result(signing.signed()), enc="A128GCM"), [signing.OPERATOR])


@pytest.mark.parametrize("result", ["", "a.b.c.d.e", "é", "x" * 40_000])
def test_what_is_no_result_is_refused(result: str) -> None:
    with pytest.raises(Malformed):
        open_result(result, [signing.OPERATOR])


@pytest.mark.parametrize("plain", [b"", b"{}", b'{"signature":"","certificate":1}', b"[]"])
def test_what_is_inside_has_to_be_a_result(plain: bytes) -> None:
    with pytest.raises(Malformed):
        open_result(sealed(plain), [signing.OPERATOR])


def test_a_holder_is_another_user_at_each_service_provider() -> None:
    """Nobody can tell that two service providers have the same customer."""
    verified = check(signing.signed())
    first, second = verified.user_id(b"s" * 32, "RP00000001"), verified.user_id(b"s" * 32, "RP00000002")
    assert first != second
    assert first == check(signing.signed(signing.BARE), signing.BARE).user_id(b"s" * 32, "RP00000001")
    assert verified.user_id(b"t" * 32, "RP00000001") != first
    assert str(pki.SERIAL) not in repr(verified)
