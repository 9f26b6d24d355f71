"""Taking elements apart strictly: exactly the children, attributes and texts that a standard allows.

What may not be there is refused and not skipped: what one program skips, another reads.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error

from lxml import etree

from warifu.documents.found import Fault, FaultCode
from warifu.documents.xml_parsing import Element

__all__ = [
    "WrongForm",
    "base64_of",
    "check_attributes",
    "check_text",
    "is_name",
    "name_of",
    "parts",
    "the_one",
    "wrong",
]

_NAME = re.compile(r"[^\W\d][\w.\-]*")
_SPACE = " \t\r\n"


class WrongForm(Exception):
    """Something in a signature breaks a rule; caught where the signature's faults are collected."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.code.code)
        self.fault = fault


def wrong(where: str, code: FaultCode = FaultCode.XML_STRUCTURE) -> WrongForm:
    """The error to raise."""
    return WrongForm(Fault(code, where))


def name_of(element: Element) -> str:
    """An element's name without its namespace, to be shown; only "element" if it is long or not plain."""
    name = etree.QName(element).localname if isinstance(element.tag, str) else "comment"
    return name if len(name) <= 40 and name.isascii() else "element"


def shown(text: str) -> str:
    """What a stranger wrote, so that it can be shown: at most 200 characters, none of which steers a terminal."""
    return "".join(each for each in text[:200] if each.isprintable())


def is_name(text: str) -> bool:
    """Whether this can be an identifier (XML 1.0 NCName, of at most 200 characters)."""
    return len(text) <= 200 and _NAME.fullmatch(text) is not None


def parts(element: Element, *attributes: str) -> list[Element]:
    """The children of an element that holds nothing but elements, and no attributes but these.

    Raises:
        WrongForm: text, a comment, a processing instruction, another attribute.
    """
    check_attributes(element, *attributes)
    children = list(element)
    texts = [element.text, *(each.tail for each in children)]
    if any(text and text.strip(_SPACE) for text in texts) or any(not isinstance(each.tag, str) for each in children):
        raise wrong(name_of(element))
    return children


def check_text(element: Element, *attributes: str) -> str:
    """The text of an element that holds nothing else, without white space around it.

    Raises:
        WrongForm: it has children, even comments, or other attributes.
    """
    check_attributes(element, *attributes)
    if len(element):
        raise wrong(name_of(element))
    return (element.text or "").strip(_SPACE)


def check_attributes(element: Element, *allowed: str) -> None:
    """Check that an element has no attributes but these.

    Raises:
        WrongForm: it has.
    """
    if not set(element.attrib) <= set(allowed):
        raise wrong(name_of(element))


def the_one(elements: list[Element], name: str, where: str) -> Element:
    """The only one of these elements, which has this name.

    Raises:
        WrongForm: there are none or several, or it has another name.
    """
    if len(elements) != 1 or elements[0].tag != name:
        raise wrong(where)
    return elements[0]


def base64_of(element: Element, *attributes: str) -> bytes:
    """What an element's text encodes; white space may be anywhere, but nothing else that could be otherwise.

    Raises:
        WrongForm: no base64, or not the one way to write these bytes.
    """
    text = re.sub(f"[{_SPACE}]", "", check_text(element, *attributes))
    try:
        data = b64decode(text, validate=True)
    except (Error, ValueError) as error:
        raise wrong(name_of(element)) from error
    if b64encode(data).decode() != text:
        raise wrong(name_of(element))
    return data
