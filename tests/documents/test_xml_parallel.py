"""Several enveloped signatures side by side: each leaves out every signature by the one XPath that is known.

W3C XML Signature 1.1 §6.6.3; the form of EU DSS and of endesive. No XPath is evaluated: another one is a fault.
"""

from copy import deepcopy
from functools import partial
from typing import Any

import pytest
from lxml import etree

from tests.documents.proving import Service, proof
from tests.documents.test_xml_countersigned import counter
from tests.documents.world import AT, rsa
from tests.documents.xml_flips import believed, turned
from tests.documents.xml_parallel import EXPRESSION, XPATH, parallel
from tests.documents.xml_world import (
    DEED,
    DS,
    FILE,
    about,
    beside,
    changed,
    check,
    faults,
    found,
    only,
    signed,
    written,
)
from tests.verifier.document_scene import Judgement
from warifu.documents import Fault, FaultCode, FoundSignature, Level, extend, read_xml, sign_xml, signed_content
from warifu.documents.xml_extending import extend_xml
from warifu.errors import Malformed, NotAllowed
from warifu.verifier import Indication, SubIndication

CONTENT = '<deed xmlns="urn:x:deed"><part Id="A">譲渡<b></b></part> </deed>'.encode()
EVIL = '<deed xmlns="urn:x:deed"><part>to somebody else</part></deed>'


def two() -> bytes:
    return parallel(parallel(), "two")


def first(data: bytes) -> FoundSignature:
    return next(each for each in read_xml(data) if each.place == "id-one")


def test_a_signature_that_leaves_out_every_signature_is_about_the_rest() -> None:
    one = only(parallel())
    check(one, rsa())
    assert one.coverage is not None
    assert one.coverage.whole
    assert signed_content(parallel(), "id-one") == (CONTENT,)


def test_several_stand_side_by_side_and_each_is_about_the_document_without_them() -> None:
    data = parallel(two(), "three", place="//d:part")
    for one in read_xml(data):
        check(one, rsa())
        assert one.coverage is not None
        assert one.coverage.whole
        assert signed_content(data, one.place) == (CONTENT,)
    assert {each.place for each in read_xml(data)} == {"id-one", "id-two", "id-three"}


def test_each_of_several_passes_and_says_that_the_whole_document_is_signed() -> None:
    for report in Judgement(found=read_xml(two())).report().signatures:
        assert report.indication is Indication.TOTAL_PASSED


def test_other_content_breaks_them_all() -> None:
    for one in read_xml(two().replace(b"<b/>", b"<c/>")):
        assert one.integrity[0].actual != one.integrity[0].expected


def test_taking_one_away_leaves_the_others() -> None:
    data = changed(two(), lambda root: root.remove(found(root, "ds:Signature")[0]))
    check(only(data))
    assert only(data).place == "id-two"


def test_an_element_may_be_signed_so_from_inside() -> None:
    data = parallel(parallel(b'<o Id="O">text</o>', identifier="O"), "two", identifier="O")
    for one in read_xml(data):
        check(one)
        assert signed_content(data, one.place) == (b'<o Id="O">text</o>',)


@pytest.mark.parametrize("around", ["{}", " {}", "\n\t{}\r\n"])
def test_white_space_around_it_means_nothing(around: str) -> None:
    """XPath 1.0 §3.7."""
    check(only(parallel(expression=around.format(EXPRESSION))))


@pytest.mark.parametrize("prefix", ["ds", "s", "_.-", "a-b.c", "div"])
def test_any_prefix_of_the_namespace_in_scope_will_do(prefix: str) -> None:
    deed = DEED.replace(b"<deed ", f'<deed xmlns:{prefix}="{DS}" '.encode())
    check(only(parallel(deed, expression=f"not(ancestor-or-self::{prefix}:Signature)")))


def test_a_prefix_that_is_bound_again_is_what_it_is_there() -> None:
    data = parallel().replace(b"<ds:XPath>", b'<ds:XPath xmlns:s="%s">' % DS.encode())
    data = data.replace(b"self::ds:Signature", b"self::s:Signature")
    assert only(data).faults == ()
    data = parallel().replace(b"<ds:XPath>", b'<x:XPath xmlns:ds="urn:other" xmlns:x="%s">' % DS.encode())
    assert faults(data.replace(b"</ds:XPath>", b"</x:XPath>")) == {FaultCode.FORBIDDEN_TRANSFORM}


OTHERS = [
    "",
    "true()",
    "false()",
    "not(ancestor-or-self::Signature)",
    "not(ancestor-or-self::o:Signature)",
    "not(ancestor-or-self::unbound:Signature)",
    "not(ancestor-or-self::ds:Signature) ()",
    "not( ancestor-or-self::ds:Signature )",
    "not(ancestor-or-self :: ds:Signature)",
    "not (ancestor-or-self::ds:Signature)",
    "not(ancestor-or-self::ds:signature)",
    "not(ancestor-or-self::ds:*)",
    "not(ancestor-or-self::ds:Signature[1])",
    "not(ancestor-or-self::ds:Signature or self::part)",
    "not(ancestor-or-self::ds:Signature | ancestor-or-self::o:part)",
    "not(ancestor-or-self::ds:Signature) and not(self::text())",
    "not(not(not(ancestor-or-self::ds:Signature)))",
    "not(ancestor::ds:Signature)",
    "not(self::ds:Signature)",
    "ancestor-or-self::ds:Signature",
    "count(ancestor-or-self::ds:Signature | here()/ancestor::ds:Signature[1]) > count(ancestor-or-self::ds:Signature)",
    "not(ancestor-or-self::*[local-name()='Signature'])",
    "\u00a0not(ancestor-or-self::ds:Signature)",
    "\u3000not(ancestor-or-self::ds:Signature)",
    "not(ancestor-or-self::ds:Signature)\u2028",
]


@pytest.mark.parametrize("expression", OTHERS)
def test_no_other_xpath_is_evaluated(expression: str) -> None:
    """Even one that means the same: who reads it otherwise would see other content signed."""
    deed = DEED.replace(b"<deed ", b'<deed xmlns:o="urn:other" ')
    data = parallel(deed, expression=expression.replace("<", "&lt;").replace(">", "&gt;"))
    assert faults(data) == {FaultCode.FORBIDDEN_TRANSFORM}


STEP = f'<ds:Transform Algorithm="{XPATH}"><ds:XPath>{EXPRESSION}</ds:XPath></ds:Transform>'
FORMS = {
    "twice": (STEP * 2, FaultCode.FORBIDDEN_TRANSFORM),
    "with the removal of itself": (
        f'{STEP}<ds:Transform Algorithm="{DS}enveloped-signature"/>',
        FaultCode.FORBIDDEN_TRANSFORM,
    ),
    "behind the removal of itself": (
        f'<ds:Transform Algorithm="{DS}enveloped-signature"/>{STEP}',
        FaultCode.FORBIDDEN_TRANSFORM,
    ),
    "behind a canonical form": (
        f'<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>{STEP}',
        FaultCode.FORBIDDEN_TRANSFORM,
    ),
    "two expressions": (
        STEP.replace("<ds:XPath>", "<ds:XPath>true()</ds:XPath><ds:XPath>"),
        FaultCode.FORBIDDEN_TRANSFORM,
    ),
    "no expression": (f'<ds:Transform Algorithm="{XPATH}"/>', FaultCode.FORBIDDEN_TRANSFORM),
    "an expression of nobody": (
        STEP.replace("<ds:XPath>", '<x:XPath xmlns:x="urn:x">').replace("</ds:XPath>", "</x:XPath>"),
        FaultCode.FORBIDDEN_TRANSFORM,
    ),
    "filter 2": (STEP.replace(XPATH, "http://www.w3.org/2002/06/xmldsig-filter2"), FaultCode.FORBIDDEN_TRANSFORM),
    "an attribute": (STEP.replace("<ds:XPath>", '<ds:XPath Filter="union">'), FaultCode.XML_STRUCTURE),
    "a comment": (STEP.replace("not(", "<!--!-->not("), FaultCode.XML_STRUCTURE),
    "text": (STEP.replace("<ds:XPath>", "true()<ds:XPath>"), FaultCode.XML_STRUCTURE),
}


@pytest.mark.parametrize(("text", "expected"), FORMS.values(), ids=list(FORMS))
def test_it_stands_alone_and_has_its_form(text: str, expected: FaultCode) -> None:
    data = parallel()
    assert STEP.encode() in data
    assert faults(data.replace(STEP.encode(), text.encode())) == {expected}


def give_step(root: Any, reference: int) -> None:
    [into] = found(root, f"//ds:Reference[{reference}]")
    transforms = into.find(f"{{{DS}}}Transforms")
    transforms = etree.SubElement(into, f"{{{DS}}}Transforms") if transforms is None else transforms
    into.insert(0, transforms)
    transforms.insert(0, etree.fromstring(f'<x xmlns:ds="{DS}">{STEP}</x>')[0])


def test_it_leaves_signatures_out_only_of_what_the_signature_stands_in() -> None:
    """Of a file, of an element beside the signature, of its properties nothing is left out."""
    for data, reference in ((beside(), 1), (signed(element="A"), 1), (signed(), 2)):
        [one] = read_xml(changed(data, partial(give_step, reference=reference)), FILE)
        assert Fault(FaultCode.FORBIDDEN_TRANSFORM, f"reference {reference}") in one.faults


def foreign(inside: str) -> Any:
    """A signature of somebody, whose value is nobody's."""
    data = f"""<ds:Signature xmlns:ds="{DS}" xmlns:xades="http://uri.etsi.org/01903/v1.3.2#"><ds:SignedInfo/>
        <ds:SignatureValue/>{inside}</ds:Signature>"""
    return etree.fromstring(data)


def with_foreign(inside: str) -> bytes:
    return changed(parallel(), lambda root: root.append(foreign(inside)))


def second_with(path: str, inside: str = EVIL) -> bytes:
    """A second signature, like the first, with more in it."""

    def change(root: Any) -> None:
        found(root, f"ds:Signature[2]{path}")[0].append(etree.fromstring(inside))

    return changed(two(), change)


def alone(inside: str) -> bytes:
    return changed(parallel(), lambda root: root.append(etree.fromstring(inside)))


def moved() -> bytes:
    """What was signed goes into an object of another signature, something else stands in its place."""

    def change(root: Any) -> None:
        [part] = found(root, "d:part")
        other = foreign("<ds:Object/>")
        root.replace(part, etree.fromstring(EVIL)[0])
        other[2].append(part)
        root.append(other)

    return changed(parallel(), change)


def inside_another() -> bytes:
    """The signature itself goes into an object of another."""

    def change(root: Any) -> None:
        other = foreign(f"<ds:Object>{EVIL}</ds:Object>")
        other[2].append(found(root, "ds:Signature")[0])
        root.append(other)

    return changed(parallel(), change)


OBJECT = f'<ds:Object xmlns:ds="{DS}">{EVIL}</ds:Object>'
UNSIGNED = """<xades:UnsignedProperties xmlns:xades="http://uri.etsi.org/01903/v1.3.2#"><xades:UnsignedSignatureProperties>
    {}</xades:UnsignedSignatureProperties></xades:UnsignedProperties>"""
HIDDEN = {
    "in an object": with_foreign(OBJECT),
    "in an object as text": with_foreign("<ds:Object>to somebody else</ds:Object>"),
    "in an object beside properties": with_foreign(f"<ds:Object><xades:QualifyingProperties/>{EVIL}</ds:Object>"),
    "as text beside properties": with_foreign("<ds:Object>else<xades:QualifyingProperties/></ds:Object>"),
    "in a manifest": with_foreign("<ds:Object><ds:Manifest/></ds:Object>"),
    "in a key": with_foreign(f"<ds:KeyInfo>{EVIL}</ds:KeyInfo>"),
    "behind the value": with_foreign(EVIL),
    "as an instruction": with_foreign("<?pay somebody?>"),
    "as text": with_foreign("to somebody else"),
    "in what is no signature": alone(f'<ds:Signature xmlns:ds="{DS}">{EVIL}</ds:Signature>'),
    "as text of what is no signature": alone(f'<ds:Signature xmlns:ds="{DS}">else</ds:Signature>'),
    "in an object of a real one": second_with("", OBJECT),
    "in SignedInfo of a real one": second_with("/ds:SignedInfo"),
    "in a transform of a real one": second_with("//ds:Transform"),
    "in signed properties of a real one": second_with("//xades:SignedSignatureProperties"),
    "in unsigned properties of a real one": second_with("//xades:QualifyingProperties", UNSIGNED.format(EVIL)),
    "what was signed itself": moved(),
    "this signature too": inside_another(),
}


@pytest.mark.parametrize("data", HIDDEN.values(), ids=list(HIDDEN))
def test_nothing_hides_in_the_signature_of_another(data: bytes) -> None:
    """What is left out must be signatures: else there is content that nobody signed, and not the whole is signed."""
    one = first(data)
    assert one.faults == (Fault(FaultCode.UNSIGNED_CONTENT, "another signature"),)
    assert one.coverage is not None
    assert not one.coverage.whole
    with pytest.raises(Malformed):
        signed_content(data, "id-one")
    report = Judgement(found=read_xml(data)).report().signatures
    assert {(each.indication, each.sub_indication) for each in report if each.place == "id-one"} == {
        (Indication.TOTAL_FAILED, SubIndication.FORMAT_FAILURE)
    }


def test_content_that_moved_into_another_signature_is_missed_too() -> None:
    [reference, _properties] = first(moved()).integrity
    assert reference.actual != reference.expected


def test_an_object_of_its_own_is_not_signed_either() -> None:
    data = changed(parallel(), lambda root: found(root, "ds:Signature")[0].append(etree.fromstring(OBJECT)))
    assert only(data).faults == (Fault(FaultCode.UNSIGNED_CONTENT, "Object"),)


def test_a_document_that_is_itself_a_signature_is_nothing_when_signatures_are_left_out() -> None:
    """An empty digest would be right for every content."""

    def wrap(data: bytes) -> bytes:
        other = foreign("<ds:Object/>")
        other[2].append(etree.fromstring(data))
        return written(other)

    assert Fault(FaultCode.REFERENCE_ELSEWHERE, "reference 1") in first(wrap(parallel())).faults
    element = parallel(b'<o Id="O">text</o>', identifier="O")
    assert Fault(FaultCode.REFERENCE_ELSEWHERE, "reference 1") in first(wrap(element)).faults


def test_an_element_in_a_signature_of_another_is_no_content() -> None:
    """What was signed as it stood moves, with its signature inside, into an object of another."""

    def move(root: Any) -> None:
        other = foreign("<ds:Object/>")
        other[2].append(found(root, "o")[0])
        root.append(other)

    data = parallel(b'<all><o Id="O">text</o></all>', identifier="O", place="//o")
    check(only(data))
    assert FaultCode.REFERENCE_ELSEWHERE in {each.code for each in first(changed(data, move)).faults}


def test_a_signature_that_is_not_believed_hides_nothing_and_hurts_no_other() -> None:
    """Each is told of by itself: an old one beside it, one with a comment, one that does not hold."""
    head, name, tail = two().partition(b'Id="id-two"')
    for old, new in (
        (b"2001/04/xmldsig-more#rsa-sha256", b"2000/09/xmldsig#rsa-sha1"),
        (b"<ds:SignatureValue", b"<!-- ! --><ds:SignatureValue"),
        (b"//www.w3.org/TR/1999/REC-xpath-19991116", b"//www.w3.org/2002/06/xmldsig-filter2"),
    ):
        data = head + name + tail.replace(old, new, 1)
        assert data != two()
        check(first(data))
        [_one, other] = read_xml(data)
        assert other.faults


def test_the_same_signature_twice_names_itself_no_more() -> None:
    data = changed(parallel(), lambda root: root.append(deepcopy(found(root, "ds:Signature")[0])))
    assert faults(data) == {FaultCode.PROPERTIES_ELSEWHERE}


def test_what_is_added_to_one_leaves_the_others() -> None:
    """ETSI EN 319 132-1 §5.5.2.2: an archive timestamp covers what was digested, without the other signatures."""
    data = extend(two(), Level.LTA, material=proof(rsa()), stamp=Service())
    for one in read_xml(data):
        check(one)
        assert len(one.timestamps) == 2
        assert all(about(each) for each in one.timestamps)


def test_what_countersigns_one_is_left_out_with_it() -> None:
    """ETSI EN 319 132-1 §5.2.7: it is of the language of signatures, wherever it stands."""

    def countersign(root: Any) -> None:
        [value] = found(root, "ds:Signature[@Id='id-two']/ds:SignatureValue")
        [properties] = found(root, "ds:Signature[@Id='id-two']//xades:UnsignedSignatureProperties")
        holder = etree.SubElement(properties, f"{{{properties.nsmap['xades']}}}CounterSignature")
        holder.append(counter(value))

    data = changed(extend_xml(two(), Level.T, place="id-two", stamp=Service()), countersign)
    assert [each.place for each in read_xml(data)] == ["id-one", "id-two", "counter"]
    for one in read_xml(data):
        check(one)
    assert first(data).coverage == only(parallel()).coverage


def test_a_second_signature_may_be_added_to_one_that_leaves_it_out() -> None:
    """Ours leaves out itself only (§6.6.4): it signs the others with the document, and no third may follow."""
    data = sign_xml(two(), rsa().witness, AT)
    for one in read_xml(data):
        check(one, rsa())
    *_, ours = read_xml(data)
    assert b"id-two" in signed_content(data, ours.place)[0]
    with pytest.raises(NotAllowed):
        sign_xml(data, rsa().witness, AT)
    with pytest.raises(NotAllowed):
        extend_xml(data, Level.T, place="id-two", stamp=Service())


def test_one_that_leaves_out_itself_only_is_broken_by_another_behind_it() -> None:
    [ours, other] = read_xml(parallel(signed()))
    check(other)
    assert ours.integrity[0].actual != ours.integrity[0].expected


def test_no_bit_changes_content_signer_or_time_of_any_of_them() -> None:
    data = two()
    [right, same] = believed(data)
    assert right == same
    step = 8 * len(data) // 500 | 1
    assert all(told == right for number in range(0, 8 * len(data), step) for told in believed(turned(data, number)))
