"""One good login, of which a test spoils exactly one thing."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from tests.pki import world
from tests.pki.world import AUTHENTICATION, KIYOSE, NOW
from warifu.messages import LoginAnswer, LoginChallenge
from warifu.person import Municipality
from warifu.pki import (
    Issuer,
    KeySigner,
    OcspRequest,
    OcspResponder,
    Reason,
    Revocation,
    Standing,
    Status,
    build_crl,
    build_ocsp_response,
    issuer_hashes,
)
from warifu.verifier import Anchors, Evidence, Memory, Policy, VerifiedLogin, check_login

CHALLENGE = LoginChallenge("http://localhost:8700", "bank", "tx-1", bytes(range(32)))
NONCE = b"n" * 32
HELD = Revocation(NOW - timedelta(hours=2), Reason.CERTIFICATE_HOLD)
MOVED = Revocation(NOW - timedelta(days=1), Reason.AFFILIATION_CHANGED)


def anchors(*generations: int) -> Anchors:
    """Both authorities' certificates of these generations (the first unless told)."""
    kinds = (world.AUTHENTICATION, world.SIGNING)
    return Anchors.load(world.authority(kind, n).certificate_der for kind in kinds for n in generations or (1,))


def ocsp(
    status: Status = Standing.GOOD,
    *,
    signed_by: Issuer | OcspResponder | None = None,
    about: Issuer | None = None,
    serial_number: int = world.SERIAL,
    nonce: bytes | None = NONCE,
    this_update: datetime = NOW - timedelta(minutes=1),
    produced_at: datetime | None = None,
    next_update: datetime | None = NOW + timedelta(minutes=5),
    hash_name: str = "sha1",
) -> bytes:
    """An OCSP answer, good unless told otherwise."""
    asked = about or world.authority(AUTHENTICATION)
    request = OcspRequest(hash_name, *issuer_hashes(asked.certificate, hash_name), serial_number, nonce)
    return build_ocsp_response(
        signed_by or world.authority(AUTHENTICATION),
        request,
        status,
        produced_at=produced_at or this_update,
        this_update=this_update,
        next_update=next_update,
    )


def crl(
    revoked: dict[int, Revocation] | None = None,
    *,
    issuer: Issuer | None = None,
    municipality: Municipality = KIYOSE,
    this_update: datetime = NOW - timedelta(hours=1),
) -> bytes:
    """A revocation list, empty unless told otherwise."""
    return build_crl(
        issuer or world.authority(AUTHENTICATION),
        municipality=municipality,
        revoked=revoked or {},
        number=7,
        this_update=this_update,
    )


def answer(
    certificate: bytes | None = None, signed: LoginChallenge = CHALLENGE, key: KeySigner | None = None
) -> LoginAnswer:
    """The card's answer: `signed` is what was signed and is said to have been."""
    signature = (key or world.signer(0)).sign(signed.encode())
    return LoginAnswer(signed, certificate or world.authentication_certificate(), signature)


@dataclass(frozen=True)
class Scene:
    """The arguments of `check_login`."""

    answer: LoginAnswer = field(default_factory=answer)
    expected: LoginChallenge = CHALLENGE
    expires_at: datetime = NOW + timedelta(minutes=5)
    evidence: Evidence = field(default_factory=lambda: Evidence(ocsp(), NONCE))
    anchors: Anchors = field(default_factory=anchors)
    now: datetime = NOW
    policy: Policy = field(default_factory=Policy)
    memory: Memory | None = None

    def check(self, **changes: Any) -> VerifiedLogin:
        """Check the login with one thing changed."""
        scene = replace(self, **changes)
        return check_login(
            scene.answer,
            scene.expected,
            scene.expires_at,
            scene.evidence,
            scene.anchors,
            scene.now,
            policy=scene.policy,
            memory=scene.memory,
        )
