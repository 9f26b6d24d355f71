"""The authority's signed answer about certificates, as others read it (RFC 6960 §4.2)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from warifu.errors import Malformed, StatusUnknown
from warifu.pki import der
from warifu.pki.keys import ALGORITHMS
from warifu.pki.ocsp import OcspRequest, nonce_of
from warifu.pki.ocsp_plain import PlainAnswer, read_plain_answer
from warifu.pki.reading import Reading
from warifu.pki.revocation import Revocation, Standing, Status, reason_of

MAX_ANSWER = 16 * 1024
MAX_ANSWERS = 64 * 1024
"""Bytes of an answer about one certificate, and about several."""


@dataclass(slots=True, repr=False)
class OcspAnswer:
    """A signed answer as read; who signed it, when, and about what is not checked here.

    `signed`, `algorithm` and `signature` are as encoded. `about` is the CertID, with the echoed nonce as its nonce.
    The responder is named by the SHA-1 of its key or by its name; `certificates` are those it sent along, DER.
    """

    signed: bytes
    algorithm: bytes
    signature: bytes
    responder_key_id: bytes | None
    responder_name: bytes | None
    certificates: tuple[bytes, ...]
    about: OcspRequest
    status: Status
    produced_at: datetime
    this_update: datetime
    next_update: datetime | None

    def __repr__(self) -> str:
        return "OcspAnswer()"

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read an answer about one certificate.

        Raises:
            Malformed: not DER, a byte too many, more than one certificate, or an unknown critical extension.
            StatusUnknown: an answer without content: the responder could not or would not tell.
        """
        if len(data) > MAX_ANSWER:
            raise Malformed("OCSP answer too long")
        plain = read_plain_answer(data)
        if plain is not None:
            return cls._of_plain(plain)
        with Reading("OCSP answer"):
            answer = ocsp.load_der_ocsp_response(data)
            if answer.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
                raise StatusUnknown(f"the OCSP responder says: {answer.response_status.name.lower().replace('_', ' ')}")
            extensions = answer.extensions
            if any(map(_is_unknown_and_critical, (*extensions, *answer.single_extensions))):
                raise Malformed("the OCSP answer has an unknown critical extension")
            return cls._of(answer, answer, nonce_of(extensions) if extensions else None, *_cut(data))

    @classmethod
    def decode_all(cls, data: bytes) -> tuple[Self, ...]:
        """Read an answer about one or several certificates: all share its signature, its nonce and its moment.

        Raises:
            Malformed, StatusUnknown: as `decode`. Extensions to a single certificate are not looked at.
        """
        if len(data) > MAX_ANSWERS:
            raise Malformed("OCSP answer too long")
        with Reading("OCSP answer"):
            answer = ocsp.load_der_ocsp_response(data)
            if answer.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
                raise StatusUnknown(f"the OCSP responder says: {answer.response_status.name.lower().replace('_', ' ')}")
            extensions = answer.extensions
            if any(map(_is_unknown_and_critical, extensions)):
                raise Malformed("the OCSP answer has an unknown critical extension")
            cut = (nonce_of(extensions), *_cut(data))
            return tuple(cls._of(answer, single, *cut) for single in answer.responses)

    @classmethod
    def _of_plain(cls, plain: PlainAnswer) -> Self:
        about = OcspRequest("sha1", plain.issuer_name_hash, plain.issuer_key_hash, plain.serial_number, plain.nonce)
        return cls(
            plain.signed,
            ALGORITHMS["RS256"],
            plain.signature,
            plain.responder_key_id,
            None,
            (),
            about,
            Standing.GOOD,
            plain.produced_at,
            plain.this_update,
            plain.next_update,
        )

    @classmethod
    def _of(
        cls,
        answer: ocsp.OCSPResponse,
        single: ocsp.OCSPResponse | ocsp.OCSPSingleResponse,
        nonce: bytes | None,
        signed: bytes,
        algorithm: bytes,
        signature: bytes,
    ) -> Self:
        hashes = (single.hash_algorithm.name, single.issuer_name_hash, single.issuer_key_hash)
        name = answer.responder_name
        return cls(
            signed,
            algorithm,
            signature,
            answer.responder_key_hash,
            None if name is None else name.public_bytes(),
            tuple([certificate.public_bytes(Encoding.DER) for certificate in answer.certificates]),
            OcspRequest(*hashes, single.serial_number, nonce),
            _read_status(single),
            answer.produced_at_utc,
            single.this_update_utc,
            single.next_update_utc,
        )


def _is_unknown_and_critical(extension: x509.Extension[x509.ExtensionType]) -> bool:
    return extension.critical and not isinstance(extension.value, x509.OCSPNonce)


def _read_status(answer: ocsp.OCSPResponse | ocsp.OCSPSingleResponse) -> Status:
    if answer.certificate_status is ocsp.OCSPCertStatus.GOOD:
        return Standing.GOOD
    if answer.revocation_time_utc is None:
        return Standing.UNKNOWN
    return Revocation(answer.revocation_time_utc, reason_of(answer.revocation_reason))


def _cut(data: bytes) -> tuple[bytes, bytes, bytes]:
    """ResponseData, AlgorithmIdentifier and signature as encoded."""
    outer = der.whole(data, der.SEQUENCE)
    _, status_end = der.slice_element(outer, 0, der.ENUMERATED)
    response = der.whole(der.whole(outer[status_end:], der.explicit(0)), der.SEQUENCE)
    _, type_end = der.slice_element(response, 0, der.OID)
    basic = der.whole(der.whole(response[type_end:], der.OCTET_STRING), der.SEQUENCE)
    _, signed_end = der.slice_element(basic, 0, der.SEQUENCE)
    _, algorithm_end = der.slice_element(basic, signed_end, der.SEQUENCE)
    begin, end = der.slice_element(basic, algorithm_end, der.BIT_STRING)
    if basic[begin : begin + 1] != b"\0":
        raise Malformed("the signature is not of whole bytes")
    return basic[:signed_end], basic[signed_end:algorithm_end], basic[begin + 1 : end]
