"""What is left out of a document together with a signature in it: it must be a signature, and nothing else.

Where a signature leaves out every signature, nobody signed what others hold. So nothing in them may be taken for
content of the document: neither elements that are not of the language of signatures, nor objects with data.
"""

from lxml import etree

from warifu.documents.xml_names import DSIG, DSIG11, EXCLUSIVE, FILTER2, XADES, XADES141, ds
from warifu.documents.xml_parsing import Element, XmlDocument

__all__ = ["content_left_out"]

_REST = {ds("KeyInfo"), ds("Object")}
_LANGUAGE = (DSIG, XADES, XADES141, DSIG11, EXCLUSIVE, FILTER2)
_KNOWN = " or ".join(f"namespace-uri() = '{each}'" for each in _LANGUAGE)
_CONTENT = etree.XPath(
    f"boolean(descendant::*[not({_KNOWN})]) or boolean(descendant::processing-instruction())"
    " or boolean(descendant::ds:Object[count(*) != 1 or not(xades:QualifyingProperties)])"
    " or boolean(descendant-or-self::*[*]/text()[normalize-space()])",
    namespaces={"ds": DSIG, "xades": XADES},
)
"""Ours, over elements that somebody sent; a walk in Python would take ten times as long."""


def content_left_out(document: XmlDocument, around: Element, own: Element) -> bool:
    """Whether the signatures in an element, but for the `own` one, hold what could be taken for its content.

    Whether they hold, or are made in a way that is read here, is told of each by itself.
    """
    others = [each for each in document.signatures if each is not own and _outermost(each, around)]
    for each in others:
        if each not in document.only_signs:
            document.only_signs[each] = _only_signs(each)
    return not all(document.only_signs[each] for each in others)


def _outermost(signature: Element, around: Element) -> bool:
    """Whether a signature stands in an element and in no other signature."""
    ancestors = list(signature.iterancestors())
    return around in ancestors and all(each.tag != ds("Signature") for each in ancestors)


def _only_signs(signature: Element) -> bool:
    names = [each.tag for each in signature.iterchildren("*")]
    if names[:2] != [ds("SignedInfo"), ds("SignatureValue")] or not set(names[2:]) <= _REST:
        return False
    return not _CONTENT(signature)
