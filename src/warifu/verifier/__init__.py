"""Who decides whether a certificate may be relied on at this moment (利用者証明検証者, 公的個人認証法 第36条, 第38条).

It knows the authorities' certificates it was told to trust (`Anchors`), and nobody's secrets. It never fetches: `needs`
says what to gather about a certificate, `wire` gathers it from the services that the operator configured, and
`check_login` decides from what was gathered (`Evidence`) and the moment; `check_logins` many at once. Who does not want
to gather before the signature was found right takes its halves, `check_signed` and `confirm_login`. It remembers only
in a `Memory` and in `SeenRevocations` that are lent to it.

`check_login` checks in this order and raises at the first fault:

=====================================================  ================================================================
the challenge answered is the one asked, in time       WrongOrigin WrongClient WrongTransaction WrongNonce
                                                       ChallengeExpired
the certificate is well-formed                         Malformed
an anchor has its issuer's name and key identifier     UntrustedIssuer
that anchor's key signed it                            Tampered
it is an authentication certificate                    WrongPolicy WrongKeyUsage WrongProfile
of an authority for these                              UntrustedIssuer
it is valid at this moment, and its authority too      NotYetValid Expired
its key signed the challenge                           WrongSignature
this verifier may tell (J-LIS's anchors)               StatusUnknown
OCSP, else an answer that came along if the policy     RevocationDataRefused
takes any, else the list: signed by the issuer, about
this certificate, with our nonce if we asked
… and fresh                                            StatusUnknown
… and good                                             Revoked Suspended NeverIssued
=====================================================  ================================================================

Nothing that a certificate names is used before an anchor's signature on it was verified. Expired comes before revoked:
authorities forget a revocation when the certificate has ended anyway. The signature comes before the status, so that
nobody learns whether a certificate is revoked but who holds its card. "Don't know" is never valid and never revoked.

Two generations of cards are believed, each wholly by its own algorithm: RSA with SHA-256, and P-384 with SHA-384 where
the operator trusts a P-384 anchor. The anchor's key decides about the certificate's signature, the kind of the
certificate's key must be the anchor's, and that key decides about the login's signature. No message chooses any.

Signed documents (署名検証者, 第17条, 第19条): `check_document` judges what `warifu.documents` found, as of any moment,
in the terms of ETSI EN 319 102-1, and answers with a `DocumentReport` instead of raising. `document_needs` says what to
gather for it.

A certificate that was verified once may be asked about again without it: `question` says what has to be known for that,
`needs_again` what to gather, and `check_again` decides.

The signing API's results: `open_result` and `check_signing` are the platform operator's.
"""

from warifu.verifier.algorithms import SoundAlgorithms
from warifu.verifier.anchors import JLIS_FINGERPRINTS, Anchor, Anchors
from warifu.verifier.document_chain import SignerTrust
from warifu.verifier.document_timestamps import TimestampTrust
from warifu.verifier.documents import DocumentTrust, check_document, document_needs
from warifu.verifier.login import (
    Needs,
    SignedLogin,
    VerifiedLogin,
    check_login,
    check_signed,
    confirm_login,
    needs,
    subject_key,
)
from warifu.verifier.logins import LoginCase, check_logins
from warifu.verifier.material import Material
from warifu.verifier.memory import Memory, SeenRevocations, revocation_mark
from warifu.verifier.platform import (
    RESULT_MEMBERS,
    OperatorKey,
    VerifiedSigning,
    check_signing,
    open_result,
    signed_form,
    signing_needs,
    write_result,
)
from warifu.verifier.policy import Policy, SourceOrder, VerifierKind
from warifu.verifier.question import CertificateQuestion, check_again, needs_again, question
from warifu.verifier.report import Check, DocumentReport, Outcome, OutsideSigner, SignatureReport, TimestampReport
from warifu.verifier.report_json import report_to_json
from warifu.verifier.report_telling import ToldCheck, ToldReport, ToldSignature, tell_report
from warifu.verifier.report_text import report_to_text
from warifu.verifier.revocation import CheckedList, Confirmation, Evidence, Source, check_crl, check_status
from warifu.verifier.revoked_index import RevokedIndex
from warifu.verifier.rule_words import RULE_WORDS, ReportLanguage, Sentences, Words
from warifu.verifier.rules import Indication, Rule, SubIndication

__all__ = [
    "JLIS_FINGERPRINTS",
    "RESULT_MEMBERS",
    "RULE_WORDS",
    "Anchor",
    "Anchors",
    "CertificateQuestion",
    "Check",
    "CheckedList",
    "Confirmation",
    "DocumentReport",
    "DocumentTrust",
    "Evidence",
    "Indication",
    "LoginCase",
    "Material",
    "Memory",
    "Needs",
    "OperatorKey",
    "Outcome",
    "OutsideSigner",
    "Policy",
    "ReportLanguage",
    "RevokedIndex",
    "Rule",
    "SeenRevocations",
    "Sentences",
    "SignatureReport",
    "SignedLogin",
    "SignerTrust",
    "SoundAlgorithms",
    "Source",
    "SourceOrder",
    "SubIndication",
    "TimestampReport",
    "TimestampTrust",
    "ToldCheck",
    "ToldReport",
    "ToldSignature",
    "VerifiedLogin",
    "VerifiedSigning",
    "VerifierKind",
    "Words",
    "check_again",
    "check_crl",
    "check_document",
    "check_login",
    "check_logins",
    "check_signed",
    "check_signing",
    "check_status",
    "confirm_login",
    "document_needs",
    "needs",
    "needs_again",
    "open_result",
    "question",
    "report_to_json",
    "report_to_text",
    "revocation_mark",
    "signed_form",
    "signing_needs",
    "subject_key",
    "tell_report",
    "write_result",
]
