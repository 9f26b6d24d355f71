"""Which certificate a signature is to be checked with: KeyInfo."""

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from warifu.documents.found import FaultCode
from warifu.documents.xml_names import DSIG11, ds
from warifu.documents.xml_parsing import Element
from warifu.documents.xml_structure import base64_of, check_text, name_of, parts, the_one, wrong
from warifu.errors import Malformed
from warifu.pki import Reading, UnverifiedCertificate

__all__ = ["check_key_values", "key_certificates", "leaf", "serial_number"]

CERTIFICATES = 64
LARGEST = 1024 * 1024
"""Bytes of all certificates that one signature brings along."""

_HINTS = {ds(name) for name in ("X509IssuerSerial", "X509SKI", "X509SubjectName", "X509CRL")} | {
    f"{{{DSIG11}}}X509Digest"
}
_WHOLE_KEY = f"{{{DSIG11}}}DEREncodedKeyValue"
_CURVES = {
    "secp256r1": "urn:oid:1.2.840.10045.3.1.7",
    "secp384r1": "urn:oid:1.3.132.0.34",
    "secp521r1": "urn:oid:1.3.132.0.35",
}


def key_certificates(key_info: Element | None) -> list[bytes]:
    """The certificates of KeyInfo (W3C XML Signature 1.1 §4.5.4), each once.

    Raises:
        WrongForm: something that leads elsewhere (RetrievalMethod), or that nobody knows.
        Malformed: too many, or too large.
    """
    found: list[bytes] = []
    for each in [] if key_info is None else parts(key_info, "Id"):
        if each.tag == ds("X509Data"):
            found += [base64_of(child) for child in _data(each)]
        elif each.tag not in (ds("KeyValue"), ds("KeyName"), _WHOLE_KEY):
            raise wrong(name_of(each), FaultCode.KEY_INFO)
    if len(found) > CERTIFICATES or sum(map(len, found)) > LARGEST:
        raise Malformed("a signature brings too many certificates along")
    return list(dict.fromkeys(found))


def _data(element: Element) -> list[Element]:
    children = parts(element)
    if any(each.tag not in _HINTS | {ds("X509Certificate")} for each in children):
        raise wrong("X509Data", FaultCode.KEY_INFO)
    return [each for each in children if each.tag == ds("X509Certificate")]


def leaf(certificates: list[bytes]) -> bytes | None:
    """The certificate that none of the others was issued by, if there is exactly one.

    Raises:
        WrongForm: one of them is no certificate, or any of several could be meant.
    """
    if not certificates:
        return None
    read = [(encoded, _certificate(encoded)) for encoded in certificates]
    issuers = {one.issuer for _encoded, one in read if one.issuer != one.subject}
    found = [encoded for encoded, one in read if one.subject not in issuers]
    if len(found) != 1:
        raise wrong("X509Data", FaultCode.KEY_INFO)
    return found[0]


def _certificate(encoded: bytes) -> UnverifiedCertificate:
    try:
        return UnverifiedCertificate.decode(encoded)
    except Malformed as error:
        raise wrong("X509Certificate", FaultCode.KEY_INFO) from error


def serial_number(certificate: bytes) -> int:
    """Its number.

    Raises:
        WrongForm: it is no certificate.
    """
    return _certificate(certificate).certificate.serial_number


def check_key_values(key_info: Element | None, certificate: bytes) -> None:
    """Check that a key that is given besides is the certificate's: another program might use it instead.

    Raises:
        WrongForm: it is another.
    """
    read = _certificate(certificate)
    for each in [] if key_info is None else parts(key_info, "Id"):
        if each.tag == ds("KeyValue"):
            _check_value(each, read)
        elif each.tag == _WHOLE_KEY and base64_of(each, "Id") != read.public_key_info:
            raise wrong("DEREncodedKeyValue", FaultCode.KEY_INFO)


def _check_value(element: Element, certificate: UnverifiedCertificate) -> None:
    children = parts(element, "Id")
    try:
        with Reading("public key"):
            key = certificate.certificate.public_key()
    except Malformed as error:
        raise wrong("X509Certificate", FaultCode.KEY_INFO) from error
    told: object = None
    right: object = element
    if isinstance(key, rsa.RSAPublicKey):
        value = the_one(children, ds("RSAKeyValue"), "KeyValue")
        told = [int.from_bytes(base64_of(each), "big") for each in parts(value)]
        right = [key.public_numbers().n, key.public_numbers().e]
    elif isinstance(key, ec.EllipticCurvePublicKey):
        told = _curve_and_point(the_one(children, f"{{{DSIG11}}}ECKeyValue", "KeyValue"))
        point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        right = (_CURVES.get(key.curve.name), point)
    if told != right:
        raise wrong("KeyValue", FaultCode.KEY_INFO)


def _curve_and_point(value: Element) -> tuple[str | None, bytes]:
    children = parts(value, "Id")
    if [each.tag for each in children] != [f"{{{DSIG11}}}NamedCurve", f"{{{DSIG11}}}PublicKey"]:
        raise wrong("ECKeyValue", FaultCode.KEY_INFO)
    check_text(children[0], "URI")
    return children[0].get("URI"), base64_of(children[1])
