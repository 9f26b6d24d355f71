"""Messages with several questions, signed or not; answers about several certificates, or signed before anybody asks."""

from contextlib import nullcontext
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from hypothesis import given
from hypothesis import strategies as st

from tests.pki import world
from tests.pki.world import AUTHENTICATION, NOW
from warifu.errors import Malformed, StatusUnknown, WrongSignature
from warifu.pki import (
    OcspAnswer,
    OcspError,
    OcspQuestions,
    OcspRequest,
    OcspResponder,
    Reason,
    Revocation,
    Standing,
    Status,
    build_ocsp_error,
    build_ocsp_responses,
    der,
    issuer_hashes,
    key_id,
    presign_ocsp,
    public_key_of,
)
from warifu.pki import UnverifiedCertificate as Certificate

ISSUER = world.authority(AUTHENTICATION)
NAME = x509.DirectoryName(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "verifier 7")]))
revoked = st.builds(Revocation, st.just(NOW - timedelta(days=3)), st.sampled_from(Reason))
statuses: st.SearchStrategy[Status] = st.sampled_from(Standing) | revoked


def asked(serial_number: int, hash_name: str = "sha1") -> OcspRequest:
    return OcspRequest(hash_name, *issuer_hashes(ISSUER.certificate, hash_name), serial_number)


questions = st.builds(asked, st.integers(0, 2**159), st.sampled_from(["sha1", "sha256", "sha384", "sha512"]))
nonces = st.none() | st.binary(min_size=1, max_size=128)


# --- questions --------------------------------------------------------------------------------------------------------


@given(st.lists(questions, min_size=1, max_size=5).map(tuple), nonces, st.booleans())
def test_a_message_is_read_as_it_was_written(
    several: tuple[OcspRequest, ...], nonce: bytes | None, signed: bool
) -> None:
    message = OcspQuestions(several, nonce)
    if signed:
        message = message.sign(world.next_signer(1), NAME)
    assert OcspQuestions.decode(message.encode()) == message
    assert repr(message) == f"OcspQuestions({len(several)})", "and no serial number"


@given(questions, nonces)
def test_one_question_is_what_cryptography_writes_and_reads(one: OcspRequest, nonce: bytes | None) -> None:
    single = OcspRequest(one.hash_name, one.issuer_name_hash, one.issuer_key_hash, one.serial_number, nonce)
    message = OcspQuestions((one,), nonce)
    assert message.encode() == single.encode()
    assert OcspRequest.decode(message.encode()) == single


@given(st.data())
def test_a_damaged_question_is_read_as_cryptography_reads_it_or_not_at_all(data: st.DataObject) -> None:
    whole = bytearray(OcspQuestions((asked(world.SERIAL),), b"n" * 16).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        ours = OcspQuestions.decode(bytes(whole))
    except Malformed:
        return
    if len(ours.asked) == 1 and ours.signature is None:
        theirs = OcspRequest.decode(bytes(whole))
        assert (theirs.serial_number, theirs.nonce) == (ours.asked[0].serial_number, ours.nonce)


@pytest.mark.parametrize("oid", ["8006", "", "2a83", "2a" + "ff" * 9 + "7f", "2a" * 64])
def test_an_extensions_name_has_one_form(oid: str) -> None:
    """ITU-T X.690 §8.19: no leading zero, no arc cut off; and none that no reader could hold."""
    name = der.encode(der.OID, bytes.fromhex(oid))
    extension = der.encode(der.SEQUENCE, name, der.encode(der.OCTET_STRING, b""))
    message = OcspQuestions((asked(1),)).encode()
    inside = der.whole(der.whole(message, der.SEQUENCE), der.SEQUENCE)
    more = der.encode(der.explicit(2), der.encode(der.SEQUENCE, extension))
    with pytest.raises(Malformed, match="object identifier"):
        OcspQuestions.decode(der.encode(der.SEQUENCE, der.encode(der.SEQUENCE, inside, more)))


@pytest.mark.parametrize(
    ("value", "read"), [("3000", True), ("30030601 2a", True), ("0400", False), ("30020600", False)]
)
def test_the_kinds_of_answer_that_are_taken_are_a_list_of_names(value: str, read: bool) -> None:
    """RFC 6960 §4.4.3: AcceptableResponses."""
    name = der.object_identifier("1.3.6.1.5.5.7.48.1.4")
    extension = der.encode(der.SEQUENCE, name, der.encode(der.OCTET_STRING, bytes.fromhex(value)))
    inside = der.whole(der.whole(OcspQuestions((asked(1),)).encode(), der.SEQUENCE), der.SEQUENCE)
    more = der.encode(der.explicit(2), der.encode(der.SEQUENCE, extension))
    message = der.encode(der.SEQUENCE, der.encode(der.SEQUENCE, inside, more))
    with nullcontext() if read else pytest.raises(Malformed):
        OcspQuestions.decode(message)


def test_a_message_has_100_questions_at_most() -> None:
    assert len(OcspQuestions.decode(OcspQuestions((asked(1),) * 100).encode()).asked) == 100
    with pytest.raises(Malformed, match="1 to 100"):
        OcspQuestions((asked(1),) * 101)
    with pytest.raises(Malformed, match="too long"):
        OcspQuestions.decode(bytes(40_000))


def test_a_nonce_stands_with_the_message_only() -> None:
    with pytest.raises(Malformed, match="belongs to the message"):
        OcspQuestions((OcspRequest.decode(OcspQuestions((asked(1),), b"n" * 32).encode()),))


def test_what_is_not_critical_is_passed_over() -> None:
    leaf = x509.load_der_x509_certificate(world.authentication_certificate())
    builder = ocsp.OCSPRequestBuilder().add_certificate(leaf, ISSUER.certificate, hashes.SHA256())
    other = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
    message = builder.add_extension(other, critical=False).build().public_bytes(Encoding.DER)
    assert OcspQuestions.decode(message).asked == (asked(world.SERIAL, "sha256"),)


# --- signatures on questions ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asker", [world.responder(), world.next_responder()], ids=["rsa", "p384"])
def test_a_signed_message_is_believed_under_its_key_only(asker: OcspResponder) -> None:
    """RFC 6960 §4.1.1."""
    message = OcspQuestions((asked(1), asked(2)), b"n" * 32).sign(asker.signer, NAME, (asker.certificate_der,))
    read = OcspQuestions.decode(message.encode())
    assert read.signature is not None
    read.signature.check(public_key_of(Certificate.decode(read.signature.certificates[0])))
    with pytest.raises(WrongSignature):
        read.signature.check(public_key_of(Certificate.decode(ISSUER.certificate_der)))


def test_no_byte_of_a_signed_message_can_be_changed() -> None:
    responder = world.responder()
    key = public_key_of(Certificate.decode(responder.certificate_der))
    whole = OcspQuestions((asked(0x7777),), b"n" * 32).sign(responder.signer, NAME).encode()
    changed = OcspQuestions.decode(whole.replace(b"\x77\x77", b"\x77\x78"))
    assert changed.signature is not None
    with pytest.raises(WrongSignature):
        changed.signature.check(key)


# --- answers about several certificates -------------------------------------------------------------------------------


@given(st.lists(st.tuples(questions, statuses), min_size=1, max_size=4), nonces)
def test_several_answers_are_read_as_they_were_written(
    answers: list[tuple[OcspRequest, Status]], nonce: bytes | None
) -> None:
    der = build_ocsp_responses(ISSUER, answers, nonce=nonce, produced_at=NOW, this_update=NOW)
    read = OcspAnswer.decode_all(der)
    assert [(one.about.serial_number, one.about.hash_name, one.status) for one in read] == [
        (request.serial_number, request.hash_name, status) for request, status in answers
    ]
    assert {(one.about.nonce, one.produced_at, one.this_update, one.next_update) for one in read} == {
        (nonce, NOW, NOW, None)
    }
    if len(answers) == 1:
        assert OcspAnswer.decode(der) == read[0]


def test_an_answer_about_several_is_signed_once_over_all() -> None:
    der = build_ocsp_responses(
        ISSUER, [(asked(n), Standing.GOOD) for n in (1, 2)], nonce=None, produced_at=NOW, this_update=NOW
    )
    response = ocsp.load_der_ocsp_response(der)
    key = ISSUER.certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(response.signature, response.tbs_response_bytes, padding.PKCS1v15(), hashes.SHA256())


def test_an_answer_about_several_is_not_taken_for_one_about_one() -> None:
    der = build_ocsp_responses(
        ISSUER, [(asked(n), Standing.GOOD) for n in (1, 2)], nonce=None, produced_at=NOW, this_update=NOW
    )
    with pytest.raises(Malformed):
        OcspAnswer.decode(der)


@pytest.mark.parametrize("error", OcspError)
def test_an_error_says_nothing_about_several_certificates(error: OcspError) -> None:
    with pytest.raises(StatusUnknown):
        OcspAnswer.decode_all(build_ocsp_error(error))


# --- signed before anybody asks ---------------------------------------------------------------------------------------


def test_an_answer_signed_before_has_the_profile_for_high_volumes() -> None:
    """RFC 5019 §2.2: SHA-1 in the CertID, one answer, no nonce, nextUpdate."""
    ends = NOW + timedelta(hours=6)
    statuses: list[tuple[int, Status]] = [(n, Standing.GOOD) for n in (1, 2)]
    statuses.append((3, Revocation(NOW, Reason.SUPERSEDED)))
    made = dict(presign_ocsp(ISSUER, ISSUER, ((*each, ends) for each in statuses), produced_at=NOW))
    assert list(made) == [1, 2, 3]
    for serial_number, status in statuses:
        answer = OcspAnswer.decode(made[serial_number])
        assert (answer.status, answer.about) == (status, asked(serial_number))
        assert (answer.this_update, answer.next_update, answer.certificates) == (NOW, ends, ())


def test_a_delegated_responder_signs_before_too() -> None:
    responder = world.responder()
    [(_, der)] = presign_ocsp(responder, ISSUER, [(1, Standing.GOOD, NOW + timedelta(days=1))], produced_at=NOW)
    answer = OcspAnswer.decode(der)
    assert answer.certificates == (responder.certificate_der,)
    assert answer.responder_key_id == key_id(responder.signer.public_key_info)
