"""Signed XML, damaged and rearranged at random: never a crash, and never anything else believed than was signed."""

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tests.documents.test_xml_wrapping import enveloped
from tests.documents.xml_flips import believed
from tests.documents.xml_parallel import parallel
from tests.documents.xml_world import DS, FILE, beside, lasting, signed, written
from warifu.documents import FaultCode, Level, XmlProfile, read_xml
from warifu.errors import Malformed

SOURCES = [
    signed(),
    signed(XmlProfile.XMLDSIG),
    signed(XmlProfile.XADES, "A"),
    signed(XmlProfile.XMLDSIG, "A"),
    beside(),
    enveloped("O"),
    enveloped("A"),
    lasting(Level.LTA),
    parallel(),
]
BELIEVED = {source: believed(source, FILE) for source in SOURCES}
PIECES = [
    b"<",
    b">",
    b"&",
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"]]>",
    b"<?x?>",
    b'Id="A"',
    b'xmlns=""',
    b'xmlns:ds="urn:x"',
    b'xml:base="x"',
    b"&#0;",
    b"<a/>",
    b"</a>",
    b"\xff",
    b"\x00",
]


def check_belief(source: bytes, data: bytes) -> None:
    """Whatever is still believed is what was signed; timestamps may be lost."""
    [right] = BELIEVED[source]
    for one in believed(data, FILE):
        assert (one.certificate, one.content, one.claimed_at) == (right.certificate, right.content, right.claimed_at)
        assert set(one.stamps) <= set(right.stamps)


@st.composite
def damaged(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """A few bytes replaced, put in, taken out, or taken from elsewhere."""
    source = draw(st.sampled_from(SOURCES))
    data = source
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(start + draw(st.sampled_from([0, 3, 300])), len(data))))
        other = draw(st.integers(0, len(data)))
        piece = draw(st.one_of(st.sampled_from(PIECES), st.binary(max_size=3), st.just(data[other : other + 400])))
        data = data[:start] + piece + data[end:]
    return source, data


@given(damaged())
def test_a_damaged_file_is_malformed_or_says_what_was_signed(case: tuple[bytes, bytes]) -> None:
    check_belief(*case)


def elements(root: Any) -> list[Any]:
    return [each for each in root.iter() if isinstance(each.tag, str)]


def outside(root: Any) -> list[Any]:
    """Elements of the document and its signatures as a whole: where wrapping happens."""
    inside = f"{{{DS}}}Signature"
    return [each for each in elements(root) if next(each.iterancestors(inside), None) is None]


def moved(root: Any, one: Any, other: Any, place: int) -> Any:
    if other is not one and one not in list(other.iterancestors()):
        other.insert(min(place, len(other)), one)
    return root


def copied(root: Any, one: Any, other: Any, place: int) -> Any:
    other.insert(min(place, len(other)), copy.deepcopy(one))
    return root


def dropped(root: Any, one: Any, _other: Any, _place: int) -> Any:
    if one.getparent() is not None:
        one.getparent().remove(one)
    return root


def wrapped(_root: Any, one: Any, _other: Any, _place: int) -> Any:
    around = etree.Element("around")
    if one.getparent() is not None:
        one.getparent().replace(one, around)
    around.append(one)
    return around.getroottree().getroot()


def renamed(root: Any, one: Any, other: Any, _place: int) -> Any:
    for name, value in other.attrib.items():
        one.set(name, value)
    return root


def emptied(root: Any, one: Any, _other: Any, _place: int) -> Any:
    one.attrib.clear()
    return root


def said(root: Any, one: Any, other: Any, place: int) -> Any:
    one.text = other.text if place else "evil"
    return root


def commented(root: Any, one: Any, _other: Any, place: int) -> Any:
    one.insert(min(place, len(one)), etree.Comment("c") if place % 2 else etree.PI("do", "it"))
    return root


def retagged(root: Any, one: Any, other: Any, _place: int) -> Any:
    one.tag = other.tag
    return root


STEPS = [moved, copied, dropped, wrapped, renamed, emptied, said, commented, retagged]


@st.composite
def rearranged(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """Elements moved, copied, dropped, wrapped, given others' identifiers, texts and names."""
    source = draw(st.sampled_from(SOURCES))
    root = etree.fromstring(source)
    for _ in range(draw(st.integers(1, 4))):
        here = draw(st.sampled_from([outside, outside, elements]))(root)
        one, other = draw(st.sampled_from(range(len(here)))), draw(st.sampled_from(range(len(here))))
        root = draw(st.sampled_from(STEPS))(root, here[one], here[other], draw(st.integers(0, 3)))
    return source, written(root)


@given(rearranged())
def test_rearranged_elements_are_faults_or_say_what_was_signed(case: tuple[bytes, bytes]) -> None:
    """Signature wrapping, whoever thinks of it."""
    check_belief(*case)


@given(st.binary(max_size=200), st.sampled_from([b"", b"<", b"<?xml ", b"<a>"]))
def test_any_bytes_are_malformed(data: bytes, begin: bytes) -> None:
    try:
        found = read_xml(begin + data)
    except Malformed:
        return
    assert {fault.code for each in found for fault in each.faults} >= {FaultCode.XML_STRUCTURE}
