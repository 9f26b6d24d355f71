from datetime import timedelta
from urllib.parse import unquote

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
from warifu.errors import Malformed, StatusUnknown
from warifu.pki import (
    OcspAnswer,
    OcspError,
    OcspRequest,
    Reason,
    Revocation,
    Standing,
    Status,
    build_ocsp_error,
    build_ocsp_request,
    build_ocsp_response,
    decode_ocsp_get,
    encode_ocsp_get,
    issuer_hashes,
)

ISSUER = world.authority(AUTHENTICATION)
STATUSES: list[Status] = [
    Standing.GOOD,
    Standing.UNKNOWN,
    *(Revocation(NOW - timedelta(days=3), reason) for reason in Reason),
]


def request(nonce: bytes | None = b"n" * 32, hash_name: str = "sha1", serial_number: int = world.SERIAL) -> OcspRequest:
    return OcspRequest(hash_name, *issuer_hashes(ISSUER.certificate, hash_name), serial_number, nonce)


def response(status: Status, asked: OcspRequest | None = None, **changes: object) -> bytes:
    times = {"produced_at": NOW, "this_update": NOW - timedelta(minutes=1), "next_update": NOW + timedelta(hours=1)}
    responder = changes.pop("responder", ISSUER)
    return build_ocsp_response(responder, asked or request(), status, **(times | changes))  # type: ignore[arg-type]


# --- requests ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hash_name", ["sha1", "sha256", "sha384", "sha512"])
@pytest.mark.parametrize("nonce", [None, b"n", b"n" * 128])
def test_a_request_is_read_as_it_was_written(hash_name: str, nonce: bytes | None) -> None:
    asked = request(nonce, hash_name)
    assert OcspRequest.decode(asked.encode()) == asked
    assert asked.asks(ISSUER)
    assert not asked.asks(world.authority(AUTHENTICATION, 2))


def test_a_request_is_what_cryptography_builds() -> None:
    leaf = x509.load_der_x509_certificate(world.authentication_certificate())
    built = ocsp.OCSPRequestBuilder().add_certificate(leaf, ISSUER.certificate, hashes.SHA256()).build()
    ours = build_ocsp_request(world.authentication_certificate(), ISSUER.certificate_der, hash_name="sha256")
    assert ours == built.public_bytes(Encoding.DER)


@pytest.mark.parametrize("length", [0, 129])
def test_a_nonce_has_1_to_128_bytes(length: int) -> None:
    """RFC 9654 §2.1: anything else is answered with malformedRequest."""
    with pytest.raises(Malformed):
        request(b"n" * length)
    builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(
        *issuer_hashes(ISSUER.certificate), world.SERIAL, hashes.SHA1()
    )
    other = builder.add_extension(x509.OCSPNonce(b"n" * length), critical=False).build().public_bytes(Encoding.DER)
    with pytest.raises(Malformed):
        OcspRequest.decode(other)


@pytest.mark.parametrize("data", [b"", b"\x30\x00", request().encode() + b"\0", request().encode()[:-1], bytes(3000)])
def test_what_is_no_request_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        OcspRequest.decode(data)


def test_a_critical_extension_that_nobody_knows_makes_a_request_malformed() -> None:
    """RFC 6960 §4.4: an extension marked critical is not ignored; a critical nonce is understood."""
    builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(
        *issuer_hashes(ISSUER.certificate), world.SERIAL, hashes.SHA1()
    )
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")

    def decoded(value: x509.ExtensionType, *, critical: bool) -> OcspRequest:
        return OcspRequest.decode(builder.add_extension(value, critical).build().public_bytes(Encoding.DER))

    assert decoded(unknown, critical=False).nonce is None
    assert decoded(x509.OCSPNonce(b"n" * 16), critical=True).nonce == b"n" * 16
    with pytest.raises(Malformed):
        decoded(unknown, critical=True)


def test_a_request_by_get_is_the_one_by_post() -> None:
    """RFC 6960 appendix A.1: percent-encoded base64."""
    data = request().encode()
    path = encode_ocsp_get(data)
    assert not set(path) & set("/+=")
    assert decode_ocsp_get(path) == data
    assert decode_ocsp_get(unquote(path)) == data


@pytest.mark.parametrize("path", ["!", "MEIw", "%zz", "あ"])
def test_a_path_that_is_no_request_is_malformed(path: str) -> None:
    with pytest.raises(Malformed):
        OcspRequest.decode(decode_ocsp_get(path))


def test_a_request_does_not_show_the_serial_number() -> None:
    assert str(world.SERIAL) not in repr(request())


# --- answers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("nonce", [None, b"n" * 32])
def test_an_answer_is_read_as_it_was_written(status: Status, nonce: bytes | None) -> None:
    answer = OcspAnswer.decode(response(status, request(nonce)))
    assert answer.status == status
    assert answer.about == request(nonce)
    assert (answer.produced_at, answer.this_update) == (NOW, NOW - timedelta(minutes=1))
    assert answer.next_update == NOW + timedelta(hours=1)
    assert answer.responder_key_id == ISSUER.key_id
    assert answer.certificates == ()


@pytest.mark.parametrize("status", STATUSES)
def test_cryptography_reads_every_field_of_our_answer(status: Status) -> None:
    """The DER is written here, so the library that others use must agree about it."""
    read = ocsp.load_der_ocsp_response(response(status))
    key = ISSUER.certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(read.signature, read.tbs_response_bytes, padding.PKCS1v15(), hashes.SHA256())
    assert read.public_bytes(Encoding.DER) == response(status)
    assert (read.issuer_name_hash, read.issuer_key_hash) == issuer_hashes(ISSUER.certificate)
    assert (read.serial_number, read.produced_at_utc) == (world.SERIAL, NOW)
    assert (read.this_update_utc, read.next_update_utc) == (NOW - timedelta(minutes=1), NOW + timedelta(hours=1))
    assert read.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == b"n" * 32
    if isinstance(status, Revocation):
        flag = None if status.reason is Reason.UNSPECIFIED else status.reason.flag
        assert (read.revocation_time_utc, read.revocation_reason) == (status.at, flag)
    else:
        assert read.certificate_status.name == status.name


def test_an_answer_is_what_cryptography_builds_but_for_its_time_of_signing() -> None:
    """Same bytes up to producedAt, which cryptography's builder takes from the system's clock."""
    theirs = (
        ocsp.OCSPResponseBuilder()
        .add_response_by_hash(
            *issuer_hashes(ISSUER.certificate),
            world.SERIAL,
            hashes.SHA1(),
            ocsp.OCSPCertStatus.REVOKED,
            NOW - timedelta(minutes=1),
            NOW + timedelta(hours=1),
            NOW - timedelta(days=3),
            x509.ReasonFlags.superseded,
        )
        .responder_id(ocsp.OCSPResponderEncoding.HASH, ISSUER.certificate)
        .add_extension(x509.OCSPNonce(b"n" * 32), critical=False)
        .sign(ISSUER.private_key, hashes.SHA256())
    )
    ours = OcspAnswer.decode(
        response(Revocation(NOW - timedelta(days=3), Reason.SUPERSEDED), produced_at=theirs.produced_at_utc)
    )
    assert ours.signed == theirs.tbs_response_bytes


def test_a_delegated_responder_sends_its_certificate() -> None:
    answer = OcspAnswer.decode(response(Standing.GOOD, responder=world.responder()))
    assert answer.certificates == (world.responder().certificate_der,)
    assert answer.responder_key_id == world.responder().key_id


def test_an_answer_may_name_no_end() -> None:
    assert OcspAnswer.decode(response(Standing.GOOD, next_update=None)).next_update is None


@given(
    serial_number=st.integers(1, 2**159 - 1),
    nonce=st.none() | st.binary(min_size=1, max_size=128),
    status=st.sampled_from(STATUSES),
    seconds=st.integers(0, 10**9),
)
def test_any_answer_is_read_as_it_was_written(
    serial_number: int, nonce: bytes | None, status: Status, seconds: int
) -> None:
    asked = request(nonce, serial_number=serial_number)
    at = NOW + timedelta(seconds=seconds)
    answer = OcspAnswer.decode(response(status, asked, produced_at=at))
    assert (answer.about, answer.status, answer.produced_at) == (asked, status, at)


@pytest.mark.parametrize("error", OcspError)
def test_an_answer_without_content_tells_nothing(error: OcspError) -> None:
    """RFC 6960 §4.2.1; what cryptography builds for it."""
    theirs = ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus[error.name])
    assert build_ocsp_error(error) == theirs.public_bytes(Encoding.DER)
    with pytest.raises(StatusUnknown):
        OcspAnswer.decode(build_ocsp_error(error))


@pytest.mark.parametrize("data", [b"", b"\x30\x00", response(Standing.GOOD) + b"\0", bytes(20000)])
def test_what_is_no_answer_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        OcspAnswer.decode(data)


def built_with(extension: x509.ExtensionType) -> bytes:
    """An answer of cryptography's with a critical extension."""
    builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
        *issuer_hashes(ISSUER.certificate), 5, hashes.SHA1(), ocsp.OCSPCertStatus.GOOD, NOW, NOW, None, None
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.NAME, ISSUER.certificate)
    signed = builder.add_extension(extension, critical=True).sign(ISSUER.private_key, hashes.SHA256())
    return signed.public_bytes(Encoding.DER)


def test_an_answer_with_an_unknown_critical_extension_is_malformed() -> None:
    """RFC 6960 §4.4; a nonce is known."""
    with pytest.raises(Malformed):
        OcspAnswer.decode(built_with(x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\0")))
    known = OcspAnswer.decode(built_with(x509.OCSPNonce(b"n")))
    assert known.about.nonce == b"n"
    assert known.responder_name == ISSUER.certificate.subject.public_bytes()
