"""What the two certification authorities write and others read: certificates, revocation lists, OCSP.

A language, not a party: it holds no anchors, decides about nobody and keeps nothing. Keys are lent as a `Signer`;
moments, serial numbers and nonces are arguments.

Building (all DER, all deterministic but for ECDSA signatures)::

    kind = CertificateKind.AUTHENTICATION                                  # or SIGNING
    signer = KeySigner.generate()                                          # or any ports.Signer
    root = build_ca_certificate(kind, signer, serial_number=, not_before=, not_after=, name=AuthorityName())
    issuer = Issuer(root, signer, kind, name=AuthorityName())              # one generation of an authority
    build_authentication_certificate(issuer, serial_number=, common_name=, public_key_info=, municipality=,
                                     not_before=, not_after=, addresses=ServiceAddresses(ocsp=, cps=))
    build_signing_certificate(... the same ..., attributes=BasicAttributes)
    build_responder_certificate(issuer, serial_number=, common_name=, public_key_info=, not_before=, not_after=)
    build_crl(issuer, municipality=, revoked={serial: Revocation(at, Reason)}, number=, this_update=, next_update=None)
    build_ocsp_response(issuer or OcspResponder(certificate, signer), request, status, produced_at=, this_update=,
                        next_update=)                                      # status: Standing.GOOD|UNKNOWN|Revocation
    build_ocsp_responses(responder, [(request, status), ...], nonce=, produced_at=, this_update=)
    presign_ocsp(responder, issuer, [(serial, status, next_update), ...], produced_at=)          # nobody has asked yet
    build_ocsp_error(OcspError.MALFORMED_REQUEST)
    build_authority_list(issuer, revoked=, number=, this_update=)          # of the authorities' own certificates (ARL)
    write_crl(write, issuer, municipality=, revoked=lambda: rows, number=, this_update=)      # of any length, streamed

Asking: `OcspRequest.decode` (POST body), `decode_ocsp_get` (GET path), `request.asks(issuer)`, `build_ocsp_request`;
`OcspQuestions` is a message of several questions, signed or not.
Reading checks form and profile and proves nothing about who signed: `EndEntityCertificate.decode`,
`CaCertificate.decode`, `UnverifiedCertificate.decode` (form only), `RevocationList.decode`, `OcspAnswer.decode`;
`check_signature` serves them all, `check_signature_by` what comes without an algorithm's name.

Two profiles, told apart by the authority's key and never mixed: RSA of at least 2048 bits with SHA-256, which today's
cards have, and P-384 with SHA-384, which the next cards are to have (Modelled: no profile of theirs is published).
When and what: `not_after` (the fifth birthday), `common_name`, `substitute`.
"""

from warifu.pki.certificates import (
    CaCertificate,
    EndEntityCertificate,
    PublicKey,
    check_signature,
    check_signature_by,
    is_rsa,
    public_key_info_of,
    public_key_of,
    read_public_key,
)
from warifu.pki.common_name import common_name
from warifu.pki.crl import RevocationList
from warifu.pki.crl_building import build_authority_list, build_crl
from warifu.pki.crl_writing import write_crl
from warifu.pki.digest_signature import check_digest_signature, hash_name_of
from warifu.pki.holder import build_authentication_certificate, build_signing_certificate
from warifu.pki.issuer import (
    CertifiedKey,
    Issuer,
    OcspResponder,
    ServiceAddresses,
    build_ca_certificate,
    build_responder_certificate,
)
from warifu.pki.keys import KeySigner
from warifu.pki.names import AuthorityName, CertificateKind, Medium
from warifu.pki.ocsp import OcspRequest, build_ocsp_request, decode_ocsp_get, encode_ocsp_get, issuer_hashes
from warifu.pki.ocsp_answer import OcspAnswer
from warifu.pki.ocsp_building import (
    OcspError,
    build_ocsp_error,
    build_ocsp_response,
    build_ocsp_responses,
    presign_ocsp,
)
from warifu.pki.ocsp_questions import OcspQuestions, RequestSignature
from warifu.pki.personal import PersonalData
from warifu.pki.profile import key_id
from warifu.pki.reading import Reading
from warifu.pki.revocation import Reason, Revocation, Standing, Status
from warifu.pki.slices import UnverifiedCertificate
from warifu.pki.substitutes import substitute
from warifu.pki.validity import JST, not_after

__all__ = [
    "JST",
    "AuthorityName",
    "CaCertificate",
    "CertificateKind",
    "CertifiedKey",
    "EndEntityCertificate",
    "Issuer",
    "KeySigner",
    "Medium",
    "OcspAnswer",
    "OcspError",
    "OcspQuestions",
    "OcspRequest",
    "OcspResponder",
    "PersonalData",
    "PublicKey",
    "Reading",
    "Reason",
    "RequestSignature",
    "Revocation",
    "RevocationList",
    "ServiceAddresses",
    "Standing",
    "Status",
    "UnverifiedCertificate",
    "build_authentication_certificate",
    "build_authority_list",
    "build_ca_certificate",
    "build_crl",
    "build_ocsp_error",
    "build_ocsp_request",
    "build_ocsp_response",
    "build_ocsp_responses",
    "build_responder_certificate",
    "build_signing_certificate",
    "check_digest_signature",
    "check_signature",
    "check_signature_by",
    "common_name",
    "decode_ocsp_get",
    "encode_ocsp_get",
    "hash_name_of",
    "is_rsa",
    "issuer_hashes",
    "key_id",
    "not_after",
    "presign_ocsp",
    "public_key_info_of",
    "public_key_of",
    "read_public_key",
    "substitute",
    "write_crl",
]
