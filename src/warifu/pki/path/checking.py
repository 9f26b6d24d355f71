"""Checking a path with pyhanko-certvalidator, and telling its complaints in our errors."""

import logging
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, NoReturn

from asn1crypto import crl, ocsp, x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext, errors
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.policy_decl import (
    CertRevTrustPolicy,
    PKIXValidationParams,
    RevocationCheckingPolicy,
    RevocationCheckingRule,
)
from pyhanko_certvalidator.registry import CertificateRegistry

from warifu.errors import (
    Expired,
    Malformed,
    NotYetValid,
    Revoked,
    StatusUnknown,
    Suspended,
    Tampered,
    UntrustedIssuer,
    WeakAlgorithm,
    WrongKeyUsage,
    WrongPolicy,
    WrongProfile,
)
from warifu.pki.path.algorithms import SOUND_HASHES, SoundAlgorithms
from warifu.pki.path.purpose import Purpose
from warifu.pki.revocation import Reason

__all__ = ["ANY_POLICY", "Checking", "Path", "PolicyInputs", "check_path"]

# What it logs is in our errors already; nothing of it goes to the terminal of somebody who set up no logs.
logging.getLogger("pyhanko_certvalidator").addHandler(logging.NullHandler())

ANY_POLICY = "any_policy"
_COMPLAINTS = (
    ValueError,
    TypeError,
    KeyError,
    AttributeError,  # a digest that it does not know
    OverflowError,
    RecursionError,
    NotImplementedError,
)
_MOST_STEPS = 500
_MOST_CERTIFICATES = 64


class Checking(Enum):
    """For which certificates of a path revocation data must be there: for the last one, and for authorities."""

    EVERY = (RevocationCheckingRule.CRL_OR_OCSP_REQUIRED, RevocationCheckingRule.CRL_OR_OCSP_REQUIRED)
    """For every one but the anchor's."""
    LAST = (RevocationCheckingRule.CRL_OR_OCSP_REQUIRED, RevocationCheckingRule.NO_CHECK)
    """For the certificate that was asked about; its authorities' have been checked."""
    DECLARED = (RevocationCheckingRule.CHECK_IF_DECLARED, RevocationCheckingRule.CHECK_IF_DECLARED)
    """For those that name a revocation list or an OCSP responder."""
    NONE = (RevocationCheckingRule.NO_CHECK, RevocationCheckingRule.NO_CHECK)
    """For none: somebody else has checked them."""


@dataclass(frozen=True, slots=True)
class PolicyInputs:
    """Which certificate policies are accepted, and how strictly (RFC 5280 §6.1.1 c, e, f, g); dotted identifiers."""

    acceptable: frozenset[str] = frozenset({ANY_POLICY})
    explicit: bool = False
    inhibit_mapping: bool = False
    inhibit_any: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Path:
    """A valid path: from the certificate itself up to the anchor's, DER, and the policies it is valid under."""

    certificates: tuple[bytes, ...]
    policies: frozenset[str]

    def __repr__(self) -> str:
        return f"Path({len(self.certificates)} certificates)"


def check_path(
    certificate: bytes,
    others: Iterable[bytes],
    anchors: Iterable[bytes],
    at: datetime,
    *,
    crls: Iterable[bytes] = (),
    ocsps: Iterable[bytes] = (),
    purpose: Purpose = Purpose.ANY,
    policies: PolicyInputs = PolicyInputs(),
    checking: Checking = Checking.EVERY,
    retroactive: bool = False,
    hashes: frozenset[str] = SOUND_HASHES,
) -> Path:
    """Check that a path leads from `certificate` through `others` to one of `anchors`, valid at the moment `at`.

    `retroactive` also takes revocation data made after `at`, as one does who asks about the past with data of today;
    what it says was revoked before `at` is revoked, what was revoked later is not. `hashes` are those a signature may
    use ("sha256"). An anchor is believed as it stands: its own signature and revocation are not checked.

    Raises:
        Malformed: something is not DER of its kind, or there are more certificates than one would send in earnest.
        UntrustedIssuer: no path leads to an anchor.
        Tampered, NotYetValid, Expired, Revoked, Suspended, WeakAlgorithm: what the first fault on the best path is.
        WrongPolicy: not valid under the policies asked for. WrongKeyUsage: not for `purpose`.
        WrongProfile: another rule of RFC 5280 is broken: names, constraints, unknown critical extensions.
        StatusUnknown: revocation data is missing or may not be relied on.
    """
    leaf = _read(x509.Certificate, certificate)
    pool = {_read(x509.Certificate, other): other for other in others}
    roots = {_read(x509.Certificate, anchor): anchor for anchor in anchors}
    if len(pool) > _MOST_CERTIFICATES:
        raise Malformed(f"more than {_MOST_CERTIFICATES} certificates for one path")
    try:
        path = _validate(
            leaf,
            ValidationContext(
                trust_roots=list(roots),
                certificate_registry=_Registry.of(pool),
                moment=at,
                crls=[_read(crl.CertificateList, each) for each in crls],
                ocsps=[_read(ocsp.OCSPResponse, each) for each in ocsps],
                revinfo_policy=CertRevTrustPolicy(
                    RevocationCheckingPolicy(*checking.value), retroactive_revinfo=retroactive
                ),
                algorithm_usage_policy=SoundAlgorithms(hashes),
                time_tolerance=None,
            ),
            policies,
        )
        purpose.check(leaf)
    except (errors.ValidationError, errors.PathError) as error:
        _refuse(error)
    except _COMPLAINTS as error:
        raise Malformed("a certificate or revocation data of the path is not well-formed") from error
    return _told(path, {leaf: certificate} | pool | roots)


def _read(kind: type[Any], data: bytes) -> Any:
    try:
        return kind.load(data, strict=True)
    except (ValueError, TypeError) as error:
        raise Malformed("a certificate or revocation data of the path is not well-formed") from error


def _validate(leaf: x509.Certificate, context: ValidationContext, policies: PolicyInputs) -> ValidationPath:
    inputs = PKIXValidationParams(
        user_initial_policy_set=policies.acceptable,
        initial_policy_mapping_inhibit=policies.inhibit_mapping,
        initial_explicit_policy=policies.explicit,
        initial_any_policy_inhibit=policies.inhibit_any,
    )
    return _finish(CertificateValidator(leaf, validation_context=context, pkix_params=inputs).async_validate_path())


def _told(path: ValidationPath, encoded: dict[x509.Certificate, bytes]) -> Path:
    """The path in the bytes that were given: asn1crypto does not encode all that it reads as it was."""
    ascending = reversed(list(path.iter_certs(include_root=True)))
    policies = path.qualified_policies() or ()
    return Path(
        tuple(encoded.get(each) or each.dump() for each in ascending),
        frozenset(policy.user_domain_policy_id for policy in policies),
    )


def _finish(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """The coroutine's result. It waits for nothing, since nothing is fetched, so it ends at the first step."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    raise NotImplementedError("validating a path waited for something")


class _Registry(CertificateRegistry):  # type: ignore[misc]
    """The certificates at hand. Strangers choose them, so looking for paths among them ends after so many steps."""

    @classmethod
    def of(cls, certificates: Iterable[x509.Certificate]) -> "_Registry":
        registry = cls()
        registry.steps = 0
        for certificate in certificates:
            registry.register(certificate)
        return registry

    def find_potential_issuers(self, cert: x509.Certificate, trust_manager: Any) -> Any:
        self.steps += 1
        if self.steps > _MOST_STEPS:
            raise Malformed("the certificates sent along make too many paths")
        return super().find_potential_issuers(cert, trust_manager)


_KINDS: tuple[tuple[type[Exception], type[Exception]], ...] = (
    (errors.PathBuildingError, UntrustedIssuer),
    (errors.ExpiredError, Expired),
    (errors.NotYetValidError, NotYetValid),
    (errors.InsufficientRevinfoError, StatusUnknown),
    (errors.DisallowedAlgorithmError, WeakAlgorithm),
)
# The rest it tells apart by words alone. The path validation suite keeps these in their places.
_WORDS: tuple[tuple[str, type[Exception]], ...] = (
    ("is self-signed", UntrustedIssuer),
    ("signature of", Tampered),
    ("signature parameters", Tampered),
    ("valid set of policies", WrongPolicy),
    ("for the purpose", WrongKeyUsage),
)


def _refuse(error: Exception) -> NoReturn:
    """Raise our error. Theirs names people, so it is not shown along with ours."""
    if isinstance(error, errors.RevokedError):
        _refuse_revoked(error)
    for theirs, ours in _KINDS:
        if isinstance(error, theirs):
            raise ours from None
    for words, ours in _WORDS:
        if words in str(error):
            raise ours from None
    raise WrongProfile("the certification path breaks a rule of RFC 5280") from None


_NUMBERS = {name: int(number) for number, name in crl.CRLReason._map.items()}


def _refuse_revoked(error: errors.RevokedError) -> NoReturn:
    reason = _NUMBERS[error.reason.native]
    if reason == Reason.CERTIFICATE_HOLD:
        raise Suspended(error.revocation_dt) from None
    raise Revoked(error.revocation_dt, reason) from None
