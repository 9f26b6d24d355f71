"""Signed documents of any format made to last."""

from warifu.documents.cms_extending import cms_certificates, extend_cms
from warifu.documents.level import Level
from warifu.documents.material import Material
from warifu.documents.pdf_extending import extend_pdf, pdf_certificates
from warifu.documents.reading import looks_like_xml
from warifu.documents.stamping import Stamp
from warifu.documents.xml_extending import extend_xml, xml_certificates

__all__ = ["extend", "material_certificates"]

_PDF = b"%PDF-"


def extend(
    document: bytes,
    level: Level,
    *,
    material: Material | None = None,
    stamp: Stamp | None = None,
    content: bytes | None = None,
) -> bytes:
    """The document at a higher level; at ``LTA``, with one more archive timestamp over all that is there by then.

    Called twice it makes long-term documents: up to ``T``, then, with the material about all `material_certificates`,
    beyond. What is called again with ``LTA`` later renews the archive timestamp, which has to happen before the
    certificate of the last one ends or its algorithm is broken; then `material` is about that certificate.
    `content` is what a detached signature is about.

    Raises:
        Malformed: no signed document, or `content` is not what was signed.
        NotAllowed: there is no revocation data, neither here nor in `material`; or no `stamp` where one is needed.
        WarifuError: whatever `stamp` raises.
        Unavailable: the timestamp service gave no timestamp.
    """
    if document.startswith(_PDF):
        return extend_pdf(document, level, material=material, stamp=stamp)
    if looks_like_xml(document):
        return extend_xml(document, level, material=material, stamp=stamp, content=content)
    return extend_cms(document, level, material=material, stamp=stamp, content=content)


def material_certificates(document: bytes) -> tuple[bytes, ...]:
    """Every certificate in a signed document and its timestamps, DER, each once; nothing is believed of them.

    Raises:
        Malformed: no signed document.
    """
    if looks_like_xml(document):
        return xml_certificates(document)
    return pdf_certificates(document) if document.startswith(_PDF) else cms_certificates(document)
