"""What a timestamp authority answers: a token, or why there is none (RFC 3161 §2.4.2)."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, ClassVar

from asn1crypto import algos, cms, core, tsp, x509

from warifu.errors import Malformed
from warifu.pki.timestamps.certificates import TimestampUnit
from warifu.pki.timestamps.request import TimestampRequest
from warifu.ports import SignatureAlgorithm

__all__ = ["TimestampFailure", "TimestampTerms", "build_timestamp_refusal", "build_timestamp_response"]

_SECOND = timedelta(seconds=1)
_HASHES: dict[SignatureAlgorithm, str] = {"RS256": "sha256", "ES256": "sha256", "ES384": "sha384"}
_SIGNATURES: dict[SignatureAlgorithm, str] = {"RS256": "sha256_rsa", "ES256": "sha256_ecdsa", "ES384": "sha384_ecdsa"}


class _Refusal(core.Sequence):  # type: ignore[misc]  # asn1crypto tells no types
    """TimeStampResp without a token, which asn1crypto's own does not know."""

    _fields: ClassVar[list[tuple[str, type]]] = [("status", tsp.PKIStatusInfo)]


class TimestampFailure(Enum):
    """Why a request got no token."""

    BAD_ALGORITHM = "bad_alg"
    BAD_REQUEST = "bad_request"
    BAD_DATA_FORMAT = "bad_data_format"
    TIME_NOT_AVAILABLE = "time_not_available"
    UNACCEPTED_POLICY = "unaccepted_policy"
    UNACCEPTED_EXTENSION = "unaccepted_extensions"
    SYSTEM_FAILURE = "system_failure"


@dataclass(frozen=True, slots=True)
class TimestampTerms:
    """Under which policy (object identifier) an authority stamps, and how far its clock may be from the true time."""

    policy: str
    accuracy: timedelta

    def __post_init__(self) -> None:
        if not timedelta(0) < self.accuracy < timedelta(days=1):
            raise Malformed("the accuracy of a timestamp is a positive time of less than a day")


def build_timestamp_response(
    unit: TimestampUnit, terms: TimestampTerms, request: TimestampRequest, *, serial_number: int, at: datetime
) -> bytes:
    """A response with a token that says the digest existed `at`, DER.

    `serial_number` is one that the authority never used before, of at most 160 bits.

    Wire: TimeStampResp granted, with a CMS SignedData over TSTInfo; signed attributes contentType, messageDigest and
    signingCertificateV2 (RFC 5816); the unit's certificate when the request asked for it. Time in whole seconds.
    """
    if not 0 < serial_number < 1 << 160:
        raise Malformed("a timestamp's serial number is positive and has 160 bits at most")
    content = _info(terms, request, serial_number, at).dump()
    signed = cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [{"algorithm": _HASHES[unit.signer.algorithm]}],
            "encap_content_info": {"content_type": "tst_info", "content": cms.ParsableOctetString(content)},
            "certificates": [x509.Certificate.load(unit.certificate_der)] if request.certificate else None,
            "signer_infos": [_signer_info(unit, content)],
        }
    )
    token = cms.ContentInfo({"content_type": "signed_data", "content": signed})
    return _encoded(tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}))


def build_timestamp_refusal(failure: TimestampFailure, why: str) -> bytes:
    """A response without token, DER. It is not signed, so it proves nothing."""
    status = {"status": "rejection", "status_string": [why], "fail_info": {failure.value}}
    return _encoded(_Refusal({"status": status}))


def _info(terms: TimestampTerms, request: TimestampRequest, serial_number: int, at: datetime) -> tsp.TSTInfo:
    seconds, rest = divmod(terms.accuracy, _SECOND)
    millis, micros = divmod(rest.microseconds, 1000)
    accuracy = {"seconds": seconds or None, "millis": millis or None, "micros": micros or None}
    return tsp.TSTInfo(
        {
            "version": "v1",
            "policy": terms.policy,
            "message_imprint": {
                "hash_algorithm": {"algorithm": request.hash_name},
                "hashed_message": request.digest,
            },
            "serial_number": serial_number,
            "gen_time": at.replace(microsecond=0),
            "accuracy": {name: value for name, value in accuracy.items() if value is not None},
            "nonce": request.nonce,
        }
    )


def _signer_info(unit: TimestampUnit, content: bytes) -> cms.SignerInfo:
    hash_name = _HASHES[unit.signer.algorithm]
    certificate = x509.Certificate.load(unit.certificate_der)
    named = {
        "hash_algorithm": {"algorithm": "sha256"},
        "cert_hash": hashlib.sha256(unit.certificate_der).digest(),
        "issuer_serial": {
            "issuer": [x509.GeneralName("directory_name", certificate.issuer)],
            "serial_number": certificate.serial_number,
        },
    }
    attributes = cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
            cms.CMSAttribute({"type": "message_digest", "values": [hashlib.new(hash_name, content).digest()]}),
            cms.CMSAttribute(
                {"type": "signing_certificate_v2", "values": [tsp.SigningCertificateV2({"certs": [named]})]}
            ),
        ]
    )
    return cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                "issuer_and_serial_number",
                cms.IssuerAndSerialNumber({"issuer": certificate.issuer, "serial_number": certificate.serial_number}),
            ),
            "digest_algorithm": algos.DigestAlgorithm({"algorithm": hash_name}),
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": _SIGNATURES[unit.signer.algorithm]},
            "signature": unit.signer.sign(attributes.dump()),
        }
    )


def _encoded(message: Any) -> bytes:
    encoded: bytes = message.dump()
    return encoded
