"""Building the authority's signed answers about certificates (RFC 6960 §4.2).

The DER is written here, from parts that are made once for each responder: cryptography's builder takes the time of
signing from the system's clock, and here time is an argument; nor does it write several answers in one message. Tests
compare with what cryptography and openssl read.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from enum import Enum
from functools import lru_cache

from cryptography import x509

from warifu.pki import der
from warifu.pki.issuer import Issuer, OcspResponder
from warifu.pki.keys import ALGORITHMS
from warifu.pki.ocsp import OcspRequest, certificate_id, issuer_hashes
from warifu.pki.revocation import Reason, Standing, Status


class OcspError(Enum):
    """The answers without content (RFC 6960 §4.2.1). They are not signed, so they prove nothing."""

    MALFORMED_REQUEST = 1
    INTERNAL_ERROR = 2
    TRY_LATER = 3
    SIG_REQUIRED = 5
    """Only signed questions are answered."""
    UNAUTHORIZED = 6
    """The asker is none of those who are answered, or we cannot answer for this authority (RFC 5019 §2.2.3)."""


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
    single = _single(request, status, this_update, next_update)
    return _sign(responder, single, request.nonce, produced_at)


def build_ocsp_responses(
    responder: Issuer | OcspResponder,
    answers: Sequence[tuple[OcspRequest, Status]],
    *,
    nonce: bytes | None,
    produced_at: datetime,
    this_update: datetime,
    next_update: datetime | None = None,
) -> bytes:
    """The signed answer to a message of several questions, DER: one SingleResponse for each, in the order asked.

    Wire: as `build_ocsp_response`.
    """
    singles = (_single(request, status, this_update, next_update) for request, status in answers)
    return _sign(responder, b"".join(singles), nonce, produced_at)


def presign_ocsp(
    responder: Issuer | OcspResponder,
    issuer: Issuer,
    answers: Iterable[tuple[int, Status, datetime]],
    *,
    produced_at: datetime,
) -> Iterator[tuple[int, bytes]]:
    """Answers signed before anybody asks, one for each serial number: serial number, status, end of use.

    Wire: the profile for high volumes (RFC 5019 §2.2): one SingleResponse, CertID with SHA-1, no nonce, nextUpdate.
    """
    names = issuer_hashes(issuer.certificate)
    for serial_number, status, next_update in answers:
        request = OcspRequest("sha1", *names, serial_number)
        yield (
            serial_number,
            build_ocsp_response(
                responder,
                request,
                status,
                produced_at=produced_at,
                this_update=produced_at,
                next_update=next_update,
            ),
        )


def _single(request: OcspRequest, status: Status, this_update: datetime, next_update: datetime | None) -> bytes:
    return der.encode(
        der.SEQUENCE,
        certificate_id(request),
        _status(status),
        der.generalized_time(this_update),
        b"" if next_update is None else NEXT_UPDATE + der.generalized_time(next_update),
    )


def _sign(responder: Issuer | OcspResponder, singles: bytes, nonce: bytes | None, produced_at: datetime) -> bytes:
    signed = der.encode(
        der.SEQUENCE,
        RESPONDER + responder.key_id,
        der.generalized_time(produced_at),
        der.encode(der.SEQUENCE, singles),
        _nonce(nonce),
    )
    signature = der.bit_string(responder.signer.sign(signed))
    certificates = _certificates(responder.certificate_der) if isinstance(responder, OcspResponder) else b""
    basic = b"".join((signed, ALGORITHMS[responder.signer.algorithm], signature, certificates))
    return before_basic(len(basic)) + basic


_SUCCESSFUL = der.encode(der.ENUMERATED, b"\0")
_BASIC = der.object_identifier("1.3.6.1.5.5.7.48.1.1")
_NONCE = der.object_identifier(x509.OCSPNonce.oid.dotted_string)
# Headers before contents of fixed length: a key hash of 20 bytes, a GeneralizedTime of 17.
RESPONDER = bytes((der.explicit(2), 22, der.OCTET_STRING, 20))
NEXT_UPDATE = bytes((der.explicit(0), 17))
GOOD = der.encode(der.implicit(0))
_UNKNOWN = der.encode(der.implicit(2))


def _status(status: Status) -> bytes:
    if status is Standing.GOOD:
        return GOOD
    if status is Standing.UNKNOWN:
        return _UNKNOWN
    reason = b"" if status.reason is Reason.UNSPECIFIED else der.encode(der.ENUMERATED, bytes((status.reason,)))
    why = der.encode(der.explicit(0), reason) if reason else b""
    return der.encode(der.explicit(1), der.generalized_time(status.at), why)


def _nonce(nonce: bytes | None) -> bytes:
    """The responseExtensions with the nonce (RFC 9654 §2.1), not critical."""
    return b"" if nonce is None else before_nonce(len(nonce)) + nonce


@lru_cache(maxsize=128)
def before_nonce(length: int) -> bytes:
    """Everything before the nonce itself, which has one of few lengths."""
    value = der.encode(der.OCTET_STRING, der.encode(der.OCTET_STRING, bytes(length)))
    extensions = der.encode(der.SEQUENCE, der.encode(der.SEQUENCE, _NONCE, value))
    return der.encode(der.explicit(1), extensions)[:-length]


def _certificates(own: bytes) -> bytes:
    return der.encode(der.explicit(0), der.encode(der.SEQUENCE, own))


@lru_cache(maxsize=256)
def before_basic(length: int) -> bytes:
    """All before the contents of a BasicOCSPResponse of so many bytes: four headers, and what is the same."""
    basic = der.encode(der.SEQUENCE, bytes(length))
    sent = der.encode(der.explicit(0), der.encode(der.SEQUENCE, _BASIC, der.encode(der.OCTET_STRING, basic)))
    return der.encode(der.SEQUENCE, _SUCCESSFUL, sent)[:-length]
