"""Asking about a certificate again, later, without it: what a verifier has to know of it, and no more.

Who once verified a certificate may have to learn whether it has lost its effect since. The serial number is all that
the authorities need for that, and it may not be kept (公的個人認証法 第63条): whoever keeps a question keeps it sealed,
so that it can be read again only when its holder comes back.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from warifu.errors import Expired, Malformed
from warifu.verifier.anchors import Anchors
from warifu.verifier.login import Needs, trusted
from warifu.verifier.memory import Memory, SeenRevocations
from warifu.verifier.policy import Policy
from warifu.verifier.revocation import Confirmation, Evidence, check_status

_DEFAULT_POLICY = Policy()


@dataclass(frozen=True, slots=True, repr=False)
class CertificateQuestion:
    """A certificate that was verified, as far as its revocation is concerned. Holds a serial number: never shown.

    Wire: JSON array of the issuer's key identifier (hex), serial number (hex), distribution point (hex), notAfter
    (seconds since 1970 UTC) and the address for OCSP that the certificate names, or null.
    """

    issuer_key_id: bytes
    serial_number: int
    distribution_point: bytes
    not_after: datetime
    ocsp_address: str | None

    def __repr__(self) -> str:
        return "CertificateQuestion()"

    def encode(self) -> bytes:
        """The wire form, to be sealed."""
        until = int(self.not_after.timestamp())
        members = [self.issuer_key_id.hex(), f"{self.serial_number:x}", self.distribution_point.hex(), until]
        return json.dumps([*members, self.ocsp_address]).encode()

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read the wire form.

        Raises:
            Malformed: anything else.
        """
        try:
            issuer, serial, point, until, address = json.loads(data)
            if not isinstance(address, str | None):
                raise TypeError
            not_after = datetime.fromtimestamp(until, UTC)
            return cls(bytes.fromhex(issuer), int(serial, 16), bytes.fromhex(point), not_after, address)
        except (ValueError, TypeError, OverflowError, OSError) as error:
            raise Malformed("not a question about a certificate") from error


def question(unverified_certificate: bytes, anchors: Anchors, *, memory: Memory | None = None) -> CertificateQuestion:
    """What to ask again, after an anchor's signature on the certificate has been verified.

    Raises:
        Malformed, UntrustedIssuer, Tampered, WrongProfile, WrongPolicy, WrongKeyUsage: as `check_login`.
    """
    anchor, certificate = trusted(unverified_certificate, anchors, memory)
    return CertificateQuestion(
        anchor.key_id,
        certificate.serial_number,
        certificate.distribution_point,
        certificate.not_after,
        certificate.ocsp_address,
    )


def needs_again(asked: CertificateQuestion, anchors: Anchors, *, policy: Policy = _DEFAULT_POLICY) -> Needs:
    """What to gather about it now.

    Raises:
        UntrustedIssuer: its issuer is no anchor any more.
        StatusUnknown: it is a real one and this verifier is not certified, so nobody is asked about it.
    """
    anchor = anchors.of_key(asked.issuer_key_id)
    policy.verifier.check_may_confirm(real=anchor.real)
    name = anchor.hashes["sha1"]
    return Needs(anchor.key_id, asked.ocsp_address, asked.distribution_point, name, asked.serial_number)


def check_again(
    asked: CertificateQuestion,
    evidence: Evidence,
    anchors: Anchors,
    now: datetime,
    *,
    policy: Policy = _DEFAULT_POLICY,
    seen: SeenRevocations | None = None,
) -> Confirmation:
    """Check that it has neither ended nor lost its effect, with the evidence gathered.

    Raises:
        UntrustedIssuer: its issuer is no anchor any more.
        Expired: its time, or its authority's, is over.
        Revoked, Suspended, NeverIssued, RevocationDataRefused, StatusUnknown: as `check_login`.
    """
    anchor = anchors.of_key(asked.issuer_key_id)
    policy.verifier.check_may_confirm(real=anchor.real)
    if now.replace(microsecond=0) > min(asked.not_after, anchor.certificate.not_after):
        raise Expired
    return check_status(asked, anchor, evidence, now, policy, seen)
