"""XML from strangers, read without believing anything it declares.

No document type (so no entities, no default attributes, nothing to load), no network, limits on everything that could
make a small file large or slow. What is left is elements, attributes and text.
"""

import re

from lxml import etree

from warifu.documents.xml_names import ID_ATTRIBUTES, ds
from warifu.errors import Malformed

__all__ = ["LARGEST", "Element", "XmlDocument", "bears", "parse"]

Element = etree._Element

LARGEST = 100 * 1024 * 1024
"""Bytes of a file that is read."""
ELEMENTS = 1_000_000
ATTRIBUTES = 1_000_000
NAMESPACES = 100
"""Namespaces in scope at one place."""
NAMESPACE_LENGTH = 256
"""Characters of a namespace's name; canonical XML may repeat it at every element."""
SIGNATURES = 64
WORK = 512 * 1024 * 1024
"""Bytes that are parsed or made canonical for one file."""

_ENCODINGS = {"utf-8", "us-ascii", "ascii", "utf-16", "utf-16le", "utf-16be", "shift_jis", "euc-jp"}
_DOCTYPE = re.compile(rb"<\x00?!\x00?D\x00?O\x00?C\x00?T\x00?Y\x00?P\x00?E", re.IGNORECASE)


def parse(data: bytes) -> Element:
    """The root of an XML document.

    Raises:
        Malformed: no XML, XML with a document type, in an unusual encoding, or above a limit.
    """
    _check_size(data)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, strip_cdata=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.LxmlError, ValueError, LookupError) as error:
        raise Malformed("this is no XML, or a damaged one") from error
    told = root.getroottree().docinfo
    if told.doctype or told.internalDTD is not None:
        raise Malformed("XML with a document type is not read")
    if told.xml_version not in (None, "1.0"):
        raise Malformed("XML of another version than 1.0 is not read")
    if (told.encoding or "utf-8").lower() not in _ENCODINGS:
        raise Malformed("the XML is in an encoding that is not read")
    _check_namespaces(root)
    return root


def _check_size(data: bytes) -> None:
    """Limits that can be seen without parsing; an element costs a hundred times what it takes in the file."""
    if len(data) > LARGEST:
        raise Malformed(f"an XML file has {LARGEST} bytes at most")
    if _DOCTYPE.search(data):
        raise Malformed("XML with a document type is not read")
    if data.count(b"<") > 2 * ELEMENTS or data.count(b"=") > ATTRIBUTES:
        raise Malformed("the XML has too many elements or attributes")


def _check_namespaces(root: Element) -> None:
    within = 0
    for event, declared in etree.iterwalk(root, events=("start-ns", "end-ns")):
        within += 1 if event == "start-ns" else -1
        if within > NAMESPACES or (declared is not None and len(declared[1]) > NAMESPACE_LENGTH):
            raise Malformed("the XML has too many namespaces, or too long a name of one")


class XmlDocument:
    """A file, its tree, and where its signatures and identifiers are."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._work = 0
        self.root = self._parsed()
        self.signatures: list[Element] = list(self.root.iter(ds("Signature")))
        if len(self.signatures) > SIGNATURES:
            raise Malformed(f"an XML file has {SIGNATURES} signatures at most")
        self._bearers = _bearers(self.root)
        self._bare: Element | None = None
        self.only_signs: dict[Element, bool] = {}
        """What was told already of signatures: whether there is nothing else in one."""

    def _parsed(self) -> Element:
        self.spend(len(self.data))
        return parse(self.data)

    def spend(self, size: int) -> None:
        """Count work that was done for this file.

        Raises:
            Malformed: it is too much.
        """
        self._work += size
        if self._work > WORK:
            raise Malformed("to check this XML would take too much work")

    def bearers(self, identifier: str) -> list[Element]:
        """All elements with an attribute that could be an identifier of this value, whatever its namespace or case."""
        return self._bearers.get(identifier, [])

    def without(self, signature: Element) -> Element:
        """A root anew, without that signature; only the element goes, not the text behind it."""
        root = self._parsed()
        _cut(list(root.iter(ds("Signature")))[self.signatures.index(signature)])
        return root

    def without_signatures(self) -> Element:
        """A root anew, without any signature; the same for all who ask, so nobody may change it."""
        if self._bare is None:
            self._bare = self._parsed()
            for each in list(self._bare.iter(ds("Signature"))):
                _cut(each)
        return self._bare


def _bearers(root: Element) -> dict[str, list[Element]]:
    found: dict[str, list[Element]] = {}
    for element in root.xpath("//*[@*[translate(local-name(), 'ID', 'id') = 'id']]"):
        for name, value in element.attrib.items():
            if etree.QName(name).localname.lower() == "id":
                found.setdefault(str(value), []).append(element)
    return found


def _cut(element: Element) -> None:
    parent = element.getparent()
    if parent is None:
        raise Malformed("a signature cannot be taken out of nothing")
    before = element.getprevious()
    behind = element.tail or ""
    element.tail = None
    if before is None:
        parent.text = (parent.text or "") + behind
    else:
        before.tail = (before.tail or "") + behind
    parent.remove(element)


def bears(element: Element, identifier: str) -> bool:
    """Whether the element says itself, in an attribute taken for that, that this is its identifier."""
    return any(element.get(name) == identifier for name in ID_ATTRIBUTES)
