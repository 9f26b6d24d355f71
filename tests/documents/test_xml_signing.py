"""XML signatures as they are written; xmlsec1 and signxml judge in tests/real."""

import hashlib
from base64 import b64decode
from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree

from tests.documents.world import AT, HOLDERS, Holder, rsa
from warifu.documents import Witness, XmlProfile, sign_xml
from warifu.errors import Malformed, NotFound, PinBlocked

DEED = '<?xml version="1.0" encoding="UTF-8"?><deed xmlns="urn:x:deed"><part Id="A">譲渡<b/></part> </deed>'.encode()
NAMES = {"ds": "http://www.w3.org/2000/09/xmldsig#", "xades": "http://uri.etsi.org/01903/v1.3.2#"}

holders = pytest.mark.parametrize("make", HOLDERS.values(), ids=list(HOLDERS))
profiles = pytest.mark.parametrize("profile", XmlProfile)


def found(signed: bytes, path: str) -> Any:
    return etree.fromstring(signed).xpath(path, namespaces=NAMES)


@holders
@profiles
def test_the_holder_is_asked_once_for_the_digest_of_the_canonical_signed_info(
    make: Callable[[], Holder], profile: XmlProfile
) -> None:
    """W3C XML Signature 1.1 §3.1.2."""
    holder = make()
    signed = sign_xml(DEED, holder.witness, AT, profile=profile)
    [info] = found(signed, "/*/ds:Signature/ds:SignedInfo")
    canonical = etree.tostring(info, method="c14n", exclusive=profile is XmlProfile.XADES)
    assert holder.asked == [hashlib.new(holder.witness.hash_name, canonical).digest()]


@holders
def test_an_ecdsa_value_is_two_halves_of_equal_length(make: Callable[[], Holder]) -> None:
    """RFC 9231 §2.3.6; for P-384 2 x 48 bytes."""
    [value] = found(sign_xml(DEED, make().witness, AT), "//ds:SignatureValue/text()")
    assert len(b64decode(value)) == (256 if make is HOLDERS["RSA-2048"] else 96)


def test_a_document_stays_as_it_is_around_its_signature() -> None:
    signed = sign_xml(DEED, rsa().witness, AT)
    [signature] = found(signed, "/*/ds:Signature")
    root = signature.getparent()
    root.remove(signature)
    assert etree.tostring(root, method="c14n") == etree.tostring(etree.fromstring(DEED), method="c14n")


def test_a_baseline_signature_says_when_by_which_certificate_and_over_what_kind_of_data() -> None:
    """ETSI EN 319 132-1 §6.3: SigningTime, SigningCertificateV2, DataObjectFormat."""
    holder = rsa()
    signed = sign_xml(DEED, holder.witness, AT)
    assert found(signed, "//xades:SigningTime/text()") == [AT.strftime("%Y-%m-%dT%H:%M:%SZ")]
    [named] = found(signed, "//xades:SigningCertificateV2/xades:Cert/xades:CertDigest/ds:DigestValue/text()")
    assert b64decode(named) == hashlib.sha256(holder.certificate).digest()
    [of] = found(signed, "//xades:DataObjectFormat/@ObjectReference")
    [reference] = found(signed, f"//ds:Reference[@Id='{of[1:]}']")
    assert reference.get("URI") == ""


def test_the_plain_profile_has_nothing_but_the_certificate() -> None:
    holder = rsa()
    signed = sign_xml(DEED, holder.witness, AT, profile=XmlProfile.XMLDSIG)
    [certificate] = found(signed, "//ds:KeyInfo/ds:X509Data/ds:X509Certificate/text()")
    assert b64decode(certificate) == holder.certificate
    assert found(signed, "//ds:Object") == []
    assert set(found(signed, "//ds:CanonicalizationMethod/@Algorithm")) == {
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
    }


@profiles
def test_one_element_is_signed_and_the_signature_stands_right_behind_it(profile: XmlProfile) -> None:
    [signature] = found(sign_xml(DEED, rsa().witness, AT, profile=profile, element="A"), "//ds:Signature")
    assert signature.getprevious().get("Id") == "A"
    assert signature.xpath("string(.//ds:Reference/@URI)", namespaces=NAMES) == "#A"


@profiles
def test_any_file_is_signed_under_its_name_with_its_bytes_as_they_are(profile: XmlProfile) -> None:
    signed = sign_xml(b"\x00\xff", rsa().witness, AT, profile=profile, name="図面 1.dwg")
    [reference] = found(signed, "/ds:Signature/ds:SignedInfo/ds:Reference[1]")
    assert reference.get("URI") == "%E5%9B%B3%E9%9D%A2%201.dwg"
    assert b64decode(reference.findtext("{*}DigestValue")) == hashlib.sha256(b"\x00\xff").digest()
    assert reference.find("{*}Transforms") is None


@pytest.mark.parametrize("name", ["", "#a", "a/b", "..\\b", "http:b", "a\nb"])
def test_a_name_is_that_of_a_file_and_no_address(name: str) -> None:
    with pytest.raises(Malformed):
        sign_xml(b"", rsa().witness, AT, name=name)


@pytest.mark.parametrize("identifier", ["", "B", "A'"])
def test_an_element_that_is_not_there_is_not_signed(identifier: str) -> None:
    with pytest.raises(NotFound):
        sign_xml(DEED, rsa().witness, AT, element=identifier)


def test_an_element_is_signed_only_if_its_identifier_is_nobody_elses() -> None:
    twice = DEED.replace(b"<b/>", b'<b xmlns:w="urn:w" w:ID="A"/>')
    with pytest.raises(NotFound):
        sign_xml(twice, rsa().witness, AT, element="A")


def test_behind_the_root_there_is_no_place() -> None:
    with pytest.raises(Malformed):
        sign_xml(b'<a Id="A"/>', rsa().witness, AT, element="A")


def test_an_element_of_a_file_that_need_not_be_xml_is_not_signed() -> None:
    with pytest.raises(Malformed):
        sign_xml(DEED, rsa().witness, AT, element="A", name="deed.xml")


@pytest.mark.parametrize("data", [b"", b"no xml", b"<a>", b"<!DOCTYPE a><a/>", DEED[:-3]])
def test_what_is_no_xml_or_has_a_document_type_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        sign_xml(data, rsa().witness, AT)


def test_what_the_holder_refuses_is_told() -> None:
    holder = rsa()

    def refuse(_digest: bytes) -> bytes:
        raise PinBlocked

    with pytest.raises(PinBlocked):
        sign_xml(DEED, Witness(holder.certificate, holder.issuer.certificate_der, refuse), AT)


@pytest.mark.parametrize(
    ("name", "kind"), [("a.PDF", "application/pdf"), ("a.xml", "text/xml"), ("a", "application/octet-stream")]
)
def test_the_kind_of_a_file_is_told_by_its_name(name: str, kind: str) -> None:
    """ETSI EN 319 132-1 §5.2.4: MimeType."""
    assert found(sign_xml(b"", rsa().witness, AT, name=name), "//xades:MimeType/text()") == [kind]
