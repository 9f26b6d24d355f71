"""Signatures about signatures: a countersignature inside of what it is about (ETSI EN 319 132-1 §5.2.7)."""

import hashlib
from base64 import b64encode
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from lxml import etree

from tests.documents.world import rsa
from tests.documents.xml_world import DS, check, found, lasting, parsed, signed, verify, written
from warifu.documents import FaultCode, FoundSignature, Level, read_xml, signed_content
from warifu.town.pool import private_key

EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
COUNTER = f"""<ds:Signature xmlns:ds="{DS}" Id="counter"><ds:SignedInfo>
<ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}"/>
<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>
<ds:Reference URI="#%s" Type="%s"><ds:Transforms><ds:Transform Algorithm="{EXCLUSIVE}"/></ds:Transforms>
<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue>%s</ds:DigestValue></ds:Reference>
</ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo><ds:X509Data><ds:X509Certificate>%s</ds:X509Certificate></ds:X509Data>
</ds:KeyInfo></ds:Signature>"""
TYPE = "http://uri.etsi.org/01903#CountersignedSignature"


def exclusive(element: Any) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False)


def counter(value: Any, kind: str = TYPE) -> Any:
    """A signature over the value of another."""
    digest = b64encode(hashlib.sha256(exclusive(value)).digest()).decode()
    made = etree.fromstring(COUNTER % (value.get("Id"), kind, digest, b64encode(rsa().certificate).decode()))
    signature = private_key(0).sign(exclusive(made[0]), padding.PKCS1v15(), hashes.SHA256())
    made[1].text = b64encode(signature).decode()
    return made


def countersigned(kind: str = TYPE) -> bytes:
    root = parsed(lasting(Level.T))
    [value] = found(root, "//ds:SignatureValue")
    [properties] = found(root, "//xades:UnsignedSignatureProperties")
    holder = etree.SubElement(properties, f"{{{properties.nsmap['xades']}}}CounterSignature")
    holder.append(counter(value, kind))
    return written(root)


def both(data: bytes) -> tuple[FoundSignature, FoundSignature]:
    first, second = read_xml(data)
    return first, second


def test_both_signatures_are_found_and_hold() -> None:
    first, second = both(countersigned())
    check(first)
    check(second)
    assert second.place == "counter"
    assert first.coverage is not None
    assert second.coverage is not None
    assert (first.coverage.whole, second.coverage.whole) == (True, False)
    [value] = found(countersigned(), "//ds:SignatureValue[contains(@Id, 'value')]")
    assert signed_content(countersigned(), "counter") == (exclusive(value),)


def test_a_countersignature_says_that_it_is_one() -> None:
    _first, second = both(countersigned(kind="http://www.w3.org/2000/09/xmldsig#Object"))
    verify(second)
    assert FaultCode.REFERENCE_ELSEWHERE in {each.code for each in second.faults}


def test_a_countersignature_stands_inside_of_what_it_is_about() -> None:
    """Beside the document it would be a signature over a part of another."""
    root = parsed(signed())
    [value] = found(root, "//ds:SignatureValue")
    root.append(counter(value))
    _first, second = both(written(root))
    assert FaultCode.REFERENCE_ELSEWHERE in {each.code for each in second.faults}
