"""A passkey device and its browser in software, of fido2's own classes; it does what a test tells it to do wrong."""

import hashlib
import json
import os
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from fido2.cose import ES256, ES384, RS256, CoseKey, EdDSA
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

from tests.pki import world as pki
from warifu.idp.encoding import base64url
from warifu.town import pool

FLAG = AuthenticatorData.FLAG
AAGUID = bytes.fromhex("5761726966752074657374206b657921")
Key = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey


@dataclass
class Credential:
    """What the device has: a private key, the handle it was made with, and how often it signed."""

    id: bytes
    key: Key
    handle: bytes
    rp_id: str


@dataclass
class Device:
    """`synced` devices give their keys away and do not count; `maker` signs an attestation, `vouches` for itself."""

    synced: bool = False
    counts: bool = True
    maker: "Maker | None" = None
    vouches: bool = False
    algorithm: type[CoseKey] = ES256
    credentials: dict[bytes, Credential] = field(default_factory=dict)
    counter: int = 0

    def create(self, options: Mapping[str, Any], origin: str, **wrong: Any) -> bytes:
        """What the page posts after navigator.credentials.create."""
        public = read_options(options)
        key = new_key(self.algorithm)
        made = Credential(os.urandom(32), key, public["user"]["id"], public["rp"]["id"])
        cose = wrong.get("cose") or self.algorithm.from_cryptography_key(key.public_key())
        credential_id = wrong.get("credential_id", made.id)
        new = AttestedCredentialData.create(wrong.get("aaguid", AAGUID), credential_id, cose)
        data = self._data(made.rp_id, new, wrong)
        client_data = self._client_data("webauthn.create", public, origin, wrong)
        statement = self._statement(key, data, client_data.hash)
        attested = AttestationObject.create(statement[0], data, statement[1])
        self.credentials[credential_id] = made
        posted = {
            "client_data": base64url(client_data),
            "attestation_object": base64url(wrong.get("attestation_object", attested)),
            "transports": wrong.get("transports", ["internal"]),
        }
        return json.dumps(posted).encode()

    def get(self, options: Mapping[str, Any], origin: str, **wrong: Any) -> bytes:
        """What the page posts after navigator.credentials.get."""
        public = read_options(options)
        allowed = [each["id"] for each in public["allowCredentials"]] or list(self.credentials)
        made = next(self.credentials[each] for each in allowed if each in self.credentials)
        data = self._data(made.rp_id, None, wrong)
        client_data = self._client_data("webauthn.get", public, origin, wrong)
        signature = sign(made.key, data + client_data.hash)
        posted = {
            "id": base64url(wrong.get("credential_id", made.id)),
            "client_data": base64url(client_data),
            "authenticator_data": base64url(data),
            "signature": base64url(wrong.get("signature", signature)),
            "user_handle": base64url(wrong.get("user_handle", made.handle)),
        }
        return json.dumps(posted).encode()

    def _data(self, rp_id: str, new: AttestedCredentialData | None, wrong: Mapping[str, Any]) -> AuthenticatorData:
        flags = FLAG.UP | FLAG.UV | (FLAG.BE | FLAG.BS if self.synced else 0) | (FLAG.AT if new else 0)
        if not self.synced and self.counts:
            self.counter += 1
        rp = hashlib.sha256(wrong.get("rp_id", rp_id).encode()).digest()
        counter = wrong.get("counter", self.counter)
        chosen = (flags | wrong.get("more", 0)) & ~wrong.get("fewer", 0)
        made: AuthenticatorData = AuthenticatorData.create(rp, FLAG(chosen), counter, new or b"")
        return made

    def _client_data(
        self, kind: str, public: Mapping[str, Any], origin: str, wrong: Mapping[str, Any]
    ) -> CollectedClientData:
        challenge = wrong.get("challenge", public["challenge"])
        return CollectedClientData.create(wrong.get("kind", kind), challenge, origin, wrong.get("framed", False))

    def _statement(self, key: Key, data: bytes, client_data_hash: bytes) -> tuple[str, dict[str, Any]]:
        if self.maker is not None:
            return "packed", self.maker.statement(data + client_data_hash)
        if self.vouches:
            return "packed", {"alg": self.algorithm.ALGORITHM, "sig": sign(key, data + client_data_hash)}
        return "none", {}


class Maker:
    """Somebody who makes devices and vouches for their keys (WebAuthn §8.2.1); a `signer` certifies in their name."""

    def __init__(self, name: str = "warifu test maker", signer: Key | None = None) -> None:
        self._root_key, self._key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.root = _certificate(subject, subject, self._root_key, self._root_key, ca=True)
        leaf = x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, name),
                x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "Authenticator Attestation"),
                x509.NameAttribute(NameOID.COMMON_NAME, "a batch"),
            ]
        )
        self._certificate = _certificate(leaf, subject, self._key, signer or self._root_key, ca=False)

    def statement(self, signed: bytes) -> dict[str, Any]:
        return {"alg": -7, "sig": self._key.sign(signed, ec.ECDSA(hashes.SHA256())), "x5c": [self._certificate]}


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signer: Key,
    *,
    ca: bool,
) -> bytes:
    day: datetime = pki.NOW
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(day - timedelta(days=1))
        .not_valid_after(day + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca, None), critical=True)
        .sign(signer, None if isinstance(signer, ed25519.Ed25519PrivateKey) else hashes.SHA256())
    )
    return made.public_bytes(Encoding.DER)


def new_key(algorithm: type[CoseKey]) -> Key:
    """A key for this algorithm; RSA takes long, so there is one."""
    if algorithm is RS256:
        return _rsa()
    if algorithm is EdDSA:
        return ed25519.Ed25519PrivateKey.generate()
    return ec.generate_private_key(ec.SECP384R1() if algorithm is ES384 else ec.SECP256R1())


@cache
def _rsa() -> rsa.RSAPrivateKey:
    key = pool.private_key(120)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def sign(key: Key, data: bytes) -> bytes:
    """A signature as devices make it."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(data)
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), hashes.SHA256())
    digest = hashes.SHA384() if key.curve.name == "secp384r1" else hashes.SHA256()
    return key.sign(data, ec.ECDSA(digest))


def read_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options as a page's script reads them: through JSON, with bytes for what is base64url."""
    read: dict[str, Any] = json.loads(json.dumps(options))
    read["challenge"] = decoded(read["challenge"])
    if "user" in read:
        read["user"]["id"] = decoded(read["user"]["id"])
    for each in (*read.get("allowCredentials", ()), *read.get("excludeCredentials", ())):
        each["id"] = decoded(each["id"])
    return read


def decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
