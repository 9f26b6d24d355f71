"""What is left out of a document together with a signature in it: it must be a signature, and nothing else.

Where a signature leaves out every signature, nobody signed what others hold. So nothing in them may be taken for
content of the document: neither elements that are not of the language of signatures, nor objects with data.
"""

from lxml import etree

from warifu.documents.xml_names import DSIG, DSIG11, EXCLUSIVE, XADES, XADES141, ds, xades
from warifu.documents.xml_parsing import Element, XmlDocument

__all__ = ["content_left_out"]

_LANGUAGE = {DSIG, DSIG11, EXCLUSIVE, XADES, XADES141, "http://www.w3.org/2002/06/xmldsig-filter2"}
_REST = {ds("KeyInfo"), ds("Object")}


def content_left_out(document: XmlDocument, around: Element, own: Element) -> bool:
    """Whether the signatures in an element, but for the `own` one, hold what could be taken for its content.

    Whether they hold, or are made in a way that is read here, is told of each by itself.

    Raises:
        Malformed: it would be too much work.
    """
    others = [each for each in around.iter(ds("Signature")) if each is not own and _outermost(each)]
    document.spend(sum(100 for each in others for _ in each.iter()))
    return not all(_only_signs(each) for each in others)


def _outermost(signature: Element) -> bool:
    return next(signature.iterancestors(ds("Signature")), None) is None


def _only_signs(signature: Element) -> bool:
    names = [each.tag for each in signature.iterchildren("*")]
    if names[:2] != [ds("SignedInfo"), ds("SignatureValue")] or not set(names[2:]) <= _REST:
        return False
    return all(_of_signatures(each) for each in signature.iter())


def _of_signatures(element: Element) -> bool:
    """Whether an element belongs to a signature; comments are nobody's content."""
    if isinstance(element, etree._Comment):
        return True
    if not isinstance(element.tag, str) or etree.QName(element).namespace not in _LANGUAGE:
        return False
    children = [each.tag for each in element.iterchildren("*")]
    if element.tag == ds("Object") and children != [xades("QualifyingProperties")]:
        return False
    return not children or not any(text and text.strip() for text in (element.text, *(each.tail for each in element)))
