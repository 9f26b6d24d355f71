"""Signers whom JPKI does not know: a root, an authority under it, a signer; lists about each."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any

from asn1crypto import ocsp as asn1_ocsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from tests.documents.cms_world import Made
from tests.pki.world import NOW
from tests.verifier.document_scene import Judgement
from warifu.documents import read_signatures
from warifu.pki import KeySigner
from warifu.pki.issuer import key_usage
from warifu.town import pool
from warifu.verifier import Anchors, Material, SignerTrust

DAY = timedelta(days=1)
Extensions = tuple[tuple[x509.ExtensionType, bool], ...]
AUTHORITY: Extensions = ((x509.BasicConstraints(ca=True, path_length=None), True),)
EMPTY = Anchors([])


@dataclass(frozen=True)
class Party:
    """Somebody with a name and a key."""

    name: str
    key: Any

    @property
    def subject(self) -> x509.Name:
        return x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Kakuu Trust"),
                x509.NameAttribute(NameOID.COMMON_NAME, self.name),
            ]
        )


@cache
def party(name: str) -> Party:
    """An authority, or anybody with a key on P-256."""
    return Party(name, ec.generate_private_key(ec.SECP256R1()))


SIGNER = Party("Kakuu Taro", pool.private_key(0))
ROOT, MIDDLE = party("Kakuu Root"), party("Kakuu Issuing")


def usage(*bits: str) -> tuple[x509.ExtensionType, bool]:
    return key_usage(*bits), True


SIGNS: Extensions = (usage("content_commitment"),)


def serial_of(issuer: Party, subject: Party) -> int:
    return sum(f"{issuer.name}/{subject.name}".encode())


def certify(
    issuer: Party,
    subject: Party,
    extensions: Extensions = AUTHORITY,
    *,
    times: tuple[datetime, datetime] = (NOW - 100 * DAY, NOW + 1000 * DAY),
    digest: Any = None,
    **changes: Any,
) -> bytes:
    serial = changes.get("serial", serial_of(issuer, subject))
    builder = x509.CertificateBuilder(issuer.subject, subject.subject, subject.key.public_key(), serial, *times)
    for extension in extensions:
        builder = builder.add_extension(*extension)
    return builder.sign(changes.get("key", issuer.key), digest or hashes.SHA256()).public_bytes(Encoding.DER)


def list_by(
    issuer: Party,
    *revoked: tuple[int, datetime],
    made: datetime = NOW - timedelta(hours=1),
    lasts: timedelta = 7 * DAY,
    reason: x509.ReasonFlags = x509.ReasonFlags.key_compromise,
    extensions: Extensions = (),
    key: Any = None,
) -> bytes:
    builder = x509.CertificateRevocationListBuilder(issuer.subject, made, made + lasts)
    for serial, at in revoked:
        entry = x509.RevokedCertificateBuilder(serial, at.replace(microsecond=0))
        builder = builder.add_revoked_certificate(entry.add_extension(x509.CRLReason(reason), critical=False).build())
    for extension in extensions:
        builder = builder.add_extension(*extension)
    return builder.sign(key or issuer.key, hashes.SHA256()).public_bytes(Encoding.DER)


@dataclass
class _Holder:
    """What `Made` needs of a holder."""

    certificate: bytes
    key: KeySigner
    issuer: Any = field(default_factory=lambda: SimpleNamespace(certificate_der=b""))


def signed_by(certificate: bytes, *others: bytes, key: Any = None) -> Made:
    """A CAdES signature with a certificate, and these beside it."""
    holder: Any = _Holder(certificate, KeySigner(key or SIGNER.key))
    return Made(holder=holder, certificates=[certificate, *others])


@dataclass(frozen=True)
class World:
    """Certificates and lists of the three; a test changes one thing."""

    root: bytes = field(default_factory=lambda: certify(ROOT, ROOT))
    middle: bytes = field(default_factory=lambda: certify(ROOT, MIDDLE))
    signer: bytes = field(default_factory=lambda: certify(MIDDLE, SIGNER, SIGNS))
    crls: tuple[bytes, ...] = field(default_factory=lambda: (list_by(ROOT), list_by(MIDDLE)))
    ocsps: tuple[bytes, ...] = ()
    beside: tuple[bytes, ...] | None = None

    @property
    def made(self) -> Made:
        return signed_by(self.signer, *((self.middle,) if self.beside is None else self.beside))

    def judgement(self, made: Made | None = None, **changes: Any) -> Judgement:
        """Verified with this root trusted for other signers, and nobody of JPKI."""
        trust = {"signers": SignerTrust((self.root,)), **changes.pop("trust", {})}
        found = read_signatures((made or self.made).encode())
        material = Material((), self.crls, self.ocsps)
        return replace(Judgement(found=found, anchors=EMPTY, material=material, trust=trust), **changes)

    def says(self, **changes: Any) -> Any:
        return self.judgement(**changes).says()


GOOD = World()


ASKED = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier("http://127.0.0.1/"))
SIGNER_WITH_SERVICE = certify(MIDDLE, SIGNER, (*SIGNS, (x509.AuthorityInformationAccess([ASKED]), False)))


def answer(
    status: ocsp.OCSPCertStatus = ocsp.OCSPCertStatus.GOOD,
    *,
    key: Any = MIDDLE.key,
    responder: bytes = GOOD.middle,
    certificates: tuple[bytes, ...] = (),
    nonce: bytes = b"",
) -> bytes:
    when = NOW - DAY if status is ocsp.OCSPCertStatus.REVOKED else None
    made = NOW - timedelta(minutes=1)
    built = ocsp.OCSPResponseBuilder().add_response(
        x509.load_der_x509_certificate(SIGNER_WITH_SERVICE),
        x509.load_der_x509_certificate(GOOD.middle),
        hashes.SHA1(),
        status,
        made,
        made + timedelta(hours=1),
        when,
        None,
    )
    named = built.responder_id(ocsp.OCSPResponderEncoding.HASH, x509.load_der_x509_certificate(responder))
    if certificates:
        named = named.certificates([x509.load_der_x509_certificate(each) for each in certificates])
    if nonce:
        named = named.add_extension(x509.OCSPNonce(nonce), critical=False)
    return produced(named.sign(key, hashes.SHA256()).public_bytes(Encoding.DER), key, made)


def produced(answer: bytes, key: Any, at: datetime) -> bytes:
    """The answer as if it had been signed then: cryptography writes the true time."""
    told = asn1_ocsp.OCSPResponse.load(answer)
    basic = told["response_bytes"]["response"].parsed
    basic["tbs_response_data"]["produced_at"] = at.replace(microsecond=0)
    basic["signature"] = key.sign(basic["tbs_response_data"].dump(force=True), ec.ECDSA(hashes.SHA256()))
    encoded: bytes = told.dump(force=True)
    return encoded
