"""A deed in XML, signed in each way, and what a test does with it."""

import hashlib
from collections.abc import Callable
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric import rsa as rsa_keys
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from tests.documents.proving import Service, proof
from tests.documents.world import AT, Holder, alike, rsa
from warifu.documents import (
    FaultCode,
    FoundSignature,
    FoundTimestamp,
    Level,
    Scheme,
    XmlProfile,
    extend,
    read_timestamp,
    read_xml,
    sign_xml,
)
from warifu.errors import Malformed

DEED = '<?xml version="1.0" encoding="UTF-8"?><deed xmlns="urn:x:deed"><part Id="A">譲渡<b/></part> </deed>'.encode()
FILE = b"\x00\xffany file"
DS = "http://www.w3.org/2000/09/xmldsig#"
NAMES = {
    "ds": DS,
    "xades": "http://uri.etsi.org/01903/v1.3.2#",
    "xades141": "http://uri.etsi.org/01903/v1.4.1#",
    "d": "urn:x:deed",
}


def parsed(signed: bytes) -> Any:
    return etree.fromstring(signed)


def found(signed: bytes | Any, path: str) -> Any:
    root = parsed(signed) if isinstance(signed, bytes) else signed
    return root.xpath(path, namespaces=NAMES)


def written(root: Any) -> bytes:
    return etree.tostring(root.getroottree())


@cache
def signed(profile: XmlProfile = XmlProfile.XADES, element: str | None = None) -> bytes:
    return sign_xml(DEED, rsa().witness, AT, profile=profile, element=element)


@cache
def beside(profile: XmlProfile = XmlProfile.XADES) -> bytes:
    return sign_xml(FILE, rsa().witness, AT, profile=profile, name="a file")


@cache
def lasting(level: Level) -> bytes:
    with alike(level.value):
        return extend(signed(), level, material=proof(rsa()), stamp=Service())


def only(signed: bytes, detached: bytes | None = None) -> FoundSignature:
    [one] = read_xml(signed, detached)
    return one


def check(one: FoundSignature, holder: Holder | None = None) -> None:
    """What the verifier makes of it: no faults, every digest, the signature, the certificate that was named."""
    assert one.faults == ()
    assert one.certificate is not None
    assert all(each.actual == each.expected for each in one.integrity)
    assert all(hashlib.new(name, one.certificate).digest() == digest for name, digest in one.named_certificate)
    verify(one)
    assert holder is None or one.certificate == holder.certificate


def verify(one: FoundSignature) -> None:
    """Verify the value of a signature by the key of its certificate."""
    assert one.certificate is not None
    key = x509.load_der_x509_certificate(one.certificate).public_key()
    known = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}
    assert one.algorithm.hash_name in known
    algorithm = known[one.algorithm.hash_name]
    if one.algorithm.scheme is Scheme.ECDSA:
        assert isinstance(key, ec.EllipticCurvePublicKey)
        key.verify(one.signature, one.signed, ec.ECDSA(algorithm))
        return
    assert isinstance(key, rsa_keys.RSAPublicKey)
    pss = padding.PSS(padding.MGF1(algorithm), one.algorithm.salt or 0)
    padded = pss if one.algorithm.scheme is Scheme.RSA_PSS else padding.PKCS1v15()
    key.verify(one.signature, one.signed, padded, algorithm)


def about(stamp: FoundTimestamp) -> bool:
    """Whether a timestamp's token is about what the reader says that it must be about."""
    try:
        token = read_timestamp(stamp.token)
    except Malformed:
        return False
    return token.imprint == stamp.imprint(token.hash_name)


def faults(signed: bytes, detached: bytes | None = None) -> set[FaultCode]:
    """Every fault of every signature."""
    return {fault.code for one in read_xml(signed, detached) for fault in one.faults}


def changed(signed: bytes, change: Callable[[Any], None]) -> bytes:
    root = parsed(signed)
    change(root)
    return written(root)


def pem(certificate: bytes) -> str:
    return x509.load_der_x509_certificate(certificate).public_bytes(Encoding.PEM).decode()
