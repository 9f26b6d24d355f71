"""Everything the authorities write, before pkilint: no finding but those that the JPKI profile itself causes.

Those are listed here one by one, each with its reason. A finding that goes away fails as one that appears does, so
the list stays true.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.pki.linting import Findings, lint_answer, lint_certificate, lint_list
from tests.pki.world import (
    AUTHENTICATION,
    HANAKO,
    ISSUED,
    KIYOSE,
    NEXT_ORDER,
    NOW,
    ORDER,
    SHA256,
    SIGNING,
    Order,
    authority,
    next_authority,
    next_responder,
    reissue,
    responder,
)
from warifu.pki import (
    CertificateKind,
    Issuer,
    Medium,
    OcspRequest,
    OcspResponder,
    Reason,
    Revocation,
    Standing,
    Status,
    build_authentication_certificate,
    build_authority_list,
    build_crl,
    build_ocsp_request,
    build_ocsp_response,
    build_ocsp_responses,
    build_signing_certificate,
    presign_ocsp,
)

KEY_IDENTIFIER = ("INFO", "pkix.subject_key_identifier_method_1_identified")
"""No fault: pkilint says that it recognised the method (RFC 5280 §4.2.1.2), which is the profile's."""

QUALIFIER = ("NOTICE", "pkix.certificate_policies_policy_has_qualifier")
"""RFC 5280 §4.2.1.4 recommends policies without qualifiers; J-LIS's name the address of the practice statement."""

PROFILES = {"RSA-2048": (authority, ORDER, responder), "P-384": (next_authority, NEXT_ORDER, next_responder)}

profiles = pytest.mark.parametrize(("authorities", "order", "answering"), PROFILES.values(), ids=list(PROFILES))
kinds = pytest.mark.parametrize("kind", CertificateKind)


@profiles
@kinds
def test_an_authoritys_own_certificate(
    kind: CertificateKind, authorities: Callable[[CertificateKind], Issuer], order: Order, answering: object
) -> None:
    """RFC 5280 §4."""
    assert lint_certificate(authorities(kind).certificate_der) == {KEY_IDENTIFIER}


@profiles
@pytest.mark.parametrize("medium", Medium)
@kinds
def test_a_holders_certificate(
    kind: CertificateKind,
    medium: Medium,
    authorities: Callable[[CertificateKind], Issuer],
    order: Order,
    answering: object,
) -> None:
    """RFC 5280 §4."""
    if kind is SIGNING:
        der = build_signing_certificate(authorities(kind), attributes=HANAKO, medium=medium, **vars(order))
    else:
        der = build_authentication_certificate(authorities(kind), medium=medium, **vars(order))
    assert lint_certificate(der) == {KEY_IDENTIFIER, QUALIFIER}


@profiles
def test_a_delegated_responders_certificate(
    authorities: object, order: Order, answering: Callable[[], OcspResponder]
) -> None:
    """RFC 6960 §4.2.2.2."""
    assert lint_certificate(answering().certificate_der) == {KEY_IDENTIFIER}


@profiles
@pytest.mark.parametrize("revoked", [0, 1, len(Reason)], ids=["empty", "one entry", "every reason"])
@kinds
def test_a_municipalitys_revocation_list(
    kind: CertificateKind,
    revoked: int,
    authorities: Callable[[CertificateKind], Issuer],
    order: Order,
    answering: object,
) -> None:
    """RFC 5280 §5."""
    entries = {ORDER.serial_number + reason: Revocation(ISSUED, reason) for reason in list(Reason)[:revoked]}
    der = build_crl(authorities(kind), municipality=KIYOSE, revoked=entries, number=7, this_update=NOW)
    assert lint_list(der) == set()


@profiles
@pytest.mark.parametrize("revoked", [{}, {3: Revocation(ISSUED, Reason.CA_COMPROMISE)}], ids=["empty", "compromised"])
@kinds
def test_the_authorities_own_list(
    kind: CertificateKind,
    revoked: dict[int, Revocation],
    authorities: Callable[[CertificateKind], Issuer],
    order: Order,
    answering: object,
) -> None:
    """RFC 5280 §5."""
    der = build_authority_list(authorities(kind), revoked=revoked, number=7, this_update=NOW)
    assert lint_list(der) == set()


def _asked(authorities: Callable[[CertificateKind], Issuer], order: Order, nonce: bytes | None) -> OcspRequest:
    issuer = authorities(AUTHENTICATION)
    asked = build_ocsp_request(order.authentication(issuer), issuer.certificate_der, nonce=nonce)
    return OcspRequest.decode(asked)


@profiles
@pytest.mark.parametrize(
    "status", [Standing.GOOD, Standing.UNKNOWN, *(Revocation(ISSUED, reason) for reason in Reason)], ids=str
)
@pytest.mark.parametrize("delegated", [True, False], ids=["responder", "authority"])
def test_an_answer_signed_on_demand(
    delegated: bool,
    status: Status,
    authorities: Callable[[CertificateKind], Issuer],
    order: Order,
    answering: Callable[[], OcspResponder],
) -> None:
    """RFC 6960 §4.2."""
    signer = answering() if delegated else authorities(AUTHENTICATION)
    request = _asked(authorities, order, bytes(32))
    der = build_ocsp_response(signer, request, status, produced_at=NOW, this_update=NOW, next_update=None)
    assert lint_answer(der) == set()


@profiles
def test_an_answer_to_several_questions(
    authorities: Callable[[CertificateKind], Issuer], order: Order, answering: Callable[[], OcspResponder]
) -> None:
    """RFC 6960 §4.2."""
    request = _asked(authorities, order, None)
    answers: list[tuple[OcspRequest, Status]] = [(request, Standing.GOOD), (request, Standing.UNKNOWN)]
    der = build_ocsp_responses(answering(), answers, nonce=bytes(32), produced_at=NOW, this_update=NOW)
    assert lint_answer(der) == set()


@profiles
def test_an_answer_signed_beforehand(
    authorities: Callable[[CertificateKind], Issuer], order: Order, answering: Callable[[], OcspResponder]
) -> None:
    """RFC 5019 §2.2."""
    until = NOW + timedelta(days=1)
    issuer = authorities(AUTHENTICATION)
    [(_number, der)] = presign_ocsp(answering(), issuer, [(7, Standing.GOOD, until)], produced_at=NOW)
    assert lint_answer(der) == set()


def test_pkilint_finds_what_is_wrong() -> None:
    """The judge is awake: a certificate without key usage bits, a list without its number."""
    empty = x509.KeyUsage(*(False,) * 9)
    broken = reissue(ORDER.authentication(), authority(AUTHENTICATION), put={x509.KeyUsage: (empty, True)})
    assert _errors(lint_certificate(broken))
    issuer = authority(AUTHENTICATION)
    bare = x509.CertificateRevocationListBuilder(issuer.certificate.subject, NOW, NOW + timedelta(days=1))
    numberless = bare.sign(issuer.private_key, SHA256).public_bytes(Encoding.DER)
    assert _errors(lint_list(numberless))


def _errors(findings: Findings) -> Findings:
    return {finding for finding in findings if finding[0] in {"ERROR", "FATAL"}}
