"""Signed documents: files around a signature that other people's software accepts.

A language, not a party: it holds no keys and no anchors. It works out what is to be signed, has somebody sign that (a
card, through whoever talks to it), and puts the signature where the format wants it. What it is given besides (moment,
certificates) are arguments.

`sign_cms` makes CMS signatures, the document inside or beside them (CAdES baseline B-B); `sign_pdf` signs a PDF (PAdES
baseline B-B, or plain `adbe.pkcs7.detached` as registry offices publish it), with something to see on a page
(`VisibleStamp`) or without. `sign_xml` signs XML, or any file by an XML file beside it (XAdES or plain XML Signature).
`Witness` says who signs: the certificate, its authority's, and a function that signs a digest.

`EvidenceRecord` proves that data existed at a moment for longer than any one timestamp can (RFC 4998).

Taking apart: `read_signatures`, and `read_timestamp` for a token alone. What a reader finds is told in the same words
for every format (`FoundSignature` and its parts), computed and cut out but not believed: deciding is the verifier's.

A signing certificate carries its holder's name, address, birth date and sex, and so does every document signed with it.

What signs loads pyHanko, which takes a second; it is loaded when it is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from warifu.documents.found import (
    Change,
    ChangeKind,
    Coverage,
    Covered,
    Fault,
    FaultCode,
    Form,
    FoundSignature,
    FoundTimestamp,
    Integrity,
    Scheme,
    SignatureAlgorithm,
    TimestampKind,
)
from warifu.documents.reading import read_signatures
from warifu.documents.timestamp_reading import FoundToken, read_timestamp

if TYPE_CHECKING:
    from warifu.documents.cms import sign_cms
    from warifu.documents.evidence_record import EVIDENCE_HASHES, EvidenceRecord, EvidenceStep, group_imprint
    from warifu.documents.extending import extend, material_certificates
    from warifu.documents.level import Level
    from warifu.documents.material import Material
    from warifu.documents.pdf import PdfProfile, sign_pdf
    from warifu.documents.pdf_stamp import VisibleStamp, check_can_draw
    from warifu.documents.stamping import ask_for_token
    from warifu.documents.witness import Witness
    from warifu.documents.xml_reading import read_xml, signed_content
    from warifu.documents.xml_signing import XmlProfile, sign_xml

_LATER = {
    "EVIDENCE_HASHES": "evidence_record",
    "EvidenceRecord": "evidence_record",
    "EvidenceStep": "evidence_record",
    "Level": "level",
    "Material": "material",
    "PdfProfile": "pdf",
    "VisibleStamp": "pdf_stamp",
    "Witness": "witness",
    "ask_for_token": "stamping",
    "check_can_draw": "pdf_stamp",
    "extend": "extending",
    "group_imprint": "evidence_record",
    "material_certificates": "extending",
    "sign_cms": "cms",
    "sign_pdf": "pdf",
    "XmlProfile": "xml_signing",
    "read_xml": "xml_reading",
    "sign_xml": "xml_signing",
    "signed_content": "xml_reading",
}
"""What is loaded when it is first asked for, and its module."""


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)


__all__ = [
    "EVIDENCE_HASHES",
    "Change",
    "ChangeKind",
    "Coverage",
    "Covered",
    "EvidenceRecord",
    "EvidenceStep",
    "Fault",
    "FaultCode",
    "Form",
    "FoundSignature",
    "FoundTimestamp",
    "FoundToken",
    "Integrity",
    "Level",
    "Material",
    "PdfProfile",
    "Scheme",
    "SignatureAlgorithm",
    "TimestampKind",
    "VisibleStamp",
    "Witness",
    "XmlProfile",
    "ask_for_token",
    "check_can_draw",
    "extend",
    "group_imprint",
    "material_certificates",
    "read_signatures",
    "read_timestamp",
    "read_xml",
    "sign_cms",
    "sign_pdf",
    "sign_xml",
    "signed_content",
]
