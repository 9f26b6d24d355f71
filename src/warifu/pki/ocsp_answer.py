"""The authority's signed answer about one certificate: building it and reading it (RFC 6960 §4.2).

The DER is written here, from parts that are made once for each responder: cryptography's builder takes the time of
signing from the system's clock, and here time is an argument. Tests compare with what cryptography and openssl read.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from warifu.errors import Malformed, StatusUnknown
from warifu.pki import der
from warifu.pki.issuer import Issuer, OcspResponder
from warifu.pki.keys import ALGORITHMS
from warifu.pki.ocsp import OcspRequest, nonce_of
from warifu.pki.reading import Reading
from warifu.pki.revocation import Reason, Revocation, Standing, Status, reason_of

MAX_ANSWER = 16 * 1024


class OcspError(Enum):
    """The answers without content (RFC 6960 §4.2.1). They are not signed, so they prove nothing."""

    MALFORMED_REQUEST = 1
    INTERNAL_ERROR = 2
    TRY_LATER = 3
    UNAUTHORIZED = 6


def build_ocsp_error(error: OcspError) -> bytes:
    """The unsigned answer that says why there is none, DER."""
    return der.encode(der.SEQUENCE, der.encode(der.ENUMERATED, bytes((error.value,))))


def build_ocsp_response(
    responder: Issuer | OcspResponder,
    request: OcspRequest,
    status: Status,
    *,
    produced_at: datetime,
    this_update: datetime,
    next_update: datetime | None,
) -> bytes:
    """The signed answer to `request`, DER; its nonce is echoed, or there is none.

    Wire: BasicOCSPResponse, responder by key hash, one SingleResponse. The authority's own key signs without a
    certificate in the answer, a delegated responder adds its own. Reason 0 is left out. Times are whole seconds.
    """
    single = der.encode(
        der.SEQUENCE,
        _certificate_id(request),
        _status(status),
        der.generalized_time(this_update),
        b"" if next_update is None else _NEXT_UPDATE + der.generalized_time(next_update),
    )
    signed = der.encode(
        der.SEQUENCE,
        _RESPONDER + responder.key_id,
        der.generalized_time(produced_at),
        der.encode(der.SEQUENCE, single),
        _nonce(request.nonce),
    )
    signature = der.bit_string(responder.signer.sign(signed))
    certificates = _certificates(responder.certificate_der) if isinstance(responder, OcspResponder) else b""
    basic = der.encode(der.SEQUENCE, signed, ALGORITHMS[responder.signer.algorithm], signature, certificates)
    return der.encode(der.SEQUENCE, _SUCCESSFUL, _response_bytes(basic))


_SUCCESSFUL = der.encode(der.ENUMERATED, b"\0")
_BASIC = der.object_identifier("1.3.6.1.5.5.7.48.1.1")
_NONCE = der.object_identifier(x509.OCSPNonce.oid.dotted_string)
_NULL = der.encode(der.NULL)
# Headers before contents of fixed length: a key hash of 20 bytes, a GeneralizedTime of 17.
_RESPONDER = bytes((der.explicit(2), 22, der.OCTET_STRING, 20))
_NEXT_UPDATE = bytes((der.explicit(0), 17))
_GOOD = der.encode(der.implicit(0))
_UNKNOWN = der.encode(der.implicit(2))

_DIGESTS = {
    name: der.encode(der.SEQUENCE, der.object_identifier(identifier), _NULL)
    for name, identifier in {
        "sha1": "1.3.14.3.2.26",
        "sha256": "2.16.840.1.101.3.4.2.1",
        "sha384": "2.16.840.1.101.3.4.2.2",
        "sha512": "2.16.840.1.101.3.4.2.3",
    }.items()
}


def _certificate_id(request: OcspRequest) -> bytes:
    return der.encode(
        der.SEQUENCE,
        _DIGESTS[request.hash_name],
        der.encode(der.OCTET_STRING, request.issuer_name_hash),
        der.encode(der.OCTET_STRING, request.issuer_key_hash),
        der.integer(request.serial_number),
    )


def _status(status: Status) -> bytes:
    if status is Standing.GOOD:
        return _GOOD
    if status is Standing.UNKNOWN:
        return _UNKNOWN
    reason = b"" if status.reason is Reason.UNSPECIFIED else der.encode(der.ENUMERATED, bytes((status.reason,)))
    why = der.encode(der.explicit(0), reason) if reason else b""
    return der.encode(der.explicit(1), der.generalized_time(status.at), why)


def _nonce(nonce: bytes | None) -> bytes:
    """The responseExtensions with the nonce (RFC 9654 §2.1), not critical."""
    if nonce is None:
        return b""
    value = der.encode(der.OCTET_STRING, der.encode(der.OCTET_STRING, nonce))
    return der.encode(der.explicit(1), der.encode(der.SEQUENCE, der.encode(der.SEQUENCE, _NONCE, value)))


def _certificates(own: bytes) -> bytes:
    return der.encode(der.explicit(0), der.encode(der.SEQUENCE, own))


def _response_bytes(basic: bytes) -> bytes:
    return der.encode(der.explicit(0), der.encode(der.SEQUENCE, _BASIC, der.encode(der.OCTET_STRING, basic)))


@dataclass(frozen=True, repr=False)
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
        with Reading("OCSP answer"):
            answer = ocsp.load_der_ocsp_response(data)
            if answer.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
                raise StatusUnknown(f"the OCSP responder says: {answer.response_status.name.lower().replace('_', ' ')}")
            if any(map(_is_unknown_and_critical, (*answer.extensions, *answer.single_extensions))):
                raise Malformed("the OCSP answer has an unknown critical extension")
            return cls._of(answer, *_cut(data))

    @classmethod
    def _of(cls, answer: ocsp.OCSPResponse, signed: bytes, algorithm: bytes, signature: bytes) -> Self:
        nonce = nonce_of(answer.extensions)
        hashes = (answer.hash_algorithm.name, answer.issuer_name_hash, answer.issuer_key_hash)
        name = answer.responder_name
        return cls(
            signed,
            algorithm,
            signature,
            answer.responder_key_hash,
            None if name is None else name.public_bytes(),
            tuple(certificate.public_bytes(Encoding.DER) for certificate in answer.certificates),
            OcspRequest(*hashes, answer.serial_number, nonce),
            _read_status(answer),
            answer.produced_at_utc,
            answer.this_update_utc,
            answer.next_update_utc,
        )


def _is_unknown_and_critical(extension: x509.Extension[x509.ExtensionType]) -> bool:
    return extension.critical and not isinstance(extension.value, x509.OCSPNonce)


def _read_status(answer: ocsp.OCSPResponse) -> Status:
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
