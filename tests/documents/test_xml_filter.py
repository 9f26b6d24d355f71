"""Enveloped signatures by XPath Filter 2.0: the one form that EU DSS writes, recognised and never evaluated.

W3C XML-Signature XPath Filter 2.0 (2002) §3: ``subtract`` takes the subtrees away that the expression selects.
"""

from functools import partial

import pytest

from tests.documents.proving import Service, proof
from tests.documents.test_xml_parallel import CONTENT, EVIL, foreign
from tests.documents.world import rsa
from tests.documents.xml_flips import believed, turned
from tests.documents.xml_parallel import FILTER2, SUBTRACT, SUBTREES, parallel
from tests.documents.xml_world import DEED, DS, FILE, about, beside, changed, check, faults, only, signed
from tests.verifier.document_scene import Judgement
from warifu.documents import Fault, FaultCode, Level, extend, read_xml, signed_content
from warifu.verifier import Indication

by_filter = partial(parallel, step=SUBTRACT)


def two() -> bytes:
    return by_filter(by_filter(), "two")


def test_a_signature_that_subtracts_every_signature_is_about_the_rest() -> None:
    one = only(by_filter())
    check(one, rsa())
    assert one.coverage is not None
    assert one.coverage.whole
    assert signed_content(by_filter(), "id-one") == (CONTENT,)


def test_both_forms_stand_side_by_side() -> None:
    data = parallel(by_filter(two(), "three", place="//d:part"), "four")
    for one in read_xml(data):
        check(one, rsa())
        assert signed_content(data, one.place) == (CONTENT,)
    assert {each.indication for each in Judgement(found=read_xml(data)).report().signatures} == {
        Indication.TOTAL_PASSED
    }


def test_other_content_breaks_them_all() -> None:
    for one in read_xml(two().replace(b"<b/>", b"<c/>")):
        assert one.integrity[0].actual != one.integrity[0].expected


def test_an_element_in_which_the_signature_stands() -> None:
    check(only(by_filter(b'<all><o Id="O">text</o></all>', identifier="O", place="//o")))


@pytest.mark.parametrize("prefix", ["s", "a.b-c", "署"])
def test_any_prefix_of_xml_signature(prefix: str) -> None:
    """Only the form: who says it otherwise signs something else, and what is signed here is the first form."""
    data = by_filter().replace(b' Filter="', f' xmlns:{prefix}="{DS}" Filter="'.encode())
    assert faults(data.replace(b"::ds:Signature", f"::{prefix}:Signature".encode())) == set()


OTHERS = [
    "",
    "/",
    "//ds:Signature",
    "/descendant::Signature",
    "/descendant::o:Signature",
    "/descendant::unbound:Signature",
    "/descendant::ds:Signature[1]",
    "/descendant::ds:*",
    "/descendant::ds:Signature | //d:part",
    "/descendant-or-self::ds:Signature",
    "/ descendant::ds:Signature",
    "descendant::ds:Signature",
    "here()/ancestor::ds:Signature[1]",
    "/descendant::ds:signature",
    "\u00a0/descendant::ds:Signature",
]


@pytest.mark.parametrize("expression", OTHERS)
def test_no_other_expression_is_evaluated(expression: str) -> None:
    deed = DEED.replace(b"<deed ", b'<deed xmlns:o="urn:other" ')
    assert faults(by_filter(deed, expression=expression)) == {FaultCode.FORBIDDEN_TRANSFORM}


FILLED = SUBTRACT.format(filter2=FILTER2, expression=SUBTREES)
INSIDE = f'<dsig-filter2:XPath xmlns:dsig-filter2="{FILTER2}" Filter="subtract">{SUBTREES}</dsig-filter2:XPath>'
FORMS = {
    "to intersect": (FILLED.replace('"subtract"', '"intersect"'), FaultCode.FORBIDDEN_TRANSFORM),
    "to unite": (FILLED.replace('"subtract"', '"union"'), FaultCode.FORBIDDEN_TRANSFORM),
    "without saying what": (FILLED.replace(' Filter="subtract"', ""), FaultCode.FORBIDDEN_TRANSFORM),
    "two filters": (FILLED.replace(INSIDE, INSIDE * 2), FaultCode.FORBIDDEN_TRANSFORM),
    "and one that unites": (
        FILLED.replace(INSIDE, INSIDE + INSIDE.replace("subtract", "union")),
        FaultCode.FORBIDDEN_TRANSFORM,
    ),
    "no filter": (f'<ds:Transform Algorithm="{FILTER2}"/>', FaultCode.FORBIDDEN_TRANSFORM),
    "twice": (FILLED * 2, FaultCode.FORBIDDEN_TRANSFORM),
    "in the other's namespace": (
        FILLED.replace(f'dsig-filter2:XPath xmlns:dsig-filter2="{FILTER2}"', "ds:XPath").replace(
            "</dsig-filter2:XPath", "</ds:XPath"
        ),
        FaultCode.FORBIDDEN_TRANSFORM,
    ),
    "as the other algorithm": (
        FILLED.replace(f'Algorithm="{FILTER2}"', 'Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"'),
        FaultCode.FORBIDDEN_TRANSFORM,
    ),
    "behind the removal of itself": (
        f'<ds:Transform Algorithm="{DS}enveloped-signature"/>{FILLED}',
        FaultCode.FORBIDDEN_TRANSFORM,
    ),
    "behind a canonical form": (
        f'<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>{FILLED}',
        FaultCode.FORBIDDEN_TRANSFORM,
    ),
    "an attribute more": (FILLED.replace(' Filter="', ' x="y" Filter="'), FaultCode.XML_STRUCTURE),
    "a comment": (FILLED.replace(SUBTREES, f"<!-- -->{SUBTREES}"), FaultCode.XML_STRUCTURE),
}


@pytest.mark.parametrize(("text", "expected"), FORMS.values(), ids=list(FORMS))
def test_it_stands_alone_and_has_its_form(text: str, expected: FaultCode) -> None:
    data = by_filter()
    assert FILLED.encode() in data
    assert faults(data.replace(FILLED.encode(), text.encode())) == {expected}


def test_a_prefix_that_is_bound_to_something_else_is_not_that_of_xml_signature() -> None:
    data = by_filter().replace(b'" Filter="', b'" xmlns:ds="urn:other" Filter="')
    assert faults(data) == {FaultCode.FORBIDDEN_TRANSFORM}


def test_it_subtracts_signatures_of_what_the_signature_stands_in_only() -> None:
    from tests.documents.test_xml_parallel import STEP, give_step

    for data, reference in ((beside(), 1), (signed(element="A"), 1), (signed(), 2)):
        given = changed(data, partial(give_step, reference=reference)).replace(STEP.encode(), FILLED.encode())
        assert FILTER2.encode() in given
        [one] = read_xml(given, FILE)
        assert Fault(FaultCode.FORBIDDEN_TRANSFORM, f"reference {reference}") in one.faults


HIDDEN = {
    "in an object": changed(
        by_filter(), lambda root: root.append(foreign(f'<ds:Object xmlns:ds="{DS}">{EVIL}</ds:Object>'))
    ),
    "in what is no signature": changed(by_filter(), lambda root: root.append(foreign(EVIL))),
}


@pytest.mark.parametrize("data", HIDDEN.values(), ids=list(HIDDEN))
def test_nothing_hides_in_the_signature_of_another(data: bytes) -> None:
    one = next(each for each in read_xml(data) if each.place == "id-one")
    assert one.faults == (Fault(FaultCode.UNSIGNED_CONTENT, "another signature"),)


def test_archive_timestamps_are_about_what_was_digested() -> None:
    """ETSI EN 319 132-1 §5.5.2.2."""
    for one in read_xml(extend(two(), Level.LTA, material=proof(rsa()), stamp=Service())):
        check(one)
        assert all(about(each) for each in one.timestamps)


def test_no_bit_changes_content_signer_or_time() -> None:
    data = two()
    [right, same] = believed(data)
    assert right == same
    step = 8 * len(data) // 300 | 1
    assert all(told == right for number in range(0, 8 * len(data), step) for told in believed(turned(data, number)))
