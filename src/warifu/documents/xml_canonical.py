"""Canonical XML: the one sequence of bytes that elements have in common however they are written."""

from dataclasses import dataclass

from lxml import etree

from warifu.documents.xml_names import C14N, C14N_11, EXCLUSIVE, XML
from warifu.documents.xml_parsing import Element
from warifu.errors import Malformed

__all__ = ["CANONICALIZATIONS", "Canonicalization"]

_COMMENTS = "#WithComments"
CANONICALIZATIONS = frozenset(
    {C14N, C14N_11, EXCLUSIVE, C14N + _COMMENTS, C14N_11 + _COMMENTS, EXCLUSIVE + "WithComments"}
)
"""What is allowed: Canonical XML 1.0 and 1.1, and exclusive, each with or without comments."""


def _parser() -> "etree.XMLParser[Element]":
    """For what was read with all limits before."""
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


@dataclass(frozen=True, slots=True)
class Canonicalization:
    """One way of making XML canonical; `prefixes` are those that the exclusive way treats as the others do.

    Source: W3C Canonical XML 1.0 and 1.1; Exclusive XML Canonicalization 1.0.
    """

    uri: str = C14N
    prefixes: tuple[str, ...] = ()

    @property
    def exclusive(self) -> bool:
        """Whether namespaces are written only where they are used."""
        return self.uri.startswith(EXCLUSIVE)

    @property
    def comments(self) -> bool:
        """Whether comments stay."""
        return self.uri.endswith("WithComments")

    def of_document(self, root: Element, *, comments: bool = False) -> bytes:
        """A whole document: its root, and the processing instructions around it.

        Raises:
            Malformed: it has no canonical form (relative names of namespaces).
        """
        return self._written(root.getroottree(), comments)

    def of_element(self, element: Element, *, comments: bool = False) -> bytes:
        """One element with all in it, in the place where it stands.

        It is written and read again as a document of its own first: libxml2 would give elements within elements of a
        subtree ``xmlns=""`` where a default namespace is declared further out.

        Raises:
            Malformed: it has no canonical form, or one that we do not compute (a base address that Canonical XML 1.1
                would have joined).
        """
        try:
            alone = etree.fromstring(etree.tostring(element, encoding="UTF-8", with_tail=False), _parser())
        except (etree.LxmlError, ValueError) as error:
            raise Malformed("the XML has no canonical form") from error
        for name, value in ({} if self.exclusive else self._inherited(element)).items():
            alone.set(name, value)
        return self._written(alone, comments)

    def _written(self, what: "Element | etree._ElementTree[Element]", comments: bool) -> bytes:
        try:
            return etree.tostring(
                what,
                method="c14n",
                exclusive=self.exclusive,
                with_comments=comments,
                inclusive_ns_prefixes=list(self.prefixes) or None,
            )
        except (etree.LxmlError, ValueError) as error:
            raise Malformed("the XML has no canonical form") from error

    def _inherited(self, element: Element) -> dict[str, str]:
        """The attributes of ``xml:`` that ancestors have and the element has not; lxml leaves them out.

        Source: Canonical XML 1.0 §2.4; 1.1 §2.4, where ``xml:id`` is not inherited and base addresses are joined.
        """
        found: dict[str, str] = {}
        for ancestor in element.iterancestors():
            for name, value in ancestor.attrib.items():
                if str(name).startswith(f"{{{XML}}}") and element.get(name) is None:
                    found.setdefault(str(name), str(value))
        if self.uri.startswith(C14N_11):
            found.pop(f"{{{XML}}}id", None)
            if f"{{{XML}}}base" in found:
                raise Malformed("base addresses around a signed element are not joined")
        return found
