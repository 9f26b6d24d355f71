"""Signature wrapping: the signed part is moved to where nobody reads it, and something else stands in its place.

The shapes are those of Somorovsky, Mayer, Schwenk, Kampmann, Jensen: "On Breaking SAML: Be Whoever You Want to Be"
(USENIX Security 2012), told of an order with a deed in it. Every digest and every signature value stays right.
"""

from collections.abc import Callable
from copy import deepcopy
from functools import cache
from typing import Any

import pytest
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, SignatureConstructionMethod
from signxml.signer import SignatureReference, XMLSigner

from tests.documents.world import rsa
from tests.documents.xml_world import DS, check, faults, found, only, pem, signed, written
from warifu.documents import FaultCode, XmlProfile, read_xml, signed_content
from warifu.errors import Malformed
from warifu.town.pool import private_key

ORDER = b'<order Id="O"><deed Id="A">to the holder</deed></order>'
EVIL = "to somebody else"


@cache
def enveloped(identifier: str) -> bytes:
    """The order, of which the element with that identifier is signed from inside, as SAML does it; by signxml."""
    root = etree.fromstring(ORDER)
    [place] = root.xpath(f"//*[@Id='{identifier}']")
    etree.SubElement(place, f"{{{DS}}}Signature", Id="placeholder", nsmap={"ds": DS})
    signer = XMLSigner(
        method=SignatureConstructionMethod.enveloped,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    done = signer.sign(
        root, key=private_key(0), cert=pem(rsa().certificate), reference_uri=[SignatureReference(URI=f"#{identifier}")]
    )
    return written(done)


class Shape:
    """The parts of a signed order that an attacker moves about."""

    def __init__(self, identifier: str) -> None:
        self.root = etree.fromstring(enveloped(identifier))
        [self.signature] = found(self.root, "//ds:Signature")
        [self.original] = self.root.xpath(f"//*[@Id='{identifier}']")
        self.bare = deepcopy(self.original)
        for each in found(self.bare, ".//ds:Signature"):
            each.getparent().remove(each)

    def evil(self, name: str = "evil") -> Any:
        """A copy of what was signed, with other content and another identifier."""
        copy = deepcopy(self.bare)
        copy.set("Id", name)
        next(each for each in copy.iter() if each.tag == "deed").text = EVIL
        return copy

    def object(self, *children: Any) -> Any:
        """An object with something in it."""
        made = etree.Element(f"{{{DS}}}Object")
        made.extend(children)
        return made


def original_inside_the_signature() -> Any:
    """XSW 1: the other order is the root, the signed one a child of the signature."""
    shape = Shape("O")
    evil = shape.evil()
    shape.signature.append(shape.bare)
    evil.append(shape.signature)
    return evil


def original_beside_the_signature() -> Any:
    """XSW 2: both the signed order and the signature are children of the other."""
    shape = Shape("O")
    evil = shape.evil()
    evil.append(shape.bare)
    evil.append(shape.signature)
    return evil


def evil_in_front() -> Any:
    """XSW 3: the other deed in front of the signed one."""
    shape = Shape("A")
    shape.root.insert(0, shape.evil())
    return shape.root


def original_inside_evil() -> Any:
    """XSW 4: the signed deed is a child of the other."""
    shape = Shape("A")
    evil = shape.evil()
    shape.root.replace(shape.original, evil)
    evil.append(shape.original)
    return shape.root


def signature_inside_evil() -> Any:
    """XSW 5: the signature moves into the other deed, the signed one stands behind it."""
    shape = Shape("A")
    evil = shape.evil()
    evil.append(shape.signature)
    shape.root.replace(shape.original, evil)
    shape.root.append(shape.bare)
    return shape.root


def original_inside_the_signature_inside_evil() -> Any:
    """XSW 6: as 5, and the signed deed in the signature."""
    shape = Shape("A")
    evil = shape.evil()
    shape.signature.append(shape.bare)
    evil.append(shape.signature)
    shape.root.replace(shape.original, evil)
    return shape.root


def evil_in_an_extension() -> Any:
    """XSW 7: the other deed has the same identifier, in an element that any schema allows anything in."""
    shape = Shape("A")
    extension = etree.Element("extensions")
    extension.append(shape.evil("A"))
    shape.root.insert(0, extension)
    return shape.root


def original_in_an_object() -> Any:
    """XSW 8: the signed deed in an object of the signature, the other deed around it has the same identifier."""
    shape = Shape("A")
    evil = shape.evil("A")
    shape.signature.append(shape.object(shape.bare))
    evil.append(shape.signature)
    shape.root.replace(shape.original, evil)
    return shape.root


def original_alone_in_an_object() -> Any:
    """As 8, with an identifier of its own."""
    shape = Shape("A")
    evil = shape.evil()
    shape.signature.append(shape.object(shape.bare))
    evil.append(shape.signature)
    shape.root.replace(shape.original, evil)
    return shape.root


def original_in_another_signature() -> Any:
    """The signed deed hides in an object of a second signature."""
    shape = Shape("A")
    second = deepcopy(shape.signature)
    shape.root.replace(shape.original, shape.evil())
    second.append(shape.object(shape.original))
    shape.root.append(second)
    return shape.root


SHAPES = {
    original_inside_the_signature: {FaultCode.XML_STRUCTURE},
    original_beside_the_signature: {FaultCode.FORBIDDEN_TRANSFORM, FaultCode.UNSIGNED_CONTENT},
    evil_in_front: {FaultCode.UNSIGNED_CONTENT},
    original_inside_evil: {FaultCode.UNSIGNED_CONTENT},
    signature_inside_evil: {FaultCode.FORBIDDEN_TRANSFORM, FaultCode.UNSIGNED_CONTENT},
    original_inside_the_signature_inside_evil: {FaultCode.XML_STRUCTURE},
    evil_in_an_extension: {FaultCode.DUPLICATE_ID, FaultCode.UNSIGNED_CONTENT},
    original_in_an_object: {FaultCode.DUPLICATE_ID, FaultCode.UNSIGNED_CONTENT},
    original_alone_in_an_object: {FaultCode.REFERENCE_ELSEWHERE, FaultCode.UNSIGNED_CONTENT},
    original_in_another_signature: {FaultCode.REFERENCE_ELSEWHERE, FaultCode.UNSIGNED_CONTENT},
}


@pytest.mark.parametrize("identifier", ["O", "A"])
def test_what_nobody_moved_holds(identifier: str) -> None:
    data = enveloped(identifier)
    check(only(data))
    assert (only(data).coverage or pytest.fail("no coverage")).whole == (identifier == "O")
    assert b"to the holder" in signed_content(data, "signature 1")[0]


@pytest.mark.parametrize(("shape", "expected"), SHAPES.items(), ids=[each.__name__ for each in SHAPES])
def test_a_moved_part_is_a_fault(shape: Callable[[], Any], expected: set[FaultCode]) -> None:
    data = written(shape())
    assert EVIL.encode() in data
    assert b"to the holder" in data
    [first, *_] = read_xml(data)
    assert faults(data) >= expected
    with pytest.raises(Malformed):
        signed_content(data, first.place)


@pytest.mark.parametrize("profile", XmlProfile)
def test_a_detached_element_is_wrapped_by_nothing(profile: XmlProfile) -> None:
    """XSW 2 of a document that is signed beside its element: other content, above it or around it."""
    [part] = found(signed(profile, "A"), "//d:part")
    for around in (b"<deed><part>other</part>%s%s</deed>", b'<deed xmlns="urn:x:deed" to="me"><x/>%s%s</deed>'):
        root = etree.fromstring(signed(profile, "A"))
        [signature] = found(root, "//ds:Signature")
        signature.tail = None
        data = around % (etree.tostring(part, with_tail=False), etree.tostring(signature))
        assert faults(data) == {FaultCode.UNSIGNED_CONTENT}


def test_a_bare_envelope_is_no_content() -> None:
    """An element that says nothing, around signed elements: that not all is signed is told, and no fault."""
    [one] = read_xml(b"<all>%s</all>" % signed(XmlProfile.XADES, "A").partition(b"?>")[2].strip())
    check(one)
    assert one.coverage is not None
    assert not one.coverage.whole


@pytest.mark.parametrize("around", [b'<all of="it">%s</all>', b"<all>text%s</all>", b"<all>%s<?do it?></all>"])
def test_an_envelope_that_says_something_is_content(around: bytes) -> None:
    data = around % signed(XmlProfile.XADES, "A").partition(b"?>")[2].strip()
    assert faults(data) == {FaultCode.UNSIGNED_CONTENT}


def test_an_instruction_beside_a_signed_root_is_content() -> None:
    """It is in the canonical form of the document, not in that of its root (Canonical XML 1.0 §2.2)."""
    assert faults(b"<?xml-stylesheet href='other.xsl'?>" + enveloped("O")) == {FaultCode.UNSIGNED_CONTENT}
    assert faults(enveloped("O") + b"<?show other?>") == {FaultCode.UNSIGNED_CONTENT}


@pytest.mark.parametrize("name", ["Id", "ID", "id", "xml:id", "iD", "w:Id"])
def test_an_identifier_that_two_elements_bear_names_neither(name: str) -> None:
    data = signed(XmlProfile.XADES, "A").replace(b"<b/>", b'<b xmlns:w="urn:w" %s="A"/>' % name.encode())
    assert FaultCode.DUPLICATE_ID in faults(data)


def test_an_identifier_in_an_attribute_that_is_none_is_not_found() -> None:
    data = signed(XmlProfile.XADES, "A").replace(b'Id="A"', b'xmlns:w="urn:w" w:Id="A"')
    assert FaultCode.REFERENCE_DANGLING in faults(data)


def test_an_identifier_on_another_element_leads_to_that_one() -> None:
    """Relocation of the identifier: what is then digested is other content."""
    data = signed(XmlProfile.XADES, "A").replace(b'<part Id="A">', b"<part>").replace(b"<b/>", b'<b Id="A"/>')
    [one] = read_xml(data)
    assert one.integrity[0].actual != one.integrity[0].expected
    assert {each.code for each in one.faults} == {FaultCode.UNSIGNED_CONTENT}


def test_a_namespace_that_is_slipped_in_changes_the_inclusive_form() -> None:
    data = signed(XmlProfile.XMLDSIG)
    [one] = read_xml(data.replace(b"<deed ", b'<deed xmlns:evil="urn:evil" '))
    assert one.signed != only(data).signed
    assert one.integrity[0].actual != one.integrity[0].expected


def test_a_namespace_that_is_slipped_in_is_not_given_back_as_signed() -> None:
    """Exclusive canonical XML leaves out what is not used: so it may be there, and nobody signed it."""
    data = signed().replace(b"<deed ", b'<deed xmlns:evil="urn:evil" ')
    check(only(data))
    assert b"evil" not in signed_content(data, only(data).place)[0]
