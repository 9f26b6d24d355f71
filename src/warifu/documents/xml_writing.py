"""XML documents as they are written to a file."""

from lxml import etree

from warifu.documents.xml_parsing import Element

__all__ = ["write_document"]


def write_document(root: Element) -> bytes:
    """The document of that root, in the encoding it came in."""
    tree = root.getroottree()
    told = tree.docinfo
    return etree.tostring(
        tree, encoding=told.encoding or "UTF-8", xml_declaration=True, standalone=told.standalone or None
    )
