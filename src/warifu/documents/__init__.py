"""Signed documents: files around a signature that other people's software accepts.

A language, not a party: it holds no keys and no anchors. It works out what is to be signed, has somebody sign that (a
card, through whoever talks to it), and puts the signature where the format wants it. What it is given besides (moment,
certificates) are arguments.

`sign_cms` makes CMS signatures, the document inside or beside them (CAdES baseline B-B); `sign_pdf` signs a PDF (PAdES
baseline B-B, or plain `adbe.pkcs7.detached` as registry offices publish it). `Witness` says who signs: the certificate,
its authority's, and a function that signs a digest.

A signing certificate carries its holder's name, address, birth date and sex, and so does every document signed with it.
"""

from warifu.documents.cms import sign_cms
from warifu.documents.pdf import PdfProfile, sign_pdf
from warifu.documents.witness import Witness

__all__ = ["PdfProfile", "Witness", "sign_cms", "sign_pdf"]
