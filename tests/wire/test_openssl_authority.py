"""openssl, which nobody here wrote, asks our authorities over HTTP, and our verifier asks them too: both must agree.

openssl compares an answer's thisUpdate with the system's clock whatever ``-attime`` says, so these authorities live
now; the expired certificate was issued by a clock that tells the past.
"""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.ca.town import ATTRIBUTES, AUTHENTICATION, KIYOSE, SIGNING, Moment, key
from tests.real.conftest import cannot
from tests.waiting import PATIENCE
from tests.wire.authorities import FIRST, HOLDER_KEY
from warifu.ca import Authority, CertificateApplication, Event, Issued
from warifu.errors import Expired, NeverIssued, Revoked, Suspended, UntrustedIssuer, WarifuError
from warifu.messages import LoginAnswer, LoginChallenge
from warifu.pki import (
    CertificateKind,
    Issuer,
    OcspResponder,
    ServiceAddresses,
    build_ca_certificate,
    build_responder_certificate,
)
from warifu.verifier import Anchors, Evidence, check_login, needs
from warifu.wire.authority import PARTY, Authorities, OcspClient
from warifu.wire.authority import application as desk
from warifu.wire.clock import SystemClock, SystemEntropy
from warifu.wire.database import open_database
from warifu.wire.serving import Reserved, reserve, serve_in_thread

pytestmark = pytest.mark.real

KINDS = list(CertificateKind)
YEAR = timedelta(days=365)
HOLDERS = 20
"""The number of the key that every holder in here uses."""
CHALLENGE = LoginChallenge("http://localhost:8700", "client", "transaction", bytes(32))


@dataclass(frozen=True)
class World:
    """The authorities on their address, a certificate in each state, and files for openssl."""

    authorities: Authorities
    address: Reserved
    issued: dict[tuple[CertificateKind, str], Issued]
    directory: Path

    def openssl(self, *arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            ["openssl", *arguments], cwd=self.directory, capture_output=True, text=True, check=False, timeout=PATIENCE
        )
        return done.returncode, done.stdout + done.stderr

    def write(self, name: str, der: bytes) -> None:
        pem = x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)
        (self.directory / name).write_bytes(pem)


def founded(kind: CertificateKind, index: int, address: str, now: datetime) -> Authority:
    signer = key(index)
    certificate = build_ca_certificate(
        kind, signer, serial_number=index + 1, not_before=now - 3 * YEAR, not_after=now + 7 * YEAR
    )
    return Authority(
        Issuer(certificate, signer, kind), ServiceAddresses(f"{address}/ocsp/{kind.value}", f"{address}/cps")
    )


def with_responder(authority: Authority, index: int, now: datetime) -> Authority:
    signer = key(index)
    certificate = build_responder_certificate(
        authority.issuer,
        serial_number=1 << 40,
        common_name="OCSP",
        public_key_info=signer.public_key_info,
        not_before=now - timedelta(days=1),
        not_after=now + timedelta(days=30),
    )
    return replace(authority, responder=OcspResponder(certificate, signer))


@pytest.fixture(scope="module", params=["own key", "delegated"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    if shutil.which("openssl") is None:
        cannot("not installed: openssl")
    directory, address = tmp_path_factory.mktemp("openssl"), reserve()
    now = datetime.now(UTC)
    both = [founded(kind, index, address.origin, now) for index, kind in enumerate(KINDS)]
    if request.param == "delegated":
        both = [with_responder(authority, 30 + index, now) for index, authority in enumerate(both)]
    engine = open_database(directory / "authority.sqlite", PARTY)
    issued = issue_past(Authorities(engine, both, Moment(now - 2 * YEAR), holder_key=HOLDER_KEY), now)
    authorities = Authorities(engine, both, SystemClock(), holder_key=HOLDER_KEY, first_serial_number=FIRST)
    issued |= issue_present(authorities, now)
    made = World(authorities, address, issued, directory)
    write_files(made, now)
    with serve_in_thread([(address, desk(authorities))]):
        yield made
    authorities.close()


def applied(kind: CertificateKind, state: str, ends: datetime) -> CertificateApplication:
    attributes = ATTRIBUTES if kind is SIGNING else None
    return CertificateApplication(kind, state, KIYOSE, key(HOLDERS).public_key_info, ends, attributes)


def issue_past(authorities: Authorities, now: datetime) -> dict[tuple[CertificateKind, str], Issued]:
    ends = (now - timedelta(days=1)).replace(microsecond=0)
    return {(kind, "expired"): authorities.issue(applied(kind, "expired", ends)) for kind in KINDS}


def issue_present(authorities: Authorities, now: datetime) -> dict[tuple[CertificateKind, str], Issued]:
    issued = {}
    for kind in KINDS:
        for state, event in (("good", Event.DELIVERED), ("held", Event.HELD), ("revoked", Event.KEY_COMPROMISED)):
            one = authorities.issue(applied(kind, state, (now + YEAR).replace(microsecond=0)))
            authorities.record(kind, one.entry.serial_number, event)
            issued[kind, state] = one
    return issued


def write_files(world: World, now: datetime) -> None:
    """Also a certificate that the authority's key signed behind its record's back, and an unrelated authority."""
    for kind in KINDS:
        authority = world.authorities.authority(kind)
        world.write(f"{kind.value}-ca.pem", authority.issuer.certificate_der)
        world.write(f"{kind.value}-other-ca.pem", founded(kind, 40, "http://127.0.0.1:1", now).issuer.certificate_der)
        behind = authority.issue(applied(kind, "never", (now + YEAR).replace(microsecond=0)), 0x7F000000, now)
        world.issued[kind, "unknown"] = behind
        for state in ("good", "held", "revoked", "expired", "unknown"):
            world.write(f"{kind.value}-{state}.pem", world.issued[kind, state].certificate)


# --- OCSP -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("nonce", [True, False])
@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("good", ["good"]),
        ("revoked", ["revoked", "Reason: keyCompromise"]),
        ("held", ["revoked", "Reason: certificateHold"]),
        ("expired", ["unknown"]),
        ("unknown", ["unknown"]),
    ],
)
def test_openssl_gets_the_status_over_http(
    world: World, kind: CertificateKind, state: str, said: list[str], *, nonce: bool
) -> None:
    """With a nonce openssl insists on getting it back, and on the signature of whom the issuer may delegate to."""
    url = f"{world.address.origin}/ocsp/{kind.value}"
    issuer, certificate = f"{kind.value}-ca.pem", f"{kind.value}-{state}.pem"
    arguments = ["-issuer", issuer, "-cert", certificate, "-url", url, "-CAfile", issuer]
    code, output = world.openssl("ocsp", *arguments, *([] if nonce else ["-no_nonce"]))
    assert code == 0, output
    assert "Response verify OK" in output
    assert "WARNING" not in output
    assert f"{certificate}: {said[0]}" in output
    assert all(phrase in output for phrase in said)


@pytest.mark.parametrize("digest", ["-sha1", "-sha256", "-sha384", "-sha512"])
def test_openssl_may_name_the_issuer_by_any_digest(world: World, digest: str) -> None:
    """RFC 6960 §4.3; RFC 5019 §2.1.1 for SHA-1."""
    issuer = "authentication-ca.pem"
    url = f"{world.address.origin}/ocsp/authentication"
    asked = ["-issuer", issuer, digest, "-cert", "authentication-good.pem", "-url", url, "-CAfile", issuer]
    code, output = world.openssl("ocsp", *asked)
    assert (code, "authentication-good.pem: good" in output) == (0, True), output


def test_openssl_does_not_believe_it_under_another_authority(world: World) -> None:
    url = f"{world.address.origin}/ocsp/authentication"
    files = ["-issuer", "authentication-ca.pem", "-cert", "authentication-good.pem"]
    code, output = world.openssl("ocsp", *files, "-url", url, "-CAfile", "authentication-other-ca.pem")
    assert code != 0
    assert "Response Verify Failure" in output


def test_openssl_is_told_when_it_asks_about_another_authority(world: World) -> None:
    """RFC 6960 §2.3: unauthorized."""
    url = f"{world.address.origin}/ocsp/authentication"
    files = ["-issuer", "authentication-other-ca.pem", "-cert", "authentication-good.pem"]
    code, output = world.openssl("ocsp", *files, "-url", url, "-CAfile", "authentication-ca.pem")
    assert code != 0
    assert "unauthorized (6)" in output


def test_openssl_asks_several_questions_at_once_and_gets_all_answers(world: World) -> None:
    """RFC 6960 §4.2.1."""
    url = f"{world.address.origin}/ocsp/authentication"
    asked = ["-cert", "authentication-good.pem", "-cert", "authentication-held.pem", "-CAfile", "authentication-ca.pem"]
    code, output = world.openssl("ocsp", "-issuer", "authentication-ca.pem", *asked, "-url", url)
    assert (code, "Response verify OK" in output) == (0, True), output
    assert "authentication-good.pem: good" in output
    assert "authentication-held.pem: revoked" in output


# --- chain and lists --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("good", "OK"),
        ("revoked", "certificate revoked"),
        ("held", "certificate revoked"),
        ("expired", "certificate has expired"),
    ],
)
def test_openssl_checks_the_chain_against_the_list_from_our_address(
    world: World, kind: CertificateKind, state: str, said: str
) -> None:
    """No ``-extended_crl`` is needed: the distribution point in the list and in the certificate are the same name."""
    fetched = httpx2.get(f"{world.address.origin}/crl/{kind.value}/{KIYOSE.code}.crl").content
    crl = x509.load_der_x509_crl(fetched).public_bytes(Encoding.PEM)
    (world.directory / f"{kind.value}.crl.pem").write_bytes(crl)
    files = ["-CAfile", f"{kind.value}-ca.pem", "-CRLfile", f"{kind.value}.crl.pem", "-crl_check", "-x509_strict"]
    code, output = world.openssl("verify", *files, f"{kind.value}-{state}.pem")
    assert (code == 0) is (said == "OK")
    assert said in output


@pytest.mark.parametrize("kind", KINDS)
def test_openssl_verifies_the_list_from_our_address(world: World, kind: CertificateKind) -> None:
    fetched = httpx2.get(f"{world.address.origin}/crl/{kind.value}/{KIYOSE.code}.crl").content
    (world.directory / "list.crl").write_bytes(fetched)
    code, output = world.openssl(
        "crl", "-inform", "DER", "-in", "list.crl", "-noout", "-crlnumber", "-CAfile", f"{kind.value}-ca.pem"
    )
    assert (code, "verify OK" in output) == (0, True), output
    assert "crlNumber=0x01" in output or "crlNumber=01" in output


# --- our verifier, asking the same services ---------------------------------------------------------------------------


def verdict(world: World, state: str) -> WarifuError | None:
    """What our verifier says about a login with the certificate, with what the services told it a moment ago."""
    certificate = world.issued[AUTHENTICATION, state].certificate
    issuer = world.authorities.authority(AUTHENTICATION).issuer
    anchors, now = Anchors.load([issuer.certificate_der]), datetime.now(UTC)
    url = f"{world.address.origin}/ocsp/authentication"
    with OcspClient({issuer.key_id: url}, SystemEntropy(), seconds=PATIENCE) as client:
        evidence: Evidence = client.fetch(needs(certificate, anchors))
    answer = LoginAnswer(CHALLENGE, certificate, key(HOLDERS).sign(CHALLENGE.encode()))
    try:
        check_login(answer, CHALLENGE, now + timedelta(minutes=1), evidence, anchors, now)
    except WarifuError as refusal:
        return refusal
    return None


@pytest.mark.parametrize(
    ("state", "refusal"),
    [
        ("good", type(None)),
        ("revoked", Revoked),
        ("held", Suspended),
        ("expired", Expired),
        ("unknown", NeverIssued),
    ],
)
def test_our_verifier_agrees_with_openssl(world: World, state: str, refusal: type) -> None:
    assert type(verdict(world, state)) is refusal


def test_our_verifier_agrees_about_another_authority(world: World) -> None:
    other = x509.load_pem_x509_certificate((world.directory / "authentication-other-ca.pem").read_bytes())
    anchors = Anchors.load([other.public_bytes(Encoding.DER)])
    with pytest.raises(UntrustedIssuer):
        needs(world.issued[AUTHENTICATION, "good"].certificate, anchors)
