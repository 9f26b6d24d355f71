"""Signatures of any format: what a file is, is told by its first bytes, never by its name."""

import base64
import binascii
import re

from warifu.documents.cms_reading import read_cms
from warifu.documents.found import FoundSignature
from warifu.errors import Malformed

__all__ = ["LARGEST", "looks_like_xml", "read_signatures"]

LARGEST = 100 * 1024 * 1024
"""Bytes of a document that is read."""

_PDF = b"%PDF-"
_PDF_BEGINS_WITHIN = 1024
_XML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<|\xff\xfe<|\xfe\xff\x00<")
_PEM = re.compile(rb"\s*-----BEGIN (CMS|PKCS7)-----\r?\n([A-Za-z0-9+/=\s]+)-----END \1-----\s*")


def looks_like_xml(data: bytes) -> bool:
    """Whether a file begins as XML does."""
    return _XML.match(data) is not None


def read_signatures(data: bytes, *, detached: bytes | None = None) -> tuple[FoundSignature, ...]:
    """Every signature in a document: CMS (DER, BER or PEM), XML; `detached` is what a signature beside it is about.

    Nothing is fetched, and nothing that was found is believed.

    Raises:
        Malformed: neither of these formats, damaged, too large, or not signed at all.
    """
    for one in (data, detached or b""):
        if len(one) > LARGEST:
            raise Malformed(f"documents of more than {LARGEST} bytes are not read")
    if data[:1] == b"\x30":
        return read_cms(data, detached)
    if _PDF in data[:_PDF_BEGINS_WITHIN]:
        from warifu.documents.pdf_reading import read_pdf

        if detached is not None:
            raise Malformed("a PDF has its signatures inside; another content came beside it")
        return read_pdf(data)
    if looks_like_xml(data):
        from warifu.documents.xml_reading import read_xml  # loads lxml

        return read_xml(data, detached)
    pem = _PEM.fullmatch(data) if data.lstrip()[:10] == b"-----BEGIN" else None
    if pem is not None:
        return read_cms(_unwrapped(pem[2]), detached)
    raise Malformed("neither a PDF, nor CMS, nor XML")


def _unwrapped(text: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(text.split()), validate=True)
    except binascii.Error as error:
        raise Malformed("the PEM around a signature is damaged") from error
