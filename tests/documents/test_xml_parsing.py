"""XML from strangers: nothing is loaded, nothing is expanded, and small files stay small."""

from collections.abc import Callable

import pytest

from tests.documents.xml_world import beside, faults, signed
from warifu.documents import FaultCode, XmlProfile, read_xml
from warifu.errors import Malformed

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
TYPES = {
    "an empty type": "<!DOCTYPE x>",
    "a file": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
    "an address": '<!DOCTYPE x [<!ENTITY e SYSTEM "http://127.0.0.1:1/">]>',
    "a type elsewhere": '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">',
    "a type with a public name": '<!DOCTYPE x PUBLIC "-//X//X" "x.dtd">',
    "a parameter entity": '<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>',
    "a billion laughs": f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]>',
    "a quadratic blowup": f'<!DOCTYPE x [<!ENTITY l0 "{"ha" * 50_000}">]>',
    "attributes by default": '<!DOCTYPE deed [<!ATTLIST part Id ID "A">]>',
    "lower case": "<!doctype x>",
}


@pytest.mark.parametrize("declared", TYPES.values(), ids=list(TYPES))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7"])
def test_a_document_type_is_malformed_in_any_encoding(declared: str, encoding: str) -> None:
    """XXE, expansion of entities, default attributes: all begin with one."""
    body = signed().decode().partition("?>")[2].replace("譲渡", "&l9;")
    data = f'<?xml version="1.0" encoding="{encoding.removesuffix("-le").removesuffix("-be")}"?>{declared}{body}'
    with pytest.raises(Malformed):
        read_xml(data.encode(encoding))


def test_an_entity_that_nobody_declared_is_malformed() -> None:
    with pytest.raises(Malformed):
        read_xml(signed().replace("譲渡".encode(), b"&deed;"))


@pytest.mark.parametrize("name", ["UTF-32", "UTF-7", "IBM037", "ISO-2022-JP", "ISO-8859-1", "unknown"])
def test_an_encoding_that_hides_text_from_others_is_malformed(name: str) -> None:
    data = signed().partition(b"?>")[2].replace("譲渡".encode(), b"x")
    with pytest.raises(Malformed):
        read_xml(f'<?xml version="1.0" encoding="{name}"?>'.encode() + data)


@pytest.mark.parametrize("version", ["1.1", "1.2", "2.0"])
def test_another_version_has_other_ends_of_lines_and_is_malformed(version: str) -> None:
    """XML 1.1 §2.11."""
    body = signed().partition(b"?>")[2]
    with pytest.raises(Malformed):
        read_xml(f'<?xml version="{version}" encoding="UTF-8"?>'.encode() + body)


def large(**parts: bytes) -> bytes:
    inside = parts.get("inside", b"")
    around = parts.get("around", b"")
    return b"<all%s>%s%s</all>" % (around, inside, beside().partition(b"?>")[2])


LARGE: dict[str, Callable[[], bytes]] = {
    "bytes at most": lambda: b"<a>" + b" " * (100 * 1024 * 1024) + b"</a>",
    "no XML": lambda: large(inside=b"<a>" * 300 + b"</a>" * 300),
    "elements or attributes": lambda: large(inside=b"<a/>" * 2_000_001),
    "or attributes": lambda: large(inside=b'<a b=""/>' * 1_000_001),
    "too many namespaces": lambda: large(around=b"".join(b' xmlns:n%d="urn:n"' % n for n in range(101))),
    "too long a name": lambda: large(around=b' xmlns:n="urn:%s"' % (b"n" * 300)),
    "damaged": lambda: large(inside=b"x" * 10_000_001),
    "64 signatures": lambda: b"<all>" + beside().partition(b"?>")[2] * 65 + b"</all>",
}


@pytest.mark.parametrize(("words", "make"), LARGE.items(), ids=list(LARGE))
def test_more_than_anybody_needs_is_malformed(words: str, make: Callable[[], bytes]) -> None:
    data = make()
    with pytest.raises(Malformed, match=words):
        read_xml(data)


def test_much_of_everything_is_no_trouble() -> None:
    many = b"".join(b' xmlns:n%d="urn:n"' % n for n in range(90))
    data = large(inside=b"<a>" * 200 + b"x" * 1_000_000 + b"</a>" * 200 + b'<a b=""/>' * 10_000, around=many)
    assert faults(data) == {FaultCode.UNSIGNED_CONTENT}


def test_many_namespaces_one_after_the_other_are_no_trouble() -> None:
    data = large(inside=b'<a xmlns:n="urn:n"/>' * 1000)
    assert faults(data) == {FaultCode.UNSIGNED_CONTENT}


def test_too_many_references_are_a_fault() -> None:
    begin, reference, rest = signed(XmlProfile.XMLDSIG).partition(b"<ds:Reference ")
    one, end, _ = rest.partition(b"</ds:Reference>")
    assert faults(begin + (reference + one + end) * 33 + _) == {FaultCode.XML_STRUCTURE}


def test_too_much_to_make_canonical_is_malformed() -> None:
    """A file with many signatures over all of it takes as long as many files."""
    body = signed(XmlProfile.XMLDSIG).partition(b"<ds:Signature ")
    data = body[0] + b"x" * 9_000_000 + (body[1] + body[2].removesuffix(b"</deed>")) * 60 + b"</deed>"
    with pytest.raises(Malformed, match="too much work"):
        read_xml(data)


@pytest.mark.parametrize(
    "data", [b"", b"<", b"<a", b"<a>", b"<a></b>", b"<a/><b/>", b"\x00", b"<a>\x00</a>", b"<a b/>"]
)
def test_what_is_no_xml_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        read_xml(data)


def test_relative_names_of_namespaces_have_no_canonical_form() -> None:
    """Canonical XML 1.0 §1.3."""
    with pytest.raises(Malformed, match="canonical"):
        read_xml(signed(XmlProfile.XMLDSIG).replace(b"<deed ", b'<deed xmlns:n="relative" '))


def test_many_signatures_about_a_large_file_are_too_much() -> None:
    file = b"x" * 30_000_000
    data = b"<all>" + beside(XmlProfile.XMLDSIG).partition(b"?>")[2] * 30 + b"</all>"
    with pytest.raises(Malformed, match="too much work"):
        read_xml(data, file)
