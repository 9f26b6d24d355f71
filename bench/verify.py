"""Checking a login: a certificate never seen, and one seen before.

The limit is two RSA-2048 verifications with ready keys: the authority's signature on the certificate and the card's on
the challenge. Between them lie reading the certificate, its profile, its validity and a look-up in a revocation list
that was checked before. A certificate never seen is of a municipality that has been seen.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from bench.row import Row, side_by_side, slower_than_limit
from warifu.messages import LoginAnswer, LoginChallenge
from warifu.person import Municipality
from warifu.pki import (
    CertificateKind,
    Issuer,
    KeySigner,
    Reason,
    Revocation,
    ServiceAddresses,
    build_authentication_certificate,
    build_ca_certificate,
    build_crl,
)
from warifu.town.pool import private_key
from warifu.verifier import Anchors, Evidence, Memory, check_crl, check_login

KIND = CertificateKind.AUTHENTICATION
PLACE = Municipality("13221", "東京都", "清瀬市", "Tokyo-to", "Kiyose-shi")
NOW = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
CHALLENGE = LoginChallenge("http://localhost:8700", "bank", "transaction", bytes(32))


def measure() -> list[Row]:
    """Both rows."""
    limit, new, seen = side_by_side(two_verifications(), login(None), login(Memory()))
    return [
        slower_than_limit("login verification, never seen", new, limit, 0.55),
        slower_than_limit("login verification, seen before", seen, limit, 1.4),
    ]


def two_verifications() -> Callable[[], object]:
    """Two RSA-2048 verifications with ready keys, over data as long as a certificate and as a challenge."""
    key = private_key(0)
    public, scheme, digest = key.public_key(), padding.PKCS1v15(), hashes.SHA256()
    signed = [(key.sign(data, scheme, digest), data) for data in (bytes(1300), CHALLENGE.encode())]

    def verify() -> None:
        for signature, data in signed:
            public.verify(signature, data, scheme, digest)

    assert isinstance(public, rsa.RSAPublicKey)
    return verify


def login(memory: Memory | None) -> Callable[[], object]:
    """One login, the certificate being remembered if there is a memory."""
    issuer, holder = authority(), KeySigner(private_key(1))
    certificate = build_authentication_certificate(
        issuer,
        serial_number=0x0180ABCD,
        common_name="000007EAAM0XIT13221003A",
        public_key_info=holder.public_key_info,
        municipality=PLACE,
        not_before=NOW - timedelta(days=30),
        not_after=NOW + timedelta(days=1500),
        addresses=ServiceAddresses("http://127.0.0.1:8703/ocsp", "http://127.0.0.1:8703/cps.html"),
    )
    answer = LoginAnswer(CHALLENGE, certificate, holder.sign(CHALLENGE.encode()))
    anchors = Anchors.load([issuer.certificate_der])
    evidence = Evidence(crl=check_crl(revocation_list(issuer), anchors))
    expires_at = NOW + timedelta(minutes=5)
    return lambda: check_login(answer, CHALLENGE, expires_at, evidence, anchors, NOW, memory=memory)


def authority() -> Issuer:
    """One generation of the authentication authority."""
    signer = KeySigner(private_key(0))
    ends = NOW + timedelta(days=3000)
    root = build_ca_certificate(KIND, signer, serial_number=1, not_before=NOW - timedelta(days=99), not_after=ends)
    return Issuer(root, signer, KIND)


def revocation_list(issuer: Issuer) -> bytes:
    """A list with a thousand others."""
    revoked = {serial: Revocation(NOW - timedelta(days=1), Reason.SUPERSEDED) for serial in range(1, 1001)}
    return build_crl(issuer, municipality=PLACE, revoked=revoked, number=1, this_update=NOW)
