"""One bit turned over anywhere in a signed XML file: never other content, another signer or another time.

Here a part of all bits, so that it takes seconds; tests/soak has them all. What may change harmlessly is in
docs/verification.md, and only that may.
"""

import re

import pytest

from tests.documents.xml_flips import believed, turned
from tests.documents.xml_parallel import parallel
from tests.documents.xml_world import FILE, beside, lasting, signed
from warifu.documents import Level, XmlProfile

FILES = {
    "XAdES": (signed(), None),
    "XAdES of an element": (signed(XmlProfile.XADES, "A"), None),
    "XML Signature of an element": (signed(XmlProfile.XMLDSIG, "A"), None),
    "XAdES beside a file": (beside(), FILE),
    "XML Signature beside a file": (beside(XmlProfile.XMLDSIG), FILE),
    "XAdES without every signature": (parallel(), None),
    "XAdES with everything": (lasting(Level.LTA), None),
}


HARMLESS = re.compile(
    rb"encoding='(?P<encoding>[^']*)'"
    rb"|<ds:SignatureValue (?P<value>Id=\"[^\"]*)\""
    rb"|<ds:Signature [^>]*?(?P<signature>Id=\"[^\"]*)\"[^>]*><ds:SignedInfo><ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/TR"
    rb"|<xades:EncapsulatedTimeStamp>(?P<token>[^<]*)<"
)
"""How the encoding is written; the identifiers of the value and, where nothing names it, of the signature; what is
unsigned in a timestamp token."""


def harmless(data: bytes) -> set[int]:
    """The places where a change may leave everything as it was believed."""
    spans = [found.span(found.lastgroup or 0) for found in HARMLESS.finditer(data)]
    return {place for begin, end in spans for place in range(begin, end)}


def check_bits(name: str, numbers: range) -> int:
    """Turn these bits over, one at a time; how many changes left everything as it was."""
    data, detached = FILES[name]
    [right] = believed(data, detached)
    may, kept = harmless(data), 0
    for number in numbers:
        for told in believed(turned(data, number), detached):
            assert told.certificate == right.certificate, number
            assert told.content == right.content, number
            assert told.claimed_at == right.claimed_at, number
            assert set(told.stamps) <= set(right.stamps), number
            if told == right:
                assert number // 8 in may, data[number // 8 - 40 : number // 8 + 20]
                kept += 1
    return kept


@pytest.mark.parametrize("name", FILES)
def test_no_bit_changes_content_signer_or_time(name: str) -> None:
    size = 8 * len(FILES[name][0])
    step = size // 600 | 1
    assert check_bits(name, range(0, size, step)) < 100


@pytest.mark.parametrize("name", [name for name in FILES if name != "XAdES with everything"])
def test_what_may_change_does_so_in_harmless_places(name: str) -> None:
    """The identifier of the value is one; a timestamp of the value is about it too."""
    [value] = [found for found in HARMLESS.finditer(FILES[name][0]) if found.lastgroup == "value"]
    begin = value.start("value") + 5
    assert check_bits(name, range(8 * begin, 8 * begin + 8)) > 0
