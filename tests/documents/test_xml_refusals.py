"""One rule of XML signatures broken at a time, and its own fault."""

from base64 import b64encode
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from lxml import etree

from tests.documents.world import AT, Holder, p384, rsa
from tests.documents.xml_world import (
    DEED,
    DS,
    FILE,
    beside,
    changed,
    check,
    faults,
    found,
    lasting,
    only,
    signed,
)
from tests.pki import world
from warifu.documents import FaultCode, Level, Scheme, XmlProfile, sign_xml

XADES = "http://uri.etsi.org/01903/v1.3.2#"
XSLT = '<x:stylesheet xmlns:x="http://www.w3.org/1999/XSL/Transform" version="1.0"/>'
Change = Callable[[Any], None]


def first(root: Any, path: str) -> Any:
    return found(root, path)[0]


def element(text: str) -> Any:
    return etree.fromstring(f'<x xmlns="{DS}" xmlns:xades="{XADES}">{text}</x>')[0]


def put(path: str, text: str, place: int | None = None) -> Change:
    """Put one more element into what is there."""

    def change(root: Any) -> None:
        into = first(root, path)
        into.insert(len(into) if place is None else place, element(text))

    return change


def give(path: str, **attributes: str) -> Change:
    """Set attributes; with an empty value, take them away."""

    def change(root: Any) -> None:
        for name, value in attributes.items():
            first(root, path).set(name, value)
            if not value:
                del first(root, path).attrib[name]

    return change


def double(path: str) -> Change:
    def change(root: Any) -> None:
        first(root, path).addnext(deepcopy(first(root, path)))

    return change


def drop(path: str) -> Change:
    def change(root: Any) -> None:
        first(root, path).getparent().remove(first(root, path))

    return change


def say(path: str, text: str) -> Change:
    def change(root: Any) -> None:
        first(root, path).text = text

    return change


def comment(path: str) -> Change:
    """A comment in the middle of a text."""

    def change(root: Any) -> None:
        text = first(root, path).text or ""
        first(root, path).text = text[: len(text) // 2]
        inside = etree.Comment("!")
        inside.tail = text[len(text) // 2 :]
        first(root, path).insert(0, inside)

    return change


INFO = "//ds:SignedInfo"
REFERENCE = f"{INFO}/ds:Reference"
TRANSFORMS = f"{REFERENCE}/ds:Transforms"
PROPERTIES = "//xades:SignedProperties"
ABOUT = f"{PROPERTIES}/xades:SignedSignatureProperties"

STRUCTURE = {
    "two SignedInfo": double(INFO),
    "two SignatureValue": double("//ds:SignatureValue"),
    "two KeyInfo": double("//ds:KeyInfo"),
    "no SignedInfo": drop(INFO),
    "no SignatureValue": drop("//ds:SignatureValue"),
    "no reference": lambda root: [each.getparent().remove(each) for each in found(root, REFERENCE)] and None,
    "an unknown child": put("//ds:Signature", "<Other/>"),
    "an unknown child of SignedInfo": put(INFO, "<Other/>"),
    "text in SignedInfo": say(INFO, "text"),
    "an attribute of SignedInfo": give(INFO, other="1"),
    "an attribute of the signature": give("//ds:Signature", other="1"),
    "a base address in SignedInfo": give(INFO, **{"{http://www.w3.org/XML/1998/namespace}base": "http://x/"}),
    "a comment in SignedInfo": lambda root: first(root, INFO).insert(0, etree.Comment("!")),
    "an instruction in SignedInfo": lambda root: first(root, INFO).insert(0, etree.PI("do", "it")),
    "a comment in a digest": comment(f"{REFERENCE}/ds:DigestValue"),
    "a comment in the value": comment("//ds:SignatureValue"),
    "a comment in the certificate": comment("//ds:X509Certificate"),
    "a comment in the time": comment("//xades:SigningTime"),
    "a comment between properties": lambda root: first(root, ABOUT).insert(0, etree.Comment("!")),
    "a value that is no base64": say("//ds:SignatureValue", "!!!!"),
    "a value that could be written otherwise": say("//ds:SignatureValue", "AB=="),
    "a digest twice": double(f"{REFERENCE}/ds:DigestValue"),
    "no digest": drop(f"{REFERENCE}/ds:DigestMethod"),
    "two lists of transforms": double(TRANSFORMS),
    "something other than a transform": put(TRANSFORMS, "<Other/>"),
    "prefixes of an inclusive form": put(
        f"{INFO}/ds:CanonicalizationMethod",
        '<e:InclusiveNamespaces xmlns:e="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="a b?"/>',
    ),
    "a time without a zone": say("//xades:SigningTime", "2026-11-22T01:04:05"),
    "a time that never was": say("//xades:SigningTime", "2026-02-30T01:04:05Z"),
    "a time twice": double("//xades:SigningTime"),
    "a property that nobody knows": put(ABOUT, "<xades:Other/>"),
    "a certificate in both forms": put(ABOUT, "<xades:SigningCertificate/>"),
    "an empty list of certificates": drop("//xades:SigningCertificateV2/xades:Cert"),
    "a format of what is not signed": give("//xades:DataObjectFormat", ObjectReference="#other"),
    "an empty policy": put(ABOUT, "<xades:SignaturePolicyIdentifier/>"),
}


@pytest.mark.parametrize("change", STRUCTURE.values(), ids=list(STRUCTURE))
def test_what_may_not_stand_in_a_signature_is_a_fault(change: Change) -> None:
    """W3C XML Signature 1.1 §4; ETSI EN 319 132-1 §4.3, §5.2."""
    assert faults(changed(signed(), change)) == {FaultCode.XML_STRUCTURE}


def transform(algorithm: str, inside: str = "") -> str:
    return f'<Transform Algorithm="{algorithm}">{inside}</Transform>'


ENVELOPED = transform(f"{DS}enveloped-signature")
FORBIDDEN = {
    "XPath": transform("http://www.w3.org/TR/1999/REC-xpath-19991116", "<XPath>false()</XPath>"),
    "XPath filter 2": transform("http://www.w3.org/2002/06/xmldsig-filter2"),
    "XSLT": transform("http://www.w3.org/TR/1999/REC-xslt-19991116", XSLT),
    "base64": transform(f"{DS}base64"),
    "decryption": transform("http://www.w3.org/2002/07/decrypt#XML"),
    "removal twice": ENVELOPED,
    "a second canonical form": transform("http://www.w3.org/2001/10/xml-exc-c14n#"),
    "nothing known": transform("urn:x:other"),
    "nothing": "<Transform/>",
}


@pytest.mark.parametrize("text", FORBIDDEN.values(), ids=list(FORBIDDEN))
def test_a_transform_that_can_drop_content_is_a_fault(text: str) -> None:
    """W3C XML Signature 1.1 §8.1.1: only what is signed is secure, and transforms decide what that is."""
    assert faults(changed(signed(), put(TRANSFORMS, text))) == {FaultCode.FORBIDDEN_TRANSFORM}
    assert faults(changed(beside(), put(REFERENCE, f"<Transforms>{text}</Transforms>", 0))) >= (
        set() if "exc-c14n" in text else {FaultCode.FORBIDDEN_TRANSFORM}
    )


def test_the_default_namespace_among_the_prefixes_is_refused() -> None:
    """Exclusive XML Canonicalization §4 has a word for it that lxml does not know: better no form than another."""
    inside = '<e:InclusiveNamespaces xmlns:e="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="a #default"/>'
    assert faults(changed(signed(), put(f"{TRANSFORMS}/ds:Transform[2]", inside))) == {FaultCode.FORBIDDEN_TRANSFORM}


def test_removal_comes_first_and_has_nothing_in_it() -> None:
    def last(root: Any) -> None:
        first(root, TRANSFORMS).append(first(root, TRANSFORMS)[0])

    assert faults(changed(signed(), last)) == {FaultCode.FORBIDDEN_TRANSFORM}
    inside = put(f"{TRANSFORMS}/ds:Transform", "<XPath>false()</XPath>")
    assert faults(changed(signed(), inside)) == {FaultCode.FORBIDDEN_TRANSFORM}


def test_a_signature_is_only_removed_from_what_it_stands_in() -> None:
    change = put(TRANSFORMS, ENVELOPED, 0)
    assert FaultCode.FORBIDDEN_TRANSFORM in faults(changed(signed(XmlProfile.XADES, "A"), change))


MORE = "http://www.w3.org/2001/04/xmldsig-more#"
WEAK = {
    "rsa-sha1": give(f"{INFO}/ds:SignatureMethod", Algorithm=f"{DS}rsa-sha1"),
    "dsa-sha1": give(f"{INFO}/ds:SignatureMethod", Algorithm=f"{DS}dsa-sha1"),
    "rsa-md5": give(f"{INFO}/ds:SignatureMethod", Algorithm=f"{MORE}rsa-md5"),
    "hmac-sha1": give(f"{INFO}/ds:SignatureMethod", Algorithm=f"{DS}hmac-sha1"),
    "hmac-sha256": give(f"{INFO}/ds:SignatureMethod", Algorithm=f"{MORE}hmac-sha256"),
    "no algorithm": give(f"{INFO}/ds:SignatureMethod", Algorithm=""),
    "a truncated HMAC": put(f"{INFO}/ds:SignatureMethod", "<HMACOutputLength>1</HMACOutputLength>"),
    "digest sha1": give(f"{REFERENCE}/ds:DigestMethod", Algorithm=f"{DS}sha1"),
    "digest md5": give(f"{REFERENCE}/ds:DigestMethod", Algorithm=f"{MORE}md5"),
    "digest of the certificate sha1": give("//xades:CertDigest/ds:DigestMethod", Algorithm=f"{DS}sha1"),
    "another canonical form": give(f"{INFO}/ds:CanonicalizationMethod", Algorithm="http://www.w3.org/2010/xml-c14n2"),
}


@pytest.mark.parametrize("change", WEAK.values(), ids=list(WEAK))
def test_an_algorithm_that_is_weak_or_confuses_keys_is_a_fault(change: Change) -> None:
    """HMAC: the "key" that everybody knows would be the certificate (W3C XML Signature Best Practices, 2013)."""
    one = only(changed(signed(), change))
    assert {each.code for each in one.faults} == {FaultCode.FORBIDDEN_ALGORITHM}
    assert one.algorithm.scheme is Scheme.OTHER
    assert (one.signature, one.certificate, one.integrity) == (b"", None, ())


OUTSIDE = {
    "no address": give(REFERENCE, URI=""),
    "a manifest": give(REFERENCE, Type=f"{DS}Manifest"),
    "an empty identifier": give(REFERENCE, URI="#"),
    "the whole by XPointer": give(REFERENCE, URI="#xpointer(/)"),
    "an identifier by XPointer": give(REFERENCE, URI="#xpointer(id('A'))"),
    "an identifier with a space": give(REFERENCE, URI="# A"),
    "an escaped identifier": give(REFERENCE, URI="#%41"),
}


@pytest.mark.parametrize("change", OUTSIDE.values(), ids=list(OUTSIDE))
def test_an_address_that_programs_understand_differently_is_a_fault(change: Change) -> None:
    assert FaultCode.REFERENCE_OUTSIDE in faults(changed(signed(XmlProfile.XADES, "A"), change))


def test_nothing_is_fetched(tmp_path: Any) -> None:
    """An address is a name: whether it is the file at hand is for whoever gives the file."""
    (tmp_path / "file").write_bytes(FILE)
    for address in (f"file://{tmp_path}/file", str(tmp_path / "file"), "http://127.0.0.1:1/", "//127.0.0.1/file"):
        one = only(changed(beside(), give(REFERENCE, URI=address)))
        assert one.integrity[0].actual is None
        assert one.faults == ()


def test_two_files_cannot_both_be_the_one_at_hand() -> None:
    assert faults(changed(beside(), double(REFERENCE)), FILE) == {FaultCode.REFERENCE_MISSING}


def test_an_identifier_that_nothing_bears_leads_nowhere() -> None:
    data = changed(signed(XmlProfile.XADES, "A"), give(REFERENCE, URI="#B"))
    assert faults(data) >= {FaultCode.REFERENCE_DANGLING}


def test_something_of_the_document_must_be_signed() -> None:
    """A signature over its own properties or key only says nothing about a document."""
    bare = changed(changed(signed(), drop(REFERENCE)), drop("//xades:SignedDataObjectProperties"))
    assert faults(bare) == {FaultCode.REFERENCE_MISSING, FaultCode.UNSIGNED_CONTENT}


def test_a_reference_into_a_signature_leads_to_no_content() -> None:
    def lead(root: Any) -> None:
        first(root, REFERENCE).set("URI", "#" + first(root, "//ds:SignatureValue").get("Id"))

    assert FaultCode.REFERENCE_ELSEWHERE in faults(changed(signed(XmlProfile.XADES, "A"), lead))


def test_a_signature_that_is_the_document_has_no_document_around_it() -> None:
    data = changed(beside(), give(REFERENCE, URI="?"))
    assert faults(data.replace(b'URI="?"', b'URI=""')) >= {FaultCode.REFERENCE_ELSEWHERE}


def elsewhere(root: Any) -> None:
    """The signed properties move into the document; their identifier leads there."""
    root.insert(0, first(root, "//xades:QualifyingProperties"))


def into_another_object(root: Any) -> None:
    """Behind the qualifying properties of the object, the same for another time."""
    first(root, "//ds:Object").append(deepcopy(first(root, "//xades:QualifyingProperties")))


def deeper(root: Any) -> None:
    holder = first(root, "//ds:Object")
    properties = first(root, "//xades:QualifyingProperties")
    holder.append(etree.SubElement(holder, "other"))
    first(root, "//other").append(properties)


ELSEWHERE = {
    "properties outside": elsewhere,
    "properties twice": into_another_object,
    "properties deeper": deeper,
    "properties of another signature": give("//xades:QualifyingProperties", Target="#other"),
    "properties of no signature": give("//xades:QualifyingProperties", Target=""),
    "a signature without an identifier": give("//ds:Signature", Id=""),
    "properties by reference": put("//ds:Object", '<xades:QualifyingPropertiesReference URI="#x"/>'),
    "another reference of that type": give(REFERENCE, Type="http://uri.etsi.org/01903#SignedProperties"),
    "a reference without its type": give(f"{REFERENCE}[2]", Type=""),
}


@pytest.mark.parametrize("change", ELSEWHERE.values(), ids=list(ELSEWHERE))
def test_signed_properties_stand_in_the_one_place_and_are_referenced_by_their_type(change: Change) -> None:
    """ETSI EN 319 132-1 §4.3.1, §4.4."""
    assert FaultCode.PROPERTIES_ELSEWHERE in faults(changed(signed(XmlProfile.XADES, "A"), change))


def test_signed_properties_are_signed() -> None:
    assert faults(changed(signed(), drop(f"{REFERENCE}[2]"))) == {FaultCode.REFERENCE_MISSING}


def test_an_object_that_is_not_signed_is_content_that_nobody_signed() -> None:
    assert faults(changed(signed(), put("//ds:Signature", "<Object>more</Object>"))) == {FaultCode.UNSIGNED_CONTENT}
    assert faults(changed(beside(), put("//ds:Signature", "<Object>more</Object>"))) == {FaultCode.UNSIGNED_CONTENT}


def test_an_advanced_signature_names_its_certificate() -> None:
    """ETSI EN 319 132-1 §5.2.2."""
    assert faults(changed(signed(), drop("//xades:SigningCertificateV2"))) == {FaultCode.CERTIFICATE_NOT_NAMED}


def certificate(holder: Holder) -> str:
    return (first(etree.fromstring(sign_xml(DEED, holder.witness, AT)), "//ds:X509Certificate").text) or ""


def another() -> str:
    """A certificate of the same key for somebody else: the value of the signature would verify."""
    issuer = world.authority(world.SIGNING)
    made = world.signing_certificate(issuer, serial_number=4711)
    return certificate(Holder(issuer, world.signer(0), made))


def test_another_certificate_of_the_same_key_is_not_the_one_that_was_named() -> None:
    one = only(changed(signed(), say("//ds:X509Certificate", another())))
    assert one.faults == ()
    with pytest.raises(AssertionError):
        check(one)


def test_the_named_certificate_is_chosen_among_several() -> None:
    for place in (0, 1):
        data = changed(signed(), put("//ds:X509Data", f"<X509Certificate>{another()}</X509Certificate>", place))
        check(only(data), rsa())


def test_without_a_name_several_certificates_are_a_fault() -> None:
    data = changed(signed(XmlProfile.XMLDSIG), put("//ds:X509Data", f"<X509Certificate>{another()}</X509Certificate>"))
    assert faults(data) == {FaultCode.KEY_INFO}


def test_the_certificate_of_the_authority_may_be_there() -> None:
    holder = rsa()
    issuer = certificate(holder), holder.issuer.certificate_der
    text = f"<X509Certificate>{b64encode(issuer[1]).decode()}</X509Certificate>"
    check(only(changed(signed(XmlProfile.XMLDSIG), put("//ds:X509Data", text, 0))), holder)


KEY = "<RSAKeyValue><Modulus>AQAB</Modulus><Exponent>AQAB</Exponent></RSAKeyValue>"
KEYS = {
    "another key": f"<KeyValue>{KEY}</KeyValue>",
    "another key in DER": '<e:DEREncodedKeyValue xmlns:e="http://www.w3.org/2009/xmldsig11#">AAAA</e:DEREncodedKeyValue>',
    "a key somewhere": '<RetrievalMethod URI="#key"/>',
    "a key at an address": '<RetrievalMethod URI="http://127.0.0.1:1/"/>',
    "a reference to a key": '<e:KeyInfoReference xmlns:e="http://www.w3.org/2009/xmldsig11#" URI="#key"/>',
    "a PGP key": "<PGPData/>",
    "unknown data": "<X509Data><Other/></X509Data>",
    "no certificate": "<X509Data><X509Certificate>AAAA</X509Certificate></X509Data>",
}


@pytest.mark.parametrize("text", KEYS.values(), ids=list(KEYS))
def test_a_key_that_is_not_the_certificates_is_a_fault(text: str) -> None:
    """W3C XML Signature 1.1 §4.5: what KeyInfo says is a hint, and two hints confuse."""
    for place in (0, 1):
        data = changed(signed(XmlProfile.XMLDSIG), put("//ds:KeyInfo", text, place))
        assert faults(data) & {FaultCode.KEY_INFO, FaultCode.XML_STRUCTURE}


def test_a_signature_without_a_certificate_has_none() -> None:
    one = only(changed(signed(XmlProfile.XMLDSIG), drop("//ds:KeyInfo")))
    assert (one.certificate, one.faults) == (None, ())


@pytest.mark.parametrize("length", [0, 95, 97, 98, 128])
def test_an_ecdsa_value_has_two_halves_of_a_curves_length(length: int) -> None:
    data = sign_xml(DEED, p384().witness, AT)
    assert faults(changed(data, say("//ds:SignatureValue", b64encode(bytes(length)).decode()))) == {
        FaultCode.XML_STRUCTURE
    }


UNSIGNED = "//xades:UnsignedSignatureProperties"
ADDED = {
    "a timestamp in XML": put(f"{UNSIGNED}/xades:SignatureTimeStamp", "<xades:XMLTimeStamp/>"),
    "a timestamp of chosen parts": put(f"{UNSIGNED}/xades:SignatureTimeStamp", '<xades:Include URI="#x"/>', 0),
    "a token in another encoding": give(f"{UNSIGNED}//xades:EncapsulatedTimeStamp", Encoding="urn:x:CER"),
    "certificates that are none": put(f"{UNSIGNED}/xades:CertificateValues", "<xades:OtherCertificate/>"),
    "revocation data of other kinds": put(f"{UNSIGNED}/xades:RevocationValues", "<xades:OtherValues/>"),
}


@pytest.mark.parametrize("change", ADDED.values(), ids=list(ADDED))
def test_what_was_added_has_its_form(change: Change) -> None:
    """ETSI EN 319 132-1 §5.1.3, §5.3, §5.4."""
    assert faults(changed(lasting(Level.LT), change)) == {FaultCode.XML_STRUCTURE}


def test_additions_that_nobody_knows_are_told_and_ignored() -> None:
    data = changed(lasting(Level.LT), put(UNSIGNED, "<xades:CompleteCertificateRefs/>"))
    check(only(data))
    assert only(data).ignored == ("CompleteCertificateRefs",)


def test_a_canonical_form_of_a_timestamp_is_an_allowed_one() -> None:
    change = give(f"{UNSIGNED}//ds:CanonicalizationMethod", Algorithm="urn:x:other")
    assert faults(changed(lasting(Level.T), change)) == {FaultCode.FORBIDDEN_ALGORITHM}
