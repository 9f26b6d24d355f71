"""Signatures in XML as they are found: XAdES (ETSI EN 319 132-1) and XML Signature (W3C, 1.1).

Nothing here is "verify and hope": every element of a signature is walked, and what is not in the rules is a fault that
the verifier makes a refusal of. What was signed is told: which references, whether it is the whole document, and the
very bytes that were digested (`signed_content`), which is all that may be used of a document of which only a part is
signed.
"""

import hashlib

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from warifu.documents.found import Fault, FaultCode, Form, FoundSignature, Scheme, SignatureAlgorithm
from warifu.documents.xml_key_info import check_key_values, key_certificates, leaf, serial_number
from warifu.documents.xml_names import ds, xades
from warifu.documents.xml_parsing import Element, XmlDocument
from warifu.documents.xml_properties import NamedCertificate, SignedProperties, read_signed_properties
from warifu.documents.xml_references import References
from warifu.documents.xml_signature import XmlSignature, place_of, read_signature
from warifu.documents.xml_structure import WrongForm, shown, wrong
from warifu.documents.xml_unsigned import Unsigned
from warifu.errors import Malformed, NotFound

__all__ = ["read_xml", "signed_content"]

_HALVES = {64, 96, 132}
"""Lengths of ECDSA values for P-256, P-384 and P-521."""


def read_xml(data: bytes, detached: bytes | None = None) -> tuple[FoundSignature, ...]:
    """Every signature in an XML file, in the order in which they stand; `detached` is the file they may be about.

    No address in it is followed, whatever it leads to.

    Raises:
        Malformed: no XML, a document type in it, no signature, or more of something than is read.
    """
    document = XmlDocument(data)
    if not document.signatures:
        raise Malformed("there is no signature in the XML")
    return tuple(_found(document, each, detached) for each in document.signatures)


def signed_content(data: bytes, place: str, detached: bytes | None = None) -> tuple[bytes, ...]:
    """What the signature of that `place` signs, as it was digested: canonical XML, or the file's bytes.

    Raises:
        NotFound: no such signature.
        Malformed: as `read_xml`; or the signature has faults, so that nothing can be said to be signed.
    """
    document = XmlDocument(data)
    element = next((each for each in document.signatures if place_of(document, each) == place), None)
    if element is None:
        raise NotFound("there is no such signature")
    if _found(document, element, detached).faults:
        raise Malformed("the signature has faults; nothing of it is taken as signed")
    return References(document, read_signature(document, element), detached).content()


def _found(document: XmlDocument, element: Element, detached: bytes | None) -> FoundSignature:
    try:
        return _read(document, read_signature(document, element), detached)
    except WrongForm as error:
        return _broken(document, element, error.fault)


def _broken(document: XmlDocument, element: Element, fault: Fault) -> FoundSignature:
    """A signature of which nothing can be said but what is wrong with it."""
    named = element.find(f"{ds('SignedInfo')}/{ds('SignatureMethod')}")
    form = Form.XMLDSIG if element.find(f"{ds('Object')}/{xades('QualifyingProperties')}") is None else Form.XADES
    algorithm = SignatureAlgorithm("" if named is None else shown(named.get("Algorithm", "")), Scheme.OTHER)
    place = place_of(document, element)
    return FoundSignature(form, place, (), None, (), (), algorithm, b"", b"", faults=(fault,))


def _read(document: XmlDocument, signature: XmlSignature, detached: bytes | None) -> FoundSignature:
    carried = key_certificates(signature.key_info)
    told = _properties(signature)
    certificate, named = _named(signature, told, carried)
    if certificate is not None:
        _check_certificate(signature, certificate, named)
    value = _value(signature)
    references = References(document, signature, detached)
    coverage = references.coverage()
    unsigned = Unsigned(document, signature, references)
    unsigned.read(told.content_timestamps, carried)
    return FoundSignature(
        form=Form.XMLDSIG if signature.qualifying is None else Form.XADES,
        place=place_of(document, signature.element),
        integrity=references.integrity(),
        certificate=certificate,
        certificates=tuple(dict.fromkeys([*carried, *unsigned.certificates])),
        named_certificate=() if named is None else ((named.hash_name, named.digest),),
        algorithm=signature.info.algorithm,
        signed=_canonical(document, signature),
        signature=value,
        claimed_at=told.claimed_at,
        timestamps=tuple(unsigned.timestamps),
        crls=tuple(unsigned.crls),
        ocsps=tuple(unsigned.ocsps),
        faults=(*references.faults, *unsigned.faults),
        coverage=coverage,
        policy=told.policy,
        ignored=(*told.ignored, *unsigned.ignored),
    )


def _properties(signature: XmlSignature) -> SignedProperties:
    if signature.signed_properties is None:
        return SignedProperties()
    return read_signed_properties(signature.signed_properties, signature.info)


def _named(
    signature: XmlSignature, told: SignedProperties, carried: list[bytes]
) -> tuple[bytes | None, NamedCertificate | None]:
    """The certificate to check with, and how the signer named it.

    Where it is named, it is the carried one of that digest; else the one that issued none of the others. The verifier
    compares again.
    """
    for each in told.named:
        for certificate in carried:
            if hashlib.new(each.hash_name, certificate).digest() == each.digest:
                return certificate, each
    if signature.qualifying is not None and not told.named:
        raise wrong("SigningCertificateV2", FaultCode.CERTIFICATE_NOT_NAMED)
    return leaf(carried), next(iter(told.named), None)


def _check_certificate(signature: XmlSignature, certificate: bytes, named: NamedCertificate | None) -> None:
    check_key_values(signature.key_info, certificate)
    if named is not None and named.serial_number not in (None, serial_number(certificate)):
        raise wrong("IssuerSerial", FaultCode.CERTIFICATE_NAMED_OTHERWISE)


def _canonical(document: XmlDocument, signature: XmlSignature) -> bytes:
    """The bytes that are signed; comments in SignedInfo are refused, so with or without them is the same."""
    found = signature.info.canonicalization.of_element(signature.info_element)
    document.spend(len(found))
    return found


def _value(signature: XmlSignature) -> bytes:
    """The signature value; of ECDSA two halves of equal length, told as DER (RFC 9231 §2.3.6)."""
    value = signature.value
    if signature.info.algorithm.scheme is not Scheme.ECDSA:
        return value
    if len(value) not in _HALVES:
        raise wrong("SignatureValue")
    half = len(value) // 2
    return encode_dss_signature(int.from_bytes(value[:half], "big"), int.from_bytes(value[half:], "big"))
